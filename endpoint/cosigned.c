#include <stdlib.h>
#include <string.h>

#include "audit/verify.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/cosigned.h"
#include "endpoint/evidence.h"
#include "endpoint/relays.h"
#include "endpoint/splits.h"

/* A peer that quotes a new line with each run has us ask no faster. */
#define COSIGNED_HINT_MS 1000
#define COSIGNED_MISSING_BEATS 10

/* ---- what is to be asked ---- */

/* The size up to which max(1, quorum) witnesses cosigned trees that joined. */
static uint64_t
bound_of(struct agent *agent, const struct charter *charter,
    const struct hash *log_id)
{
	uint64_t size[CHARTER_WITNESSES_MAX], one;
	unsigned quorum = charter->quorum > 1 ? charter->quorum : 1, i, k;

	for (i = 0; i < charter->witness_count; i++) {
		one = cosigned_rows_newest(agent->book, log_id,
		    &charter->witness[i], COSIGNED_JOINED, NULL);
		for (k = i; k > 0 && size[k - 1] < one; k--)
			size[k] = size[k - 1];
		size[k] = one;
	}
	return charter->witness_count >= quorum ? size[quorum - 1] : 0;
}

/* Does an item of the pair in this log still wait for its quorum? */
static bool
waits_for_quorum(struct agent *agent, const struct pair *pair,
    const struct hash *log_id)
{
	return evidence_between(agent->book, log_id, pair->number,
	    bound_of(agent, pair->charter, log_id), INT64_MAX);
}

static void
look_around(struct agent *agent, struct relay *relay)
{
	struct cosigning *c = &relay->cosigning;
	const struct pair *pair;
	size_t i;

	c->at = agent->mono + logs_pace(agent, relay);
	c->witnessed = false;
	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pair = pairs_at(agent->pairs, i);
		if (pair->charter->witness_count == 0 ||
		    !relays_serves(relay, pair))
			continue;
		c->witnessed = true;
		if (!c->notes && waits_for_quorum(agent, pair,
		    &relay->log.log_id))
			c->notes = true;
	}
	c->look = c->witnessed;
	c->from = 0;
}

static void
has_joined(struct agent *agent, const struct cosigned_tree *tree)
{
	(void)agent_fail(agent, cosigned_rows_state(agent->book, tree,
	    COSIGNED_JOINED));
	agent->cosigned_stamp++;
}

/* The next tree that is to be joined to our own view; of our very size it is
 * one look. */
static bool
find_view(struct agent *agent, struct relay *relay)
{
	struct cosigning *c = &relay->cosigning;
	const struct log_view *v = &relay->log;

	while (cosigned_rows_in(agent->book, &v->log_id, COSIGNED_CLAIMED,
	    v->joined_size, &c->first) == ERR_OK) {
		c->second.log_id = v->log_id;
		c->second.size = v->joined_size;
		c->second.root = v->joined_root;
		c->step = COSIGNING_VIEW;
		if (c->first.size < v->joined_size)
			return true;
		if (!hash_eq(&c->first.root, &v->joined_root)) {
			(void)logs_split(agent, relay,
			    "signed two roots of one size");
			return false;
		}
		has_joined(agent, &c->first);
	}
	return false;
}

/* The next that is to be joined to its neighbours here, below and above: what
 * grew from one beginning need not be one log. */
static bool
find_chain(struct agent *agent, struct relay *relay)
{
	struct cosigning *c = &relay->cosigning;
	struct cosigned_tree tree, near;

	while (cosigned_rows_in(agent->book, &relay->log.log_id,
	    COSIGNED_JOINED, INT64_MAX, &tree) == ERR_OK) {
		if (cosigned_rows_near(agent->book, &tree, &near) ==
		    ERR_OK) {
			c->step = COSIGNING_CHAIN;
			c->first = tree.size < near.size ? tree : near;
			c->second = tree.size < near.size ? near : tree;
			return true;
		}
		(void)agent_fail(agent, cosigned_rows_state(agent->book,
		    &tree, COSIGNED_CHAINED));
		if (agent->failed != ERR_OK)
			return false;
	}
	return false;
}

/* The next items that a cosigned tree holds and are not proved in one. */
static bool
find_paths(struct agent *agent, struct relay *relay)
{
	struct cosigning *c = &relay->cosigning;
	const struct hash *log_id = &relay->log.log_id;
	size_t n;

	if (agent_fail(agent, evidence_lacking(agent->book, log_id, c->from,
	    INT64_MAX, c->index, 1, &n)) != ERR_OK || n == 0 ||
	    cosigned_rows_over(agent->book, log_id, c->index[0],
	    &c->second) != ERR_OK)
		return false;
	c->step = COSIGNING_PATHS;
	return agent_fail(agent, evidence_lacking(agent->book, log_id,
	    c->from, c->second.size, c->index, FRAME_PATHS_MAX,
	    &c->count)) == ERR_OK && c->count > 0;
}

bool
cosigned_wants(struct agent *agent, struct relay *relay)
{
	struct cosigning *c = &relay->cosigning;

	if (relay->split || relay->log.size == 0 ||
	    relay->up.state != UPLINK_READY ||
	    relay->up.slot[UPLINK_LOG].ticket != 0)
		return false;
	if (agent->mono >= c->at)
		look_around(agent, relay);
	if (!c->witnessed || agent->mono < c->again_at)
		return false;
	if (logs_overdue(agent, relay, &c->owed)) {
		(void)logs_split(agent, relay,
		    "does not join a tree it signed for a witness");
		return false;
	}
	/* Refused: the others have their turn before it is asked for again. */
	if (c->open && c->step == COSIGNING_PATHS && c->count > 0)
		c->from = c->index[c->count - 1] + 1;
	c->open = false;
	if (c->notes) {
		c->step = COSIGNING_NOTES;
		return true;
	}
	c->look = c->look && (find_view(agent, relay) ||
	    find_chain(agent, relay) || find_paths(agent, relay));
	return c->look;
}

int64_t
cosigned_due(const struct relay *relay)
{
	const struct cosigning *c = &relay->cosigning;

	if (!c->witnessed)
		return INT64_MAX;
	return (c->notes || c->look) && c->again_at < c->at ? c->again_at :
	    c->at;
}

void
cosigned_ask(const struct agent *agent, struct relay *relay,
    struct request_log *request)
{
	struct cosigning *c = &relay->cosigning;

	c->again_at = agent->mono + logs_pace(agent, relay);
	c->open = true;
	switch (c->step) {
	case COSIGNING_PATHS:
		request->kind = LOG_INCLUSIONS;
		request->inclusions.size = c->second.size;
		request->inclusions.index_count = c->count;
		request->inclusions.index = c->index;
		break;
	case COSIGNING_VIEW:
	case COSIGNING_CHAIN:
		logs_asked(agent, &c->owed);
		request->kind = LOG_CONSISTENCY;
		request->consistency.first = c->first.size;
		request->consistency.second = c->second.size;
		break;
	case COSIGNING_NOTES:
	default:
		request->kind = LOG_COSIGNED;
		break;
	}
}

/* ---- what it was answered ---- */

/* Is that line the one the peer quoted, or does its tree hold an item that no
 * line of that witness covers yet?  Else it says nothing new. */
static bool
is_news(struct agent *agent, const struct relay *relay,
    const struct charter_witness *w, uint64_t size,
    const struct note_sig *sig)
{
	uint64_t had = cosigned_rows_newest(agent->book, &relay->log.log_id,
	    w, COSIGNED_CLAIMED, NULL);
	struct hash quoted = note_cosig_hash(sig);

	return size > had &&
	    (hash_eq(&quoted, &relay->cosigning.quoted) ||
	    evidence_between(agent->book, &relay->log.log_id, EVIDENCE_ANY,
	    had, size));
}

/* One witness's line, if it has one there.  false: it was not taken. */
static bool
take_line(struct agent *agent, struct relay *relay,
    const struct charter_witness *w, const struct cosigned_tree *tree,
    const struct note *note)
{
	const struct note_sig *sig;
	enum err err = verify_cosignature(w, note, &sig);

	if (err == ERR_NOTFOUND)
		return false;
	if (err != ERR_OK) {
		diag_warn("cosigned", "relay %s shows a line of witness %s "
		    "that does not verify", relay->name, w->name);
		return false;
	}
	if (!is_news(agent, relay, w, tree->size, sig))
		return false;
	return agent_fail(agent, cosigned_rows_line_put(agent->book, tree, w,
	    sig)) == ERR_OK;
}

/* All witnesses of the charters it serves. */
static bool
take_lines(struct agent *agent, struct relay *relay,
    const struct cosigned_tree *tree, const struct note *note)
{
	const struct charter *charter;
	bool taken = false;
	unsigned w;
	size_t i;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		charter = pairs_at(agent->pairs, i)->charter;
		if (!relays_serves(relay, pairs_at(agent->pairs, i)))
			continue;
		for (w = 0; w < charter->witness_count; w++)
			if (take_line(agent, relay, &charter->witness[w],
			    tree, note))
				taken = true;
	}
	return taken;
}

/* Keep the tree under lines that were taken, with the log's own line. */
static enum err
keep_tree(struct agent *agent, const struct verify_checkpoint *cp,
    const struct cosigned_tree *tree, const struct note *note)
{
	struct buf bare = buf_init(NOTE_MAX);
	const struct note_sig *own;
	uint8_t key_id[4];
	enum err err;

	note_key_id(key_id, NOTE_ED25519, cp->origin, cp->log->key);
	own = note_find(note, cp->origin, key_id);
	err = own == NULL ? ERR_SIGNATURE :
	    note_write(&bare, note->body, own, 1);
	if (err == ERR_OK)
		err = cosigned_rows_tree_put(agent->book, tree,
		    buf_view(&bare));
	buf_free(&bare);
	agent->cosigned_stamp++;	/* it may be joined already */
	return agent_fail(agent, err);
}

/* It is the log's word too, whoever carried it here. */
static enum err
hold_against_view(struct agent *agent, struct relay *relay, struct view text,
    struct verify_checkpoint *cp, struct cosigned_tree *tree)
{
	const struct log_view *v = &relay->log;
	enum err err;

	err = verify_checkpoint(cp, pairs_keyring(agent->pairs), text.p,
	    text.len);
	if (err != ERR_OK)
		return err;
	tree->log_id = cp->log->log_id;
	tree->size = cp->size;
	tree->root = cp->root;
	if (!hash_eq(&tree->log_id, &v->log_id) || cp->size == 0 ||
	    cp->size > INT64_MAX)
		return ERR_KEY_FOREIGN;
	if (cp->size >= v->size)
		return logs_checkpoint(agent, relay, text, cp);
	err = cosigned_rows_has(agent->book, tree);
	if (err == ERR_LOG_SPLIT || (cp->size == v->joined_size &&
	    !hash_eq(&cp->root, &v->joined_root)))
		return logs_split(agent, relay,
		    "signed two roots of one size");
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

/* Fatal errors only. */
static enum err
take_note(struct agent *agent, struct relay *relay, struct view text)
{
	struct verify_checkpoint cp;
	struct cosigned_tree tree;
	struct note note;
	enum err err;

	err = hold_against_view(agent, relay, text, &cp, &tree);
	if (err == ERR_OK)
		err = note_parse(&note, text);
	if (err == ERR_STORAGE || err == ERR_NOMEM)
		return err;
	if (err != ERR_OK) {
		if (err != ERR_LOG_SPLIT)
			diag_warn("cosigned", "relay %s shows no checkpoint "
			    "of its log: %s", relay->name, err_name(err));
		return ERR_OK;
	}
	if (!take_lines(agent, relay, &tree, &note))
		return agent->failed;
	return keep_tree(agent, &cp, &tree, &note);
}

static enum err
answered_notes(struct agent *agent, struct relay *relay,
    const struct reply_log *reply)
{
	struct cosigning *c = &relay->cosigning;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && !relay->split &&
	    i < reply->note_count; i++)
		err = take_note(agent, relay, reply->note[i]);
	c->notes = false;
	c->look = true;
	memset(&c->quoted, 0, sizeof(c->quoted));
	return err;
}

/* The first of the two is no tree that the second grew from. */
static enum err
does_not_join(struct agent *agent, struct relay *relay,
    const struct merkle_path *path)
{
	const struct cosigned_tree *first = &relay->cosigning.first;
	struct buf note = buf_init(NOTE_MAX);
	enum err err;

	err = cosigned_rows_bare(agent->book, first, &note);
	if (err == ERR_OK)
		err = splits_note(agent, &first->log_id,
		    &(struct splits_tree){ first->size, first->root },
		    buf_view(&note));
	buf_free(&note);
	(void)logs_apart(agent, relay, first->size, &first->root, path,
	    "signed a tree for a witness that its log did not grow from");
	return agent_fail(agent, err == ERR_NOTFOUND ? ERR_OK : err);
}

static enum err
answered_join(struct agent *agent, struct relay *relay,
    const struct merkle_path *path)
{
	struct cosigning *c = &relay->cosigning;
	enum err err;

	err = merkle_consistent(c->first.size, &c->first.root,
	    c->second.size, &c->second.root, path);
	if (err != ERR_OK)
		return does_not_join(agent, relay, path);
	c->owed.asks = 0;
	if (c->step == COSIGNING_VIEW) {
		has_joined(agent, &c->first);
		return agent->failed;
	}
	/* Whether its other neighbour is next, find_chain sees. */
	err = cosigned_rows_join_put(agent->book, &c->first.log_id,
	    c->first.size, c->second.size, path);
	return agent_fail(agent, err);
}

/* Both notes stand in a bundle, so the proof's does as any other. */
static enum err
keep_checkpoint(struct agent *agent, const struct cosigned_tree *tree)
{
	struct buf note = buf_init(NOTE_MAX);
	enum err err;

	err = cosigned_rows_note(agent->book, &tree->log_id, tree->size,
	    NULL, 0, &note);
	if (err == ERR_OK)
		err = evidence_put_checkpoint(agent->book, &tree->log_id,
		    tree->size, buf_view(&note));
	buf_free(&note);
	return err;
}

static enum err
reprove(struct agent *agent, const struct cosigned_tree *tree,
    uint64_t index, const struct merkle_path *path)
{
	struct hash leaf;
	enum err err;

	err = evidence_leaf(agent->book, &tree->log_id, index, &leaf);
	if (err == ERR_OK)
		err = merkle_included(&leaf, index, tree->size, path,
		    &tree->root);
	if (err == ERR_OK)
		err = evidence_reprove(agent->book, &tree->log_id, index,
		    tree->size, path);
	return err;
}

static enum err
answered_paths(struct agent *agent, struct relay *relay,
    const struct reply_log *reply)
{
	struct cosigning *c = &relay->cosigning;
	bool bad = reply->path_count != c->count;
	enum err err = keep_checkpoint(agent, &c->second);
	size_t i;

	for (i = 0; !bad && err == ERR_OK && i < c->count; i++) {
		err = reprove(agent, &c->second, c->index[i],
		    &reply->path[i]);
		if (err == ERR_STORAGE || err == ERR_NOMEM)
			break;
		bad = err != ERR_OK;
		err = ERR_OK;
	}
	if (!bad)
		return agent_fail(agent, err);
	/* What proved it before still does. */
	c->from = c->index[i < c->count ? i : c->count - 1] + 1;
	alarm_raise(agent->book, agent->now, ERR_PROOF, 0, "relay %s: a proof "
	    "towards a tree it signed for a witness does not hold",
	    relay->name);
	return agent_fail(agent, err);
}

enum err
cosigned_answered(struct agent *agent, struct relay *relay,
    const struct reply_log *reply, const struct merkle_path *path)
{
	struct cosigning *c = &relay->cosigning;

	c->open = false;
	c->again_at = agent->mono;
	switch (c->step) {
	case COSIGNING_NOTES:
		return answered_notes(agent, relay, reply);
	case COSIGNING_PATHS:
		return answered_paths(agent, relay, reply);
	case COSIGNING_VIEW:
	case COSIGNING_CHAIN:
	default:
		return answered_join(agent, relay, path);
	}
}

/* ---- for others ---- */

void
cosigned_quoted(struct agent *agent, struct relay *relay,
    const struct run_seen *seen)
{
	struct cosigning *c = &relay->cosigning;

	if (hash_is_zero(&seen->witness) || hash_eq(&seen->witness,
	    &c->quoted) || agent->mono - c->hinted_at < COSIGNED_HINT_MS ||
	    cosigned_rows_have(agent->book, &seen->witness))
		return;
	c->hinted_at = agent->mono;
	c->quoted = seen->witness;
	c->notes = true;
}

/* One witness's newest line that counts, in any log of the pair's relays. */
static int64_t
newest_of(struct agent *agent, const struct pair *pair,
    const struct charter_witness *w)
{
	const struct relay *relay;
	int64_t newest = 0, at;
	unsigned i;

	for (i = 0; (relay = relays_at(agent, pair, i)) != NULL; i++) {
		at = 0;
		(void)cosigned_rows_newest(agent->book, &relay->log.log_id, w,
		    COSIGNED_JOINED, &at);
		if (at > newest)
			newest = at;
	}
	return newest;
}

/* The n-th newest of all the charter's witnesses; 0: fewer have one. */
static int64_t
newest_nth(struct agent *agent, const struct pair *pair, unsigned n)
{
	const struct charter *charter = pair->charter;
	int64_t at[CHARTER_WITNESSES_MAX], one;
	unsigned w, k;

	for (w = 0; w < charter->witness_count; w++) {
		one = newest_of(agent, pair, &charter->witness[w]);
		for (k = w; k > 0 && at[k - 1] < one; k--)
			at[k] = at[k - 1];
		at[k] = one;
	}
	return n <= charter->witness_count ? at[n - 1] : 0;
}

int64_t
cosigned_newest(struct agent *agent, const struct pair *pair)
{
	return newest_nth(agent, pair, 1);
}

int64_t
cosigned_seen_at(struct agent *agent, const struct pair *pair)
{
	int64_t told = relays_seen_at(agent);
	int64_t signed_at = cosigned_newest(agent, pair);

	return told > signed_at ? told : signed_at;
}

bool
cosigned_missing(struct agent *agent, const struct pair *pair, int64_t now)
{
	const struct charter *charter = pair->charter;
	int64_t newest;

	if (charter->quorum == 0)
		return false;
	newest = newest_nth(agent, pair, charter->quorum);
	if (newest < (int64_t)charter->from_at)
		newest = (int64_t)charter->from_at;
	return now - newest >
	    COSIGNED_MISSING_BEATS * 1000 * (int64_t)charter->heartbeat_s;
}
