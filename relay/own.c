/* own: see own.h. */
#include "relay/own.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "keys/keyfile.h"
#include "proto/statement.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/relay.h"
#include "relay/store.h"

/* Does the statement name the very keys this relay runs with? */
static bool
names_us(const struct own_parts *p, const struct statement_keys *ks)
{
	static const struct {
		uint8_t said;
		enum keyfile_type held;
	} pairs[] = {
		{ KEY_SIGN, KEYFILE_S },
		{ KEY_TRANSPORT, KEYFILE_T },
		{ KEY_LOG, KEYFILE_LOG },
	};
	const struct statement_key *said;
	const uint8_t *held;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		said = statement_keys_find(ks, pairs[i].said);
		held = keyfile_find(p->public, pairs[i].held, 0);
		if (said == NULL || held == NULL ||
		    memcmp(said->key, held, KEY_BYTES) != 0)
			return false;
	}
	return id_eq(&ks->agency, &p->public->agency);
}

/* Into the log, unless it stands there. */
static enum err
log_own(const struct own_parts *p, struct view bytes,
    const struct statement_keys *ks)
{
	struct store_item item = {
		.entry = bytes,
		.news = STORE_KEYS,
		.news_owner = ks->agency,
		.news_serial = ks->ks_seq,
	};
	struct hash leaf = statement_leaf(bytes);
	uint64_t index;
	enum err err;

	err = store_find(p->store, &leaf, &index);
	if (err != ERR_NOTFOUND)
		return err;
	err = group_append(p->group, &item);
	if (err == ERR_OK)
		err = group_end(p->group);
	return err == ERR_OK ?
	    admitted_own(p->admitted, &p->public->agency) : err;
}

/* One file of the home with one of the relay's key statements; *ours: it
 * names the keys held here.  ERR_NOTFOUND. */
static enum err
own_file(const struct own_parts *p, const char *name, bool *ours)
{
	struct buf bytes = buf_init(STATEMENT_MAX);
	char *path = file_join(p->home, name);
	struct statement_keys ks;
	struct statement st;
	enum err err = ERR_NOTFOUND;

	if (path == NULL)
		return ERR_NOMEM;
	if (file_exists(path))
		err = file_load(path, STATEMENT_MAX, &bytes);
	if (err == ERR_OK)
		err = statement_split(&st, buf_view(&bytes));
	if (err == ERR_OK)
		err = statement_keys_decode(&ks, st.body);
	if (err == ERR_OK)
		err = log_own(p, buf_view(&bytes), &ks);
	if (err == ERR_OK)
		*ours = names_us(p, &ks);
	else if (err != ERR_NOTFOUND)
		diag_error("relay", "%s: %s", path, err_name(err));
	free(path);
	buf_free(&bytes);
	return err;
}

enum err
own_open(const struct own_parts *p)
{
	char name[32];
	bool ours = false;
	unsigned n;
	enum err err = ERR_OK;

	for (n = 1; err == ERR_OK; n++) {
		(void)snprintf(name, sizeof(name), RELAY_KEYS_FILE ".%u", n);
		err = own_file(p, name, &ours);
	}
	if (err != ERR_NOTFOUND)
		return err;
	if (!ours) {
		diag_error("relay", "no %s.N in %s, or its newest does not "
		    "name the keys in %s", RELAY_KEYS_FILE, p->home,
		    RELAY_KEY_FILE);
		return ERR_CONF;
	}
	return ERR_OK;
}
