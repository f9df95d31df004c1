/* heads: see heads.h. */
#include "relay/heads.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "proto/arena.h"
#include "proto/run.h"
#include "proto/statement.h"
#include "relay/store.h"

#define SLOTS 1024

struct slot {
	struct head head;
	struct slot *next;
};

struct heads {
	struct store *store;
	struct slot *slots[SLOTS];
};

enum err
heads_open(struct heads **out, struct store *store)
{
	struct heads *hs = calloc(1, sizeof(*hs));

	if (hs == NULL)
		return ERR_NOMEM;
	hs->store = store;
	*out = hs;
	return ERR_OK;
}

void
heads_free(struct heads **hs)
{
	struct slot *s, *next;
	size_t i;

	if (*hs == NULL)
		return;
	for (i = 0; i < SLOTS; i++) {
		for (s = (*hs)->slots[i]; s != NULL; s = next) {
			next = s->next;
			free(s);
		}
	}
	free(*hs);
	*hs = NULL;
}

void
heads_run(struct head *head, const struct run *run, uint64_t index)
{
	const struct envelope *last = &run->env[run->env_count - 1];

	if (head->known && run->last_seq <= head->last_seq)
		return;
	head->known = true;
	head->index = index;
	head->last_seq = run->last_seq;
	head->last_env = last->env_id;
	head->last = last->h;
	head->has_last = true;
}

void
heads_recovery(struct head *head, const struct statement_recovery *r,
    uint64_t index)
{
	const struct statement_recovery_lane *lane = &r->lane[head->lane];

	head->recovered = true;
	head->recovery_index = index;
	head->next_seq = lane->next_seq;
	head->incarnation = r->incarnation;
	head->known = true;
	head->last_seq = lane->next_seq - 1;
	head->last_env = lane->old_env;
	head->has_last = false;
}

static enum err
load_recovery(void *ctx, const struct store_seen *seen)
{
	struct head *head = ctx;
	struct statement_recovery r;
	struct statement st;
	enum err err;

	err = statement_split(&st, seen->entry);
	if (err == ERR_OK)
		err = statement_recovery_decode(&r, st.body);
	if (err == ERR_OK)
		heads_recovery(head, &r, seen->index);
	return err == ERR_OK ? ERR_OK : ERR_STORAGE;
}

static enum err
load_run(void *ctx, const struct store_seen *seen)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct head *head = ctx;
	struct run run;
	enum err err;

	err = run_decode(&run, seen->run->form == STORE_FULL ? RUN_FULL :
	    RUN_BARE, seen->run->body, &arena);
	if (err == ERR_OK)
		heads_run(head, &run, seen->index);
	else
		diag_error("heads", "a run in the store does not decode "
		    "index=%llu", (unsigned long long)seen->index);
	arena_free(&arena);
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_STORAGE;
}

static enum err
load_fetched(struct heads *hs, struct head *head)
{
	uint8_t place[8];
	struct rd rd;
	enum err err;

	err = store_get(hs->store, STORE_FETCHED,
	    (struct view){ head->channel.b, ID_BYTES }, place, sizeof(place));
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	rd = rd_init(place, sizeof(place));
	head->was_fetched = err == ERR_OK;
	head->fetched_place = rd_u64(&rd);
	return err;
}

static enum err
load(struct heads *hs, struct head *head)
{
	enum err err;

	err = store_news(hs->store, STORE_RECOVERY, &head->notices, 0,
	    load_recovery, head);
	if (err == ERR_OK)
		err = store_head(hs->store, &head->channel,
		    head->recovered ? head->recovery_index : 0, load_run,
		    head);
	if (err == ERR_OK)
		err = load_fetched(hs, head);
	return err;
}

enum err
heads_again(struct heads *hs, struct head *head)
{
	struct head anew = {
		.channel = head->channel,
		.notices = head->notices,
		.lane = head->lane,
		.open_stretch = head->open_stretch,
	};
	enum err err = load(hs, &anew);

	if (err == ERR_OK)
		*head = anew;
	return err;
}

enum err
heads_find(struct heads *hs, const struct id *channel,
    const struct id *notices, uint8_t lane, struct head **out)
{
	struct slot **at = &hs->slots[((size_t)channel->b[0] << 8 |
	    channel->b[1]) % SLOTS];
	struct slot *s;
	enum err err;

	for (s = *at; s != NULL; s = s->next) {
		if (id_eq(&s->head.channel, channel)) {
			*out = &s->head;
			return ERR_OK;
		}
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	s->head.channel = *channel;
	s->head.notices = *notices;
	s->head.lane = lane;
	err = load(hs, &s->head);
	if (err != ERR_OK) {
		free(s);
		return err;
	}
	s->next = *at;
	*at = s;
	*out = &s->head;
	return ERR_OK;
}
