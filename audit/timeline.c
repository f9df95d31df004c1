#include "audit/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify.h"
#include "proto/charter.h"
#include "proto/note.h"

struct mark {
	uint8_t key[KEY_BYTES];	/* the witness's */
	struct hash quoted;	/* H(time || sig), as runs quote it */
	struct timeline_tree tree;
	uint64_t at;
};

struct timeline {
	struct mark *mark;
	size_t n;
	size_t size;
};

struct timeline *
timeline_new(void)
{
	return (calloc(1, sizeof(struct timeline)));
}

void
timeline_free(struct timeline *t)
{
	if (t == NULL)
		return;
	free(t->mark);
	free(t);
}

static bool
same_mark(const struct mark *a, const struct mark *b)
{
	return (hash_eq(&a->quoted, &b->quoted) &&
	    memcmp(a->key, b->key, KEY_BYTES) == 0 &&
	    hash_eq(&a->tree.log_id, &b->tree.log_id) &&
	    a->tree.size == b->tree.size &&
	    hash_eq(&a->tree.root, &b->tree.root));
}

static enum err
put(struct timeline *t, const struct mark *m)
{
	size_t size = t->size == 0 ? 16 : 2 * t->size, i;
	struct mark *grown;

	/* Charters of one pair name the same witnesses: newest first. */
	for (i = t->n; i > 0 && i + CHARTER_WITNESSES_MAX > t->n; i--)
		if (same_mark(&t->mark[i - 1], m))
			return (ERR_OK);
	if (t->n == t->size) {
		grown = reallocarray(t->mark, size, sizeof(*grown));
		if (grown == NULL)
			return (ERR_NOMEM);
		t->mark = grown;
		t->size = size;
	}
	t->mark[t->n++] = *m;
	return (ERR_OK);
}

enum err
timeline_add(struct timeline *t, const struct charter *charter,
    const struct timeline_tree *tree, const struct note *note,
    unsigned *wrong)
{
	const struct charter_witness *w;
	const struct note_sig *sig;
	struct mark m = { .tree = *tree };
	unsigned i;
	enum err err = ERR_OK;

	*wrong = 0;
	for (i = 0; err == ERR_OK && i < charter->witness_count; i++) {
		w = &charter->witness[i];
		err = verify_cosignature(w, note, &sig);
		if (err == ERR_NOMEM)
			break;
		if (err != ERR_OK) {
			*wrong += err != ERR_NOTFOUND;
			err = ERR_OK;
			continue;
		}
		memcpy(m.key, w->key, KEY_BYTES);
		m.quoted = note_cosig_hash(sig);
		m.at = note_cosig_time(sig) * 1000;
		err = put(t, &m);
	}
	return (err);
}

bool
timeline_knows(const struct charter *charter, const struct note *note,
    unsigned i)
{
	const struct note_sig *sig = &note->sig[i];
	uint8_t key_id[4];
	unsigned k;

	for (k = 0; k < charter->witness_count; k++) {
		note_key_id(key_id, NOTE_COSIGNATURE,
		    charter->witness[k].name, charter->witness[k].key);
		if (strcmp(sig->name, charter->witness[k].name) == 0 &&
		    memcmp(sig->key_id, key_id, sizeof(key_id)) == 0)
			return (true);
	}
	return (false);
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

enum err
timeline_after(const struct timeline *t, const struct charter *charter,
    const struct run_seen *seen, uint64_t *at)
{
	const struct mark *m;
	size_t i;

	*at = 0;
	if (hash_is_zero(&seen->witness))
		return (ERR_OK);
	for (i = 0; i < t->n; i++) {
		m = &t->mark[i];
		if (!hash_eq(&m->quoted, &seen->witness) ||
		    !is_witness(charter, m->key))
			continue;
		if (!hash_eq(&m->tree.log_id, &seen->log_id) ||
		    m->tree.size != seen->size ||
		    !hash_eq(&m->tree.root, &seen->root))
			return (ERR_LOG_SPLIT);
		*at = m->at;
		return (ERR_OK);
	}
	return (ERR_OK);
}

/* When that witness first vouched for a tree with the leaf in it; 0: never. */
static uint64_t
first_of(const struct timeline *t, const uint8_t key[KEY_BYTES],
    const struct hash *log_id, size_t group, uint64_t index)
{
	const struct mark *m;
	uint64_t at = 0;
	size_t i;

	for (i = 0; i < t->n; i++) {
		m = &t->mark[i];
		if (m->tree.size > index && m->tree.group == group &&
		    (at == 0 || m->at < at) &&
		    hash_eq(&m->tree.log_id, log_id) &&
		    memcmp(m->key, key, KEY_BYTES) == 0)
			at = m->at;
	}
	return (at);
}

uint64_t
timeline_before(const struct timeline *t, const struct charter *charter,
    const struct hash *log_id, size_t group, uint64_t index)
{
	unsigned quorum = charter->quorum > 1 ? charter->quorum : 1;
	uint64_t first[CHARTER_WITNESSES_MAX], at;
	unsigned n = 0, i, k;

	for (i = 0; i < charter->witness_count; i++) {
		at = first_of(t, charter->witness[i].key, log_id, group,
		    index);
		if (at == 0)
			continue;
		for (k = n++; k > 0 && first[k - 1] > at; k--)
			first[k] = first[k - 1];
		first[k] = at;
	}
	return (n >= quorum ? first[quorum - 1] : 0);
}
