#include "endpoint/opencases.h"

#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "endpoint/agent.h"
#include "endpoint/caserows.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "endpoint/refold.h"

#define CASE_LANES 2		/* lane 2 carries files */

/* A case that may be open at the heads. */
struct maybe {
	struct id case_id;
	bool told;		/* what stands in its row holds at the heads */
	struct opencases_one row;
};

struct gather {
	struct agent *agent;
	const struct pair *pair;
	bool ours;
	struct maybe *v;
	size_t n;
	size_t size;
};

static enum err
add(struct gather *g, const struct maybe *one)
{
	if (g->n == g->size) {
		size_t size = g->size == 0 ? 64 : 2 * g->size;
		void *p = reallocarray(g->v, size, sizeof(*g->v));

		if (p == NULL)
			return ERR_NOMEM;
		g->v = p;
		g->size = size;
	}
	g->v[g->n++] = *one;
	return ERR_OK;
}

/*
 * Open now.  Where we signed and the peer asks, the row already holds what
 * the fold would find, if no message lies above the heads: all evidence that
 * moves such a case is a message.
 */
static enum err
add_open(void *ctx, const struct caserows_case *c)
{
	struct gather *g = ctx;
	struct maybe one = {.case_id = c->case_id,
	    .told = g->ours && c->ours == CASE_REQUESTED,
	    .row = {.case_id = c->case_id, .own = c->file.head[c->ours],
		.peer = c->file.head[1 - c->ours]}};

	return add(g, &one);
}

/* A lapsed request may have been answered all the same. */
static enum err
add_lapsed(void *ctx, const struct caserows_case *c)
{
	struct maybe one = {.case_id = c->case_id};

	return add(ctx, &one);
}

static enum err
add_of_message(struct gather *g, int64_t id)
{
	struct caserows_msg row;
	struct maybe one = {.told = false};
	enum err err = caserows_msg(agent_book(g->agent), id, &row);

	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	one.case_id = row.case_id;
	return add(g, &one);
}

/* Something was said above the heads; it may have ended the case since. */
static enum err
add_above(void *ctx, const struct mail *mail)
{
	struct gather *g = ctx;
	int64_t id;
	enum err err;

	err = caserows_named(agent_book(g->agent), &mail->env_id, &id);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	return add_of_message(g, id);
}

static enum err
add_waiting(struct gather *g, uint8_t lane)
{
	struct mail_waiting w = {.mail = {.id = 0}};
	enum err err = ERR_OK;

	while (err == ERR_OK) {
		err = mail_next_waiting(agent_book(g->agent),
		    g->pair->number, lane, w.mail.id, &w);
		if (err == ERR_OK)
			err = add_of_message(g, w.mail.message);
	}
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

static enum err
gather(struct gather *g, const struct notice_link *link)
{
	const struct notice_head *ours = g->ours ? link->own : link->peer;
	const struct notice_head *theirs = g->ours ? link->peer : link->own;
	struct book *book = agent_book(g->agent);
	int64_t pair = g->pair->number;
	enum err err = caserows_each_open(book, pair, add_open, g);

	if (err == ERR_OK)
		err = caserows_each_in(
		    book, pair, CASE_LAPSED, add_lapsed, g);
	for (uint8_t lane = 0; lane < CASE_LANES && err == ERR_OK; lane++) {
		err = mail_each(book, pair, true, lane, ours[lane].seq + 1,
		    add_above, g);
		if (err == ERR_OK)
			err = mail_each(book, pair, false, lane,
			    theirs[lane].seq + 1, add_above, g);
		if (err == ERR_OK)
			err = add_waiting(g, lane);
	}
	return err;
}

/* By case; of one case those to be folded first. */
static int
maybe_cmp(const void *pa, const void *pb)
{
	const struct maybe *a = pa, *b = pb;
	int c = memcmp(a->case_id.b, b->case_id.b, ID_BYTES);

	return c != 0 ? c : (int)a->told - (int)b->told;
}

static enum err
put(struct opencases *out, const struct opencases_one *one)
{
	if (out->n == out->size) {
		size_t size = out->size == 0 ? 64 : 2 * out->size;
		void *p = reallocarray(out->v, size, sizeof(*out->v));

		if (p == NULL)
			return ERR_NOMEM;
		out->v = p;
		out->size = size;
	}
	out->v[out->n++] = *one;
	return ERR_OK;
}

static enum err
put_folded(struct gather *g, const struct notice_link *link,
    const struct id *case_id, struct opencases *out)
{
	struct refold_heads heads = {
	    .ours = g->ours, .own = link->own, .peer = link->peer};
	struct opencases_one one = {.case_id = *case_id};
	struct caserows_case c;
	struct casefile file;
	enum case_side signer;
	enum err err;

	err = caserows_get(agent_book(g->agent), case_id, &c);
	if (err == ERR_OK && c.pair != g->pair->number)
		return ERR_OK;
	if (err == ERR_OK)
		err = refold_at(g->agent, case_id, &heads, &file);
	if (err != ERR_OK || !casefile_open(file.state))
		return err;
	signer = g->ours ? c.ours : (enum case_side)(1 - c.ours);
	one.own = file.head[signer];
	one.peer = file.head[1 - signer];
	return put(out, &one);
}

enum err
opencases_at(struct agent *agent, const struct pair *pair, bool ours,
    const struct notice_link *link, struct opencases *out)
{
	struct gather g = {.agent = agent, .pair = pair, .ours = ours};
	enum err err = gather(&g, link);

	memset(out, 0, sizeof(*out));
	if (err == ERR_OK && g.n > 0)
		qsort(g.v, g.n, sizeof(*g.v), maybe_cmp);
	for (size_t i = 0; i < g.n && err == ERR_OK; i++) {
		if (i > 0 && id_eq(&g.v[i].case_id, &g.v[i - 1].case_id))
			continue;
		err = g.v[i].told ? put(out, &g.v[i].row) :
		    put_folded(&g, link, &g.v[i].case_id, out);
	}
	free(g.v);
	return err;
}

void
opencases_free(struct opencases *cases)
{
	free(cases->v);
	memset(cases, 0, sizeof(*cases));
}

/* NULL: no memory. */
static struct hash *
leaves_of(const struct opencases *cases, uint8_t direction)
{
	struct hash *leaf = calloc(cases->n + 1, sizeof(*leaf));

	for (size_t i = 0; leaf != NULL && i < cases->n; i++) {
		const struct opencases_one *one = &cases->v[i];

		leaf[i] = notice_case_leaf(&one->case_id,
		    direction == FROM_A ? &one->own : &one->peer,
		    direction == FROM_A ? &one->peer : &one->own);
	}
	return leaf;
}

enum err
opencases_sum(const struct opencases *cases, uint8_t direction,
    struct notice_link *link)
{
	struct hash *leaf = leaves_of(cases, direction);

	if (leaf == NULL)
		return ERR_NOMEM;
	link->open_cases = (uint32_t)cases->n;
	link->open_root = merkle_root(leaf, cases->n);
	free(leaf);
	return ERR_OK;
}

enum err
opencases_show(const struct opencases *cases, uint8_t direction,
    const struct notice_link *link, const struct id *case_id,
    struct notice_case *out)
{
	struct hash *leaf = leaves_of(cases, direction);
	struct hash root;
	enum err err = ERR_NOTFOUND;

	if (leaf == NULL)
		return ERR_NOMEM;
	root = merkle_root(leaf, cases->n);
	if (cases->n != link->open_cases || !hash_eq(&root, &link->open_root))
		err = ERR_INCOMPLETE;
	for (size_t i = 0; i < cases->n && err == ERR_NOTFOUND; i++) {
		if (!id_eq(&cases->v[i].case_id, case_id))
			continue;
		out->case_id = *case_id;
		out->own = cases->v[i].own;
		out->peer = cases->v[i].peer;
		out->index = (uint32_t)i;
		merkle_prove(&out->path, leaf, cases->n, i);
		err = ERR_OK;
	}
	free(leaf);
	return err;
}
