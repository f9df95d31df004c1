#include <string.h>

#include "proto/label.h"
#include "proto/run.h"

struct view
run_signed(const struct run *run)
{
	return (struct view){run->entry, RUN_STATEMENT_BYTES};
}

struct view
run_sig(const struct run *run)
{
	return (struct view){run->entry + RUN_STATEMENT_BYTES, SIG_BYTES};
}

struct hash
run_leaf(const struct run *run)
{
	return hash_leaf(run->entry, RUN_ENTRY_BYTES);
}

struct hash
run_hash(const struct run *run)
{
	return hash_of(run->entry, RUN_STATEMENT_BYTES);
}

const struct hash *
run_last_env(const struct run *run)
{
	return &run->env[run->env_count - 1].env_id;
}

static void
seen_write(struct wr *wr, const struct run_seen *seen)
{
	wr_copy(wr, seen->log_id.b, HASH_BYTES);
	wr_u64(wr, seen->size);
	wr_copy(wr, seen->root.b, HASH_BYTES);
	wr_copy(wr, seen->witness.b, HASH_BYTES);
}

static void
seen_read(struct rd *rd, struct run_seen *seen)
{
	rd_copy(rd, seen->log_id.b, HASH_BYTES);
	seen->size = rd_u64(rd);
	rd_copy(rd, seen->root.b, HASH_BYTES);
	rd_copy(rd, seen->witness.b, HASH_BYTES);
}

void
run_statement_encode(uint8_t out[RUN_STATEMENT_BYTES],
    const struct run_statement *st)
{
	struct wr wr = wr_init(out, RUN_STATEMENT_BYTES);

	wr_copy(&wr, LABEL_RUN, LABEL_LEN(LABEL_RUN));
	wr_copy(&wr, st->kid.b, ID_BYTES);
	wr_copy(&wr, st->channel.b, ID_BYTES);
	wr_u32(&wr, st->incarnation.start);
	wr_u32(&wr, st->incarnation.random);
	wr_u64(&wr, st->first_seq);
	wr_u16(&wr, st->size);
	wr_copy(&wr, st->root.b, HASH_BYTES);
	seen_write(&wr, &st->seen);
}

static enum err
statement_read(struct rd *rd, struct run_statement *st)
{
	*st = (struct run_statement){0};
	rd_expect(rd, LABEL_RUN, LABEL_LEN(LABEL_RUN), ERR_MAGIC);
	rd_copy(rd, st->kid.b, ID_BYTES);
	rd_copy(rd, st->channel.b, ID_BYTES);
	st->incarnation.start = rd_u32(rd);
	st->incarnation.random = rd_u32(rd);
	st->first_seq = rd_u64(rd);
	st->size = rd_u16(rd);
	rd_copy(rd, st->root.b, HASH_BYTES);
	seen_read(rd, &st->seen);
	if (st->size == 0 || st->size > RUN_MAX)
		rd_fail(rd, ERR_COUNT);
	if (st->first_seq == 0 || st->first_seq > UINT64_MAX - st->size)
		rd_fail(rd, ERR_SEQ);
	return rd->err;
}

enum err
run_statement_decode(struct run_statement *st, struct view statement)
{
	struct rd rd = rd_init(statement.p, statement.len);

	statement_read(&rd, st);
	return rd_end(&rd);
}

enum err
run_entry_decode(struct run_statement *st, struct view *sig,
    struct view entry)
{
	struct rd rd = rd_init(entry.p, entry.len);

	statement_read(&rd, st);
	*sig = rd_view(&rd, SIG_BYTES);
	return rd_end(&rd);
}

/* What two neighbours of one epoch, or of two, must agree on (section 3). */
static enum err
epoch_check(const struct envelope_header *a, const struct envelope_header *b)
{
	if (memcmp(a->e, b->e, KEY_BYTES) == 0) {
		if (b->n != a->n + 1 || b->prekey_id != a->prekey_id ||
		    b->psk_day != a->psk_day || b->charter != a->charter)
			return ERR_EPOCH;
		return ERR_OK;
	}
	if (b->n != 0)
		return ERR_EPOCH;
	if (b->charter < a->charter)
		return ERR_CHARTER_NUMBER;
	if (b->prekey_id < a->prekey_id)
		return ERR_EPOCH;
	if (b->charter == a->charter && b->psk_day < a->psk_day)
		return ERR_EPOCH;
	return ERR_OK;
}

static enum err
next_check(const struct envelope *a, const struct envelope *b)
{
	if (!id_eq(&a->h.channel, &b->h.channel))
		return ERR_CHANNEL;
	if (!id_eq(&a->h.kid, &b->h.kid))
		return ERR_KEY_FOREIGN;
	if (a->h.incarnation.start != b->h.incarnation.start ||
	    a->h.incarnation.random != b->h.incarnation.random)
		return ERR_INCARNATION;
	if (b->h.seq != a->h.seq + 1 || b->h.ack_seq < a->h.ack_seq)
		return ERR_SEQ;
	if (!hash_eq(&b->h.prev, &a->env_id))
		return ERR_PREV;
	return epoch_check(&a->h, &b->h);
}

enum err
run_statement_of(struct run_statement *st, const struct envelope *env,
    size_t n, const struct run_seen *seen)
{
	struct hash leaf[RUN_MAX];
	size_t bytes = 0;
	enum err err;

	if (n == 0 || n > RUN_MAX)
		return ERR_COUNT;
	for (size_t i = 0; i < n; i++) {
		bytes += HEADER_BYTES +
		    (env[i].ct.p ? env[i].ct.len : HASH_BYTES);
		if (bytes > RUN_BYTES_MAX)
			return ERR_TOO_BIG;
		err = i ? next_check(&env[i - 1], &env[i]) : ERR_OK;
		if (err)
			return err;
		leaf[i] = env[i].env_id;
	}
	*st = (struct run_statement){
		.kid = env[0].h.kid,
		.channel = env[0].h.channel,
		.incarnation = env[0].h.incarnation,
		.first_seq = env[0].h.seq,
		.size = (uint16_t)n,
		.root = merkle_root(leaf, n),
		.seen = *seen,
	};
	return ERR_OK;
}

/* ---- containers ---- */

static void
put_seen(struct buf *out, const struct run_seen *seen)
{
	uint8_t bytes[SEEN_BYTES];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	seen_write(&wr, seen);
	buf_put(out, bytes, sizeof(bytes));
}

enum err
run_encode(struct buf *out, enum run_form form, const struct run_seen *seen,
    const struct envelope *env, size_t n, const uint8_t sig[SIG_BYTES])
{
	if (n == 0 || n > RUN_MAX)
		return ERR_COUNT;
	buf_u16(out, (uint16_t)n);
	put_seen(out, seen);
	for (size_t i = 0; i < n; i++) {
		buf_put(out, env[i].header.p, HEADER_BYTES);
		if (form == RUN_BARE)
			buf_put(out, env[i].ct_hash.b, HASH_BYTES);
		else
			buf_put(out, env[i].ct.p, env[i].ct.len);
	}
	buf_put(out, sig, SIG_BYTES);
	return out->err;
}

enum err
run_encode_bare(struct buf *out, const struct run *run)
{
	return run_encode(out, RUN_BARE, &run->st.seen, run->env,
	    run->env_count, run_sig(run).p);
}

enum err
run_encode_single(struct buf *out, const struct run *run, unsigned i)
{
	struct hash leaf[RUN_MAX];
	struct merkle_path path;

	if (run->form != RUN_FULL || i >= run->env_count)
		return ERR_COUNT;
	for (unsigned k = 0; k < run->env_count; k++)
		leaf[k] = run->env[k].env_id;
	merkle_prove(&path, leaf, run->env_count, i);
	buf_u16(out, (uint16_t)i);
	buf_u16(out, run->st.size);
	put_seen(out, &run->st.seen);
	for (size_t k = 0; k < path.len; k++)
		buf_put(out, path.h[k].b, HASH_BYTES);
	buf_put(out, run_sig(run).p, SIG_BYTES);
	buf_put(out, run->env[i].header.p, HEADER_BYTES);
	buf_put(out, run->env[i].ct.p, run->env[i].ct.len);
	return out->err;
}

/* One envelope; ct_len is trusted only after the header's own check. */
static enum err
envelope_read(struct rd *rd, enum run_form form, struct envelope *env)
{
	struct view header = rd_view(rd, HEADER_BYTES);
	struct envelope_header h;
	struct hash ct_hash;
	struct view ct;
	enum err err;

	if (rd->err)
		return rd->err;
	if (form == RUN_BARE) {
		rd_copy(rd, ct_hash.b, HASH_BYTES);
		return rd->err ? rd->err :
		    envelope_decode_bare(env, header, &ct_hash);
	}
	err = envelope_header_decode(&h, header);
	if (err)
		return err;
	ct = rd_view(rd, h.ct_len);
	return rd->err ? rd->err : envelope_decode(env, header, ct);
}

static enum err
several_read(struct run *run, struct rd *rd, struct arena *arena)
{
	struct run_seen seen;
	size_t n = rd_u16(rd);
	size_t least = HEADER_BYTES +
	    (run->form == RUN_BARE ? HASH_BYTES : BUCKET_MIN + TAG_BYTES);
	enum err err;

	seen_read(rd, &seen);
	if (rd->err)
		return rd->err;
	if (n == 0 || n > RUN_MAX)
		return ERR_COUNT;
	if (rd->left / least < n)
		return ERR_TRUNCATED;
	run->env = arena_array(arena, n, sizeof(*run->env));
	if (!run->env)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		err = envelope_read(rd, run->form, &run->env[i]);
		if (err)
			return err;
	}
	run->env_count = (unsigned)n;
	return run_statement_of(&run->st, run->env, n, &seen);
}

static enum err
single_head_read(struct run *run, struct rd *rd)
{
	run->index = rd_u16(rd);
	run->st.size = rd_u16(rd);
	seen_read(rd, &run->st.seen);
	if (rd->err)
		return rd->err;
	if (run->st.size == 0 || run->st.size > RUN_MAX)
		return ERR_COUNT;
	if (run->index >= run->st.size)
		return ERR_PROOF;
	run->path.len = merkle_path_len(run->index, run->st.size);
	for (size_t i = 0; i < run->path.len; i++)
		rd_copy(rd, run->path.h[i].b, HASH_BYTES);
	return rd->err;
}

/* The statement a single belongs to: all but root and seen from its header,
 * which the signature then proves or refutes. */
static enum err
single_read(struct run *run, struct rd *rd, uint8_t sig[SIG_BYTES],
    struct arena *arena)
{
	const struct envelope_header *h;
	enum err err;

	err = single_head_read(run, rd);
	if (err)
		return err;
	rd_copy(rd, sig, SIG_BYTES);
	run->env = arena_alloc(arena, sizeof(*run->env));
	if (!run->env)
		return ERR_NOMEM;
	err = envelope_read(rd, RUN_FULL, run->env);
	if (err)
		return err;
	run->env_count = 1;
	h = &run->env->h;
	if (h->seq <= run->index || h->seq - run->index >
	    UINT64_MAX - run->st.size)
		return ERR_SEQ;
	run->st.kid = h->kid;
	run->st.channel = h->channel;
	run->st.incarnation = h->incarnation;
	run->st.first_seq = h->seq - run->index;
	return merkle_root_from(&run->st.root, &run->env->env_id, run->index,
	    run->st.size, &run->path);
}

enum err
run_decode(struct run *run, enum run_form form, struct view bytes,
    struct arena *arena)
{
	struct rd rd = rd_init(bytes.p, bytes.len);
	uint8_t sig[SIG_BYTES];
	enum err err;

	*run = (struct run){.form = form, .bytes = bytes};
	if (bytes.len > RUN_CONTAINER_MAX)
		return ERR_TOO_BIG;
	if (form == RUN_SINGLE) {
		err = single_read(run, &rd, sig, arena);
	} else {
		err = several_read(run, &rd, arena);
		rd_copy(&rd, sig, SIG_BYTES);
	}
	if (err)
		return err;
	err = rd_end(&rd);
	if (err)
		return err;
	run->last_seq = run->st.first_seq + run->st.size - 1;
	run_statement_encode(run->entry, &run->st);
	memcpy(run->entry + RUN_STATEMENT_BYTES, sig, SIG_BYTES);
	return ERR_OK;
}
