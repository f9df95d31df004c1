/* run: three containers of one statement; each disagreement by name. */
#include "envelopes.h"
#include "proto/run.h"

static const struct run_seen seen = {
	.log_id = {{1, 2, 3}}, .size = 77, .root = {{4}}, .witness = {{5}},
};

static void
sig_fill(uint8_t sig[SIG_BYTES])
{
	for (size_t i = 0; i < SIG_BYTES; i++)
		sig[i] = (uint8_t)(i * 3 + 1);
}

static void
make(struct buf *out, const struct chain *c, size_t n)
{
	uint8_t sig[SIG_BYTES];

	sig_fill(sig);
	assert_int_equal(run_encode(out, RUN_FULL, &seen, c->env, n, sig),
	    ERR_OK);
}

static void
full_bare_and_single_agree(void **state)
{
	struct buf full = buf_init(RUN_CONTAINER_MAX);
	struct buf bare = buf_init(RUN_CONTAINER_MAX);
	struct arena arena = arena_init(ARENA_MAX);
	struct run a, b, s;
	struct chain c;

	(void)state;
	chain_make(&c);
	for (size_t n = 1; n <= CHAIN_MAX; n++) {
		buf_reset(&full);
		buf_reset(&bare);
		make(&full, &c, n);
		assert_int_equal(run_decode(&a, RUN_FULL, buf_view(&full),
		    &arena), ERR_OK);
		assert_int_equal(a.env_count, n);
		assert_int_equal(a.last_seq, 40 + n - 1);
		assert_int_equal(run_encode_bare(&bare, &a), ERR_OK);
		assert_int_equal(run_decode(&b, RUN_BARE, buf_view(&bare),
		    &arena), ERR_OK);
		assert_memory_equal(a.entry, b.entry, RUN_ENTRY_BYTES);
		for (unsigned i = 0; i < n; i++) {
			buf_reset(&bare);
			assert_int_equal(run_encode_single(&bare, &a, i),
			    ERR_OK);
			assert_int_equal(run_decode(&s, RUN_SINGLE,
			    buf_view(&bare), &arena), ERR_OK);
			assert_memory_equal(a.entry, s.entry,
			    RUN_ENTRY_BYTES);
			assert_int_equal(s.index, i);
		}
		arena_free(&arena);
	}
	buf_free(&full);
	buf_free(&bare);
}

static void
every_flipped_bit_is_seen(void **state)
{
	struct buf full = buf_init(RUN_CONTAINER_MAX);
	struct arena arena = arena_init(ARENA_MAX);
	struct run good, bad;
	struct chain c;

	(void)state;
	chain_make(&c);
	make(&full, &c, 3);
	assert_int_equal(run_decode(&good, RUN_FULL, buf_view(&full), &arena),
	    ERR_OK);
	for (size_t at = 0; at < full.len; at++) {
		struct arena mine = arena_init(ARENA_MAX);

		full.p[at] ^= (uint8_t)(1 << at % 8);
		/* Refused, or another statement or signature to verify. */
		if (run_decode(&bad, RUN_FULL, buf_view(&full), &mine) ==
		    ERR_OK)
			assert_memory_not_equal(bad.entry, good.entry,
			    RUN_ENTRY_BYTES);
		full.p[at] ^= (uint8_t)(1 << at % 8);
		arena_free(&mine);
	}
	arena_free(&arena);
	buf_free(&full);
}

static void
every_length_but_one_is_refused(void **state)
{
	struct buf full = buf_init(RUN_CONTAINER_MAX);
	struct arena arena = arena_init(ARENA_MAX);
	struct run run;
	struct chain c;
	struct view v;
	enum err err;

	(void)state;
	chain_make(&c);
	make(&full, &c, 2);
	buf_u8(&full, 0);
	v = buf_view(&full);
	assert_int_equal(run_decode(&run, RUN_FULL, v, &arena), ERR_TRAILING);
	for (v.len = 0; v.len < full.len - 1; v.len++) {
		err = run_decode(&run, RUN_FULL, v, &arena);
		assert_int_equal(err, ERR_TRUNCATED);
		arena_free(&arena);
	}
	buf_free(&full);
}

/* Change header 2 of three, seal it anew, ask for the statement. */
static enum err
changed(struct chain *c, void (*change)(struct envelope_header *h))
{
	struct run_statement st;

	chain_make(c);
	change(&c->h[2]);
	assert_int_equal(chain_seal(c, 2), ERR_OK);
	return run_statement_of(&st, c->env, 3, &seen);
}

static void
channel(struct envelope_header *h)
{
	h->channel.b[0] ^= 1;
}
static void
kid(struct envelope_header *h)
{
	h->kid.b[15] ^= 1;
}
static void
start(struct envelope_header *h)
{
	h->incarnation.start++;
}
static void
clone(struct envelope_header *h)
{
	h->incarnation.random++;
}
static void
gap(struct envelope_header *h)
{
	h->seq++;
}
static void
prev(struct envelope_header *h)
{
	h->prev.b[9] ^= 1;
}
static void
prekey(struct envelope_header *h)
{
	h->prekey_id++;
}
static void
day(struct envelope_header *h)
{
	h->psk_day--;
}
static void
index_jump(struct envelope_header *h)
{
	h->n = 3;
}
static void
charter_same_epoch(struct envelope_header *h)
{
	h->charter++;
}
static void
new_epoch(struct envelope_header *h)
{
	h->e[0] ^= 1;
	h->n = 0;
	h->prekey_id++;
}
static void
new_epoch_late(struct envelope_header *h)
{
	h->e[0] ^= 1;
	h->n = 1;
}
static void
charter_back(struct envelope_header *h)
{
	h->e[0] ^= 1;
	h->n = 0;
	h->charter--;
}
static void
prekey_back(struct envelope_header *h)
{
	h->e[0] ^= 1;
	h->n = 0;
	h->prekey_id--;
}
static void
ack_back(struct envelope_header *h)
{
	h->ack_seq--;
}

static void
neighbours_must_agree(void **state)
{
	struct chain c;

	(void)state;
	assert_int_equal(changed(&c, channel), ERR_CHANNEL);
	assert_int_equal(changed(&c, kid), ERR_KEY_FOREIGN);
	assert_int_equal(changed(&c, start), ERR_INCARNATION);
	assert_int_equal(changed(&c, clone), ERR_INCARNATION);
	assert_int_equal(changed(&c, gap), ERR_SEQ);
	assert_int_equal(changed(&c, prev), ERR_PREV);
	assert_int_equal(changed(&c, prekey), ERR_EPOCH);
	assert_int_equal(changed(&c, day), ERR_EPOCH);
	assert_int_equal(changed(&c, index_jump), ERR_EPOCH);
	assert_int_equal(changed(&c, charter_same_epoch), ERR_EPOCH);
	assert_int_equal(changed(&c, new_epoch), ERR_OK);
	assert_int_equal(changed(&c, new_epoch_late), ERR_EPOCH);
	assert_int_equal(changed(&c, charter_back), ERR_CHARTER_NUMBER);
	assert_int_equal(changed(&c, prekey_back), ERR_EPOCH);
	assert_int_equal(changed(&c, ack_back), ERR_SEQ);
}

static void
statement_alone(void **state)
{
	struct buf full = buf_init(RUN_CONTAINER_MAX);
	struct arena arena = arena_init(ARENA_MAX);
	struct run_statement st;
	uint8_t bytes[RUN_STATEMENT_BYTES];
	struct chain c;
	struct view sig;
	struct run run;

	(void)state;
	chain_make(&c);
	make(&full, &c, 4);
	assert_int_equal(run_decode(&run, RUN_FULL, buf_view(&full), &arena),
	    ERR_OK);
	assert_int_equal(run_entry_decode(&st, &sig,
	    (struct view){run.entry, RUN_ENTRY_BYTES}), ERR_OK);
	assert_memory_equal(sig.p, run_sig(&run).p, SIG_BYTES);
	run_statement_encode(bytes, &st);
	assert_memory_equal(bytes, run.entry, RUN_STATEMENT_BYTES);
	st.size = 0;
	run_statement_encode(bytes, &st);
	assert_int_equal(run_statement_decode(&st,
	    (struct view){bytes, sizeof(bytes)}), ERR_COUNT);
	st.size = 5;
	st.first_seq = UINT64_MAX - 3;
	run_statement_encode(bytes, &st);
	assert_int_equal(run_statement_decode(&st,
	    (struct view){bytes, sizeof(bytes)}), ERR_SEQ);
	bytes[3] ^= 1;
	assert_int_equal(run_statement_decode(&st,
	    (struct view){bytes, sizeof(bytes)}), ERR_MAGIC);
	arena_free(&arena);
	buf_free(&full);
}

/* A u16 claims 1,024 envelopes where two are: no memory is taken for it. */
static void
size_is_no_allocation(void **state)
{
	struct buf full = buf_init(RUN_CONTAINER_MAX);
	struct arena arena = arena_init(ARENA_MAX);
	struct chain c;
	struct run run;

	(void)state;
	chain_make(&c);
	make(&full, &c, 2);
	full.p[0] = 4;
	full.p[1] = 0;
	assert_int_equal(run_decode(&run, RUN_FULL, buf_view(&full), &arena),
	    ERR_TRUNCATED);
	assert_int_equal(arena.used, 0);
	full.p[0] = 0xff;
	assert_int_equal(run_decode(&run, RUN_FULL, buf_view(&full), &arena),
	    ERR_COUNT);
	full.p[0] = 0;
	full.p[1] = 0;
	assert_int_equal(run_decode(&run, RUN_FULL, buf_view(&full), &arena),
	    ERR_COUNT);
	buf_free(&full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_bare_and_single_agree),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(every_length_but_one_is_refused),
		cmocka_unit_test(neighbours_must_agree),
		cmocka_unit_test(statement_alone),
		cmocka_unit_test(size_is_no_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
