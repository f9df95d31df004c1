/* park: see park.h. */
#include "relay/park.h"

#include <stdlib.h>
#include <string.h>

#define HEADS 1024

struct waiting;

/* One (channel, waiting) pair, in the channel's chain. */
struct want {
	struct id channel;
	struct waiting *waiting;
	struct want *next;
	struct want **at;	/* what points here */
};

struct waiting {
	struct ticket *ticket;
	bool marked;
	struct waiting *next;	/* all, or the marked; oldest first */
	struct waiting *prev;
	struct waiting *peer_next; /* same head of the peers' table */
	size_t want_count;
	struct want want[];
};

/* A list with its oldest in front. */
struct waitings {
	struct waiting *first;
	struct waiting *last;
};

struct park {
	struct waitings quiet;
	struct waitings marked;
	struct want *wants[HEADS];
	struct waiting *peers[HEADS];
	size_t count;
	int64_t next;		/* no quiet ticket ends before it */
};

struct park *
park_new(void)
{
	struct park *park = calloc(1, sizeof(*park));

	if (park != NULL)
		park->next = INT64_MAX;
	return park;
}

static void
list_add(struct waitings *list, struct waiting *w)
{
	w->next = NULL;
	w->prev = list->last;
	if (list->last != NULL)
		list->last->next = w;
	else
		list->first = w;
	list->last = w;
}

static void
list_drop(struct waitings *list, struct waiting *w)
{
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		list->first = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		list->last = w->prev;
}

/* Channels are hashes and keys are uniform: two bytes spread them. */
static size_t
head_of(const uint8_t *p)
{
	return ((size_t)p[0] << 8 | p[1]) % HEADS;
}

static bool
same_peer(const struct front_peer *a, const struct front_peer *b)
{
	return a->session == b->session &&
	    memcmp(a->key, b->key, KEY_BYTES) == 0;
}

static void
peer_drop(struct park *park, struct waiting *w)
{
	struct waiting **p = &park->peers[head_of(w->ticket->peer.key)];

	while (*p != w)
		p = &(*p)->peer_next;
	*p = w->peer_next;
}

static void
want_add(struct park *park, struct waiting *w, const struct id *channel)
{
	struct want *want = &w->want[w->want_count++];
	struct want **head = &park->wants[head_of(channel->b)];

	want->channel = *channel;
	want->waiting = w;
	want->next = *head;
	want->at = head;
	if (want->next != NULL)
		want->next->at = &want->next;
	*head = want;
}

/* Take w out of everything; its ticket is left to the caller. */
static void
waiting_drop(struct park *park, struct waiting *w)
{
	size_t i;

	for (i = 0; i < w->want_count; i++) {
		*w->want[i].at = w->want[i].next;
		if (w->want[i].next != NULL)
			w->want[i].next->at = w->want[i].at;
	}
	peer_drop(park, w);
	list_drop(w->marked ? &park->marked : &park->quiet, w);
	park->count--;
	free(w);
}

static void
mark(struct park *park, struct waiting *w)
{
	if (w->marked)
		return;
	list_drop(&park->quiet, w);
	w->marked = true;
	list_add(&park->marked, w);
}

/* A session that waits too often: its oldest is to be answered. */
static void
crowd_out(struct park *park, const struct front_peer *peer)
{
	struct waiting *w, *oldest = NULL;
	unsigned n = 0;

	for (w = park->peers[head_of(peer->key)]; w != NULL; w = w->peer_next) {
		if (w->marked || !same_peer(&w->ticket->peer, peer))
			continue;
		oldest = w;	/* newer ones stand in front */
		n++;
	}
	if (n < PARK_PEER_MAX)
		return;
	oldest->ticket->until = INT64_MIN;
	mark(park, oldest);
}

enum err
park_wait(struct park *park, struct ticket **ticket)
{
	struct ticket *t = *ticket;
	struct waiting *w;
	size_t i;

	if (park->count == PARK_MAX)
		return ERR_BUSY;
	w = calloc(1, sizeof(*w) + t->cursor_count * sizeof(w->want[0]));
	if (w == NULL)
		return ERR_NOMEM;
	crowd_out(park, &t->peer);
	*ticket = NULL;
	w->ticket = t;
	for (i = 0; i < t->cursor_count; i++)
		want_add(park, w, &t->cursor[i].channel);
	w->peer_next = park->peers[head_of(t->peer.key)];
	park->peers[head_of(t->peer.key)] = w;
	list_add(&park->quiet, w);
	if (t->until < park->next)
		park->next = t->until;
	park->count++;
	return ERR_OK;
}

void
park_wake(struct park *park, const struct id *channel)
{
	struct want *want = park->wants[head_of(channel->b)];

	for (; want != NULL; want = want->next)
		if (id_eq(&want->channel, channel))
			mark(park, want->waiting);
}

/* Mark what is over at now, and learn when the next one will be. */
static void
sweep(struct park *park, int64_t now)
{
	struct waiting *w, *next;

	park->next = INT64_MAX;
	for (w = park->quiet.first; w != NULL; w = next) {
		next = w->next;
		if (w->ticket->until <= now)
			mark(park, w);
		else if (w->ticket->until < park->next)
			park->next = w->ticket->until;
	}
}

struct ticket *
park_taken(struct park *park, int64_t now)
{
	struct waiting *w;
	struct ticket *t;

	if (park->next <= now)
		sweep(park, now);
	w = park->marked.first;
	if (w == NULL)
		return NULL;
	t = w->ticket;
	waiting_drop(park, w);
	return t;
}

void
park_forget(struct park *park, const struct front_peer *peer)
{
	struct waiting *w, *next;
	struct ticket *t;

	for (w = park->peers[head_of(peer->key)]; w != NULL; w = next) {
		next = w->peer_next;
		t = w->ticket;
		if (!same_peer(&t->peer, peer))
			continue;
		waiting_drop(park, w);
		free(t);
	}
}

int64_t
park_next(const struct park *park)
{
	return park->marked.first != NULL ? INT64_MIN : park->next;
}

size_t
park_count(const struct park *park)
{
	return park->count;
}

void
park_free(struct park **park)
{
	struct ticket *t;

	if (*park == NULL)
		return;
	while ((t = park_taken(*park, INT64_MAX)) != NULL)
		free(t);
	free(*park);
	*park = NULL;
}
