/* From a story to its bundle, and to the judge. */
#include <assert.h>
#include <string.h>

#include "proto/note.h"
#include "tests/unit/audit/world.h"

static void
add_item(struct world *w, struct bundle *b, const struct item *item)
{
	struct view bytes = buf_view(&item->bytes);

	switch (item->kind) {
	case ITEM_STATEMENT:
		MUST(bundle_add_statement(b, bytes));
		break;
	case ITEM_RUN:
		MUST(bundle_add_run(b, item->direction, item->lane, bytes));
		break;
	case ITEM_RECEIPT:
		MUST(bundle_add_receipt(b, bytes));
		break;
	case ITEM_OPENING:
		MUST(bundle_add_opening(b, &item->env_id, item->opening,
		    bytes));
		break;
	}
	(void)w;
}

struct bundle *
world_bundle(struct world *w)
{
	struct bundle *b = bundle_new(&w->pair_id, BUNDLE_OPEN);
	struct buf note = buf_init(NOTE_MAX);
	struct merkle_path path;
	size_t i;

	assert(b != NULL);
	MUST(bundle_add_charter(b, 0, buf_view(&w->charter),
	    w->charter_sig[0], w->charter_sig[1]));
	world_checkpoint(w, w->leaves, &note);
	for (i = 0; i < w->items; i++) {
		if (!w->item[i].skip)
			add_item(w, b, &w->item[i]);
		if (!w->item[i].logged || w->item[i].skip_proof)
			continue;
		merkle_prove(&path, w->leaf, (size_t)w->leaves,
		    (size_t)w->item[i].index);
		MUST(bundle_add_proof(b, &w->log_id, buf_view(&note),
		    buf_view(&w->item[i].entry), w->item[i].index, &path));
	}
	buf_free(&note);
	return (b);
}

void
world_zip(struct world *w, struct buf *zip)
{
	struct bundle *b = world_bundle(w);

	*zip = buf_init(BUNDLE_MAX);
	MUST(bundle_write(b, zip));
	bundle_free(b);
}

struct judge *
world_judge_zip(struct view zip, const struct hash *id, struct bundle **b)
{
	struct bundle_fault fault;
	struct judge_pin pin;
	struct judge *j;

	memset(&pin, 0, sizeof(pin));
	if (id != NULL) {
		pin.kind = JUDGE_BY_ID;
		pin.id = *id;
	}
	if (bundle_read(b, zip, &fault) == ERR_OK)
		MUST(judge_bundle(&j, *b, &pin));
	else
		MUST(judge_damaged(&j, &fault));
	return (j);
}

struct judge *
world_judge(struct world *w, const struct hash *id, struct bundle **b)
{
	struct judge *j;
	struct buf zip;

	world_zip(w, &zip);
	j = world_judge_zip(buf_view(&zip), id, b);
	if (*b != NULL)
		bundle_adopt(*b, &zip);
	buf_free(&zip);
	return (j);
}
