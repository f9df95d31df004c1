#include "tests/unit/relay/yard.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/label.h"
#include "proto/receipt.h"

#define MS_2026 1790000000000u
#define DAY_MS 86400000u

static bool twins;

/* Sign body with key under label and append both. */
static void
signed_put(const struct sign_key *key, const char *label, const void *body,
    size_t len, struct buf *out)
{
	uint8_t sig[SIG_BYTES];

	MUST(sign_labelled(key, label, body, len, sig));
	buf_put(out, body, len);
	buf_put(out, sig, sizeof(sig));
	MUST(out->err);
}

static void
keys_begin(struct statement_keys *ks, const struct sign_key *root)
{
	memset(ks, 0, sizeof(*ks));
	ks->kid = *sign_kid(root);
	ks->agency = pubkey_agency(sign_public(root));
	ks->not_before = MS_2026;
	ks->not_after = MS_2026 + 365ull * DAY_MS;
}

void
yard_keys(struct yard *y, unsigned i, const struct id *revoke, uint64_t cut)
{
	struct yard_agency *a = &y->agency[i];
	struct buf body = buf_init(STATEMENT_MAX);
	struct statement_keys ks;

	keys_begin(&ks, a->root);
	ks.ks_seq = ++a->ks_seq;
	ks.previous = a->ks_hash;
	MUST(statement_keys_add(&ks, KEY_SIGN, sign_public(a->sign)));
	MUST(statement_keys_add(&ks, KEY_IDENTITY, dh_public(a->identity)));
	MUST(statement_keys_add(&ks, KEY_TRANSPORT, dh_public(a->transport)));
	if (revoke != NULL) {
		MUST(statement_keys_revoke(&ks, revoke, REVOKED_STOLEN));
		MUST(statement_keys_cut(&ks, &y->log_id, cut));
	}
	MUST(statement_keys_encode(&body, &ks));
	a->ks_hash = statement_hash(buf_view(&body));
	buf_reset(&a->keys);
	signed_put(a->root, LABEL_KEYS, body.p, body.len, &a->keys);
	buf_free(&body);
}

void
yard_rotate(struct yard *y, unsigned i)
{
	struct yard_agency *a = &y->agency[i];

	sign_free(&a->sign);
	dh_free(&a->identity);
	MUST(sign_new(&a->sign, SIGN_AGENT));
	MUST(dh_new(&a->identity));
}

/* The statement of the relay's keys as they are now. */
static void
relay_state(struct yard *y, uint64_t ks_seq, const struct hash *previous)
{
	const struct keyfile_public *pub = keyfile_public(y->relay);
	struct buf body = buf_init(STATEMENT_MAX);
	struct statement_keys ks;

	keys_begin(&ks, y->relay_root);
	ks.ks_seq = ks_seq;
	ks.previous = *previous;
	MUST(statement_keys_add(&ks, KEY_SIGN,
	    keyfile_find(pub, KEYFILE_S, 0)));
	MUST(statement_keys_add(&ks, KEY_TRANSPORT,
	    keyfile_find(pub, KEYFILE_T, 0)));
	MUST(statement_keys_add(&ks, KEY_LOG,
	    keyfile_find(pub, KEYFILE_LOG, 0)));
	MUST(statement_keys_encode(&body, &ks));
	buf_reset(&y->relay_keys);
	signed_put(y->relay_root, LABEL_KEYS, body.p, body.len,
	    &y->relay_keys);
	buf_free(&body);
	y->log_id = pubkey_log_id(keyfile_find(pub, KEYFILE_LOG, 0));
}

void
yard_relay_next(struct yard *y)
{
	struct hash before = statement_hash((struct view){ y->relay_keys.p,
	    y->relay_keys.len - SIG_BYTES });

	MUST(keyfile_rotate(y->relay));
	MUST(keyfile_replace(y->relay, yard_path(y, "relay.key")));
	relay_state(y, 2, &before);
	MUST(file_create(yard_path(y, "keys.2"), y->relay_keys.p,
	    y->relay_keys.len, 0644));
}

static void
relay_make(struct yard *y)
{
	struct hash none = { { 0 } };

	MUST(sign_new(&y->relay_root, SIGN_ROOT));
	y->relay_id = pubkey_agency(sign_public(y->relay_root));
	MUST(keyfile_new(&y->relay, KEYFILE_RELAY, &y->relay_id, "r1"));
	y->relay_keys = buf_init(STATEMENT_MAX);
	relay_state(y, 1, &none);
}

/* Fill in all but number and predecessor, write and sign it. */
static void
charter_write_signed(struct yard *y, struct charter *c,
    const unsigned side[2], struct buf *text, uint8_t sig[2][SIG_BYTES])
{
	uint8_t tbs[CHARTER_TBS_BYTES];
	struct hash id;
	unsigned d;

	for (d = 0; d < 2; d++) {
		memcpy(c->party[d].root, sign_public(y->agency[side[d]].root),
		    KEY_BYTES);
		(void)snprintf(c->party[d].name, sizeof(c->party[d].name),
		    "Agency %u", side[d]);
	}
	c->suite_count = 1;
	c->suite[0] = 1;
	c->copies = 1;
	c->relay_count = 1;
	memcpy(c->relay[0].root, sign_public(y->relay_root), KEY_BYTES);
	strcpy(c->relay[0].name, "r1");
	strcpy(c->relay[0].endpoint, "tcp://127.0.0.1:5701");
	c->heartbeat_s = 300;
	c->keep_days = 30;
	c->size_max = 65536;
	c->from_at = MS_2026;
	c->until_at = MS_2026 + 365ull * DAY_MS;
	*text = buf_init(CHARTER_MAX);
	MUST(charter_write(text, c));
	id = charter_id(buf_view(text));
	charter_tbs(tbs, &id);
	for (d = 0; d < 2; d++)
		MUST(sign_labelled(y->agency[side[d]].root,
		    LABEL_CHARTER_SIG, tbs, sizeof(tbs), sig[d]));
}

const char *
yard_witness(unsigned i)
{
	static const char *const names[YARD_WITNESSES] = { "w.example/0",
		"w.example/1", "w.example/2", "w.example/3" };

	return names[twins && i == 2 ? 0 : i];
}

void
yard_twins(bool on)
{
	twins = on;
}

/* Two seeds whose keys meet in H("w.example/0" LF 0x04 key)[0..3]. */
static void
witnesses_make(struct yard *y)
{
	static const uint16_t met[] = { 19173, 0, 29672 };
	uint8_t seed[KEY_BYTES] = { 0 };
	unsigned i;

	for (i = 0; i < YARD_WITNESSES; i++) {
		if (!twins || (i != 0 && i != 2)) {
			MUST(sign_new(&y->witness[i], SIGN_WITNESS));
			continue;
		}
		seed[KEY_BYTES - 2] = (uint8_t)(met[i] >> 8);
		seed[KEY_BYTES - 1] = (uint8_t)met[i];
		MUST(sign_from_seed(&y->witness[i], SIGN_WITNESS, seed));
	}
}

static void
name_witnesses(const struct yard *y, unsigned pair, struct charter *c)
{
	unsigned i;

	c->witness_count = 2;
	for (i = 0; i < 2; i++) {
		memcpy(c->witness[i].key, sign_public(y->witness[pair + i]),
		    KEY_BYTES);
		strcpy(c->witness[i].name, yard_witness(pair + i));
	}
}

void
yard_renew(struct yard *y, uint8_t direction)
{
	struct charter *c = calloc(1, sizeof(*c));
	unsigned side[2] = { y->side[0][0], y->side[0][1] };

	if (c == NULL)
		abort();
	side[direction] = 3;
	name_witnesses(y, 0, c);
	c->number = 1;
	c->pair = c->replaces = y->pair_id[0];
	charter_write_signed(y, c, side, &y->renewal, y->renewal_sig);
	free(c);
}

static void
charter_make(struct yard *y, unsigned pair, unsigned one, unsigned other)
{
	struct charter *c = calloc(1, sizeof(*c));
	unsigned d;

	if (c == NULL)
		abort();
	if (memcmp(sign_public(y->agency[one].root),
	    sign_public(y->agency[other].root), KEY_BYTES) > 0) {
		d = one;
		one = other;
		other = d;
	}
	y->side[pair][0] = one;
	y->side[pair][1] = other;
	name_witnesses(y, pair, c);
	charter_write_signed(y, c, y->side[pair], &y->charter[pair],
	    y->sig[pair]);
	y->pair_id[pair] = charter_id(buf_view(&y->charter[pair]));
	free(c);
}

void
yard_open(struct yard *y)
{
	struct yard_agency *a;
	unsigned i;

	memset(y, 0, sizeof(*y));
	MUST(secret_start());
	strcpy(y->home, "/tmp/casewire-relay-test.XXXXXX");
	if (mkdtemp(y->home) == NULL)
		abort();
	relay_make(y);
	witnesses_make(y);
	for (i = 0; i < YARD_AGENCIES; i++) {
		a = &y->agency[i];
		MUST(sign_new(&a->root, SIGN_ROOT));
		MUST(sign_new(&a->sign, SIGN_AGENT));
		MUST(dh_new(&a->identity));
		MUST(dh_new(&a->transport));
		a->id = pubkey_agency(sign_public(a->root));
		a->keys = buf_init(STATEMENT_MAX);
		yard_keys(y, i, NULL, 0);
	}
	charter_make(y, 0, 0, 1);
	charter_make(y, 1, 0, 2);
}

void
yard_close(struct yard *y)
{
	char command[128];
	unsigned i;

	for (i = 0; i < YARD_AGENCIES; i++) {
		sign_free(&y->agency[i].root);
		sign_free(&y->agency[i].sign);
		dh_free(&y->agency[i].identity);
		dh_free(&y->agency[i].transport);
		buf_free(&y->agency[i].keys);
	}
	for (i = 0; i < YARD_PAIRS; i++)
		buf_free(&y->charter[i]);
	buf_free(&y->renewal);
	for (i = 0; i < YARD_WITNESSES; i++)
		sign_free(&y->witness[i]);
	sign_free(&y->relay_root);
	keyfile_free(&y->relay);
	buf_free(&y->relay_keys);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", y->home);
	if (system(command) != 0)
		abort();
}

const char *
yard_path(const struct yard *y, const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", y->home, name);
	return path;
}

void
yard_home(struct yard *y, const char *passphrase)
{
	struct secret *pass = secret_copy(passphrase, strlen(passphrase));
	struct keyfile_cost cost;

	MUST(keyfile_cost(&cost, "minimum"));
	MUST(keyfile_set_passphrase(y->relay, pass, &cost));
	MUST(keyfile_create(y->relay, yard_path(y, "relay.key")));
	MUST(file_create(yard_path(y, "keys.1"), y->relay_keys.p,
	    y->relay_keys.len, 0644));
	MUST(file_create(yard_path(y, "pass"), passphrase,
	    strlen(passphrase), 0600));
	secret_free(&pass);
}

struct yard_run
yard_first(unsigned pair, uint8_t direction, uint8_t lane, unsigned size)
{
	struct yard_run r = {
		.pair = pair,
		.direction = direction,
		.lane = lane,
		.first_seq = 1,
		.size = size,
		.start = 1,
		.random = 7,
		.e = 9,
		.prekey_id = 1,
		.noise = 1,
	};

	return r;
}

struct yard_run
yard_next(const struct yard_run *r, const struct hash *last, unsigned size)
{
	struct yard_run next = *r;

	next.first_seq = r->first_seq + r->size;
	next.n = r->n + r->size;
	next.prev = *last;
	next.size = size;
	return next;
}

struct id
yard_channel(const struct yard *y, unsigned pair, uint8_t direction,
    uint8_t lane)
{
	return envelope_channel(&y->pair_id[pair], direction, lane);
}

static void
header_make(const struct yard *y, const struct yard_run *r, unsigned i,
    const struct hash *prev, struct envelope_header *h)
{
	const struct yard_agency *a =
	    &y->agency[y->side[r->pair][r->direction]];
	const struct sign_key *signer = r->signer != NULL ? r->signer :
	    a->sign;

	memset(h, 0, sizeof(*h));
	h->suite = ENVELOPE_SUITE;
	h->charter = r->charter;
	h->channel = r->channel != NULL ? *r->channel :
	    yard_channel(y, r->pair, r->direction, r->lane);
	h->kid = r->kid != NULL ? *r->kid : *sign_kid(signer);
	h->incarnation.start = r->start;
	h->incarnation.random = r->random;
	h->seq = r->first_seq + i;
	h->prev = *prev;
	memset(h->e, r->e, KEY_BYTES);
	h->prekey_id = r->prekey_id;
	h->n = r->n + i;
	memset(h->c.b, 0xc0 + (int)(i & 15), HASH_BYTES);
	h->created_at = MS_2026;
	h->keep_ms = r->keep_ms;
	h->ack_seq = r->ack_seq;
	if (r->ack_seq > 0)
		memset(h->ack_env.b, 0xac, HASH_BYTES);
	h->ct_len = BUCKET_MIN + TAG_BYTES;
}

void
yard_make(const struct yard *y, const struct yard_run *r, struct buf *out,
    struct hash *last)
{
	const struct sign_key *signer = r->signer != NULL ? r->signer :
	    y->agency[y->side[r->pair][r->direction]].sign;
	static uint8_t headers[RUN_MAX][HEADER_BYTES];
	static uint8_t cts[RUN_MAX][BUCKET_MIN + TAG_BYTES];
	static struct envelope env[RUN_MAX];
	struct run_seen seen = { 0 };
	struct run_statement st;
	struct envelope_header h;
	uint8_t bytes[RUN_STATEMENT_BYTES], sig[SIG_BYTES];
	struct hash prev = r->prev;
	unsigned i;

	for (i = 0; i < r->size; i++) {
		header_make(y, r, i, &prev, &h);
		envelope_header_encode(headers[i], &h);
		memset(cts[i], r->noise + (int)i, sizeof(cts[i]));
		MUST(envelope_decode(&env[i],
		    (struct view){ headers[i], HEADER_BYTES },
		    (struct view){ cts[i], sizeof(cts[i]) }));
		prev = env[i].env_id;
	}
	MUST(run_statement_of(&st, env, r->size, &seen));
	run_statement_encode(bytes, &st);
	MUST(sign_labelled(signer, LABEL_RUN, bytes, sizeof(bytes), sig));
	MUST(run_encode(out, RUN_FULL, &seen, env, r->size, sig));
	if (last != NULL)
		*last = prev;
}

void
yard_receipt(const struct yard *y, unsigned i, uint8_t event,
    const struct id *channel, uint64_t first, uint64_t last,
    const struct hash *env, struct buf *out)
{
	uint8_t bytes[RECEIPT_BYTES];
	struct receipt r = {
		.kid = *sign_kid(y->agency[i].sign),
		.event = event,
		.reason = event == RECEIPT_UNDECRYPTABLE ? ERR_SIGNATURE : 0,
		.channel = *channel,
		.first_seq = first,
		.last_seq = last,
		.env_id = *env,
		.log_id = y->log_id,
		.index = 3,
		.time_at = MS_2026,
	};

	receipt_encode(bytes, &r);
	signed_put(y->agency[i].sign, LABEL_RECEIPT, bytes, sizeof(bytes),
	    out);
}

void
yard_prekey(const struct yard *y, unsigned pair, uint8_t direction,
    uint64_t prekey_id, struct buf *out)
{
	const struct yard_agency *a = &y->agency[y->side[pair][direction]];
	uint8_t bytes[PREKEY_STATEMENT_BYTES];
	struct statement_prekey p = {
		.kid = *sign_kid(a->sign),
		.pair_id = y->pair_id[pair],
		.prekey_id = prekey_id,
	};

	memcpy(p.key, dh_public(a->transport), KEY_BYTES);
	statement_prekey_encode(bytes, &p);
	signed_put(a->sign, LABEL_PREKEY, bytes, sizeof(bytes), out);
}

void
yard_recovery(const struct yard *y, unsigned pair, uint8_t direction,
    uint32_t start, uint64_t old_seq, const struct hash *old_env,
    uint64_t next, struct buf *out)
{
	const struct yard_agency *a = &y->agency[y->side[pair][direction]];
	uint8_t bytes[RECOVERY_STATEMENT_BYTES];
	struct statement_recovery r = {
		.kid = *sign_kid(a->root),
		.pair_id = y->pair_id[pair],
		.direction = direction,
		.incarnation = { start, 7 },
		.reason = 1,
	};
	unsigned lane;

	for (lane = 0; lane < LANE_COUNT; lane++)
		r.lane[lane].next_seq = 1;
	r.lane[0].old_seq = old_seq;
	r.lane[0].old_env = *old_env;
	r.lane[0].next_seq = next;
	statement_recovery_encode(bytes, &r);
	signed_put(a->root, LABEL_RECOVERY, bytes, sizeof(bytes), out);
}
