#include <string.h>

#include "audit/content.h"
#include "audit/silence.h"
#include "audit/verdict.h"
#include "base/err.h"
#include "base/json.h"
#include "proto/charter.h"

static struct json *
lines(const struct judge *j,
    bool (*line)(const struct judge *, unsigned, struct buf *))
{
	struct json *arr = json_new_arr();
	struct buf buf = buf_init(4096);
	unsigned i;

	for (i = 0; line(j, i, &buf); i++) {
		json_add_str(arr, buf_text(&buf));
		buf_reset(&buf);
	}
	buf_free(&buf);
	return (arr);
}

static struct json *
findings(const struct judge *j)
{
	struct json *arr = json_new_arr(), *o;
	const struct findings_info *info;
	const struct judge_finding *f;
	size_t i;

	for (i = 0; i < judge_findings(j); i++) {
		f = judge_finding_at(j, i);
		info = findings_info(f->code);
		o = json_new_obj();
		json_put_str(o, "code", info->name);
		json_put_str(o, "weight", findings_weight_name(info->weight));
		json_put_str(o, "where", f->where);
		json_put_str(o, "detail", f->detail);
		json_put_str(o, "error",
		    f->err == ERR_OK ? "" : err_name(f->err));
		json_put_str(o, "text", info->text);
		json_put_str(o, "next", info->next);
		json_add(arr, &o);
	}
	return (arr);
}

static struct json *
pair(const struct judge *j)
{
	const struct charter *c = keyring_pair_charter(judge_keyring(j),
	    judge_pair(j), KEYRING_NEWEST);
	struct json *o = json_new_obj();

	json_put_hex(o, "pair_id", judge_pair(j)->b, HASH_BYTES);
	json_put_bool(o, "named_from_outside", judge_pinned(j));
	if (c != NULL) {
		json_put_int(o, "charter", c->number);
		json_put_str(o, "a", c->party[0].name);
		json_put_str(o, "b", c->party[1].name);
	}
	return (o);
}

static struct json *
channels(const struct judge *j)
{
	struct json *arr = json_new_arr(), *o;
	const struct judge_channel *ch;
	char name[] = "a0";
	uint8_t d, l;

	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++) {
			ch = judge_channel(j, d, l);
			name[0] = d == FROM_A ? 'a' : 'b';
			name[1] = (char)('0' + l);
			o = json_new_obj();
			json_put_str(o, "channel", name);
			json_put_int(o, "runs", (int64_t)ch->runs);
			json_put_int(o, "messages", (int64_t)ch->messages);
			json_put_int(o, "last_seq", (int64_t)ch->last_seq);
			json_put_hex(o, "head", ch->head.b, HASH_BYTES);
			json_add(arr, &o);
		}
	return (arr);
}

static struct json *
logs(const struct judge *j)
{
	struct json *arr = json_new_arr(), *o;
	const struct judge_log *log;
	size_t i;

	for (i = 0; i < judge_logs(j); i++) {
		log = judge_log_at(j, i);
		o = json_new_obj();
		json_put_hex(o, "log_id", log->log->log_id.b, HASH_BYTES);
		json_put_str(o, "relay", log->log->relay->name);
		json_put_int(o, "checkpoints", (int64_t)log->checkpoints);
		json_put_int(o, "proofs", (int64_t)log->proofs);
		json_put_int(o, "size", (int64_t)log->size);
		json_add(arr, &o);
	}
	return (arr);
}

static void
put_content(void *ctx, const char *name, const char *text)
{
	json_put_str(ctx, name, text);
}

static struct json *
message(const struct judge *j, const struct judge_message *m)
{
	struct envelope_header h = judge_header(m);
	const struct judge_run *run = m->run;
	struct json *o = json_new_obj(), *said;
	char name[] = "a0";

	name[0] = run->direction == FROM_A ? 'a' : 'b';
	name[1] = (char)('0' + run->lane);
	json_put_str(o, "channel", name);
	json_put_int(o, "seq", (int64_t)h.seq);
	json_put_hex(o, "env_id", m->env_id.b, HASH_BYTES);
	json_put_hex(o, "kid", h.kid.b, ID_BYTES);
	json_put_bool(o, "counts", !m->off_chain);
	json_put_bool(o, "disputed", run->standing == KEYRING_DISPUTED);
	json_put_time(o, "created_claim", (int64_t)h.created_at);
	if (run->logged) {
		json_put_hex(o, "log_id", run->log_id.b, HASH_BYTES);
		json_put_int(o, "index", (int64_t)run->index);
	}
	json_put_str(o, "fate", verdict_fate(m));
	json_put_time(o, "fate_claim", (int64_t)m->fate_at);
	json_put_time(o, "fetched_claim", (int64_t)judge_fetched_at(j, m));
	json_put_time(o, "signed_after", (int64_t)run->bounds.after_at);
	json_put_time(o, "logged_before", (int64_t)run->bounds.before_at);
	if (m->shown->outline.p != NULL || m->shown->some != NULL) {
		said = json_new_obj();
		content_each(m, put_content, said);
		json_put(o, "content", &said);
	}
	return (o);
}

static struct json *
opened(const struct judge *j)
{
	struct verdict_opened n = verdict_opened(j);
	struct json *o = json_new_obj();

	json_put_int(o, "whole", (int64_t)n.whole);
	json_put_int(o, "outline", (int64_t)n.outline);
	json_put_int(o, "fields", (int64_t)n.fields);
	return (o);
}

static struct json *
open_cases(const struct judge *j)
{
	struct outline *o = judge_cases(j) == 0 ? NULL : outline_new(j);
	struct json *arr;

	arr = o == NULL ? json_new_arr() : silence_list_json(j, o);
	outline_free(o);
	return (arr);
}

static void
put(struct json *o, const char *key, struct json *child)
{
	json_put(o, key, &child);
}

/* All but the messages. */
static struct json *
head(const struct judge *j)
{
	struct json *o = json_new_obj();
	struct buf buf = buf_init(4096);

	verdict_sentence(j, &buf);
	json_put_str(o, "verdict", verdict_name(judge_verdict(j)));
	json_put_int(o, "exit", err_exit(judge_err(j)));
	json_put_str(o, "sentence", buf_text(&buf));
	buf_free(&buf);
	put(o, "pair", pair(j));
	if (judge_level(j) != 0)
		json_put_str(o, "level", bundle_level_name(judge_level(j)));
	put(o, "opened", opened(j));
	put(o, "proven", lines(j, verdict_proven));
	put(o, "not_proven", lines(j, verdict_unproven));
	put(o, "findings", findings(j));
	json_put_int(o, "missing", (int64_t)judge_count(j, FINDINGS_GAP));
	json_put_int(o, "wrong", (int64_t)judge_count(j, FINDINGS_BAD));
	put(o, "channels", channels(j));
	put(o, "logs", logs(j));
	put(o, "open_cases", open_cases(j));
	put(o, "claims", verdict_claims_json(j));
	return (o);
}

enum err
verdict_json(const struct judge *j, struct buf *out)
{
	struct json *o = head(j);
	size_t i;

	json_open(o, "messages", out);
	json_free(&o);
	for (i = 0; i < judge_messages(j) && out->err == ERR_OK; i++) {
		o = message(j, judge_message_at(j, i));
		json_item(i, &o, out);
	}
	json_close(i, out);
	return (out->err);
}
