/* mirror: see mirror.h.  What a step checks, in its order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/mirror_priv.h"
#include "base/diag.h"
#include "base/file.h"
#include "keys/pubkey.h"

#define CHECKPOINT "checkpoint"

static struct mirror_state *
state_new(void)
{
	struct mirror_state *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		s->note = buf_init(NOTE_MAX);
		s->root = hash_of(NULL, 0);
	}
	return (s);
}

static void
state_free(struct mirror_state **s)
{
	if (*s != NULL)
		buf_free(&(*s)->note);
	free(*s);
	*s = NULL;
}

bool
mirror_key_fits(const struct mirror_key *key, const char *origin)
{
	char end[10] = "/";
	struct hash log_id;
	size_t len = strlen(origin);

	if (key->origin[0] != '\0')
		return (strcmp(key->origin, origin) == 0);
	log_id = pubkey_log_id(key->key);
	hex_encode(end + 1, log_id.b, 4);
	return (len > 9 && strcmp(origin + len - 9, end) == 0);
}

/* line: the one that verified. */
static enum err
signed_by(const struct mirror_key *key, size_t count, struct view in,
    struct note_checkpoint *cp, struct note_sig *line)
{
	const struct note_sig *sig;
	struct note note;
	uint8_t key_id[4];
	size_t i;
	enum err err;

	err = note_parse(&note, in);
	if (err == ERR_OK)
		err = note_checkpoint_parse(cp, note.body);
	if (err != ERR_OK)
		return (err);
	for (i = 0; i < count; i++) {
		if (!mirror_key_fits(&key[i], cp->origin))
			continue;
		note_key_id(key_id, NOTE_ED25519, cp->origin, key[i].key);
		sig = note_find(&note, cp->origin, key_id);
		if (sig == NULL || sig->sig_len != SIG_BYTES ||
		    pubkey_verify(key[i].key, note.body.p, note.body.len,
			sig->sig) != ERR_OK)
			continue;
		*line = *sig;
		return (cp->size > INT64_MAX ? ERR_TOO_BIG : ERR_OK);
	}
	diag_error("mirror", "no known key signed the checkpoint origin=%s",
	    cp->origin);
	return (ERR_SIGNATURE);
}

enum err
mirror_signed(const struct mirror_key *key, size_t count, struct view in,
    struct note_checkpoint *cp)
{
	struct note_sig line;

	return (signed_by(key, count, in, cp, &line));
}

/* state->note, by one of the keys, into the rest of state. */
static enum err
state_verify(const struct mirror *m, struct mirror_state *state)
{
	struct note_checkpoint cp;
	enum err err = signed_by(m->conf.key, m->conf.key_count,
	    buf_view(&state->note), &cp, &state->line);

	if (err != ERR_OK)
		return (err);
	memcpy(state->origin, cp.origin, sizeof(state->origin));
	state->size = cp.size;
	state->root = cp.root;
	return (ERR_OK);
}

/* Does the right edge lead to the root? */
static enum err
state_root(struct mirror *m, struct mirror_state *state, bool remote)
{
	struct mirror_nodes nodes = { .m = m, .state = state,
		.remote = remote };
	struct hash root;
	enum err err = mirror_tiles_edges(m, state, remote);

	if (err == ERR_OK)
		err = merkle_root_stored(&root, state->size,
		    mirror_nodes_read, &nodes);
	if (err == ERR_OK && !hash_eq(&root, &state->root))
		err = ERR_PROOF;
	return (err);
}

/* Take up what lies in the folder. */
static enum err
take_up(struct mirror *m)
{
	char *path = file_join(m->conf.dir, CHECKPOINT);
	enum err err;

	if (path == NULL)
		return (ERR_NOMEM);
	err = file_exists(path) ?
	    file_load(path, NOTE_MAX, &m->held->note) : ERR_NOTFOUND;
	free(path);
	if (err == ERR_NOTFOUND)
		return (ERR_OK);
	if (err == ERR_OK)
		err = state_verify(m, m->held);
	if (err == ERR_OK)
		err = state_root(m, m->held, false);
	if (err == ERR_PROOF || err == ERR_VERIFY) {
		diag_error("mirror", "the copy does not lead to its own "
		    "checkpoint dir=%s", m->conf.dir);
		err = ERR_VERIFY;
	}
	return (err);
}

enum err
mirror_open(struct mirror **out, const struct mirror_conf *conf)
{
	struct mirror *m = calloc(1, sizeof(*m));
	enum err err;

	*out = NULL;
	if (m == NULL)
		return (ERR_NOMEM);
	m->conf = *conf;
	m->lock = -1;
	m->bytes = buf_init(TILE_BYTES);
	m->held = state_new();
	err = m->held == NULL ? ERR_NOMEM : file_mkdirs(conf->dir, 0755);
	if (err == ERR_OK)
		err = file_lock(conf->dir, &m->lock);
	if (err == ERR_OK)
		err = take_up(m);
	if (err != ERR_OK) {
		mirror_free(&m);
		return (err);
	}
	*out = m;
	return (ERR_OK);
}

void
mirror_free(struct mirror **mp)
{
	struct mirror *m = *mp;

	*mp = NULL;
	if (m == NULL)
		return;
	state_free(&m->held);
	buf_free(&m->bytes);
	if (m->lock >= 0)
		close(m->lock);
	free(m);
}

/* Raise news->alarm, unless err is of another kind. */
static enum err __attribute__((format(printf, 6, 7)))
alarm_raise(struct mirror *m, struct mirror_news *news,
    enum mirror_alarm alarm, const struct mirror_state *next,
    const struct mirror_split *split, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(news->detail, sizeof(news->detail), fmt, ap);
	va_end(ap);
	news->alarm = alarm;
	return (mirror_proof_write(m, news, next, split));
}

static enum err
bad_tile(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *next)
{
	return (alarm_raise(m, news, MIRROR_BAD_TILE, next, NULL,
	    "%s does not lead to the signed root", m->bad));
}

/*
 * The nodes of whole, which holds more, tell the root it had at part's size
 * and the path from there.  ERR_OK if that is part's root; ERR_LOG_SPLIT
 * with the proof if the path leads to whole's root from another one;
 * ERR_PROOF if the nodes are not of whole.
 */
static enum err
join(struct mirror *m, const struct mirror_state *part,
    const struct mirror_state *whole, bool remote,
    struct mirror_split *split)
{
	struct mirror_nodes nodes = { .m = m, .state = whole,
		.remote = remote };
	enum err err;

	err = merkle_prove_consistency(&split->path, part->size, whole->size,
	    mirror_nodes_read, &nodes);
	if (err != ERR_OK || merkle_consistent(part->size, &part->root,
	    whole->size, &whole->root, &split->path) == ERR_OK)
		return (err);
	err = merkle_root_stored(&split->shown, part->size,
	    mirror_nodes_read, &nodes);
	if (err == ERR_OK)
		err = merkle_consistent(part->size, &split->shown,
		    whole->size, &whole->root, &split->path);
	if (err != ERR_OK)
		return (err);
	split->given = true;
	return (ERR_LOG_SPLIT);
}

/* Does what is held contain what is shown, which is less and not nothing? */
static enum err
step_in(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *next)
{
	struct mirror_split split = { .given = false };
	enum err err = join(m, next, m->held, false, &split);

	if (err == ERR_LOG_SPLIT)
		return (alarm_raise(m, news, MIRROR_SPLIT, next, &split,
		    "what is held does not contain what is shown"));
	return (err == ERR_PROOF ? ERR_VERIFY : err);
}

/* The relay shows less than is held. */
static enum err
step_back(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *next)
{
	enum err err = next->size > 0 ? step_in(m, news, next) : ERR_OK;

	if (err != ERR_OK)
		return (err);
	return (alarm_raise(m, news, MIRROR_ROLLBACK, next, NULL,
	    "the log was larger before"));
}

static enum err
contains(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *known)
{
	const struct mirror_state *held = m->held;

	if (strcmp(held->origin, known->origin) != 0)
		return (alarm_raise(m, news, MIRROR_OTHER_LOG, known, NULL,
		    "the copy is of another log than %s", known->origin));
	if (known->size > held->size)
		return (alarm_raise(m, news, MIRROR_ROLLBACK, known, NULL,
		    "the log was larger before"));
	if (known->size == held->size && !hash_eq(&known->root, &held->root))
		return (alarm_raise(m, news, MIRROR_SPLIT, known, NULL,
		    "two roots at one size"));
	return (known->size == 0 || known->size == held->size ? ERR_OK :
	    step_in(m, news, known));
}

enum err
mirror_contains(struct mirror *m, struct view note, struct mirror_news *news)
{
	struct mirror_state *known = state_new();
	enum err err;

	memset(news, 0, sizeof(*news));
	if (known == NULL)
		return (ERR_NOMEM);
	buf_put(&known->note, note.p, note.len);
	err = known->note.err == ERR_OK ? state_verify(m, known) :
	    known->note.err;
	if (err == ERR_OK)
		err = contains(m, news, known);
	state_free(&known);
	return (err);
}

struct view
mirror_note(const struct mirror *m)
{
	return (buf_view(&m->held->note));
}

const struct note_sig *
mirror_line(const struct mirror *m)
{
	return (&m->held->line);
}

/* Every full tile below (level, index) that is new, each checked against
 * its hash in the one above before it is kept. */
static enum err
descend(struct mirror *m, unsigned level, uint64_t index,
    const struct hash *want)
{
	struct tile_name name = { level, index, TILE_WIDTH };
	struct hash row[TILE_WIDTH], root;
	unsigned i;
	enum err err;

	if (tile_width(m->held->size, level, index) == TILE_WIDTH)
		return (ERR_OK);
	err = mirror_tiles_fetch(m, &name, row);
	if (err != ERR_OK)
		return (err);
	root = merkle_root(row, TILE_WIDTH);
	if (!hash_eq(&root, want))
		return (ERR_PROOF);
	err = mirror_tiles_keep(m, &name, row);
	for (i = 0; level > 0 && i < TILE_WIDTH && err == ERR_OK; i++)
		err = descend(m, level - 1, index * TILE_WIDTH + i, &row[i]);
	return (err);
}

static enum err
descend_all(struct mirror *m, const struct mirror_state *next)
{
	struct tile_name edge;
	unsigned level, i;
	enum err err = ERR_OK;

	for (level = 0; level < TILE_LEVELS_MAX && err == ERR_OK; level++) {
		edge = mirror_tiles_edge(next->size, level);
		for (i = 0; level > 0 && i < edge.width && err == ERR_OK; i++)
			err = descend(m, level - 1,
			    edge.index * TILE_WIDTH + i,
			    &next->edge[level][i]);
		if (edge.width > 0 && err == ERR_OK)
			err = mirror_tiles_keep(m, &edge, next->edge[level]);
	}
	return (err);
}

/* Its tiles are kept: from here on next is what is held. */
static enum err
adopt(struct mirror *m, struct mirror_state **next)
{
	char *path = file_join(m->conf.dir, CHECKPOINT);
	struct mirror_state *old = m->held;
	struct tile_name was, is;
	unsigned level;
	enum err err = ERR_NOMEM;

	if (path != NULL)
		err = file_replace(path, (*next)->note.p, (*next)->note.len,
		    0644);
	free(path);
	if (err != ERR_OK)
		return (err);
	m->held = *next;
	*next = NULL;
	was = mirror_tiles_edge(old->size, TILE_ENTRIES);
	is = mirror_tiles_edge(m->held->size, TILE_ENTRIES);
	if (was.width > 0 && (was.width != is.width || was.index != is.index))
		mirror_tiles_drop(m, &was);
	for (level = 0; level < TILE_LEVELS_MAX; level++) {
		was = mirror_tiles_edge(old->size, level);
		is = mirror_tiles_edge(m->held->size, level);
		if (was.width > 0 && (was.width != is.width ||
			was.index != is.index))
			mirror_tiles_drop(m, &was);
	}
	state_free(&old);
	return (ERR_OK);
}

/* The relay shows more than is held. */
static enum err
step_on(struct mirror *m, struct mirror_news *news,
    struct mirror_state **next)
{
	struct mirror_split split = { .given = false };
	enum err err = state_root(m, *next, true);

	if (err == ERR_OK && m->held->size > 0)
		err = join(m, m->held, *next, true, &split);
	if (err == ERR_LOG_SPLIT)
		return (alarm_raise(m, news, MIRROR_SPLIT, *next, &split,
		    "what is shown does not contain what is held"));
	if (err == ERR_OK)
		err = descend_all(m, *next);
	if (err == ERR_PROOF)
		return (bad_tile(m, news, *next));
	return (err == ERR_OK ? adopt(m, next) : err);
}

static enum err
judge(struct mirror *m, struct mirror_news *news, struct mirror_state **next)
{
	const struct mirror_state *held = m->held;

	if (held->note.len > 0 && strcmp(held->origin, (*next)->origin) != 0)
		return (alarm_raise(m, news, MIRROR_OTHER_LOG, *next, NULL,
		    "this is the log %s", (*next)->origin));
	if ((*next)->size < held->size)
		return (step_back(m, news, *next));
	if ((*next)->size > held->size)
		return (step_on(m, news, next));
	if (!hash_eq(&held->root, &(*next)->root))
		return (alarm_raise(m, news, MIRROR_SPLIT, *next, NULL,
		    "two roots at one size"));
	if (held->note.len == (*next)->note.len &&
	    memcmp(held->note.p, (*next)->note.p, held->note.len) == 0)
		return (ERR_OK);
	/* Cosignatures may have come; the edge is the same. */
	memcpy((*next)->edge, held->edge, sizeof(held->edge));
	return (adopt(m, next));
}

static enum err
step_entries(struct mirror *m, struct mirror_news *news)
{
	enum err err = mirror_entries_step(m, news);

	return (err == ERR_PROOF ? bad_tile(m, news, m->held) : err);
}

enum err
mirror_peek(const struct mirror_conf *conf, char origin[NOTE_NAME_MAX + 1])
{
	struct mirror m = { .conf = *conf };
	struct mirror_state *shown = state_new();
	enum err err = shown == NULL ? ERR_NOMEM :
	    conf->fetch(conf->ctx, CHECKPOINT, &shown->note);

	if (err == ERR_OK)
		err = state_verify(&m, shown);
	if (err == ERR_OK)
		memcpy(origin, shown->origin, sizeof(shown->origin));
	state_free(&shown);
	return (err);
}

enum err
mirror_step(struct mirror *m, struct mirror_news *news)
{
	struct mirror_state *next = state_new();
	enum err err;

	memset(news, 0, sizeof(*news));
	if (next == NULL)
		return (ERR_NOMEM);
	m->fetched = 0;
	news->before = m->held->size;
	err = m->conf.fetch(m->conf.ctx, CHECKPOINT, &next->note);
	if (err == ERR_OK)
		err = state_verify(m, next);
	if (err == ERR_OK)
		err = judge(m, news, &next);
	if (err == ERR_OK && m->entries != NULL)
		err = step_entries(m, news);
	memcpy(news->origin, m->held->origin, sizeof(news->origin));
	news->size = m->held->size;
	news->root = m->held->root;
	news->tiles = m->fetched;
	state_free(&next);
	return (err);
}
