#include "audit/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify.h"
#include "proto/charter.h"
#include "proto/note.h"

#define NONE SIZE_MAX

struct mark {
	const struct charter_witness *w;
	struct hash quoted;	/* H(time || sig), as runs quote it */
	uint64_t at;
	size_t tree;
	size_t next;		/* in the list of what is joined; NONE */
};

/* A consistency proof: what stands below index first is the same in both. */
struct join {
	size_t a, b;
	uint64_t first;
};

struct node {
	struct timeline_tree tree;	/* if it was cosigned */
	size_t up;		/* one it is joined to, or itself */
	size_t list;		/* of the topmost: marks by witness, one each */
};

struct timeline {
	struct node *node;
	size_t nodes;
	struct mark *mark;
	size_t marks, marks_size;
	struct join *join;	/* once ready: the largest first */
	size_t joins, joins_size;
	const struct mark **by_quoted;
};

struct timeline *
timeline_new(size_t trees)
{
	struct timeline *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return (NULL);
	t->nodes = trees;
	t->node = calloc(trees + 1, sizeof(*t->node));
	if (t->node == NULL) {
		free(t);
		return (NULL);
	}
	return (t);
}

void
timeline_free(struct timeline *t)
{
	if (t == NULL)
		return;
	free(t->by_quoted);
	free(t->join);
	free(t->mark);
	free(t->node);
	free(t);
}

/* Room for one more of n things; NULL for want of memory. */
static void *
grown(void *p, size_t n, size_t *size, size_t each)
{
	size_t want = *size == 0 ? 16 : 2 * *size;

	if (n < *size)
		return (p);
	p = reallocarray(p, want, each);
	if (p != NULL)
		*size = want;
	return (p);
}

enum err
timeline_add(struct timeline *t, size_t number,
    const struct timeline_tree *tree, const struct charter_witness *w,
    const struct note *note)
{
	const struct note_sig *sig;
	struct mark *m;
	enum err err = verify_cosignature(w, note, &sig);

	if (err != ERR_OK)
		return (err);
	m = grown(t->mark, t->marks, &t->marks_size, sizeof(*m));
	if (m == NULL)
		return (ERR_NOMEM);
	t->mark = m;
	m = &t->mark[t->marks++];
	m->w = w;
	m->quoted = note_cosig_hash(sig);
	m->at = note_cosig_time(sig) * 1000;
	m->tree = number;
	t->node[number].tree = *tree;
	return (ERR_OK);
}

enum err
timeline_join(struct timeline *t, size_t a, size_t b, uint64_t first)
{
	struct join *join;

	join = grown(t->join, t->joins, &t->joins_size, sizeof(*join));
	if (join == NULL)
		return (ERR_NOMEM);
	t->join = join;
	t->join[t->joins++] = (struct join){ a, b, first };
	return (ERR_OK);
}

static int
largest_first(uint64_t a, uint64_t b)
{
	return (a > b ? -1 : a < b);
}

static int
join_cmp(const void *pa, const void *pb)
{
	const struct join *a = pa, *b = pb;

	return (largest_first(a->first, b->first));
}

static int
ask_cmp(const void *pa, const void *pb)
{
	const struct timeline_ask *a = pa, *b = pb;

	return (largest_first(a->index, b->index));
}

static int
quoted_cmp(const void *pa, const void *pb)
{
	const struct mark *a = *(const struct mark *const *)pa;
	const struct mark *b = *(const struct mark *const *)pb;

	return (memcmp(a->quoted.b, b->quoted.b, HASH_BYTES));
}

enum err
timeline_ready(struct timeline *t)
{
	size_t i;

	free(t->by_quoted);
	t->by_quoted = calloc(t->marks + 1, sizeof(const struct mark *));
	if (t->by_quoted == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < t->marks; i++)
		t->by_quoted[i] = &t->mark[i];
	if (t->marks > 1)
		qsort(t->by_quoted, t->marks, sizeof(const struct mark *),
		    quoted_cmp);
	if (t->joins > 1)
		qsort(t->join, t->joins, sizeof(*t->join), join_cmp);
	return (ERR_OK);
}

static bool
is_witness(const struct charter *charter, const uint8_t key[KEY_BYTES])
{
	unsigned i;

	for (i = 0; i < charter->witness_count; i++)
		if (memcmp(charter->witness[i].key, key, KEY_BYTES) == 0)
			return (true);
	return (false);
}

/* The first in by_quoted that is not before that hash. */
static size_t
first_quoted(const struct timeline *t, const struct hash *quoted)
{
	size_t lo = 0, hi = t->marks, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (memcmp(t->by_quoted[mid]->quoted.b, quoted->b,
		    HASH_BYTES) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

enum err
timeline_after(const struct timeline *t, const struct charter *charter,
    const struct run_seen *seen, uint64_t *at)
{
	const struct timeline_tree *tree;
	const struct mark *m;
	size_t i;

	*at = 0;
	if (hash_is_zero(&seen->witness))
		return (ERR_OK);
	for (i = first_quoted(t, &seen->witness); i < t->marks; i++) {
		m = t->by_quoted[i];
		if (!hash_eq(&m->quoted, &seen->witness))
			break;
		if (!is_witness(charter, m->w->key))
			continue;
		tree = &t->node[m->tree].tree;
		if (!hash_eq(&tree->log_id, &seen->log_id) ||
		    tree->size != seen->size ||
		    !hash_eq(&tree->root, &seen->root))
			return (ERR_LOG_SPLIT);
		*at = m->at;
		return (ERR_OK);
	}
	return (ERR_OK);
}

/* ---- by when ---- */

static size_t
top_of(struct timeline *t, size_t i)
{
	while (t->node[i].up != i)
		i = t->node[i].up = t->node[t->node[i].up].up;
	return (i);
}

/* Two lists by witness in one; of each witness the earliest stays. */
static size_t
merged(struct mark *mark, size_t a, size_t b)
{
	size_t head = NONE, *tail = &head, *least;

	while (a != NONE && b != NONE) {
		if (mark[a].w == mark[b].w) {
			least = mark[a].at <= mark[b].at ? &b : &a;
			*least = mark[*least].next;
			continue;
		}
		least = (uintptr_t)mark[a].w < (uintptr_t)mark[b].w ? &a : &b;
		*tail = *least;
		tail = &mark[*least].next;
		*least = *tail;
	}
	*tail = a != NONE ? a : b;
	return (head);
}

/* Nothing is joined yet. */
static void
part_all(struct timeline *t)
{
	struct node *node;
	size_t i;

	for (i = 0; i < t->nodes; i++) {
		t->node[i].up = i;
		t->node[i].list = NONE;
	}
	for (i = 0; i < t->marks; i++) {
		node = &t->node[t->mark[i].tree];
		t->mark[i].next = NONE;
		node->list = merged(t->mark, node->list, i);
	}
}

static void
join_up(struct timeline *t, const struct join *join)
{
	size_t a = top_of(t, join->a), b = top_of(t, join->b);

	if (a == b)
		return;
	t->node[a].up = b;
	t->node[b].list = merged(t->mark, t->node[a].list, t->node[b].list);
}

/* The quorum-th of the charter's witnesses' earliest; 0: fewer. */
static uint64_t
quorum_at(const struct timeline *t, const struct charter *charter,
    size_t list)
{
	unsigned quorum = charter->quorum > 1 ? charter->quorum : 1;
	uint64_t first[CHARTER_WITNESSES_MAX], at;
	unsigned n = 0, w, k;
	size_t i;

	for (w = 0; w < charter->witness_count; w++) {
		at = 0;
		for (i = list; i != NONE; i = t->mark[i].next)
			if ((at == 0 || t->mark[i].at < at) &&
			    memcmp(t->mark[i].w->key, charter->witness[w].key,
				KEY_BYTES) == 0)
				at = t->mark[i].at;
		if (at == 0)
			continue;
		for (k = n++; k > 0 && first[k - 1] > at; k--)
			first[k] = first[k - 1];
		first[k] = at;
	}
	return (n >= quorum ? first[quorum - 1] : 0);
}

void
timeline_before(struct timeline *t, struct timeline_ask *ask, size_t n)
{
	size_t i, joined = 0, top;

	part_all(t);
	if (n > 1)
		qsort(ask, n, sizeof(*ask), ask_cmp);
	for (i = 0; i < n; i++) {
		while (joined < t->joins &&
		    t->join[joined].first > ask[i].index)
			join_up(t, &t->join[joined++]);
		top = top_of(t, ask[i].tree);
		ask[i].before_at = quorum_at(t, ask[i].charter,
		    t->node[top].list);
	}
}
