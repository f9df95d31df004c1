/* The logs' signed trees: who signed them, which of them are one growing log,
 * and who cosigned them when. */
#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"
#include "proto/charter.h"
#include "proto/note.h"

void
judge_log_name(char text[JUDGE_WHERE_BYTES], const struct hash *log_id)
{
	memcpy(text, "log ", 4);
	hex_encode(text + 4, log_id->b, 4);
}

struct judge_log *
judge_log_of(struct judge *j, const struct keyring_log *log)
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
checkpoint_fault(struct judge *j, const struct hash *log_id, enum err err)
{
	enum findings_code code = FINDINGS_CHECKPOINT_FORM;
	char where[JUDGE_WHERE_BYTES];

	if (err == ERR_NOTFOUND)
		code = FINDINGS_CHECKPOINT_FOREIGN;
	else if (err == ERR_SIGNATURE)
		code = FINDINGS_CHECKPOINT_SIGNATURE;
	judge_log_name(where, log_id);
	judge_find(j, code, err, where, "%s", "");
}

/* Verify one signed note; a tree more if it holds. */
static enum err
take_note(struct judge *j, const struct hash *log_id, struct view note)
{
	struct verify_checkpoint cp;
	struct judge_tree *tree;
	struct judge_log *log;
	enum err err;

	err = verify_checkpoint(&cp, j->kr, note.p, note.len);
	if (err == ERR_OK && !hash_eq(&cp.log->log_id, log_id))
		err = ERR_ENCODING;
	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		checkpoint_fault(j, log_id, err);
		return (ERR_OK);
	}
	if ((log = judge_log_of(j, cp.log)) == NULL)
		return (ERR_NOMEM);
	log->checkpoints++;
	if (cp.size > log->size)
		log->size = cp.size;
	tree = &j->tree[j->trees++];
	tree->log = cp.log;
	tree->log_id = cp.log->log_id;
	tree->size = cp.size;
	tree->root = cp.root;
	tree->note = note;
	return (ERR_OK);
}

static int
tree_cmp(const void *pa, const void *pb)
{
	const struct judge_tree *a = pa, *b = pb;
	int c = memcmp(a->log_id.b, b->log_id.b, HASH_BYTES);

	if (c == 0 && a->size != b->size)
		c = a->size < b->size ? -1 : 1;
	if (c == 0)
		c = memcmp(a->root.b, b->root.b, HASH_BYTES);
	/* One tree may be here with several notes. */
	if (c == 0 && a->note.p != b->note.p)
		c = (uintptr_t)a->note.p < (uintptr_t)b->note.p ? -1 : 1;
	return (c);
}

static bool
same_tree(const struct judge_tree *a, const struct judge_tree *b)
{
	return (a->size == b->size && hash_eq(&a->log_id, &b->log_id) &&
	    hash_eq(&a->root, &b->root));
}

static void
split_trees(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	size_t i;

	for (i = 0; i < j->trees; i++) {
		j->tree[i].number = i;
		if (i == 0)
			continue;
		if (same_tree(&j->tree[i], &j->tree[i - 1])) {
			j->tree[i].number = j->tree[i - 1].number;
			continue;
		}
		if (j->tree[i].size != j->tree[i - 1].size ||
		    !hash_eq(&j->tree[i].log_id, &j->tree[i - 1].log_id))
			continue;
		judge_log_name(where, &j->tree[i].log_id);
		judge_find(j, FINDINGS_LOG_SPLIT, ERR_LOG_SPLIT, where,
		    "two roots at size %llu",
		    (unsigned long long)j->tree[i].size);
	}
}

/* The path leads to b's root, and from another tree than a: then b, at a's
 * size, held another log than was signed. */
static bool
held_another(const struct judge_tree *a, const struct judge_tree *b,
    const struct merkle_path *path)
{
	struct hash first, second;

	return (merkle_ends(a->size, &a->root, b->size, path, &first,
		    &second) == ERR_OK &&
	    hash_eq(&second, &b->root) && !hash_eq(&first, &a->root));
}

static enum err
take_join(struct judge *j, const struct bundle_join *join)
{
	enum findings_code code = FINDINGS_JOIN_WRONG;
	const struct judge_tree *a, *b;
	char where[JUDGE_WHERE_BYTES];
	enum err err = ERR_NOTFOUND;

	a = judge_tree(j, &join->log_id, join->first);
	b = judge_tree(j, &join->log_id, join->second);
	if (a != NULL && b != NULL)
		err = merkle_consistent(a->size, &a->root, b->size, &b->root,
		    &join->path);
	if (err == ERR_OK)
		return (timeline_join(j->time, a->number, b->number,
		    join->first));
	judge_log_name(where, &join->log_id);
	if (err == ERR_NOTFOUND) {
		code = FINDINGS_JOIN_STRAY;
		err = ERR_OK;
	} else if (held_another(a, b, &join->path)) {
		code = FINDINGS_LOG_SPLIT;
		err = ERR_LOG_SPLIT;
	}
	judge_find(j, code, err, where, "sizes %llu and %llu",
	    (unsigned long long)join->first,
	    (unsigned long long)join->second);
	return (ERR_OK);
}

static enum err
add_witness(struct judge *j, const struct charter_witness *w)
{
	struct charter_witness *grown;
	size_t i;

	for (i = 0; i < j->witnesses; i++)
		if (memcmp(j->witness[i].key, w->key, KEY_BYTES) == 0 &&
		    strcmp(j->witness[i].name, w->name) == 0)
			return (ERR_OK);
	grown = reallocarray(j->witness, j->witnesses + 1, sizeof(*grown));
	if (grown == NULL)
		return (ERR_NOMEM);
	j->witness = grown;
	j->witness[j->witnesses++] = *w;
	return (ERR_OK);
}

/* All whom any charter here names, once each: a line is verified once. */
static enum err
know_witnesses(struct judge *j)
{
	const struct charter *c;
	enum err err = ERR_OK;
	unsigned i;
	size_t k;

	for (k = 0; (c = keyring_charter_at(j->kr, k)) != NULL; k++)
		for (i = 0; err == ERR_OK && i < c->witness_count; i++)
			err = add_witness(j, &c->witness[i]);
	return (err);
}

static bool
is_known(const struct judge *j, const struct note_sig *sig)
{
	uint8_t key_id[4];
	size_t i;

	for (i = 0; i < j->witnesses; i++) {
		if (strcmp(sig->name, j->witness[i].name) != 0)
			continue;
		note_key_id(key_id, NOTE_COSIGNATURE, j->witness[i].name,
		    j->witness[i].key);
		if (memcmp(sig->key_id, key_id, sizeof(key_id)) == 0)
			return (true);
	}
	return (false);
}

/* Lines by nobody the log or a charter of the pair names. */
static void
count_strangers(struct judge *j, const struct judge_tree *tree,
    const struct note *note)
{
	char where[JUDGE_WHERE_BYTES], origin[NOTE_NAME_MAX + 1];
	unsigned i;

	if (note_origin(origin, tree->log->relay->name, &tree->log_id) !=
	    ERR_OK)
		return;
	for (i = 0; i < note->sig_count; i++) {
		if (strcmp(note->sig[i].name, origin) == 0 ||
		    is_known(j, &note->sig[i]))
			continue;
		judge_log_name(where, &tree->log_id);
		judge_find(j, FINDINGS_COSIGNATURE_FOREIGN, ERR_OK, where,
		    "%s", note->sig[i].name);
	}
}

static enum err
take_cosignatures(struct judge *j, size_t i)
{
	struct judge_tree *tree = &j->tree[i];
	struct timeline_tree t = { tree->log_id, tree->size, tree->root };
	char where[JUDGE_WHERE_BYTES];
	enum err err, wrong = ERR_OK;
	struct note note;
	size_t k;

	err = note_parse(&note, tree->note);
	if (err != ERR_OK)
		return (err);
	for (k = 0; k < j->witnesses; k++) {
		err = timeline_add(j->time, tree->number, &t, &j->witness[k],
		    &note);
		if (err == ERR_NOMEM)
			return (err);
		if (err != ERR_OK && err != ERR_NOTFOUND)
			wrong = err;
	}
	if (wrong != ERR_OK) {
		judge_log_name(where, &tree->log_id);
		judge_find(j, FINDINGS_COSIGNATURE_WRONG, wrong, where,
		    "size %llu", (unsigned long long)tree->size);
	}
	count_strangers(j, tree, &note);
	return (ERR_OK);
}

/* Every note in which a proof or a join may end; a group of proofs shares
 * one. */
static enum err
take_notes(struct judge *j)
{
	size_t i, n = bundle_proofs(j->b), notes = bundle_notes(j->b);
	const uint8_t *last = NULL;
	struct bundle_proof p;
	struct bundle_note note;
	enum err err = ERR_OK;

	j->tree = calloc(n + notes + 1, sizeof(*j->tree));
	if (j->tree == NULL)
		return (ERR_NOMEM);
	for (i = 0; err == ERR_OK && i < n; i++) {
		bundle_proof_at(j->b, i, &p);
		if (p.checkpoint.p != last)
			err = take_note(j, &p.log_id, p.checkpoint);
		last = p.checkpoint.p;
	}
	for (i = 0; err == ERR_OK && i < notes; i++) {
		note = bundle_note_at(j->b, i);
		err = take_note(j, &note.log_id, note.checkpoint);
	}
	if (j->trees > 1)
		qsort(j->tree, j->trees, sizeof(*j->tree), tree_cmp);
	return (err);
}

static int
by_note(const void *pa, const void *pb)
{
	const struct judge_tree *a = *(struct judge_tree *const *)pa;
	const struct judge_tree *b = *(struct judge_tree *const *)pb;

	return ((uintptr_t)a->note.p < (uintptr_t)b->note.p ? -1 :
	    (uintptr_t)a->note.p > (uintptr_t)b->note.p);
}

/* From a note to its tree, for the proofs that lead to it. */
static enum err
index_notes(struct judge *j)
{
	size_t i;

	j->by_note = calloc(j->trees + 1, sizeof(*j->by_note));
	if (j->by_note == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < j->trees; i++)
		j->by_note[i] = &j->tree[i];
	if (j->trees > 1)
		qsort(j->by_note, j->trees, sizeof(*j->by_note), by_note);
	return (ERR_OK);
}

enum err
judge_trees(struct judge *j)
{
	struct bundle_join join;
	size_t i;
	enum err err = take_notes(j);

	if (err == ERR_OK)
		err = index_notes(j);
	if (err == ERR_OK)
		err = know_witnesses(j);
	if (err != ERR_OK)
		return (err);
	j->time = timeline_new(j->trees);
	if (j->time == NULL)
		return (ERR_NOMEM);
	split_trees(j);
	for (i = 0; err == ERR_OK && i < bundle_joins(j->b); i++) {
		bundle_join_at(j->b, i, &join);
		err = take_join(j, &join);
	}
	for (i = 0; err == ERR_OK && i < j->trees; i++)
		err = take_cosignatures(j, i);
	return (err == ERR_OK ? timeline_ready(j->time) : err);
}

const struct judge_tree *
judge_tree_of(const struct judge *j, const uint8_t *note)
{
	struct judge_tree key = { .note = { note, 0 } }, *want = &key, **hit;

	hit = bsearch(&want, j->by_note, j->trees, sizeof(*j->by_note),
	    by_note);
	return (hit == NULL ? NULL : *hit);
}

const struct judge_tree *
judge_tree(const struct judge *j, const struct hash *log_id, uint64_t size)
{
	struct judge_tree key = { .log_id = *log_id, .size = size };
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
