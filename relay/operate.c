/* operate: see operate.h. */
#include "relay/operate.h"

#include <string.h>

#include "audit/keyring.h"
#include "base/clock.h"
#include "base/json.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/statement.h"
#include "relay/admit.h"
#include "relay/admitted.h"
#include "relay/cosign.h"
#include "relay/group.h"
#include "relay/park.h"
#include "relay/store.h"
#include "relay/turn.h"

/* An admission as it came in; keys.p holds the statements end to end. */
struct admission {
	struct admitted_paper paper;
	struct buf keys;
	struct view key[OPERATE_KEYS_MAX];
	size_t key_count;
};

static enum err
read_key(struct admission *ad, const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *p;

	if (len == 0 || len > STATEMENT_MAX)
		return ERR_TOO_BIG;
	p = buf_room(&ad->keys, len);
	if (p == NULL)
		return ad->keys.err;
	if (strlen(hex) % 2 != 0)
		return ERR_SYNTAX;
	ad->key[ad->key_count++].len = len;
	return hex_decode(p, len, hex);
}

static enum err
read_admission(struct admission *ad, const struct json_cur *in)
{
	struct json_cur list = json_get(in, "keys"), one;
	const char *text = json_str(in, "charter"), *hex;
	size_t i, at = 0, n = json_len(&list);
	enum err err;

	if (n > OPERATE_KEYS_MAX)
		return ERR_COUNT;
	ad->paper.text = (struct view){ (const uint8_t *)text, strlen(text) };
	err = hex_decode(ad->paper.sig_a, SIG_BYTES, json_str(in, "sig_a"));
	if (err == ERR_OK)
		err = hex_decode(ad->paper.sig_b, SIG_BYTES,
		    json_str(in, "sig_b"));
	for (i = 0; i < n && err == ERR_OK; i++) {
		one = json_at(&list, i);
		hex = json_as_str(&one);
		err = read_key(ad, hex);
	}
	/* The buffer no longer moves. */
	for (i = 0; i < ad->key_count && err == ERR_OK; i++) {
		ad->key[i].p = ad->keys.p + at;
		at += ad->key[i].len;
	}
	return err;
}

/* Everything on a keyring of its own, loaded as the real one was. */
static enum err
try_admission(const struct operate_parts *p, const struct admission *ad,
    struct hash *charter_id)
{
	struct keyring *kr = keyring_new();
	struct admitted *adm = NULL;
	const struct charter *charter;
	struct hash pair;
	size_t i;
	enum err err = ERR_NOMEM;

	if (kr != NULL)
		err = admitted_open(&adm, p->store, kr, &p->log_id);
	if (err == ERR_OK)
		err = keyring_add_charter(kr, ad->paper.text.p,
		    ad->paper.text.len, ad->paper.sig_a, ad->paper.sig_b,
		    charter_id);
	if (err == ERR_OK) {
		charter = keyring_charter(kr, charter_id);
		pair = charter_pair(charter, charter_id);
		if (!keyring_is_relay(kr, &pair, &p->agency))
			err = ERR_CHARTER;
	}
	for (i = 0; i < ad->key_count && err == ERR_OK; i++)
		err = keyring_add_keys(kr, ad->key[i].p, ad->key[i].len, NULL);
	admitted_free(&adm);
	keyring_free(kr);
	return err;
}

static enum err
take_admission(const struct operate_parts *p, const struct admission *ad)
{
	struct admit_answer answer;
	size_t i;
	enum err err;

	err = group_begin(p->group);
	if (err == ERR_OK)
		err = admitted_add(p->admitted, &ad->paper);
	if (err == ERR_OK)
		err = admitted_own(p->admitted, &p->agency);
	for (i = 0; i < ad->key_count && err == ERR_OK; i++) {
		err = admit_keys(p->admit, ad->key[i], &answer);
		if (err == ERR_OK)
			err = answer.status;
	}
	return err == ERR_OK ? group_end(p->group) : err;
}

enum err
operate_admit(const struct operate_parts *p, const struct json_cur *in,
    struct json **out)
{
	struct admission ad = { .keys = buf_init(OPERATE_KEYS_MAX *
	    STATEMENT_MAX) };
	struct hash charter_id;
	enum err err;

	err = read_admission(&ad, in);
	if (err == ERR_OK)
		err = try_admission(p, &ad, &charter_id);
	if (err == ERR_OK && (err = take_admission(p, &ad)) != ERR_OK)
		/* The keyring is ahead of the store now. */
		err = ERR_STORAGE;
	if (err == ERR_OK) {
		*out = json_new_obj();
		json_put_hex(*out, "charter", charter_id.b, HASH_BYTES);
		json_put_int(*out, "keys", (int64_t)ad.key_count);
		json_put_int(*out, "entries",
		    (int64_t)group_size(p->group));
	}
	buf_free(&ad.keys);
	return err;
}

enum err
operate_block(const struct operate_parts *p, const struct json_cur *in,
    struct json **out)
{
	const char *hex = json_str(in, "id");
	struct hash whole;
	struct id id;
	enum err err;

	/* A pair's id is a whole hash; it is blocked by its first half. */
	err = strlen(hex) == 2 * HASH_BYTES ?
	    hex_decode(whole.b, HASH_BYTES, hex) :
	    hex_decode(id.b, ID_BYTES, hex);
	if (strlen(hex) == 2 * HASH_BYTES)
		id = hash_id(&whole);
	if (err == ERR_OK)
		err = group_begin(p->group);
	if (err == ERR_OK)
		err = admitted_block(p->admitted, &id,
		    !json_bool_or(in, "off", false));
	if (err == ERR_OK)
		err = group_end(p->group);
	if (err == ERR_NOTFOUND && group_end(p->group) != ERR_OK)
		err = ERR_STORAGE;
	if (err != ERR_OK)
		return err;
	*out = json_new_obj();
	json_put_hex(*out, "id", id.b, ID_BYTES);
	json_put_bool(*out, "blocked", admitted_blocked(p->admitted, &id));
	return ERR_OK;
}

static const char *
time_text(char at[CLOCK_TEXT_BYTES], const struct cosign_witness *w)
{
	return clock_format(at, w->time_s < INT64_MAX / 1000 ?
	    (int64_t)w->time_s * 1000 : -1);
}

static struct json *
witness_json(const struct cosign_witness *w)
{
	struct json *obj = json_new_obj();
	char at[CLOCK_TEXT_BYTES];

	json_put_str(obj, "name", w->name);
	json_put_hex(obj, "key", w->key, KEY_BYTES);
	json_put_int(obj, "cosigned", (int64_t)w->size);
	if (w->size > 0)
		json_put_str(obj, "at", time_text(at, w));
	return obj;
}

static struct json *
list_witnesses(const struct operate_parts *p)
{
	const struct cosign_witness *w;
	struct json *arr = json_new_arr(), *obj;
	size_t i;

	for (i = 0; (w = cosign_at(p->cosign, i)) != NULL; i++) {
		obj = witness_json(w);
		json_add(arr, &obj);
	}
	return arr;
}

enum err
operate_cosign(const struct operate_parts *p, const struct json_cur *in,
    struct json **out)
{
	const char *text = json_str(in, "note");
	struct clock clock = clock_real();
	struct json *list;
	uint64_t held;
	enum err err = cosign_take(p->cosign, (struct view){
	    (const uint8_t *)text, strlen(text) }, clock_mono(&clock), &held);

	if (err != ERR_OK)
		return err;
	*out = json_new_obj();
	list = list_witnesses(p);
	json_put(*out, "witnesses", &list);
	return ERR_OK;
}

static void
list_party(const struct operate_parts *p, const struct admitted_charter *row,
    uint8_t d, struct json *obj)
{
	const struct keyring_agency *agency;
	const struct keyring_key *key;
	const uint8_t *t;
	struct json *party = json_new_obj(), *list = json_new_arr(), *one;
	struct id kid;
	size_t i;

	agency = keyring_party(p->keyring, &row->pair_id, row->number, d);
	if (agency != NULL) {
		json_put_str(party, "name", agency->name);
		json_put_hex(party, "agency", agency->id.b, ID_BYTES);
		json_put_int(party, "ks_seq", (int64_t)agency->ks_seq);
		key = keyring_key_now(p->keyring, &agency->id);
		if (key != NULL)
			json_put_hex(party, "kid", key->kid.b, ID_BYTES);
		json_put_bool(party, "blocked",
		    admitted_blocked(p->admitted, &agency->id));
		for (i = 0; (t = keyring_transport_at(p->keyring,
		    &agency->id, i)) != NULL; i++) {
			one = json_new_obj();
			kid = pubkey_kid(t);
			json_put_hex(one, "kid", kid.b, ID_BYTES);
			json_put_hex(one, "key", t, KEY_BYTES);
			json_add(list, &one);
		}
	}
	json_put(party, "transport", &list);
	json_put(obj, d == 0 ? "a" : "b", &party);
}

static enum err
list_fork(void *ctx, struct view key, struct view value)
{
	struct json *arr = ctx, *fork = json_new_obj();
	struct rd rd = rd_init(key.p, key.len);
	struct view channel = rd_view(&rd, ID_BYTES);
	uint64_t seq = rd_u64(&rd);
	struct rd in = rd_init(value.p, value.len);

	json_put_hex(fork, "channel", channel.p, channel.len);
	json_put_int(fork, "first_seq", (int64_t)seq);
	json_put_int(fork, "against", (int64_t)rd_u64(&in));
	json_put_int(fork, "bytes", (int64_t)in.left);
	json_add(arr, &fork);
	return rd.err == ERR_OK ? ERR_OK : ERR_STORAGE;
}

enum err
operate_list(const struct operate_parts *p, struct json **out)
{
	const struct admitted_charter *row;
	const struct id *blocked;
	struct json *pairs = json_new_arr(), *blocks = json_new_arr();
	struct json *forks = json_new_arr(), *witnesses, *obj;
	char hex[2 * ID_BYTES + 1];
	struct id pair;
	size_t i;
	enum err err;

	for (i = 0; (row = admitted_pair(p->admitted, i)) != NULL; i++) {
		obj = json_new_obj();
		pair = hash_id(&row->pair_id);
		json_put_hex(obj, "pair", row->pair_id.b, HASH_BYTES);
		json_put_hex(obj, "charter", row->charter_id.b, HASH_BYTES);
		json_put_int(obj, "number", row->number);
		json_put_bool(obj, "blocked",
		    admitted_blocked(p->admitted, &pair));
		list_party(p, row, 0, obj);
		list_party(p, row, 1, obj);
		json_add(pairs, &obj);
	}
	for (i = 0; (blocked = admitted_blocked_at(p->admitted, i)) != NULL;
	    i++) {
		hex_encode(hex, blocked->b, ID_BYTES);
		json_add_str(blocks, hex);
	}
	err = store_facts(p->store, STORE_FORK, list_fork, forks);
	*out = json_new_obj();
	json_put(*out, "pairs", &pairs);
	witnesses = list_witnesses(p);
	json_put(*out, "witnesses", &witnesses);
	json_put(*out, "blocked", &blocks);
	json_put(*out, "forks", &forks);
	if (err != ERR_OK)
		json_free(out);
	return err;
}

static void
status_turns(const struct operate_parts *p, struct json *out)
{
	const struct turn_counts *c = turn_counts(p->turn);

	json_put_str(out, "endpoint", p->endpoint);
	json_put_bool(out, "disk_low", turn_disk_low(p->turn));
	json_put_int(out, "waiting", (int64_t)park_count(p->park));
	json_put_int(out, "turns", (int64_t)c->turns);
	json_put_int(out, "commits", (int64_t)c->commits);
	json_put_int(out, "frames", (int64_t)c->frames);
	json_put_int(out, "runs_taken", (int64_t)c->runs);
	json_put_int(out, "envelopes_taken", (int64_t)c->envelopes);
	json_put_int(out, "statements_taken", (int64_t)c->statements);
	json_put_int(out, "duplicates", (int64_t)c->duplicates);
	json_put_int(out, "refused", (int64_t)c->refused);
	json_put_int(out, "replies_dropped", (int64_t)c->dropped);
}

/* The witness furthest behind is the one to look at; `list` has them all. */
static void
status_witnesses(const struct operate_parts *p, struct json *out)
{
	const struct cosign_witness *w, *last = NULL;
	char at[CLOCK_TEXT_BYTES];
	size_t i;

	for (i = 0; (w = cosign_at(p->cosign, i)) != NULL; i++)
		if (last == NULL || w->size < last->size)
			last = w;
	json_put_int(out, "witnesses", (int64_t)i);
	if (last == NULL)
		return;
	json_put_str(out, "least_cosigned_by", last->name);
	json_put_int(out, "least_cosigned", (int64_t)last->size);
	if (last->size > 0)
		json_put_str(out, "least_cosigned_at", time_text(at, last));
}

enum err
operate_status(const struct operate_parts *p, struct json **out)
{
	struct store_count count = { 0 };
	size_t pairs = 0;
	enum err err;

	/* Counting rows takes long in a large store: not while serving. */
	err = p->turn != NULL ? store_size(p->store, &count.entries) :
	    store_counts(p->store, &count);
	if (err != ERR_OK)
		return err;
	while (admitted_pair(p->admitted, pairs) != NULL)
		pairs++;
	*out = json_new_obj();
	json_put_str(*out, "name", p->name);
	json_put_hex(*out, "log_id", p->log_id.b, HASH_BYTES);
	json_put_bool(*out, "running", p->turn != NULL);
	json_put_int(*out, "pairs", (int64_t)pairs);
	json_put_int(*out, "entries", (int64_t)count.entries);
	status_witnesses(p, *out);
	json_put_int(*out, "hollow", (int64_t)store_hollows(p->store));
	if (p->turn != NULL) {
		status_turns(p, *out);
		return ERR_OK;
	}
	json_put_int(*out, "runs", (int64_t)count.runs);
	json_put_int(*out, "runs_with_ciphertext", (int64_t)count.full);
	json_put_int(*out, "forks", (int64_t)count.forks);
	return ERR_OK;
}
