/* passes: see passes.h. */
#include "relay/passes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "relay/store.h"

/* A fact: key H(token); value agency, times, and the name filled up with
 * zeros. */
#define VALUE_BYTES (ID_BYTES + 8 + 8 + PASS_NAME_MAX)

/* Of all agencies; as admitted's charters, what an operator lets in. */
#define PASSES_BYTES_MAX ((size_t)4 << 20)

struct passes {
	struct store *store;
	struct buf all;		/* struct pass each */
};

static struct pass *
at(const struct passes *p, size_t i)
{
	struct pass *all = (struct pass *)(void *)p->all.p;

	return (i + 1) * sizeof(*all) > p->all.len ? NULL : &all[i];
}

static struct view
key_view(const struct pass *pass)
{
	return (struct view){ pass->key.b, HASH_BYTES };
}

static enum err
load_one(void *ctx, struct view key, struct view value)
{
	struct passes *p = ctx;
	struct rd rd = rd_init(value.p, value.len);
	struct pass pass = { 0 };

	if (key.len != HASH_BYTES)
		return ERR_STORAGE;
	memcpy(pass.key.b, key.p, HASH_BYTES);
	rd_copy(&rd, pass.agency.b, ID_BYTES);
	pass.issued_at = (int64_t)rd_u64(&rd);
	pass.until_at = (int64_t)rd_u64(&rd);
	rd_copy(&rd, pass.name, PASS_NAME_MAX);
	if (rd_end(&rd) != ERR_OK)
		return ERR_STORAGE;
	buf_put(&p->all, &pass, sizeof(pass));
	return p->all.err;
}

enum err
passes_open(struct passes **out, struct store *store)
{
	struct passes *p = calloc(1, sizeof(*p));
	enum err err;

	if (p == NULL)
		return ERR_NOMEM;
	p->store = store;
	p->all = buf_init(PASSES_BYTES_MAX);
	err = store_facts(store, STORE_PASS, load_one, p);
	if (err != ERR_OK) {
		passes_free(&p);
		return err;
	}
	*out = p;
	return ERR_OK;
}

void
passes_free(struct passes **p)
{
	if (*p == NULL)
		return;
	buf_free(&(*p)->all);
	free(*p);
	*p = NULL;
}

/* Out of the store and the list. */
static enum err
drop(struct passes *p, struct pass *pass)
{
	enum err err = store_drop(p->store, STORE_PASS, key_view(pass));
	uint8_t *end = p->all.p + p->all.len;

	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_STORAGE : err;
	memmove(pass, pass + 1, (size_t)(end - (uint8_t *)(pass + 1)));
	p->all.len -= sizeof(*pass);
	return ERR_OK;
}

static enum err
put(struct passes *p, const struct pass *pass)
{
	uint8_t value[VALUE_BYTES];
	struct wr wr = wr_init(value, sizeof(value));
	enum err err;

	wr_copy(&wr, pass->agency.b, ID_BYTES);
	wr_u64(&wr, (uint64_t)pass->issued_at);
	wr_u64(&wr, (uint64_t)pass->until_at);
	wr_copy(&wr, pass->name, PASS_NAME_MAX);
	err = store_put(p->store, STORE_PASS, key_view(pass),
	    (struct view){ value, sizeof(value) });
	if (err == ERR_OK) {
		buf_put(&p->all, pass, sizeof(*pass));
		err = p->all.err;
	}
	return err;
}

/* Room for one more of that name; what ended makes room. */
static enum err
room(struct passes *p, const struct id *agency, const char *name,
    int64_t now)
{
	struct pass *pass;
	unsigned held = 0;
	size_t i = 0;
	enum err err;

	while ((pass = at(p, i)) != NULL) {
		if (id_eq(&pass->agency, agency) && pass->until_at <= now) {
			err = drop(p, pass);
			if (err != ERR_OK)
				return err;
			continue;
		}
		if (id_eq(&pass->agency, agency)) {
			if (strcmp(pass->name, name) == 0)
				return ERR_DUPLICATE;
			held++;
		}
		i++;
	}
	if (held >= PASSES_MAX ||
	    p->all.len + sizeof(struct pass) > PASSES_BYTES_MAX)
		return ERR_COUNT;
	return ERR_OK;
}

enum err
passes_issue(struct passes *p, const struct id *agency, const char *name,
    uint64_t until_at, int64_t now, uint8_t token[PASS_TOKEN_BYTES])
{
	struct pass pass = { .agency = *agency, .issued_at = now };
	size_t len = strlen(name);
	enum err err;

	if (len > PASS_NAME_MAX)
		return ERR_TOO_BIG;
	memcpy(pass.name, name, len);
	if (now < 0 || until_at <= (uint64_t)now)
		return ERR_EXPIRED;
	if (until_at - (uint64_t)now > PASS_MS_MAX)
		return ERR_TOO_BIG;
	pass.until_at = (int64_t)until_at;
	err = room(p, agency, name, now);
	if (err != ERR_OK)
		return err;
	random_bytes(token, PASS_TOKEN_BYTES);
	pass.key = hash_of(token, PASS_TOKEN_BYTES);
	return put(p, &pass);
}

enum err
passes_revoke(struct passes *p, const struct id *agency, const char *name)
{
	struct pass *pass;
	size_t i;

	for (i = 0; (pass = at(p, i)) != NULL; i++)
		if (id_eq(&pass->agency, agency) &&
		    strcmp(pass->name, name) == 0)
			return drop(p, pass);
	return ERR_NOTFOUND;
}

const struct pass *
passes_of(const struct passes *p, const struct id *agency, size_t i)
{
	const struct pass *pass;
	size_t k;

	for (k = 0; (pass = at(p, k)) != NULL; k++)
		if (id_eq(&pass->agency, agency) && i-- == 0)
			return pass;
	return NULL;
}

/* The whole list each time, by the token's hash: how long it takes tells
 * neither whether nor where it was found, nor how much of it was right. */
const struct pass *
passes_find(const struct passes *p, const char *token, int64_t now)
{
	uint8_t bytes[PASS_TOKEN_BYTES];
	const struct pass *pass, *found = NULL;
	struct hash key;
	size_t i;

	if (hex_decode(bytes, sizeof(bytes), token) != ERR_OK)
		return NULL;
	key = hash_of(bytes, sizeof(bytes));
	secret_wipe(bytes, sizeof(bytes));
	for (i = 0; (pass = at(p, i)) != NULL; i++)
		if (hash_eq(&pass->key, &key))
			found = pass;
	return found != NULL && found->until_at > now ? found : NULL;
}
