#include "endpoint/export_cosigned.h"

#include <string.h>

#include "audit/bundle.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/cosigned_rows.h"
#include "endpoint/evidence.h"
#include "endpoint/pairs.h"

static void
add_witness(struct export_witnesses *out, const struct charter_witness *w)
{
	unsigned i;

	for (i = 0; i < out->n; i++)
		if (memcmp(out->w[i].key, w->key, KEY_BYTES) == 0 &&
		    strcmp(out->w[i].name, w->name) == 0)
			return;
	if (out->n < EXPORT_WITNESSES_MAX)
		out->w[out->n++] = *w;
}

void
export_witnesses(struct export_witnesses *out, struct agent *agent,
    const struct pair *pair)
{
	const struct charter *c;
	struct hash id;
	uint32_t number;

	memset(out, 0, sizeof(*out));
	for (number = (uint32_t)pair->charter->number + 1; number-- > 0;) {
		c = pairs_charter_of(agent, pair, (uint16_t)number, &id);
		for (unsigned i = 0; c != NULL && i < c->witness_count; i++)
			add_witness(out, &c->witness[i]);
	}
}

enum err
export_note(struct agent *agent, const struct export_witnesses *ws,
    const struct evidence *e, struct buf *note)
{
	enum err err = cosigned_rows_note(
	    agent_book(agent), &e->log_id, e->size, ws->w, ws->n, note);

	return err != ERR_NOTFOUND ? err :
	    evidence_checkpoint(agent_book(agent), &e->log_id, e->size, note);
}

struct adding {
	struct agent *agent;
	const struct export_witnesses *ws;
	const struct hash *log_id;
	struct bundle *bundle;
};

static enum err
add_tree(void *ctx, const struct cosigned_tree *tree)
{
	struct buf note = buf_init(NOTE_MAX);
	struct adding *a = ctx;
	enum err err = cosigned_rows_note(agent_book(a->agent), a->log_id,
	    tree->size, a->ws->w, a->ws->n, &note);

	if (err == ERR_OK)
		err = bundle_add_note(a->bundle, a->log_id, buf_view(&note));
	buf_free(&note);
	return err;
}

static enum err
add_join(void *ctx, uint64_t first, uint64_t second,
    const struct merkle_path *path)
{
	struct adding *a = ctx;

	return bundle_add_join(a->bundle, a->log_id, first, second, path);
}

enum err
export_cosigned_add(struct agent *agent, const struct export_witnesses *ws,
    const struct hash *log_id, struct bundle *bundle)
{
	struct adding a = {agent, ws, log_id, bundle};
	enum err err;

	if (ws->n == 0)
		return ERR_OK;
	err = cosigned_rows_trees(agent_book(agent), log_id, add_tree, &a);
	return err != ERR_OK ? err : cosigned_rows_joins(
	    agent_book(agent), log_id, add_join, &a);
}
