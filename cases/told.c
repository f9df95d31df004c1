#include "cases/permit.h"
#include "cases/told.h"

void
told_outline(struct clocks_msg *msg, struct case_move *move,
    struct ledger_said *said, const struct notice_outline *o)
{
	*move = (struct case_move){
		.event = (uint16_t)o->type,
		.outcome = (uint16_t)o->outcome,
		.answers = o->answers,
		.holds = CASE_GUARD_COMPLETE | CASE_GUARD_REVISION,
		/* One question, one answer: how many is in the bodies. */
		.count = o->type == NOTICE_CLARIFY ||
		    o->type == NOTICE_CLARIFIED,
	};
	msg->urgency = o->urgency;
	msg->touches = clocks_touches(&o->clocks);
	msg->answers = o->answers;
	msg->closed = true;
	said->exercise = o->exercise;
}

static bool
is_empty(const char *text)
{
	return text == NULL || text[0] == '\0';
}

void
told_body(struct clocks_msg *msg, struct case_move *move,
    struct ledger_said *said, const struct notice_body *b)
{
	msg->closed = false;
	switch (b->type) {
	case NOTICE_REQUEST:
		said->kind = b->request.kind;
		break;
	case NOTICE_DECISION:
		msg->date_at = b->decision.next_date_at;
		said->ground = b->decision.ground;
		if (is_empty(b->decision.explanation))
			move->holds &= ~CASE_GUARD_REVISION;
		break;
	case NOTICE_DELAY:
		msg->date_at = b->delay.new_date_at;
		break;
	case NOTICE_CORRECT:
		move->misfiles = b->correct.misfiled;
		break;
	case NOTICE_CONSULT:
		msg->date_at = b->consult.hold_until_at;
		break;
	case NOTICE_PUBLICITY_NOTICE:
		msg->date_at = b->publicity.hold_until_at;
		break;
	case NOTICE_SUPPLEMENT:
		msg->renews = b->supplement.renew;
		break;
	case NOTICE_ESCALATE:
		msg->tier = b->escalate.tier <= TIERS_MAX
		    ? (uint8_t)b->escalate.tier : 0;
		msg->incident = is_empty(b->escalate.clock) &&
		    hash_is_zero(&msg->answers);
		break;
	case NOTICE_CALL_RECORD:
		msg->agreed = !is_empty(b->call_record.agreed);
		break;
	default:
		break;
	}
}

bool
told_single(const struct charter *charter, const struct notice_outline *o,
    unsigned officers)
{
	return o->urgency <= URGENCY_MAX &&
	    permit_owed(charter, o->type, o->urgency) > officers;
}
