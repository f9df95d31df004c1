#include "cases/items.h"

#include <assert.h>

#include "proto/notice.h"

static const struct item_row rows[] = {
	{NOTICE_LEAD, 0, NOTICE_FEEDBACK, 0, true},
	{NOTICE_CONSENT_ASK, 0, NOTICE_CONSENT, 0, true},
	{NOTICE_CONSULT, 0, NOTICE_REPLY, 0, true},
	{NOTICE_PUBLICITY_NOTICE, 0, NOTICE_REPLY, 0, true},
	{NOTICE_SESSION, OUTCOME_PROPOSED, NOTICE_SESSION, OUTCOME_AGREED,
	    true},
	{NOTICE_SESSION, OUTCOME_PROPOSED, NOTICE_SESSION, OUTCOME_DECLINED,
	    true},
	{NOTICE_SESSION, OUTCOME_MINUTED, NOTICE_SESSION, OUTCOME_AGREED,
	    true},
	{NOTICE_SESSION, OUTCOME_MINUTED, NOTICE_SESSION, OUTCOME_DECLINED,
	    true},
	{NOTICE_DOSSIER, 0, NOTICE_DOSSIER_SIGN, 0, true},
	{NOTICE_DOSSIER, 0, NOTICE_DOSSIER_DISSENT, 0, true},
	{NOTICE_ESCALATE, 0, NOTICE_ESC_ACK, 0, false},
	{NOTICE_ESCALATE, 0, NOTICE_ESC_ANSWER, 0, true},
	{NOTICE_ESCALATE, 0, NOTICE_ESC_RETURN, 0, true},
	{NOTICE_CALL_RECORD, OUTCOME_RECORDED, NOTICE_CALL_RECORD,
	    OUTCOME_CONFIRMED, true},
	{NOTICE_CALL_RECORD, OUTCOME_RECORDED, NOTICE_CALL_RECORD,
	    OUTCOME_DISPUTED, true},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct item_row *
items_row(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

static bool
fits(uint16_t want, uint16_t want_as, uint16_t event, uint16_t outcome)
{
	return want == event && (want_as == 0 || want_as == outcome);
}

static bool
opens(const struct case_move *move)
{
	for (size_t i = 0; i < ROWS; i++)
		if (fits(rows[i].opens, rows[i].opens_as, move->event,
		    move->outcome))
			return true;
	return false;
}

/* The row by which move answers item, or NULL. */
static const struct item_row *
answer_to(const struct case_item *item, const struct case_move *move)
{
	for (size_t i = 0; i < ROWS; i++)
		if (fits(rows[i].opens, rows[i].opens_as, item->event,
		    item->outcome) &&
		    fits(rows[i].answers, rows[i].answers_as, move->event,
		    move->outcome))
			return &rows[i];
	return NULL;
}

bool
items_answer(const struct case_item *item, uint16_t event)
{
	for (size_t i = 0; i < ROWS; i++)
		if (fits(rows[i].opens, rows[i].opens_as, item->event,
		    item->outcome) && rows[i].answers == event)
			return true;
	return false;
}

static struct case_item *
find(struct casefile *file, const struct hash *env_id)
{
	if (hash_is_zero(env_id))
		return NULL;
	for (size_t i = 0; i < file->items; i++)
		if (hash_eq(&file->item[i].env_id, env_id))
			return &file->item[i];
	return NULL;
}

unsigned
items_guards(const struct casefile *file, enum case_side side,
    const struct case_move *move)
{
	const struct case_item *item;

	/* Only looked at: the one find serves both. */
	item = find((struct casefile *)(uintptr_t)file, &move->answers);
	if (item == NULL)
		return CASE_GUARD_CASE;
	if (item->state != CASE_ITEM_OPEN)
		return 0;
	if (item->side == side)
		return CASE_GUARD_MINE;
	return answer_to(item, move) != NULL ? CASE_GUARD_ITEM : 0;
}

bool
items_room(const struct casefile *file, const struct case_move *move)
{
	return file->items < CASE_ITEMS_MAX || !opens(move);
}

void
items_move(struct casefile *file, enum case_side side,
    const struct hash *env_id, const struct case_move *move, unsigned guards)
{
	struct case_item *item;

	if (guards & CASE_GUARD_ITEM) {
		item = find(file, &move->answers);
		if (answer_to(item, move)->closes)
			item->state = CASE_ITEM_ANSWERED;
	} else if (guards & CASE_GUARD_MINE) {
		item = find(file, &move->answers);
		item->state = CASE_ITEM_WITHDRAWN;
	} else if (opens(move)) {
		assert(file->items < CASE_ITEMS_MAX);
		file->item[file->items++] = (struct case_item){
			.env_id = *env_id, .event = move->event,
			.outcome = move->outcome, .side = side,
			.state = CASE_ITEM_OPEN,
		};
	}
}
