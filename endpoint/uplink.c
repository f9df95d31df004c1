#include <string.h>

#include "endpoint/uplink.h"

static const int64_t uplink_limit_ms[UPLINK_ACTS] = {
	[UPLINK_HELLO] = UPLINK_ANSWER_MS,
	[UPLINK_KEYS] = UPLINK_ANSWER_MS,
	[UPLINK_SUBMIT] = UPLINK_SUBMIT_MS,
	[UPLINK_FETCH] = UPLINK_FETCH_MS,
	[UPLINK_LOG] = UPLINK_ANSWER_MS,
	[UPLINK_PASS] = UPLINK_ANSWER_MS,
	[UPLINK_PING] = UPLINK_ANSWER_MS,
};

/* Which moves exist; anything else is our own bug. */
static const bool uplink_moves[UPLINK_STATES][UPLINK_STATES] = {
	[UPLINK_DOWN] = { [UPLINK_GREETING] = true, [UPLINK_DOWN] = true },
	[UPLINK_GREETING] = { [UPLINK_READY] = true, [UPLINK_DOWN] = true,
	    [UPLINK_REFUSED] = true, [UPLINK_GREETING] = true },
	[UPLINK_REFUSED] = { [UPLINK_GREETING] = true, [UPLINK_DOWN] = true,
	    [UPLINK_REFUSED] = true },
	[UPLINK_READY] = { [UPLINK_DOWN] = true, [UPLINK_REFUSED] = true,
	    [UPLINK_READY] = true, [UPLINK_GREETING] = true },
};

static void
uplink_change_state(struct uplink *u, enum uplink_state state)
{
	if (uplink_moves[u->state][state])
		u->state = state;
}

static void
uplink_forget(struct uplink *u)
{
	memset(u->slot, 0, sizeof(u->slot));
}

void
uplink_init(struct uplink *u)
{
	memset(u, 0, sizeof(*u));
	u->state = UPLINK_DOWN;
}

void
uplink_link(struct uplink *u, bool up, int64_t now)
{
	uplink_forget(u);
	u->up_at = now;
	u->submit_at = 0;
	u->fetch_at = 0;
	uplink_change_state(u, UPLINK_DOWN);
	if (!up)
		return;
	uplink_change_state(u, UPLINK_GREETING);
}

static bool
uplink_idle(const struct uplink *u, enum uplink_act act)
{
	return u->slot[act].ticket == 0;
}

static bool
uplink_late(const struct uplink *u, int64_t now)
{
	int act;

	for (act = UPLINK_HELLO; act <= UPLINK_PING; act++)
		if (u->slot[act].ticket != 0 && now >= u->slot[act].until)
			return true;
	return false;
}

static enum uplink_act
uplink_next_ready(const struct uplink *u, const struct uplink_needs *needs,
    int64_t now)
{
	if (needs->keys && uplink_idle(u, UPLINK_KEYS))
		return UPLINK_KEYS;
	if (needs->submit && uplink_idle(u, UPLINK_SUBMIT) &&
	    now >= u->submit_at)
		return UPLINK_SUBMIT;
	if ((needs->refetch || uplink_idle(u, UPLINK_FETCH)) &&
	    now >= u->fetch_at)
		return UPLINK_FETCH;
	if (needs->log && uplink_idle(u, UPLINK_LOG))
		return UPLINK_LOG;
	if (needs->pass && uplink_idle(u, UPLINK_PASS))
		return UPLINK_PASS;
	if (uplink_idle(u, UPLINK_PING) &&
	    now - u->heard_at >= UPLINK_PING_MS)
		return UPLINK_PING;
	return UPLINK_NOTHING;
}

enum uplink_act
uplink_next(struct uplink *u, const struct uplink_needs *needs, int64_t now)
{
	if (u->state != UPLINK_DOWN && uplink_late(u, now)) {
		uplink_link(u, false, now);
		return UPLINK_RECONNECT;
	}
	switch (u->state) {
	case UPLINK_REFUSED:
		if (now < u->retry_at)
			return UPLINK_NOTHING;
		if (u->why == ERR_SUPERSEDED) {
			/* This session is over for good: a new one. */
			uplink_link(u, false, now);
			return UPLINK_RECONNECT;
		}
		uplink_change_state(u, UPLINK_GREETING);
		return UPLINK_HELLO;
	case UPLINK_GREETING:
		if (uplink_idle(u, UPLINK_HELLO) && now >= u->retry_at)
			return UPLINK_HELLO;
		return UPLINK_NOTHING;
	case UPLINK_READY:
		return uplink_next_ready(u, needs, now);
	case UPLINK_DOWN:
	default:
		return UPLINK_NOTHING;
	}
}

uint64_t
uplink_sent(struct uplink *u, enum uplink_act act, int64_t now)
{
	struct uplink_slot *slot = &u->slot[act];

	slot->ticket = ++u->tickets;
	slot->until = now + uplink_limit_ms[act];
	return slot->ticket;
}

static int64_t
uplink_pause(struct uplink *u)
{
	int64_t ms = UPLINK_RETRY_MS;
	unsigned i;

	for (i = 0; i < u->tries && ms < UPLINK_RETRY_MAX_MS; i++)
		ms *= 2;
	if (u->tries < 16)
		u->tries++;
	return ms < UPLINK_RETRY_MAX_MS ? ms : UPLINK_RETRY_MAX_MS;
}

void
uplink_refuse(struct uplink *u, enum err why, int64_t now)
{
	uplink_forget(u);
	uplink_change_state(u, UPLINK_REFUSED);
	u->why = why;
	u->retry_at = now + uplink_pause(u);
}

void
uplink_greeted(struct uplink *u)
{
	uplink_change_state(u, UPLINK_READY);
	u->tries = 0;
	u->why = ERR_OK;
}

enum uplink_act
uplink_answer(struct uplink *u, uint64_t ticket, enum err status, int64_t now)
{
	int act;

	if (ticket == 0)
		return UPLINK_NOTHING;
	for (act = UPLINK_HELLO; act <= UPLINK_PING; act++)
		if (u->slot[act].ticket == ticket)
			break;
	if (act > UPLINK_PING)
		return UPLINK_NOTHING;
	u->slot[act].ticket = 0;
	u->heard_at = now;
	if (status == ERR_OK) {
		if (act == UPLINK_SUBMIT || act == UPLINK_FETCH)
			u->tries = 0;
	} else if (act == UPLINK_HELLO || status == ERR_SUPERSEDED) {
		uplink_refuse(u, status, now);
	} else if (act == UPLINK_SUBMIT) {
		u->submit_at = now + uplink_pause(u);
	} else if (act == UPLINK_FETCH) {
		u->fetch_at = now + uplink_pause(u);
	}
	return (enum uplink_act)act;
}

static void
uplink_sooner(int64_t *due, int64_t at, int64_t now)
{
	if (at > now && at < *due)
		*due = at;
}

int64_t
uplink_due(const struct uplink *u, int64_t now)
{
	int64_t due = INT64_MAX;
	int act;

	if (u->state == UPLINK_DOWN)
		return due;
	for (act = UPLINK_HELLO; act <= UPLINK_PING; act++)
		if (u->slot[act].ticket != 0)
			uplink_sooner(&due, u->slot[act].until, now);
	if (u->state == UPLINK_READY) {
		uplink_sooner(&due, u->heard_at + UPLINK_PING_MS, now);
		uplink_sooner(&due, u->submit_at, now);
		uplink_sooner(&due, u->fetch_at, now);
	} else {
		uplink_sooner(&due, u->retry_at, now);
	}
	return due;
}

const char *
uplink_state_name(enum uplink_state state)
{
	static const char *const names[UPLINK_STATES] = {
		[UPLINK_DOWN] = "down",
		[UPLINK_GREETING] = "greeting",
		[UPLINK_REFUSED] = "refused",
		[UPLINK_READY] = "ready",
	};

	return names[state];
}
