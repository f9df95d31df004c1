/* The relay half of two_agents: a log as a list. */
#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "endpoint/link.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/label.h"
#include "proto/note.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"
#include "two_agents.h"
#include "two_relay.h"
#include "two_witness.h"

static void
leaves_of(const struct two_relay *r, struct hash *leaves)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		leaves[i] = r->item[i].leaf;
}

void
two_relay_sign(const struct two_relay *r, size_t size, struct buf *body,
    struct note_sig *line)
{
	static struct hash leaves[TWO_ITEMS];
	const struct sign_key *log = keyfile_signer(r->keys, KEYFILE_LOG);
	struct hash log_id = pubkey_log_id(sign_public(log));
	struct note_checkpoint cp = { .size = size };
	uint8_t sig[SIG_BYTES];

	leaves_of(r, leaves);
	cp.root = merkle_root(leaves, size);
	must(note_origin(cp.origin, r->name, &log_id) == ERR_OK);
	must(note_checkpoint_write(body, &cp) == ERR_OK);
	must(sign_note(log, body->p, body->len, sig) == ERR_OK);
	must(note_sig_set(line, NOTE_ED25519, cp.origin, sign_public(log),
	    sig, sizeof(sig)) == ERR_OK);
}

static void
checkpoint(const struct two_relay *r, struct buf *out)
{
	struct buf body = buf_init(NOTE_MAX);
	struct note_sig line;

	two_relay_sign(r, r->n, &body, &line);
	must(note_write(out, buf_view(&body), &line, 1) == ERR_OK);
	buf_free(&body);
}

void
two_relay_prove(const struct two_relay *r, size_t size, size_t i,
    struct merkle_path *path)
{
	static struct hash leaves[TWO_ITEMS];

	leaves_of(r, leaves);
	merkle_prove(path, leaves, size, i);
}

static void
prove(const struct two_relay *r, size_t i, struct merkle_path *path)
{
	two_relay_prove(r, r->n, i, path);
}

static size_t
append(struct two_relay *r, enum reply_item_kind kind, int from,
    const struct id *channel, struct view bytes, const struct hash *leaf)
{
	struct two_item *item;
	size_t i;

	for (i = 0; i < r->n; i++)
		if (hash_eq(&r->item[i].leaf, leaf))
			return i;
	must(r->n < TWO_ITEMS);
	item = &r->item[r->n];
	memset(item, 0, sizeof(*item));
	item->kind = kind;
	item->from = from;
	item->channel = *channel;
	item->leaf = *leaf;
	item->bytes = buf_init(FRAME_MAX);
	buf_put(&item->bytes, bytes.p, bytes.len);
	return r->n++;
}

void
two_relay_begin(struct two_relay *r)
{
	struct view statement = buf_view(&r->statement);
	struct hash leaf = statement_leaf(statement);
	struct id none = { { 0 } };

	(void)append(r, ITEM_STATEMENT, -1, &none, statement, &leaf);
}

static uint8_t
direction_of(const struct two_agents *two, int party)
{
	return memcmp(two->charter.party[0].root,
	    sign_public(keyfile_signer(two->party[party].root, KEYFILE_R)),
	    KEY_BYTES) == 0 ? FROM_A : FROM_B;
}

static size_t
take_run(struct two_relay *r, int from, struct view bytes)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct run run;
	struct hash leaf;
	size_t i;

	must(run_decode(&run, RUN_FULL, bytes, &arena) == ERR_OK);
	leaf = run_leaf(&run);
	i = append(r, ITEM_RUN, from, &run.st.channel, bytes, &leaf);
	arena_free(&arena);
	r->submits++;
	return i;
}

static size_t
take_statement(struct two_agents *two, struct two_relay *r, int from,
    struct view bytes)
{
	struct hash leaf = statement_leaf(bytes);
	struct statement st;
	struct receipt receipt;
	struct id channel;

	must(statement_split(&st, bytes) == ERR_OK);
	channel = envelope_channel(&two->pair_id, direction_of(two, from),
	    LANE_NOTICE);
	if (st.kind == STATEMENT_RECEIPT) {
		must(receipt_decode(&receipt, st.body) == ERR_OK);
		channel = receipt.channel;
	}
	return append(r, ITEM_STATEMENT, from, &channel, bytes, &leaf);
}

static void
answer(struct two_agents *two, int party, uint8_t slot,
    const struct reply *reply)
{
	uint8_t head[LINK_HEAD_BYTES] = { LINK_FRAME, slot };
	struct buf frame = buf_init(FRAME_MAX + LINK_HEAD_BYTES);

	buf_put(&frame, head, sizeof(head));
	must(request_reply_encode(&frame, reply) == ERR_OK);
	(void)agent_link_in(two->party[party].agent, buf_view(&frame));
	buf_free(&frame);
}

/* Its signed word that it does not take that run. */
static void
refuse(const struct two_relay *r, struct view bytes,
    struct reply_placed *placed, uint8_t entry[RECEIPT_BYTES + SIG_BYTES])
{
	const struct sign_key *key = keyfile_signer(r->keys, KEYFILE_S);
	struct arena arena = arena_init(ARENA_MAX);
	struct receipt receipt = { .event = RECEIPT_REFUSED,
		.reason = (uint16_t)r->refuses, .index = RECEIPT_NO_INDEX };
	struct run run;

	must(run_decode(&run, RUN_FULL, bytes, &arena) == ERR_OK);
	receipt.channel = run.st.channel;
	receipt.first_seq = run.st.first_seq;
	receipt.last_seq = run.last_seq + r->misnames;
	receipt.env_id = run.env[run.env_count - 1].env_id;
	receipt.kid = *sign_kid(key);
	receipt.log_id = pubkey_log_id(sign_public(keyfile_signer(r->keys,
	    KEYFILE_LOG)));
	receipt_encode(entry, &receipt);
	must(sign_labelled(key, LABEL_RECEIPT, entry, RECEIPT_BYTES,
	    entry + RECEIPT_BYTES) == ERR_OK);
	placed->status = r->refuses;
	placed->refusal = (struct view){ entry, RECEIPT_BYTES + SIG_BYTES };
	arena_free(&arena);
}

static void
on_submit(struct two_agents *two, struct two_relay *r, int party,
    uint8_t slot, const struct request *q)
{
	static struct reply_placed run[FRAME_RUNS_MAX];
	static struct reply_placed statement[FRAME_STATEMENTS_MAX];
	static uint8_t entry[FRAME_RUNS_MAX][RECEIPT_BYTES + SIG_BYTES];
	struct reply reply = { .ticket = q->ticket, .kind = REQUEST_SUBMIT };
	struct buf note = buf_init(NOTE_MAX);
	size_t i;

	memset(run, 0, sizeof(run));
	memset(statement, 0, sizeof(statement));
	for (i = 0; i < q->submit.statement_count; i++)
		statement[i].index = take_statement(two, r, party,
		    q->submit.statement[i]);
	for (i = 0; i < q->submit.run_count; i++)
		if (r->refuses != ERR_OK)
			refuse(r, q->submit.run[i], &run[i], entry[i]);
		else
			run[i].index = take_run(r, party, q->submit.run[i]);
	for (i = 0; i < q->submit.statement_count; i++)
		prove(r, statement[i].index, &statement[i].path);
	for (i = 0; i < q->submit.run_count; i++)
		if (run[i].status == ERR_OK)
			prove(r, run[i].index, &run[i].path);
	checkpoint(r, &note);
	reply.submit.run = run;
	reply.submit.run_count = q->submit.run_count;
	reply.submit.statement = statement;
	reply.submit.statement_count = q->submit.statement_count;
	reply.submit.checkpoint = buf_view(&note);
	answer(two, party, slot, &reply);
	buf_free(&note);
}

static bool
feeds(const struct two_agents *two, const struct two_item *item, int party,
    const struct request_cursor *c, size_t index)
{
	(void)two;
	return !item->hidden && !item->late && item->from != party &&
	    memcmp(item->channel.b, c->channel.b, ID_BYTES) == 0 &&
	    (c->from_start || index > c->after);
}

static void
late_is_over(struct two_relay *r, size_t fed)
{
	size_t i;

	for (i = 0; i < fed; i++)
		if (memcmp(r->item[i].channel.b, r->item[fed].channel.b,
		    ID_BYTES) == 0)
			r->item[i].late = false;
}

/* All there is for a FETCH; false: nothing, let it wait. */
static bool
on_fetch(struct two_agents *two, struct two_relay *r, int party,
    uint8_t slot, const struct request *q)
{
	static struct reply_item out[TWO_ITEMS];
	struct reply reply = { .ticket = q->ticket, .kind = REQUEST_FETCH };
	struct buf note = buf_init(NOTE_MAX);
	size_t i, k, n = 0;

	for (k = 0; k < q->fetch.cursor_count; k++) {
		for (i = 0; i < r->n; i++) {
			if (!feeds(two, &r->item[i], party,
			    &q->fetch.cursor[k], i))
				continue;
			out[n].channel = r->item[i].channel;
			out[n].index = i;
			out[n].kind = r->item[i].kind;
			out[n].bytes = buf_view(&r->item[i].bytes);
			prove(r, i, &out[n].path);
			n++;
		}
	}
	if (n > 0) {
		checkpoint(r, &note);
		reply.fetch.item = out;
		reply.fetch.item_count = n;
		reply.fetch.checkpoint = buf_view(&note);
		answer(two, party, slot, &reply);
		for (i = 0; i < n; i++)
			late_is_over(r, (size_t)out[i].index);
	}
	buf_free(&note);
	return n > 0;
}

static size_t
heads_of(struct two_agents *two, struct two_relay *r, int party,
    struct reply_head *head, struct buf *entry)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct hash env[RUN_MAX];
	struct id channel;
	struct run run;
	size_t i, k, n = 0;
	uint8_t lane;

	for (lane = 0; lane < LANE_COUNT; lane++) {
		channel = envelope_channel(&two->pair_id,
		    direction_of(two, party), lane);
		for (i = r->n; i-- > 0; )
			if (r->item[i].kind == ITEM_RUN &&
			    memcmp(r->item[i].channel.b, channel.b,
			    ID_BYTES) == 0)
				break;
		if (i == SIZE_MAX)
			continue;
		must(run_decode(&run, RUN_FULL, buf_view(&r->item[i].bytes),
		    &arena) == ERR_OK);
		for (k = 0; k < run.env_count; k++)
			env[k] = run.env[k].env_id;
		entry[n] = buf_init(RUN_ENTRY_BYTES);
		buf_put(&entry[n], run.entry, sizeof(run.entry));
		head[n].channel = channel;
		head[n].entry = buf_view(&entry[n]);
		head[n].last_env_id = *run_last_env(&run);
		head[n].last_seq = run.last_seq;
		head[n].index = i;
		merkle_prove(&head[n].path, env, run.env_count,
		    run.env_count - 1);
		n++;
		arena_free(&arena);
	}
	return n;
}

static void
on_hello(struct two_agents *two, struct two_relay *r, int party,
    uint8_t slot, const struct request *q)
{
	const struct sign_key *log = keyfile_signer(r->keys, KEYFILE_LOG);
	struct reply reply = { .ticket = q->ticket, .kind = REQUEST_HELLO };
	struct reply_head head[LANE_COUNT];
	struct buf note = buf_init(NOTE_MAX), entry[LANE_COUNT];
	size_t i;

	memset(head, 0, sizeof(head));
	checkpoint(r, &note);
	reply.hello.version = REQUEST_VERSION;
	reply.hello.log_id = pubkey_log_id(sign_public(log));
	reply.hello.checkpoint = buf_view(&note);
	reply.hello.server_time_at = (uint64_t)two->fake.wall_ms;
	reply.hello.frame_max = FRAME_MAX;
	reply.hello.head = head;
	if (!r->blind)
		reply.hello.head_count = heads_of(two, r, party, head, entry);
	answer(two, party, slot, &reply);
	for (i = 0; i < reply.hello.head_count; i++)
		buf_free(&entry[i]);
	buf_free(&note);
}

static void
on_keys(struct two_agents *two, struct two_relay *r, int party, uint8_t slot,
    const struct request *q)
{
	struct reply reply = { .ticket = q->ticket, .kind = REQUEST_KEYS };
	struct statement st;
	struct id own = keyfile_public(two->party[party].keys)->agency;
	int from = memcmp(own.b, q->keys.agency.b, ID_BYTES) == 0 ? party :
	    !party;
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->item[i].kind != ITEM_STATEMENT ||
		    r->item[i].from != from ||
		    statement_split(&st, buf_view(&r->item[i].bytes)) !=
		    ERR_OK || st.kind != STATEMENT_PREKEY)
			continue;
		reply.keys.prekey = buf_view(&r->item[i].bytes);
	}
	answer(two, party, slot, &reply);
}

/* Hashes of perfect subtrees, straight from the leaves. */
static enum err
subtree(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	static struct hash leaves[TWO_ITEMS];

	leaves_of(ctx, leaves);
	*out = merkle_root(leaves + (index << level), (size_t)1 << level);
	return ERR_OK;
}

static void
on_log(struct two_agents *two, struct two_relay *r, int party, uint8_t slot,
    const struct request *q)
{
	struct reply reply = { .ticket = q->ticket, .kind = REQUEST_LOG };
	struct merkle_path path;

	if (r->mute || (r->mute_from != 0 &&
	    q->log.kind == LOG_CONSISTENCY &&
	    q->log.consistency.first == r->mute_from)) {
		reply.status = ERR_FAIL;
		answer(two, party, slot, &reply);
		return;
	}
	if (two_witness_log(r, q, &reply)) {
		answer(two, party, slot, &reply);
		two_witness_done(&reply);
		return;
	}
	if (q->log.kind == LOG_INCLUSION) {
		must(q->log.inclusion.size <= r->n);
		two_relay_prove(r, (size_t)q->log.inclusion.size,
		    (size_t)q->log.inclusion.index, &path);
		reply.log.hash_count = path.len;
		reply.log.hash = path.h;
		answer(two, party, slot, &reply);
		return;
	}
	must(q->log.kind == LOG_CONSISTENCY);
	must(merkle_prove_consistency(&path, q->log.consistency.first,
	    q->log.consistency.second, subtree, r) == ERR_OK);
	reply.log.hash_count = path.len;
	reply.log.hash = path.h;
	answer(two, party, slot, &reply);
	r->joins++;
}

static void
park(struct two_relay *r, int party, const struct request *q)
{
	struct two_parked *p = &r->parked[party];

	p->waits = true;
	p->request = *q;
	memcpy(p->cursor, q->fetch.cursor,
	    q->fetch.cursor_count * sizeof(p->cursor[0]));
	p->request.fetch.cursor = p->cursor;
}

void
two_relay_frame(struct two_agents *two, int relay, int party, uint8_t slot,
    struct view frame)
{
	struct two_relay *r = &two->relay[relay];
	struct arena arena = arena_init(ARENA_MAX);
	struct reply pong = { .kind = REQUEST_PING };
	struct request q;

	must(request_decode(&q, frame, &arena) == ERR_OK);
	switch (q.kind) {
	case REQUEST_HELLO:
		on_hello(two, r, party, slot, &q);
		break;
	case REQUEST_SUBMIT:
		on_submit(two, r, party, slot, &q);
		break;
	case REQUEST_FETCH:
		r->parked[party].waits = false;
		if (!on_fetch(two, r, party, slot, &q))
			park(r, party, &q);
		break;
	case REQUEST_KEYS:
		on_keys(two, r, party, slot, &q);
		break;
	case REQUEST_PING:
		pong.ticket = q.ticket;
		pong.pong.sent_at = q.ping.sent_at;
		pong.pong.server_time_at = (uint64_t)two->fake.wall_ms;
		answer(two, party, slot, &pong);
		break;
	case REQUEST_LOG:
		on_log(two, r, party, slot, &q);
		break;
	default:
		break;
	}
	arena_free(&arena);
}

bool
two_relay_feed(struct two_agents *two, int relay, int party, uint8_t slot)
{
	struct two_parked *p = &two->relay[relay].parked[party];

	if (!p->waits || !on_fetch(two, &two->relay[relay], party, slot,
	    &p->request))
		return false;
	p->waits = false;
	return true;
}

void
two_relay_free(struct two_relay *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		buf_free(&r->item[i].bytes);
	for (i = 0; i < TWO_WITNESSES; i++)
		buf_free(&r->cosigned[i]);
	buf_free(&r->statement);
	keyfile_free(&r->keys);
	keyfile_free(&r->root);
}
