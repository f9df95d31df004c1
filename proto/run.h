/*
 * run: the signed unit; its containers run, single and bare.
 *
 * Builds the statement a sender signs, packs and unpacks the containers, and
 * checks every header against the statement, the prev links inside, and the
 * root (PROTOCOL.md section 5).  Does NOT verify the signature: that is
 * keys/ over run->entry, and until it is done everything here is a claim.
 * Pure; allocates only in the caller's arena.
 */
#ifndef PROTO_RUN_H
#define PROTO_RUN_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/arena.h"
#include "proto/envelope.h"
#include "proto/limits.h"

/* statement || sig: the log's entry, HELLO's head. */
#define RUN_ENTRY_BYTES (RUN_STATEMENT_BYTES + SIG_BYTES)

/* A container's bytes around its envelopes: u16 size, seen, sig. */
#define RUN_FRAME_BYTES (2 + SEEN_BYTES + SIG_BYTES)
/* The largest container of any form. */
#define RUN_CONTAINER_MAX (RUN_BYTES_MAX + RUN_FRAME_BYTES)

/* Which container; told by what carries it, never guessed. */
enum run_form {
	RUN_FULL,	/* "run": header || CT of each */
	RUN_BARE,	/* "bare": header || H(CT) of each */
	RUN_SINGLE,	/* "single": one envelope and its path */
};

/* The newest checkpoint its signer had seen; zeros before the first. */
struct run_seen {
	struct hash log_id;
	uint64_t size;
	struct hash root;
	struct hash witness;	/* H(u64 time || sig), or zeros */
};

struct run_statement {
	struct id kid;
	struct id channel;
	struct incarnation incarnation;
	uint64_t first_seq;
	uint16_t size;
	struct hash root;
	struct run_seen seen;
};

/*
 * A decoded run.  bytes, and each envelope's views, point into the input;
 * env lies in the arena.
 */
struct run {
	enum run_form form;
	struct view bytes;		/* the container as received */
	struct run_statement st;
	uint64_t last_seq;		/* first_seq + size - 1 */
	uint8_t entry[RUN_ENTRY_BYTES];	/* statement || sig */
	unsigned env_count;		/* st.size; 1 for a single */
	struct envelope *env;
	uint16_t index;			/* a single's place, else 0 */
	struct merkle_path path;	/* a single's path, else empty */
};

/* Views of run->entry: what is signed, and the signature over it. */
struct view
run_signed(const struct run *run);
struct view
run_sig(const struct run *run);
/* run_leaf(run): H(0x00 || statement || sig), its leaf in a log. */
struct hash
run_leaf(const struct run *run);
/* run_hash(run): H(statement), without the signature. */
struct hash
run_hash(const struct run *run);

/* run_statement_encode(out, st): lay st out as it is signed. */
void
run_statement_encode(uint8_t out[RUN_STATEMENT_BYTES],
    const struct run_statement *st);

/*
 * run_statement_decode(st, statement):
 * Exactly RUN_STATEMENT_BYTES, label included.  ERR_MAGIC for another label,
 * ERR_COUNT unless 1 <= size <= RUN_MAX, ERR_SEQ when first_seq is 0 or the
 * run would pass 2^64-2.
 */
enum err
run_statement_decode(struct run_statement *st, struct view statement);

/*
 * run_entry_decode(st, sig, entry):
 * The same of statement || sig (log entries, HELLO heads); *sig borrows.
 */
enum err
run_entry_decode(struct run_statement *st, struct view *sig,
    struct view entry);

/*
 * run_statement_of(st, env, n, seen):
 * The statement over n consecutive envelopes of one channel.  ERR_COUNT,
 * ERR_TOO_BIG (their bytes, with CT or H(CT) as held, pass RUN_BYTES_MAX),
 * ERR_CHANNEL, ERR_KEY_FOREIGN (kids differ), ERR_INCARNATION, ERR_SEQ (no
 * step of 1, or ack_seq fell), ERR_PREV, ERR_EPOCH (within one E: prekey_id,
 * psk_day, charter constant and n + 1; a new E: n = 0, neither prekey_id nor
 * psk_day fell), ERR_CHARTER_NUMBER (it fell).
 */
enum err
run_statement_of(struct run_statement *st, const struct envelope *env,
    size_t n, const struct run_seen *seen);

/*
 * run_encode(out, form, seen, env, n, sig):
 * Append a container of form RUN_FULL or RUN_BARE; the caller signed
 * run_statement_of() the same envelopes.  Notes errors in out->err too.
 */
enum err
run_encode(struct buf *out, enum run_form form, const struct run_seen *seen,
    const struct envelope *env, size_t n, const uint8_t sig[SIG_BYTES]);

/* run_encode_bare(out, run): run, full or bare, with H(CT) instead of CT. */
enum err
run_encode_bare(struct buf *out, const struct run *run);

/* run_encode_single(out, run, i): envelope i of a full run with its path. */
enum err
run_encode_single(struct buf *out, const struct run *run, unsigned i);

/*
 * run_decode(run, form, bytes, arena):
 * Unpack, check the headers against each other (errors as
 * run_statement_of), recompute the root, rebuild the statement.  Further:
 * ERR_TRUNCATED, ERR_TRAILING, all of envelope_header_decode,
 * ERR_PROOF (a single's index), ERR_NOMEM.  Nothing is authenticated yet.
 */
enum err
run_decode(struct run *run, enum run_form form, struct view bytes,
    struct arena *arena);

/* run_last_env(run): env_id of the last envelope (not for singles). */
const struct hash *
run_last_env(const struct run *run);

#endif
