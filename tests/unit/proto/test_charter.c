/* charter: one text for one struct; every other writing is refused. */
#include "helper.h"
#include "proto/charter.h"

#define A "1111111111111111111111111111111111111111111111111111111111111111"
#define B "2222222222222222222222222222222222222222222222222222222222222222"
#define R "3333333333333333333333333333333333333333333333333333333333333333"
#define W "4444444444444444444444444444444444444444444444444444444444444444"

static const char good[] =
    "casewire/1 charter\n"
    "number 0\n"
    "pair -\n"
    "replaces -\n"
    "a " A " Cyber Desk of A\n"
    "b " B " \xe7\xbd\x91\xe5\xae\x89\xe5\xb1\x80\n"
    "suite 1\n"
    "copies 1\n"
    "relay " R " relay.one tcp://127.0.0.1:7117\n"
    "relay " W " relay.two tcp://[::1]:7118\n"
    "witness " W " witness.example/w1\n"
    "quorum 1\n"
    "heartbeat 300\n"
    "keep 30\n"
    "size 65536\n"
    "from 2026-12-01T00:00:00Z\n"
    "until 2028-02-29T23:59:59Z\n"
    "clock ack 604800 86400 3600\n"
    "clock decision_extension 2592000 259200 -\n"
    "tier 1 86400 14400 900 172800 86400 3600\n"
    "tier 3 86400 14400 900 864000 345600 14400\n"
    "sign decision 2 2 1\n"
    "sign status 1 1 1\n";

static void
reads_and_writes_the_same_text(void **state)
{
	struct buf out = buf_init(CHARTER_MAX);
	struct charter c;
	unsigned line;

	(void)state;
	assert_int_equal(charter_parse(&c, view_of(good), &line), ERR_OK);
	assert_string_equal(c.party[0].name, "Cyber Desk of A");
	assert_int_equal(c.relay_count, 2);
	assert_string_equal(c.relay[1].endpoint, "tcp://[::1]:7118");
	assert_int_equal(c.from_at, 1796083200000);
	assert_int_equal(charter_clock_find(&c, "ack")->seconds[1], 86400);
	assert_true(charter_clock_find(&c, "decision_extension")->seconds[2]
	    == CHARTER_NONE);
	assert_null(charter_clock_find(&c, "acks"));
	assert_false(c.tier[1].present);
	assert_int_equal(c.tier[2].answer[2], 14400);
	assert_int_equal(charter_sign_find(&c, "decision")->officers[2], 1);
	assert_int_equal(charter_relay_find(&c, c.relay[1].root), 1);
	assert_int_equal(charter_relay_find(&c, c.party[0].root), -1);
	assert_int_equal(charter_write(&out, &c), ERR_OK);
	assert_int_equal(out.len, strlen(good));
	assert_memory_equal(out.p, good, out.len);
	buf_free(&out);
}

/* good with the first `from` replaced by `to` must not parse. */
static void
refuse(const char *from, const char *to, unsigned at_line, enum err want)
{
	struct buf text = buf_init(4 * CHARTER_MAX);
	const char *at = strstr(good, from);
	struct charter c;
	unsigned line;

	assert_non_null(at);
	buf_put(&text, good, (size_t)(at - good));
	buf_str(&text, to);
	buf_str(&text, at + strlen(from));
	assert_int_equal(charter_parse(&c, buf_view(&text), &line), want);
	if (at_line)
		assert_int_equal(line, at_line);
	buf_free(&text);
}

static void
refuses_any_other_writing(void **state)
{
	(void)state;
	refuse("casewire/1", "casewire/2", 1, ERR_VERSION);
	refuse("casewire/1 charter", "hello", 1, ERR_CHARTER);
	refuse("number 0", "number 00", 2, ERR_CHARTER);
	refuse("number 0", "number 1", 0, ERR_CHARTER);
	refuse("number 0", "number 65536", 2, ERR_CHARTER);
	refuse("number 0\n", "number 0\nnumber 0\n", 3, ERR_CHARTER);
	refuse("pair -\n", "", 3, ERR_CHARTER);
	refuse("pair -", "pair " A, 0, ERR_CHARTER);
	refuse("suite 1\n", "suite 1\nsuite 1\n", 0, ERR_CHARTER);
	refuse("suite 1\n", "suite 0\n", 0, ERR_CHARTER);
	refuse("copies 1", "copies 3", 0, ERR_CHARTER);
	refuse("copies 1", "copies 0", 0, ERR_CHARTER);
	refuse("quorum 1", "quorum 2", 0, ERR_CHARTER);
	refuse("heartbeat 300", "heartbeat 300 ", 13, ERR_CHARTER);
	refuse("heartbeat 300", "heartbeat  300", 13, ERR_CHARTER);
	refuse("heartbeat 300", "Heartbeat 300", 13, ERR_CHARTER);
	refuse("heartbeat 300", "heartbeat 0", 0, ERR_CHARTER);
	refuse("heartbeat 300", "heartbeat +300", 13, ERR_CHARTER);
	refuse("keep 30\n", "keep 30\n\n", 15, ERR_CHARTER);
	refuse("keep 30\n", "keep 30\r\n", 14, ERR_CHARTER);
	refuse("size 65536", "size 65535", 0, ERR_CHARTER);
	refuse("until 2028-02-29", "until 2027-02-29", 17, ERR_CHARTER);
	refuse("until 2028", "until 2025", 0, ERR_CHARTER);
	refuse("clock ack", "clock Ack", 0, ERR_CHARTER);
	refuse("clock ack 604800", "clock ack 0", 0, ERR_CHARTER);
	refuse("clock decision_extension", "clock ack", 0, ERR_CHARTER);
	refuse("tier 3", "tier 1", 21, ERR_CHARTER);
	refuse("tier 3", "tier 4", 21, ERR_CHARTER);
	refuse("sign decision 2 2 1", "sign decision 3 2 1", 22, ERR_CHARTER);
	refuse("sign decision 2 2 1", "sign decision 0 2 1", 0, ERR_CHARTER);
	refuse("sign status 1 1 1\n", "sign status 1 1 1", 23, ERR_CHARTER);
	refuse("sign status 1 1 1\n", "sign status 1 1 1\nx y\n", 24,
	    ERR_CHARTER);
}

static void
refuses_wrong_parties_and_relays(void **state)
{
	(void)state;
	refuse("a 1", "a 3", 0, ERR_CHARTER);
	refuse("a 1", "a A", 0, ERR_CHARTER);
	refuse("b 2", "b A", 6, ERR_CHARTER);
	refuse("b " B, "b " A, 0, ERR_CHARTER);
	refuse("Cyber Desk of A", "", 0, ERR_CHARTER);
	refuse("Cyber Desk", "Cyber\x01" "Desk", 0, ERR_CHARTER);
	refuse("Cyber Desk", "Cyber\xff" "Desk", 0, ERR_CHARTER);
	refuse("Cyber Desk", "Cyber  Desk", 0, ERR_CHARTER);
	refuse("relay " R, "relay " A, 0, ERR_CHARTER);
	refuse("relay.two", "relay.one", 0, ERR_CHARTER);
	refuse("relay.one", "relay+one", 0, ERR_CHARTER);
	refuse("relay " W " relay.two", "relay " R " relay.two", 0,
	    ERR_CHARTER);
	refuse("tcp://127.0.0.1:7117", "ipc://x:7117", 0, ERR_CHARTER);
	refuse("127.0.0.1:7117", "127.0.0.1:0", 0, ERR_CHARTER);
	refuse("127.0.0.1:7117", "127.0.0.1:65536", 0, ERR_CHARTER);
	refuse("127.0.0.1:7117", "127.0.0.1", 0, ERR_CHARTER);
	refuse("127.0.0.1:7117", ":7117", 0, ERR_CHARTER);
	refuse("127.0.0.1:7117", "a:b:7117", 0, ERR_CHARTER);
	refuse("[::1]:7118", "[zz]:7118", 0, ERR_CHARTER);
}

static void
limits(void **state)
{
	struct buf text = buf_init(4 * CHARTER_MAX);
	struct charter c;

	(void)state;
	buf_str(&text, good);
	while (text.len <= CHARTER_MAX)
		buf_str(&text, "sign x 1 1 1\n");
	assert_int_equal(charter_parse(&c, buf_view(&text), NULL),
	    ERR_TOO_BIG);
	assert_int_equal(charter_parse(&c, (struct view){NULL, 0}, NULL),
	    ERR_CHARTER);
	buf_reset(&text);
	buf_str(&text, good);
	for (unsigned i = 0; i < 251; i++)
		buf_fmt(&text, "sign x%u 1 1 1\n", i);
	assert_int_equal(charter_parse(&c, buf_view(&text), NULL),
	    ERR_CHARTER);		/* 257 lines of profile */
	text.len -= strlen("sign x250 1 1 1\n");
	assert_int_equal(charter_parse(&c, buf_view(&text), NULL), ERR_OK);
	for (size_t len = 0; len < strlen(good); len++)
		charter_parse(&c, (struct view){(const uint8_t *)good, len},
		    NULL);
	buf_free(&text);
}

static void
renewals(void **state)
{
	struct hash id0 = charter_id(view_of(good)), id1, other;
	struct charter c0, c1, c2;

	(void)state;
	assert_int_equal(charter_parse(&c0, view_of(good), NULL), ERR_OK);
	c1 = c0;
	c1.number = 1;
	c1.pair = id0;
	c1.replaces = id0;
	assert_int_equal(charter_renews(&c1, &c0, &id0), ERR_OK);
	other = charter_pair(&c0, &id0);
	assert_true(hash_eq(&other, &id0));
	id1 = hash_filled(9);
	other = charter_pair(&c1, &id1);
	assert_true(hash_eq(&other, &id0));
	c2 = c1;
	c2.number = 2;
	c2.replaces = id1;
	assert_int_equal(charter_renews(&c2, &c1, &id1), ERR_OK);
	assert_int_equal(charter_renews(&c2, &c0, &id0), ERR_CHARTER_NUMBER);
	assert_int_equal(charter_renews(&c0, &c1, &id1), ERR_CHARTER_NUMBER);
	c2.pair = id1;
	assert_int_equal(charter_renews(&c2, &c1, &id1), ERR_CHARTER);
	c2.pair = id0;
	c2.replaces = id0;
	assert_int_equal(charter_renews(&c2, &c1, &id1), ERR_CHARTER);
}

static void
times(void **state)
{
	char text[21];
	uint64_t at;

	(void)state;
	assert_int_equal(charter_time_parse(&at,
	    view_of("1970-01-01T00:00:00Z")), ERR_OK);
	assert_int_equal(at, 0);
	assert_int_equal(charter_time_parse(&at,
	    view_of("9999-12-31T23:59:59Z")), ERR_OK);
	charter_time_write(text, at);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	assert_int_equal(charter_time_parse(&at,
	    view_of("1969-12-31T23:59:59Z")), ERR_SYNTAX);
	assert_int_equal(charter_time_parse(&at,
	    view_of("2026-13-01T00:00:00Z")), ERR_SYNTAX);
	assert_int_equal(charter_time_parse(&at,
	    view_of("2026-12-01T24:00:00Z")), ERR_SYNTAX);
	assert_int_equal(charter_time_parse(&at,
	    view_of("2026-12-01T00:00:60Z")), ERR_SYNTAX);
	assert_int_equal(charter_time_parse(&at,
	    view_of("2026-12-01 00:00:00Z")), ERR_SYNTAX);
	assert_int_equal(charter_time_parse(&at,
	    view_of("2026-12-01T00:00:00z")), ERR_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_the_same_text),
		cmocka_unit_test(refuses_any_other_writing),
		cmocka_unit_test(refuses_wrong_parties_and_relays),
		cmocka_unit_test(limits),
		cmocka_unit_test(renewals),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
