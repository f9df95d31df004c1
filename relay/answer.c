/* answer: the replies of a turn.  See turn_priv.h. */
#include <string.h>

#include "audit/keyring.h"
#include "base/diag.h"
#include "proto/envelope.h"
#include "proto/receipt.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/signer.h"
#include "relay/tlog.h"
#include "relay/turn_priv.h"

/* Tag and length of a 32-byte field, and an item's other fields. */
#define HASH_FIELD_BYTES 34
#define ITEM_FIELDS_BYTES 56

size_t
answer_item_bytes(const struct turn *t)
{
	uint64_t size = group_next(t->p.group) + TURN_ITEMS;
	size_t len = 1;

	while (size > 1) {
		size >>= 1;
		len++;
	}
	return ITEM_FIELDS_BYTES + len * HASH_FIELD_BYTES;
}

/* Encode and send; a reply nobody can take is dropped and counted. */
enum err
answer_send(struct turn *t, const struct front_peer *peer,
    const struct reply *reply)
{
	enum err err;

	buf_reset(&t->out);
	err = request_reply_encode(&t->out, reply);
	if (err != ERR_OK) {
		diag_error("answer", "a reply does not encode: %s",
		    err_name(err));
		return err;
	}
	err = front_send(t->p.front, peer, buf_view(&t->out));
	if (err != ERR_OK)
		t->counts.dropped++;
	return err;
}

void
answer_status(struct turn *t, const struct front_peer *peer,
    uint64_t number, enum err status)
{
	struct reply reply = { .ticket = number, .status = err_wire(status),
		.detail = "" };

	(void)answer_send(t, peer, &reply);
}

/* Send what is built; t->arena held what it pointed to. */
enum err
answer_finish(struct turn *t, const struct front_peer *peer,
    const struct reply *reply, enum err err)
{
	if (err == ERR_OK)
		(void)answer_send(t, peer, reply);
	else if (err == ERR_NOMEM) {
		answer_status(t, peer, reply->ticket, ERR_BUSY);
		err = ERR_OK;
	}
	arena_free(&t->arena);
	return err;
}

/* answer_keep(t, v): a copy that lives until the reply is sent. */
enum err
answer_keep(struct turn *t, struct view in, struct view *out)
{
	void *p = arena_alloc(&t->arena, in.len);

	if (p == NULL)
		return ERR_NOMEM;
	if (in.len > 0)
		memcpy(p, in.p, in.len);
	*out = (struct view){ p, in.len };
	return ERR_OK;
}

/* Is agency a party of the pair?  Sets its direction. */
bool
answer_party(const struct turn *t, const struct hash *pair_id,
    const struct id *agency, uint8_t *d)
{
	for (*d = 0; *d < DIRECTION_COUNT; (*d)++)
		if (admitted_party(t->p.admitted, pair_id, *d, agency))
			return true;
	return false;
}

/* SUBMIT */

/* A signed refusal, for what was refused of a party's own channel; what may
 * succeed a moment later needs none. */
static enum err
refusal(struct turn *t, const struct admit_answer *a, struct view *out)
{
	uint8_t *entry;
	struct receipt r = {
		.event = RECEIPT_REFUSED,
		.reason = (uint16_t)err_wire(a->status),
		.channel = a->channel,
		.first_seq = a->first_seq,
		.last_seq = a->last_seq,
		.env_id = a->last_env,
		.index = RECEIPT_NO_INDEX,
		.time_at = (uint64_t)clock_wall(&t->p.clock),
	};

	if (!a->named || a->status == ERR_QUOTA || a->status == ERR_BUSY)
		return ERR_OK;
	entry = arena_alloc(&t->arena, SIGNER_RECEIPT_BYTES);
	if (entry == NULL)
		return ERR_NOMEM;
	*out = (struct view){ entry, SIGNER_RECEIPT_BYTES };
	return signer_receipt(t->p.signer, &r, entry);
}

static enum err
place(struct turn *t, const struct admit_answer *a, bool run,
    struct reply_placed *out)
{
	memset(out, 0, sizeof(*out));
	out->status = err_wire(a->status);
	if (a->status != ERR_OK)
		return run ? refusal(t, a, &out->refusal) : ERR_OK;
	out->index = a->index;
	return tlog_prove(t->p.tree, &out->path, a->index,
	    group_size(t->p.group));
}

static enum err
answer_submit(struct turn *t, struct job *job)
{
	const struct request_submit *s = &job->req.submit;
	struct reply_placed *out = t->scratch.placed;
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_SUBMIT };
	size_t i;
	enum err err = ERR_OK;

	reply.submit.run = out;
	reply.submit.run_count = s->run_count;
	reply.submit.statement = out + s->run_count;
	reply.submit.statement_count = s->statement_count;
	reply.submit.checkpoint = group_note(t->p.group);
	for (i = 0; i < s->run_count && err == ERR_OK; i++)
		err = place(t, &job->run[i], true, &reply.submit.run[i]);
	for (i = 0; i < s->statement_count && err == ERR_OK; i++)
		err = place(t, &job->statement[i], false,
		    &reply.submit.statement[i]);
	return answer_finish(t, &job->frame.peer, &reply, err);
}

static enum err
answer_ping(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_PING };

	reply.pong.sent_at = job->req.ping.sent_at;
	reply.pong.server_time_at = (uint64_t)clock_wall(&t->p.clock);
	return answer_finish(t, &job->frame.peer, &reply, ERR_OK);
}

enum err
answer_job(struct turn *t, struct job *job)
{
	switch (job->req.kind) {
	case REQUEST_HELLO:
		return answer_hello(t, job);
	case REQUEST_SUBMIT:
		return answer_submit(t, job);
	case REQUEST_KEYS:
		return answer_keys(t, job);
	case REQUEST_LOG:
		return answer_log(t, job);
	case REQUEST_PING:
		return answer_ping(t, job);
	case REQUEST_PASS:
		return answer_pass(t, job);
	default:
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_MESSAGE);
		return ERR_OK;
	}
}
