#include "endpoint/export_proof.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/evidence.h"
#include "endpoint/export_cosigned.h"
#include "endpoint/export_pick.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "proto/run.h"
#include "proto/statement.h"
#include "proto/tlog_proof.h"

struct proving {
	struct agent *agent;
	const struct pair *pair;
	struct export_witnesses ws;
	struct export_pick pick;
	struct buf text;	/* of the newest envelope that has a proof */
	struct json *info;
};

static enum err
encode(struct proving *p, const struct evidence *e, const struct run *run)
{
	struct buf note = buf_init(NOTE_MAX);
	struct tlog_proof proof = {
	    .extra = {run->entry, sizeof(run->entry)},
	    .index = e->index,
	    .path = e->path,
	};
	enum err err = export_note(p->agent, &p->ws, e, &note);

	proof.note = buf_view(&note);
	buf_reset(&p->text);
	if (err == ERR_OK)
		err = tlog_proof_encode(&p->text, &proof);
	buf_free(&note);
	return err;
}

static void
describe(struct proving *p, const struct evidence *e)
{
	json_free(&p->info);
	p->info = json_new_obj();
	json_put_hex(p->info, "log_id", &e->log_id, HASH_BYTES);
	json_put_int(p->info, "index", (int64_t)e->index);
	json_put_int(p->info, "size", (int64_t)e->size);
	json_put_hex(p->info, "channel", &e->channel, ID_BYTES);
	json_put_int(p->info, "first_seq", (int64_t)e->first_seq);
	json_put_int(p->info, "last_seq", (int64_t)e->last_seq);
}

/* A run that holds the envelope; the receipts about it come along. */
static enum err
prove(void *ctx, const struct evidence *e)
{
	struct proving *p = ctx;
	struct arena arena;
	struct run run;
	enum err err;

	if (e->kind != STATEMENT_RUN)
		return ERR_OK;
	arena = arena_init(ARENA_MAX);
	err = run_decode(&run, RUN_BARE, e->entry, &arena);
	if (err == ERR_OK)
		err = encode(p, e, &run);
	if (err == ERR_OK)
		describe(p, e);
	arena_free(&arena);
	return err;
}

static enum err
look_at(void *ctx, const struct mail *mail)
{
	struct proving *p = ctx;
	const struct id *channel = mail->own ?
	    &p->pair->own_channel[mail->lane] :
	    &p->pair->peer_channel[mail->lane];
	char hex[2 * HASH_BYTES + 1];
	enum err err;

	if (!export_pick_is(agent_book(p->agent), &p->pick, mail))
		return ERR_OK;
	err = evidence_of(agent_book(p->agent), p->pair->number, channel,
	    mail->seq, prove, p);
	if (err == ERR_OK && p->info != NULL) {
		hex_encode(hex, mail->env_id.b, HASH_BYTES);
		json_put_str(p->info, "env_id", hex);
	}
	return err;
}

static enum err
find(struct proving *p)
{
	struct book *book = agent_book(p->agent);
	enum err err = ERR_OK;

	for (uint8_t lane = 0; lane < LANE_COUNT && err == ERR_OK; lane++) {
		err = mail_each(
		    book, p->pair->number, true, lane, 1, look_at, p);
		if (err == ERR_OK)
			err = mail_each(book, p->pair->number, false, lane, 1,
			    look_at, p);
	}
	if (err == ERR_OK)
		err = export_pick_found(&p->pick);
	return err == ERR_OK && p->info == NULL ? ERR_NOTFOUND : err;
}

enum err
export_proof(struct agent *agent, const struct pair *pair,
    const struct id *case_id, const char *word, const char *path,
    struct json **info)
{
	struct proving p = {.agent = agent, .pair = pair,
	    .text = buf_init(TLOG_PROOF_MAX)};
	enum err err;

	export_witnesses(&p.ws, agent, pair);
	err = export_pick_word(agent_book(agent), case_id, word, &p.pick);
	if (err == ERR_OK)
		err = find(&p);
	if (err == ERR_OK)
		err = file_create(path, p.text.p, p.text.len, 0600);
	if (err == ERR_OK) {
		json_put_str(p.info, "path", path);
		*info = p.info;
		p.info = NULL;
	}
	json_free(&p.info);
	buf_free(&p.text);
	return err;
}
