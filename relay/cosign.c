/* cosign: see cosign.h. */
#include "relay/cosign.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/keyring.h"
#include "base/diag.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/note.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/quota.h"
#include "relay/store.h"
#include "relay/tlog.h"

/* Lines of one witness verified a minute: a witness brings one every few
 * seconds, a stranger with forged ones costs us a thousandth of a core. */
#define VERIFY_MINUTE 600
#define WITNESSES_MAX ((size_t)1 << 16)	/* of all admitted charters */

struct row {
	struct cosign_witness w;
	struct hash id;		/* of name and key: 32 bits can be met */
	struct note_sig log;	/* the two lines of w.note */
	struct note_sig line;
	struct buf bytes;	/* behind w.note */
	size_t body_len;
	bool asked;
	bool proved;		/* its line in the note being taken */
};

struct cosign {
	struct cosign_parts p;
	char origin[NOTE_NAME_MAX + 1];
	uint8_t log_key_id[4];
	struct buf rows;	/* struct row each */
	size_t charters;	/* of admitted, seen so far */
	struct quota *quota;
};

/* One note on its way in. */
struct taking {
	struct note note;
	struct note_checkpoint cp;
	const struct note_sig *log;
	bool known[NOTE_SIGS_MAX];	/* by name and key id */
	bool news[NOTE_SIGS_MAX];	/* not older than what all those hold */
	bool bad[NOTE_SIGS_MAX], good[NOTE_SIGS_MAX];
};

static size_t
row_count(const struct cosign *c)
{
	return c->rows.len / sizeof(struct row);
}

static struct row *
row_at(const struct cosign *c, size_t i)
{
	return (struct row *)(void *)c->rows.p + i;
}

/* A key id is four bytes, which a charter's author can choose a key for: what
 * is held goes by all of what the id is made of (C2SP tlog-cosignature). */
static struct hash
witness_id(const struct charter_witness *w)
{
	static const uint8_t mark[2] = { '\n', NOTE_COSIGNATURE };
	struct hasher h;

	hash_init(&h);
	hash_add(&h, w->name, strlen(w->name));
	hash_add(&h, mark, sizeof(mark));
	hash_add(&h, w->key, KEY_BYTES);
	return hash_final(&h);
}

static struct row *
row_find(const struct cosign *c, const struct hash *id)
{
	size_t i;

	for (i = 0; i < row_count(c); i++)
		if (hash_eq(&row_at(c, i)->id, id))
			return row_at(c, i);
	return NULL;
}

static enum err
learn_witness(struct cosign *c, const struct charter_witness *w)
{
	struct hash id = witness_id(w);
	struct row row = { .id = id, .bytes = buf_init(NOTE_MAX) };

	if (row_find(c, &id) != NULL)
		return ERR_OK;
	memcpy(row.w.name, w->name, sizeof(row.w.name));
	memcpy(row.w.key, w->key, KEY_BYTES);
	note_key_id(row.w.key_id, NOTE_COSIGNATURE, w->name, w->key);
	buf_put(&c->rows, &row, sizeof(row));
	return c->rows.err;
}

/* The witnesses of charters admitted since. */
static enum err
learn(struct cosign *c)
{
	const struct admitted_charter *row;
	const struct charter *charter;
	unsigned i;
	enum err err = ERR_OK;

	while (err == ERR_OK &&
	    (row = admitted_at(c->p.admitted, c->charters)) != NULL) {
		charter = keyring_charter(c->p.keyring, &row->charter_id);
		for (i = 0; charter != NULL && err == ERR_OK &&
		    i < charter->witness_count; i++)
			err = learn_witness(c, &charter->witness[i]);
		if (err == ERR_OK)
			c->charters++;
	}
	return err;
}

/* The witness's line in the note, or NULL. */
static const struct note_sig *
line_of(const struct taking *t, const struct row *row)
{
	const struct note_sig *line = note_find(&t->note, row->w.name,
	    row->w.key_id);

	return line != NULL && line->sig_len == NOTE_COSIG_BYTES ? line :
	    NULL;
}

static bool
held_already(const struct taking *t, const struct row *row,
    const struct note_sig *line)
{
	return row->w.size == t->cp.size &&
	    memcmp(row->line.sig, line->sig, NOTE_COSIG_BYTES) == 0;
}

/* Form, and whether it is about this log and what it has signed. */
static enum err
read_note(const struct cosign *c, struct taking *t, struct view text,
    uint64_t *held)
{
	enum err err = note_parse(&t->note, text);

	if (err == ERR_OK)
		err = note_checkpoint_parse(&t->cp, t->note.body);
	if (err != ERR_OK)
		return err;
	if (strcmp(t->cp.origin, c->origin) != 0)
		return ERR_KEY_FOREIGN;
	if (t->cp.size == 0)
		return ERR_SYNTAX;
	if (t->cp.size > group_size(c->p.group)) {
		*held = group_size(c->p.group);
		return ERR_NOTFOUND;
	}
	t->log = note_find(&t->note, c->origin, c->log_key_id);
	return t->log != NULL && t->log->sig_len == SIG_BYTES ? ERR_OK :
	    ERR_SIGNATURE;
}

/* Without a signature verified: who is named, and is it news?  *fresh: lines
 * to be looked at.  Of keys that share name and id any may be the line's, and
 * none can make the others' lines old. */
static enum err
weigh(const struct cosign *c, struct taking *t, size_t *fresh,
    uint64_t *held)
{
	const struct note_sig *line;
	const struct row *row;
	uint64_t time_s;
	size_t i, at, known = 0;

	*fresh = 0;
	for (i = 0; i < row_count(c); i++) {
		row = row_at(c, i);
		line = line_of(t, row);
		if (line == NULL)
			continue;
		time_s = note_cosig_time(line);
		if (time_s == 0 || time_s > INT64_MAX)
			return ERR_SYNTAX;
		at = (size_t)(line - t->note.sig);
		known += !t->known[at];
		t->known[at] = true;
		t->news[at] |= row->w.size <= t->cp.size;
		if (row->w.size > t->cp.size)
			*held = row->w.size;
		*fresh += !held_already(t, row, line);
	}
	for (i = 0; i < NOTE_SIGS_MAX; i++)
		if (t->known[i] && !t->news[i])
			return ERR_STATE;
	return known > 0 ? ERR_OK : ERR_KID_UNKNOWN;
}

static enum err
check_log(const struct cosign *c, const struct taking *t)
{
	struct hash root;
	enum err err = tlog_root(c->p.tree, t->cp.size, &root);

	if (err != ERR_OK)
		return err;
	if (!hash_eq(&root, &t->cp.root))
		return ERR_ROOT;
	return pubkey_verify(c->p.log_key, t->note.body.p, t->note.body.len,
	    t->log->sig);
}

static enum err
check_line(const struct taking *t, const struct row *row,
    const struct note_sig *line)
{
	struct buf tbs = buf_init(NOTE_MAX + 64);
	enum err err;

	err = note_cosigned(&tbs, note_cosig_time(line), t->note.body);
	if (err == ERR_OK)
		err = pubkey_verify(row->w.key, tbs.p, tbs.len,
		    line->sig + sizeof(uint64_t));
	buf_free(&tbs);
	return err;
}

/* Every known witness's line verifies.  Two keys may share name and id: then
 * one of them must be the line's. */
static enum err
check_lines(const struct cosign *c, struct taking *t, int64_t now)
{
	const struct note_sig *line;
	struct row *row;
	size_t i;
	enum err err;

	for (i = 0; i < row_count(c); i++) {
		row = row_at(c, i);
		row->proved = false;
		line = line_of(t, row);
		if (line == NULL || held_already(t, row, line))
			continue;
		err = c->quota == NULL ? ERR_OK :
		    quota_take(c->quota, row->id.b, QUOTA_ASK, 0, now);
		if (err == ERR_OK)
			err = check_line(t, row, line);
		if (err != ERR_OK && err != ERR_SIGNATURE)
			return err;
		row->proved = err == ERR_OK;
		t->good[line - t->note.sig] |= row->proved;
		t->bad[line - t->note.sig] |= !row->proved;
	}
	for (i = 0; i < NOTE_SIGS_MAX; i++)
		if (t->bad[i] && !t->good[i])
			return ERR_SIGNATURE;
	return ERR_OK;
}

/* In memory; bytes are the note as it is kept. */
static void
row_set(struct row *row, const struct taking *t, const struct note_sig *line,
    struct buf *bytes)
{
	buf_free(&row->bytes);
	row->bytes = *bytes;
	row->w.note = buf_view(&row->bytes);
	row->w.size = t->cp.size;
	row->w.time_s = note_cosig_time(line);
	row->log = *t->log;
	row->line = *line;
	row->body_len = t->note.body.len;
}

/* One witness's line, into memory and, if asked, the store.  Of two lines at
 * one size the first stays: the second says nothing new; and a newer one. */
static enum err
keep_line(struct cosign *c, const struct taking *t, struct row *row,
    const struct note_sig *line, bool durable)
{
	struct note_sig lines[2] = { *t->log, *line };
	struct buf bytes = buf_init(NOTE_MAX);
	enum err err;

	if (row->w.size >= t->cp.size || !row->proved)
		return ERR_OK;
	err = note_write(&bytes, t->note.body, lines, 2);
	if (err == ERR_OK && durable)
		err = group_begin(c->p.group);
	if (err == ERR_OK && durable)
		err = store_put(c->p.store, STORE_COSIGNED,
		    (struct view){ row->id.b, HASH_BYTES }, buf_view(&bytes));
	if (err == ERR_OK)
		row_set(row, t, line, &bytes);
	else
		buf_free(&bytes);
	return err;
}

static enum err
keep(struct cosign *c, const struct taking *t, bool durable)
{
	const struct note_sig *line;
	size_t i;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && i < row_count(c); i++) {
		line = line_of(t, row_at(c, i));
		if (line != NULL)
			err = keep_line(c, t, row_at(c, i), line, durable);
	}
	if (err == ERR_OK && durable)
		err = group_end(c->p.group);
	return err;
}

static enum err
take(struct cosign *c, struct view text, int64_t now, uint64_t *held,
    bool durable)
{
	struct taking t = { .log = NULL };
	size_t fresh = 0;
	enum err err = read_note(c, &t, text, held);

	if (err == ERR_OK)
		err = weigh(c, &t, &fresh, held);
	if (err != ERR_OK || fresh == 0)
		return err;
	err = check_lines(c, &t, now);
	if (err == ERR_OK)
		err = check_log(c, &t);
	return err == ERR_OK ? keep(c, &t, durable) : err;
}

enum err
cosign_take(struct cosign *c, struct view note, int64_t now, uint64_t *held)
{
	enum err err = learn(c);

	*held = 0;
	return err == ERR_OK ? take(c, note, now, held, true) : err;
}

const char *
cosign_reason(enum err err)
{
	switch (err) {
	case ERR_KEY_FOREIGN:
		return "a checkpoint of another log";
	case ERR_NOTFOUND:
		return "larger than what this relay has signed";
	case ERR_KID_UNKNOWN:
		return "no line of a witness that an admitted charter names";
	case ERR_STATE:
		return "a newer checkpoint of that witness is held";
	case ERR_ROOT:
		return "this log has another root at that size";
	case ERR_SIGNATURE:
		return "the log's line or the witness's does not verify";
	default:
		return err_info(err)->text;
	}
}

static enum err
load(void *ctx, struct view key, struct view value)
{
	struct cosign *c = ctx;
	uint64_t held;
	enum err err;

	(void)key;
	err = take(c, value, 0, &held, false);
	if (err == ERR_NOMEM || err == ERR_STORAGE)
		return err;
	if (err != ERR_OK)
		diag_warn("cosign", "a witness's note no longer counts: %s",
		    err_name(err));
	return ERR_OK;
}

enum err
cosign_open(struct cosign **out, const struct cosign_parts *parts)
{
	struct cosign *c = calloc(1, sizeof(*c));
	struct hash log_id = pubkey_log_id(parts->log_key);
	enum err err;

	if (c == NULL)
		return ERR_NOMEM;
	c->p = *parts;
	c->rows = buf_init(WITNESSES_MAX * sizeof(struct row));
	err = note_origin(c->origin, parts->name, &log_id);
	note_key_id(c->log_key_id, NOTE_ED25519, c->origin, parts->log_key);
	if (err == ERR_OK)
		err = learn(c);
	if (err == ERR_OK)
		err = store_facts(parts->store, STORE_COSIGNED, load, c);
	/* What was kept is no stranger's: counted from here on. */
	if (err == ERR_OK && (c->quota = quota_new(VERIFY_MINUTE, 0)) == NULL)
		err = ERR_NOMEM;
	if (err != ERR_OK) {
		cosign_free(&c);
		return err;
	}
	*out = c;
	return ERR_OK;
}

void
cosign_free(struct cosign **c)
{
	size_t i;

	if (*c == NULL)
		return;
	for (i = 0; i < row_count(*c); i++)
		buf_free(&row_at(*c, i)->bytes);
	buf_free(&(*c)->rows);
	quota_free(&(*c)->quota);
	free(*c);
	*c = NULL;
}

const struct cosign_witness *
cosign_at(struct cosign *c, size_t i)
{
	if (learn(c) != ERR_OK || i >= row_count(c))
		return NULL;
	return &row_at(c, i)->w;
}

/* Is that the text this witness cosigned? */
static bool
same_text(const struct row *row, struct view body)
{
	return row->body_len == body.len && body.len > 0 &&
	    memcmp(row->w.note.p, body.p, body.len) == 0;
}

enum err
cosign_checkpoint(struct cosign *c, struct buf *out)
{
	struct note note;
	const struct row *row;
	size_t i;
	enum err err = note_parse(&note, group_note(c->p.group));

	for (i = 0; err == ERR_OK && i < row_count(c) &&
	    note.sig_count < NOTE_SIGS_MAX; i++) {
		row = row_at(c, i);
		if (same_text(row, note.body))
			note.sig[note.sig_count++] = row->line;
	}
	return err == ERR_OK ? note_write(out, note.body, note.sig,
	    note.sig_count) : err;
}

void
cosign_ask(struct cosign *c)
{
	size_t i;

	for (i = 0; i < row_count(c); i++)
		row_at(c, i)->asked = false;
}

enum err
cosign_of(struct cosign *c, const struct charter *charter)
{
	struct hash id;
	struct row *row;
	unsigned i;
	enum err err = learn(c);

	for (i = 0; err == ERR_OK && i < charter->witness_count; i++) {
		id = witness_id(&charter->witness[i]);
		row = row_find(c, &id);
		if (row != NULL)
			row->asked = row->w.size > 0;
	}
	return err;
}

enum err
cosign_next(struct cosign *c, struct buf *out)
{
	struct note_sig lines[NOTE_SIGS_MAX];
	const struct row *top = NULL;
	struct row *row;
	struct view body;
	unsigned n = 1;
	size_t i;

	for (i = 0; i < row_count(c); i++) {
		row = row_at(c, i);
		if (row->asked && (top == NULL || row->w.size > top->w.size))
			top = row;
	}
	if (top == NULL)
		return ERR_NOTFOUND;
	body = (struct view){ top->w.note.p, top->body_len };
	lines[0] = top->log;
	for (i = 0; i < row_count(c) && n < NOTE_SIGS_MAX; i++) {
		row = row_at(c, i);
		if (!row->asked || !same_text(row, body))
			continue;
		lines[n++] = row->line;
		row->asked = false;
	}
	return note_write(out, body, lines, n);
}
