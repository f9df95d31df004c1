#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"

static int
place_cmp(const void *pa, const void *pb)
{
	const struct judge_place *a = pa, *b = pb;
	int c = memcmp(a->leaf.b, b->leaf.b, HASH_BYTES);

	if (c == 0)
		c = memcmp(a->at.log_id.b, b->at.log_id.b, HASH_BYTES);
	if (c == 0 && a->at.index != b->at.index)
		c = a->at.index < b->at.index ? -1 : 1;
	return (c);
}

/* And one place for each tree it is proven in. */
static int
tree_cmp(const void *pa, const void *pb)
{
	const struct judge_place *a = pa, *b = pb;
	int c = place_cmp(a, b);

	if (c == 0 && a->tree != b->tree)
		c = a->tree < b->tree ? -1 : 1;
	return (c);
}

static int
place_by_index(const void *pa, const void *pb)
{
	const struct judge_place *a = pa, *b = pb;
	int c = memcmp(a->at.log_id.b, b->at.log_id.b, HASH_BYTES);

	if (c == 0 && a->at.index != b->at.index)
		c = a->at.index < b->at.index ? -1 : 1;
	return (c != 0 ? c : memcmp(a->leaf.b, b->leaf.b, HASH_BYTES));
}

static void
take_proof(struct judge *j, const struct bundle_proof *p,
    const struct judge_tree *tree)
{
	struct judge_place *place;
	char where[JUDGE_WHERE_BYTES];
	enum err err;

	err = merkle_included(&p->leaf, p->index, tree->size, &p->path,
	    &tree->root);
	if (err != ERR_OK) {
		judge_log_name(where, &p->log_id);
		judge_find(j, FINDINGS_PROOF_WRONG, err, where, "index %llu",
		    (unsigned long long)p->index);
		return;
	}
	judge_log_of(j, tree->log)->proofs++;
	place = &j->place[j->places++];
	place->leaf = p->leaf;
	place->at.log_id = p->log_id;
	place->at.index = p->index;
	place->tree = tree->number;
	place->used = false;
}

/* Two entries at one index, each with a proof: two logs were shown.  Then
 * sort for look-up; what several checkpoints prove counts once. */
static void
split_places(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	size_t i, kept = 0;

	if (j->places > 1)
		qsort(j->place, j->places, sizeof(*j->place), place_by_index);
	for (i = 1; i < j->places; i++) {
		if (j->place[i].at.index != j->place[i - 1].at.index ||
		    !hash_eq(&j->place[i].at.log_id,
			&j->place[i - 1].at.log_id) ||
		    hash_eq(&j->place[i].leaf, &j->place[i - 1].leaf))
			continue;
		judge_log_name(where, &j->place[i].at.log_id);
		judge_find(j, FINDINGS_LOG_SPLIT, ERR_LOG_SPLIT, where,
		    "two entries at index %llu",
		    (unsigned long long)j->place[i].at.index);
	}
	if (j->places > 1)
		qsort(j->place, j->places, sizeof(*j->place), tree_cmp);
	for (i = 0; i < j->places; i++)
		if (kept == 0 || tree_cmp(&j->place[kept - 1],
		    &j->place[i]) != 0)
			j->place[kept++] = j->place[i];
	j->places = kept;
}

enum err
judge_log(struct judge *j)
{
	size_t i, n = bundle_proofs(j->b);
	const struct judge_tree *tree = NULL;
	const uint8_t *note = NULL;
	struct bundle_proof p;
	enum err err = judge_trees(j);

	if (err != ERR_OK || n == 0)
		return (err);
	j->place = calloc(n, sizeof(*j->place));
	if (j->place == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < n; i++) {
		bundle_proof_at(j->b, i, &p);
		if (p.checkpoint.p != note)
			tree = judge_tree_of(j, p.checkpoint.p);
		note = p.checkpoint.p;
		if (tree != NULL)
			take_proof(j, &p, tree);
	}
	split_places(j);
	return (ERR_OK);
}

static size_t
first_place(const struct judge *j, const struct hash *leaf)
{
	size_t lo = 0, hi = j->places, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (memcmp(j->place[mid].leaf.b, leaf->b, HASH_BYTES) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

const struct keyring_place *
judge_place(struct judge *j, const struct hash *leaf, size_t i)
{
	i += first_place(j, leaf);
	if (i >= j->places || !hash_eq(&j->place[i].leaf, leaf))
		return (NULL);
	j->place[i].used = true;
	return (&j->place[i].at);
}

const struct keyring_place *
judge_best(struct judge *j, const struct hash *leaf, const struct id *kid)
{
	const struct keyring_key *key = keyring_key(j->kr, kid);
	const struct keyring_place *best = NULL, *place;
	size_t i;

	for (i = 0; (place = judge_place(j, leaf, i)) != NULL; i++)
		if (best == NULL ||
		    (key != NULL && keyring_standing(j->kr, key, place) <
					keyring_standing(j->kr, key, best)))
			best = place;
	return (best);
}

void
judge_ask(struct judge *j, const struct charter *charter,
    const struct hash *leaf, size_t what)
{
	const struct judge_place *p;
	size_t i = first_place(j, leaf);

	for (; i < j->places && hash_eq(&j->place[i].leaf, leaf); i++) {
		p = &j->place[i];
		j->ask[j->asks++] = (struct timeline_ask){ charter, p->tree,
			p->at.index, what, 0 };
	}
}

void
judge_strays(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	size_t i;

	for (i = 0; i < j->places; i++) {
		if (j->place[i].used)
			continue;
		judge_log_name(where, &j->place[i].at.log_id);
		judge_find(j, FINDINGS_PROOF_STRAY, ERR_OK, where,
		    "index %llu", (unsigned long long)j->place[i].at.index);
	}
}
