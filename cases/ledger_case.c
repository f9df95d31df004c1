#include "cases/ledger.h"
#include "cases/permit.h"

/* What one case is counted with. */
struct count {
	struct ledger *l;
	const struct ledger_file *c;
	enum err err;
};

static void
count(struct count *t, unsigned party, unsigned group, unsigned word,
    const struct hash *env_id)
{
	const struct ledger_entry e = {(uint8_t)party, (uint8_t)group,
	    (uint8_t)word, *env_id};

	if (t->err == ERR_OK)
		t->err = ledger_put(t->l, &e);
}

/* ---- what a message says ---- */

uint64_t
ledger_at(const struct clocks_msg *msg, const struct ledger_said *said)
{
	if (msg->has_delivered && msg->delivered.before_at != 0)
		return msg->delivered.before_at;
	return msg->sent.before_at != 0 ? msg->sent.before_at
					: said->claimed_at;
}

static bool
stands(const struct case_msg *m)
{
	return m->standing == CASE_STANDS && !hash_is_zero(&m->env_id);
}

/* It stands, and was handed over in the period. */
static bool
counts(const struct count *t, size_t i)
{
	uint64_t at = ledger_at(&t->c->msgs[i], &t->c->said[i]);

	return stands(t->c->msgs[i].m) && at >= t->l->from_at &&
	    at < t->l->until_at;
}

static unsigned
party_of(const struct ledger_file *c, enum case_side side)
{
	return side == CASE_REQUESTING ? c->asker : 1u - c->asker;
}

static unsigned
whose(const struct ledger_file *c, const char *name,
    const struct clocks_msg *msg)
{
	unsigned author = party_of(c, msg->m->side);

	switch (ledger_group((unsigned)ledger_find(name))->whose) {
	case LEDGER_ASKED:
		return 1u - c->asker;
	case LEDGER_OTHER:
		return 1u - author;
	default:
		return author;
	}
}

/* One more of that word, by its group's own rule of whose it is. */
static void
count_msg(struct count *t, const char *name, const char *word,
    const struct clocks_msg *msg)
{
	int group = ledger_find(name), at = ledger_word((unsigned)group, word);

	/* A code that this table does not know is no figure of it. */
	if (at >= 0)
		count(t, whose(t->c, name, msg), (unsigned)group,
		    (unsigned)at, &msg->m->env_id);
}

static void
count_outcome(struct count *t, const char *name, const struct clocks_msg *msg)
{
	const char *word = notice_outcome_name(
	    (enum notice_outcome)msg->m->move.outcome);

	if (word != NULL)
		count_msg(t, name, word, msg);
}

static void
count_body(struct count *t, const char *name, const char *word,
    const struct clocks_msg *msg)
{
	count_msg(t, name, msg->closed || word == NULL ? "closed" : word, msg);
}

/* Who answers a message has it. */
static bool
was_answered(const struct ledger_file *c, const struct clocks_msg *msg)
{
	for (const struct clocks_msg *m = msg + 1; m < c->msgs + c->n; m++)
		if (stands(m->m) && m->m->side != msg->m->side)
			return true;
	return false;
}

static void
count_request(struct count *t, size_t i)
{
	static const char *const urgency[] = {"u0", "u1", "u2"};
	const struct clocks_msg *msg = &t->c->msgs[i];
	const char *came = "waiting";

	if (msg->has_delivered || was_answered(t->c, msg))
		came = "handed_over";
	else if (msg->m->evidence & CASE_EVIDENCE_EXPIRED)
		came = "not_taken_in";
	count_msg(t, "requests", came, msg);
	if (msg->urgency <= URGENCY_MAX)
		count_msg(t, "urgency", urgency[msg->urgency], msg);
	count_body(t, "kind", notice_words_name(notice_words_kind,
	    (int)t->c->said[i].kind), msg);
}

static const struct clocks_msg *
answered_by(const struct ledger_file *c, const struct clocks_msg *msg)
{
	for (size_t i = 0; i < c->n; i++)
		if (casefile_is_named(c->msgs[i].m, &msg->answers))
			return &c->msgs[i];
	return NULL;
}

static void
count_feedback(struct count *t, const struct clocks_msg *msg)
{
	const struct clocks_msg *on = answered_by(t->c, msg);

	count_outcome(t, on != NULL && on->m->move.event == NOTICE_LEAD
		? "leads_said"
		: "feedback_said", msg);
}

/* Only a body tells the tier; the ladder counts those that are open. */
static void
count_escalation(struct count *t, const struct clocks_msg *msg)
{
	unsigned to = party_of(t->c, msg->m->side) == 0 ? 1 : 0;

	count_msg(t, "escalations", "raised", msg);
	if (!msg->closed)
		return;
	count_msg(t, "escalations", "closed", msg);
	for (unsigned k = CLOCKS_ESC_ACK; k <= CLOCKS_ESC_ANSWER; k++)
		count(t, to, ledger_clock((enum clocks_kind)k,
		    NOTICE_ESCALATE), CLOCKS_VERDICTS, &msg->m->env_id);
}

/* Whether it renews a preservation stands in its body. */
static void
count_supplement(struct count *t, const struct clocks_msg *msg)
{
	if (msg->closed && (msg->touches & 1u << CLOCKS_PRESERVATION))
		count(t, t->c->asker, ledger_clock(CLOCKS_PRESERVATION,
		    NOTICE_SUPPLEMENT), CLOCKS_VERDICTS, &msg->m->env_id);
}

/* Who signed stands beside the body; where two are wanted it matters. */
static void
count_signatures(struct count *t, const struct clocks_msg *msg)
{
	const struct charter *charter = msg->terms->charter;
	const struct charter_clock *line = charter_clock_find(charter,
	    clocks_row(CLOCKS_COUNTERSIGN)->name);
	unsigned u = msg->urgency <= URGENCY_MAX ? msg->urgency : 0;

	if (msg->closed && line != NULL && line->seconds[u] != CHARTER_NONE &&
	    permit_owed(charter, (enum notice_type)msg->m->move.event, u) > 1)
		count(t, party_of(t->c, msg->m->side),
		    ledger_clock(CLOCKS_COUNTERSIGN, msg->m->move.event),
		    CLOCKS_VERDICTS, &msg->m->env_id);
}

static void
count_decision(struct count *t, size_t i)
{
	const struct clocks_msg *msg = &t->c->msgs[i];

	count_outcome(t, "decisions", msg);
	if (msg->m->move.outcome == OUTCOME_REFUSED)
		count_body(t, "refusals", notice_words_name(
		    notice_words_ground, (int)t->c->said[i].ground), msg);
}

static void
count_message(struct count *t, size_t i)
{
	const struct clocks_msg *msg = &t->c->msgs[i];

	count_signatures(t, msg);
	switch (msg->m->move.event) {
	case NOTICE_REQUEST:
		count_request(t, i);
		break;
	case NOTICE_DECISION:
		count_decision(t, i);
		break;
	case NOTICE_RESULT:
		count_outcome(t, "results", msg);
		break;
	case NOTICE_STATUS_QUERY:
		count_msg(t, "queries", "asked", msg);
		break;
	case NOTICE_DELAY:
		count_msg(t, "extensions", "asked", msg);
		break;
	case NOTICE_FEEDBACK:
		count_feedback(t, msg);
		break;
	case NOTICE_LEAD:
		count_msg(t, "leads", "given", msg);
		break;
	case NOTICE_SUPPLEMENT:
		count_supplement(t, msg);
		break;
	case NOTICE_CONSENT_ASK:
		count_msg(t, "consents", "asked", msg);
		break;
	case NOTICE_CONSENT:
		count_outcome(t, "consents", msg);
		break;
	case NOTICE_CONSULT:
		count_msg(t, "notices", "consult", msg);
		break;
	case NOTICE_PUBLICITY_NOTICE:
		count_msg(t, "notices", "publicity", msg);
		break;
	case NOTICE_ESCALATE:
		count_escalation(t, msg);
		break;
	case NOTICE_PRIORITY_LIST:
		count_body(t, "priority_lists", "given", msg);
		break;
	default:
		break;
	}
}

/* ---- what a clock says ---- */

/* Ended by what it waits for, not by the end of the case. */
static bool
is_answered(const struct ledger_file *c, const struct clocks_clock *k)
{
	const struct clocks_on *on = clocks_row(k->kind)->stop;
	const struct case_msg *m;

	if (k->stop == CLOCKS_NONE)
		return false;
	m = c->msgs[k->stop].m;
	for (unsigned i = 0; i < CLOCKS_ON_MAX && on[i].event != 0; i++)
		if (on[i].event == m->move.event)
			return m->side == k->owes;
	return false;
}

/* It was extended, or perhaps, by a DELAY whose date is hidden. */
static bool
is_hidden(const struct ledger_file *c, const struct clocks_clock *k)
{
	size_t end = k->stop == CLOCKS_NONE ? c->n : k->stop;

	if (k->extended == CLOCKS_NOT_EXTENDED)
		return false;
	for (size_t i = k->start + 1; i < end; i++)
		if (c->msgs[i].closed && stands(c->msgs[i].m) &&
		    c->msgs[i].m->move.event == NOTICE_DELAY &&
		    c->msgs[i].m->side == k->owes &&
		    (c->msgs[i].touches & 1u << k->kind))
			return true;
	return false;
}

/* Would a body that is not open decide? */
static bool
is_closed(const struct ledger_file *c, const struct clocks_clock *k)
{
	if (k->verdict != CLOCKS_IN_DOUBT && k->verdict != CLOCKS_RUNNING)
		return false;
	return (clocks_row(k->kind)->cell[k->urgency].dated &&
		   c->msgs[k->start].closed) ||
	    is_hidden(c, k);
}

static void
count_due(struct count *t, const char *name, const struct clocks_clock *k)
{
	unsigned group = (unsigned)ledger_find(name);
	unsigned party = party_of(t->c, k->owes);
	bool given = is_answered(t->c, k);
	bool missed = !given && (k->verdict == CLOCKS_OVERDUE ||
	    k->verdict == CLOCKS_LATE);

	if (given || missed)
		count(t, party, group, (unsigned)ledger_word(group, "due"),
		    &k->env_id);
	if (given)
		count(t, party, group, (unsigned)ledger_word(group, "given"),
		    &k->env_id);
	if (missed)
		count(t, party, group, (unsigned)ledger_word(group, "missed"),
		    &k->env_id);
}

static void
count_extension(struct count *t, const struct clocks_clock *k)
{
	unsigned group = (unsigned)ledger_find("extensions");
	unsigned party = party_of(t->c, k->owes);
	const char *word = "in_doubt";

	if (is_hidden(t->c, k)) {
		count(t, party, group, (unsigned)ledger_word(group, "closed"),
		    &k->env_id);
		return;
	}
	if (k->extended == CLOCKS_EXTENDED)
		word = "granted";
	if (k->extended != CLOCKS_NOT_EXTENDED)
		count(t, party, group, (unsigned)ledger_word(group, word),
		    &k->env_id);
	if (k->explained)
		count(t, party, group,
		    (unsigned)ledger_word(group, "explained"), &k->env_id);
}

/* From a to b at least, at most. */
static uint64_t
least(uint64_t a, uint64_t b)
{
	return a != 0 && b > a ? b - a : 0;
}

static uint64_t
most(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return LEDGER_UNBOUNDED;
	return b > a ? b - a : 0;
}

static void
take_time(struct count *t, enum ledger_time what,
    const struct clocks_clock *k)
{
	const struct ledger_took took = {
		.party = (uint8_t)party_of(t->c, k->owes),
		.what = (uint8_t)what,
		.env_id = k->env_id,
		.lo = least(k->started.before_at, k->stopped.after_at),
		.hi = most(k->started.after_at, k->stopped.before_at),
	};

	if (t->err == ERR_OK && is_answered(t->c, k))
		t->err = ledger_put_took(t->l, &took);
}

static void
count_clock(struct count *t, const struct clocks_clock *k)
{
	uint16_t event = t->c->msgs[k->start].m->move.event;
	unsigned word = is_closed(t->c, k) ? CLOCKS_VERDICTS : k->verdict;

	count(t, party_of(t->c, k->owes), ledger_clock(k->kind, event), word,
	    &k->env_id);
	count_extension(t, k);
	switch (k->kind) {
	case CLOCKS_ACK:
		take_time(t, LEDGER_TO_ACK, k);
		break;
	case CLOCKS_DECISION:
		take_time(t, LEDGER_TO_DECISION, k);
		break;
	case CLOCKS_RESULT:
		take_time(t, LEDGER_TO_RESULT, k);
		break;
	case CLOCKS_STATUS:
		count_due(t, "status_due", k);
		break;
	case CLOCKS_FEEDBACK:
		count_due(t, "feedback_due", k);
		break;
	default:
		break;
	}
}

/* ---- one case ---- */

static void
count_step(struct count *t, const struct ladder_step *step)
{
	static const char *const tiers[CHARTER_TIERS] = {"tier_1", "tier_2",
	    "tier_3"};

	if (step->tier >= 1 && step->tier <= CHARTER_TIERS)
		count(t, 1u - party_of(t->c, step->by),
		    (unsigned)ledger_find(tiers[step->tier - 1]), step->state,
		    &step->env_id);
}

/* The message that opened the case: what it says, the case is. */
static size_t
opener(const struct ledger_file *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (stands(c->msgs[i].m) &&
		    c->msgs[i].m->move.event == NOTICE_REQUEST)
			return i;
	return 0;
}

static uint8_t
last_phase(const struct ledger_file *c)
{
	for (size_t i = c->n; i-- > 0;)
		if (stands(c->msgs[i].m) &&
		    c->msgs[i].m->move.event == NOTICE_STATUS)
			return (uint8_t)c->msgs[i].m->move.outcome;
	return OUTCOME_NONE;
}

/* Who refused has answered, though the case is not closed yet. */
static void
list_open(struct count *t, size_t request)
{
	const struct clocks_msg *msg = &t->c->msgs[request];
	const struct ledger_open o = {
		.party = (uint8_t)(1u - t->c->asker),
		.urgency = (uint8_t)msg->urgency,
		.state = (uint8_t)t->c->file->state,
		.phase = last_phase(t->c),
		.case_id = t->c->case_id,
		.env_id = msg->m->env_id,
		.since_at = ledger_at(msg, &t->c->said[request]),
	};

	if (t->err == ERR_OK && stands(msg->m) &&
	    casefile_open(t->c->file->state) &&
	    t->c->file->state != CASE_REFUSED &&
	    o.since_at < t->l->as_of_at)
		t->err = ledger_put_open(t->l, &o);
}

enum err
ledger_case(struct ledger *ledger, const struct ledger_file *c)
{
	struct count t = {.l = ledger, .c = c};
	size_t first;

	if (c->n == 0)
		return ERR_OK;
	first = opener(c);
	if (c->said[first].exercise)
		return ERR_OK;
	for (size_t i = 0; i < c->n; i++)
		if (counts(&t, i))
			count_message(&t, i);
	for (size_t i = 0; i < c->clocks->n; i++)
		if (counts(&t, c->clocks->v[i].start))
			count_clock(&t, &c->clocks->v[i]);
	for (size_t i = 0; i < c->ladder->n; i++)
		if (counts(&t, c->ladder->v[i].msg))
			count_step(&t, &c->ladder->v[i]);
	if (c->msgs[first].m->move.event == NOTICE_REQUEST) {
		list_open(&t, first);
		if (c->priority)
			count_msg(&t, "priority", "cases", &c->msgs[first]);
	}
	return t.err;
}
