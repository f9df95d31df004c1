#include <stdlib.h>
#include <string.h>

#include "audit/timeline.h"
#include "keys/pubkey.h"
#include "proto/charter.h"

struct mark {
	struct hash witness;	/* H(time || sig), as runs quote it */
	struct hash log_id;
	uint64_t size;
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

static enum err
put(struct timeline *t, const struct mark *m)
{
	size_t size = t->size == 0 ? 16 : 2 * t->size;
	struct mark *grown;

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

static enum err
check_cosignature(const struct charter_witness *w, const struct note *note,
    const struct note_sig *sig)
{
	struct buf tbs = buf_init(2 * NOTE_MAX);
	enum err err;

	err = note_cosigned(&tbs, note_cosig_time(sig), note->body);
	if (err == ERR_OK)
		err = pubkey_verify(w->key, tbs.p, tbs.len, sig->sig + 8);
	buf_free(&tbs);
	return (err);
}

enum err
timeline_add(struct timeline *t, const struct charter *charter,
    const struct verify_checkpoint *cp, struct view text)
{
	const struct charter_witness *w;
	const struct note_sig *sig;
	size_t before = t->n;
	uint8_t key_id[4];
	struct note note;
	struct mark m;
	unsigned i;
	enum err err;

	if ((err = note_parse(&note, text)) != ERR_OK)
		return (err);
	for (i = 0; i < charter->witness_count; i++) {
		w = &charter->witness[i];
		note_key_id(key_id, NOTE_COSIGNATURE, w->name, w->key);
		sig = note_find(&note, w->name, key_id);
		if (sig == NULL || sig->sig_len != NOTE_COSIG_BYTES)
			continue;
		if ((err = check_cosignature(w, &note, sig)) != ERR_OK)
			goto fail;
		m.witness = note_cosig_hash(sig);
		m.log_id = cp->log->log_id;
		m.size = cp->size;
		m.at = note_cosig_time(sig) * 1000;
		if ((err = put(t, &m)) != ERR_OK)
			goto fail;
	}
	return (ERR_OK);
fail:
	t->n = before;
	return (err);
}

uint64_t
timeline_after(const struct timeline *t, const struct hash *witness)
{
	size_t i;

	if (hash_is_zero(witness))
		return (0);
	for (i = 0; i < t->n; i++)
		if (hash_eq(&t->mark[i].witness, witness))
			return (t->mark[i].at);
	return (0);
}

uint64_t
timeline_before(const struct timeline *t, const struct hash *log_id,
    uint64_t index)
{
	uint64_t at = 0;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->mark[i].size > index &&
		    hash_eq(&t->mark[i].log_id, log_id) &&
		    (at == 0 || t->mark[i].at < at))
			at = t->mark[i].at;
	return (at);
}
