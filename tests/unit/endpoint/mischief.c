/* See mischief.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "endpoint/agent_priv.h"
#include "proto/envelope.h"
#include "proto/statement.h"
#include "mischief.h"

size_t
mischief_received(const struct two_agents *two, int party)
{
	return two->party[party].desk.received;
}

int64_t
mischief_alarms(struct two_agents *two, int party, enum err code)
{
	char sql[96];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM alarm WHERE code = %d", code);
	return two_number(two, party, sql);
}

void
mischief_say(struct two_agents *two, int party, const char *text)
{
	assert_int_equal(two_send(two, party, LANE_NOTICE, text), ERR_OK);
	two_pump(two);
}

void
mischief_talk(struct two_agents *two)
{
	mischief_say(two, 0, "hello");
	mischief_say(two, 1, "yes");
}

void
mischief_looks(struct two_agents *two)
{
	two_later(two, MISCHIEF_LOOK_MS);
	two_later(two, MISCHIEF_LOOK_MS);
}

struct peering *
mischief_peering(struct two_agents *two, int party)
{
	return peering_of(agent_pair(two->party[party].agent,
	    &two->pair_id));
}

struct two_item *
mischief_log(struct two_agents *two, int from, const struct id *channel,
    const uint8_t *p, size_t len)
{
	struct two_relay *r = &two->relay[0];
	struct two_item *item;

	assert_true(r->n < TWO_ITEMS);
	item = &r->item[r->n++];
	memset(item, 0, sizeof(*item));
	item->kind = ITEM_STATEMENT;
	item->from = from;
	item->channel = *channel;
	item->bytes = buf_init(STATEMENT_MAX);
	buf_put(&item->bytes, p, len);
	item->leaf = statement_leaf(buf_view(&item->bytes));
	return item;
}
