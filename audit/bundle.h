/*
 * bundle: a self-contained evidence file, written and read.
 *
 * Owns the zip container and the framing of its members (EVIDENCE.md): few
 * large members, sorted, stored, with fixed times, so that the same evidence
 * gives the same bytes.  Only the framing is read here: no signature, root or
 * proof is checked (audit/judge.h does) and nothing in a bundle is believed.
 * A bundle that was read is views into the zip and one small row a record
 * (EVIDENCE.md says how much); one under construction lies in memory whole.
 * Never a secret, no file, no clock.  The endpoint's export and the auditor.
 */
#ifndef AUDIT_BUNDLE_H
#define AUDIT_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/limits.h"

#define BUNDLE_MAX (1024u * 1024 * 1024) /* 4 million envelopes, held bare */
#define BUNDLE_MEMBERS_MAX 1024	/* charters and logs of decades */
#define BUNDLE_MEMBER_NAME_MAX 80
#define BUNDLE_RECORDS_MAX (8u << 20) /* twice what 1 GiB of real ones holds */

/* How much it shows (domain: three levels). */
enum bundle_level {
	BUNDLE_SEALED = 1,
	BUNDLE_OUTLINE = 2,
	BUNDLE_OPEN = 3,
};

/* "sealed", "outline", "open"; bundle_level_find gives 0 for another word. */
const char *
bundle_level_name(enum bundle_level level);
enum bundle_level
bundle_level_find(const char *word);

enum bundle_opening_kind {
	BUNDLE_FIELD = 1,	/* the opening of one field */
	BUNDLE_MESSAGE = 2,	/* of one message: K_f, len, fields */
	BUNDLE_CASE = 3,	/* of one open case of a heartbeat */
};

struct bundle;

/* bundle_new(pair_id, level): empty; NULL for want of memory. */
struct bundle *
bundle_new(const struct hash *pair_id, enum bundle_level level);
void
bundle_free(struct bundle *b);

/*
 * Adding: all copy, in any order; what is added twice is written once.
 * ERR_NOMEM, ERR_TOO_BIG (BUNDLE_MAX, or longer than such a thing can be),
 * ERR_TRUNCATED (shorter).  Nothing is judged.
 */
enum err
bundle_add_charter(struct bundle *b, uint16_t number, struct view text,
    const uint8_t sig_a[SIG_BYTES], const uint8_t sig_b[SIG_BYTES]);
/* Key statements, officer certificates, prekeys, recovery, prior: each
 * statement || sig. */
enum err
bundle_add_statement(struct bundle *b, struct view entry);
/* A run container of form RUN_BARE (run_encode_bare). */
enum err
bundle_add_run(struct bundle *b, uint8_t direction, uint8_t lane,
    struct view bare);
/* A receipt (statement || sig), a relay's refusals included. */
enum err
bundle_add_receipt(struct bundle *b, struct view entry);
/*
 * bundle_add_proof(b, log_id, checkpoint, entry, index, path):
 * The log holds entry (statement || sig; a run's is run->entry) at index, by
 * path towards checkpoint (a signed note).
 */
enum err
bundle_add_proof(struct bundle *b, const struct hash *log_id,
    struct view checkpoint, struct view entry, uint64_t index,
    const struct merkle_path *path);
/* A signed note that stands here without a proof towards it: it carries
 * cosignatures, or an end of a join. */
enum err
bundle_add_note(struct bundle *b, const struct hash *log_id,
    struct view checkpoint);
/* bundle_add_join(b, log_id, first, second, path): the tree of size second
 * grew from that of size first, by a consistency proof between their
 * checkpoints, which both stand here.  ERR_PROOF unless first < second. */
enum err
bundle_add_join(struct bundle *b, const struct hash *log_id, uint64_t first,
    uint64_t second, const struct merkle_path *path);
/* An opening (proto/fields.h and, of a case, proto/notice.h encode it) of the
 * envelope env_id. */
enum err
bundle_add_opening(struct bundle *b, const struct hash *env_id,
    enum bundle_opening_kind kind, struct view opening);

/* What the exporter says of its own keeping, unsigned (EVIDENCE.md section
 * 6): a hold of a case, a body it shredded. */
struct bundle_hold {
	struct id case_id;
	uint64_t from_at;
	uint64_t until_at;	/* 0: on hold at the export */
	struct view reason;	/* UTF-8, 1 to HOLD_REASON_MAX bytes */
	struct hash head_a;	/* the case's newest of each side, when it */
	struct hash head_b;	/* began; zeros: none */
};
enum err
bundle_add_hold(struct bundle *b, const struct bundle_hold *hold);
enum err
bundle_add_shredded(struct bundle *b, const struct hash *env_id, uint64_t at);

/*
 * bundle_write(b, out):
 * Append the zip; spills out.  It is made in memory: three times its size at
 * most beside out (records, members, zip), 830 bytes an envelope in runs of
 * 64, for libzip reads all members at the end.  ERR_NOMEM, ERR_TOO_BIG, ERR_FAIL (libzip, in the diag).
 */
enum err
bundle_write(struct bundle *b, struct buf *out);

/* What is wrong with the form, and in which member. */
struct bundle_fault {
	enum err err;
	char member[BUNDLE_MEMBER_NAME_MAX + 1]; /* "" = the zip itself */
	const char *why;			/* static text */
};

/*
 * bundle_read(out, zip, fault):
 * Read the zip at zip, borrowed until bundle_free(): nothing of it is copied
 * but charters and checkpoints.  Every member must be
 * one of EVIDENCE.md, stored, whole, its records in canonical order without
 * a repetition.  fault is filled on failure: ERR_TRUNCATED (the zip is no
 * zip, or damaged), ERR_ENCODING (form), ERR_TOO_BIG, ERR_NOMEM.
 */
enum err
bundle_read(struct bundle **out, struct view zip, struct bundle_fault *fault);
/* bundle_adopt(b, zip): b, read from these bytes, frees them with itself;
 * *zip is left empty. */
void
bundle_adopt(struct bundle *b, struct buf *zip);

/* What it holds, in canonical order; views live as long as the bundle (and
 * until the next bundle_add of one under construction). */
const struct hash *
bundle_pair(const struct bundle *b);
enum bundle_level
bundle_level(const struct bundle *b);

struct bundle_charter {
	uint16_t number;
	struct view text;
	const uint8_t *sig_a;	/* SIG_BYTES */
	const uint8_t *sig_b;
};
size_t
bundle_charters(const struct bundle *b);
struct bundle_charter
bundle_charter_at(const struct bundle *b, size_t i);

size_t
bundle_statements(const struct bundle *b);
struct view
bundle_statement_at(const struct bundle *b, size_t i);
size_t
bundle_runs(const struct bundle *b, uint8_t direction, uint8_t lane);
struct view
bundle_run_at(const struct bundle *b, uint8_t direction, uint8_t lane,
    size_t i);
size_t
bundle_receipts(const struct bundle *b);
struct view
bundle_receipt_at(const struct bundle *b, size_t i);

/* A proof; checkpoint is shared by all proofs that lead to it. */
struct bundle_proof {
	struct hash log_id;		/* as the member is named: a claim */
	struct view checkpoint;
	struct hash leaf;
	uint64_t index;
	struct merkle_path path;
};
size_t
bundle_proofs(const struct bundle *b);
void
bundle_proof_at(const struct bundle *b, size_t i, struct bundle_proof *out);

struct bundle_note {
	struct hash log_id;		/* a claim */
	struct view checkpoint;
};
size_t
bundle_notes(const struct bundle *b);
struct bundle_note
bundle_note_at(const struct bundle *b, size_t i);

struct bundle_join {
	struct hash log_id;
	uint64_t first, second;
	struct merkle_path path;
};
size_t
bundle_joins(const struct bundle *b);
void
bundle_join_at(const struct bundle *b, size_t i, struct bundle_join *out);

struct bundle_opening {
	struct hash env_id;
	enum bundle_opening_kind kind;
	struct view bytes;
};
size_t
bundle_openings(const struct bundle *b);
struct bundle_opening
bundle_opening_at(const struct bundle *b, size_t i);

size_t
bundle_holds(const struct bundle *b);
struct bundle_hold
bundle_hold_at(const struct bundle *b, size_t i);
struct bundle_shredded {
	struct hash env_id;
	uint64_t at;
};
size_t
bundle_shreddeds(const struct bundle *b);
struct bundle_shredded
bundle_shredded_at(const struct bundle *b, size_t i);

#endif
