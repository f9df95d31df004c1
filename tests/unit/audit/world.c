#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/box.h"
#include "keys/pubkey.h"
#include "keys/salt.h"
#include "proto/charter.h"
#include "proto/label.h"
#include "proto/note.h"
#include "proto/notice.h"
#include "tests/unit/audit/world.h"

#define MS_2026 1790000000000u

static struct item *
item_new(struct world *w, enum item_kind kind)
{
	struct item *item = &w->item[w->items++];

	assert(w->items <= WORLD_ITEMS);
	memset(item, 0, sizeof(*item));
	item->kind = kind;
	item->bytes = buf_init(RUN_CONTAINER_MAX);
	item->entry = buf_init(STATEMENT_MAX);
	return (item);
}

void
world_charter_text(const struct world *w, struct buf *out, uint16_t number,
    const struct hash *pair, const struct hash *replaces)
{
	struct charter *c = calloc(1, sizeof(*c));

	assert(c != NULL);
	c->number = number;
	if (number > 0) {
		c->pair = *pair;
		c->replaces = *replaces;
	}
	memcpy(c->party[0].root, sign_public(w->root[0]), KEY_BYTES);
	memcpy(c->party[1].root, sign_public(w->root[1]), KEY_BYTES);
	strcpy(c->party[0].name, "North Agency");
	strcpy(c->party[1].name, "South Agency");
	c->suite_count = 1;
	c->suite[0] = 1;
	c->copies = 1;
	c->relay_count = 1;
	memcpy(c->relay[0].root, sign_public(w->relay_root), KEY_BYTES);
	strcpy(c->relay[0].name, "r1");
	strcpy(c->relay[0].endpoint, "tcp://127.0.0.1:5701");
	c->heartbeat_s = 300;
	c->keep_days = 30;
	c->size_max = 65536;
	c->from_at = MS_2026;
	c->until_at = MS_2026 + 86400000ull * 365;
	MUST(charter_write(out, c));
	free(c);
}

static void
make_keys(struct world *w)
{
	struct sign_key *swap;
	int i;

	for (i = 0; i < 2; i++) {
		MUST(sign_new(&w->root[i], SIGN_ROOT));
		MUST(sign_new(&w->sign[i], SIGN_AGENT));
		MUST(sign_new(&w->custodian[i], SIGN_CUSTODIAN));
		MUST(dh_new(&w->identity[i]));
		MUST(dh_new(&w->transport[i]));
	}
	if (memcmp(sign_public(w->root[0]), sign_public(w->root[1]),
		KEY_BYTES) > 0) {
		swap = w->root[0];
		w->root[0] = w->root[1];
		w->root[1] = swap;
	}
	MUST(sign_new(&w->relay_root, SIGN_ROOT));
	MUST(sign_new(&w->relay_sign, SIGN_RELAY));
	MUST(sign_new(&w->log_key, SIGN_LOG));
	MUST(dh_new(&w->relay_transport));
	w->log_id = note_log_id(sign_public(w->log_key));
	MUST(note_origin(w->origin, "r1", &w->log_id));
}

static void
make_charter(struct world *w)
{
	uint8_t tbs[CHARTER_TBS_BYTES];
	int i;

	w->charter = buf_init(CHARTER_MAX);
	world_charter_text(w, &w->charter, 0, NULL, NULL);
	w->charter_id = charter_id(buf_view(&w->charter));
	w->pair_id = w->charter_id;
	charter_tbs(tbs, &w->charter_id);
	for (i = 0; i < 2; i++)
		MUST(sign_labelled(w->root[i], LABEL_CHARTER_SIG, tbs,
		    sizeof(tbs), w->charter_sig[i]));
}

void
world_start(struct world *w)
{
	int i;

	memset(w, 0, sizeof(*w));
	make_keys(w);
	make_charter(w);
	world_log_item(w, world_keys(w, 2, w->relay_sign, NULL, NULL, 0));
	for (i = 0; i < 2; i++) {
		world_log_item(w, world_keys(w, i, w->sign[i], w->identity[i],
		    NULL, 0));
		w->knobs[i].incarnation.start = 1;
		w->knobs[i].incarnation.random = 7;
		w->knobs[i].prekey_id = 1;
		memset(w->knobs[i].e, 0x40 + i, KEY_BYTES);
		w->knobs[i].signer = w->sign[i];
	}
}

void
world_stop(struct world *w)
{
	size_t i;

	for (i = 0; i < w->items; i++) {
		buf_free(&w->item[i].bytes);
		buf_free(&w->item[i].entry);
	}
	for (i = 0; i < w->envs; i++) {
		buf_free(&w->env[i].header);
		buf_free(&w->env[i].ct);
		buf_free(&w->env[i].list);
		buf_free(&w->env[i].opening);
	}
	for (i = 0; i < 2; i++) {
		sign_free(&w->root[i]);
		sign_free(&w->sign[i]);
		sign_free(&w->custodian[i]);
		dh_free(&w->identity[i]);
		dh_free(&w->transport[i]);
	}
	sign_free(&w->relay_root);
	sign_free(&w->relay_sign);
	sign_free(&w->log_key);
	dh_free(&w->relay_transport);
	buf_free(&w->charter);
}

uint64_t
world_log(struct world *w, const void *entry, size_t len)
{
	assert(w->leaves < WORLD_LEAVES);
	w->leaf[w->leaves] = hash_leaf(entry, len);
	return (w->leaves++);
}

void
world_log_item(struct world *w, struct item *item)
{
	item->index = world_log(w, item->entry.p, item->entry.len);
	item->logged = true;
}

void
world_checkpoint(const struct world *w, uint64_t size, struct buf *out)
{
	struct buf body = buf_init(NOTE_MAX);
	struct note_checkpoint cp;
	struct note_sig line;
	uint8_t sig[SIG_BYTES];

	memset(&cp, 0, sizeof(cp));
	snprintf(cp.origin, sizeof(cp.origin), "%s", w->origin);
	cp.size = size;
	cp.root = merkle_root(w->leaf, (size_t)size);
	MUST(note_checkpoint_write(&body, &cp));
	MUST(sign_note(w->log_key, body.p, body.len, sig));
	MUST(note_sig_set(&line, NOTE_ED25519, w->origin,
	    sign_public(w->log_key), sig, sizeof(sig)));
	MUST(note_write(out, buf_view(&body), &line, 1));
	buf_free(&body);
}

struct item *
world_keys(struct world *w, int who, const struct sign_key *sign,
    const struct dh_key *dh, const struct id *revoke, uint64_t cut)
{
	const struct sign_key *root = who == 2 ? w->relay_root : w->root[who];
	struct item *item = item_new(w, ITEM_STATEMENT);
	struct statement_keys *ks = calloc(1, sizeof(*ks));
	uint8_t sig[SIG_BYTES];

	assert(ks != NULL);
	ks->kid = *sign_kid(root);
	ks->agency = pubkey_agency(sign_public(root));
	ks->ks_seq = w->ks_seq[who] + 1;
	ks->previous = w->ks_hash[who];
	ks->not_before = MS_2026;
	ks->not_after = MS_2026 + 86400000ull * 90;
	MUST(statement_keys_add(ks, KEY_SIGN, sign_public(sign)));
	if (who == 2) {
		MUST(statement_keys_add(ks, KEY_TRANSPORT,
		    dh_public(w->relay_transport)));
		MUST(statement_keys_add(ks, KEY_LOG, sign_public(w->log_key)));
	} else {
		MUST(statement_keys_add(ks, KEY_IDENTITY, dh_public(dh)));
		MUST(statement_keys_add(ks, KEY_TRANSPORT,
		    dh_public(w->transport[who])));
		MUST(statement_keys_add(ks, KEY_CUSTODIAN,
		    sign_public(w->custodian[who])));
	}
	if (revoke != NULL) {
		MUST(statement_keys_revoke(ks, revoke, REVOKED_STOLEN));
		MUST(statement_keys_cut(ks, &w->log_id, cut));
	}
	MUST(statement_keys_encode(&item->bytes, ks));
	MUST(sign_labelled(root, LABEL_KEYS, item->bytes.p, item->bytes.len,
	    sig));
	w->ks_seq[who] = ks->ks_seq;
	w->ks_hash[who] = statement_hash(buf_view(&item->bytes));
	buf_put(&item->bytes, sig, sizeof(sig));
	buf_put(&item->entry, item->bytes.p, item->bytes.len);
	free(ks);
	return (item);
}

/* Officers of one id cannot be encoded: told apart, then put right. */
static void
fill_officers(struct world *w, struct env *env, struct buf *out,
    const struct fields *fields)
{
	const struct knobs *k = &w->knobs[env->direction];
	struct notice_officers o = { 0 };
	uint8_t tbs[OFFICER_TBS_BYTES], *last;
	bool same = id_eq(&k->officer_id[0], &k->officer_id[1]);
	unsigned i;

	for (i = 0; i < 2 && k->officer[i] != NULL; i++) {
		o.v[o.n].officer = k->officer_id[i];
		o.v[o.n].role = OFFICER_AUTHOR + i;
		fields_officer_tbs(tbs, &w->pair_id, env->direction,
		    (uint8_t)(OFFICER_AUTHOR + i), fields);
		MUST(sign_labelled(k->officer[i], LABEL_OFFICER, tbs,
		    sizeof(tbs), o.v[o.n++].sig));
	}
	if (o.n == 2 && same)
		o.v[1].officer.b[ID_BYTES - 1] ^= 1;
	MUST(notice_officers_encode(out, &o));
	if (o.n < 2 || !same)
		return;
	last = memmem(out->p, out->len, o.v[1].officer.b, ID_BYTES);
	assert(last != NULL);
	memcpy(last, k->officer_id[0].b, ID_BYTES);
}

static void
fill_link(const struct knobs *k, uint8_t out[NOTICE_LINK_BYTES])
{
	struct notice_link link;

	if (k->whole_link != NULL) {
		notice_link_encode(out, k->whole_link);
		return;
	}
	memset(&link, 0, sizeof(link));
	link.own[1].seq = k->link_seq;
	if (k->link_seq != 0)
		memset(link.own[1].env_id.b, 0xee, HASH_BYTES);
	link.open_root = merkle_root(NULL, 0);
	notice_link_encode(out, &link);
}

static void
fill_fields(struct world *w, struct env *env, const char *text)
{
	struct buf outline = buf_init(OUTLINE_MAX), body = buf_init(BODY_MAX);
	struct buf officers = buf_init(OUTLINE_MAX);
	struct buf list = buf_init(BUCKET_MAX);
	uint8_t link[NOTICE_LINK_BYTES];
	struct notice_outline o;
	struct notice_body b;
	struct fields fields;
	struct wr wr;

	memset(&o, 0, sizeof(o));
	memset(&b, 0, sizeof(b));
	memset(&fields, 0, sizeof(fields));
	memset(o.case_id.b, 0xca, ID_BYTES);
	o.seen_requesting = w->knobs[env->direction].seen;
	o.type = b.type = NOTICE_STATUS;
	if (w->knobs[env->direction].type != 0)
		o.type = b.type =
		    (enum notice_type)w->knobs[env->direction].type;
	if (o.type == NOTICE_STATUS) {
		o.outcome = OUTCOME_COLLECTING;
		b.status.measures = text;
	} else if (o.type == NOTICE_REQUEST)
		b.request.facts = text;
	else if (o.type == NOTICE_DECISION) {
		o.outcome = OUTCOME_ACCEPTED;
		b.decision.explanation = text;
	}
	MUST(notice_outline_encode(&outline, &o));
	MUST(fields_add(&fields, FIELD_OUTLINE, buf_view(&outline)));
	if (o.type != NOTICE_HEARTBEAT) {
		MUST(notice_body_encode(&body, &b));
		MUST(fields_add(&fields, FIELD_BODY, buf_view(&body)));
	}
	if (w->knobs[env->direction].officer[0] != NULL) {
		fill_officers(w, env, &officers, &fields);
		MUST(fields_add(&fields, FIELD_OFFICERS,
		    buf_view(&officers)));
	}
	if (w->knobs[env->direction].link) {
		fill_link(&w->knobs[env->direction], link);
		MUST(fields_add(&fields, FIELD_LINK,
		    (struct view){ link, sizeof(link) }));
	}
	wr = wr_init(buf_room(&list, fields_len(&fields)),
	    fields_len(&fields));
	fields_encode(&wr, &fields);
	env->list = list;
	MUST(fields_decode(&env->fields, buf_view(&env->list)));
	buf_free(&outline);
	buf_free(&body);
	buf_free(&officers);
}

static void
seal(struct env *env, struct envelope_header *h, unsigned number)
{
	size_t len = fields_padded_len(&env->fields);
	uint8_t keys[2 * KEY_BYTES], header[HEADER_BYTES];
	struct box *box;
	uint8_t *plain = malloc(len);
	struct wr wr = wr_init(plain, len);

	assert(plain != NULL);
	memset(keys, (int)(0x11 + number), sizeof(keys));
	MUST(box_new(&box));
	box_set(box, keys);
	box_salts(box, env->salts, env->fields.n);
	fields_encode_padded(&wr, &env->fields);
	assert(wr.err == ERR_OK && wr.len == len);
	h->c = fields_commitment(&env->fields, env->salts[0]);
	h->ct_len = (uint32_t)(len + TAG_BYTES);
	envelope_header_encode(header, h);
	buf_put(&env->header, header, sizeof(header));
	MUST(box_seal(box, buf_room(&env->ct, len + TAG_BYTES), plain, len,
	    &h->c, header, sizeof(header)));
	wr = wr_init(buf_room(&env->opening, KEY_BYTES + 4 + env->list.len),
	    KEY_BYTES + 4 + env->list.len);
	MUST(fields_message_encode(&wr, box_disclose(box), &env->fields));
	box_free(&box);
	free(plain);
}

struct env *
world_send(struct world *w, uint8_t direction, uint8_t lane,
    const char *text)
{
	struct env *env = &w->env[w->envs++];
	struct knobs *k = &w->knobs[direction];
	struct head *head = &w->head[direction][lane];
	struct envelope_header h;

	assert(w->envs <= WORLD_ENVS);
	memset(env, 0, sizeof(*env));
	env->direction = direction;
	env->lane = lane;
	env->header = buf_init(HEADER_BYTES);
	env->ct = buf_init(CT_MAX);
	env->opening = buf_init(BUCKET_MAX + 64);
	fill_fields(w, env, text);
	memset(&h, 0, sizeof(h));
	h.suite = ENVELOPE_SUITE;
	h.charter = k->charter;
	h.channel = envelope_channel(&w->pair_id, direction, lane);
	h.kid = *sign_kid(k->signer);
	h.incarnation = k->incarnation;
	h.seq = head->seq + 1;
	h.prev = head->env_id;
	memcpy(h.e, k->e, KEY_BYTES);
	h.e[31] = lane;
	h.prekey_id = k->prekey_id;
	h.n = k->n + (uint32_t)head->seq;
	h.created_at = MS_2026 + 1000 * w->envs;
	h.ack_seq = k->ack_seq;
	h.ack_env = k->ack_env;
	seal(env, &h, (unsigned)w->envs);
	MUST(envelope_decode(&env->e, buf_view(&env->header),
	    buf_view(&env->ct)));
	head->seq = h.seq;
	head->env_id = env->e.env_id;
	return (env);
}

struct item *
world_run(struct world *w, size_t first, size_t n)
{
	struct item *item = item_new(w, ITEM_RUN);
	const struct knobs *k = &w->knobs[w->env[first].direction];
	uint8_t tbs[RUN_STATEMENT_BYTES], sig[SIG_BYTES];
	struct envelope env[WORLD_ENVS];
	struct run_statement st;
	size_t i;

	for (i = 0; i < n; i++)
		env[i] = w->env[first + i].e;
	MUST(run_statement_of(&st, env, n, &w->seen));
	run_statement_encode(tbs, &st);
	MUST(sign_labelled(k->signer, LABEL_RUN, tbs, sizeof(tbs), sig));
	MUST(run_encode(&item->bytes, RUN_BARE, &w->seen, env, n, sig));
	buf_put(&item->entry, tbs, sizeof(tbs));
	buf_put(&item->entry, sig, sizeof(sig));
	item->direction = w->env[first].direction;
	item->lane = w->env[first].lane;
	world_log_item(w, item);
	return (item);
}

struct item *
world_say(struct world *w, uint8_t direction, uint8_t lane, const char *text)
{
	world_send(w, direction, lane, text);
	return (world_run(w, w->envs - 1, 1));
}

struct item *
world_receipt(struct world *w, const struct item *run, uint8_t event,
    const struct sign_key *signer)
{
	struct item *item = item_new(w, ITEM_RECEIPT);
	struct arena arena = arena_init(ARENA_MAX);
	uint8_t tbs[RECEIPT_BYTES], sig[SIG_BYTES];
	struct receipt r;
	struct run parsed;

	MUST(run_decode(&parsed, RUN_BARE, buf_view(&run->bytes), &arena));
	memset(&r, 0, sizeof(r));
	r.kid = *sign_kid(signer);
	r.event = event;
	r.reason = event == RECEIPT_UNDECRYPTABLE ? ERR_PREKEY_GONE
	    : event == RECEIPT_EXPIRED		  ? ERR_EXPIRED
						  : 0;
	r.channel = parsed.st.channel;
	r.first_seq = parsed.st.first_seq;
	r.last_seq = parsed.last_seq;
	r.env_id = *run_last_env(&parsed);
	r.log_id = w->log_id;
	r.index = run->index;
	r.time_at = MS_2026 + 5000 * w->items;
	receipt_encode(tbs, &r);
	MUST(sign_labelled(signer, LABEL_RECEIPT, tbs, sizeof(tbs), sig));
	buf_put(&item->bytes, tbs, sizeof(tbs));
	buf_put(&item->bytes, sig, sizeof(sig));
	buf_put(&item->entry, item->bytes.p, item->bytes.len);
	world_log_item(w, item);
	arena_free(&arena);
	return (item);
}

struct item *
world_open(struct world *w, const struct env *env)
{
	struct item *item = item_new(w, ITEM_OPENING);

	item->env_id = env->e.env_id;
	item->opening = BUNDLE_MESSAGE;
	buf_put(&item->bytes, env->opening.p, env->opening.len);
	return (item);
}

struct item *
world_open_field(struct world *w, const struct env *env, unsigned field)
{
	struct item *item = item_new(w, ITEM_OPENING);
	struct fields_opening o;

	item->env_id = env->e.env_id;
	item->opening = BUNDLE_FIELD;
	fields_open(&o, &env->fields, env->salts[0], field);
	MUST(fields_opening_encode(&item->bytes, &o));
	return (item);
}

struct item *
world_open_case(struct world *w, const struct env *env,
    const struct notice_case *c)
{
	struct item *item = item_new(w, ITEM_OPENING);

	item->env_id = env->e.env_id;
	item->opening = BUNDLE_CASE;
	MUST(notice_case_encode(&item->bytes, c));
	return (item);
}

void
world_story(struct world *w)
{
	struct item *run;

	world_start(w);
	world_send(w, FROM_A, LANE_NOTICE, "first");
	world_send(w, FROM_A, LANE_NOTICE, "second");
	run = world_run(w, 0, 2);
	world_receipt(w, run, RECEIPT_FETCHED, w->relay_sign);
	world_receipt(w, run, RECEIPT_DELIVERED, w->sign[1]);
	w->knobs[FROM_B].ack_seq = 2;
	w->knobs[FROM_B].ack_env = w->head[FROM_A][LANE_NOTICE].env_id;
	run = world_say(w, FROM_B, LANE_NOTICE, "answer one");
	world_receipt(w, run, RECEIPT_DELIVERED, w->sign[0]);
	run = world_say(w, FROM_A, LANE_NOTICE, "third");
	world_receipt(w, run, RECEIPT_DELIVERED, w->sign[1]);
	run = world_say(w, FROM_B, LANE_NOTICE, "answer two");
	world_receipt(w, run, RECEIPT_DELIVERED, w->sign[0]);
	world_open(w, &w->env[0]);
	world_open_field(w, &w->env[1], 0);
}
