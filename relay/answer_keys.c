/* answer_keys: KEYS, and LOG.  See turn_priv.h. */
#include "audit/keyring.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/statement.h"
#include "relay/admitted.h"
#include "relay/cosign.h"
#include "relay/group.h"
#include "relay/store.h"
#include "relay/tlog.h"
#include "relay/turn_priv.h"

/* What KEYS returns at most; the newest statements need far less. */
#define KEYS_BYTES (FRAME_MAX / 2)

struct keys {
	struct turn *t;
	struct view *statement;
	uint64_t *index;
	size_t count;
	size_t max;
	size_t bytes;
};

static enum err
keys_one(void *ctx, const struct store_seen *seen)
{
	struct keys *k = ctx;

	if (k->count == k->max || k->bytes + seen->entry.len > KEYS_BYTES)
		return ERR_BUSY;
	k->bytes += seen->entry.len;
	if (k->index != NULL)
		k->index[k->count] = seen->index;
	return answer_keep(k->t, seen->entry, &k->statement[k->count++]);
}

#define KEYS_ITEMS 512

/* Up to KEYS_ITEMS of one kind; what does not fit is asked for again with
 * a later after_ks_seq. */
static enum err
keys_collect(struct keys *k, enum store_news kind, const struct id *owner,
    uint64_t after)
{
	enum err err;

	k->count = 0;
	k->max = KEYS_ITEMS;
	k->statement = arena_array(&k->t->arena, k->max,
	    sizeof(*k->statement));
	if (k->statement == NULL)
		return ERR_NOMEM;
	err = store_news(k->t->p.store, kind, owner, after, keys_one, k);
	return err == ERR_BUSY ? ERR_OK : err;
}

/* May party ask about agency: itself, this relay, or a peer of a pair? */
static bool
keys_allowed(const struct turn *t, const struct id *party,
    const struct id *agency)
{
	return id_eq(agency, &t->p.agency) ||
	    admitted_peers(t->p.admitted, party, agency);
}

/* A prekey of a key revoked since is none. */
static bool
prekey_stands(const struct turn *t, struct view entry)
{
	const struct keyring_key *key;
	struct statement st;

	if (statement_split(&st, entry) != ERR_OK)
		return false;
	key = keyring_key(t->p.keyring, &st.kid);
	return key != NULL && !key->revoked;
}

/* The prekey goes to a party of that very pair only. */
static enum err
keys_fill(struct turn *t, const struct id *party,
    const struct request_keys *ask, struct reply_keys *out)
{
	struct keys k = { .t = t };
	struct id owner;
	uint8_t d;
	enum err err;

	k.index = arena_array(&t->arena, KEYS_ITEMS, sizeof(*k.index));
	if (k.index == NULL)
		return ERR_NOMEM;
	err = keys_collect(&k, STORE_KEYS, &ask->agency, ask->after_ks_seq);
	out->statement = k.statement;
	out->statement_count = k.count;
	out->index = k.index;
	out->index_count = k.count;
	k.index = NULL;
	if (err == ERR_OK)
		err = keys_collect(&k, STORE_OFFICER, &ask->agency, 0);
	out->certificate = k.statement;
	out->certificate_count = k.count;
	if (err == ERR_OK && id_eq(&ask->agency, &t->p.agency)) {
		err = keys_collect(&k, STORE_PRIOR, &ask->agency, 0);
		if (k.count > 0)
			out->prior = k.statement[0];
	}
	if (err != ERR_OK || !ask->has_pair ||
	    !answer_party(t, &ask->pair_id, party, &d) ||
	    !answer_party(t, &ask->pair_id, &ask->agency, &d))
		return err;
	owner = envelope_channel(&ask->pair_id, d, LANE_NOTICE);
	err = keys_collect(&k, STORE_PREKEY, &owner, 0);
	if (err == ERR_OK && k.count > 0 &&
	    prekey_stands(t, k.statement[k.count - 1]))
		out->prekey = k.statement[k.count - 1];
	return err;
}

enum err
answer_keys(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_KEYS };

	if (!keys_allowed(t, &job->party.agency, &job->req.keys.agency)) {
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_NOT_ADMITTED);
		return ERR_OK;
	}
	return answer_finish(t, &job->frame.peer, &reply,
	    keys_fill(t, &job->party.agency, &job->req.keys, &reply.keys));
}

/* LOG */

/* The paths of all entries asked for, or ERR_PROOF. */
static enum err
prove_many(struct turn *t, const struct request_log *ask,
    struct reply_log *out)
{
	size_t i, n = ask->inclusions.index_count;
	enum err err = ERR_OK;

	out->path = arena_array(&t->arena, n, sizeof(*out->path));
	if (out->path == NULL)
		return ERR_NOMEM;
	for (i = 0; err == ERR_OK && i < n; i++)
		err = tlog_prove(t->p.tree, &out->path[i],
		    ask->inclusions.index[i], ask->inclusions.size);
	out->path_count = n;
	return err;
}

/* Name the charters of the asking agency. */
static enum err
cosigned_ask(struct turn *t, const struct id *party)
{
	const struct admitted_charter *row;
	const struct charter *charter;
	uint8_t d;
	size_t i;
	enum err err = ERR_OK;

	cosign_ask(t->p.cosign);
	for (i = 0; err == ERR_OK &&
	    (row = admitted_at(t->p.admitted, i)) != NULL; i++) {
		charter = keyring_charter(t->p.keyring, &row->charter_id);
		if (charter != NULL &&
		    answer_party(t, &row->pair_id, party, &d))
			err = cosign_of(t->p.cosign, charter);
	}
	return err;
}

static enum err
cosigned_fill(struct turn *t, const struct id *party, struct reply_log *out)
{
	struct buf note = buf_init(NOTE_MAX);
	enum err err = cosigned_ask(t, party);

	out->note = arena_array(&t->arena, COSIGNED_NOTES_MAX,
	    sizeof(*out->note));
	if (out->note == NULL)
		err = ERR_NOMEM;
	while (err == ERR_OK && out->note_count < COSIGNED_NOTES_MAX) {
		buf_reset(&note);
		err = cosign_next(t->p.cosign, &note);
		if (err == ERR_OK)
			err = answer_keep(t, buf_view(&note),
			    &out->note[out->note_count]);
		if (err == ERR_OK)
			out->note_count++;
	}
	buf_free(&note);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

enum err
answer_log(struct turn *t, struct job *job)
{
	const struct request_log *ask = &job->req.log;
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_LOG };
	struct merkle_path path = { 0 };
	struct hash tile[STORE_TILE];
	uint64_t size = group_size(t->p.group);
	enum err err = ERR_OK;

	reply.log.checkpoint = group_note(t->p.group);
	reply.log.hash = path.h;
	switch (ask->kind) {
	case LOG_INCLUSION:
		err = ask->inclusion.size > size ? ERR_PROOF :
		    tlog_prove(t->p.tree, &path, ask->inclusion.index,
		    ask->inclusion.size);
		break;
	case LOG_CONSISTENCY:
		err = ask->consistency.second > size ? ERR_PROOF :
		    tlog_extend(t->p.tree, &path, ask->consistency.first,
		    ask->consistency.second);
		break;
	case LOG_TILE:
		err = tlog_tile(t->p.tree, ask->tile.level, ask->tile.index,
		    ask->tile.width, tile);
		reply.log.hash = tile;
		path.len = ask->tile.width;
		break;
	case LOG_INCLUSIONS:
		err = ask->inclusions.size > size ? ERR_PROOF :
		    prove_many(t, ask, &reply.log);
		break;
	case LOG_COSIGNED:
		err = cosigned_fill(t, &job->party.agency, &reply.log);
		break;
	case LOG_CHECKPOINT:
		break;
	}
	reply.log.hash_count = path.len;
	if (err == ERR_PROOF) {
		/* What was asked for is not there: no failed check. */
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_NOTFOUND);
		arena_free(&t->arena);
		return ERR_OK;
	}
	return answer_finish(t, &job->frame.peer, &reply, err);
}
