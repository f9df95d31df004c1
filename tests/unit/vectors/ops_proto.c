/*
 * ops_proto: headers, runs, statements, charters, the keyring.
 */
#include <string.h>

#include "audit/keyring.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"
#include "vec.h"

static enum err
op_header(struct vec *v)
{
	struct view data = vec_hex(v, "data");
	struct envelope_header h;
	uint8_t again[HEADER_BYTES];
	enum err err = envelope_header_decode(&h, data);

	if (err != ERR_OK)
		return err;
	vec_is_num(v, "charter", h.charter);
	vec_is_id(v, "channel", &h.channel);
	vec_is_id(v, "kid", &h.kid);
	vec_is_num(v, "start", h.incarnation.start);
	vec_is_num(v, "rand", h.incarnation.random);
	vec_is_num(v, "seq", h.seq);
	vec_is_hash(v, "prev", &h.prev);
	vec_is_hex(v, "E", h.e, sizeof(h.e));
	vec_is_num(v, "prekey_id", h.prekey_id);
	vec_is_num(v, "psk_day", h.psk_day);
	vec_is_num(v, "n", h.n);
	vec_is_hash(v, "C", &h.c);
	vec_is_num(v, "created_ms", h.created_at);
	vec_is_num(v, "keep_ms", h.keep_ms);
	vec_is_num(v, "ack_seq", h.ack_seq);
	vec_is_hash(v, "ack_env", &h.ack_env);
	vec_is_num(v, "ct_len", h.ct_len);
	envelope_header_encode(again, &h);
	if (memcmp(again, data.p, sizeof(again)) != 0)
		vec_note(v, "encoded again it differs");
	return ERR_OK;
}

static enum err
op_env_id(struct vec *v)
{
	struct hash hct = vec_hash(v, "hct");
	struct hash id = envelope_id(vec_hex(v, "header").p, &hct);

	vec_is_hash(v, "env_id", &id);
	return ERR_OK;
}

/* kid and signature, as whoever knows the key checks them. */
static enum err
signed_by(const uint8_t *key, const struct id *kid, struct view body,
    struct view sig)
{
	struct id own = pubkey_kid(key);

	if (!id_eq(&own, kid))
		return ERR_KID_UNKNOWN;
	return pubkey_verify(key, body.p, body.len, sig.p);
}

static void
run_values(struct vec *v, const struct run *run)
{
	const struct run_statement *st = &run->st;
	struct hash leaf = run_leaf(run);
	uint8_t ids[16 * HASH_BYTES];
	uint8_t incarnation[8];
	struct wr wr = wr_init(incarnation, sizeof(incarnation));
	unsigned i;

	wr_u32(&wr, st->incarnation.start);
	wr_u32(&wr, st->incarnation.random);
	for (i = 0; i < run->env_count && i < 16; i++)
		memcpy(ids + i * HASH_BYTES, run->env[i].env_id.b, HASH_BYTES);
	vec_is_num(v, "size", st->size);
	vec_is_num(v, "first_seq", st->first_seq);
	vec_is_id(v, "kid", &st->kid);
	vec_is_id(v, "channel", &st->channel);
	vec_is_hex(v, "incarnation", incarnation, sizeof(incarnation));
	vec_is_hex(v, "seen", run->bytes.p + 2, SEEN_BYTES);
	vec_is_hash(v, "root", &st->root);
	vec_is_hex(v, "statement", run->entry, RUN_STATEMENT_BYTES);
	vec_is_hex(v, "env_ids", ids, i * HASH_BYTES);
	vec_is_hex(v, "entry", run->entry, RUN_ENTRY_BYTES);
	vec_is_hash(v, "leaf", &leaf);
}

/* Packed again it must be the same bytes; bare, once more decodable. */
static void
run_round(struct vec *v, const struct run *run)
{
	struct buf out = buf_init(RUN_CONTAINER_MAX), bare =
	    buf_init(RUN_CONTAINER_MAX);
	struct run again;

	if (run_encode(&out, run->form, &run->st.seen, run->env,
	    run->env_count, run_sig(run).p) != ERR_OK ||
	    out.len != run->bytes.len ||
	    memcmp(out.p, run->bytes.p, out.len) != 0)
		vec_note(v, "encoded again it differs");
	if (run_encode_bare(&bare, run) != ERR_OK ||
	    run_decode(&again, RUN_BARE, buf_view(&bare), &v->arena) !=
	    ERR_OK || memcmp(again.entry, run->entry, RUN_ENTRY_BYTES) != 0)
		vec_note(v, "bare it is another run");
	buf_free(&bare);
	buf_free(&out);
}

static enum err
run_in(struct vec *v, enum run_form form)
{
	struct run run;
	enum err err = run_decode(&run, form, vec_hex(v, "data"), &v->arena);

	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &run.st.kid,
		    run_signed(&run), run_sig(&run));
	if (err == ERR_OK) {
		run_values(v, &run);
		run_round(v, &run);
	}
	return err;
}

static enum err
op_run(struct vec *v)
{
	return run_in(v, RUN_FULL);
}

static enum err
op_bare(struct vec *v)
{
	return run_in(v, RUN_BARE);
}

static enum err
op_single(struct vec *v)
{
	struct run run;
	enum err err = run_decode(&run, RUN_SINGLE, vec_hex(v, "data"),
	    &v->arena);

	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &run.st.kid,
		    run_signed(&run), run_sig(&run));
	if (err != ERR_OK)
		return err;
	vec_is_num(v, "index", run.index);
	vec_is_num(v, "size", run.st.size);
	vec_is_num(v, "seq", run.env[0].h.seq);
	vec_is_hash(v, "env_id", &run.env[0].env_id);
	vec_is_hash(v, "root", &run.st.root);
	return ERR_OK;
}

/* statement || sig of one kind, taken apart. */
static enum err
split(struct vec *v, struct statement *st, enum statement_kind kind)
{
	enum err err = statement_split(st, vec_hex(v, "data"));

	if (err == ERR_OK && st->kind != kind)
		err = ERR_MAGIC;
	return err;
}

static enum err
op_prekey(struct vec *v)
{
	struct statement st;
	struct statement_prekey p;
	enum err err = split(v, &st, STATEMENT_PREKEY);

	if (err == ERR_OK)
		err = statement_prekey_decode(&p, st.body);
	if (err == ERR_OK)
		err = pubkey_check_dh(p.key, sizeof(p.key));
	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &p.kid, st.body, st.sig);
	if (err != ERR_OK)
		return err;
	vec_is_id(v, "kid", &p.kid);
	vec_is_hash(v, "pair_id", &p.pair_id);
	vec_is_num(v, "prekey_id", p.prekey_id);
	vec_is_hex(v, "P", p.key, sizeof(p.key));
	return ERR_OK;
}

static enum err
op_officer(struct vec *v)
{
	struct statement st;
	struct statement_officer o;
	enum err err = split(v, &st, STATEMENT_OFFICER);

	if (err == ERR_OK)
		err = statement_officer_decode(&o, st.body);
	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &o.kid, st.body, st.sig);
	if (err != ERR_OK)
		return err;
	vec_is_id(v, "kid", &o.kid);
	vec_is_id(v, "officer", &o.officer);
	vec_is_hex(v, "O", o.key, sizeof(o.key));
	vec_is_num(v, "not_before", o.not_before);
	vec_is_num(v, "not_after", o.not_after);
	vec_is_num(v, "revoked", o.revoked);
	vec_is_hex(v, "info", o.info.p, o.info.len);
	return ERR_OK;
}

static void
recovery_lane(struct vec *v, const struct statement_recovery_lane *lane,
    char digit)
{
	char key[] = "old_seq_0";
	char next[] = "next_seq_0";

	key[sizeof(key) - 2] = digit;
	next[sizeof(next) - 2] = digit;
	vec_is_num(v, key, lane->old_seq);
	memcpy(key, "old_env", 7);
	vec_is_hash(v, key, &lane->old_env);
	vec_is_num(v, next, lane->next_seq);
}

static enum err
op_recovery(struct vec *v)
{
	struct statement st;
	struct statement_recovery r;
	uint8_t incarnation[8];
	struct wr wr = wr_init(incarnation, sizeof(incarnation));
	enum err err = split(v, &st, STATEMENT_RECOVERY);

	if (err == ERR_OK)
		err = statement_recovery_decode(&r, st.body);
	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &r.kid, st.body, st.sig);
	if (err != ERR_OK)
		return err;
	wr_u32(&wr, r.incarnation.start);
	wr_u32(&wr, r.incarnation.random);
	vec_is_id(v, "kid", &r.kid);
	vec_is_hash(v, "pair_id", &r.pair_id);
	vec_is_num(v, "direction", r.direction);
	vec_is_hex(v, "incarnation", incarnation, sizeof(incarnation));
	vec_is_num(v, "reason", r.reason);
	recovery_lane(v, &r.lane[0], '0');
	recovery_lane(v, &r.lane[1], '1');
	recovery_lane(v, &r.lane[2], '2');
	return ERR_OK;
}

static enum err
op_receipt(struct vec *v)
{
	struct statement st;
	struct receipt r;
	uint8_t index[8], again[RECEIPT_BYTES];
	struct wr wr = wr_init(index, sizeof(index));
	enum err err = split(v, &st, STATEMENT_RECEIPT);

	if (err == ERR_OK)
		err = receipt_decode(&r, st.body);
	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &r.kid, st.body, st.sig);
	if (err != ERR_OK)
		return err;
	wr_u64(&wr, r.index);
	vec_is_id(v, "kid", &r.kid);
	vec_is_num(v, "event", r.event);
	vec_is_num(v, "reason", r.reason);
	vec_is_id(v, "channel", &r.channel);
	vec_is_num(v, "first_seq", r.first_seq);
	vec_is_num(v, "last_seq", r.last_seq);
	vec_is_hash(v, "env_id", &r.env_id);
	vec_is_hash(v, "log_id", &r.log_id);
	vec_is_hex(v, "index", index, sizeof(index));
	vec_is_num(v, "time_ms", r.time_at);
	receipt_encode(again, &r);
	if (memcmp(again, st.body.p, sizeof(again)) != 0)
		vec_note(v, "encoded again it differs");
	return ERR_OK;
}

static enum err
op_prior(struct vec *v)
{
	struct statement st;
	struct statement_prior p;
	enum err err = split(v, &st, STATEMENT_PRIOR);

	if (err == ERR_OK)
		err = statement_prior_decode(&p, st.body);
	if (err == ERR_OK)
		err = signed_by(vec_key(v, "key"), &p.kid, st.body, st.sig);
	if (err != ERR_OK)
		return err;
	vec_is_id(v, "kid", &p.kid);
	vec_is_hex(v, "note", p.note.p, p.note.len);
	return ERR_OK;
}

/* The form, then what only the owner of the root can say. */
static enum err
keys_checked(const struct statement *st, const struct statement_keys *ks,
    const uint8_t *root, bool relay)
{
	struct id kid = pubkey_kid(root), agency = pubkey_agency(root);
	unsigned i;

	if (!id_eq(&kid, &ks->kid) || !id_eq(&agency, &ks->agency))
		return ERR_KEY_FOREIGN;
	for (i = 0; i < ks->key_count; i++) {
		const struct statement_key *k = &ks->key[i];
		enum err err;

		if (relay ? k->type == KEY_IDENTITY ||
		    k->type == KEY_CUSTODIAN : k->type == KEY_LOG)
			return ERR_KEY_FOREIGN;
		err = k->type == KEY_IDENTITY ||
		    k->type == KEY_TRANSPORT ? pubkey_check_dh(k->key, KEY_BYTES) :
		    pubkey_check(k->key, KEY_BYTES);

		if (err != ERR_OK)
			return err;
	}
	return pubkey_verify(root, st->body.p, st->body.len, st->sig.p);
}

/* The keyring must say the same of a first statement. */
static void
keyring_agrees(struct vec *v, enum err err)
{
	struct view data = vec_hex(v, "data");
	struct keyring *kr = keyring_new();
	const uint8_t *root = vec_key(v, "root");
	enum err got = keyring_add_root(kr, root, "vector",
	    vec_num(v, "relay") != 0);

	if (got == ERR_OK)
		got = keyring_add_keys(kr, data.p, data.len, NULL);
	if ((got == ERR_OK) != (err == ERR_OK))
		vec_note(v, "the keyring says %s", err_name(got));
	keyring_free(kr);
}

static enum err
op_keys(struct vec *v)
{
	struct statement st;
	struct statement_keys ks;
	struct buf again = buf_init(STATEMENT_MAX);
	struct hash h;
	enum err err = split(v, &st, STATEMENT_KEYS);

	memset(&ks, 0, sizeof(ks));
	if (err == ERR_OK)
		err = statement_keys_decode(&ks, st.body);
	if (err == ERR_OK)
		err = keys_checked(&st, &ks, vec_key(v, "root"),
		    vec_num(v, "relay") != 0);
	if (err != ERR_OK || ks.ks_seq == 1)
		keyring_agrees(v, err);
	if (err != ERR_OK)
		return err;
	h = statement_hash(st.body);
	vec_is_id(v, "kid", &ks.kid);
	vec_is_id(v, "agency", &ks.agency);
	vec_is_num(v, "ks_seq", ks.ks_seq);
	vec_is_hash(v, "previous", &ks.previous);
	vec_is_num(v, "not_before", ks.not_before);
	vec_is_num(v, "not_after", ks.not_after);
	vec_is_num(v, "key_count", ks.key_count);
	vec_is_num(v, "revocation_count", ks.revocation_count);
	vec_is_hash(v, "hash", &h);
	if (statement_keys_encode(&again, &ks) != ERR_OK ||
	    again.len != st.body.len ||
	    memcmp(again.p, st.body.p, again.len) != 0)
		vec_note(v, "encoded again it differs");
	buf_free(&again);
	return ERR_OK;
}

/* A keyring with old, then new at place (or nowhere). */
static enum err
followed(struct vec *v, struct keyring *kr, const struct keyring_place *place)
{
	struct view old = vec_hex(v, "old"), new = vec_hex(v, "new");
	enum err err = keyring_add_root(kr, vec_key(v, "root"), "vector",
	    false);

	if (err == ERR_OK)
		err = keyring_add_keys(kr, old.p, old.len, NULL);
	if (err == ERR_OK)
		err = keyring_add_keys(kr, new.p, new.len, place);
	return err;
}

static enum err
op_keys_follow(struct vec *v)
{
	struct keyring *kr = keyring_new();
	enum err err = followed(v, kr, NULL);

	keyring_free(kr);
	return err;
}

static enum err
op_standing(struct vec *v)
{
	static const char *const word[] = { "good", "disputed", "refused" };
	struct keyring *kr = keyring_new();
	struct keyring_place at = { vec_hash(v, "log_id"),
	    vec_num(v, "revoked_at") };
	struct keyring_place of = { at.log_id, vec_num(v, "index") };
	struct id kid = vec_id(v, "kid");
	const struct keyring_key *key;
	enum err err = followed(v, kr, &at);

	if (err == ERR_OK && (key = keyring_key(kr, &kid)) == NULL)
		err = ERR_KID_UNKNOWN;
	if (err == ERR_OK)
		vec_is_text(v, "text_standing",
		    word[keyring_standing(kr, key, &of)]);
	keyring_free(kr);
	return err;
}

static enum err
charter_points(const struct charter *c)
{
	enum err err = pubkey_check(c->party[0].root, KEY_BYTES);
	unsigned i;

	if (err == ERR_OK)
		err = pubkey_check(c->party[1].root, KEY_BYTES);
	for (i = 0; i < c->relay_count && err == ERR_OK; i++)
		err = pubkey_check(c->relay[i].root, KEY_BYTES);
	for (i = 0; i < c->witness_count && err == ERR_OK; i++)
		err = pubkey_check(c->witness[i].key, KEY_BYTES);
	return err;
}

static enum err
op_charter(struct vec *v)
{
	static struct charter c;
	struct view text = vec_hex(v, "data");
	struct buf again = buf_init(CHARTER_MAX);
	struct hash id = charter_id(text), pair;
	enum err err = charter_parse(&c, text, NULL);

	if (err == ERR_OK)
		err = charter_points(&c);
	if (err != ERR_OK)
		return err;
	pair = charter_pair(&c, &id);
	vec_is_hash(v, "charter_id", &id);
	vec_is_hash(v, "pair_id", &pair);
	vec_is_hash(v, "replaces", &c.replaces);
	vec_is_num(v, "number", c.number);
	vec_is_hex(v, "root_a", c.party[0].root, KEY_BYTES);
	vec_is_hex(v, "root_b", c.party[1].root, KEY_BYTES);
	vec_is_text(v, "text_name_a", c.party[0].name);
	vec_is_text(v, "text_name_b", c.party[1].name);
	vec_is_num(v, "copies", c.copies);
	vec_is_num(v, "relay_count", c.relay_count);
	vec_is_num(v, "witness_count", c.witness_count);
	vec_is_num(v, "quorum", c.quorum);
	vec_is_num(v, "heartbeat", c.heartbeat_s);
	vec_is_num(v, "keep", c.keep_days);
	vec_is_num(v, "size", c.size_max);
	vec_is_num(v, "from_ms", c.from_at);
	vec_is_num(v, "until_ms", c.until_at);
	if (charter_write(&again, &c) != ERR_OK || again.len != text.len ||
	    memcmp(again.p, text.p, text.len) != 0)
		vec_note(v, "written again it differs");
	buf_free(&again);
	return ERR_OK;
}

/* in.sig, or out.sig where the case shows a good one. */
static enum err
op_charter_sig(struct vec *v)
{
	struct hash id = vec_hash(v, "charter_id");
	uint8_t tbs[CHARTER_TBS_BYTES];
	struct view sig = vec_hex(v, "sig");

	charter_tbs(tbs, &id);
	vec_is_hex(v, "message", tbs, sizeof(tbs));
	return pubkey_verify(vec_key(v, "root"), tbs, sizeof(tbs), sig.p);
}

const struct vec_entry vec_ops_proto[] = {
	{ "header", op_header },
	{ "env_id", op_env_id },
	{ "run", op_run },
	{ "bare", op_bare },
	{ "single", op_single },
	{ "prekey", op_prekey },
	{ "officer", op_officer },
	{ "recovery", op_recovery },
	{ "receipt", op_receipt },
	{ "prior", op_prior },
	{ "keys", op_keys },
	{ "keys_follow", op_keys_follow },
	{ "standing", op_standing },
	{ "charter", op_charter },
	{ "charter_sig", op_charter_sig },
	{ NULL, NULL },
};
