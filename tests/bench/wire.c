#include "wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "base/file.h"
#include "base/secret.h"
#include "keys/box.h"
#include "keys/epoch.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/fields.h"
#include "proto/label.h"
#include "proto/notice.h"
#include "proto/statement.h"

double
wire_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void
wire_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void
must(enum err err, const char *what)
{
	if (err != ERR_OK)
		wire_die("%s: %s", what, err_name(err));
}

static struct buf
load(const char *world, const char *name, size_t max)
{
	struct buf buf = buf_init(max);
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", world, name);
	must(file_load(path, max, &buf), path);
	return buf;
}

static struct keyfile *
open_key(const char *world, const char *name, const struct secret *passphrase)
{
	struct keyfile *kf = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", world, name);
	must(keyfile_load(&kf, path, passphrase), path);
	return kf;
}

/* The relay's first endpoint from the charter, its T from its statement. */
static void
load_relay(struct wire_pair *pair, const struct charter *charter,
    const char *world)
{
	struct buf bytes = load(world, "relay/keys.1", STATEMENT_MAX);
	struct statement_keys keys;
	struct view body = { bytes.p, bytes.len - SIG_BYTES };
	const struct statement_key *t;

	must(statement_keys_decode(&keys, body), "relay/keys.1");
	t = statement_keys_find(&keys, KEYFILE_T);
	if (t == NULL)
		wire_die("relay/keys.1 names no transport key");
	memcpy(pair->relay_key, t->key, KEY_BYTES);
	snprintf(pair->relay, sizeof(pair->relay), "%s",
	    charter->relay[0].endpoint);
	buf_free(&bytes);
}

/* world/a need not be the charter's a: roots decide. */
static uint8_t
direction_of_a(const struct wire_pair *pair, const struct charter *charter)
{
	struct id agency = pubkey_agency(charter->party[0].root);

	return id_eq(&agency, &keyfile_public(pair->a.endpoint)->agency) ?
	    FROM_A : FROM_B;
}

void
wire_load(struct wire_pair *pair, const char *world)
{
	struct buf text = load(world, "charter/charter", CHARTER_MAX);
	struct secret *passphrase = NULL;
	struct charter *charter;
	char path[4096];

	memset(pair, 0, sizeof(*pair));
	must(secret_start(), "locked memory");
	charter = calloc(1, sizeof(*charter));
	if (charter == NULL)
		wire_die("out of memory");
	must(charter_parse(charter, buf_view(&text), NULL), "charter");
	pair->charter_id = charter_id(buf_view(&text));
	pair->pair_id = pair->charter_id;
	snprintf(path, sizeof(path), "%s/passphrase", world);
	must(file_load_line(path, 1024, &passphrase), path);
	pair->a.endpoint = open_key(world, "a/keys/endpoint.key", passphrase);
	pair->a.transport = open_key(world, "a/keys/transport.key", passphrase);
	pair->b.endpoint = open_key(world, "b/keys/endpoint.key", passphrase);
	pair->b.transport = open_key(world, "b/keys/transport.key", passphrase);
	pair->channel = envelope_channel(&pair->pair_id,
	    direction_of_a(pair, charter), LANE_NOTICE);
	load_relay(pair, charter, world);
	secret_free(&passphrase);
	free(charter);
	buf_free(&text);
}

static void
epoch_public(struct epoch_public *pub, const struct wire_sender *s)
{
	const struct wire_pair *p = s->pair;

	memset(pub, 0, sizeof(*pub));
	pub->suite = ENVELOPE_SUITE;
	pub->charter_id = p->charter_id;
	memcpy(pub->sx, sign_public(keyfile_signer(p->a.endpoint, KEYFILE_S)),
	    KEY_BYTES);
	memcpy(pub->ix, dh_public(keyfile_dh(p->a.endpoint, KEYFILE_I, 0)),
	    KEY_BYTES);
	memcpy(pub->iy, dh_public(keyfile_dh(p->b.endpoint, KEYFILE_I, 0)),
	    KEY_BYTES);
	pub->channel = p->channel;
	pub->prekey_id = 1;
	memcpy(pub->py, dh_public(s->prekey), KEY_BYTES);
}

static void
new_epoch(struct wire_sender *s)
{
	struct epoch_public pub;

	epoch_free(&s->epoch);
	epoch_public(&pub, s);
	must(epoch_open(&s->epoch, &pub,
	    keyfile_dh(s->pair->a.endpoint, KEYFILE_I, 0), NULL), "epoch");
	memcpy(s->e, pub.e, KEY_BYTES);
}

void
wire_sender_init(struct wire_sender *s, const struct wire_pair *pair)
{
	memset(s, 0, sizeof(*s));
	s->pair = pair;
	s->incarnation.start = 1;
	random_bytes(&s->incarnation.random, sizeof(s->incarnation.random));
	must(dh_new(&s->prekey), "prekey");
	must(box_new(&s->box), "box");
	new_epoch(s);
}

/* An outline and a body of the given length: what a STATUS looks like. */
static void
make_fields(struct fields *fields, size_t body)
{
	static uint8_t outline[96], text[BUCKET_MAX];

	memset(fields, 0, sizeof(*fields));
	must(fields_add(fields, FIELD_OUTLINE,
	    (struct view){ outline, sizeof(outline) }), "outline");
	must(fields_add(fields, FIELD_BODY, (struct view){ text, body }),
	    "body");
}

static void
make_header(struct envelope_header *h, struct wire_sender *s, uint32_t n,
    size_t plain)
{
	memset(h, 0, sizeof(*h));
	h->suite = ENVELOPE_SUITE;
	h->channel = s->pair->channel;
	h->kid = *sign_kid(keyfile_signer(s->pair->a.endpoint, KEYFILE_S));
	h->incarnation = s->incarnation;
	h->seq = s->seq + 1;
	h->prev = s->prev;
	memcpy(h->e, s->e, KEY_BYTES);
	h->prekey_id = 1;
	h->n = n;
	h->created_at = 1764547200000u;
	h->ct_len = (uint32_t)(plain + TAG_BYTES);
}

/* Seal one notice; its header and CT stay in the arena. */
static void
seal_one(struct wire_sender *s, const struct fields *fields,
    struct envelope *env, struct arena *arena)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES], plain[BUCKET_MAX];
	size_t len = fields_padded_len(fields);
	struct wr wr = wr_init(plain, len);
	struct envelope_header h;
	uint8_t *header, *ct;
	uint32_t n;

	if (epoch_next(s->epoch) == EPOCH_MAX)
		new_epoch(s);
	n = epoch_next(s->epoch);
	must(epoch_keys(s->epoch, n, s->box), "chain");
	fields_encode_padded(&wr, fields);
	box_salts(s->box, salts, fields->n);
	make_header(&h, s, n, len);
	h.c = fields_commitment(fields, salts[0]);
	header = arena_alloc(arena, HEADER_BYTES);
	ct = arena_alloc(arena, h.ct_len);
	if (header == NULL || ct == NULL)
		wire_die("out of memory");
	envelope_header_encode(header, &h);
	must(box_seal(s->box, ct, plain, len, &h.c, header, HEADER_BYTES),
	    "seal");
	must(envelope_decode(env, (struct view){ header, HEADER_BYTES },
	    (struct view){ ct, h.ct_len }), "envelope");
	s->seq = h.seq;
	s->prev = env->env_id;
}

void
wire_seal(struct wire_sender *s, unsigned n, size_t body, struct buf *out)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct envelope *env = arena_array(&arena, n, sizeof(*env));
	struct run_seen seen = { 0 };
	struct run_statement st;
	struct fields fields;
	uint8_t statement[RUN_STATEMENT_BYTES], sig[SIG_BYTES];
	unsigned i;

	make_fields(&fields, body);
	for (i = 0; i < n; i++)
		seal_one(s, &fields, &env[i], &arena);
	must(run_statement_of(&st, env, n, &seen), "run");
	run_statement_encode(statement, &st);
	must(sign_labelled(keyfile_signer(s->pair->a.endpoint, KEYFILE_S),
	    LABEL_RUN, statement, sizeof(statement), sig), "sign");
	must(run_encode(out, RUN_FULL, &seen, env, n, sig), "run");
	arena_free(&arena);
}

/* Open one envelope and hold C against its header. */
static void
open_one(struct wire_sender *s, struct epoch *epoch,
    const struct envelope *env)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES], plain[BUCKET_MAX];
	struct fields fields;
	struct hash c;

	must(epoch_keys(epoch, env->h.n, s->box), "chain");
	must(box_open(s->box, plain, env->ct.p, env->ct.len, &env->h.c,
	    env->header.p, env->header.len), "open");
	must(fields_decode_padded(&fields,
	    (struct view){ plain, env->ct.len - TAG_BYTES }), "fields");
	box_salts(s->box, salts, fields.n);
	c = fields_commitment(&fields, salts[0]);
	if (!hash_eq(&c, &env->h.c))
		wire_die("commitment differs");
}

void
wire_open(struct wire_sender *s, struct view bytes)
{
	static struct epoch *epoch;
	static uint8_t e[KEY_BYTES];
	struct arena arena = arena_init(ARENA_MAX);
	struct epoch_public pub;
	struct run run;
	unsigned i;

	must(run_decode(&run, RUN_FULL, bytes, &arena), "run");
	must(pubkey_verify(
	    sign_public(keyfile_signer(s->pair->a.endpoint, KEYFILE_S)),
	    run_signed(&run).p, run_signed(&run).len, run_sig(&run).p),
	    "signature");
	for (i = 0; i < run.env_count; i++) {
		if (epoch == NULL || memcmp(e, run.env[i].h.e, KEY_BYTES)) {
			epoch_free(&epoch);
			epoch_public(&pub, s);
			memcpy(pub.e, run.env[i].h.e, KEY_BYTES);
			memcpy(e, pub.e, KEY_BYTES);
			must(epoch_accept(&epoch, &pub,
			    keyfile_dh(s->pair->b.endpoint, KEYFILE_I, 0),
			    s->prekey, NULL), "accept");
		}
		open_one(s, epoch, &run.env[i]);
	}
	arena_free(&arena);
}

static void
set_key(void *socket, int option, const uint8_t key[KEY_BYTES])
{
	if (zmq_setsockopt(socket, option, key, KEY_BYTES) != 0)
		wire_die("CURVE key: %s", zmq_strerror(zmq_errno()));
}

void *
wire_connect(void *context, const struct wire_pair *pair,
    const struct wire_party *party)
{
	void *socket = zmq_socket(context, ZMQ_DEALER);
	const struct dh_key *t = keyfile_dh(party->transport, KEYFILE_T, 0);
	int zero = 0, hwm = 0;

	set_key(socket, ZMQ_CURVE_SERVERKEY, pair->relay_key);
	set_key(socket, ZMQ_CURVE_PUBLICKEY, dh_public(t));
	set_key(socket, ZMQ_CURVE_SECRETKEY, dh_secret(t));
	zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(socket, ZMQ_SNDHWM, &hwm, sizeof(hwm));
	if (zmq_connect(socket, pair->relay) != 0)
		wire_die("connect %s: %s", pair->relay,
		    zmq_strerror(zmq_errno()));
	return socket;
}
