#include "keys/keyfile.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"
#include "keys/keyfile_format.h"
#include "keys/pubkey.h"
#include "keys/words.h"

#define CODE_BYTES (KEY_BYTES + 1)	/* 24 words: the code, a check byte */
#define BODY_MAX_BYTES (KEYFILE_KEYS_MAX * KEY_BYTES + TAG_BYTES)

static_assert(KEYFILE_CODE_WORDS * 11 == CODE_BYTES * 8, "code length");
static_assert(KEYFILE_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    "nonce length");
static_assert(KEYFILE_SALT == crypto_pwhash_SALTBYTES, "salt length");

struct keyfile {
	struct keyfile_public pub;	/* pub.slots counts those set */
	struct secret *file_key;
	struct secret *keys;		/* pub.n secrets, in order */
	struct keyfile_slot slot[KEYFILE_SLOTS_MAX];
	struct sign_key *signer[KEYFILE_KEYS_MAX];
	struct dh_key *dh[KEYFILE_KEYS_MAX];
	struct vault *vault;
};

static const struct {
	const char *name;
	struct keyfile_cost cost;
} costs[] = {
	{ "minimum", { crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN } },
	{ "interactive", { crypto_pwhash_OPSLIMIT_INTERACTIVE,
	    crypto_pwhash_MEMLIMIT_INTERACTIVE } },
	{ "moderate", { crypto_pwhash_OPSLIMIT_MODERATE,
	    crypto_pwhash_MEMLIMIT_MODERATE } },
};

#define COSTS (sizeof(costs) / sizeof(costs[0]))

enum err
keyfile_cost(struct keyfile_cost *cost, const char *name)
{
	size_t i;

	for (i = 0; i < COSTS; i++)
		if (strcmp(costs[i].name, name) == 0) {
			*cost = costs[i].cost;
			return ERR_OK;
		}
	return ERR_USAGE;
}

const char *
keyfile_cost_name(const struct keyfile_cost *cost)
{
	size_t i;

	for (i = 0; i < COSTS; i++)
		if (costs[i].cost.passes == cost->passes &&
		    costs[i].cost.memory == cost->memory)
			return costs[i].name;
	return "custom";
}

/* The door of an Ed25519 type to its use; 0 for the other types. */
static int
use_of(enum keyfile_kind kind, uint8_t type)
{
	switch (type) {
	case KEYFILE_S:
		return kind == KEYFILE_RELAY ? SIGN_RELAY : SIGN_AGENT;
	case KEYFILE_LOG:
		return SIGN_LOG;
	case KEYFILE_CUST:
		return SIGN_CUSTODIAN;
	case KEYFILE_R:
		return SIGN_ROOT;
	case KEYFILE_O:
		return SIGN_OFFICER;
	case KEYFILE_W:
		return SIGN_WITNESS;
	default:
		return 0;
	}
}

static void
drop_objects(struct keyfile *kf)
{
	size_t i;

	for (i = 0; i < KEYFILE_KEYS_MAX; i++) {
		sign_free(&kf->signer[i]);
		dh_free(&kf->dh[i]);
	}
	vault_free(&kf->vault);
}

/* Make the i-th key's object from its secret; public receives its key. */
static enum err
build_one(struct keyfile *kf, size_t i, uint8_t public[KEY_BYTES])
{
	uint8_t type = kf->pub.key[i].type;
	const uint8_t *secret = secret_read(kf->keys) + i * KEY_BYTES;
	int use = use_of(kf->pub.kind, type);
	enum err err;

	if (use != 0) {
		err = sign_from_seed(&kf->signer[i], (enum sign_use)use,
		    secret);
		if (err == ERR_OK)
			memcpy(public, sign_public(kf->signer[i]), KEY_BYTES);
	} else if (type == KEYFILE_BOOK) {
		err = vault_new(&kf->vault, secret);
		memset(public, 0, KEY_BYTES);
	} else {
		err = dh_from_secret(&kf->dh[i], secret);
		if (err == ERR_OK)
			memcpy(public, dh_public(kf->dh[i]), KEY_BYTES);
	}
	return err;
}

/* Objects of all keys; compare tells whether pub must agree or is filled. */
static enum err
build(struct keyfile *kf, bool compare)
{
	uint8_t public[KEY_BYTES];
	enum err err;
	size_t i;

	drop_objects(kf);
	for (i = 0; i < kf->pub.n; i++) {
		err = build_one(kf, i, public);
		if (err != ERR_OK)
			return err;
		if (compare && memcmp(public, kf->pub.key[i].key,
		    KEY_BYTES) != 0)
			return ERR_KEYFILE;
		memcpy(kf->pub.key[i].key, public, KEY_BYTES);
	}
	return ERR_OK;
}

static struct keyfile *
blank(void)
{
	struct keyfile *kf = calloc(1, sizeof(*kf));

	if (kf == NULL)
		return NULL;
	kf->file_key = secret_new(KEY_BYTES);
	kf->keys = secret_new(KEYFILE_KEYS_MAX * KEY_BYTES);
	if (kf->file_key == NULL || kf->keys == NULL)
		keyfile_free(&kf);
	return kf;
}

/* secrets NULL: random ones. */
static enum err
make(struct keyfile **out, enum keyfile_kind kind, const struct id *agency,
    const char *name, const uint8_t (*secrets)[KEY_BYTES])
{
	struct keyfile *kf;
	const uint8_t *types;
	size_t i;
	enum err err;

	*out = NULL;
	err = keyfile_format_name(name, strlen(name));
	if (err != ERR_OK)
		return err;
	kf = blank();
	if (kf == NULL)
		return ERR_NOMEM;
	kf->pub.kind = kind;
	strcpy(kf->pub.name, name);	/* its length was checked */
	types = keyfile_format_types(kind, &kf->pub.n);
	for (i = 0; i < kf->pub.n; i++)
		kf->pub.key[i].type = types[i];
	if (secrets != NULL)
		memcpy(secret_bytes(kf->keys), secrets, kf->pub.n * KEY_BYTES);
	else
		secret_random(secret_bytes(kf->keys), kf->pub.n * KEY_BYTES);
	if (kind == KEYFILE_OFFICER)
		random_bytes(kf->pub.holder.b, ID_BYTES);
	err = build(kf, false);
	if (err != ERR_OK) {
		keyfile_free(&kf);
		return err;
	}
	if (agency != NULL)
		kf->pub.agency = *agency;
	else if (kind == KEYFILE_ROOT)
		kf->pub.agency = pubkey_agency(kf->pub.key[0].key);
	*out = kf;
	return ERR_OK;
}

enum err
keyfile_new(struct keyfile **kf, enum keyfile_kind kind,
    const struct id *agency, const char *name)
{
	return make(kf, kind, agency, name, NULL);
}

enum err
keyfile_from(struct keyfile **kf, enum keyfile_kind kind,
    const struct id *agency, const char *name,
    const uint8_t (*secrets)[KEY_BYTES], size_t n)
{
	size_t want;

	keyfile_format_types(kind, &want);
	*kf = NULL;
	if (n != want)
		return ERR_KEY_LENGTH;
	return make(kf, kind, agency, name, secrets);
}

/* Push the I in use, entry 1, down among the old ones (from entry 3 on). */
static void
age_identity(struct keyfile *kf)
{
	struct keyfile_public *pub = &kf->pub;
	uint8_t *keys = secret_bytes(kf->keys);
	size_t i;

	if (pub->n < 3 + KEYFILE_AGES)
		pub->n++;
	for (i = pub->n - 1; i > 3; i--) {
		pub->key[i] = pub->key[i - 1];
		memcpy(keys + i * KEY_BYTES, keys + (i - 1) * KEY_BYTES,
		    KEY_BYTES);
	}
	pub->key[3] = pub->key[1];
	memcpy(keys + 3 * KEY_BYTES, keys + KEY_BYTES, KEY_BYTES);
	for (i = 3; i < pub->n; i++)
		pub->key[i].age = (uint8_t)(i - 2);
}

static void
renew(struct keyfile *kf, bool transport, bool others)
{
	uint8_t *keys = secret_bytes(kf->keys);
	unsigned i;

	for (i = 0; i < kf->pub.n; i++)
		if (kf->pub.key[i].type == KEYFILE_T ? transport : others)
			secret_random(keys + i * KEY_BYTES, KEY_BYTES);
}

enum err
keyfile_rotate(struct keyfile *kf)
{
	uint8_t *keys = secret_bytes(kf->keys);

	if (kf->pub.kind == KEYFILE_ROOT)
		return ERR_STATE;
	if (kf->pub.kind == KEYFILE_ENDPOINT) {
		age_identity(kf);
		secret_random(keys, 2 * KEY_BYTES);
	} else {
		/* Endpoints find a relay by its T, and learn the rest there. */
		renew(kf, kf->pub.kind != KEYFILE_RELAY, true);
	}
	return build(kf, false);
}

enum err
keyfile_rotate_transport(struct keyfile *kf)
{
	renew(kf, true, false);
	return build(kf, false);
}

void
keyfile_set_agency(struct keyfile *kf, const struct id *agency)
{
	kf->pub.agency = *agency;
}

/* AD of a slot: its own head and the file's kind. */
static void
slot_ad(uint8_t ad[KEYFILE_SLOT_HEAD + KEYFILE_FIXED],
    const struct keyfile_slot *slot, const struct keyfile_public *pub)
{
	uint8_t head[KEYFILE_HEAD_MAX];
	struct wr wr = wr_init(head, sizeof(head));

	keyfile_format_head(&wr, pub);
	memcpy(ad, slot->head, KEYFILE_SLOT_HEAD);
	memcpy(ad + KEYFILE_SLOT_HEAD, head, KEYFILE_FIXED);
}

/* Argon2id of what a person knows, in locked memory. */
static enum err
stretch(struct secret **out, const uint8_t *input, size_t len,
    const struct keyfile_slot *slot, const struct keyfile_cost *cost)
{
	*out = secret_new(KEY_BYTES);
	if (*out == NULL)
		return ERR_NOMEM;
	if (crypto_pwhash(secret_bytes(*out), KEY_BYTES, (const char *)input,
	    len, slot->salt, cost->passes, (size_t)cost->memory,
	    crypto_pwhash_ALG_ARGON2ID13) == 0)
		return ERR_OK;
	secret_free(out);
	return ERR_NOMEM;
}

/* Fill slot i: the file key sealed under input. */
static enum err
seal_slot(struct keyfile *kf, size_t i, const uint8_t *input, size_t len,
    const struct keyfile_cost *cost)
{
	struct keyfile_slot *slot = &kf->slot[i];
	uint8_t ad[KEYFILE_SLOT_HEAD + KEYFILE_FIXED];
	struct secret *w;
	enum err err;

	random_bytes(slot->salt, KEYFILE_SALT);
	random_bytes(slot->nonce, KEYFILE_NONCE);
	kf->pub.slot[i] = i == 0 ? KEYFILE_PASSPHRASE : KEYFILE_CODE;
	kf->pub.cost[i] = *cost;
	keyfile_format_slot(slot, kf->pub.slot[i], cost);
	slot_ad(ad, slot, &kf->pub);
	err = stretch(&w, input, len, slot, cost);
	if (err != ERR_OK)
		return err;
	crypto_aead_xchacha20poly1305_ietf_encrypt(slot->sealed, NULL,
	    secret_read(kf->file_key), KEY_BYTES, ad, sizeof(ad), NULL,
	    slot->nonce, secret_read(w));
	secret_free(&w);
	kf->pub.slots = i + 1;
	return ERR_OK;
}

enum err
keyfile_set_passphrase(struct keyfile *kf, const struct secret *passphrase,
    const struct keyfile_cost *cost)
{
	kf->pub.slots = 0;
	secret_random(secret_bytes(kf->file_key), KEY_BYTES);
	return seal_slot(kf, 0, secret_read(passphrase),
	    secret_len(passphrase), cost);
}

/* The code has 256 random bits, so its slot needs no slow hash. */
enum err
keyfile_set_code(struct keyfile *kf, uint16_t words[KEYFILE_CODE_WORDS])
{
	struct secret *code;
	uint8_t *p;
	struct hash check;
	enum err err;

	if (kf->pub.kind != KEYFILE_ENDPOINT || kf->pub.slots == 0)
		return ERR_STATE;
	code = secret_new(CODE_BYTES);
	if (code == NULL)
		return ERR_NOMEM;
	p = secret_bytes(code);
	secret_random(p, KEY_BYTES);
	check = hash_of(p, KEY_BYTES);
	p[KEY_BYTES] = check.b[0];
	secret_wipe(&check, sizeof(check));
	err = seal_slot(kf, 1, p, KEY_BYTES, &costs[0].cost);
	if (err == ERR_OK)
		words_split(words, KEYFILE_CODE_WORDS, p, CODE_BYTES);
	secret_free(&code);
	return err;
}

/* The whole file into buf. */
static enum err
encode(const struct keyfile *kf, struct buf *buf)
{
	uint8_t head[KEYFILE_HEAD_MAX], nonce[KEYFILE_NONCE];
	uint8_t body[BODY_MAX_BYTES];
	struct wr wr = wr_init(head, sizeof(head));
	size_t i, len = kf->pub.n * KEY_BYTES;

	if (kf->pub.slots == 0)
		return ERR_STATE;
	keyfile_format_head(&wr, &kf->pub);
	buf_put(buf, head, wr.len);
	for (i = 0; i < kf->pub.slots; i++) {
		buf_put(buf, kf->slot[i].head, KEYFILE_SLOT_HEAD);
		buf_put(buf, kf->slot[i].nonce, KEYFILE_NONCE);
		buf_put(buf, kf->slot[i].sealed, sizeof(kf->slot[i].sealed));
	}
	random_bytes(nonce, sizeof(nonce));
	crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL,
	    secret_read(kf->keys), len, head, wr.len, NULL, nonce,
	    secret_read(kf->file_key));
	buf_put(buf, nonce, sizeof(nonce));
	buf_put(buf, body, len + TAG_BYTES);
	return wr.err != ERR_OK ? wr.err : buf->err;
}

enum err
keyfile_create(const struct keyfile *kf, const char *path)
{
	struct buf buf = buf_init(KEYFILE_MAX);
	enum err err = encode(kf, &buf);

	if (err == ERR_OK)
		err = file_create(path, buf.p, buf.len, 0600);
	buf_free(&buf);
	return err;
}

enum err
keyfile_replace(const struct keyfile *kf, const char *path)
{
	struct buf buf = buf_init(KEYFILE_MAX);
	enum err err = encode(kf, &buf);

	if (err == ERR_OK)
		err = file_replace(path, buf.p, buf.len, 0600);
	buf_free(&buf);
	return err;
}

/* Open slot i with input: the file key, or ERR_PASSPHRASE. */
static enum err
open_slot(struct keyfile *kf, size_t i, const uint8_t *input, size_t len)
{
	const struct keyfile_slot *slot = &kf->slot[i];
	uint8_t ad[KEYFILE_SLOT_HEAD + KEYFILE_FIXED];
	struct secret *w;
	enum err err;

	err = stretch(&w, input, len, slot, &kf->pub.cost[i]);
	if (err != ERR_OK)
		return err;
	slot_ad(ad, slot, &kf->pub);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
	    secret_bytes(kf->file_key), NULL, NULL, slot->sealed,
	    sizeof(slot->sealed), ad, sizeof(ad), slot->nonce,
	    secret_read(w)) != 0)
		err = ERR_PASSPHRASE;
	secret_free(&w);
	return err;
}

/* Open bytes through the slot of that kind. */
static enum err
open_bytes(struct keyfile **out, const void *p, size_t len,
    enum keyfile_slot_kind kind, const uint8_t *input, size_t input_len)
{
	struct keyfile_layout lay;
	struct keyfile *kf;
	size_t i = kind == KEYFILE_PASSPHRASE ? 0 : 1;
	enum err err;

	*out = NULL;
	err = keyfile_format_parse(&lay, p, len);
	if (err != ERR_OK)
		return err;
	if (i >= lay.pub.slots)
		return ERR_PASSPHRASE;	/* no such slot to open */
	kf = blank();
	if (kf == NULL)
		return ERR_NOMEM;
	kf->pub = lay.pub;
	memcpy(kf->slot, lay.slot, sizeof(kf->slot));
	err = open_slot(kf, i, input, input_len);
	if (err == ERR_OK && crypto_aead_xchacha20poly1305_ietf_decrypt(
	    secret_bytes(kf->keys), NULL, NULL, lay.body.p, lay.body.len,
	    lay.head.p, lay.head.len, lay.nonce.p,
	    secret_read(kf->file_key)) != 0)
		err = ERR_KEYFILE;
	if (err == ERR_OK)
		err = build(kf, true);
	if (err == ERR_OK)
		*out = kf;
	else
		keyfile_free(&kf);
	return err;
}

enum err
keyfile_open(struct keyfile **kf, const void *p, size_t len,
    const struct secret *passphrase)
{
	return open_bytes(kf, p, len, KEYFILE_PASSPHRASE,
	    secret_read(passphrase), secret_len(passphrase));
}

enum err
keyfile_load(struct keyfile **kf, const char *path,
    const struct secret *passphrase)
{
	struct buf buf = buf_init(KEYFILE_MAX);
	enum err err;

	*kf = NULL;
	err = file_load(path, KEYFILE_MAX, &buf);
	if (err == ERR_OK)
		err = keyfile_open(kf, buf.p, buf.len, passphrase);
	buf_free(&buf);
	return err;
}

enum err
keyfile_load_code(struct keyfile **kf, const char *path,
    const uint16_t words[KEYFILE_CODE_WORDS])
{
	struct buf buf = buf_init(KEYFILE_MAX);
	struct secret *code;
	struct hash check;
	uint8_t *p;
	enum err err;

	*kf = NULL;
	code = secret_new(CODE_BYTES);
	if (code == NULL)
		return ERR_NOMEM;
	p = secret_bytes(code);
	words_join(p, CODE_BYTES, words, KEYFILE_CODE_WORDS);
	check = hash_of(p, KEY_BYTES);
	err = check.b[0] == p[KEY_BYTES] ? ERR_OK : ERR_PASSPHRASE;
	secret_wipe(&check, sizeof(check));
	if (err == ERR_OK)
		err = file_load(path, KEYFILE_MAX, &buf);
	if (err == ERR_OK)
		err = open_bytes(kf, buf.p, buf.len, KEYFILE_CODE, p,
		    KEY_BYTES);
	secret_free(&code);
	buf_free(&buf);
	return err;
}

enum err
keyfile_peek(struct keyfile_public *pub, const char *path)
{
	struct buf buf = buf_init(KEYFILE_MAX);
	enum err err;

	err = file_load(path, KEYFILE_MAX, &buf);
	if (err == ERR_OK)
		err = keyfile_decode(pub, buf.p, buf.len);
	buf_free(&buf);
	return err;
}

const struct keyfile_public *
keyfile_public(const struct keyfile *kf)
{
	return &kf->pub;
}

const struct sign_key *
keyfile_signer(const struct keyfile *kf, enum keyfile_type type)
{
	size_t i;

	for (i = 0; i < kf->pub.n; i++)
		if (kf->pub.key[i].type == type)
			return kf->signer[i];
	return NULL;
}

const struct dh_key *
keyfile_dh(const struct keyfile *kf, enum keyfile_type type, unsigned age)
{
	size_t i;

	for (i = 0; i < kf->pub.n; i++)
		if (kf->pub.key[i].type == type && kf->pub.key[i].age == age)
			return kf->dh[i];
	return NULL;
}

const struct vault *
keyfile_vault(const struct keyfile *kf)
{
	return kf->vault;
}

void
keyfile_free(struct keyfile **kf)
{
	if (*kf == NULL)
		return;
	drop_objects(*kf);
	secret_free(&(*kf)->keys);
	secret_free(&(*kf)->file_key);
	free(*kf);
	*kf = NULL;
}
