#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/label.h"
#include "proto/note.h"

/* An em dash and a blank start a signature line. */
static const char dash[] = "\xe2\x80\x94 ";
#define DASH_LEN (sizeof(dash) - 1)
#define KEY_ID_BYTES 4

/* A key name: not empty, no blank, no plus (C2SP signed-note). */
static bool
name_ok(const char *name, size_t len)
{
	if (len == 0 || len > NOTE_NAME_MAX || !utf8_valid(name, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c <= ' ' || c == '+' || c == 0x7f)
			return false;
	}
	return true;
}

void
note_key_id(uint8_t out[4], enum note_sig_type type, const char *name,
    const uint8_t key[KEY_BYTES])
{
	uint8_t mark[2] = {'\n', (uint8_t)type};
	struct hasher h;
	struct hash full;

	hash_init(&h);
	hash_add(&h, name, strlen(name));
	hash_add(&h, mark, sizeof(mark));
	hash_add(&h, key, KEY_BYTES);
	full = hash_final(&h);
	memcpy(out, full.b, KEY_ID_BYTES);
}

enum err
note_sig_set(struct note_sig *sig, enum note_sig_type type, const char *name,
    const uint8_t key[KEY_BYTES], const uint8_t *blob, size_t len)
{
	size_t name_len = strnlen(name, NOTE_NAME_MAX + 1);

	*sig = (struct note_sig){0};
	if (!name_ok(name, name_len))
		return ERR_SYNTAX;
	if (len != (type == NOTE_COSIGNATURE ? NOTE_COSIG_BYTES : SIG_BYTES))
		return ERR_TOO_BIG;
	memcpy(sig->name, name, name_len);
	note_key_id(sig->key_id, type, name, key);
	memcpy(sig->sig, blob, len);
	sig->sig_len = len;
	return ERR_OK;
}

/* One line without its LF.  *skip tells a line of an unknown algorithm. */
static enum err
line_parse(struct note_sig *sig, struct view line, bool *skip)
{
	struct buf blob = buf_init(NOTE_MAX);
	const char *text = (const char *)line.p + DASH_LEN;
	const char *blank;
	size_t left, name_len;
	enum err err = ERR_SYNTAX;

	*sig = (struct note_sig){0};
	*skip = false;
	if (line.len <= DASH_LEN || memcmp(line.p, dash, DASH_LEN) != 0)
		goto out;
	left = line.len - DASH_LEN;
	blank = memchr(text, ' ', left);
	if (!blank)
		goto out;
	name_len = (size_t)(blank - text);
	if (!name_ok(text, name_len))
		goto out;
	err = b64_decode(&blob, blank + 1, left - name_len - 1);
	if (!err)
		err = blob.err;
	if (err)
		goto out;
	err = blob.len > KEY_ID_BYTES ? ERR_OK : ERR_SYNTAX;
	if (err)
		goto out;
	*skip = blob.len != KEY_ID_BYTES + SIG_BYTES &&
	    blob.len != KEY_ID_BYTES + NOTE_COSIG_BYTES;
	if (*skip)
		goto out;
	memcpy(sig->name, text, name_len);
	memcpy(sig->key_id, blob.p, KEY_ID_BYTES);
	sig->sig_len = blob.len - KEY_ID_BYTES;
	memcpy(sig->sig, blob.p + KEY_ID_BYTES, sig->sig_len);
out:
	buf_free(&blob);
	return err;
}

static enum err
lines_parse(struct note *note, struct view rest)
{
	unsigned lines = 0;
	bool skip;
	enum err err;

	while (rest.len > 0) {
		const uint8_t *lf = memchr(rest.p, '\n', rest.len);
		struct note_sig sig;
		size_t len;

		if (!lf)
			return ERR_SYNTAX;
		if (++lines > NOTE_SIGS_MAX)
			return ERR_COUNT;
		len = (size_t)(lf - rest.p);
		err = line_parse(&sig, (struct view){rest.p, len}, &skip);
		if (err)
			return err;
		if (!skip)
			note->sig[note->sig_count++] = sig;
		rest.p += len + 1;
		rest.len -= len + 1;
	}
	return lines ? ERR_OK : ERR_COUNT;
}

enum err
note_parse(struct note *note, struct view text)
{
	size_t i = text.len;

	*note = (struct note){0};
	if (text.len > NOTE_MAX)
		return ERR_TOO_BIG;
	if (!utf8_valid(text.p, text.len) ||
	    (text.len && memchr(text.p, '\0', text.len)))
		return ERR_SYNTAX;
	/* The last blank line parts the body from the signatures. */
	while (i >= 2 && !(text.p[i - 1] == '\n' && text.p[i - 2] == '\n'))
		i--;
	if (i < 3)
		return ERR_SYNTAX;
	note->body = (struct view){text.p, i - 1};
	return lines_parse(note, (struct view){text.p + i, text.len - i});
}

enum err
note_write(struct buf *out, struct view body, const struct note_sig *sig,
    unsigned n)
{
	if (body.len == 0 || body.p[body.len - 1] != '\n')
		return ERR_SYNTAX;
	if (n == 0 || n > NOTE_SIGS_MAX)
		return ERR_COUNT;
	buf_put(out, body.p, body.len);
	buf_str(out, "\n");
	for (unsigned i = 0; i < n; i++) {
		uint8_t blob[KEY_ID_BYTES + NOTE_COSIG_BYTES];
		struct wr wr = wr_init(blob, sizeof(blob));

		wr_copy(&wr, sig[i].key_id, KEY_ID_BYTES);
		wr_copy(&wr, sig[i].sig, sig[i].sig_len);
		buf_fmt(out, "%s%s ", dash, sig[i].name);
		b64_encode(out, blob, wr.len);
		buf_str(out, "\n");
	}
	return out->err;
}

const struct note_sig *
note_find(const struct note *note, const char *name,
    const uint8_t key_id[4])
{
	for (unsigned i = 0; i < note->sig_count; i++) {
		if (strcmp(note->sig[i].name, name) == 0 &&
		    memcmp(note->sig[i].key_id, key_id, KEY_ID_BYTES) == 0)
			return &note->sig[i];
	}
	return NULL;
}

/* ---- verifier key ---- */

void
note_vkey_write(struct buf *out, enum note_sig_type type, const char *name,
    const uint8_t key[KEY_BYTES])
{
	uint8_t raw[1 + KEY_BYTES] = {(uint8_t)type};
	uint8_t id[KEY_ID_BYTES];
	char hex[2 * KEY_ID_BYTES + 1];

	memcpy(raw + 1, key, KEY_BYTES);
	note_key_id(id, type, name, key);
	hex_encode(hex, id, KEY_ID_BYTES);
	buf_fmt(out, "%s+%s+", name, hex);
	b64_encode(out, raw, sizeof(raw));
}

enum err
note_vkey_parse(char name[NOTE_NAME_MAX + 1], uint8_t key[KEY_BYTES],
    enum note_sig_type type, const char *text)
{
	const char *hash = strchr(text, '+');
	struct buf raw = buf_init(1 + KEY_BYTES + 4);
	char hex[2 * KEY_ID_BYTES + 1] = "";
	uint8_t id[KEY_ID_BYTES], said[KEY_ID_BYTES];
	size_t len = hash ? (size_t)(hash - text) : 0;
	enum err err = ERR_SYNTAX;

	if (!name_ok(text, len) || strnlen(hash, 10) < 10 || hash[9] != '+')
		return err;
	memcpy(name, text, len);
	name[len] = '\0';
	memcpy(hex, hash + 1, 2 * KEY_ID_BYTES);
	if (hex_decode(said, sizeof(said), hex) == ERR_OK &&
	    b64_decode(&raw, hash + 10, strlen(hash + 10)) == ERR_OK &&
	    raw.len == 1 + KEY_BYTES && raw.p[0] == type) {
		memcpy(key, raw.p + 1, KEY_BYTES);
		note_key_id(id, type, name, key);
		if (memcmp(id, said, sizeof(id)) == 0)
			err = ERR_OK;
	}
	buf_free(&raw);
	return err;
}

/* ---- checkpoint ---- */

enum err
note_checkpoint_write(struct buf *out, const struct note_checkpoint *cp)
{
	if (!name_ok(cp->origin, strnlen(cp->origin, NOTE_NAME_MAX + 1)))
		return ERR_SYNTAX;
	buf_fmt(out, "%s\n%" PRIu64 "\n", cp->origin, cp->size);
	b64_encode(out, cp->root.b, HASH_BYTES);
	buf_str(out, "\n");
	return out->err;
}

/* Cut one line, without its LF, off rest. */
static enum err
line_cut(struct view *line, struct view *rest)
{
	const uint8_t *lf = NULL;

	if (rest->len)
		lf = memchr(rest->p, '\n', rest->len);
	if (!lf)
		return ERR_SYNTAX;
	*line = (struct view){rest->p, (size_t)(lf - rest->p)};
	rest->p += line->len + 1;
	rest->len -= line->len + 1;
	return ERR_OK;
}

static enum err
size_parse(uint64_t *size, struct view line)
{
	*size = 0;
	if (line.len == 0 || line.len > 19 ||
	    (line.len > 1 && line.p[0] == '0'))
		return ERR_SYNTAX;
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return ERR_SYNTAX;
		*size = *size * 10 + (uint64_t)(line.p[i] - '0');
	}
	return *size <= INT64_MAX ? ERR_OK : ERR_SYNTAX;
}

static enum err
root_parse(struct hash *root, struct view line)
{
	struct buf bytes = buf_init(HASH_BYTES + 4);
	enum err err = b64_decode(&bytes, (const char *)line.p, line.len);

	if (!err)
		err = bytes.err;
	if (!err && bytes.len != HASH_BYTES)
		err = ERR_SYNTAX;
	if (!err)
		memcpy(root->b, bytes.p, HASH_BYTES);
	buf_free(&bytes);
	return err ? ERR_SYNTAX : ERR_OK;
}

enum err
note_checkpoint_parse(struct note_checkpoint *cp, struct view body)
{
	struct view origin, size, root;

	*cp = (struct note_checkpoint){0};
	if (line_cut(&origin, &body) || line_cut(&size, &body) ||
	    line_cut(&root, &body) || body.len)
		return ERR_SYNTAX;
	if (!name_ok((const char *)origin.p, origin.len))
		return ERR_SYNTAX;
	memcpy(cp->origin, origin.p, origin.len);
	if (size_parse(&cp->size, size) || root_parse(&cp->root, root))
		return ERR_SYNTAX;
	return ERR_OK;
}

/* ---- cosignature ---- */

enum err
note_cosigned(struct buf *out, uint64_t time_s, struct view body)
{
	buf_fmt(out, NOTE_COSIGNED "time %" PRIu64 "\n", time_s);
	buf_put(out, body.p, body.len);
	return out->err;
}

uint64_t
note_cosig_time(const struct note_sig *sig)
{
	struct rd rd = rd_init(sig->sig, sig->sig_len);

	return sig->sig_len == NOTE_COSIG_BYTES ? rd_u64(&rd) : 0;
}

struct hash
note_cosig_hash(const struct note_sig *sig)
{
	return hash_of(sig->sig, sig->sig_len);
}

/* ---- log ---- */

struct hash
note_log_id(const uint8_t log_key[KEY_BYTES])
{
	struct hasher h;

	hash_init(&h);
	hash_label(&h, LABEL_LOG);
	hash_add(&h, log_key, KEY_BYTES);
	return hash_final(&h);
}

enum err
note_origin(char out[NOTE_NAME_MAX + 1], const char *relay_name,
    const struct hash *log_id)
{
	char hex[9];
	size_t len = strnlen(relay_name, NAME_MAX_BYTES + 1);

	out[0] = '\0';
	if (len > NAME_MAX_BYTES)
		return ERR_TOO_BIG;
	hex_encode(hex, log_id->b, 4);
	snprintf(out, NOTE_NAME_MAX + 1, "%s/%s", relay_name, hex);
	return ERR_OK;
}
