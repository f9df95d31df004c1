#include <string.h>

#include "audit/verify.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"

/* The key of a kid, if it may sign what a party or relay signs. */
static enum err
find_key(struct verify_who *who, const struct keyring *kr,
    const struct id *kid, const struct keyring_place *place)
{
	who->key = keyring_key(kr, kid);
	if (who->key == NULL)
		return (ERR_KID_UNKNOWN);
	if (who->key->custodian)
		return (ERR_KEY_FOREIGN);
	who->standing = keyring_standing(kr, who->key, place);
	return (who->standing == KEYRING_REFUSED ? ERR_KEY_REVOKED : ERR_OK);
}

enum err
verify_run_sender(struct verify_who *who, const struct keyring *kr,
    const struct run *run, const struct id *agency,
    const struct keyring_place *place)
{
	const struct keyring_agency *sender;
	unsigned i;
	enum err err;

	memset(who, 0, sizeof(*who));
	who->channel = keyring_channel(kr, &run->st.channel);
	if (who->channel == NULL)
		return (ERR_CHANNEL);
	sender = keyring_party(kr, &who->channel->pair_id,
	    run->env[0].h.charter, who->channel->direction);
	if (sender == NULL)
		return (ERR_CHARTER_NUMBER);
	/* A renewal may change roots: one run, one sender. */
	for (i = 1; i < run->env_count; i++)
		if (keyring_party(kr, &who->channel->pair_id,
			run->env[i].h.charter, who->channel->direction) !=
		    sender)
			return (ERR_CHARTER_NUMBER);
	if (agency != NULL && !id_eq(&sender->id, agency))
		return (ERR_SENDER);
	if ((err = find_key(who, kr, &run->st.kid, place)) != ERR_OK)
		return (err);
	return (who->key->agency == sender ? ERR_OK : ERR_KEY_FOREIGN);
}

enum err
verify_run_signature(const struct run *run, const struct keyring_key *key)
{
	struct view tbs = run_signed(run), sig = run_sig(run);

	return (pubkey_verify(key->sign, tbs.p, tbs.len, sig.p));
}

enum err
verify_run(struct verify_who *who, const struct keyring *kr,
    const struct run *run, const struct id *agency,
    const struct keyring_place *place)
{
	enum err err;

	err = verify_run_sender(who, kr, run, agency, place);
	if (err != ERR_OK)
		return (err);
	return (verify_run_signature(run, who->key));
}

static bool
may_sign(const struct keyring *kr, const struct verify_who *who,
    const struct receipt *r)
{
	const struct id *agency = &who->key->agency->id;
	uint8_t receiver = who->channel->direction == FROM_A ? FROM_B : FROM_A;

	if (r->event == RECEIPT_DELIVERED || r->event == RECEIPT_UNDECRYPTABLE)
		return (keyring_is_party(kr, &who->channel->pair_id, receiver,
		    agency));
	return (keyring_is_relay(kr, &who->channel->pair_id, agency));
}

enum err
verify_receipt(struct verify_who *who, const struct keyring *kr,
    const void *p, size_t len, const struct keyring_place *place)
{
	struct view in = { p, len };
	struct statement s;
	struct receipt r;
	enum err err;

	memset(who, 0, sizeof(*who));
	if ((err = statement_split(&s, in)) != ERR_OK)
		return (err);
	if (s.kind != STATEMENT_RECEIPT)
		return (ERR_MAGIC);
	if ((err = receipt_decode(&r, s.body)) != ERR_OK)
		return (err);
	if ((who->channel = keyring_channel(kr, &r.channel)) == NULL)
		return (ERR_CHANNEL);
	if ((err = find_key(who, kr, &r.kid, place)) != ERR_OK)
		return (err);
	if (!may_sign(kr, who, &r))
		return (ERR_KEY_FOREIGN);
	return (pubkey_verify(who->key->sign, s.body.p, s.body.len, s.sig.p));
}

/* The lane 0 on which an agency speaks in a pair: where its news is fed. */
static const struct keyring_channel *
news_channel(const struct keyring *kr, const struct hash *pair_id,
    const struct id *agency)
{
	struct id channel;
	uint8_t dir;

	for (dir = 0; dir < DIRECTION_COUNT; dir++) {
		if (!keyring_is_party(kr, pair_id, dir, agency))
			continue;
		channel = envelope_channel(pair_id, dir, LANE_NOTICE);
		return (keyring_channel(kr, &channel));
	}
	return (NULL);
}

enum err
verify_prekey(struct verify_who *who, const struct keyring *kr,
    const void *p, size_t len, const struct keyring_place *place)
{
	struct view in = { p, len };
	struct statement_prekey prekey;
	struct statement s;
	enum err err;

	memset(who, 0, sizeof(*who));
	if ((err = statement_split(&s, in)) != ERR_OK)
		return (err);
	if (s.kind != STATEMENT_PREKEY)
		return (ERR_MAGIC);
	if ((err = statement_prekey_decode(&prekey, s.body)) != ERR_OK)
		return (err);
	if (keyring_pair_charter(kr, &prekey.pair_id, KEYRING_NEWEST) == NULL)
		return (ERR_CHANNEL);
	if ((err = find_key(who, kr, &prekey.kid, place)) != ERR_OK)
		return (err);
	who->channel = news_channel(kr, &prekey.pair_id,
	    &who->key->agency->id);
	if (who->channel == NULL || !who->key->has_dh)
		return (ERR_KEY_FOREIGN);
	if ((err = pubkey_check_dh(prekey.key, KEY_BYTES)) != ERR_OK)
		return (err);
	return (pubkey_verify(who->key->sign, s.body.p, s.body.len, s.sig.p));
}

enum err
verify_recovery(const struct keyring_agency **agency,
    const struct keyring *kr, const void *p, size_t len)
{
	const struct keyring_agency *party = NULL;
	struct view in = { p, len };
	struct statement_recovery r;
	struct statement s;
	struct id kid;
	uint32_t n;
	enum err err;

	if ((err = statement_split(&s, in)) != ERR_OK)
		return (err);
	if (s.kind != STATEMENT_RECOVERY)
		return (ERR_MAGIC);
	if ((err = statement_recovery_decode(&r, s.body)) != ERR_OK)
		return (err);
	if (keyring_pair_charter(kr, &r.pair_id, KEYRING_NEWEST) == NULL)
		return (ERR_CHANNEL);
	for (n = 0; (party = keyring_party(kr, &r.pair_id, n, r.direction)) !=
	    NULL; n++) {
		kid = pubkey_kid(party->root);
		if (id_eq(&kid, &r.kid))
			break;
	}
	if (party == NULL)
		return (ERR_KEY_FOREIGN);
	err = pubkey_verify(party->root, s.body.p, s.body.len, s.sig.p);
	if (err == ERR_OK)
		*agency = party;
	return (err);
}

enum err
verify_prior(struct verify_who *who, const struct keyring *kr,
    const void *p, size_t len, const struct keyring_place *place)
{
	struct view in = { p, len };
	struct statement_prior prior;
	struct statement s;
	struct note note;
	enum err err;

	memset(who, 0, sizeof(*who));
	if ((err = statement_split(&s, in)) != ERR_OK)
		return (err);
	if (s.kind != STATEMENT_PRIOR)
		return (ERR_MAGIC);
	if ((err = statement_prior_decode(&prior, s.body)) != ERR_OK ||
	    (err = note_parse(&note, prior.note)) != ERR_OK)
		return (err);
	if ((err = find_key(who, kr, &prior.kid, place)) != ERR_OK)
		return (err);
	if (!who->key->agency->relay)
		return (ERR_KEY_FOREIGN);
	return (pubkey_verify(who->key->sign, s.body.p, s.body.len, s.sig.p));
}

/* Is the origin "<name>/<first 8 hex of log_id>"? */
static bool
origin_of(const char *origin, const struct keyring_log *log)
{
	const char *slash = strrchr(origin, '/');
	char hex[2 * 4 + 1];

	hex_encode(hex, log->log_id.b, 4);
	return (slash != NULL && slash != origin &&
	    strcmp(slash + 1, hex) == 0);
}

enum err
verify_checkpoint(struct verify_checkpoint *cp, const struct keyring *kr,
    const void *text, size_t len)
{
	struct view in = { text, len };
	const struct keyring_log *log;
	const struct note_sig *sig;
	struct note_checkpoint body;
	struct note note;
	uint8_t key_id[4];
	bool named = false;
	size_t i;
	enum err err;

	memset(cp, 0, sizeof(*cp));
	if ((err = note_parse(&note, in)) != ERR_OK ||
	    (err = note_checkpoint_parse(&body, note.body)) != ERR_OK)
		return (err);
	/* An origin has 32 bits of a log_id, so another's log may share it. */
	for (i = 0; (log = keyring_log_at(kr, i)) != NULL; i++) {
		if (!origin_of(body.origin, log))
			continue;
		named = true;
		note_key_id(key_id, NOTE_ED25519, body.origin, log->key);
		sig = note_find(&note, body.origin, key_id);
		if (sig == NULL || sig->sig_len != SIG_BYTES)
			continue;
		err = pubkey_verify(log->key, note.body.p, note.body.len,
		    sig->sig);
		if (err != ERR_OK)
			return (err);
		cp->log = log;
		memcpy(cp->origin, body.origin, sizeof(cp->origin));
		cp->size = body.size;
		cp->root = body.root;
		return (ERR_OK);
	}
	return (named ? ERR_SIGNATURE : ERR_NOTFOUND);
}

enum err
verify_cosignature(const struct charter_witness *w, const struct note *note,
    const struct note_sig **out)
{
	struct buf tbs = buf_init(2 * NOTE_MAX);
	const struct note_sig *sig;
	uint8_t key_id[4];
	uint64_t time_s;
	enum err err;

	note_key_id(key_id, NOTE_COSIGNATURE, w->name, w->key);
	sig = note_find(note, w->name, key_id);
	if (sig == NULL || sig->sig_len != NOTE_COSIG_BYTES)
		return (ERR_NOTFOUND);
	*out = sig;
	time_s = note_cosig_time(sig);
	if (time_s == 0 || time_s > NOTE_TIME_MAX)
		return (ERR_ENCODING);
	err = note_cosigned(&tbs, time_s, note->body);
	if (err == ERR_OK)
		err = pubkey_verify(w->key, tbs.p, tbs.len,
		    sig->sig + sizeof(uint64_t));
	buf_free(&tbs);
	return (err);
}

enum err
verify_included(const struct verify_checkpoint *cp, const void *entry,
    size_t len, uint64_t index, const struct merkle_path *path)
{
	struct hash leaf = hash_leaf(entry, len);

	return (merkle_included(&leaf, index, cp->size, path, &cp->root));
}
