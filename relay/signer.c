/*
 * signer: see signer.h.
 *
 * signer.high has two slots on blocks of their own, written in turn, each
 * with its hash: a write torn by a power cut leaves the other whole.
 */
#include "relay/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "keys/keyfile.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/label.h"
#include "proto/note.h"
#include "relay/tlog.h"

#define SLOT_MAGIC "CWH1"
#define SLOT_STRIDE 4096
#define SLOT_SAID (4 + 8 + 8 + 2 * HASH_BYTES)
#define SLOT_BYTES (SLOT_SAID + HASH_BYTES)
#define SLOTS 2

struct signer {
	const struct sign_key *log_key;
	const struct sign_key *receipt_key;
	struct hash log_id;
	char origin[NOTE_NAME_MAX + 1];
	int fd;
	uint64_t generation;	/* of the newest slot; its place is mod 2 */
	struct signer_high high;
	struct buf body;
};

static void
slot_encode(uint8_t out[SLOT_BYTES], uint64_t generation,
    const struct signer_high *high)
{
	struct wr wr = wr_init(out, SLOT_BYTES);
	struct hash sum;

	wr_copy(&wr, SLOT_MAGIC, 4);
	wr_u64(&wr, generation);
	wr_u64(&wr, high->size);
	wr_copy(&wr, high->root.b, HASH_BYTES);
	wr_copy(&wr, high->log_id.b, HASH_BYTES);
	sum = hash_of(out, SLOT_SAID);
	wr_copy(&wr, sum.b, HASH_BYTES);
}

/* slot_decode: ERR_ENCODING for a slot that was never or half written. */
static enum err
slot_decode(struct view in, uint64_t *generation, struct signer_high *high)
{
	struct rd rd = rd_init(in.p, in.len);
	struct hash sum = hash_of(in.p, SLOT_SAID);

	rd_expect(&rd, SLOT_MAGIC, 4, ERR_ENCODING);
	*generation = rd_u64(&rd);
	high->size = rd_u64(&rd);
	rd_copy(&rd, high->root.b, HASH_BYTES);
	rd_copy(&rd, high->log_id.b, HASH_BYTES);
	rd_expect(&rd, sum.b, HASH_BYTES, ERR_ENCODING);
	return rd_end(&rd);
}

/* The newest whole slot; a file of zeros is a signer that signed nothing. */
static enum err
high_read(const char *path, uint64_t *generation, struct signer_high *high)
{
	struct buf file = buf_init(SLOTS * SLOT_STRIDE);
	struct signer_high one;
	uint64_t gen;
	bool blank = true;
	enum err err;
	size_t i;

	*generation = 0;
	memset(high, 0, sizeof(*high));
	err = file_load(path, SLOTS * SLOT_STRIDE, &file);
	if (err == ERR_OK && file.len != SLOTS * SLOT_STRIDE)
		err = ERR_ROLLBACK;
	for (i = 0; err == ERR_OK && i < file.len; i++)
		blank = blank && file.p[i] == 0;
	for (i = 0; err == ERR_OK && i < SLOTS; i++) {
		if (slot_decode((struct view){ file.p + i * SLOT_STRIDE,
		    SLOT_BYTES }, &gen, &one) != ERR_OK || gen <= *generation)
			continue;
		*generation = gen;
		*high = one;
	}
	if (err == ERR_OK && *generation == 0 && !blank)
		err = ERR_ROLLBACK;
	if (err == ERR_ROLLBACK)
		diag_error("signer", "high-water file is damaged path=%s",
		    path);
	buf_free(&file);
	return err;
}

enum err
signer_peek(const char *path, struct signer_high *high)
{
	uint64_t generation;

	if (!file_exists(path))
		return ERR_NOTFOUND;
	return high_read(path, &generation, high);
}

static enum err
high_write(struct signer *s, const struct signer_high *high)
{
	uint64_t generation = s->generation + 1;
	uint8_t slot[SLOT_BYTES];
	off_t at = (off_t)(generation % SLOTS) * SLOT_STRIDE;

	slot_encode(slot, generation, high);
	if (pwrite(s->fd, slot, sizeof(slot), at) != (ssize_t)sizeof(slot) ||
	    fdatasync(s->fd) != 0) {
		diag_error("signer", "high-water file: %s", strerror(errno));
		return ERR_STORAGE;
	}
	s->generation = generation;
	s->high = *high;
	return ERR_OK;
}

static enum err
high_open(struct signer *s, const char *path)
{
	static const uint8_t blank[SLOTS * SLOT_STRIDE];
	enum err err;

	if (!file_exists(path)) {
		err = file_create(path, blank, sizeof(blank), 0600);
		if (err != ERR_OK)
			return err;
	}
	err = high_read(path, &s->generation, &s->high);
	if (err != ERR_OK)
		return err;
	if (s->high.size > 0 && !hash_eq(&s->high.log_id, &s->log_id)) {
		diag_error("signer", "high-water file is of another log "
		    "path=%s", path);
		return ERR_ROLLBACK;
	}
	s->fd = open(path, O_RDWR | O_CLOEXEC);
	if (s->fd < 0) {
		diag_error("signer", "%s: %s", path, strerror(errno));
		return ERR_IO;
	}
	return ERR_OK;
}

enum err
signer_raise(const char *path, const struct signer_high *high)
{
	struct signer s = { .log_id = high->log_id, .fd = -1 };
	enum err err = high_open(&s, path);

	if (err == ERR_OK && high->size <= s.high.size)
		err = ERR_ROLLBACK;
	if (err == ERR_OK)
		err = high_write(&s, high);
	if (s.fd >= 0)
		close(s.fd);
	return err;
}

enum err
signer_open(struct signer **out, const char *path,
    const struct keyfile *keys)
{
	struct signer *s;
	enum err err;

	if (keyfile_public(keys)->kind != KEYFILE_RELAY)
		return ERR_KEY_FOREIGN;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	s->fd = -1;
	s->body = buf_init(NOTE_MAX);
	s->log_key = keyfile_signer(keys, KEYFILE_LOG);
	s->receipt_key = keyfile_signer(keys, KEYFILE_S);
	s->log_id = pubkey_log_id(sign_public(s->log_key));
	err = note_origin(s->origin, keyfile_public(keys)->name, &s->log_id);
	if (err == ERR_OK)
		err = high_open(s, path);
	if (err != ERR_OK) {
		signer_free(&s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void
signer_free(struct signer **s)
{
	if (*s == NULL)
		return;
	if ((*s)->fd >= 0)
		close((*s)->fd);
	buf_free(&(*s)->body);
	free(*s);
	*s = NULL;
}

enum err
signer_agree(const struct signer_high *high, struct tlog *tree)
{
	struct hash root;
	enum err err;

	if (high->size > tlog_size(tree)) {
		diag_error("signer", "the store is older than what was signed "
		    "signed=%llu store=%llu", (unsigned long long)high->size,
		    (unsigned long long)tlog_size(tree));
		return ERR_ROLLBACK;
	}
	if (high->size == 0)
		return ERR_OK;
	err = tlog_root(tree, high->size, &root);
	if (err == ERR_OK && !hash_eq(&root, &high->root)) {
		diag_error("signer", "the store is not what was signed "
		    "size=%llu", (unsigned long long)high->size);
		err = ERR_ROLLBACK;
	}
	return err;
}

const struct signer_high *
signer_high(const struct signer *s)
{
	return &s->high;
}

const struct hash *
signer_log_id(const struct signer *s)
{
	return &s->log_id;
}

const char *
signer_origin(const struct signer *s)
{
	return s->origin;
}

static enum err
sign_checkpoint(struct signer *s, const struct signer_high *high,
    struct buf *note)
{
	struct note_checkpoint cp = { .size = high->size, .root = high->root };
	struct note_sig line;
	uint8_t sig[SIG_BYTES];
	enum err err;

	memcpy(cp.origin, s->origin, sizeof(cp.origin));
	buf_reset(&s->body);
	err = note_checkpoint_write(&s->body, &cp);
	if (err == ERR_OK)
		err = sign_note(s->log_key, s->body.p, s->body.len, sig);
	if (err == ERR_OK)
		err = note_sig_set(&line, NOTE_ED25519, s->origin,
		    sign_public(s->log_key), sig, sizeof(sig));
	buf_reset(note);
	if (err == ERR_OK)
		err = note_write(note, buf_view(&s->body), &line, 1);
	return err;
}

enum err
signer_checkpoint(struct signer *s, struct tlog *tree, struct buf *note)
{
	struct signer_high next = { .size = tlog_size(tree),
		.log_id = s->log_id };
	enum err err;

	err = signer_agree(&s->high, tree);
	if (err == ERR_OK)
		err = tlog_root(tree, next.size, &next.root);
	if (err == ERR_OK && next.size > s->high.size)
		err = high_write(s, &next);
	if (err == ERR_OK)
		err = sign_checkpoint(s, &next, note);
	return err;
}

enum err
signer_receipt(const struct signer *s, struct receipt *r,
    uint8_t out[SIGNER_RECEIPT_BYTES])
{
	r->kid = *sign_kid(s->receipt_key);
	r->log_id = s->log_id;
	receipt_encode(out, r);
	return sign_labelled(s->receipt_key, LABEL_RECEIPT, out,
	    RECEIPT_BYTES, out + RECEIPT_BYTES);
}
