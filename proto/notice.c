/* Outline, officers and the certificate's info; bodies: notice_body.c. */
#include <string.h>

#include "proto/content.pb-c.h"
#include "proto/notice.h"
#include "proto/wire.h"

_Static_assert((int)NOTICE_FILE == (int)CASEWIRE__CONTENT__TYPE__FILE &&
    (int)NOTICE_REJECT == (int)CASEWIRE__CONTENT__TYPE__REJECT,
    "types are content.proto's");
_Static_assert((int)OUTCOME_NO_CHANGE ==
    (int)CASEWIRE__CONTENT__OUTCOME__NO_CHANGE, "outcomes are too");

/* ---- outline ---- */

static enum err
outline_check(const struct notice_outline *o)
{
	if (o->type == NOTICE_NONE || o->urgency > URGENCY_MAX)
		return ERR_CODE;
	return o->clocks.n > NOTICE_TEXTS_MAX ? ERR_COUNT : ERR_OK;
}

enum err
notice_outline_encode(struct buf *out, const struct notice_outline *o)
{
	Casewire__Content__Outline msg = CASEWIRE__CONTENT__OUTLINE__INIT;
	enum err err = outline_check(o);

	if (err)
		return err;
	msg.case_id = (ProtobufCBinaryData)
	    WIRE_OPT(&o->case_id, id_is_zero(&o->case_id));
	msg.type = (Casewire__Content__Type)o->type;
	msg.answers = (ProtobufCBinaryData)
	    WIRE_OPT(&o->answers, hash_is_zero(&o->answers));
	msg.seen_requesting = (ProtobufCBinaryData)
	    WIRE_OPT(&o->seen_requesting, hash_is_zero(&o->seen_requesting));
	msg.seen_requested = (ProtobufCBinaryData)
	    WIRE_OPT(&o->seen_requested, hash_is_zero(&o->seen_requested));
	msg.n_clocks = o->clocks.n;
	msg.clocks = (char **)(uintptr_t)o->clocks.v;
	msg.urgency = o->urgency;
	msg.outcome = (Casewire__Content__Outcome)o->outcome;
	msg.as_of_ms = o->as_of_at;
	msg.exercise = o->exercise;
	return wire_pack(out, &msg.base, OUTLINE_MAX);
}

static enum err
outline_ids(struct notice_outline *o, const Casewire__Content__Outline *msg)
{
	const struct {
		void *out;
		size_t size;
		const ProtobufCBinaryData *in;
	} part[] = {
		{o->case_id.b, ID_BYTES, &msg->case_id},
		{o->answers.b, HASH_BYTES, &msg->answers},
		{o->seen_requesting.b, HASH_BYTES, &msg->seen_requesting},
		{o->seen_requested.b, HASH_BYTES, &msg->seen_requested},
	};
	enum err err;

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		err = wire_fixed_opt(part[i].out, part[i].size,
		    part[i].in->data, part[i].in->len);
		if (err)
			return err;
	}
	return ERR_OK;
}

enum err
notice_outline_decode(struct notice_outline *o, struct view value,
    struct arena *arena)
{
	const Casewire__Content__Outline *msg;
	enum err err;

	*o = (struct notice_outline){0};
	if (value.len > OUTLINE_MAX)
		return ERR_TOO_BIG;
	msg = wire_unpack(&casewire__content__outline__descriptor, value,
	    WIRE_REFUSE, arena, &err);
	if (!msg)
		return err;
	o->type = (enum notice_type)msg->type;
	o->clocks = (struct notice_texts){msg->n_clocks,
	    (const char *const *)msg->clocks};
	o->urgency = msg->urgency;
	o->outcome = (enum notice_outcome)msg->outcome;
	o->as_of_at = msg->as_of_ms;
	o->exercise = msg->exercise;
	err = outline_ids(o, msg);
	return err ? err : outline_check(o);
}

/* ---- officers ---- */

static enum err
officers_check(const struct notice_officers *o)
{
	if (o->n == 0 || o->n > NOTICE_SIGNATURES_MAX)
		return ERR_COUNT;
	for (unsigned i = 0; i < o->n; i++) {
		if (o->v[i].role != OFFICER_AUTHOR &&
		    o->v[i].role != OFFICER_RELEASER)
			return ERR_CODE;
		if (id_is_zero(&o->v[i].officer))
			return ERR_MESSAGE;
	}
	/* Author and releaser are two persons. */
	if (o->n == 2 && (o->v[0].role == o->v[1].role ||
	    id_eq(&o->v[0].officer, &o->v[1].officer)))
		return ERR_COUNT;
	return ERR_OK;
}

enum err
notice_officers_encode(struct buf *out, const struct notice_officers *o)
{
	Casewire__Content__Officers msg = CASEWIRE__CONTENT__OFFICERS__INIT;
	Casewire__Content__Officers__Signature sig[NOTICE_SIGNATURES_MAX];
	Casewire__Content__Officers__Signature *list[NOTICE_SIGNATURES_MAX];
	enum err err = officers_check(o);

	if (err)
		return err;
	for (unsigned i = 0; i < o->n; i++) {
		casewire__content__officers__signature__init(&sig[i]);
		sig[i].officer = (ProtobufCBinaryData)
		    WIRE_BYTES(o->v[i].officer.b, ID_BYTES);
		sig[i].role = o->v[i].role;
		sig[i].sig = (ProtobufCBinaryData)
		    WIRE_BYTES(o->v[i].sig, SIG_BYTES);
		list[i] = &sig[i];
	}
	msg.n_signatures = o->n;
	msg.signatures = list;
	return wire_pack(out, &msg.base, OUTLINE_MAX);
}

enum err
notice_officers_decode(struct notice_officers *o, struct view value,
    struct arena *arena)
{
	const Casewire__Content__Officers *msg;
	enum err err;

	*o = (struct notice_officers){0};
	if (value.len > OUTLINE_MAX)
		return ERR_TOO_BIG;
	msg = wire_unpack(&casewire__content__officers__descriptor, value,
	    WIRE_REFUSE, arena, &err);
	if (!msg)
		return err;
	if (msg->n_signatures > NOTICE_SIGNATURES_MAX)
		return ERR_COUNT;
	for (size_t i = 0; i < msg->n_signatures; i++) {
		const Casewire__Content__Officers__Signature *s =
		    msg->signatures[i];

		err = wire_fixed(o->v[i].officer.b, ID_BYTES,
		    s->officer.data, s->officer.len);
		if (!err)
			err = wire_fixed(o->v[i].sig, SIG_BYTES,
			    s->sig.data, s->sig.len);
		if (err)
			return err;
		o->v[i].role = s->role;
	}
	o->n = (unsigned)msg->n_signatures;
	return officers_check(o);
}

/* ---- officer certificate ---- */

enum err
notice_officer_info_encode(struct buf *out,
    const struct notice_officer_info *info)
{
	Casewire__Content__OfficerInfo msg =
	    CASEWIRE__CONTENT__OFFICER_INFO__INIT;

	if (info->roles.n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	msg.desk = wire_text(info->desk);
	msg.n_roles = info->roles.n;
	msg.roles = (char **)(uintptr_t)info->roles.v;
	msg.name = wire_text(info->name);
	return wire_pack(out, &msg.base, OFFICER_INFO_MAX);
}

enum err
notice_officer_info_decode(struct notice_officer_info *info,
    struct view value, struct arena *arena)
{
	const Casewire__Content__OfficerInfo *msg;
	enum err err;

	*info = (struct notice_officer_info){.desk = "", .name = ""};
	if (value.len > OFFICER_INFO_MAX)
		return ERR_TOO_BIG;
	msg = wire_unpack(&casewire__content__officer_info__descriptor, value,
	    WIRE_REFUSE, arena, &err);
	if (!msg)
		return err;
	if (msg->n_roles > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	info->desk = msg->desk;
	info->roles = (struct notice_texts){msg->n_roles,
	    (const char *const *)msg->roles};
	info->name = msg->name;
	return ERR_OK;
}
