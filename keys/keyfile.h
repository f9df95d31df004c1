/*
 * keyfile: keys at rest, in files of one owner each.
 *
 * Owns the file format, the two slots (a passphrase; for an endpoint also a
 * recovery code of 24 words) and the keys once they are open, in locked
 * memory.  What is public in a file stands in clear, so a root can state the
 * keys of an endpoint without its passphrase; it is authenticated with the
 * rest, and on load every public key is rebuilt from its secret and
 * compared.  Never asks anybody anything (keys/passphrase.h does).
 * PROTOCOL.md section 11.
 *
 * Layout, integers big-endian:
 *
 *	head	"CWK1" | u8 version 1 | u8 kind | u8 s | u8 n |
 *		agency[16] | holder[16] | u8 name_len | name |
 *		n x (u8 type | u8 age | public key[32])
 *	slots	s x (u8 slot kind | u32 passes | u64 memory in bytes |
 *		salt[16] | nonce[24] | ciphertext and tag[48])
 *	body	nonce[24] | ciphertext and tag[n * 32 + 16]
 *
 * A slot seals the file key (32 random bytes) under W = Argon2id13(input,
 * salt, passes, memory, 32 bytes), XChaCha20-Poly1305, AD = the slot's first
 * 29 bytes | the file's first 6: not the whole head, so that a rotation
 * keeps the recovery slot without asking for the code.  The body seals the n
 * secrets (seeds for Ed25519, scalars for X25519, 32 bytes each, in the
 * order of the head) under the file key, AD = the whole head.
 * input is the passphrase's bytes, or the 32 bytes of the recovery code.
 * The code's 24 words carry 264 bits: those 32 bytes and the first byte of
 * their SHA-256.  Types: as in a key statement (1 S, 2 I, 3 T, 4 log key, 5
 * custodian), 16 root, 17 officer, 18 witness, 19 book key (public part 32
 * zero bytes).  Entries are the kind's types in the order of its line in
 * enum keyfile_kind, all of age 0; an endpoint's may be followed by I of age
 * 1 (the one before), 2 ..., kept for prekeys published under them.  Slots:
 * the passphrase (kind 1) first, then an endpoint's recovery code (kind 2).
 */
#ifndef KEYS_KEYFILE_H
#define KEYS_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "keys/dh.h"
#include "keys/sign.h"
#include "keys/vault.h"
#include "proto/limits.h"

struct secret;
struct keyfile;

#define KEYFILE_KEYS_MAX 16	/* entries in a file */
#define KEYFILE_AGES 4		/* old I kept by a rotation */
#define KEYFILE_SLOTS_MAX 2
#define KEYFILE_MAX 4096	/* bytes of a file */
#define KEYFILE_CODE_WORDS 24
#define KEYFILE_MEMORY_MAX ((uint64_t)1 << 31)	/* Argon2id, bytes */
#define KEYFILE_PASSES_MAX 16

enum keyfile_kind {
	KEYFILE_ROOT = 1,	/* root; offline */
	KEYFILE_ENDPOINT,	/* S, I, book key; agent core */
	KEYFILE_TRANSPORT,	/* T; the link process */
	KEYFILE_CUSTODIAN,	/* custodian key; a person */
	KEYFILE_OFFICER,	/* officer key; a person */
	KEYFILE_RELAY,		/* S, T, log key; the relay */
	KEYFILE_WITNESS,	/* witness key */
};

enum keyfile_type {
	KEYFILE_S = 1,
	KEYFILE_I = 2,
	KEYFILE_T = 3,
	KEYFILE_LOG = 4,
	KEYFILE_CUST = 5,
	KEYFILE_R = 16,
	KEYFILE_O = 17,
	KEYFILE_W = 18,
	KEYFILE_BOOK = 19,
};

enum keyfile_slot_kind {
	KEYFILE_PASSPHRASE = 1,
	KEYFILE_CODE = 2,
};

/* What Argon2id costs; the name is for people ("moderate"). */
struct keyfile_cost {
	uint32_t passes;
	uint64_t memory;
};

struct keyfile_entry {
	uint8_t type;
	uint8_t age;
	uint8_t key[KEY_BYTES];
};

/* What a file says in clear. */
struct keyfile_public {
	enum keyfile_kind kind;
	struct id agency;		/* zeros: not known (witness) */
	struct id holder;		/* an officer's id, else zeros */
	char name[NAME_MAX_BYTES + 1];
	size_t n;
	struct keyfile_entry key[KEYFILE_KEYS_MAX];
	size_t slots;
	enum keyfile_slot_kind slot[KEYFILE_SLOTS_MAX];
	struct keyfile_cost cost[KEYFILE_SLOTS_MAX];
};

/* keyfile_cost(&cost, "minimum" | "interactive" | "moderate"): ERR_USAGE. */
enum err
keyfile_cost(struct keyfile_cost *cost, const char *name);

/* keyfile_cost_name(cost): one of those names, or "custom"; static. */
const char *
keyfile_cost_name(const struct keyfile_cost *cost);

/* keyfile_kind_name(kind): "root", "endpoint" ...; static. */
const char *
keyfile_kind_name(enum keyfile_kind kind);

/*
 * keyfile_decode(pub, p, len):
 * Parse a whole file's bytes; nothing is authenticated yet.  ERR_MAGIC,
 * ERR_VERSION, ERR_TRUNCATED, ERR_TRAILING, ERR_COUNT, ERR_SYNTAX, ERR_TOO_BIG
 * for a cost over the limits above, ERR_KEYFILE for entries or slots a file
 * of this kind does not have.
 */
enum err
keyfile_decode(struct keyfile_public *pub, const void *p, size_t len);

/* keyfile_peek(pub, path): load and decode what stands in clear. */
enum err
keyfile_peek(struct keyfile_public *pub, const char *path);

/* keyfile_find(pub, type, age): the public key, or NULL. */
const uint8_t *
keyfile_find(const struct keyfile_public *pub, enum keyfile_type type,
    unsigned age);

/*
 * keyfile_new(&kf, kind, agency, name):
 * Fresh keys of that kind, no slot yet.  agency NULL: zeros, or for a root
 * file the agency of the root just made.  An officer gets a random holder
 * id.  ERR_SYNTAX if name is empty, longer than NAME_MAX_BYTES, not UTF-8 or
 * has control characters; ERR_NOMEM.
 */
enum err
keyfile_new(struct keyfile **kf, enum keyfile_kind kind,
    const struct id *agency, const char *name);

/*
 * keyfile_from(&kf, kind, agency, name, secrets, n):
 * The same from n given 32-byte secrets in the order of the kind's types
 * (endpoint: S, I, book; relay: S, T, log); for tests and vectors.
 */
enum err
keyfile_from(struct keyfile **kf, enum keyfile_kind kind,
    const struct id *agency, const char *name,
    const uint8_t (*secrets)[KEY_BYTES], size_t n);

/*
 * keyfile_rotate(kf):
 * Endpoint: new S and I, the old S gone, old I one age older, those over
 * KEYFILE_AGES gone, book key and slots unchanged.  Relay: new S and log key;
 * T stays.  Any other kind: new keys, none kept (ERR_STATE for a root, which
 * is its agency).  keyfile_rotate_transport(kf): a new T.
 */
enum err
keyfile_rotate(struct keyfile *kf);
enum err
keyfile_rotate_transport(struct keyfile *kf);

/* keyfile_set_agency(kf, agency): for a key made before it knew its root. */
void
keyfile_set_agency(struct keyfile *kf, const struct id *agency);

/*
 * keyfile_set_passphrase(kf, passphrase, cost):
 * A passphrase slot under a fresh file key, so an older copy of the file and
 * its passphrase do not open newer ones; every other slot is dropped.
 * ERR_NOMEM if Argon2id cannot have that memory.
 */
enum err
keyfile_set_passphrase(struct keyfile *kf, const struct secret *passphrase,
    const struct keyfile_cost *cost);

/*
 * keyfile_set_code(kf, words):
 * Endpoint only, after keyfile_set_passphrase (else ERR_STATE): make the
 * recovery slot; words receives the new code, to be shown once and wiped by
 * the caller.
 */
enum err
keyfile_set_code(struct keyfile *kf, uint16_t words[KEYFILE_CODE_WORDS]);

/*
 * keyfile_create(kf, path), keyfile_replace(kf, path):
 * Write durably, mode 0600; create refuses with ERR_EXISTS.  At least one
 * slot must be set (ERR_STATE).
 */
enum err
keyfile_create(const struct keyfile *kf, const char *path);
enum err
keyfile_replace(const struct keyfile *kf, const char *path);

/*
 * keyfile_load(&kf, path, passphrase):
 * ERR_PASSPHRASE if it opens no slot, ERR_KEYFILE if the file was changed or
 * a public key is not its secret's, and keyfile_decode's errors.
 */
enum err
keyfile_load(struct keyfile **kf, const char *path,
    const struct secret *passphrase);

/* keyfile_load_code(&kf, path, words): by the recovery code; a code whose
 * check byte is wrong is ERR_PASSPHRASE at once. */
enum err
keyfile_load_code(struct keyfile **kf, const char *path,
    const uint16_t words[KEYFILE_CODE_WORDS]);

/*
 * keyfile_open(&kf, p, len, passphrase): keyfile_load of bytes in memory,
 * for a process that was handed them by another.
 */
enum err
keyfile_open(struct keyfile **kf, const void *p, size_t len,
    const struct secret *passphrase);

/* keyfile_public(kf): what its file says in clear; lives with kf. */
const struct keyfile_public *
keyfile_public(const struct keyfile *kf);

/*
 * The open keys, living with kf; NULL if the file has none of that type and
 * age.  keyfile_dh takes I and T, keyfile_signer the Ed25519 types.
 */
const struct sign_key *
keyfile_signer(const struct keyfile *kf, enum keyfile_type type);
const struct dh_key *
keyfile_dh(const struct keyfile *kf, enum keyfile_type type, unsigned age);
/* keyfile_vault(kf): the book key, endpoint files only, else NULL. */
const struct vault *
keyfile_vault(const struct keyfile *kf);

/* keyfile_free(&kf): wipe, leave it NULL; NULL within is fine. */
void
keyfile_free(struct keyfile **kf);

#endif
