#include "endpoint/export.h"

#include <stdlib.h>

#include "audit/bundle.h"
#include "audit/keyring.h"
#include "base/file.h"
#include "base/json.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/evidence.h"
#include "endpoint/export_claims.h"
#include "endpoint/export_cosigned.h"
#include "endpoint/export_open.h"
#include "endpoint/export_silence.h"
#include "endpoint/pairs.h"
#include "endpoint/refusals.h"
#include "proto/run.h"
#include "proto/statement.h"

#define ZIP_PART_MAX (1u << 20)	/* between two spills */

struct exporting {
	struct agent *agent;
	const struct pair *pair;
	struct bundle *bundle;
	struct export_witnesses ws;
	struct hash log_id;	/* whose cosigned trees went in last */
};

static enum err
add_charter(void *ctx, const struct pairs_charter *c)
{
	struct exporting *x = ctx;

	return bundle_add_charter(
	    x->bundle, c->number, c->text, c->sig_a, c->sig_b);
}

/* Is that agency a party, or a relay, of the pair? */
static bool
of_pair(const struct exporting *x, const struct id *agency)
{
	const struct keyring *kr = pairs_keyring(agent_pairs(x->agent));
	const struct hash *pair_id = &x->pair->pair_id;

	return keyring_is_party(kr, pair_id, FROM_A, agency) ||
	    keyring_is_party(kr, pair_id, FROM_B, agency) ||
	    keyring_is_relay(kr, pair_id, agency);
}

/* Key statements of both parties and of the pair's relays, all of them. */
static enum err
add_keys(struct exporting *x)
{
	const struct keyring *kr = pairs_keyring(agent_pairs(x->agent));
	const struct keyring_agency *a;
	enum err err = ERR_OK;

	for (size_t i = 0;
	     err == ERR_OK && (a = keyring_agency_at(kr, i)) != NULL; i++) {
		if (!of_pair(x, &a->id))
			continue;
		for (uint64_t k = 1; k <= a->ks_seq && err == ERR_OK; k++) {
			struct view entry = keyring_statement(kr, &a->id, k);

			if (entry.len > 0)
				err = bundle_add_statement(x->bundle, entry);
		}
	}
	return err;
}

/* Key statements and priors belong to no one pair: neither another pair's nor a log of
 * one goes out, or this auditor would learn with whom else we speak. */
static enum err
concerns(const struct exporting *x, const struct evidence *e, bool *yes)
{
	const struct keyring *kr = pairs_keyring(agent_pairs(x->agent));
	const struct keyring_log *log = keyring_log(kr, &e->log_id);
	struct statement_keys *ks;
	struct statement st;

	*yes = e->kind != STATEMENT_KEYS && e->kind != STATEMENT_PRIOR;
	if (!*yes && e->kind == STATEMENT_PRIOR)
		*yes = log != NULL && of_pair(x, &log->relay->id);
	if (*yes || e->kind == STATEMENT_PRIOR || log == NULL || !of_pair(x, &log->relay->id) ||
	    statement_split(&st, e->entry) != ERR_OK)
		return ERR_OK;
	ks = malloc(sizeof(*ks));
	if (ks == NULL)
		return ERR_NOMEM;
	*yes = statement_keys_decode(ks, st.body) == ERR_OK &&
	    of_pair(x, &ks->agency);
	free(ks);
	return ERR_OK;
}

static enum err
add_run(struct exporting *x, const struct evidence *e, struct buf *entry)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct run run;
	uint8_t lane;
	bool own;
	enum err err;

	if (pairs_of_channel(agent_pairs(x->agent), &e->channel, &own,
		&lane) != x->pair)
		return ERR_NOTFOUND;
	err = run_decode(&run, RUN_BARE, e->entry, &arena);
	if (err == ERR_OK) {
		uint8_t direction = own ? x->pair->direction
					: (uint8_t)(1 - x->pair->direction);

		err = bundle_add_run(x->bundle, direction, lane, e->entry);
		buf_put(entry, run.entry, sizeof(run.entry));
	}
	arena_free(&arena);
	return err;
}

/* Evidence comes log by log. */
static enum err
add_log(struct exporting *x, const struct hash *log_id)
{
	if (hash_eq(&x->log_id, log_id))
		return ERR_OK;
	x->log_id = *log_id;
	return export_cosigned_add(x->agent, &x->ws, log_id, x->bundle);
}

static enum err
add_proof(struct exporting *x, const struct evidence *e, struct view entry)
{
	struct buf note = buf_init(NOTE_MAX);
	enum err err;

	err = add_log(x, &e->log_id);
	if (err == ERR_OK)
		err = export_note(x->agent, &x->ws, e, &note);
	if (err == ERR_OK)
		err = bundle_add_proof(x->bundle, &e->log_id, buf_view(&note),
		    entry, e->index, &e->path);
	buf_free(&note);
	return err;
}

static enum err
add_evidence(void *ctx, const struct evidence *e)
{
	struct buf entry = buf_init(STATEMENT_MAX);
	struct exporting *x = ctx;
	bool yes;
	enum err err;

	err = concerns(x, e, &yes);
	if (err != ERR_OK || !yes)
		return err;
	switch ((enum statement_kind)e->kind) {
	case STATEMENT_RUN:
		err = add_run(x, e, &entry);
		break;
	case STATEMENT_RECEIPT:
		buf_put(&entry, e->entry.p, e->entry.len);
		err = bundle_add_receipt(x->bundle, e->entry);
		break;
	default:
		buf_put(&entry, e->entry.p, e->entry.len);
		err = bundle_add_statement(x->bundle, e->entry);
	}
	if (err == ERR_OK)
		err = entry.err;
	if (err == ERR_OK)
		err = add_proof(x, e, buf_view(&entry));
	buf_free(&entry);
	return err;
}

static enum err
add_refusal(void *ctx, struct view entry)
{
	struct exporting *x = ctx;

	return bundle_add_receipt(x->bundle, entry);
}

static int64_t
count_runs(const struct bundle *b)
{
	size_t n = 0;

	for (uint8_t d = 0; d < DIRECTION_COUNT; d++)
		for (uint8_t lane = 0; lane < LANE_COUNT; lane++)
			n += bundle_runs(b, d, lane);
	return (int64_t)n;
}

static struct json *
describe(const struct exporting *x, const char *path, size_t bytes)
{
	struct json *obj = json_new_obj();
	const struct bundle *b = x->bundle;

	json_put_str(obj, "path", path);
	json_put_str(obj, "level", bundle_level_name(bundle_level(b)));
	json_put_hex(obj, "pair_id", &x->pair->pair_id, HASH_BYTES);
	json_put_hex(obj, "charter_id", &x->pair->charter_id, HASH_BYTES);
	json_put_int(obj, "bytes", (int64_t)bytes);
	json_put_int(obj, "runs", count_runs(b));
	json_put_int(obj, "receipts", (int64_t)bundle_receipts(b));
	json_put_int(obj, "statements", (int64_t)bundle_statements(b));
	json_put_int(obj, "proofs", (int64_t)bundle_proofs(b));
	json_put_int(obj, "openings", (int64_t)bundle_openings(b));
	return obj;
}

/* A file written in parts, and how much that was. */
struct written {
	struct file_out *file;
	size_t bytes;
};

static enum err
write_part(void *ctx, const void *p, size_t len)
{
	struct written *w = ctx;

	w->bytes += len;
	return file_out_write(w->file, p, len);
}

/* The bundle into path, which is there once it is whole. */
static enum err
write_bundle(struct bundle *b, const char *path, size_t *bytes)
{
	struct buf zip = buf_init(ZIP_PART_MAX);
	struct written w = {0};
	enum err err;

	err = file_out_begin(&w.file, path, 0600);
	if (err != ERR_OK)
		return err;
	zip.sink = write_part;
	zip.ctx = &w;
	err = bundle_write(b, &zip);
	buf_spill_rest(&zip);
	if (err == ERR_OK)
		err = zip.err;
	if (err == ERR_OK)
		err = file_out_create(w.file);
	*bytes = w.bytes;
	file_out_free(&w.file);
	buf_free(&zip);
	return err;
}

enum err
export_bundle(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, const char *path,
    struct json **info, const char **wrong)
{
	struct exporting x = {.agent = agent, .pair = pair};
	enum err err = ERR_NOMEM;
	size_t bytes = 0;

	*wrong = NULL;
	x.bundle = bundle_new(&pair->pair_id, choice->level);
	if (x.bundle == NULL)
		goto out;
	export_witnesses(&x.ws, agent, pair);
	err = pairs_charters(
	    agent_book(agent), pair->number, add_charter, &x);
	if (err == ERR_OK)
		err = add_keys(&x);
	if (err == ERR_OK)
		err = evidence_each(
		    agent_book(agent), pair->number, add_evidence, &x);
	if (err == ERR_OK)
		err = refusals_each(agent_book(agent), pair->number,
		    add_refusal, &x);
	if (err == ERR_OK)
		err = export_open_add(
		    agent, pair, choice, x.bundle, wrong);
	if (err == ERR_OK)
		err = export_silence_add(
		    agent, pair, choice, x.bundle, wrong);
	if (err == ERR_OK)
		err = export_claims_add(agent, pair, choice, x.bundle);
	if (err == ERR_OK)
		err = write_bundle(x.bundle, path, &bytes);
	if (err == ERR_OK && info != NULL)
		*info = describe(&x, path, bytes);
out:
	bundle_free(x.bundle);
	return err;
}
