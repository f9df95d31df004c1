/*
 * ladder: its table against DIALOGUE.md; each reason why something may not
 * be raised; the way of a cause through the tiers; what software proposes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/ladder.h"
#include "tale.h"

/* ---- DIALOGUE.md ---- */

static int
state_of(const char *word)
{
	for (int s = 0; s < LADDER_STATES; s++)
		if (strcmp(ladder_state_name((enum ladder_state)s), word) == 0)
			return s;
	fail_msg("unknown state %s", word);
	return -1;
}

static void
check_row(void *ctx, char *cell[])
{
	static const char *const by[] = {"other", "either", "rule"};
	size_t *i = ctx;
	const struct ladder_row *row = ladder_row((*i)++);
	uint32_t from = 0;

	assert_non_null(row);
	for (char *w = strtok(cell[0], " "); w != NULL; w = strtok(NULL, " "))
		from |= 1u << state_of(w);
	assert_int_equal(row->from, from);
	assert_int_equal(row->event, strcmp(cell[1], "settling") == 0
		? LADDER_SETTLING
		: tale_type(cell[1]));
	assert_string_equal(by[row->by], cell[2]);
	assert_int_equal(row->to, state_of(cell[3]));
}

static void
test_table_is_the_document(void **state)
{
	size_t n = 0;

	(void)state;
	assert_int_equal(tale_table("Hotline", 4, check_row, &n), 5);
	assert_null(ladder_row(n));
}

/* The document names every reason and no other; see test_reasons. */
static void
note_code(FILE *f, bool *seen)
{
	char line[512];

	while (fgets(line, sizeof(line), f) != NULL)
		for (int w = LADDER_MAY + 1; w < LADDER_WHYS; w++) {
			const char *name =
			    ladder_why_name((enum ladder_why)w);
			size_t len = strlen(name);

			if (strncmp(line, "| ", 2) == 0 &&
			    strncmp(line + 2, name, len) == 0 &&
			    strncmp(line + 2 + len, " | ", 3) == 0)
				seen[w] = true;
		}
}

static void
test_reasons_are_the_documents(void **state)
{
	FILE *f = fopen("cases/DIALOGUE.md", "r");
	bool seen[LADDER_WHYS] = {false};

	(void)state;
	assert_non_null(f);
	note_code(f, seen);
	fclose(f);
	for (int w = LADDER_MAY + 1; w < LADDER_WHYS; w++) {
		if (!seen[w])
			fail_msg("DIALOGUE.md lacks %s",
			    ladder_why_name((enum ladder_why)w));
		assert_int_not_equal(
		    ladder_err((enum ladder_why)w), ERR_OK);
	}
	assert_int_equal(ladder_err(LADDER_MAY), ERR_OK);
	assert_int_equal(ladder_err(LADDER_WHY_SIGNATURES), ERR_PERMIT);
}

/* ---- a case, raised ---- */

struct rig {
	struct tale t;
	struct ladder l;
};

static void
eval(struct rig *r, uint64_t at)
{
	ladder_free(&r->l);
	tale_eval(&r->t, at);
	assert_int_equal(ladder_eval(&r->l, r->t.msgs, r->t.n, &r->t.clocks,
	    at), ERR_OK);
}

static void
begin(struct rig *r, unsigned urgency)
{
	memset(r, 0, sizeof(*r));
	tale_begin(&r->t, NULL, NULL);
	tale_request(&r->t, urgency);
}

static void
end(struct rig *r)
{
	ladder_free(&r->l);
	tale_end(&r->t);
}

static struct ladder_ask
about(const struct rig *r, enum case_side side, unsigned tier, size_t told,
    int clock)
{
	struct ladder_ask ask = {.side = side, .tier = tier, .signatures = 2};

	ask.cause.env_id = r->t.told[told].env_id;
	ask.cause.about = clock < 0 ? LADDER_DISPUTE : LADDER_CLOCK;
	ask.cause.clock = clock < 0 ? CLOCKS_ACK : (enum clocks_kind)clock;
	return ask;
}

static void
may(const struct rig *r, const struct ladder_ask *ask, enum ladder_why want)
{
	assert_string_equal(ladder_why_name(ladder_may(&r->l, ask)),
	    ladder_why_name(want));
}

static struct clocks_msg *
escalate(struct rig *r, enum case_side side, unsigned tier, size_t told,
    int clock, uint64_t at)
{
	struct clocks_msg *msg = tale_tell(&r->t, side, NOTICE_ESCALATE, 0,
	    at);

	msg->tier = (uint8_t)tier;
	msg->answers = r->t.told[told].env_id;
	msg->touches = clock < 0 ? 0 : 1u << clock;
	return msg;
}

static void
answer(struct rig *r, enum case_side side, enum notice_type type,
    size_t told, uint64_t at)
{
	tale_tell(&r->t, side, type, 0, at)->answers = r->t.told[told].env_id;
}

#define DUE (WHEN + 8 * DAY)	/* past it: the ACK of U0, in UTC's days */

static void
test_reasons(void **state)
{
	struct ladder_ask ask;
	struct rig r;

	(void)state;
	begin(&r, 0);
	ask = about(&r, ASKER, 1, 0, CLOCKS_ACK);
	eval(&r, WHEN + DAY);
	may(&r, &ask, LADDER_WHY_NOT_OVERDUE);
	eval(&r, DUE);
	may(&r, &ask, LADDER_MAY);
	ask.tier = 0;
	may(&r, &ask, LADDER_WHY_TIER);
	ask.tier = 4;
	may(&r, &ask, LADDER_WHY_TIER);
	ask.tier = 2;
	may(&r, &ask, LADDER_WHY_BELOW);
	ask.urgency = 2;	/* only the REQUEST's counts */
	may(&r, &ask, LADDER_WHY_BELOW);
	ask.signatures = 1;
	may(&r, &ask, LADDER_WHY_SIGNATURES);
	ask.tier = 1;
	may(&r, &ask, LADDER_MAY);
	ask.side = ASKED;
	may(&r, &ask, LADDER_WHY_OWN);
	ask = about(&r, ASKER, 1, 0, CLOCKS_RESULT);
	may(&r, &ask, LADDER_WHY_UNKNOWN);
	ask.cause.env_id.b[0] ^= 1;
	may(&r, &ask, LADDER_WHY_UNKNOWN);
	ask.cause.about = LADDER_DISPUTE;
	may(&r, &ask, LADDER_WHY_UNKNOWN);
	ask.cause.about = LADDER_NOTHING;
	may(&r, &ask, LADDER_WHY_NO_CAUSE);
	/* Proven silent is unmet just as well. */
	r.t.now.silent_until_at[ASKED] = DUE;
	eval(&r, DUE);
	ask = about(&r, ASKER, 1, 0, CLOCKS_ACK);
	may(&r, &ask, LADDER_MAY);
	/* Late, but answered. */
	tale_tell(&r.t, ASKED, NOTICE_ACK, 0, DUE);
	eval(&r, DUE + 1);
	may(&r, &ask, LADDER_WHY_GONE);
	end(&r);
}

static void
test_emergency_skips(void **state)
{
	struct ladder_ask ask;
	struct rig r;

	(void)state;
	begin(&r, 2);
	eval(&r, WHEN + 2 * HOUR);
	for (unsigned tier = 1; tier <= 3; tier++) {
		ask = about(&r, ASKER, tier, 0, CLOCKS_ACK);
		may(&r, &ask, LADDER_MAY);
	}
	escalate(&r, ASKER, 1, 0, CLOCKS_ACK, WHEN + 2 * HOUR);
	eval(&r, WHEN + 2 * HOUR + 60 * SECOND);
	may(&r, &ask, LADDER_MAY);
	ask.tier = 1;
	may(&r, &ask, LADDER_WHY_RAISED);
	end(&r);
}

/* Whoever raises may say that it has become more urgent, not less. */
static void
test_urgency_of_an_escalation(void **state)
{
	struct rig r;

	(void)state;
	for (unsigned of_case = 0; of_case < 3; of_case++)
		for (unsigned own = 0; own < 3; own++) {
			unsigned u = own > of_case ? own : of_case;

			begin(&r, of_case);
			escalate(&r, ASKER, 1, 0, CLOCKS_ACK, DUE)->urgency =
			    own;
			eval(&r, DUE + 1);
			assert_true(r.l.v[0].answer_due.before_at ==
			    DUE + SECOND +
				r.t.charter.tier[0].answer[u] * SECOND);
			end(&r);
		}
}

static void
is_state(const struct rig *r, size_t step, enum ladder_state want)
{
	assert_true(step < r->l.n);
	assert_string_equal(ladder_state_name(r->l.v[step].state),
	    ladder_state_name(want));
}

/* Tier 1 keeps silent, tier 2 returns it, tier 1 answers without a result,
 * tier 2 again, then the ACK comes. */
static void
test_the_way_up_and_down(void **state)
{
	struct ladder_ask two, three;
	struct rig r;

	(void)state;
	begin(&r, 0);
	escalate(&r, ASKER, 1, 0, CLOCKS_ACK, DUE);
	eval(&r, DUE + DAY);
	two = about(&r, ASKER, 2, 0, CLOCKS_ACK);
	three = about(&r, ASKER, 3, 0, CLOCKS_ACK);
	is_state(&r, 0, LADDER_RAISED);
	may(&r, &two, LADDER_WHY_RUNS);
	may(&r, &three, LADDER_WHY_BELOW);
	eval(&r, DUE + 2 * DAY + SECOND);
	may(&r, &two, LADDER_WHY_RUNS);
	assert_int_equal(r.l.v[0].ack, CLOCKS_OVERDUE);
	assert_int_equal(r.l.v[0].answer, CLOCKS_RUNNING);
	eval(&r, DUE + 2 * DAY + SECOND + 1);
	may(&r, &two, LADDER_MAY);
	may(&r, &three, LADDER_WHY_BELOW);
	/* A charter without that tier gives it no time. */
	r.t.charter.tier[0].present = false;
	eval(&r, DUE + HOUR);
	may(&r, &two, LADDER_MAY);
	r.t.charter.tier[0].present = true;
	/* Nor is the tier's own clock a cause. */
	eval(&r, DUE + 2 * DAY + SECOND + 1);
	two = about(&r, ASKER, 1, 1, CLOCKS_ESC_ANSWER);
	may(&r, &two, LADDER_WHY_UNKNOWN);
	two = about(&r, ASKER, 2, 0, CLOCKS_ACK);

	escalate(&r, ASKER, 2, 0, CLOCKS_ACK, DUE + 3 * DAY);	/* told 2 */
	answer(&r, ASKER, NOTICE_ESC_ACK, 2, DUE + 3 * DAY);
	eval(&r, DUE + 3 * DAY + HOUR);
	is_state(&r, 0, LADDER_PASSED_ON);
	is_state(&r, 1, LADDER_RAISED);	/* not by who raised it */
	answer(&r, ASKED, NOTICE_ESC_ACK, 2, DUE + 3 * DAY + 2 * HOUR);
	eval(&r, DUE + 3 * DAY + 3 * HOUR);
	is_state(&r, 1, LADDER_ACKED);
	assert_int_equal(r.l.v[1].ack, CLOCKS_MET);
	answer(&r, ASKED, NOTICE_ESC_RETURN, 2, DUE + 4 * DAY);
	eval(&r, DUE + 4 * DAY + HOUR);
	is_state(&r, 1, LADDER_RETURNED);
	may(&r, &three, LADDER_MAY);
	may(&r, &two, LADDER_WHY_RAISED);
	two.tier = 1;
	may(&r, &two, LADDER_MAY);
	two.tier = 2;

	escalate(&r, ASKER, 1, 0, CLOCKS_ACK, DUE + 5 * DAY);	/* told 6 */
	answer(&r, ASKED, NOTICE_ESC_ANSWER, 6, DUE + 5 * DAY + HOUR);
	eval(&r, DUE + 5 * DAY + 2 * HOUR);
	is_state(&r, 1, LADDER_PASSED_ON);
	is_state(&r, 2, LADDER_ANSWERED);
	assert_int_equal(r.l.v[2].ack, CLOCKS_MET);
	assert_int_equal(r.l.v[2].answer, CLOCKS_MET);
	may(&r, &two, LADDER_WHY_RUNS);
	eval(&r, DUE + 8 * DAY);
	may(&r, &two, LADDER_MAY);
	tale_tell(&r.t, ASKED, NOTICE_ACK, 0, DUE + 8 * DAY);
	eval(&r, DUE + 8 * DAY + 1);
	is_state(&r, 0, LADDER_PASSED_ON);
	is_state(&r, 2, LADDER_SETTLED);
	may(&r, &two, LADDER_WHY_GONE);
	end(&r);
}

static void
test_dispute(void **state)
{
	struct ladder_ask ask;
	struct rig r;

	(void)state;
	begin(&r, 0);
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED, WHEN + DAY);
	eval(&r, WHEN + 2 * DAY);
	ask = about(&r, ASKER, 1, 1, -1);
	may(&r, &ask, LADDER_MAY);
	ask.side = ASKED;
	may(&r, &ask, LADDER_WHY_OWN);
	ask = about(&r, ASKER, 1, 0, -1);
	may(&r, &ask, LADDER_WHY_UNKNOWN);
	ask = about(&r, ASKER, 2, 1, -1);
	/* Not proposed before a person called it disputed. */
	assert_int_equal(ladder_proposes(&r.l, ASKER, NULL, 0), 0);
	escalate(&r, ASKER, 1, 1, -1, WHEN + 2 * DAY);
	eval(&r, WHEN + 5 * DAY);
	may(&r, &ask, LADDER_MAY);
	assert_int_equal(ladder_proposes(&r.l, ASKER, NULL, 0), 1);
	assert_int_equal(ladder_proposes(&r.l, ASKED, NULL, 0), 0);
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED,
	    WHEN + 5 * DAY);
	eval(&r, WHEN + 6 * DAY);
	is_state(&r, 0, LADDER_SETTLED);
	may(&r, &ask, LADDER_WHY_GONE);
	end(&r);
}

static void
test_incident(void **state)
{
	struct ladder_ask ask = {.side = ASKED, .tier = 3, .urgency = 2,
	    .signatures = 2, .cause = {.about = LADDER_INCIDENT}};
	struct clocks_msg *msg;
	struct rig r;

	(void)state;
	memset(&r, 0, sizeof(r));
	tale_begin(&r.t, NULL, NULL);
	eval(&r, WHEN);
	may(&r, &ask, LADDER_MAY);
	ask.tier = 2;
	may(&r, &ask, LADDER_WHY_INCIDENT);
	ask.tier = 3;
	ask.urgency = 1;
	may(&r, &ask, LADDER_WHY_INCIDENT);
	ask.urgency = 2;
	ask.signatures = 1;
	may(&r, &ask, LADDER_WHY_SIGNATURES);
	ask.signatures = 2;

	msg = tale_tell(&r.t, ASKED, NOTICE_ESCALATE, 0, WHEN);
	msg->incident = true;
	msg->tier = 3;
	msg->urgency = 2;
	eval(&r, WHEN + 1);
	assert_int_equal(r.l.n, 1);
	assert_true(r.l.v[0].answer_due.before_at == WHEN + SECOND + 4 * HOUR);
	ask.cause.env_id = r.t.told[0].env_id;
	may(&r, &ask, LADDER_WHY_RAISED);
	ask.cause.env_id.b[5] = 9;
	may(&r, &ask, LADDER_WHY_UNKNOWN);
	ask.cause.env_id = r.t.told[0].env_id;

	/* Minuted by one, countersigned by the other. */
	answer(&r, ASKED, NOTICE_CALL_RECORD, 0, WHEN + HOUR);
	eval(&r, WHEN + 2 * HOUR);
	is_state(&r, 0, LADDER_RAISED);
	msg = tale_tell(&r.t, ASKED, NOTICE_CALL_RECORD, OUTCOME_CONFIRMED,
	    WHEN + 2 * HOUR);
	msg->answers = r.t.told[1].env_id;
	r.t.of[1].agreed = true;
	eval(&r, WHEN + 3 * HOUR);
	is_state(&r, 0, LADDER_RAISED);	/* by itself */
	msg = tale_tell(&r.t, ASKER, NOTICE_CALL_RECORD, OUTCOME_CONFIRMED,
	    WHEN + 3 * HOUR);
	msg->answers = r.t.told[1].env_id;
	r.t.of[1].agreed = false;
	eval(&r, WHEN + 4 * HOUR);
	is_state(&r, 0, LADDER_RAISED);	/* nothing agreed */
	r.t.of[1].agreed = true;
	eval(&r, WHEN + 4 * HOUR);
	is_state(&r, 0, LADDER_SETTLED);
	may(&r, &ask, LADDER_WHY_SETTLED);
	r.t.told[3].move.outcome = OUTCOME_DISPUTED;
	eval(&r, WHEN + 4 * HOUR);
	is_state(&r, 0, LADDER_RAISED);
	end(&r);
}

/* Settled by a call, though the obligation is still unmet. */
static void
test_settled_is_not_raised_again(void **state)
{
	struct ladder_ask ask;
	struct rig r;

	(void)state;
	begin(&r, 0);
	escalate(&r, ASKER, 1, 0, CLOCKS_ACK, DUE);
	answer(&r, ASKED, NOTICE_CALL_RECORD, 1, DUE + HOUR);
	r.t.of[2].agreed = true;
	answer(&r, ASKER, NOTICE_CALL_RECORD, 2, DUE + 2 * HOUR);
	r.t.told[3].move.outcome = OUTCOME_CONFIRMED;
	eval(&r, DUE + 5 * DAY);
	is_state(&r, 0, LADDER_SETTLED);
	ask = about(&r, ASKER, 2, 0, CLOCKS_ACK);
	may(&r, &ask, LADDER_WHY_SETTLED);
	assert_int_equal(ladder_proposes(&r.l, ASKER, NULL, 0), 0);
	end(&r);
}

static void
test_proposes(void **state)
{
	struct ladder_ask ask[4];
	struct rig r;

	(void)state;
	begin(&r, 0);
	eval(&r, WHEN + DAY);
	assert_int_equal(ladder_proposes(&r.l, ASKER, ask, 4), 0);
	eval(&r, WHEN + 40 * DAY);	/* ACK and DECISION */
	assert_int_equal(ladder_proposes(&r.l, ASKED, ask, 4), 0);
	assert_int_equal(ladder_proposes(&r.l, ASKER, ask, 1), 2);
	assert_int_equal(ladder_proposes(&r.l, ASKER, ask, 4), 2);
	assert_int_equal(ask[0].tier, 1);
	assert_int_equal(ask[0].signatures, 1);
	assert_int_equal(ask[0].cause.clock, CLOCKS_ACK);
	assert_int_equal(ask[1].cause.clock, CLOCKS_DECISION);
	escalate(&r, ASKER, 1, 0, CLOCKS_ACK, WHEN + 40 * DAY);
	eval(&r, WHEN + 41 * DAY);
	assert_int_equal(ladder_proposes(&r.l, ASKER, ask, 4), 1);
	eval(&r, WHEN + 43 * DAY);
	assert_int_equal(ladder_proposes(&r.l, ASKER, ask, 4), 2);
	assert_int_equal(ask[0].tier, 2);
	assert_int_equal(ask[0].signatures, 2);
	end(&r);
}

/* By whatever name the request bore when it was cited. */
static void
test_cited_by_an_older_name(void **state)
{
	struct hash old = {{99}};
	struct ladder_ask ask;
	struct rig r;

	(void)state;
	begin(&r, 0);
	r.t.told[0].was = &old;
	r.t.told[0].was_len = 1;
	escalate(&r, ASKER, 1, 0, CLOCKS_ACK, DUE)->answers = old;
	eval(&r, DUE + HOUR);
	ask = about(&r, ASKER, 1, 0, CLOCKS_ACK);
	may(&r, &ask, LADDER_WHY_RAISED);
	ask.cause.env_id = old;
	may(&r, &ask, LADDER_WHY_RAISED);
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table_is_the_document),
	    cmocka_unit_test(test_reasons_are_the_documents),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_emergency_skips),
	    cmocka_unit_test(test_urgency_of_an_escalation),
	    cmocka_unit_test(test_the_way_up_and_down),
	    cmocka_unit_test(test_dispute),
	    cmocka_unit_test(test_incident),
	    cmocka_unit_test(test_settled_is_not_raised_again),
	    cmocka_unit_test(test_proposes),
	    cmocka_unit_test(test_cited_by_an_older_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
