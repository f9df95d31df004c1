#include "keys/prekeys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"

#define SECTOR 512
#define VERSION 1
#define HEAD_PLAIN 32
#define RECORD (8 + HASH_BYTES + 8 + ID_BYTES + KEY_BYTES + 8)
#define FILE_BYTES ((size_t)SECTOR * (PREKEYS_SLOTS + 1))

static_assert(RECORD + VAULT_OVERHEAD <= SECTOR, "a slot is one sector");
static_assert(PREKEYS_SLOTS * KEY_BYTES <= SECRET_MAX, "one locked block");

static const uint8_t magic[4] = { 'C', 'W', 'P', '1' };

enum kind {
	FREE = 0,
	PREKEY = 1,
	PSK = 2,
};

struct slot {
	enum kind kind;
	struct prekeys_info info;	/* a PSK: charter and day */
};

struct prekeys {
	char *path;
	int lock;
	const struct vault *vault;
	size_t damaged;
	struct secret *secrets;		/* PREKEYS_SLOTS x 32 bytes */
	struct slot slot[PREKEYS_SLOTS];
};

static uint8_t *
secret_at(const struct prekeys *pk, size_t i)
{
	return secret_bytes(pk->secrets) + i * KEY_BYTES;
}

static struct vault_at
place(uint8_t row[8], const char *column, size_t i)
{
	return (struct vault_at){ .table = "prekeys", .column = column,
		.row = vault_row(row, (int64_t)i) };
}

enum err
prekeys_create(const char *path, const struct vault *vault)
{
	uint8_t row[8], sealed[HEAD_PLAIN + VAULT_OVERHEAD];
	static const uint8_t zeros[HEAD_PLAIN];
	struct vault_at at = place(row, "head", 0);
	struct wr wr;
	uint8_t *file;
	enum err err;

	file = calloc(1, FILE_BYTES);
	if (file == NULL)
		return ERR_NOMEM;
	wr = wr_init(file, SECTOR);
	wr_copy(&wr, magic, sizeof(magic));
	wr_u8(&wr, VERSION);
	wr_zeros(&wr, 3);
	wr_u32(&wr, PREKEYS_SLOTS);
	vault_seal(vault, &at, sealed, zeros, sizeof(zeros));
	wr_copy(&wr, sealed, sizeof(sealed));
	err = file_create(path, file, FILE_BYTES, 0600);
	free(file);
	return err;
}

/* Is the head ours, and sealed by this book key? */
static enum err
read_head(const struct prekeys *pk, const uint8_t *p)
{
	struct rd rd = rd_init(p, SECTOR);
	uint8_t row[8], plain[HEAD_PLAIN];
	struct vault_at at = place(row, "head", 0);
	struct view sealed;

	rd_expect(&rd, magic, sizeof(magic), ERR_MAGIC);
	if (rd_u8(&rd) != VERSION)
		rd_fail(&rd, ERR_FORMAT_NEWER);
	rd_zeros(&rd, 3);
	if (rd_u32(&rd) != PREKEYS_SLOTS)
		rd_fail(&rd, ERR_FORMAT_NEWER);
	sealed = rd_view(&rd, HEAD_PLAIN + VAULT_OVERHEAD);
	rd_zeros(&rd, rd.left);
	if (rd_end(&rd) != ERR_OK)
		return rd_end(&rd);
	if (vault_open(pk->vault, &at, plain, sealed.p, sealed.len) != ERR_OK)
		return ERR_KEY_FOREIGN;
	return ERR_OK;
}

/* Read slot i's record; plain is locked memory. */
static enum err
read_record(struct prekeys *pk, size_t i, const uint8_t *plain)
{
	struct rd rd = rd_init(plain, RECORD);
	struct slot *slot = &pk->slot[i];
	uint8_t kind = rd_u8(&rd);

	rd_zeros(&rd, 7);
	rd_copy(&rd, slot->info.pair_id.b, HASH_BYTES);
	slot->info.prekey_id = rd_u64(&rd);
	rd_copy(&rd, slot->info.kid.b, ID_BYTES);
	rd_copy(&rd, secret_at(pk, i), KEY_BYTES);
	slot->info.made_at = (int64_t)rd_u64(&rd);
	if (kind != PREKEY && kind != PSK)
		rd_fail(&rd, ERR_SYNTAX);
	if (kind == PSK && slot->info.prekey_id > UINT32_MAX)
		rd_fail(&rd, ERR_SYNTAX);
	slot->kind = (enum kind)kind;
	return rd_end(&rd);
}

static void
forget(struct prekeys *pk, size_t i)
{
	memset(&pk->slot[i], 0, sizeof(pk->slot[i]));
	secret_wipe(secret_at(pk, i), KEY_BYTES);
}

static uint64_t
offset_of(size_t i)
{
	return (uint64_t)SECTOR * (i + 1);
}

/* Overwrite slot i with zeros, on the medium first. */
static enum err
erase(struct prekeys *pk, size_t i)
{
	static const uint8_t zeros[SECTOR];
	enum err err;

	err = file_overwrite(pk->path, offset_of(i), zeros, SECTOR);
	if (err == ERR_OK)
		forget(pk, i);
	return err;
}

static enum err
read_slot(struct prekeys *pk, size_t i, const uint8_t *p, uint8_t *plain)
{
	static const uint8_t zeros[SECTOR];
	uint8_t row[8];
	struct vault_at at = place(row, "slot", i);

	if (memcmp(p, zeros, SECTOR) == 0)
		return ERR_OK;
	if (vault_open(pk->vault, &at, plain, p,
	    RECORD + VAULT_OVERHEAD) == ERR_OK &&
	    memcmp(p + RECORD + VAULT_OVERHEAD, zeros,
	    SECTOR - RECORD - VAULT_OVERHEAD) == 0 &&
	    read_record(pk, i, plain) == ERR_OK)
		return ERR_OK;
	pk->damaged++;
	diag_warn("prekeys", "torn slot erased slot=%zu", i);
	return erase(pk, i);
}

static enum err
read_file(struct prekeys *pk)
{
	struct buf buf = buf_init(FILE_BYTES);
	struct secret *plain = NULL;
	enum err err;
	size_t i;

	err = file_load(pk->path, FILE_BYTES, &buf);
	if (err != ERR_OK)
		goto out;
	err = buf.len == FILE_BYTES ? ERR_OK : ERR_TRUNCATED;
	if (buf.len >= SECTOR && err == ERR_OK)
		err = read_head(pk, buf.p);
	plain = secret_new(RECORD);
	if (plain == NULL)
		err = err == ERR_OK ? ERR_NOMEM : err;
	for (i = 0; i < PREKEYS_SLOTS && err == ERR_OK; i++)
		err = read_slot(pk, i, buf.p + offset_of(i),
		    secret_bytes(plain));
out:
	secret_free(&plain);
	buf_free(&buf);
	return err;
}

/* One process: two would erase each other's prekeys. */
static enum err
take_lock(struct prekeys *pk)
{
	pk->lock = open(pk->path, O_RDONLY | O_CLOEXEC);
	if (pk->lock < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	if (flock(pk->lock, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;
	return ERR_OK;
}

enum err
prekeys_open(struct prekeys **out, const char *path,
    const struct vault *vault)
{
	struct prekeys *pk;
	enum err err = ERR_NOMEM;

	*out = NULL;
	pk = calloc(1, sizeof(*pk));
	if (pk == NULL)
		return ERR_NOMEM;
	pk->lock = -1;
	pk->vault = vault;
	pk->path = strdup(path);
	pk->secrets = secret_new(PREKEYS_SLOTS * KEY_BYTES);
	if (pk->path != NULL && pk->secrets != NULL)
		err = take_lock(pk);
	if (err == ERR_OK)
		err = read_file(pk);
	if (err == ERR_OK)
		*out = pk;
	else
		prekeys_free(&pk);
	return err;
}

size_t
prekeys_damaged(const struct prekeys *pk)
{
	return pk->damaged;
}

/* The slot of (kind, id, number), or PREKEYS_SLOTS. */
static size_t
find(const struct prekeys *pk, enum kind kind, const struct hash *id,
    uint64_t number)
{
	size_t i;

	for (i = 0; i < PREKEYS_SLOTS; i++)
		if (pk->slot[i].kind == kind &&
		    pk->slot[i].info.prekey_id == number &&
		    hash_eq(&pk->slot[i].info.pair_id, id))
			break;
	return i;
}

/* The slot with the highest (or lowest) number, or PREKEYS_SLOTS. */
static size_t
find_end(const struct prekeys *pk, enum kind kind, const struct hash *id,
    bool highest)
{
	size_t i, best = PREKEYS_SLOTS;
	uint64_t v;

	for (i = 0; i < PREKEYS_SLOTS; i++) {
		if (pk->slot[i].kind != kind ||
		    !hash_eq(&pk->slot[i].info.pair_id, id))
			continue;
		v = pk->slot[i].info.prekey_id;
		if (best == PREKEYS_SLOTS ||
		    (v > pk->slot[best].info.prekey_id) == highest)
			best = i;
	}
	return best;
}

/* Forget each of (kind, id) whose number is below. */
static enum err
erase_below(struct prekeys *pk, enum kind kind, const struct hash *id,
    uint64_t number)
{
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < PREKEYS_SLOTS; i++)
		if (pk->slot[i].kind == kind &&
		    pk->slot[i].info.prekey_id < number &&
		    hash_eq(&pk->slot[i].info.pair_id, id))
			err = erase(pk, i);
	return err;
}

/* Write a record into a free slot, durably; secret is in locked memory. */
static enum err
store(struct prekeys *pk, enum kind kind, const struct prekeys_info *info,
    const uint8_t secret[KEY_BYTES])
{
	uint8_t sector[SECTOR] = { 0 }, row[8];
	struct vault_at at;
	struct secret *plain;
	struct wr wr;
	enum err err;
	size_t i;

	for (i = 0; i < PREKEYS_SLOTS && pk->slot[i].kind != FREE; i++)
		;
	if (i == PREKEYS_SLOTS)
		return ERR_BUSY;
	plain = secret_new(RECORD);
	if (plain == NULL)
		return ERR_NOMEM;
	wr = wr_init(secret_bytes(plain), RECORD);
	wr_u8(&wr, (uint8_t)kind);
	wr_zeros(&wr, 7);
	wr_copy(&wr, info->pair_id.b, HASH_BYTES);
	wr_u64(&wr, info->prekey_id);
	wr_copy(&wr, info->kid.b, ID_BYTES);
	wr_copy(&wr, secret, KEY_BYTES);
	wr_u64(&wr, (uint64_t)info->made_at);
	at = place(row, "slot", i);
	vault_seal(pk->vault, &at, sector, secret_read(plain), RECORD);
	secret_free(&plain);
	err = file_overwrite(pk->path, offset_of(i), sector, SECTOR);
	if (err != ERR_OK)
		return err;
	pk->slot[i].kind = kind;
	pk->slot[i].info = *info;
	memcpy(secret_at(pk, i), secret, KEY_BYTES);
	return ERR_OK;
}

enum err
prekeys_make(struct prekeys *pk, const struct prekeys_info *info,
    uint8_t public[KEY_BYTES])
{
	size_t newest = find_end(pk, PREKEY, &info->pair_id, true);
	struct dh_key *key;
	enum err err;

	if (info->prekey_id == 0 || (newest != PREKEYS_SLOTS &&
	    info->prekey_id <= pk->slot[newest].info.prekey_id))
		return ERR_SEQ;
	err = dh_new(&key);
	if (err != ERR_OK)
		return err;
	err = store(pk, PREKEY, info, dh_secret(key));
	if (err == ERR_OK)
		memcpy(public, dh_public(key), KEY_BYTES);
	dh_free(&key);
	return err;
}

enum err
prekeys_find(struct dh_key **key, const struct prekeys *pk,
    const struct hash *pair_id, uint64_t prekey_id, struct id *kid)
{
	size_t i = find(pk, PREKEY, pair_id, prekey_id);

	*key = NULL;
	if (i == PREKEYS_SLOTS)
		return ERR_PREKEY_GONE;
	if (kid != NULL)
		*kid = pk->slot[i].info.kid;
	return dh_from_secret(key, secret_at(pk, i));
}

enum err
prekeys_newest(struct prekeys_info *info, const struct prekeys *pk,
    const struct hash *pair_id)
{
	size_t i = find_end(pk, PREKEY, pair_id, true);

	if (i == PREKEYS_SLOTS)
		return ERR_NOTFOUND;
	*info = pk->slot[i].info;
	return ERR_OK;
}

enum err
prekeys_at(struct prekeys_info *info, const struct prekeys *pk, size_t nth)
{
	size_t i;

	for (i = 0; i < PREKEYS_SLOTS; i++) {
		if (pk->slot[i].kind != PREKEY || nth-- > 0)
			continue;
		*info = pk->slot[i].info;
		return ERR_OK;
	}
	return ERR_NOTFOUND;
}

enum err
prekeys_erase_below(struct prekeys *pk, const struct hash *pair_id,
    uint64_t prekey_id)
{
	return erase_below(pk, PREKEY, pair_id, prekey_id);
}

enum err
prekeys_erase(struct prekeys *pk, const struct hash *pair_id,
    uint64_t prekey_id)
{
	size_t i = find(pk, PREKEY, pair_id, prekey_id);

	return i == PREKEYS_SLOTS ? ERR_OK : erase(pk, i);
}

static enum err
store_psk(struct prekeys *pk, const struct hash *charter_id,
    const struct psk *psk)
{
	struct prekeys_info info = { .pair_id = *charter_id,
		.prekey_id = psk_day(psk) };

	return store(pk, PSK, &info, psk_secret(psk));
}

enum err
prekeys_psk_put(struct prekeys *pk, const struct hash *charter_id,
    const struct psk *psk)
{
	if (find_end(pk, PSK, charter_id, false) != PREKEYS_SLOTS)
		return ERR_EXISTS;
	return store_psk(pk, charter_id, psk);
}

/* A crash between writing a later day and erasing the earlier leaves both;
 * the earliest rules until it is erased. */
enum err
prekeys_psk(struct psk **psk, const struct prekeys *pk,
    const struct hash *charter_id, uint32_t day)
{
	size_t i = find_end(pk, PSK, charter_id, false);
	struct psk *kept;
	enum err err;

	*psk = NULL;
	if (i == PREKEYS_SLOTS)
		return ERR_NOTFOUND;
	if (day < pk->slot[i].info.prekey_id)
		return ERR_PREKEY_GONE;
	err = psk_from(&kept, (uint32_t)pk->slot[i].info.prekey_id,
	    secret_at(pk, i));
	if (err != ERR_OK)
		return err;
	err = psk_forward(psk, kept, day);
	psk_free(&kept);
	return err;
}

enum err
prekeys_psk_day(uint32_t *day, const struct prekeys *pk,
    const struct hash *charter_id)
{
	size_t i = find_end(pk, PSK, charter_id, false);

	if (i == PREKEYS_SLOTS)
		return ERR_NOTFOUND;
	*day = (uint32_t)pk->slot[i].info.prekey_id;
	return ERR_OK;
}

enum err
prekeys_psk_erase_below(struct prekeys *pk, const struct hash *charter_id,
    uint32_t day)
{
	struct psk *later;
	enum err err;
	size_t i = find_end(pk, PSK, charter_id, false);

	if (i == PREKEYS_SLOTS || pk->slot[i].info.prekey_id >= day)
		return ERR_OK;
	if (find(pk, PSK, charter_id, day) == PREKEYS_SLOTS) {
		err = prekeys_psk(&later, pk, charter_id, day);
		if (err == ERR_OK)
			err = store_psk(pk, charter_id, later);
		psk_free(&later);
		if (err != ERR_OK)
			return err;
	}
	return erase_below(pk, PSK, charter_id, day);
}

enum err
prekeys_psk_erase(struct prekeys *pk, const struct hash *charter_id)
{
	enum err err;
	size_t i;

	while ((i = find_end(pk, PSK, charter_id, true)) != PREKEYS_SLOTS) {
		err = erase(pk, i);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

void
prekeys_free(struct prekeys **pk)
{
	if (*pk == NULL)
		return;
	secret_free(&(*pk)->secrets);
	if ((*pk)->lock >= 0)
		close((*pk)->lock);
	free((*pk)->path);
	free(*pk);
	*pk = NULL;
}
