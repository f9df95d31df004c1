/* logkeys: see logkeys.h. */
#include "audit/logkeys.h"

#include <stdlib.h>
#include <string.h>

#include "audit/keyring.h"
#include "base/diag.h"
#include "base/file.h"
#include "proto/charter.h"
#include "proto/statement.h"

static enum err
add_key(struct logkeys *l, const char *origin, const uint8_t key[KEY_BYTES])
{
	struct mirror_key *k = &l->key[l->count];
	size_t len = strlen(origin);

	if (l->count == LOGKEYS_MAX)
		return (ERR_COUNT);
	if (len > NOTE_NAME_MAX)
		return (ERR_TOO_BIG);
	memcpy(k->origin, origin, len + 1);
	memcpy(k->key, key, KEY_BYTES);
	l->count++;
	return (ERR_OK);
}

/* No charter says whose root this is. */
static enum err
take_given(struct logkeys *l, struct view bytes)
{
	const struct statement_key *log;
	struct statement_keys ks;
	struct statement st;
	enum err err = statement_split(&st, bytes);

	if (err == ERR_OK)
		err = statement_keys_decode(&ks, st.body);
	if (err != ERR_OK)
		return (err);
	log = statement_keys_find(&ks, KEY_LOG);
	return (log == NULL ? ERR_KEY_FOREIGN : add_key(l, "", log->key));
}

enum err
logkeys_statement(struct logkeys *l, const char *path)
{
	struct buf bytes = buf_init(STATEMENT_MAX);
	enum err err = file_load(path, STATEMENT_MAX, &bytes);

	if (err == ERR_OK)
		err = l->keyring == NULL ? take_given(l, buf_view(&bytes)) :
		    keyring_add_keys(l->keyring, bytes.p, bytes.len, NULL);
	if (err != ERR_OK)
		diag_error("logkeys", "%s: %s", path, err_name(err));
	buf_free(&bytes);
	return (err);
}

/* A charter's relays are whose statements count. */
enum err
logkeys_charter(struct logkeys *l, const char *path)
{
	struct buf text = buf_init(CHARTER_MAX);
	struct charter *charter = malloc(sizeof(*charter));
	unsigned i;
	enum err err = charter == NULL ? ERR_NOMEM :
	    file_load(path, CHARTER_MAX, &text);

	if (l->keyring == NULL && (l->keyring = keyring_new()) == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		err = charter_parse(charter, buf_view(&text), NULL);
	for (i = 0; err == ERR_OK && i < charter->relay_count; i++)
		err = keyring_add_root(l->keyring, charter->relay[i].root,
		    charter->relay[i].name, true);
	if (err != ERR_OK)
		diag_error("logkeys", "%s: %s", path, err_name(err));
	free(charter);
	buf_free(&text);
	return (err);
}

/* NAME.a.sig, NAME.b.sig: exactly a signature; ERR_NOTFOUND. */
static enum err
load_sig(const char *path, const char *end, uint8_t sig[SIG_BYTES])
{
	struct buf bytes = buf_init(SIG_BYTES);
	struct buf name = buf_init(4096);
	enum err err;

	buf_fmt(&name, "%s%s", path, end);
	err = name.err != ERR_OK ? name.err :
	    !file_exists(buf_text(&name)) ? ERR_NOTFOUND :
	    file_load(buf_text(&name), SIG_BYTES, &bytes);
	if (err == ERR_OK && bytes.len != SIG_BYTES)
		err = ERR_KEY_LENGTH;
	if (err == ERR_OK)
		memcpy(sig, bytes.p, SIG_BYTES);
	buf_free(&name);
	buf_free(&bytes);
	return (err);
}

enum err
logkeys_parties(struct logkeys *l, const char *path)
{
	struct buf text = buf_init(CHARTER_MAX);
	uint8_t a[SIG_BYTES], b[SIG_BYTES];
	enum err err = load_sig(path, ".a.sig", a);

	if (err == ERR_NOTFOUND)
		return (ERR_OK);
	if (err == ERR_OK)
		err = load_sig(path, ".b.sig", b);
	if (err == ERR_OK)
		err = file_load(path, CHARTER_MAX, &text);
	if (err == ERR_OK)
		err = keyring_add_charter(l->keyring, text.p, text.len, a, b,
		    NULL);
	if (err != ERR_OK)
		diag_error("logkeys", "%s: %s", path, err_name(err));
	buf_free(&text);
	return (err);
}

enum err
logkeys_text(struct logkeys *l, const char *text)
{
	char name[NOTE_NAME_MAX + 1];
	uint8_t key[KEY_BYTES];

	if (note_vkey_parse(name, key, NOTE_ED25519, text) != ERR_OK)
		return (ERR_USAGE);
	return (add_key(l, name, key));
}

/* The logs of all statements under a charter, by their full origin. */
enum err
logkeys_done(struct logkeys *l)
{
	char origin[NOTE_NAME_MAX + 1];
	const struct keyring_log *log;
	size_t i;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && l->keyring != NULL &&
	     (log = keyring_log_at(l->keyring, i)) != NULL; i++) {
		err = note_origin(origin, log->relay->name, &log->log_id);
		if (err == ERR_OK)
			err = add_key(l, origin, log->key);
	}
	return (err == ERR_OK && l->count == 0 ? ERR_USAGE : err);
}

void
logkeys_free(struct logkeys *l)
{
	keyring_free(l->keyring);
	memset(l, 0, sizeof(*l));
}
