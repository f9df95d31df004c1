/*
 * charter: the pairing text, its one canonical form, and its id.
 *
 * Parses and writes the text of PROTOCOL.md section 2, whose bytes both
 * roots sign.  Exactly one text stands for one struct: what parses writes
 * back to the same bytes.  The profile (clock, tier and sign lines) is data
 * here; cases/ gives it meaning.  No key, no signature check, no clock.
 * Pure; allocates only in the caller's buffer.
 *
 * Profile grammar, each group in this order, no name or tier twice:
 *	clock <name> <U0> <U1> <U2>	seconds, or - for none
 *	tier <1|2|3> <ack U0> <U1> <U2> <answer U0> <U1> <U2>
 *	sign <type> <U0> <U1> <U2>	officers who must sign, 1 or 2
 * <name> and <type> are lower-case words: [a-z][a-z0-9_]*, at most 31 bytes;
 * <type> as notice_type_name() writes it ("decision").
 */
#ifndef PROTO_CHARTER_H
#define PROTO_CHARTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

#define CHARTER_SUITES_MAX 8
#define CHARTER_ENDPOINT_MAX 255	/* tcp://host:port */
#define CHARTER_WORD_MAX 31
#define CHARTER_TIERS 3
#define CHARTER_NONE UINT64_MAX		/* a clock's "-" */

struct charter_party {
	uint8_t root[KEY_BYTES];
	char name[NAME_MAX_BYTES + 1];	/* UTF-8, no control characters */
};

struct charter_relay {
	uint8_t root[KEY_BYTES];
	char name[NAME_MAX_BYTES + 1];	/* [A-Za-z0-9._-]+: log origin stem */
	char endpoint[CHARTER_ENDPOINT_MAX + 1];
};

struct charter_witness {
	uint8_t key[KEY_BYTES];
	char name[NAME_MAX_BYTES + 1];	/* as a C2SP key name, no space or + */
};

struct charter_clock {
	char name[CHARTER_WORD_MAX + 1];
	uint64_t seconds[3];		/* by urgency; CHARTER_NONE */
};

struct charter_tier {
	bool present;
	uint64_t ack[3];		/* seconds, by urgency */
	uint64_t answer[3];
};

struct charter_sign {
	char type[CHARTER_WORD_MAX + 1];
	uint8_t officers[3];		/* by urgency: 1 or 2 */
};

struct charter {
	uint16_t number;		/* 0, +1 with each renewal */
	struct hash pair;		/* zeros in number 0 (written -) */
	struct hash replaces;		/* zeros in number 0 (written -) */
	struct charter_party party[2];	/* a, b */
	unsigned suite_count;
	uint8_t suite[CHARTER_SUITES_MAX]; /* ascending; [0] is the floor */
	uint8_t copies;
	unsigned relay_count;
	struct charter_relay relay[CHARTER_RELAYS_MAX];
	unsigned witness_count;
	struct charter_witness witness[CHARTER_WITNESSES_MAX];
	uint8_t quorum;
	uint32_t heartbeat_s;
	uint32_t keep_days;
	uint32_t size_max;		/* largest bucket */
	uint64_t from_at;		/* UTC ms, whole seconds */
	uint64_t until_at;
	unsigned clock_count;
	struct charter_clock clock[CHARTER_RULES_MAX];
	struct charter_tier tier[CHARTER_TIERS]; /* [0] is tier 1 */
	unsigned sign_count;
	struct charter_sign sign[CHARTER_RULES_MAX];
};

/*
 * charter_parse(charter, text, line):
 * The strict parse.  *line (may be NULL) tells the first wrong line, from 1;
 * 0 when each line is well-formed but their values disagree.
 * ERR_TOO_BIG (CHARTER_MAX), ERR_VERSION (first line names another version),
 * ERR_CHARTER for everything else.
 */
enum err
charter_parse(struct charter *charter, struct view text, unsigned *line);

/*
 * charter_write(out, charter):
 * Append the canonical text.  ERR_CHARTER when the struct could not have
 * been parsed (limits, order, unprintable name).
 */
enum err
charter_write(struct buf *out, const struct charter *charter);

/* charter_id(text): H(label charter || bytes). */
struct hash
charter_id(struct view text);

/* charter_pair(charter, id): pair_id; id is the charter's own. */
struct hash
charter_pair(const struct charter *charter, const struct hash *id);

/* charter_tbs(out, id): what a root signs: label charter-sig || id. */
#define CHARTER_TBS_BYTES (23 + HASH_BYTES)
void
charter_tbs(uint8_t out[CHARTER_TBS_BYTES], const struct hash *id);

/*
 * charter_renews(new, old, old_id):
 * ERR_OK if new is the direct successor of old: number + 1, the same pair,
 * replaces = old_id; else ERR_CHARTER_NUMBER (number) or ERR_CHARTER.
 * Roots, relays and profile may differ: both sides sign and compare words.
 */
enum err
charter_renews(const struct charter *new, const struct charter *old,
    const struct hash *old_id);

/* charter_relay_find(charter, root): its place in the list, or -1. */
int
charter_relay_find(const struct charter *charter,
    const uint8_t root[KEY_BYTES]);

/* charter_clock_find / charter_sign_find: the line so named, or NULL. */
const struct charter_clock *
charter_clock_find(const struct charter *charter, const char *name);
const struct charter_sign *
charter_sign_find(const struct charter *charter, const char *type);

/* charter_time_write(out, at): "2026-12-01T00:00:00Z", 21 bytes with NUL. */
void
charter_time_write(char out[21], uint64_t at);
/* charter_time_parse(at, text): exactly that form, years 1970 to 9999. */
enum err
charter_time_parse(uint64_t *at, struct view text);

#endif
