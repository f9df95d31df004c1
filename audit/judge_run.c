#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"
#include "proto/charter.h"
#include "proto/run.h"

#define BARE_BYTES (HEADER_BYTES + HASH_BYTES)	/* of a bare envelope */

/* What is wrong with who signed; form is told apart by the caller, since a
 * form may fail with the same names. */
static void
run_fault(struct judge *j, const char *where, enum err err)
{
	enum findings_code code = FINDINGS_RUN_CHANNEL;

	if (err == ERR_CHARTER_NUMBER)
		code = FINDINGS_CHARTER_MISSING;
	else if (err == ERR_KID_UNKNOWN)
		code = FINDINGS_KEY_MISSING;
	else if (err == ERR_KEY_FOREIGN || err == ERR_SENDER)
		code = FINDINGS_RUN_SIGNER;
	else if (err == ERR_KEY_REVOKED)
		code = FINDINGS_RUN_REVOKED;
	else if (err == ERR_SIGNATURE)
		code = FINDINGS_RUN_SIGNATURE;
	judge_find(j, code, err, where, "%s", "");
}

/* As many messages as a bare run of that length can hold. */
static size_t
most_in(struct view run)
{
	size_t n = (run.len - 2 - SEEN_BYTES) / BARE_BYTES;

	return (n < RUN_MAX ? n : RUN_MAX);
}

/* All that the runs can hold, at once: nothing grows, nothing moves. */
static enum err
make_room(struct judge *j)
{
	size_t i, runs = 0, messages = 0;
	uint8_t d, l;

	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++) {
			runs += bundle_runs(j->b, d, l);
			for (i = 0; i < bundle_runs(j->b, d, l); i++)
				messages += most_in(bundle_run_at(j->b, d, l,
				    i));
		}
	j->expected = messages;
	j->run = calloc(runs + 1, sizeof(*j->run));
	j->message = calloc(messages + 1, sizeof(*j->message));
	/* A run stands in one record: one question a place at most. */
	if (j->witnesses > 0)
		j->ask = calloc(j->places + 1, sizeof(*j->ask));
	if (j->run == NULL || j->message == NULL ||
	    (j->witnesses > 0 && j->ask == NULL))
		return (ERR_NOMEM);
	return (ERR_OK);
}

/* Between which moments was it signed?  After: here; before: once all ask. */
static void
bound(struct judge *j, struct judge_run *r, const struct run *run)
{
	/* The charter that its first envelope names. */
	const struct charter *c = keyring_pair_charter(j->kr, &j->pair_id,
	    run->env[0].h.charter);
	struct hash leaf = run_leaf(run);
	char where[JUDGE_WHERE_BYTES];
	enum err err;

	if (c == NULL || c->witness_count == 0)
		return;
	r->witnessed = true;
	judge_where(where, r->direction, r->lane, r->first_seq,
	    run->last_seq);
	err = timeline_after(j->time, c, &run->st.seen, &r->bounds.after_at);
	if (err != ERR_OK)
		judge_find(j, FINDINGS_SEEN_CONTRADICTS, err, where, "%s",
		    "quotes a cosignature of another tree");
	judge_ask(j, c, &leaf, (size_t)(r - j->run));
}

static void
check_bounds(struct judge *j, const struct judge_run *r)
{
	struct rd rd = rd_init(r->bytes.p, r->bytes.len);
	uint16_t count = rd_u16(&rd);
	char where[JUDGE_WHERE_BYTES];

	if (!r->witnessed)
		return;
	if (r->bounds.before_at == 0) {
		j->pending += count;
	} else if (r->bounds.after_at > r->bounds.before_at) {
		judge_where(where, r->direction, r->lane, r->first_seq,
		    r->first_seq + count - 1);
		judge_find(j, FINDINGS_TIME_CONTRADICTS, ERR_OK, where, "%s",
		    "");
	}
}

/* By when each was signed: the earliest that any of its places gives. */
static void
bound_all(struct judge *j)
{
	uint64_t at, *before;
	size_t i;

	timeline_before(j->time, j->ask, j->asks);
	for (i = 0; i < j->asks; i++) {
		at = j->ask[i].before_at;
		before = &j->run[j->ask[i].what].bounds.before_at;
		if (at != 0 && (*before == 0 || at < *before))
			*before = at;
	}
	free(j->ask);
	j->ask = NULL;
	for (i = 0; i < j->runs; i++)
		check_bounds(j, &j->run[i]);
	if (j->pending > 0)
		judge_find(j, FINDINGS_TIME_PENDING, ERR_OK, "", "%zu messages",
		    j->pending);
}

static void
take_messages(struct judge *j, const struct run *run,
    const struct verify_who *who, const struct keyring_place *place)
{
	struct judge_run *r = &j->run[j->runs++];
	struct judge_message *m;
	unsigned i;

	r->bytes = run->bytes;
	r->first_seq = run->st.first_seq;
	r->direction = who->channel->direction;
	r->lane = who->channel->lane;
	r->standing = who->standing;
	r->signer = who->key;
	if (place != NULL) {
		r->logged = true;
		r->log_id = place->log_id;
		r->index = place->index;
	}
	bound(j, r, run);
	for (i = 0; i < run->env_count; i++) {
		m = &j->message[j->messages++];
		m->run = r;
		m->env_id = run->env[i].env_id;
		m->shown = &j->nothing;
		m->place = (uint16_t)i;
	}
}

uint64_t
judge_seq(const struct judge_message *m)
{
	return (m->run->first_seq + m->place);
}

struct envelope_header
judge_header(const struct judge_message *m)
{
	struct view header = { m->run->bytes.p + 2 + SEEN_BYTES +
		(size_t)m->place * BARE_BYTES, HEADER_BYTES };
	struct envelope_header h;

	/* It parsed when its run was taken. */
	if (envelope_header_decode(&h, header) != ERR_OK)
		abort();
	return (h);
}

/* What the sender saw of a log must be what that log signed; and what it
 * saw was there before its own run stood in it. */
static void
check_seen(struct judge *j, const struct run *run, const char *where,
    const struct hash *leaf)
{
	const struct run_seen *seen = &run->st.seen;
	const struct keyring_place *place;
	const struct judge_tree *tree;
	size_t i;

	if (hash_is_zero(&seen->log_id))
		return;
	for (i = 0; (place = judge_place(j, leaf, i)) != NULL; i++) {
		if (!hash_eq(&place->log_id, &seen->log_id) ||
		    seen->size <= place->index)
			continue;
		judge_find(j, FINDINGS_SEEN_CONTRADICTS, ERR_LOG_SPLIT, where,
		    "saw size %llu, stands at index %llu",
		    (unsigned long long)seen->size,
		    (unsigned long long)place->index);
	}
	tree = judge_tree(j, &seen->log_id, seen->size);
	if (tree != NULL && !hash_eq(&tree->root, &seen->root))
		judge_find(j, FINDINGS_SEEN_CONTRADICTS, ERR_LOG_SPLIT, where,
		    "two roots at size %llu", (unsigned long long)seen->size);
}

static enum err
take_run(struct judge *j, uint8_t direction, uint8_t lane, size_t i,
    struct arena *arena)
{
	struct id channel = envelope_channel(&j->pair_id, direction, lane);
	const struct keyring_place *place;
	char where[JUDGE_WHERE_BYTES];
	struct verify_who who;
	struct hash leaf;
	struct run run;
	enum err err;

	err = run_decode(&run, RUN_BARE,
	    bundle_run_at(j->b, direction, lane, i), arena);
	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		snprintf(where, sizeof(where), "runs.%c%u record %zu",
		    direction == FROM_A ? 'a' : 'b', lane, i);
		judge_find(j, FINDINGS_RUN_FORM, err, where, "%s", "");
		return (ERR_OK);
	}
	judge_where(where, direction, lane, run.st.first_seq, run.last_seq);
	leaf = run_leaf(&run);
	place = judge_best(j, &leaf, &run.st.kid);
	err = id_eq(&run.st.channel, &channel) ? ERR_OK : ERR_CHANNEL;
	if (err == ERR_OK)
		err = verify_run(&who, j->kr, &run, NULL, place);
	if (err != ERR_OK) {
		run_fault(j, where, err);
		return (ERR_OK);
	}
	if (place == NULL)
		judge_find(j, FINDINGS_RUN_UNLOGGED, ERR_OK, where, "%s", "");
	if (who.standing == KEYRING_DISPUTED)
		judge_find(j, FINDINGS_RUN_DISPUTED, ERR_OK, where, "%s", "");
	check_seen(j, &run, where, &leaf);
	j->channel[direction][lane].runs++;
	take_messages(j, &run, &who, place);
	return (ERR_OK);
}

enum err
judge_runs(struct judge *j)
{
	struct arena arena = arena_init(ARENA_MAX);
	uint8_t d, l;
	size_t i;
	enum err err = make_room(j);

	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++)
			for (i = 0; err == ERR_OK &&
			     i < bundle_runs(j->b, d, l); i++) {
				err = take_run(j, d, l, i, &arena);
				arena_free(&arena);
				if (j->watch != NULL)
					j->watch->tick(j->watch->ctx,
					    j->messages, j->expected);
			}
	if (err == ERR_OK)
		bound_all(j);
	return (err);
}
