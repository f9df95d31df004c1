/* Bodies of a few texts and dates, one pair of functions a type. */
#include "proto/content.pb-c.h"
#include "proto/notice_small.h"
#include "proto/wire.h"

static enum err
texts_in(struct notice_texts *texts, size_t n, char **v)
{
	if (n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	*texts = (struct notice_texts){n, (const char *const *)v};
	return ERR_OK;
}

static enum err
ack_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Ack m = CASEWIRE__CONTENT__ACK__INIT;

	m.authority = wire_text(b->ack.authority);
	m.desk = wire_text(b->ack.desk);
	m.handler_ref = wire_text(b->ack.handler_ref);
	m.decision_by_ms = b->ack.decision_by_at;
	m.remark = wire_text(b->ack.remark);
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
ack_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	enum err err;
	const Casewire__Content__Ack *m = wire_unpack(
	    &casewire__content__ack__descriptor, value, WIRE_REFUSE, arena,
	    &err);

	if (!m)
		return err;
	b->ack = (struct notice_ack){m->authority, m->desk, m->handler_ref,
	    m->decision_by_ms, m->remark};
	return ERR_OK;
}

static enum err
clarify_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Clarify m = CASEWIRE__CONTENT__CLARIFY__INIT;

	if (b->clarify.n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	m.n_questions = b->clarify.n;
	m.questions = (char **)(uintptr_t)b->clarify.v;
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
clarify_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	enum err err;
	const Casewire__Content__Clarify *m = wire_unpack(
	    &casewire__content__clarify__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	return m ? texts_in(&b->clarify, m->n_questions, m->questions) : err;
}

static enum err
clarified_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Clarified m = CASEWIRE__CONTENT__CLARIFIED__INIT;

	if (b->clarified.n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	m.n_answers = b->clarified.n;
	m.answers = (char **)(uintptr_t)b->clarified.v;
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
clarified_decode(struct notice_body *b, struct view value,
    struct arena *arena)
{
	enum err err;
	const Casewire__Content__Clarified *m = wire_unpack(
	    &casewire__content__clarified__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	return m ? texts_in(&b->clarified, m->n_answers, m->answers) : err;
}

static enum err
decision_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Decision m = CASEWIRE__CONTENT__DECISION__INIT;

	m.ground = (Casewire__Content__Decision__Ground)b->decision.ground;
	m.explanation = wire_text(b->decision.explanation);
	m.scope = wire_text(b->decision.scope);
	m.next_date_ms = b->decision.next_date_at;
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
decision_decode(struct notice_body *b, struct view value,
    struct arena *arena)
{
	enum err err;
	const Casewire__Content__Decision *m = wire_unpack(
	    &casewire__content__decision__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	b->decision = (struct notice_decision){(enum notice_ground)m->ground,
	    m->explanation, m->scope, m->next_date_ms};
	return ERR_OK;
}

static enum err
status_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Status m = CASEWIRE__CONTENT__STATUS__INIT;

	m.measures = wire_text(b->status.measures);
	m.next_step = wire_text(b->status.next_step);
	m.next_date_ms = b->status.next_date_at;
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
status_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	enum err err;
	const Casewire__Content__Status *m = wire_unpack(
	    &casewire__content__status__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	b->status = (struct notice_status){m->measures, m->next_step,
	    m->next_date_ms};
	return ERR_OK;
}

static enum err
feedback_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Feedback m = CASEWIRE__CONTENT__FEEDBACK__INIT;

	m.text = wire_text(b->feedback.text);
	m.use = wire_text(b->feedback.use);
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
feedback_decode(struct notice_body *b, struct view value,
    struct arena *arena)
{
	enum err err;
	const Casewire__Content__Feedback *m = wire_unpack(
	    &casewire__content__feedback__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	b->feedback = (struct notice_feedback){m->text, m->use};
	return ERR_OK;
}

static enum err
withdraw_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Withdraw m = CASEWIRE__CONTENT__WITHDRAW__INIT;

	m.reason = wire_text(b->withdraw);
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
withdraw_decode(struct notice_body *b, struct view value,
    struct arena *arena)
{
	enum err err;
	const Casewire__Content__Withdraw *m = wire_unpack(
	    &casewire__content__withdraw__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	b->withdraw = m->reason;
	return ERR_OK;
}

static enum err
close_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Close m = CASEWIRE__CONTENT__CLOSE__INIT;

	m.reason = wire_text(b->close);
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
close_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	enum err err;
	const Casewire__Content__Close *m = wire_unpack(
	    &casewire__content__close__descriptor, value, WIRE_REFUSE, arena,
	    &err);

	if (!m)
		return err;
	b->close = m->reason;
	return ERR_OK;
}

static enum err
reject_encode(struct buf *out, const struct notice_body *b)
{
	Casewire__Content__Reject m = CASEWIRE__CONTENT__REJECT__INIT;

	m.code = b->reject.code;
	m.env_id = (ProtobufCBinaryData)
	    WIRE_BYTES(b->reject.env_id.b, HASH_BYTES);
	m.detail = wire_text(b->reject.detail);
	return wire_pack(out, &m.base, BODY_MAX);
}

static enum err
reject_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	enum err err;
	const Casewire__Content__Reject *m = wire_unpack(
	    &casewire__content__reject__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	b->reject.code = m->code;
	b->reject.detail = m->detail;
	return wire_fixed(b->reject.env_id.b, HASH_BYTES, m->env_id.data,
	    m->env_id.len);
}

static const struct {
	enum notice_type type;
	enum err (*encode)(struct buf *out, const struct notice_body *b);
	enum err (*decode)(struct notice_body *b, struct view value,
	    struct arena *arena);
} bodies[] = {
	{NOTICE_ACK, ack_encode, ack_decode},
	{NOTICE_CLARIFY, clarify_encode, clarify_decode},
	{NOTICE_CLARIFIED, clarified_encode, clarified_decode},
	{NOTICE_DECISION, decision_encode, decision_decode},
	{NOTICE_STATUS, status_encode, status_decode},
	{NOTICE_FEEDBACK, feedback_encode, feedback_decode},
	{NOTICE_WITHDRAW, withdraw_encode, withdraw_decode},
	{NOTICE_CLOSE, close_encode, close_decode},
	{NOTICE_REJECT, reject_encode, reject_decode},
};
#define BODIES (sizeof(bodies) / sizeof(bodies[0]))

static size_t
body_index(enum notice_type type)
{
	size_t i = 0;

	while (i < BODIES && bodies[i].type != type)
		i++;
	return i;
}

bool
notice_small_has(enum notice_type type)
{
	return body_index(type) < BODIES;
}

enum err
notice_small_encode(struct buf *out, const struct notice_body *b)
{
	size_t i = body_index(b->type);

	return i < BODIES ? bodies[i].encode(out, b) : ERR_CODE;
}

enum err
notice_small_decode(struct notice_body *b, struct view value,
    struct arena *arena)
{
	size_t i = body_index(b->type);

	return i < BODIES ? bodies[i].decode(b, value, arena) : ERR_CODE;
}
