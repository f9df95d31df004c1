/*
 * prekeys: the receiving secrets that must be forgettable.
 *
 * Owns one small file of fixed size, overwritten in place and synced: the
 * current and still needed prekeys P and the oldest needed PSK of each
 * charter.  It stands outside SQLite (which cannot erase) and outside every
 * backup; each slot is sealed by the book key.  Erasing is as good as the
 * medium's.  Agent core only, one process (the file is locked).  PROTOCOL.md
 * sections 3, 6 and 11.
 *
 * File: 512 bytes of head, "CWP1" | u8 version 1 | 3 zeros | u32 slots |
 * sealed 32 zero bytes (vault: prekeys, head, row 0) | zeros; then slots of
 * 512 bytes, all zero when free, else a sealed record (vault: prekeys, slot,
 * row index): u8 kind (1 prekey, 2 PSK) | 7 zeros | pair_id or charter_id[32]
 * | u64 prekey_id or day | kid of S[16] | secret[32] | u64 made_at; zeros
 * behind.  Slots are whole sectors, so a torn write spoils itself alone; such
 * a slot was never promised to anybody, or was being erased: it is erased on
 * open.
 */
#ifndef KEYS_PREKEYS_H
#define KEYS_PREKEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "keys/dh.h"
#include "keys/psk.h"
#include "keys/vault.h"

struct prekeys;

#define PREKEYS_SLOTS 2048	/* 30 days hourly for two pairs, and more */

/* What is known of one prekey without its secret. */
struct prekeys_info {
	struct hash pair_id;
	uint64_t prekey_id;
	struct id kid;		/* of the S it was published by: tells I */
	int64_t made_at;
};

/*
 * prekeys_create(path, vault): an empty file; ERR_EXISTS.
 * prekeys_open(&pk, path, vault): lock and read it.  vault must live as long
 * as pk.  ERR_NOTFOUND; ERR_LOCKED: another process has it; ERR_KEY_FOREIGN:
 * sealed by another book key; ERR_MAGIC, ERR_FORMAT_NEWER, ERR_TRUNCATED.
 */
enum err
prekeys_create(const char *path, const struct vault *vault);
enum err
prekeys_open(struct prekeys **pk, const char *path,
    const struct vault *vault);

/* prekeys_damaged(pk): torn slots found, and erased, by prekeys_open. */
size_t
prekeys_damaged(const struct prekeys *pk);

/*
 * prekeys_make(pk, info, public):
 * A fresh prekey, durable before this returns, so it may be published.
 * ERR_SEQ unless info->prekey_id is above every one of the pair here;
 * ERR_BUSY when all slots are taken; ERR_STORAGE, ERR_IO.
 */
enum err
prekeys_make(struct prekeys *pk, const struct prekeys_info *info,
    uint8_t public[KEY_BYTES]);

/*
 * prekeys_find(&key, pk, pair_id, prekey_id, kid):
 * The secret, the caller frees it; kid (may be NULL) tells whose S published
 * it.  ERR_PREKEY_GONE if it is not here: answer `undecryptable`.
 */
enum err
prekeys_find(struct dh_key **key, const struct prekeys *pk,
    const struct hash *pair_id, uint64_t prekey_id, struct id *kid);

/* prekeys_newest(info, pk, pair_id): ERR_NOTFOUND if the pair has none. */
enum err
prekeys_newest(struct prekeys_info *info, const struct prekeys *pk,
    const struct hash *pair_id);

/* prekeys_at(info, pk, i): the i-th prekey in slot order, ERR_NOTFOUND past
 * the last; for listings and for erasing by age. */
enum err
prekeys_at(struct prekeys_info *info, const struct prekeys *pk, size_t i);

/*
 * prekeys_erase_below(pk, pair_id, prekey_id): the pair's prekeys with a
 * lower id are overwritten and gone.  prekeys_erase(pk, pair_id, prekey_id):
 * this one; fine if it is not there.
 */
enum err
prekeys_erase_below(struct prekeys *pk, const struct hash *pair_id,
    uint64_t prekey_id);
enum err
prekeys_erase(struct prekeys *pk, const struct hash *pair_id,
    uint64_t prekey_id);

/*
 * prekeys_psk_put(pk, charter_id, psk): keep it, durable on return.
 * ERR_EXISTS if the charter has one.
 */
enum err
prekeys_psk_put(struct prekeys *pk, const struct hash *charter_id,
    const struct psk *psk);

/*
 * prekeys_psk(&psk, pk, charter_id, day):
 * PSK_day, derived forward from the kept one without erasing; the caller
 * frees it.  ERR_NOTFOUND: this charter has no PSK; ERR_PREKEY_GONE: day is
 * erased already.
 */
enum err
prekeys_psk(struct psk **psk, const struct prekeys *pk,
    const struct hash *charter_id, uint32_t day);

/* prekeys_psk_day(&day, pk, charter_id): the earliest day not erased;
 * ERR_NOTFOUND: this charter has no PSK here. */
enum err
prekeys_psk_day(uint32_t *day, const struct prekeys *pk,
    const struct hash *charter_id);

/* prekeys_psk_erase_below(pk, charter_id, day): the kept one becomes
 * PSK_day (written first), earlier days are gone; fine if there is none. */
enum err
prekeys_psk_erase_below(struct prekeys *pk, const struct hash *charter_id,
    uint32_t day);

/* prekeys_psk_erase(pk, charter_id): every day of it is gone; fine if there
 * is none. */
enum err
prekeys_psk_erase(struct prekeys *pk, const struct hash *charter_id);

/* prekeys_free(&pk): wipe and unlock, leave it NULL. */
void
prekeys_free(struct prekeys **pk);

#endif
