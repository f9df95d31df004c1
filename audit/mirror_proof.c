/* mirror_proof: what a contradiction leaves behind for others to check. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/mirror_priv.h"
#include "base/diag.h"
#include "base/file.h"

#define PROOF_MAX 8192

const char *
mirror_alarm_name(enum mirror_alarm alarm)
{
	static const char *const names[] = { "quiet", "split", "rollback",
		"bad-tile", "other-log" };

	return (names[alarm]);
}

/* The folder is named by what it holds: one contradiction, one folder,
 * however often it is met. */
static enum err
folder(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *next)
{
	char hex[2 * HASH_BYTES + 1];
	struct hasher h;
	struct hash hash;

	hash_init(&h);
	hash_add(&h, m->held->note.p, m->held->note.len);
	hash_add(&h, next->note.p, next->note.len);
	if (news->alarm == MIRROR_BAD_TILE) {
		hash_add(&h, m->bad, strlen(m->bad));
		hash_add(&h, m->bytes.p, m->bytes.len);
	}
	hash = hash_final(&h);
	hex_encode(hex, hash.b, HASH_BYTES);
	if ((size_t)snprintf(news->proof, sizeof(news->proof),
	    "%s/alarm-%s-%.16s", m->conf.dir, mirror_alarm_name(news->alarm),
	    hex) >= sizeof(news->proof))
		return (ERR_TOO_BIG);
	return (file_mkdirs(news->proof, 0755));
}

static enum err
put(const struct mirror_news *news, const char *name, struct view bytes)
{
	char *path = file_join(news->proof, name);
	enum err err = ERR_NOMEM;

	if (path != NULL)
		err = file_replace(path, bytes.p, bytes.len, 0644);
	free(path);
	return (err);
}

static void
line(struct buf *out, const char *word, const struct hash *hash)
{
	buf_str(out, word);
	b64_encode(out, hash->b, HASH_BYTES);
	buf_u8(out, '\n');
}

enum err
mirror_shown_text(struct buf *out, const struct mirror_shown *shown)
{
	size_t i;

	buf_fmt(out, "casewire/1 split\norigin %s\nfirst %" PRIu64
	    "\nsecond %" PRIu64 "\n", shown->origin, shown->first,
	    shown->second);
	line(out, "signed-first ", &shown->signed_first);
	line(out, "signed-second ", &shown->signed_second);
	line(out, "shown-first ", &shown->shown_first);
	for (i = 0; i < shown->path->len; i++)
		line(out, "path ", &shown->path->h[i]);
	return (out->err);
}

static enum err
put_path(const struct mirror *m, const struct mirror_news *news,
    const struct mirror_state *next, const struct mirror_split *split)
{
	bool back = next->size < m->held->size;
	const struct mirror_state *first = back ? next : m->held;
	const struct mirror_state *second = back ? m->held : next;
	struct mirror_shown shown = { .first = first->size,
		.second = second->size, .signed_first = first->root,
		.signed_second = second->root, .shown_first = split->shown,
		.path = &split->path };
	struct buf out = buf_init(PROOF_MAX);
	enum err err;

	memcpy(shown.origin, first->origin, sizeof(shown.origin));
	err = mirror_shown_text(&out, &shown);
	if (err == ERR_OK)
		err = put(news, "path", buf_view(&out));
	buf_free(&out);
	return (err);
}

static enum err
put_reason(const struct mirror *m, const struct mirror_news *news,
    const struct mirror_state *next)
{
	struct buf out = buf_init(PROOF_MAX);
	enum err err;

	buf_fmt(&out, "%s\n%s\nheld: %s, %" PRIu64 " entries\n"
	    "shown: %s, %" PRIu64 " entries\n",
	    mirror_alarm_name(news->alarm), news->detail,
	    m->held->note.len > 0 ? m->held->origin : "nothing",
	    m->held->size, next->origin, next->size);
	err = out.err == ERR_OK ? put(news, "reason", buf_view(&out)) :
	    out.err;
	buf_free(&out);
	return (err);
}

enum err
mirror_proof_write(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *next, const struct mirror_split *split)
{
	enum err err = folder(m, news, next);

	if (err == ERR_OK && m->held->note.len > 0)
		err = put(news, "checkpoint.held", buf_view(&m->held->note));
	if (err == ERR_OK)
		err = put(news, "checkpoint.shown", buf_view(&next->note));
	if (err == ERR_OK && news->alarm == MIRROR_BAD_TILE)
		err = put(news, "tile", buf_view(&m->bytes));
	if (err == ERR_OK && split != NULL && split->given)
		err = put_path(m, news, next, split);
	if (err == ERR_OK)
		err = put_reason(m, news, next);
	if (err != ERR_OK)
		diag_error("mirror", "%s, and its proof could not be kept",
		    news->detail);
	return (err == ERR_OK ? ERR_VERIFY : err);
}
