/* turn: the cycle.  See turn.h; the replies are in answer.c. */
#include "relay/turn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/diag.h"
#include "proto/envelope.h"
#include "proto/statement.h"
#include "relay/expire.h"
#include "relay/group.h"
#include "relay/quota.h"
#include "relay/signer.h"
#include "relay/turn_priv.h"

#define DISK_MS 1000		/* how often the disk is looked at */

enum err
turn_new(struct turn **out, const struct turn_parts *parts)
{
	struct turn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return ERR_NOMEM;
	t->p = *parts;
	t->out = buf_init(FRAME_MAX);
	t->arena = arena_init(ARENA_MAX);
	t->expire_at = clock_mono(&parts->clock);
	t->disk_at = t->expire_at;
	*out = t;
	return ERR_OK;
}

static void
job_free(struct job *job)
{
	front_release(&job->frame);
	arena_free(&job->arena);
}

void
turn_free(struct turn **t)
{
	if (*t == NULL)
		return;
	while ((*t)->job_count > 0)
		job_free(&(*t)->jobs[--(*t)->job_count]);
	buf_free(&(*t)->out);
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
}

void
turn_drain(struct turn *t)
{
	t->draining = true;
}

bool
turn_disk_low(const struct turn *t)
{
	return t->disk_low;
}

const struct turn_counts *
turn_counts(const struct turn *t)
{
	return &t->counts;
}

/* Less than the floor of the home's file system is free to us. */
static void
look_at_disk(struct turn *t, int64_t now)
{
	struct statvfs fs;
	bool low;

	if (now < t->disk_at)
		return;
	t->disk_at = now + DISK_MS;
	if (statvfs(t->p.home, &fs) != 0)
		return;
	low = (uint64_t)fs.f_bavail * 100 <
	    (uint64_t)fs.f_blocks * t->p.disk_floor;
	if (low != t->disk_low)
		diag_warn("turn", "%s", low ?
		    "disk is low: runs are refused, receipts still taken" :
		    "disk has room again: runs are taken");
	t->disk_low = low;
}

/* Who asks what; a frame of a session that is over is not looked into. */
static void
job_open(struct turn *t, struct job *job)
{
	struct front_peer old = job->frame.peer;

	job->arena = arena_init(ARENA_MAX);
	job->token = NULL;
	job->req.ticket = 0;
	job->status = request_decode(&job->req, job->frame.data, &job->arena);
	if (job->frame.replaces) {
		old.session = job->frame.replaced;
		park_forget(t->p.park, &old);
		diag_warn("turn", "a newer session of a transport key took "
		    "over");
		answer_status(t, &old, 0, ERR_SUPERSEDED);
	}
	if (job->frame.superseded)
		job->status = ERR_SUPERSEDED;
	else if (t->draining)
		job->status = ERR_DRAINING;
	else if (job->status == ERR_OK)
		job->status = admit_party(t->p.admit, job->frame.peer.key,
		    &job->party);
	/* What a SUBMIT brings is charged piece by piece. */
	if (job->status == ERR_OK && job->req.kind != REQUEST_SUBMIT)
		job->status = quota_take(t->p.quota, job->frame.peer.key,
		    QUOTA_ASK, 0, clock_mono(&t->p.clock));
}

static void
gather(struct turn *t)
{
	struct job *job;
	size_t bytes = 0;
	unsigned tries;
	enum err err;

	/* Rubbish counts too, or it could hold off the commit for ever. */
	for (tries = 0; tries < 4 * TURN_FRAMES &&
	    t->job_count < TURN_FRAMES && bytes < TURN_BYTES; tries++) {
		job = &t->jobs[t->job_count];
		err = front_recv(t->p.front, &job->frame);
		if (err == ERR_BUSY)
			return;
		if (err != ERR_OK)
			continue;	/* not a frame of ours: dropped */
		bytes += job->frame.data.len;
		job_open(t, job);
		t->job_count++;
		t->counts.frames++;
	}
}

static void
count(struct turn *t, const struct admit_answer *answer, uint64_t next,
    bool run)
{
	if (answer->status != ERR_OK)
		t->counts.refused++;
	else if (answer->index < next && !answer->filled)
		t->counts.duplicates++;
	else if (!run)
		t->counts.statements++;
	else {
		t->counts.runs++;
		t->counts.envelopes += answer->last_seq -
		    answer->first_seq + 1;
	}
}

/* Admit one run or statement, as long as its answer will fit the reply. */
static enum err
admit_one(struct turn *t, struct job *job, struct view bytes, bool run,
    size_t *room, struct admit_answer *answer)
{
	struct admit_when when = { clock_wall(&t->p.clock),
		clock_mono(&t->p.clock), t->disk_low };
	size_t need = answer_item_bytes(t) + SIGNER_RECEIPT_BYTES;
	uint64_t next = group_next(t->p.group);
	enum err err;

	if (*room < need) {
		memset(answer, 0, sizeof(*answer));
		answer->status = ERR_BUSY;
		t->counts.refused++;
		return ERR_OK;
	}
	*room -= need;
	err = run ?
	    admit_run(t->p.admit, &job->party, bytes, &when, answer) :
	    admit_statement(t->p.admit, &job->party, bytes, &when, answer);
	if (err == ERR_OK)
		count(t, answer, next, run);
	return err;
}

/* What the runs beside it are judged by: who signs, which branch stands. */
static bool
comes_first(struct view bytes)
{
	struct statement st;

	return statement_split(&st, bytes) == ERR_OK &&
	    (st.kind == STATEMENT_KEYS || st.kind == STATEMENT_RECOVERY);
}

static enum err
submit_statements(struct turn *t, struct job *job, bool first, size_t *room)
{
	const struct request_submit *s = &job->req.submit;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; i < s->statement_count && err == ERR_OK; i++)
		if (comes_first(s->statement[i]) == first)
			err = admit_one(t, job, s->statement[i], false, room,
			    &job->statement[i]);
	return err;
}

static enum err
submit(struct turn *t, struct job *job)
{
	const struct request_submit *s = &job->req.submit;
	size_t i, room = FRAME_MAX - NOTE_MAX - 1024;
	enum err err = ERR_OK;

	job->run = arena_array(&job->arena, s->run_count,
	    sizeof(*job->run));
	job->statement = arena_array(&job->arena, s->statement_count,
	    sizeof(*job->statement));
	if (job->run == NULL || job->statement == NULL) {
		job->status = ERR_BUSY;
		return ERR_OK;
	}
	err = submit_statements(t, job, true, &room);
	for (i = 0; i < s->run_count && err == ERR_OK; i++)
		err = admit_one(t, job, s->run[i], true, &room, &job->run[i]);
	return err == ERR_OK ? submit_statements(t, job, false, &room) : err;
}

static enum err
admit_all(struct turn *t)
{
	enum err err = ERR_OK;
	struct job *job;
	size_t i;

	for (i = 0; i < t->job_count && err == ERR_OK; i++) {
		job = &t->jobs[i];
		if (job->status != ERR_OK)
			continue;
		if (job->req.kind == REQUEST_SUBMIT)
			err = submit(t, job);
		else if (job->req.kind == REQUEST_PASS)
			err = answer_pass_take(t, job);
	}
	return err;
}

/* The relay's own receipts, after the runs of this group. */
static enum err
own_receipts(struct turn *t)
{
	int64_t now = clock_mono(&t->p.clock);
	int64_t wall = clock_wall(&t->p.clock);
	enum err err = ERR_OK;

	if (fetched_next(t->p.fetched) <= now ||
	    (t->draining && fetched_next(t->p.fetched) != INT64_MAX))
		err = fetched_flush(t->p.fetched, wall);
	if (err == ERR_OK && t->expire_at <= now) {
		err = expire_run(t->p.expire, wall, &t->expire_more);
		t->expire_at = now + (t->expire_more ? 0 : t->p.expire_ms);
	}
	return err;
}

static enum err
park(struct turn *t, const struct job *job)
{
	const struct request_fetch *f = &job->req.fetch;
	struct ticket *ticket;
	uint32_t wait = f->wait_ms < FETCH_WAIT_MS_MAX ? f->wait_ms :
	    FETCH_WAIT_MS_MAX;
	enum err err = ERR_NOMEM;

	ticket = calloc(1, sizeof(*ticket));
	if (ticket != NULL) {
		ticket->peer = job->frame.peer;
		ticket->number = job->req.ticket;
		ticket->until = clock_mono(&t->p.clock) + wait;
		ticket->max_bytes = f->max_bytes;
		ticket->cursor_count = f->cursor_count;
		memcpy(ticket->cursor, f->cursor,
		    f->cursor_count * sizeof(f->cursor[0]));
		err = park_wait(t->p.park, &ticket);
	}
	free(ticket);
	return err;
}

static enum err
fetch_or_park(struct turn *t, const struct job *job)
{
	const struct request_fetch *f = &job->req.fetch;
	struct fetch fetch = {
		.peer = &job->frame.peer,
		.agency = job->party.agency,
		.number = job->req.ticket,
		.max_bytes = f->max_bytes,
		.cursor = f->cursor,
		.cursor_count = f->cursor_count,
		.even_empty = f->wait_ms == 0,
	};
	enum err err = answer_fetch(t, &fetch);

	if (err != ERR_NOTFOUND)
		return err;
	err = park(t, job);
	if (err != ERR_OK)
		answer_status(t, &job->frame.peer, job->req.ticket, ERR_BUSY);
	return ERR_OK;
}

static enum err
answer_all(struct turn *t)
{
	enum err err = ERR_OK;
	struct job *job;
	size_t i;

	for (i = 0; i < t->job_count && err == ERR_OK; i++) {
		job = &t->jobs[i];
		if (job->status != ERR_OK)
			answer_status(t, &job->frame.peer, job->req.ticket,
			    job->status);
		else if (job->req.kind == REQUEST_FETCH)
			err = fetch_or_park(t, job);
		else
			err = answer_job(t, job);
	}
	while (t->job_count > 0)
		job_free(&t->jobs[--t->job_count]);
	return err;
}

/* A ticket whose channel moved, or whose time is up.  What moved may be
 * nothing for this party (its own run): then it goes on waiting. */
static enum err
feed_ticket(struct turn *t, struct ticket **ticket, int64_t now)
{
	const struct ticket *k = *ticket;
	struct fetch fetch = {
		.peer = &k->peer,
		.number = k->number,
		.max_bytes = k->max_bytes,
		.cursor = k->cursor,
		.cursor_count = k->cursor_count,
		.even_empty = k->until <= now,
	};
	struct admit_party party;
	enum err status, err;

	status = t->draining ? ERR_DRAINING :
	    admit_party(t->p.admit, k->peer.key, &party);
	if (status != ERR_OK) {
		answer_status(t, &k->peer, k->number, status);
		return ERR_OK;
	}
	fetch.agency = party.agency;
	err = answer_fetch(t, &fetch);
	if (err != ERR_NOTFOUND)
		return err;
	if (park_wait(t->p.park, ticket) != ERR_OK)
		answer_status(t, &k->peer, k->number, ERR_BUSY);
	return ERR_OK;
}

/* Feed who waits for what this group brought, and who waited enough. */
static enum err
feed_parked(struct turn *t)
{
	int64_t now = clock_mono(&t->p.clock);
	const struct id *channel;
	struct ticket *ticket;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; (channel = group_touched(t->p.group, i)) != NULL; i++)
		park_wake(t->p.park, channel);
	group_rest(t->p.group);
	while (err == ERR_OK && (ticket = park_taken(t->p.park,
	    t->draining ? INT64_MAX : now)) != NULL) {
		err = feed_ticket(t, &ticket, now);
		free(ticket);
	}
	return err;
}

enum err
turn_run(struct turn *t)
{
	uint64_t before = group_size(t->p.group);
	enum err err;

	t->counts.turns++;
	look_at_disk(t, clock_mono(&t->p.clock));
	gather(t);
	err = admit_all(t);
	if (err == ERR_OK)
		err = own_receipts(t);
	if (err == ERR_OK)
		err = group_end(t->p.group);
	if (err != ERR_OK)
		return err;	/* nobody is answered */
	if (group_size(t->p.group) != before)
		t->counts.commits++;
	err = answer_all(t);
	return err != ERR_OK ? err : feed_parked(t);
}

int64_t
turn_due(const struct turn *t)
{
	int64_t now = clock_mono(&t->p.clock), at = t->expire_at;

	if (park_next(t->p.park) < at)
		at = park_next(t->p.park);
	if (fetched_next(t->p.fetched) < at)
		at = fetched_next(t->p.fetched);
	return at > now ? at - now : 0;
}
