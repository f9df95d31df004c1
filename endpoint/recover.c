#include <string.h>

#include "audit/verify.h"
#include "base/db.h"
#include "base/diag.h"
#include "base/merkle.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/lanes.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/recover.h"
#include "endpoint/relays.h"
#include "endpoint/statements.h"
#include "keys/pubkey.h"
#include "proto/run.h"
#include "proto/notice.h"
#include "proto/statement.h"

/* Heads of our own channels that our own signature proves. */
static const char recover_sql[] =
    "CREATE TABLE shown ("
    " pair INTEGER NOT NULL,"
    " lane INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " env BLOB NOT NULL,"
    " start INTEGER NOT NULL,"
    " PRIMARY KEY (pair, lane, seq, env)) STRICT;\n"
    /* Where a statement of our root began the branch that stands: what is
     * shown below next_seq was settled by it. */
    "CREATE TABLE branch ("
    " pair INTEGER NOT NULL,"
    " lane INTEGER NOT NULL,"
    " next_seq INTEGER NOT NULL,"
    " PRIMARY KEY (pair, lane)) STRICT;\n";

const char *
recover_schema(void)
{
	return recover_sql;
}

bool
recover_passed(struct agent *agent, const struct peering *pg, uint8_t lane,
    uint64_t seq)
{
	struct db_stmt *s;
	bool passed;

	s = db_prepare(book_db(agent->book), "SELECT 1 FROM branch"
	    " WHERE pair = ?1 AND lane = ?2 AND next_seq > ?3");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, seq);
	passed = db_row(s);
	(void)db_done(s);
	return passed;
}

enum err
recover_suspect(struct agent *agent, struct peering *pg, enum err why,
    const char *text)
{
	alarm_raise(agent->book, agent->now, why, pg->p.number,
	    "%s: nothing is sent; stop other copies, then casewire recover "
	    "--adopt", text);
	if (pg->refused != ERR_OK)
		return ERR_OK;
	pg->refused = why;
	lanes_forget(pg);
	return pairs_save(agent, &pg->p);
}

static enum err
recover_shown(struct agent *agent, const struct pair *pair, uint8_t lane,
    uint64_t seq, const struct hash *env, uint32_t start)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO shown (pair, lane,"
	    " seq, env, start) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT DO NOTHING");
	db_bind_int(s, 1, pair->number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, seq);
	db_bind_hash(s, 4, env);
	db_bind_int(s, 5, start);
	return db_run(s);
}

/* A head of channel our own S signed, whose last env_id its root holds.
 * What the relay writes beside it proves nothing. */
static enum err
recover_head(struct agent *agent, const struct id *channel,
    const struct reply_head *head, struct run_statement *st)
{
	const struct keyring_key *key;
	struct view sig;
	enum err err;

	err = run_entry_decode(st, &sig, head->entry);
	if (err != ERR_OK)
		return err;
	key = keyring_key(pairs_keyring(agent->pairs), &st->kid);
	if (key == NULL || memcmp(key->agency->id.b, agent->agency.b,
	    ID_BYTES) != 0)
		return ERR_KEY_FOREIGN;
	err = pubkey_verify(key->sign, head->entry.p, RUN_STATEMENT_BYTES,
	    sig.p);
	if (err != ERR_OK)
		return err;
	if (memcmp(st->channel.b, channel->b, ID_BYTES) != 0)
		return ERR_CHANNEL;
	if (head->last_seq != st->first_seq + st->size - 1)
		return ERR_SEQ;
	/* env_ids are leaf hashes themselves. */
	return merkle_included(&head->last_env_id, st->size - 1u, st->size,
	    &head->path, &st->root);
}

static enum err
recover_above(struct agent *agent, struct peering *pg,
    const struct run_statement *st)
{
	/* Agreed once in this process, and now there is more: somebody
	 * else sends with this book at the same time. */
	bool clone = pg->compared &&
	    (st->incarnation.start != agent->incarnation.start ||
	    st->incarnation.random != agent->incarnation.random);

	return recover_suspect(agent, pg, clone ? ERR_CLONE : ERR_ROLLBACK,
	    clone ? "another copy of this book is sending" :
	    "a relay holds messages of ours that this book lacks");
}

static enum err
recover_one(struct agent *agent, struct relay *relay, struct peering *pg,
    uint8_t lane, const struct reply_head *head)
{
	const struct own_lane *own = &pg->own[lane];
	struct run_statement st;
	struct mail mail;
	enum err err;

	err = recover_head(agent, &pg->p.own_channel[lane], head, &st);
	if (err != ERR_OK) {
		alarm_raise(agent->book, agent->now, err, pg->p.number,
		    "relay %s shows a head that is not ours", relay->name);
		return ERR_OK;
	}
	err = recover_shown(agent, &pg->p, lane, head->last_seq,
	    &head->last_env_id, st.incarnation.start);
	if (err != ERR_OK)
		return err;
	if (head->last_seq > own->seq ||
	    st.incarnation.start > agent->incarnation.start)
		return recover_above(agent, pg, &st);
	err = mail_at(agent->book, pg->p.number, true, lane, head->last_seq,
	    &mail);
	if (err == ERR_OK && !hash_eq(&mail.env_id, &head->last_env_id) &&
	    !recover_passed(agent, pg, lane, head->last_seq))
		return recover_suspect(agent, pg, ERR_ROLLBACK,
		    "a relay holds another message of ours under a number "
		    "this book used");
	if (err == ERR_NOTFOUND)
		err = ERR_OK;
	if (err == ERR_OK && head->last_seq < own->seq)
		err = outbox_again(agent, relay, pg, lane, head->last_seq);
	return err;
}

static const struct reply_head *
recover_find(const struct reply_hello *hello, const struct id *channel)
{
	size_t i;

	for (i = 0; i < hello->head_count; i++)
		if (memcmp(hello->head[i].channel.b, channel->b,
		    ID_BYTES) == 0)
			return &hello->head[i];
	return NULL;
}

static bool
recover_first_copies(struct agent *agent, const struct relay *relay,
    const struct peering *pg)
{
	unsigned i, wanted = pg->wanted > pg->charter->copies ? pg->wanted :
	    pg->charter->copies;

	for (i = 0; i < wanted; i++)
		if (relays_at(agent, &pg->p, i) == relay)
			return true;
	return false;
}

static void
recover_agreed(struct peering *pg)
{
	pg->compared = true;
	pg->waits = true;
}

/* Has every relay of the charter shown its heads, relay just now? */
static bool
recover_heard_all(struct agent *agent, const struct relay *relay,
    const struct peering *pg)
{
	const struct relay *one;
	unsigned i;

	for (i = 0; i < pg->charter->relay_count; i++) {
		one = relays_at(agent, &pg->p, i);
		if (one != NULL && one != relay && !one->greeted)
			return false;
	}
	return true;
}

int64_t
recover_patience(struct agent *agent, struct peering *pg)
{
	int64_t left;

	if (pg->compared || pg->refused != ERR_OK || pg->shown_at == 0)
		return 0;
	left = pg->shown_at + RECOVER_PATIENCE_MS - agent->mono;
	if (left > 0)
		return agent->now + left;
	recover_agreed(pg);
	return 0;
}

static enum err
recover_pair(struct agent *agent, struct relay *relay, struct peering *pg,
    const struct reply_hello *hello)
{
	const struct reply_head *head;
	enum err err = ERR_OK;
	uint8_t lane;

	for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++) {
		head = recover_find(hello, &pg->p.own_channel[lane]);
		if (head != NULL)
			err = recover_one(agent, relay, pg, lane, head);
		else if (pg->own[lane].seq > 0 &&
		    recover_first_copies(agent, relay, pg))
			err = outbox_again(agent, relay, pg, lane, 0);
	}
	if (err != ERR_OK || pg->refused != ERR_OK)
		return err;
	/* An older copy of the book is told by the relay that has the newer
	 * runs, which may not be the first to answer. */
	if (pg->shown_at == 0)
		pg->shown_at = agent->mono;
	if (recover_heard_all(agent, relay, pg))
		recover_agreed(pg);
	return ERR_OK;
}

enum err
recover_compare(struct agent *agent, struct relay *relay,
    const struct reply_hello *hello)
{
	struct peering *pg;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (relays_serves(relay, &pg->p))
			err = recover_pair(agent, relay, pg, hello);
	}
	return err;
}

/* The highest proven head of a lane, ERR_FORK if two share that seq. */
static enum err
recover_highest(struct agent *agent, const struct pair *pair, uint8_t lane,
    struct notice_head *head, uint32_t *start)
{
	struct db_stmt *s;
	bool two = false;
	enum err err;

	head->seq = 0;
	s = db_prepare(book_db(agent->book), "SELECT seq, env, start"
	    " FROM shown WHERE pair = ?1 AND lane = ?2 ORDER BY seq DESC"
	    " LIMIT 2");
	db_bind_int(s, 1, pair->number);
	db_bind_int(s, 2, lane);
	while (db_row(s)) {
		if ((uint32_t)db_col_int(s, 2) > *start)
			*start = (uint32_t)db_col_int(s, 2);
		if (head->seq == 0) {
			head->seq = db_col_u64(s, 0);
			db_col_hash(s, 1, &head->env_id);
		} else if (head->seq == db_col_u64(s, 0)) {
			two = true;
		}
	}
	err = db_done(s);
	return err != ERR_OK ? err : two ? ERR_FORK : ERR_OK;
}

/* A message of ours that only its env_id is known of. */
static enum err
recover_put_head(struct agent *agent, const struct peering *pg, uint8_t lane,
    const struct notice_head *head)
{
	struct mail mail = {
		.pair = pg->p.number,
		.own = true,
		.lane = lane,
		.state = MAIL_UNKNOWN,
		.charter = -1,
		.seq = head->seq,
		.env_id = head->env_id,
		.settled_at = agent->now,
	};

	return mail_put(agent->book, &mail, 0, (struct view){ NULL, 0 },
	    NULL);
}

static enum err
recover_take_head(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct notice_head *head)
{
	struct own_lane *own = &pg->own[lane];
	enum err err = ERR_OK;

	if (head->seq > own->seq && head->seq > 0)
		err = recover_put_head(agent, pg, lane, head);
	own->seq = head->seq;
	own->env = head->env_id;
	return err != ERR_OK ? err : lanes_save_own(agent->book, pg, lane);
}

/* The heads to take over, if that is enough; changes nothing. */
static enum err
recover_adoptable(struct agent *agent, const struct peering *pg,
    struct notice_head head[LANE_COUNT], uint32_t *start)
{
	struct mail mail;
	enum err err;
	uint8_t lane;

	for (lane = 0; lane < LANE_COUNT; lane++) {
		err = recover_highest(agent, &pg->p, lane, &head[lane],
		    start);
		if (err != ERR_OK)
			return err;
		/* At or below our own head it must be the same envelope. */
		if (head[lane].seq > 0 && head[lane].seq <=
		    pg->own[lane].seq && mail_at(agent->book, pg->p.number,
		    true, lane, head[lane].seq, &mail) == ERR_OK &&
		    !hash_eq(&mail.env_id, &head[lane].env_id))
			return ERR_FORK;
	}
	return ERR_OK;
}

static enum err
recover_adopt_pair(struct agent *agent, struct peering *pg)
{
	struct notice_head head[LANE_COUNT];
	uint32_t start = 0;
	uint8_t lane;
	enum err err;

	err = recover_adoptable(agent, pg, head, &start);
	for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
		if (head[lane].seq > pg->own[lane].seq)
			err = recover_take_head(agent, pg, lane, &head[lane]);
	if (err != ERR_OK)
		return err;
	pg->refused = ERR_OK;
	pg->compared = true;
	pg->waits = true;
	pg->prekey_made_at = 0;		/* a new prekey, above all shown */
	relays_wish(agent, &agent->agency, &pg->p.pair_id);
	alarm_clear(agent->book, ERR_ROLLBACK, pg->p.number);
	alarm_clear(agent->book, ERR_CLONE, pg->p.number);
	return pairs_save(agent, &pg->p);
}

/* Every chain starts anew above all start counts seen. */
static enum err
recover_start(struct agent *agent, uint32_t above)
{
	size_t i;

	if (above >= agent->incarnation.start)
		agent->incarnation.start = above + 1;
	random_bytes(&agent->incarnation.random,
	    sizeof(agent->incarnation.random));
	for (i = 0; i < pairs_count(agent->pairs); i++)
		lanes_forget(peering_of(pairs_at(agent->pairs, i)));
	return book_set_int(agent->book, "starts", agent->incarnation.start);
}

static bool
recover_shown_any(struct agent *agent, const struct peering *pg)
{
	size_t i;

	for (i = 0; i < agent->relay_count; i++)
		if (agent->relay[i].greeted &&
		    relays_serves(&agent->relay[i], &pg->p))
			return true;
	return false;
}

enum err
recover_adopt(struct agent *agent)
{
	struct notice_head unused[LANE_COUNT];
	struct peering *pg;
	enum err err = ERR_OK;
	uint32_t start = 0;
	size_t i, n = 0;

	/* All are looked at before one is changed: what a refusal undoes in
	 * the book must not stay in memory. */
	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (pg->refused == ERR_OK)
			continue;
		if (!recover_shown_any(agent, pg))
			return ERR_UNREACHABLE;
		err = recover_adoptable(agent, pg, unused, &start);
		if (err != ERR_OK)
			return err;
		n++;
	}
	if (n == 0)
		return ERR_STATE;
	for (i = 0; err == ERR_OK && i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (pg->refused != ERR_OK)
			err = recover_adopt_pair(agent, pg);
	}
	return err != ERR_OK ? err : recover_start(agent, start);
}

/* An own message on the branch the root leaves: what the peer has not
 * opened is said again on the one that stands. */
static enum err
recover_leave(struct agent *agent, const struct mail *mail)
{
	int64_t again;
	enum err err;

	err = mail_set(agent->book, mail->id, MAIL_FORK, ERR_FORK, 0);
	if (err != ERR_OK || mail->message == 0 ||
	    (mail->state != MAIL_SEALED && mail->state != MAIL_SUBMITTED))
		return err;
	err = mail_again(agent->book, mail->id, false, &again);
	return err == ERR_NOTFOUND || err == ERR_COUNT ||
	    err == ERR_TOO_BIG ? ERR_OK : err;
}

/* Its runs go to no further relay. */
static enum err
recover_withhold(struct agent *agent, const struct peering *pg, uint8_t lane,
    const struct statement_recovery_lane *to)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "DELETE FROM todo"
	    " WHERE kind = ?1 AND id IN (SELECT id FROM run WHERE pair = ?2"
	    " AND lane = ?3 AND (first_seq > ?4 OR (last_seq = ?4 AND"
	    " last_env != ?5)))");
	db_bind_int(s, 1, OUTBOX_RUN);
	db_bind_int(s, 2, pg->p.number);
	db_bind_int(s, 3, lane);
	db_bind_u64(s, 4, to->old_seq);
	db_bind_hash(s, 5, &to->old_env);
	return db_run(s);
}

static enum err
recover_note_branch(struct agent *agent, const struct peering *pg,
    uint8_t lane, uint64_t next_seq)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO branch (pair, lane,"
	    " next_seq) VALUES (?1, ?2, ?3) ON CONFLICT (pair, lane)"
	    " DO UPDATE SET next_seq = max(next_seq, ?3)");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, next_seq);
	return db_run(s);
}

/* From here on old_env is what stands at old_seq. */
static enum err
recover_lane(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct statement_recovery_lane *to)
{
	struct own_lane *own = &pg->own[lane];
	struct notice_head old = { to->old_seq, to->old_env };
	uint64_t seq;
	struct mail mail;
	enum err err;

	for (seq = to->old_seq; seq <= own->seq; seq++) {
		err = mail_at(agent->book, pg->p.number, true, lane, seq,
		    &mail);
		if (err == ERR_OK && (seq > to->old_seq ||
		    !hash_eq(&mail.env_id, &to->old_env)))
			err = recover_leave(agent, &mail);
		if (err != ERR_OK && err != ERR_NOTFOUND)
			return err;
	}
	err = recover_withhold(agent, pg, lane, to);
	if (err == ERR_OK && mail_at(agent->book, pg->p.number, true, lane,
	    to->old_seq, &mail) == ERR_NOTFOUND && to->old_seq > 0)
		err = recover_put_head(agent, pg, lane, &old);
	if (err == ERR_OK)
		err = recover_note_branch(agent, pg, lane, to->next_seq);
	/* The next envelope has next_seq and prev old_env; what lies
	 * between is on the other branch or lost. */
	own->seq = to->next_seq - 1;
	own->env = to->old_env;
	if (own->acked > to->old_seq)
		own->acked = to->old_seq;
	return err != ERR_OK ? err : lanes_save_own(agent->book, pg, lane);
}

static enum err
recover_branch(struct agent *agent, struct peering *pg,
    const struct statement_recovery *r)
{
	enum err err = ERR_OK;
	uint8_t lane;

	for (lane = 0; lane < LANE_COUNT; lane++)
		if (pg->own[lane].seq >= r->lane[lane].next_seq)
			return ERR_SEQ;
	for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
		err = recover_lane(agent, pg, lane, &r->lane[lane]);
	return err;
}

enum err
recover_statement(struct agent *agent, struct view entry)
{
	const struct keyring_agency *agency;
	struct statement_recovery r;
	const struct pair *pair;
	struct statement st;
	struct peering *pg;
	enum err err;

	err = verify_recovery(&agency, pairs_keyring(agent->pairs), entry.p,
	    entry.len);
	if (err == ERR_OK)
		err = statement_split(&st, entry);
	if (err == ERR_OK)
		err = statement_recovery_decode(&r, st.body);
	if (err != ERR_OK)
		return err;
	pair = pairs_find(agent->pairs, &r.pair_id);
	if (pair == NULL || r.direction != pair->direction)
		return ERR_CHANNEL;
	pg = peering_of(pair);
	err = recover_branch(agent, pg, &r);
	if (err != ERR_OK)
		return err;
	pg->refused = ERR_OK;
	pg->compared = true;
	pg->waits = true;
	pg->prekey_made_at = 0;
	alarm_clear(agent->book, ERR_ROLLBACK, pair->number);
	alarm_clear(agent->book, ERR_CLONE, pair->number);
	relays_wish(agent, &agent->agency, &pair->pair_id);
	err = pairs_save(agent, pair);
	if (err == ERR_OK)
		err = outbox_statement_put(agent, pair, entry);
	return err != ERR_OK ? err :
	    recover_start(agent, r.incarnation.start);
}
