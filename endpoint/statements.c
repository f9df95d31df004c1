#include <string.h>

#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/statements.h"
#include "keys/sign.h"
#include "proto/label.h"
#include "proto/receipt.h"
#include "proto/statement.h"

enum err
statements_publish_keys(struct agent *agent, const struct pair *pair)
{
	struct keyring *kr = pairs_keyring(agent->pairs);
	const struct keyring_agency *own;
	struct view entry;
	uint64_t ks_seq;
	enum err err = ERR_OK;

	own = keyring_agency(kr, &agent->agency);
	for (ks_seq = 1; own != NULL && ks_seq <= own->ks_seq; ks_seq++) {
		entry = keyring_statement(kr, &agent->agency, ks_seq);
		if (entry.len > 0)
			err = outbox_statement_put(agent, pair, entry);
		if (err != ERR_OK)
			break;
	}
	return err;
}

/* Sign len bytes at p, whose room goes on for the signature, and queue. */
static enum err
statements_sign(struct agent *agent, const struct pair *pair,
    const char *label, uint8_t *p, size_t len)
{
	enum err err;

	err = sign_labelled(keyfile_signer(agent->keys, KEYFILE_S), label, p,
	    len, p + len);
	if (err != ERR_OK)
		return err;
	return outbox_statement_put(agent, pair,
	    (struct view){ p, len + SIG_BYTES });
}

enum err
statements_receipt(struct agent *agent, const struct peering *pg,
    uint8_t lane, const struct stretch *stretch)
{
	uint8_t bytes[RECEIPT_BYTES + SIG_BYTES];
	struct receipt r = {
		.kid = *sign_kid(keyfile_signer(agent->keys, KEYFILE_S)),
		.event = stretch->event,
		.reason = stretch->reason,
		.channel = pg->p.peer_channel[lane],
		.first_seq = stretch->first_seq,
		.last_seq = stretch->last_seq,
		.env_id = stretch->env_id,
		.log_id = stretch->log_id,
		.index = stretch->index,
		.time_at = (uint64_t)agent->now,
	};

	receipt_encode(bytes, &r);
	return statements_sign(agent, &pg->p, LABEL_RECEIPT, bytes,
	    RECEIPT_BYTES);
}

enum err
statements_prekey(struct agent *agent, struct peering *pg, uint64_t above)
{
	uint8_t bytes[PREKEY_STATEMENT_BYTES + SIG_BYTES];
	const struct sign_key *key = keyfile_signer(agent->keys, KEYFILE_S);
	struct statement_prekey p = { .kid = *sign_kid(key) };
	struct prekeys_info info = { .pair_id = pg->p.pair_id };
	struct prekeys_info newest;
	enum err err;

	if (prekeys_newest(&newest, agent->prekeys, &pg->p.pair_id) ==
	    ERR_OK && newest.prekey_id > above)
		above = newest.prekey_id;
	if (pg->own_prekey > above)
		above = pg->own_prekey;
	info.prekey_id = above + 1;
	info.kid = p.kid;
	info.made_at = agent->now;
	err = prekeys_make(agent->prekeys, &info, p.key);
	if (err != ERR_OK)
		return err;
	p.pair_id = pg->p.pair_id;
	p.prekey_id = info.prekey_id;
	statement_prekey_encode(bytes, &p);
	err = statements_sign(agent, &pg->p, LABEL_PREKEY, bytes,
	    PREKEY_STATEMENT_BYTES);
	if (err != ERR_OK)
		return err;
	pg->own_prekey = info.prekey_id;
	pg->prekey_made_at = agent->now;
	return pairs_save(agent, &pg->p);
}
