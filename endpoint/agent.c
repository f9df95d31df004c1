#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/cosigned_rows.h"
#include "endpoint/evidence.h"
#include "endpoint/gossip.h"
#include "endpoint/heartbeat.h"
#include "endpoint/inbox_items.h"
#include "endpoint/lanes.h"
#include "endpoint/logs.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/recover.h"
#include "endpoint/refusals.h"
#include "endpoint/relays.h"
#include "endpoint/seal.h"
#include "endpoint/shred.h"
#include "endpoint/splits.h"
#include "keys/psk.h"

#define AGENT_QUEUE_MAX ((size_t)64 << 20)

/* Frames in order, each behind its length. */
static enum err
frame_put(struct frame_queue *q, struct view head, struct view body)
{
	buf_u32(&q->buf, (uint32_t)(head.len + body.len));
	buf_put(&q->buf, head.p, head.len);
	buf_put(&q->buf, body.p, body.len);
	if (q->buf.err == ERR_OK)
		q->count++;
	return q->buf.err;
}

static bool
frame_peek(const struct frame_queue *q, struct view *frame)
{
	struct rd rd;
	uint32_t len;

	if (q->count == 0)
		return false;
	rd = rd_init(q->buf.p + q->at, q->buf.len - q->at);
	len = rd_u32(&rd);
	*frame = rd_view(&rd, len);
	return rd.err == ERR_OK;
}

static void
frame_pop(struct frame_queue *q)
{
	struct view frame;

	if (!frame_peek(q, &frame))
		return;
	q->at += 4 + frame.len;
	if (--q->count == 0) {
		buf_reset(&q->buf);
		q->at = 0;
	}
}

static void
frame_clear(struct frame_queue *q)
{
	buf_reset(&q->buf);
	q->at = 0;
	q->count = 0;
}

enum err
agent_fail(struct agent *agent, enum err err)
{
	if ((err == ERR_STORAGE || err == ERR_NOMEM) &&
	    agent->failed == ERR_OK)
		agent->failed = err;
	return err;
}

enum err
agent_stage(struct agent *agent, struct view head, struct view body)
{
	return frame_put(&agent->staged, head, body);
}

static void
agent_clock_read(struct agent *agent)
{
	agent->now = clock_wall(&agent->clock);
	agent->mono = clock_mono(&agent->clock);
}

/* Count this start before anything is sealed under it. */
static enum err
agent_count_start(struct agent *agent)
{
	int64_t starts;
	enum err err;

	err = book_begin(agent->book);
	if (err != ERR_OK)
		return err;
	starts = book_get_int(agent->book, "starts", 0) + 1;
	err = book_set_int(agent->book, "starts", starts);
	if (err == ERR_OK)
		err = book_commit(agent->book);
	else
		book_rollback(agent->book);
	agent->incarnation.start = (uint32_t)starts;
	random_bytes(&agent->incarnation.random,
	    sizeof(agent->incarnation.random));
	return err;
}

static enum err
agent_open_book(struct agent *agent)
{
	const char *schemas[] = {
		mail_schema(), evidence_schema(), alarm_schema(),
		lanes_schema(), pairs_schema(), outbox_schema(),
		inbox_schema(), inbox_aside_schema(), recover_schema(),
		relays_schema(), logs_schema(),
		agent->hooks == NULL ? NULL : agent->hooks->schema, NULL,
	};
	const char *schemas_2[] = {
		mail_schema_2(), evidence_schema_2(),
		cosigned_rows_schema_2(), gossip_schema_2(),
		refusals_schema_2(), splits_schema_2(),
		agent->hooks == NULL ? NULL : agent->hooks->schema_2, NULL,
	};
	char *path = file_join(agent->home, "book.db");
	enum err err;

	err = path == NULL ? ERR_NOMEM : book_open(&agent->book, path,
	    keyfile_vault(agent->keys), schemas, schemas_2);
	free(path);
	return err;
}

static enum err
agent_open_prekeys(struct agent *agent)
{
	const struct vault *vault = keyfile_vault(agent->keys);
	char *path = file_join(agent->home, "prekeys");
	enum err err;

	if (path == NULL)
		return ERR_NOMEM;
	err = prekeys_open(&agent->prekeys, path, vault);
	if (err == ERR_NOTFOUND) {
		/* New, or lost: what was sealed to the old ones is answered
		 * `undecryptable` and will be sent again. */
		err = prekeys_create(path, vault);
		if (err == ERR_OK)
			err = prekeys_open(&agent->prekeys, path, vault);
	}
	free(path);
	return err;
}

static enum err
agent_open_keys(struct agent *agent, const struct secret *passphrase)
{
	char *path = file_join(agent->home, "keys/endpoint.key");
	enum err err;

	err = path == NULL ? ERR_NOMEM :
	    keyfile_load(&agent->keys, path, passphrase);
	free(path);
	if (err == ERR_OK && keyfile_vault(agent->keys) == NULL)
		err = ERR_KEY_FOREIGN;
	if (err == ERR_OK)
		agent->agency = keyfile_public(agent->keys)->agency;
	return err;
}

static enum err
agent_start(struct agent *agent, const struct agent_conf *conf)
{
	enum err err;

	err = file_lock(agent->home, &agent->lock);
	if (err == ERR_OK)
		err = agent_open_keys(agent, conf->passphrase);
	if (err == ERR_OK)
		err = agent_open_book(agent);
	if (err == ERR_OK)
		err = agent_open_prekeys(agent);
	if (err == ERR_OK)
		err = box_new(&agent->box);
	if (err == ERR_OK)
		err = agent_count_start(agent);
	if (err == ERR_OK)
		err = book_begin(agent->book);
	if (err != ERR_OK)
		return err;
	err = pairs_load(agent);
	if (err == ERR_OK)
		err = gossip_start(agent);
	if (err == ERR_OK)
		err = relays_refresh(agent);
	if (err == ERR_OK)
		err = agent_learn_own_keys(agent);
	if (err == ERR_OK)
		return book_commit(agent->book);
	book_rollback(agent->book);
	return err;
}

enum err
agent_open(struct agent **out, const struct agent_conf *conf)
{
	struct agent *agent;
	enum err err;

	*out = NULL;
	agent = calloc(1, sizeof(*agent));
	if (agent == NULL)
		return ERR_NOMEM;
	agent->home = conf->home;
	agent->lock = -1;
	agent->clock = conf->clock;
	agent->hooks = conf->hooks;
	agent->retain_days = conf->retain_days;
	agent->in.buf = buf_init(AGENT_QUEUE_MAX);
	agent->staged.buf = buf_init(AGENT_QUEUE_MAX);
	agent->out.buf = buf_init(AGENT_QUEUE_MAX);
	agent_clock_read(agent);
	agent->retry = true;
	agent->cosigned_stamp = 1;
	err = agent_start(agent, conf);
	if (err != ERR_OK)
		agent_free(&agent);
	*out = agent;
	return err;
}

void
agent_free(struct agent **out)
{
	struct agent *agent = *out;
	size_t i;

	if (agent == NULL)
		return;
	for (i = 0; i < agent->relay_count; i++) {
		free(agent->relay[i].sent);
		buf_free(&agent->relay[i].prior);
		pass_ask_drop(agent, (unsigned)i);
	}
	pairs_free(&agent->pairs);
	box_free(&agent->box);
	prekeys_free(&agent->prekeys);
	book_close(&agent->book);
	keyfile_free(&agent->keys);
	buf_free(&agent->in.buf);
	buf_free(&agent->staged.buf);
	buf_free(&agent->out.buf);
	if (agent->lock >= 0)
		(void)close(agent->lock);
	free(agent);
	*out = NULL;
}

enum err
agent_touch(struct agent *agent)
{
	enum err err;

	if (agent->turn_open)
		return ERR_OK;
	if (agent->draining)
		return ERR_DRAINING;
	agent_clock_read(agent);
	err = book_begin(agent->book);
	if (err == ERR_OK)
		agent->turn_open = true;
	return agent_fail(agent, err);
}

void
agent_wake(struct agent *agent, int64_t at)
{
	if (at < agent->hook_due)
		agent->hook_due = at;
}

static enum err
agent_turn_in(struct agent *agent)
{
	struct view frame;
	enum err err = ERR_OK;

	while (err == ERR_OK && frame_peek(&agent->in, &frame)) {
		err = relays_in(agent, frame);
		frame_pop(&agent->in);
	}
	if (err == ERR_OK && agent->retry)
		err = inbox_retry(agent);
	return err;
}

static enum err
agent_turn_hook(struct agent *agent)
{
	enum err err;

	if (agent->hooks == NULL || agent->hooks->tick == NULL ||
	    agent->now < agent->hook_due)
		return ERR_OK;
	agent->hook_due = INT64_MAX;
	err = agent->hooks->tick(agent, &agent->hook_due);
	return err == ERR_STORAGE || err == ERR_NOMEM ? err : ERR_OK;
}

/* Bodies of cases that are over for long enough; the desk's tables, so only
 * with a desk. */
static enum err
agent_turn_shred(struct agent *agent)
{
	enum err err;

	if (agent->hooks == NULL || agent->retain_days == 0 ||
	    agent->now < agent->shred_due)
		return ERR_OK;
	err = shred_tick(agent, agent->retain_days, &agent->shred_due);
	return err == ERR_STORAGE || err == ERR_NOMEM ? err : ERR_OK;
}

static int64_t
agent_sooner(const struct agent *agent, int64_t due, int64_t wall)
{
	int64_t at = agent->mono + (wall - agent->now);

	return at < due ? at : due;
}

static enum err
agent_turn_work(struct agent *agent)
{
	enum err err;

	err = agent_turn_in(agent);
	if (err == ERR_OK)
		err = inbox_tick(agent);
	if (err == ERR_OK)
		err = agent_turn_hook(agent);
	if (err == ERR_OK)
		err = agent_turn_shred(agent);
	if (err == ERR_OK)
		err = heartbeat_tick(agent);
	if (err == ERR_OK)
		err = inbox_flush(agent);
	if (err == ERR_OK)
		err = seal_flush(agent);
	/* What was sealed moved its case: the same turn keeps its clocks. */
	if (err == ERR_OK)
		err = agent_turn_hook(agent);
	if (err == ERR_OK)
		err = relays_next(agent);
	return err != ERR_OK ? err : agent->failed;
}

static void
agent_turn_due(struct agent *agent)
{
	int64_t due = relays_due(agent);

	if (agent->beat_due != INT64_MAX)
		due = agent_sooner(agent, due, agent->beat_due);
	if (agent->hook_due != INT64_MAX && agent->hooks != NULL &&
	    agent->hooks->tick != NULL)
		due = agent_sooner(agent, due, agent->hook_due);
	if (agent->retain_days != 0)
		due = agent_sooner(agent, due, agent->shred_due);
	if (seal_waits(agent) || agent->in.count > 0)
		due = agent->mono;
	agent->due = due;
}

enum err
agent_turn(struct agent *agent)
{
	struct view frame;
	enum err err;

	if (!agent->turn_open) {
		agent_clock_read(agent);
		err = book_begin(agent->book);
		if (err != ERR_OK)
			return err;
		agent->turn_open = true;
	}
	err = agent_turn_work(agent);
	agent->turn_open = false;
	if (err == ERR_OK)
		err = book_commit(agent->book);
	else
		book_rollback(agent->book);
	if (err != ERR_OK) {
		frame_clear(&agent->staged);
		return err;
	}
	/* Durable: now it may be let out, and forgotten. */
	while (frame_peek(&agent->staged, &frame)) {
		err = frame_put(&agent->out, frame, (struct view){ 0 });
		if (err != ERR_OK)
			return err;
		frame_pop(&agent->staged);
	}
	err = heartbeat_erase(agent);
	agent_turn_due(agent);
	return err;
}

int64_t
agent_due(const struct agent *agent)
{
	return agent->due;
}

void
agent_drain(struct agent *agent)
{
	agent->draining = true;
}

bool
agent_link_out(struct agent *agent, struct view *frame)
{
	return frame_peek(&agent->out, frame);
}

void
agent_link_pop(struct agent *agent)
{
	frame_pop(&agent->out);
}

enum err
agent_link_in(struct agent *agent, struct view frame)
{
	enum err err;

	err = frame_put(&agent->in, frame, (struct view){ 0 });
	if (err == ERR_OK && agent->in.count >= AGENT_IN_MAX)
		err = ERR_BUSY;
	return err;
}

void
agent_link_reset(struct agent *agent)
{
	agent_clock_read(agent);
	frame_clear(&agent->in);
	frame_clear(&agent->staged);
	frame_clear(&agent->out);
	relays_reset(agent);
}

struct book *
agent_book(struct agent *agent)
{
	return agent->book;
}

struct pairs *
agent_pairs(struct agent *agent)
{
	return agent->pairs;
}

struct db *
agent_db(struct agent *agent)
{
	return book_db(agent->book);
}

const struct vault *
agent_vault(struct agent *agent)
{
	return book_vault(agent->book);
}

const struct pair *
agent_pair(struct agent *agent, const struct hash *pair_id)
{
	return pairs_find(agent->pairs, pair_id);
}

const struct pair *
agent_pair_at(struct agent *agent, size_t i)
{
	return i < pairs_count(agent->pairs) ? pairs_at(agent->pairs, i) :
	    NULL;
}

const struct clock *
agent_clock(const struct agent *agent)
{
	return &agent->clock;
}

const char *
agent_home(const struct agent *agent)
{
	return agent->home;
}

const struct id *
agent_agency(const struct agent *agent)
{
	return &agent->agency;
}

int64_t
agent_now(const struct agent *agent)
{
	return agent->turn_open ? agent->now : clock_wall(&agent->clock);
}

enum err
agent_recover_adopt(struct agent *agent)
{
	return recover_adopt(agent);
}

enum err
agent_recover_statement(struct agent *agent, struct view entry)
{
	return recover_statement(agent, entry);
}

enum err
agent_backup(struct agent *agent, const char *path)
{
	return book_backup(agent->book, path);
}
