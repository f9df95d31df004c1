/*
 * notice: what two desks say to each other, as plain structs.
 *
 * The values of fields 1 to 4 (PROTOCOL.md section 4, schema/content.proto):
 * outline, one body a type (notice_body.h), officers' signatures, the
 * heartbeat's link.  Says which required field is missing (domain:
 * "REQUEST: required fields").  States, clocks and permits are cases/'s.
 * Decoded strings and lists lie in the caller's arena; strings are UTF-8 and
 * never NULL after decoding, NULL counts as "" when encoding.  Pure.
 */
#ifndef PROTO_NOTICE_H
#define PROTO_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/arena.h"
#include "proto/envelope.h"
#include "proto/limits.h"
#include "proto/notice_body.h"

#define URGENCY_MAX 2		/* U0 routine, U1 urgent, U2 emergency */
#define OFFICER_AUTHOR 1
#define OFFICER_RELEASER 2

#define NOTICE_SIGNATURES_MAX 2	/* author and releaser */

/* Field 1. */
struct notice_outline {
	struct id case_id;		/* zeros: no case */
	enum notice_type type;
	struct hash answers;		/* zeros: none */
	struct hash seen_requesting;	/* zeros: none yet */
	struct hash seen_requested;
	struct notice_texts clocks;
	uint32_t urgency;
	enum notice_outcome outcome;
	uint64_t as_of_at;		/* UTC ms, 0: not said */
	bool exercise;
};

/* notice_has_body(type): this version speaks a body for it (field 2). */
bool
notice_has_body(enum notice_type type);

/*
 * notice_outline_encode(out, o) / notice_outline_decode(o, value, arena):
 * ERR_TOO_BIG (OUTLINE_MAX), ERR_MESSAGE (does not parse, an id or env_id of
 * the wrong length, text with a NUL), ERR_CODE (type, outcome or urgency not
 * in its closed list), ERR_SYNTAX (UTF-8), ERR_COUNT, ERR_NOMEM.
 */
enum err
notice_outline_encode(struct buf *out, const struct notice_outline *o);
enum err
notice_outline_decode(struct notice_outline *o, struct view value,
    struct arena *arena);

/*
 * notice_body_encode(out, b) / notice_body_decode(b, type, value, arena):
 * As above with BODY_MAX; ERR_CODE also for a type without a body here.
 */
enum err
notice_body_encode(struct buf *out, const struct notice_body *b);
enum err
notice_body_decode(struct notice_body *b, enum notice_type type,
    struct view value, struct arena *arena);

/*
 * notice_missing(outline, body, missing, ctx):
 * Call missing() with the path of each required field that is absent, as
 * JSON names it ("requesting.contact", "identifiers[2].link", "case_id");
 * ERR_REQUIRED if there was one, ERR_CODE if the outcome does not fit the
 * type (a DECISION "final").  body NULL for types without one.
 */
typedef void notice_missing_fn(void *ctx, const char *path);
enum err
notice_missing(const struct notice_outline *outline,
    const struct notice_body *body, notice_missing_fn *missing, void *ctx);

/* Field 3. */
struct notice_signature {
	struct id officer;
	uint32_t role;			/* OFFICER_AUTHOR, OFFICER_RELEASER */
	uint8_t sig[SIG_BYTES];
};
struct notice_officers {
	unsigned n;
	struct notice_signature v[NOTICE_SIGNATURES_MAX];
};
enum err
notice_officers_encode(struct buf *out, const struct notice_officers *o);
/* notice_officers_decode: further ERR_COUNT (none, over two, or a role or an
 * officer twice). */
enum err
notice_officers_decode(struct notice_officers *o, struct view value,
    struct arena *arena);

/* Field 4: a heartbeat's link (section 6), a fixed layout. */
struct notice_head {
	uint64_t seq;			/* 0: nothing sent */
	struct hash env_id;
};
struct notice_link {
	struct hash own_keys;		/* H(key statement) */
	struct hash peer_keys;
	uint64_t own_prekey;
	uint64_t peer_prekey;
	struct notice_head own[LANE_COUNT];
	struct notice_head peer[LANE_COUNT];
	uint64_t floor_prekey;
	uint16_t floor_charter;
	uint32_t floor_psk_day;
	uint32_t open_cases;
	struct hash open_root;
};
#define NOTICE_LINK_BYTES 370
void
notice_link_encode(uint8_t out[NOTICE_LINK_BYTES],
    const struct notice_link *link);
/* notice_link_decode: lengths; ERR_ENCODING (seq 0 with an env_id or the
 * reverse; no open case but a root that is not H("")). */
enum err
notice_link_decode(struct notice_link *link, struct view value);
/* notice_case_leaf(case_id, a, b): H(0x00 || case_id || newest env_id of
 * the case from party a || from b), zeros if none; sort by case_id, then
 * merkle_root. */
struct hash
notice_case_leaf(const struct id *case_id, const struct hash *a,
    const struct hash *b);

/*
 * One open case under a heartbeat's root, shown to an auditor: case_id[16] |
 * newest env_id of the signer's side in it[32] | of the other side's[32] |
 * u32 index | path; zeros where that side said nothing.  How many cases
 * there are stands in the link.
 */
struct notice_case {
	struct id case_id;
	struct hash own;		/* the signer's of the heartbeat */
	struct hash peer;
	uint32_t index;
	struct merkle_path path;
};
enum err
notice_case_encode(struct buf *out, const struct notice_case *c);
/* notice_case_decode: ERR_TRUNCATED, ERR_PATH_LENGTH (no whole hashes, or
 * more than any tree has). */
enum err
notice_case_decode(struct notice_case *c, struct view bytes);
/*
 * notice_case_check(c, direction, link):
 * Does it lead to the root in link, of a heartbeat sent in that direction?
 * ERR_COUNT (index at or above the cases the link counts), ERR_PATH_LENGTH
 * (not what index and count demand), ERR_ROOT.
 */
enum err
notice_case_check(const struct notice_case *c, uint8_t direction,
    const struct notice_link *link);

/* Inside an officer certificate. */
struct notice_officer_info {
	const char *desk;
	struct notice_texts roles;
	const char *name;
};
enum err
notice_officer_info_encode(struct buf *out,
    const struct notice_officer_info *info);
enum err
notice_officer_info_decode(struct notice_officer_info *info,
    struct view value, struct arena *arena);

#endif
