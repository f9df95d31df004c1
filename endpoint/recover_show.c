/* recover_show of recover.h: what an operator needs before the root speaks. */
#include <stdio.h>

#include "base/db.h"
#include "base/json.h"
#include "endpoint/agent_priv.h"
#include "endpoint/mail.h"
#include "endpoint/recover.h"
#include "proto/notice.h"

/* One lane: what stands in the proposal, and above what it goes on. */
struct proposal {
	struct notice_head old;
	uint64_t highest;
};

static void
show_head(struct json *arr, uint8_t lane, const struct notice_head *head,
    bool own)
{
	struct json *one = json_new_obj();

	json_put_int(one, "lane", lane);
	json_put_int(one, "seq", (int64_t)head->seq);
	json_put_hex(one, "env_id", head->env_id.b, HASH_BYTES);
	json_put_str(one, "held_by", own ? "this book" : "a relay");
	json_add(arr, &one);
}

/* Did the peer open what this book holds at seq? */
static bool
show_opened(struct agent *agent, const struct peering *pg, uint8_t lane,
    uint64_t seq)
{
	struct mail mail;

	return mail_at(agent->book, pg->p.number, true, lane, seq, &mail) ==
	    ERR_OK && mail.state == MAIL_DELIVERED;
}

/* Proven heads, highest first.  Of two at one seq that stands which the peer
 * opened, else the one this book lacks: what is here can be said again. */
static void
show_lane(struct agent *agent, const struct peering *pg, uint8_t lane,
    struct json *arr, struct proposal *p, uint32_t *start)
{
	const struct own_lane *own = &pg->own[lane];
	struct notice_head head;
	struct db_stmt *s;
	struct mail mail;
	bool held, foreign = false;

	*p = (struct proposal){ { own->seq, own->env }, own->seq };
	if (own->seq > 0)
		show_head(arr, lane, &p->old, true);
	s = db_prepare(book_db(agent->book), "SELECT seq, env, start"
	    " FROM shown WHERE pair = ?1 AND lane = ?2 ORDER BY seq DESC");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	while (db_row(s)) {
		head.seq = db_col_u64(s, 0);
		db_col_hash(s, 1, &head.env_id);
		if ((uint32_t)db_col_int(s, 2) > *start)
			*start = (uint32_t)db_col_int(s, 2);
		if (head.seq > p->highest)
			p->highest = head.seq;
		held = mail_find(agent->book, &head.env_id, &mail) == ERR_OK;
		if (held || recover_passed(agent, pg, lane, head.seq))
			continue;
		show_head(arr, lane, &head, false);
		if (!foreign && !show_opened(agent, pg, lane, head.seq))
			p->old = head;
		foreign = true;
	}
	(void)db_done(s);
}

static void
show_proposal(struct json *arr, uint8_t lane, const struct proposal *p)
{
	char env[2 * HASH_BYTES + 1] = "-";
	char text[128];

	if (p->old.seq > 0)
		hex_encode(env, p->old.env_id.b, HASH_BYTES);
	snprintf(text, sizeof(text), "%u:%llu:%s:%llu", lane,
	    (unsigned long long)p->old.seq, env,
	    (unsigned long long)p->highest + 1);
	json_add_str(arr, text);
}

void
recover_show(struct agent *agent, const struct peering *pg, struct json *obj)
{
	struct json *heads = json_new_arr(), *lanes = json_new_arr();
	struct json *recover = json_new_obj();
	uint32_t start = agent->incarnation.start;
	struct proposal p;
	char text[32];
	uint8_t lane;

	for (lane = 0; lane < LANE_COUNT; lane++) {
		show_lane(agent, pg, lane, heads, &p, &start);
		show_proposal(lanes, lane, &p);
	}
	snprintf(text, sizeof(text), "%u:%08x", start + 1,
	    agent->incarnation.random);
	json_put_str(recover, "incarnation", text);
	json_put(recover, "lanes", &lanes);
	json_put(obj, "heads", &heads);
	json_put(obj, "recover", &recover);
}
