/* answer_hello: who you are to us.  See turn_priv.h. */
#include "audit/keyring.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/run.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/quota.h"
#include "relay/signer.h"
#include "relay/store.h"
#include "relay/turn_priv.h"

struct greeting {
	struct turn *t;
	struct reply_head *head;
	const struct id *channel;
	size_t count;
	struct arena scratch;	/* a run being decoded */
};

/* The path of the run's last env_id in its root: what `recover --adopt` at
 * the endpoint stands on. */
static enum err
head_path(struct greeting *g, const struct store_run *run,
    struct merkle_path *path)
{
	struct hash leaves[RUN_MAX];
	struct run r;
	unsigned i;
	enum err err;

	err = run_decode(&r, run->form == STORE_FULL ? RUN_FULL : RUN_BARE,
	    run->body, &g->scratch);
	for (i = 0; err == ERR_OK && i < r.env_count; i++)
		leaves[i] = r.env[i].env_id;
	if (err == ERR_OK)
		merkle_prove(path, leaves, r.env_count, r.env_count - 1);
	arena_free(&g->scratch);
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_STORAGE;
}

static enum err
greet_head(void *ctx, const struct store_seen *seen)
{
	struct greeting *g = ctx;
	struct reply_head *head;
	enum err err;

	if (g->count == HELLO_HEADS_MAX)
		return ERR_OK;
	head = &g->head[g->count++];
	err = head_path(g, seen->run, &head->path);
	if (err != ERR_OK)
		return err;

	head->channel = *g->channel;
	head->last_env_id = seen->run->last_env;
	head->last_seq = seen->run->last_seq;
	head->index = seen->index;
	return answer_keep(g->t, seen->entry, &head->entry);
}

/* The newest run of each channel that agency sends on in this pair: where a
 * recovery left a branch, of the branch that goes on, if it has one. */
static enum err
greet_pair(struct greeting *g, const struct hash *pair_id, uint8_t d)
{
	struct id channel, notices;
	struct head *head;
	size_t before = g->count;
	uint8_t lane;
	enum err err = ERR_OK;

	notices = envelope_channel(pair_id, d, LANE_NOTICE);
	for (lane = 0; lane < LANE_COUNT && err == ERR_OK; lane++) {
		channel = envelope_channel(pair_id, d, lane);
		g->channel = &channel;
		before = g->count;
		err = heads_find(g->t->p.heads, &channel, &notices, lane,
		    &head);
		if (err == ERR_OK && head->recovered)
			err = store_head(g->t->p.store, &channel,
			    head->recovery_index, greet_head, g);
		if (err == ERR_OK && g->count == before)
			err = store_head(g->t->p.store, &channel, 0,
			    greet_head, g);
	}
	return err;
}

/* Why a pair is not served now; suite: the highest the endpoint speaks. */
static enum err
standing_of(struct turn *t, const struct admitted_charter *row,
    uint32_t suite)
{
	const struct charter *charter = keyring_charter(t->p.keyring,
	    &row->charter_id);
	struct id pair = hash_id(&row->pair_id);

	if (admitted_blocked(t->p.admitted, &pair))
		return ERR_BLOCKED;
	if (charter == NULL || suite < charter->suite[0] ||
	    charter->suite[0] > ENVELOPE_SUITE)
		return ERR_SUITE;
	return ERR_OK;
}

static size_t
count_pairs(const struct turn *t)
{
	size_t n = 0;

	while (admitted_pair(t->p.admitted, n) != NULL)
		n++;
	return n;
}

static enum err
greet(struct turn *t, struct job *job, struct reply_hello *hello)
{
	const struct admitted_charter *row;
	struct greeting g = { .t = t, .scratch = arena_init(ARENA_MAX) };
	size_t i, n = count_pairs(t);
	struct reply_standing *st;
	uint8_t d;
	enum err err = ERR_OK;

	g.head = arena_array(&t->arena, n * LANE_COUNT, sizeof(*g.head));
	st = arena_array(&t->arena, n, sizeof(*st));
	if (g.head == NULL || st == NULL)
		return ERR_NOMEM;
	hello->head = g.head;
	hello->standing = st;
	for (i = 0; i < n && err == ERR_OK &&
	    (size_t)(st - hello->standing) < HELLO_HEADS_MAX; i++) {
		row = admitted_pair(t->p.admitted, i);
		if (!answer_party(t, &row->pair_id, &job->party.agency, &d))
			continue;
		st->pair_id = row->pair_id;
		st->charter_id = row->charter_id;
		st->status = standing_of(t, row, job->req.hello.suite);
		st++;
		err = greet_pair(&g, &row->pair_id, d);
	}
	hello->head_count = g.count;
	hello->standing_count = (size_t)(st - hello->standing);
	return err;
}

enum err
answer_hello(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_HELLO };
	struct reply_hello *hello = &reply.hello;
	const struct store_restored *restored = store_restored(t->p.store);

	if (job->req.hello.version != REQUEST_VERSION) {
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_VERSION);
		return ERR_OK;
	}
	hello->version = REQUEST_VERSION;
	hello->log_id = *signer_log_id(t->p.signer);
	hello->checkpoint = group_note(t->p.group);
	hello->server_time_at = (uint64_t)clock_wall(&t->p.clock);
	hello->frame_max = FRAME_MAX;
	hello->quota_runs = quota_runs(t->p.quota);
	hello->quota_bytes = quota_bytes(t->p.quota);
	hello->restored_first = restored->first;
	hello->restored_end = restored->end;
	hello->restored_at = restored->at;
	return answer_finish(t, &job->frame.peer, &reply, greet(t, job, hello));
}
