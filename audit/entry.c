/* entry: see entry.h. */
#include "audit/entry.h"

#include <string.h>

#include "audit/verify.h"
#include "base/json.h"
#include "base/text.h"
#include "keys/pubkey.h"
#include "proto/receipt.h"
#include "proto/run.h"

/* The statement alone: a run's envelopes are not in the log. */
static enum err
check_run(struct verify_who *who, const struct keyring *kr,
    const struct run_statement *run, const struct statement *st,
    const struct keyring_place *place)
{
	who->key = keyring_key(kr, &run->kid);
	if (who->key == NULL)
		return (ERR_KID_UNKNOWN);
	who->channel = keyring_channel(kr, &run->channel);
	if (who->channel == NULL)
		return (ERR_CHANNEL);
	if (!keyring_is_party(kr, &who->channel->pair_id,
		who->channel->direction, &who->key->agency->id))
		return (ERR_SENDER);
	if (who->key->custodian || !who->key->has_dh)
		return (ERR_KEY_FOREIGN);
	who->standing = keyring_standing(kr, who->key, place);
	if (who->standing == KEYRING_REFUSED)
		return (ERR_KEY_REVOKED);
	return (pubkey_verify(who->key->sign, st->body.p, st->body.len,
	    st->sig.p));
}

static enum err
check_keys(struct entry *e, struct keyring *kr, const struct statement *st,
    struct view bytes, const struct keyring_place *place)
{
	struct statement_keys ks;
	enum err err = statement_keys_decode(&ks, st->body);

	if (err != ERR_OK)
		return (err);
	e->signer = keyring_agency(kr, &ks.agency);
	if (e->signer == NULL)
		return (ERR_KID_UNKNOWN);
	return (keyring_add_keys(kr, bytes.p, bytes.len, place));
}

static enum err
check_officer(struct entry *e, struct keyring *kr, struct view bytes,
    const struct keyring_place *place)
{
	const struct keyring_key *key = keyring_key(kr, &e->kid);

	if (key != NULL)
		e->signer = key->agency;
	return (keyring_add_officer(kr, bytes.p, bytes.len, place));
}

/* The kinds that keyring and verify know whole. */
static enum err
check(struct entry *e, struct keyring *kr, const struct statement *st,
    struct view bytes, const struct keyring_place *place,
    struct verify_who *who)
{
	struct run_statement run;
	enum err err;

	switch (st->kind) {
	case STATEMENT_RUN:
		err = run_statement_decode(&run, st->body);
		return (err == ERR_OK ? check_run(who, kr, &run, st, place) :
		    err);
	case STATEMENT_RECEIPT:
		return (verify_receipt(who, kr, bytes.p, bytes.len, place));
	case STATEMENT_PREKEY:
		return (verify_prekey(who, kr, bytes.p, bytes.len, place));
	case STATEMENT_PRIOR:
		return (verify_prior(who, kr, bytes.p, bytes.len, place));
	case STATEMENT_RECOVERY:
		return (verify_recovery(&e->signer, kr, bytes.p, bytes.len));
	case STATEMENT_KEYS:
		return (check_keys(e, kr, st, bytes, place));
	case STATEMENT_OFFICER:
		return (check_officer(e, kr, bytes, place));
	case STATEMENT_UNKNOWN:
	default:
		return (ERR_MAGIC);
	}
}

/* What stands in it by itself; every kind's own rules are held. */
static enum err
take_apart(struct entry *e, const struct statement *st)
{
	struct statement_recovery recovery;
	struct statement_officer officer;
	struct statement_prekey prekey;
	struct statement_prior prior;
	struct statement_keys keys;
	struct run_statement run;
	struct receipt receipt;
	enum err err;

	e->kind = st->kind;
	e->kid = st->kid;
	switch (st->kind) {
	case STATEMENT_RUN:
		err = run_statement_decode(&run, st->body);
		if (err != ERR_OK)
			return (err);
		e->on_channel = true;
		e->channel = run.channel;
		e->first_seq = run.first_seq;
		e->last_seq = run.first_seq + run.size - 1;
		return (ERR_OK);
	case STATEMENT_RECEIPT:
		err = receipt_decode(&receipt, st->body);
		if (err != ERR_OK)
			return (err);
		e->on_channel = true;
		e->channel = receipt.channel;
		e->first_seq = receipt.first_seq;
		e->last_seq = receipt.last_seq;
		e->event = receipt.event;
		return (ERR_OK);
	case STATEMENT_PREKEY:
		return (statement_prekey_decode(&prekey, st->body));
	case STATEMENT_KEYS:
		return (statement_keys_decode(&keys, st->body));
	case STATEMENT_OFFICER:
		return (statement_officer_decode(&officer, st->body));
	case STATEMENT_RECOVERY:
		return (statement_recovery_decode(&recovery, st->body));
	case STATEMENT_PRIOR:
		return (statement_prior_decode(&prior, st->body));
	case STATEMENT_UNKNOWN:
	default:
		return (ERR_MAGIC);
	}
}

/* A key not known here says nothing against the entry. */
static void
judge(struct entry *e, const struct verify_who *who, enum err err)
{
	e->why = err;
	if (who->key != NULL)
		e->signer = who->key->agency;
	if (err == ERR_KID_UNKNOWN || err == ERR_CHANNEL)
		e->standing = ENTRY_UNCHECKED;
	else if (err != ERR_OK)
		e->standing = ENTRY_WRONG;
	else
		e->standing = who->standing == KEYRING_DISPUTED ?
		    ENTRY_DISPUTED : ENTRY_GOOD;
}

enum err
entry_read(struct entry *e, struct keyring *kr, struct view bytes,
    const struct keyring_place *place)
{
	struct verify_who who = { .standing = KEYRING_GOOD };
	struct statement st;
	enum err err;

	memset(e, 0, sizeof(*e));
	err = statement_split(&st, bytes);
	if (err == ERR_OK)
		err = take_apart(e, &st);
	if (err != ERR_OK || kr == NULL)
		return (err);
	err = check(e, kr, &st, bytes, place, &who);
	if (err == ERR_NOMEM)
		return (err);
	judge(e, &who, err);
	return (ERR_OK);
}

const char *
entry_standing_name(enum entry_standing standing)
{
	static const char *const names[] = { N_("unchecked"), N_("good"),
		N_("disputed"), N_("wrong") };

	return (names[standing]);
}

struct json *
entry_json(const struct entry *e)
{
	struct json *o = json_new_obj();

	json_put_str(o, "kind", statement_kind_name(e->kind));
	json_put_hex(o, "kid", e->kid.b, ID_BYTES);
	if (e->on_channel) {
		json_put_hex(o, "channel", e->channel.b, ID_BYTES);
		json_put_int(o, "first_seq", (int64_t)e->first_seq);
		json_put_int(o, "last_seq", (int64_t)e->last_seq);
	}
	if (e->event != 0)
		json_put_str(o, "event", receipt_event_name(e->event));
	if (e->signer != NULL)
		json_put_str(o, "signer", e->signer->name);
	json_put_str(o, "standing", entry_standing_name(e->standing));
	if (e->why != ERR_OK)
		json_put_str(o, "why", err_name(e->why));
	return (o);
}

void
entry_text(struct buf *out, const struct entry *e)
{
	char hex[2 * ID_BYTES + 1];

	buf_str(out, e->event != 0 ? receipt_event_name(e->event) :
	    statement_kind_name(e->kind));
	if (e->on_channel) {
		hex_encode(hex, e->channel.b, ID_BYTES);
		buf_fmt(out, _(" of channel %s, seq %llu to %llu"), hex,
		    (unsigned long long)e->first_seq,
		    (unsigned long long)e->last_seq);
	}
	hex_encode(hex, e->kid.b, ID_BYTES);
	buf_fmt(out, _(", signed by key %s"), hex);
	if (e->signer != NULL)
		buf_fmt(out, _(" of %s"), e->signer->name);
	buf_fmt(out, " (%s", _(entry_standing_name(e->standing)));
	if (e->why != ERR_OK)
		buf_fmt(out, ": %s", err_name(e->why));
	buf_str(out, ")");
}
