/*
 * bundle_make: a bundle of any size, as an endpoint would export it.
 *
 * Two agencies and one relay: real keys, epochs, sealing, runs, signatures,
 * prekeys, receipts and one log.  A turn is what one commit of a busy relay
 * holds: seven runs of 64 on lane 0 and one on lane 1 from each side, and a
 * `delivered` for every stretch of the turn before; one checkpoint a turn,
 * to which the proofs of its entries lead.  Level sealed.  Writes FILE and
 * FILE.charter, which an auditor would have from the agencies.
 * usage: bench-bundle-make FILE ENVELOPES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"
#include "keys/box.h"
#include "keys/epoch.h"
#include "proto/label.h"
#include "proto/note.h"
#include "proto/notice.h"
#include "tests/unit/audit/world.h"

#define RUN 64
#define LANES 2			/* notices and emergencies; no files */
#define TURN_RUNS 8		/* of a side: the last on lane 1 */
#define TURN_ENTRIES 64
#define PREKEY_TURNS 64
#define BODY 400
#define LEVELS 40
#define AT_2026 1790000000000u

/* A Merkle tree by its perfect subtrees, all in memory. */
struct level {
	struct hash *h;
	size_t n, size;
};

struct channel {
	struct epoch *epoch;
	uint8_t e[KEY_BYTES];
	uint64_t prekey_id;
	uint64_t seq;
	struct hash env_id;
	/* What the turn added: the receiver's next receipt. */
	uint64_t first, index;
	/* The peer's head when this turn began. */
	uint64_t ack_seq;
	struct hash ack_env;
};

struct entry {
	uint8_t bytes[STATEMENT_MAX];
	size_t len;
	uint64_t index;
};

struct town {
	struct world w;		/* keys, charter, three key statements */
	struct level level[LEVELS];
	struct channel channel[DIRECTION_COUNT][LANES];
	struct dh_key *prekey[DIRECTION_COUNT];
	uint64_t prekey_id[DIRECTION_COUNT];
	struct entry entry[TURN_ENTRIES];
	size_t entries;
	struct run_seen seen;
	struct bundle *bundle;
	struct box *box;
	uint64_t now;
	size_t left;		/* envelopes still to be made */
};

static void
grow(struct level *l)
{
	l->size = l->size == 0 ? 1024 : 2 * l->size;
	l->h = reallocarray(l->h, l->size, sizeof(*l->h));
	if (l->h == NULL)
		abort();
}

static uint64_t
append(struct town *t, struct hash leaf)
{
	uint64_t index = t->level[0].n;
	struct level *l = t->level;

	for (;; l++) {
		if (l->n == l->size)
			grow(l);
		l->h[l->n++] = leaf;
		if (l->n % 2 != 0)
			return index;
		leaf = hash_node(&l->h[l->n - 2], &l->h[l->n - 1]);
	}
}

static enum err
read_tree(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	const struct town *t = ctx;

	*out = t->level[level].h[index];
	return ERR_OK;
}

/* A signed thing goes into the log; its proof waits for the checkpoint. */
static uint64_t
enter(struct town *t, const void *tbs, size_t len,
    const uint8_t sig[SIG_BYTES])
{
	struct entry *e = &t->entry[t->entries++];

	if (t->entries > TURN_ENTRIES)
		abort();
	memcpy(e->bytes, tbs, len);
	memcpy(e->bytes + len, sig, SIG_BYTES);
	e->len = len + SIG_BYTES;
	e->index = append(t, hash_leaf(e->bytes, e->len));
	return e->index;
}

static struct view
last_entry(const struct town *t)
{
	const struct entry *e = &t->entry[t->entries - 1];

	return (struct view){ e->bytes, e->len };
}

static void
publish_prekey(struct town *t, uint8_t d)
{
	uint8_t tbs[PREKEY_STATEMENT_BYTES], sig[SIG_BYTES];
	struct statement_prekey p;

	dh_free(&t->prekey[d]);
	MUST(dh_new(&t->prekey[d]));
	p.kid = *sign_kid(t->w.sign[d]);
	p.pair_id = t->w.pair_id;
	p.prekey_id = ++t->prekey_id[d];
	memcpy(p.key, dh_public(t->prekey[d]), KEY_BYTES);
	statement_prekey_encode(tbs, &p);
	MUST(sign_labelled(t->w.sign[d], LABEL_PREKEY, tbs, sizeof(tbs), sig));
	enter(t, tbs, sizeof(tbs), sig);
	MUST(bundle_add_statement(t->bundle, last_entry(t)));
}

static void
new_epoch(struct town *t, uint8_t d, uint8_t lane)
{
	struct channel *ch = &t->channel[d][lane];
	struct epoch_public pub = { .suite = ENVELOPE_SUITE };

	epoch_free(&ch->epoch);
	pub.charter_id = t->w.charter_id;
	memcpy(pub.sx, sign_public(t->w.sign[d]), KEY_BYTES);
	memcpy(pub.ix, dh_public(t->w.identity[d]), KEY_BYTES);
	memcpy(pub.iy, dh_public(t->w.identity[1 - d]), KEY_BYTES);
	pub.channel = envelope_channel(&t->w.pair_id, d, lane);
	pub.prekey_id = ch->prekey_id = t->prekey_id[1 - d];
	memcpy(pub.py, dh_public(t->prekey[1 - d]), KEY_BYTES);
	MUST(epoch_open(&ch->epoch, &pub, t->w.identity[d], NULL));
	memcpy(ch->e, pub.e, KEY_BYTES);
}

static void
make_fields(struct fields *fields, struct buf *outline)
{
	static uint8_t body[BODY];
	struct notice_outline o;

	memset(&o, 0, sizeof(o));
	memset(o.case_id.b, 0xca, ID_BYTES);
	o.type = NOTICE_STATUS;
	o.outcome = OUTCOME_COLLECTING;
	memset(fields, 0, sizeof(*fields));
	MUST(notice_outline_encode(outline, &o));
	MUST(fields_add(fields, FIELD_OUTLINE, buf_view(outline)));
	MUST(fields_add(fields, FIELD_BODY, (struct view){ body, BODY }));
}

static void
make_header(const struct town *t, struct envelope_header *h, uint8_t d,
    uint8_t lane)
{
	const struct channel *ch = &t->channel[d][lane];

	memset(h, 0, sizeof(*h));
	h->suite = ENVELOPE_SUITE;
	h->channel = envelope_channel(&t->w.pair_id, d, lane);
	h->kid = *sign_kid(t->w.sign[d]);
	h->incarnation.start = 1;
	h->incarnation.random = 7;
	h->seq = ch->seq + 1;
	h->prev = ch->env_id;
	memcpy(h->e, ch->e, KEY_BYTES);
	h->prekey_id = ch->prekey_id;
	h->n = epoch_next(ch->epoch);
	h->created_at = t->now;
	h->ack_seq = ch->ack_seq;
	h->ack_env = ch->ack_env;
}

static void
seal_one(struct town *t, uint8_t d, uint8_t lane, struct envelope *env,
    struct arena *arena)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES], plain[4096], ct[4096];
	struct channel *ch = &t->channel[d][lane];
	struct buf outline = buf_init(OUTLINE_MAX);
	uint8_t *header = arena_alloc(arena, HEADER_BYTES);
	struct envelope_header h;
	struct fields fields;
	struct wr wr;
	size_t len;

	if (epoch_next(ch->epoch) == EPOCH_MAX)
		new_epoch(t, d, lane);
	make_header(t, &h, d, lane);
	make_fields(&fields, &outline);
	MUST(epoch_keys(ch->epoch, h.n, t->box));
	len = fields_padded_len(&fields);
	wr = wr_init(plain, len);
	fields_encode_padded(&wr, &fields);
	box_salts(t->box, salts, fields.n);
	h.c = fields_commitment(&fields, salts[0]);
	h.ct_len = (uint32_t)(len + TAG_BYTES);
	envelope_header_encode(header, &h);
	MUST(box_seal(t->box, ct, plain, len, &h.c, header, HEADER_BYTES));
	MUST(envelope_decode(env, (struct view){ header, HEADER_BYTES },
	    (struct view){ ct, h.ct_len }));
	env->ct.p = NULL;	/* only its hash is kept */
	ch->seq = h.seq;
	ch->env_id = env->env_id;
	buf_free(&outline);
}

static void
say_run(struct town *t, uint8_t d, uint8_t lane)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct channel *ch = &t->channel[d][lane];
	struct buf bare = buf_init(RUN_CONTAINER_MAX);
	uint8_t tbs[RUN_STATEMENT_BYTES], sig[SIG_BYTES];
	size_t i, n = t->left < RUN ? t->left : RUN;
	struct envelope env[RUN];
	struct run_statement st;

	if (n == 0)
		return;
	if (ch->first == 0)
		ch->first = ch->seq + 1;
	for (i = 0; i < n; i++)
		seal_one(t, d, lane, &env[i], &arena);
	MUST(run_statement_of(&st, env, n, &t->seen));
	run_statement_encode(tbs, &st);
	MUST(sign_labelled(t->w.sign[d], LABEL_RUN, tbs, sizeof(tbs), sig));
	MUST(run_encode(&bare, RUN_BARE, &t->seen, env, n, sig));
	MUST(bundle_add_run(t->bundle, d, lane, buf_view(&bare)));
	ch->index = enter(t, tbs, sizeof(tbs), sig);
	t->left -= n;
	buf_free(&bare);
	arena_free(&arena);
}

/* The receiver's word on what the last turn brought it on that channel. */
static void
deliver(struct town *t, uint8_t d, uint8_t lane)
{
	struct channel *ch = &t->channel[d][lane];
	struct channel *back = &t->channel[1 - d][lane];
	const struct sign_key *signer = t->w.sign[1 - d];
	uint8_t tbs[RECEIPT_BYTES], sig[SIG_BYTES];
	struct receipt r;

	if (ch->first == 0)
		return;
	memset(&r, 0, sizeof(r));
	r.kid = *sign_kid(signer);
	r.event = RECEIPT_DELIVERED;
	r.channel = envelope_channel(&t->w.pair_id, d, lane);
	r.first_seq = ch->first;
	r.last_seq = back->ack_seq = ch->seq;
	r.env_id = back->ack_env = ch->env_id;
	r.log_id = t->w.log_id;
	r.index = ch->index;
	r.time_at = t->now;
	ch->first = 0;
	receipt_encode(tbs, &r);
	MUST(sign_labelled(signer, LABEL_RECEIPT, tbs, sizeof(tbs), sig));
	enter(t, tbs, sizeof(tbs), sig);
	MUST(bundle_add_receipt(t->bundle, last_entry(t)));
}

static void
sign_checkpoint(struct town *t, struct buf *out)
{
	struct buf body = buf_init(NOTE_MAX);
	struct note_checkpoint cp;
	struct note_sig line;
	uint8_t sig[SIG_BYTES];

	memset(&cp, 0, sizeof(cp));
	snprintf(cp.origin, sizeof(cp.origin), "%s", t->w.origin);
	cp.size = t->level[0].n;
	MUST(merkle_root_stored(&cp.root, cp.size, read_tree, t));
	MUST(note_checkpoint_write(&body, &cp));
	MUST(sign_note(t->w.log_key, body.p, body.len, sig));
	MUST(note_sig_set(&line, NOTE_ED25519, t->w.origin,
	    sign_public(t->w.log_key), sig, sizeof(sig)));
	MUST(note_write(out, buf_view(&body), &line, 1));
	t->seen.log_id = t->w.log_id;
	t->seen.size = cp.size;
	t->seen.root = cp.root;
	buf_free(&body);
}

/* One commit: all that was entered gets its proof to one checkpoint. */
static void
commit(struct town *t)
{
	struct buf note = buf_init(NOTE_MAX);
	struct merkle_path path;
	size_t i;

	sign_checkpoint(t, &note);
	for (i = 0; i < t->entries; i++) {
		MUST(merkle_prove_stored(&path, t->entry[i].index,
		    t->level[0].n, read_tree, t));
		MUST(bundle_add_proof(t->bundle, &t->w.log_id,
		    buf_view(&note),
		    (struct view){ t->entry[i].bytes, t->entry[i].len },
		    t->entry[i].index, &path));
	}
	t->entries = 0;
	t->now += 1000;
	buf_free(&note);
}

static void
turn(struct town *t, size_t number)
{
	uint8_t d, lane;
	unsigned i;

	for (d = 0; d < DIRECTION_COUNT; d++)
		if (number % PREKEY_TURNS == 0)
			publish_prekey(t, d);
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (lane = 0; lane < LANES; lane++) {
			deliver(t, d, lane);
			if (number == 0)
				new_epoch(t, d, lane);
		}
	for (i = 1; i <= TURN_RUNS; i++)
		for (d = 0; d < DIRECTION_COUNT; d++)
			say_run(t, d, i < TURN_RUNS ? LANE_NOTICE
						    : LANE_EMERGENCY);
	commit(t);
}

/* The world's own statements are the log's first entries. */
static void
begin(struct town *t)
{
	struct item *item;
	size_t i;

	world_start(&t->w);
	MUST(box_new(&t->box));
	t->bundle = bundle_new(&t->w.pair_id, BUNDLE_SEALED);
	if (t->bundle == NULL)
		abort();
	t->now = AT_2026;
	MUST(bundle_add_charter(t->bundle, 0, buf_view(&t->w.charter),
	    t->w.charter_sig[0], t->w.charter_sig[1]));
	for (i = 0; i < t->w.items; i++) {
		item = &t->w.item[i];
		enter(t, item->entry.p, item->entry.len - SIG_BYTES,
		    item->entry.p + item->entry.len - SIG_BYTES);
		MUST(bundle_add_statement(t->bundle, last_entry(t)));
	}
	commit(t);
}

static void
write_out(struct town *t, const char *path)
{
	struct buf zip = buf_init(1 << 20);
	struct file_out *file;
	char name[4096];

	MUST(file_out_begin(&file, path, 0600));
	zip.sink = file_out_write;
	zip.ctx = file;
	MUST(bundle_write(t->bundle, &zip));
	buf_spill_rest(&zip);
	MUST(zip.err);
	MUST(file_out_create(file));
	file_out_free(&file);
	snprintf(name, sizeof(name), "%s.charter", path);
	MUST(file_replace(name, t->w.charter.p, t->w.charter.len, 0600));
	buf_free(&zip);
}

int
main(int argc, char **argv)
{
	static struct town t;
	size_t number = 0, i;
	uint8_t d, lane;

	t.left = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	if (t.left == 0) {
		fputs("usage: bench-bundle-make FILE ENVELOPES\n", stderr);
		return 2;
	}
	MUST(secret_start());
	begin(&t);
	while (t.left > 0)
		turn(&t, number++);
	turn(&t, 1);		/* no run is left: the last receipts */
	write_out(&t, argv[1]);
	bundle_free(t.bundle);
	box_free(&t.box);
	for (d = 0; d < DIRECTION_COUNT; d++) {
		dh_free(&t.prekey[d]);
		for (lane = 0; lane < LANES; lane++)
			epoch_free(&t.channel[d][lane].epoch);
	}
	for (i = 0; i < LEVELS; i++)
		free(t.level[i].h);
	world_stop(&t.w);
	return 0;
}
