#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"
#include "proto/charter.h"

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

static int
place_by_index(const void *pa, const void *pb)
{
	const struct judge_place *a = pa, *b = pb;
	int c = memcmp(a->at.log_id.b, b->at.log_id.b, HASH_BYTES);

	if (c == 0 && a->at.index != b->at.index)
		c = a->at.index < b->at.index ? -1 : 1;
	return (c != 0 ? c : memcmp(a->leaf.b, b->leaf.b, HASH_BYTES));
}

static struct judge_log *
log_of(struct judge *j, const struct keyring_log *log)
{
	struct judge_log *grown;
	size_t i;

	for (i = 0; i < j->logs; i++)
		if (j->log[i].log == log)
			return (&j->log[i]);
	grown = reallocarray(j->log, j->logs + 1, sizeof(*grown));
	if (grown == NULL)
		return (NULL);
	j->log = grown;
	memset(&j->log[j->logs], 0, sizeof(*j->log));
	j->log[j->logs].log = log;
	return (&j->log[j->logs++]);
}

static void
log_name(char text[JUDGE_WHERE_BYTES], const struct hash *log_id)
{
	memcpy(text, "log ", 4);
	hex_encode(text + 4, log_id->b, 4);
}

static void
checkpoint_fault(struct judge *j, const struct hash *log_id, enum err err)
{
	enum findings_code code = FINDINGS_CHECKPOINT_FORM;
	char where[JUDGE_WHERE_BYTES];

	if (err == ERR_NOTFOUND)
		code = FINDINGS_CHECKPOINT_FOREIGN;
	else if (err == ERR_SIGNATURE)
		code = FINDINGS_CHECKPOINT_SIGNATURE;
	log_name(where, log_id);
	judge_find(j, code, err, where, "%s", "");
}

/* Cosignatures count for any charter of the pair. */
static enum err
take_cosignatures(struct judge *j, const struct verify_checkpoint *cp,
    struct view note)
{
	const struct charter *c;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK &&
	     (c = keyring_charter_at(j->kr, i)) != NULL; i++)
		err = timeline_add(j->time, c, cp, note);
	return (err);
}

/* Verify the checkpoint a group of proofs leads to; cp->log NULL if not. */
static enum err
take_checkpoint(struct judge *j, const struct bundle_proof *p,
    struct verify_checkpoint *cp)
{
	struct judge_tree *tree;
	struct judge_log *log;
	enum err err;

	err = verify_checkpoint(cp, j->kr, p->checkpoint.p,
	    p->checkpoint.len);
	if (err == ERR_OK && !hash_eq(&cp->log->log_id, &p->log_id))
		err = ERR_ENCODING;
	if (err == ERR_OK)
		err = take_cosignatures(j, cp, p->checkpoint);
	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		cp->log = NULL;
		checkpoint_fault(j, &p->log_id, err);
		return (ERR_OK);
	}
	if ((log = log_of(j, cp->log)) == NULL)
		return (ERR_NOMEM);
	log->checkpoints++;
	if (cp->size > log->size)
		log->size = cp->size;
	tree = &j->tree[j->trees++];
	tree->log_id = cp->log->log_id;
	tree->size = cp->size;
	tree->root = cp->root;
	return (ERR_OK);
}

static void
take_proof(struct judge *j, const struct bundle_proof *p,
    const struct verify_checkpoint *cp)
{
	struct judge_place *place;
	char where[JUDGE_WHERE_BYTES];
	enum err err;

	err = merkle_included(&p->leaf, p->index, cp->size, &p->path,
	    &cp->root);
	if (err != ERR_OK) {
		log_name(where, &p->log_id);
		judge_find(j, FINDINGS_PROOF_WRONG, err, where, "index %llu",
		    (unsigned long long)p->index);
		return;
	}
	log_of(j, cp->log)->proofs++;
	place = &j->place[j->places++];
	place->leaf = p->leaf;
	place->at.log_id = p->log_id;
	place->at.index = p->index;
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
		log_name(where, &j->place[i].at.log_id);
		judge_find(j, FINDINGS_LOG_SPLIT, ERR_LOG_SPLIT, where,
		    "two entries at index %llu",
		    (unsigned long long)j->place[i].at.index);
	}
	if (j->places > 1)
		qsort(j->place, j->places, sizeof(*j->place), place_cmp);
	for (i = 0; i < j->places; i++)
		if (kept == 0 ||
		    place_cmp(&j->place[kept - 1], &j->place[i]) != 0)
			j->place[kept++] = j->place[i];
	j->places = kept;
}

static int
tree_cmp(const void *pa, const void *pb)
{
	const struct judge_tree *a = pa, *b = pb;
	int c = memcmp(a->log_id.b, b->log_id.b, HASH_BYTES);

	if (c == 0 && a->size != b->size)
		c = a->size < b->size ? -1 : 1;
	return (c != 0 ? c : memcmp(a->root.b, b->root.b, HASH_BYTES));
}

static void
split_trees(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	size_t i;

	if (j->trees > 1)
		qsort(j->tree, j->trees, sizeof(*j->tree), tree_cmp);
	for (i = 1; i < j->trees; i++) {
		if (j->tree[i].size != j->tree[i - 1].size ||
		    !hash_eq(&j->tree[i].log_id, &j->tree[i - 1].log_id) ||
		    hash_eq(&j->tree[i].root, &j->tree[i - 1].root))
			continue;
		log_name(where, &j->tree[i].log_id);
		judge_find(j, FINDINGS_LOG_SPLIT, ERR_LOG_SPLIT, where,
		    "two roots at size %llu",
		    (unsigned long long)j->tree[i].size);
	}
}

enum err
judge_log(struct judge *j)
{
	size_t i, n = bundle_proofs(j->b);
	const uint8_t *note = NULL;
	struct verify_checkpoint cp = { 0 };
	struct bundle_proof p;

	if (n == 0)
		return (ERR_OK);
	j->place = calloc(n, sizeof(*j->place));
	j->tree = calloc(n, sizeof(*j->tree));
	if (j->place == NULL || j->tree == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < n; i++) {
		bundle_proof_at(j->b, i, &p);
		if (p.checkpoint.p != note) {
			note = p.checkpoint.p;
			if (take_checkpoint(j, &p, &cp) != ERR_OK)
				return (ERR_NOMEM);
		}
		if (cp.log != NULL)
			take_proof(j, &p, &cp);
	}
	split_places(j);
	split_trees(j);
	return (ERR_OK);
}

const struct keyring_place *
judge_place(struct judge *j, const struct hash *leaf, size_t i)
{
	size_t lo = 0, hi = j->places, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (memcmp(j->place[mid].leaf.b, leaf->b, HASH_BYTES) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	lo += i;
	if (lo >= j->places || !hash_eq(&j->place[lo].leaf, leaf))
		return (NULL);
	j->place[lo].used = true;
	return (&j->place[lo].at);
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

const struct judge_tree *
judge_tree(const struct judge *j, const struct hash *log_id, uint64_t size)
{
	struct judge_tree key = { *log_id, size, { { 0 } } };
	size_t lo = 0, hi = j->trees, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (tree_cmp(&j->tree[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == j->trees || j->tree[lo].size != size ||
	    !hash_eq(&j->tree[lo].log_id, log_id))
		return (NULL);
	return (&j->tree[lo]);
}

void
judge_strays(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	size_t i;

	for (i = 0; i < j->places; i++) {
		if (j->place[i].used)
			continue;
		log_name(where, &j->place[i].at.log_id);
		judge_find(j, FINDINGS_PROOF_STRAY, ERR_OK, where,
		    "index %llu", (unsigned long long)j->place[i].at.index);
	}
}
