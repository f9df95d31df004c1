/* agent_charter_install of agent.h: from files to pairs_install; and what
 * `casewire-keys rotate` laid beside our keys since. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/statements.h"
#include "keys/psk.h"
#include "proto/charter.h"

#define INSTALL_KEYS_MAX 96

struct install {
	struct pairs_install in;
	struct buf charter;
	struct buf sig[2];
	struct buf key[INSTALL_KEYS_MAX];
	struct view view[INSTALL_KEYS_MAX];
	size_t n;
};

static enum err
install_load(const char *dir, const char *name, size_t max, struct buf *out)
{
	char *path = file_join(dir, name);
	enum err err;

	err = path == NULL ? ERR_NOMEM : file_load(path, max, out);
	free(path);
	return err;
}

static enum err
install_key(struct install *inst, const char *dir, const char *name)
{
	struct buf *buf = &inst->key[inst->n];
	enum err err;

	if (inst->n == INSTALL_KEYS_MAX)
		return ERR_COUNT;
	*buf = buf_init(STATEMENT_MAX + SIG_BYTES);
	err = install_load(dir, name, STATEMENT_MAX + SIG_BYTES, buf);
	if (err != ERR_OK) {
		buf_free(buf);
		return err;
	}
	inst->view[inst->n] = buf_view(buf);
	inst->n++;
	return ERR_OK;
}

/* Our own statements lie beside our keys: keys.1, keys.2 ... */
static enum err
install_own_keys(struct agent *agent, struct install *inst)
{
	char *dir = file_join(agent->home, "keys");
	char name[32];
	enum err err = dir == NULL ? ERR_NOMEM : ERR_OK;
	unsigned i;

	for (i = 1; err == ERR_OK; i++) {
		char *path;

		(void)snprintf(name, sizeof(name), "keys.%u", i);
		path = file_join(dir, name);
		if (path == NULL)
			err = ERR_NOMEM;
		else if (!file_exists(path)) {
			free(path);
			break;
		}
		free(path);
		if (err == ERR_OK)
			err = install_key(inst, dir, name);
	}
	free(dir);
	return err;
}

static enum err
install_psk(struct agent *agent, struct install *inst, const char *file,
    const struct pair **pair)
{
	struct psk_halves halves;
	struct secret *text = NULL;
	struct hash id = charter_id(buf_view(&inst->charter));
	enum err err;

	if (file == NULL)
		return pairs_install(agent, &inst->in, pair);
	err = file_load_secret(file, PSK_TEXT_MAX, &text);
	if (err == ERR_OK)
		err = psk_decode(&halves, secret_read(text),
		    secret_len(text));
	secret_free(&text);
	if (err != ERR_OK)
		return err;
	if (!hash_eq(&halves.charter_id, &id) || !halves.has[0] ||
	    !halves.has[1])
		err = ERR_PAIRING;
	inst->in.psk_a = halves.bytes[0];
	inst->in.psk_b = halves.bytes[1];
	if (err == ERR_OK)
		err = pairs_install(agent, &inst->in, pair);
	secret_wipe(&halves, sizeof(halves));
	return err;
}

static void
install_free(struct install *inst)
{
	size_t i;

	for (i = 0; i < inst->n; i++)
		buf_free(&inst->key[i]);
	buf_free(&inst->charter);
	buf_free(&inst->sig[0]);
	buf_free(&inst->sig[1]);
	free(inst);
}

enum err
agent_charter_install(struct agent *agent, const char *dir,
    const char *const *keys, size_t n, const char *psk_file)
{
	const struct pair *pair;
	struct install *inst;
	enum err err;
	size_t i;

	inst = calloc(1, sizeof(*inst));
	if (inst == NULL)
		return ERR_NOMEM;
	inst->charter = buf_init(CHARTER_MAX);
	inst->sig[0] = buf_init(SIG_BYTES);
	inst->sig[1] = buf_init(SIG_BYTES);
	err = install_load(dir, "charter", CHARTER_MAX, &inst->charter);
	if (err == ERR_OK)
		err = install_load(dir, "charter.a.sig", SIG_BYTES,
		    &inst->sig[0]);
	if (err == ERR_OK)
		err = install_load(dir, "charter.b.sig", SIG_BYTES,
		    &inst->sig[1]);
	if (err == ERR_OK)
		err = install_own_keys(agent, inst);
	for (i = 0; err == ERR_OK && i < n; i++)
		err = install_key(inst, ".", keys[i]);
	inst->in.charter = buf_view(&inst->charter);
	inst->in.sig_a = buf_view(&inst->sig[0]);
	inst->in.sig_b = buf_view(&inst->sig[1]);
	inst->in.keys = inst->view;
	inst->in.key_count = inst->n;
	if (err == ERR_OK)
		err = install_psk(agent, inst, psk_file, &pair);
	install_free(inst);
	return err;
}

enum err
agent_learn_own_keys(struct agent *agent)
{
	struct install *inst;
	size_t i, k, learned = 0;
	enum err err;

	if (pairs_count(agent->pairs) == 0)
		return ERR_OK;		/* our root stands in no charter yet */
	inst = calloc(1, sizeof(*inst));
	if (inst == NULL)
		return ERR_NOMEM;
	err = install_own_keys(agent, inst);
	for (i = 0; err == ERR_OK && i < inst->n; i++) {
		err = pairs_learn_keys(agent, inst->view[i], NULL);
		if (err == ERR_OK)
			learned++;
		else if (err != ERR_STORAGE && err != ERR_NOMEM) {
			diag_warn("agent", "keys.%zu is not taken err=%s",
			    i + 1, err_name(err));
			err = ERR_OK;
		}
	}
	for (k = 0; err == ERR_OK && learned > 0 &&
	    k < pairs_count(agent->pairs); k++)
		err = statements_publish_keys(agent,
		    pairs_at(agent->pairs, k));
	install_free(inst);
	return err;
}
