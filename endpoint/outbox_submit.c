/* The half of outbox_rows.h that talks SUBMIT. */
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/evidence.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/refusals.h"
#include "endpoint/settle.h"
#include "proto/statement.h"

/* Room in one frame; the rest is protobuf around it. */
#define SUBMIT_BYTES_MAX (FRAME_MAX - 32768)
#define SUBMIT_ROWS_MAX (FRAME_RUNS_MAX + FRAME_STATEMENTS_MAX)

struct submit_row {
	uint8_t kind;
	int64_t id;
	int64_t pair;
};

static enum err
submit_todo_done(struct agent *agent, const struct relay *relay,
    uint8_t kind, int64_t id)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "DELETE FROM todo"
	    " WHERE relay = ?1 AND id = ?2 AND kind = ?3"
	    " AND urgency IN (0, 1, 2, 3)");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, id);
	db_bind_int(s, 3, kind);
	return db_run(s);
}

static size_t
submit_rows(struct agent *agent, const struct relay *relay,
    struct submit_row *row)
{
	struct db_stmt *s;
	size_t n = 0;

	s = db_prepare(book_db(agent->book), "SELECT kind, id, todo.pair"
	    " FROM todo JOIN pair ON pair.number = todo.pair"
	    " WHERE relay = ?1 AND refused = 0"
	    " AND NOT EXISTS (SELECT 1 FROM gossip WHERE"
	    " gossip.relay = ?1 AND gossip.pair = todo.pair AND parted = 1)"
	    " ORDER BY urgency, id LIMIT ?2");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, SUBMIT_ROWS_MAX);
	while (n < SUBMIT_ROWS_MAX && db_row(s)) {
		row[n].kind = (uint8_t)db_col_int(s, 0);
		row[n].id = db_col_int(s, 1);
		row[n].pair = db_col_int(s, 2);
		n++;
	}
	(void)db_done(s);
	return n;
}

/* The bytes of a row, copied into arena; ERR_NOTFOUND if they are not
 * needed any more, ERR_BUSY if they do not fit into this frame. */
static enum err
submit_load(struct agent *agent, const struct submit_row *row, size_t room,
    struct arena *arena, struct view *out)
{
	struct db_stmt *s;
	struct view v;
	void *copy;
	enum err err;

	s = db_prepare(book_db(agent->book), row->kind == OUTBOX_RUN ?
	    "SELECT bytes FROM run WHERE id = ?1 AND full = 1" :
	    "SELECT entry FROM statement WHERE id = ?1");
	db_bind_int(s, 1, row->id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	v = db_col_blob(s, 0);
	copy = v.len > room ? NULL : arena_alloc(arena, v.len);
	if (copy != NULL) {
		memcpy(copy, v.p, v.len);
		out->p = copy;
		out->len = v.len;
	}
	err = db_done(s);
	if (err == ERR_OK && copy == NULL)
		err = ERR_BUSY;
	return err;
}

static bool
submit_full(const struct request_submit *submit, uint8_t kind)
{
	return kind == OUTBOX_RUN ? submit->run_count == FRAME_RUNS_MAX :
	    submit->statement_count == FRAME_STATEMENTS_MAX;
}

static void
submit_add(struct request_submit *submit, uint8_t kind, struct view v)
{
	if (kind == OUTBOX_RUN)
		submit->run[submit->run_count++] = v;
	else
		submit->statement[submit->statement_count++] = v;
}

static enum err
submit_fill(struct agent *agent, struct relay *relay,
    const struct submit_row *row, size_t n, struct request_submit *submit,
    struct arena *arena)
{
	size_t i, used = 0;
	struct view v;
	enum err err;

	for (i = 0; i < n; i++) {
		if (submit_full(submit, row[i].kind))
			continue;
		err = submit_load(agent, &row[i], SUBMIT_BYTES_MAX - used,
		    arena, &v);
		if (err == ERR_BUSY)
			break;
		if (err == ERR_NOTFOUND) {
			err = submit_todo_done(agent, relay, row[i].kind,
			    row[i].id);
			if (err == ERR_OK)
				continue;
		}
		if (err != ERR_OK)
			return err;
		submit_add(submit, row[i].kind, v);
		relay->sent[relay->sent_count].kind = row[i].kind;
		relay->sent[relay->sent_count++].id = row[i].id;
		used += v.len + 8;
	}
	return relay->sent_count > 0 ? ERR_OK : ERR_NOTFOUND;
}

enum err
outbox_gather(struct agent *agent, struct relay *relay,
    struct request_submit *submit, struct arena *arena)
{
	struct submit_row *row;
	enum err err = ERR_NOMEM;
	size_t n;

	memset(submit, 0, sizeof(*submit));
	relay->sent_count = 0;
	if (relay->sent == NULL)
		relay->sent = calloc(SUBMIT_ROWS_MAX, sizeof(*relay->sent));
	row = calloc(SUBMIT_ROWS_MAX, sizeof(*row));
	submit->run = arena_array(arena, FRAME_RUNS_MAX, sizeof(struct view));
	submit->statement = arena_array(arena, FRAME_STATEMENTS_MAX,
	    sizeof(struct view));
	if (relay->sent != NULL && row != NULL && submit->run != NULL &&
	    submit->statement != NULL) {
		n = submit_rows(agent, relay, row);
		err = submit_fill(agent, relay, row, n, submit, arena);
	}
	free(row);
	return err;
}

static enum err
submit_about(struct agent *agent, int64_t run, struct refusals_about *about)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "SELECT pair, lane, first_seq,"
	    " last_seq FROM run WHERE id = ?1");
	db_bind_int(s, 1, run);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	about->pair = db_col_int(s, 0);
	about->lane = (uint8_t)db_col_int(s, 1);
	about->first_seq = db_col_u64(s, 2);
	about->last_seq = db_col_u64(s, 3);
	return db_done(s);
}

/* Refused for good: told, kept, not sent to this relay again. */
static enum err
submit_refused(struct agent *agent, struct relay *relay,
    const struct relay_sent *sent, const struct reply_placed *placed)
{
	struct refusals_about about = { .status = placed->status };
	enum err err;

	if (sent->kind == OUTBOX_STATEMENT) {
		diag_warn("outbox", "relay %s refused a statement status=%s",
		    relay->name, err_name((enum err)placed->status));
		return submit_todo_done(agent, relay, sent->kind, sent->id);
	}
	err = submit_about(agent, sent->id, &about);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	alarm_raise(agent->book, agent->now, (enum err)placed->status,
	    about.pair, "relay %s refused a run of lane %u", relay->name,
	    about.lane);
	err = refusals_take(agent, relay, &about, placed->refusal);
	if (err == ERR_OK)
		err = submit_todo_done(agent, relay, sent->kind, sent->id);
	if (err == ERR_OK)
		err = settle_refused(agent, about.pair, about.lane,
		    about.first_seq, about.last_seq,
		    (uint16_t)placed->status);
	return err;
}

/* It will be sent again; what was signed about this time is kept. */
static enum err
submit_put_off(struct agent *agent, struct relay *relay,
    const struct relay_sent *sent, const struct reply_placed *placed)
{
	struct refusals_about about = { .status = placed->status };
	enum err err;

	if (sent->kind == OUTBOX_STATEMENT || placed->refusal.len == 0)
		return ERR_OK;
	err = submit_about(agent, sent->id, &about);
	if (err == ERR_OK)
		err = refusals_take(agent, relay, &about, placed->refusal);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

static enum err
submit_run_placed(struct agent *agent, struct relay *relay, int64_t id,
    const struct reply_placed *placed, const struct verify_checkpoint *cp)
{
	struct arena arena = arena_init(ARENA_MAX);
	int64_t pair = 0;
	struct db_stmt *s;
	struct run run;
	bool full;
	enum err err;

	s = db_prepare(book_db(agent->book),
	    "SELECT bytes, full, pair FROM run WHERE id = ?1");
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	full = db_col_int(s, 1) != 0;
	pair = db_col_int(s, 2);
	err = run_decode(&run, full ? RUN_FULL : RUN_BARE, db_col_blob(s, 0),
	    &arena);
	if (err == ERR_OK)
		err = settle_own_run(agent, pair, &run, placed, cp);
	(void)db_done(s);
	arena_free(&arena);
	if (err == ERR_PROOF || err == ERR_PATH_LENGTH) {
		alarm_raise(agent->book, agent->now, err, pair,
		    "relay %s gave a proof that does not hold", relay->name);
		return ERR_OK;
	}
	return err != ERR_OK ? err :
	    submit_todo_done(agent, relay, OUTBOX_RUN, id);
}

static enum err
submit_statement_placed(struct agent *agent, struct relay *relay, int64_t id,
    const struct reply_placed *placed, const struct verify_checkpoint *cp)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book),
	    "SELECT entry, pair FROM statement WHERE id = ?1");
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	err = settle_statement(agent, db_col_int(s, 1), db_col_blob(s, 0),
	    placed->index, &placed->path, cp);
	(void)db_done(s);
	if (err == ERR_PROOF || err == ERR_PATH_LENGTH) {
		alarm_raise(agent->book, agent->now, err, 0,
		    "relay %s gave a proof that does not hold", relay->name);
		return ERR_OK;
	}
	return err != ERR_OK ? err :
	    submit_todo_done(agent, relay, OUTBOX_STATEMENT, id);
}

/* What a relay may say now and not mean for ever. */
static bool
submit_later(uint32_t status)
{
	return status == ERR_BUSY || status == ERR_DISK_LOW ||
	    status == ERR_QUOTA || status == ERR_DRAINING ||
	    status == ERR_FAIL || status == ERR_STORAGE ||
	    status == ERR_KID_UNKNOWN || status == ERR_NOT_ADMITTED ||
	    /* until its operator admits the charter, or lifts a block: a
	     * run left out for good would be a gap for ever */
	    status == ERR_CHANNEL || status == ERR_CHARTER_NUMBER ||
	    status == ERR_BLOCKED;
}

enum err
outbox_placed(struct agent *agent, struct relay *relay,
    const struct reply_submit *reply, const struct verify_checkpoint *cp)
{
	size_t i, run = 0, statement = 0, later = 0;
	const struct reply_placed *placed;
	const struct relay_sent *sent;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && i < relay->sent_count; i++) {
		sent = &relay->sent[i];
		if (sent->kind == OUTBOX_RUN)
			placed = run < reply->run_count ?
			    &reply->run[run++] : NULL;
		else
			placed = statement < reply->statement_count ?
			    &reply->statement[statement++] : NULL;
		later += placed == NULL || submit_later(placed->status);
		if (placed == NULL)
			continue;
		if (submit_later(placed->status))
			err = submit_put_off(agent, relay, sent, placed);
		else if (placed->status != ERR_OK)
			err = submit_refused(agent, relay, sent, placed);
		else if (sent->kind == OUTBOX_RUN)
			err = submit_run_placed(agent, relay, sent->id,
			    placed, cp);
		else
			err = submit_statement_placed(agent, relay, sent->id,
			    placed, cp);
	}
	relay->sent_count = 0;
	if (err == ERR_OK && later > 0)
		relay->up.submit_at = agent->mono + UPLINK_RETRY_MS;
	return err;
}
