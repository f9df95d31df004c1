/* init --witness: a witness's key file, and the lines others need of it. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "keys/cmd.h"
#include "keys/tool.h"
#include "proto/note.h"

#define KEY_FILE "witness.key"
#define PUB_FILE "witness.pub"
#define TEXT_MAX (2 * KEY_BYTES + 1 + NAME_MAX_BYTES + 1)

/* As a charter's witness line has it (PROTOCOL.md section 13.3). */
static enum err
check_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";

	if (name[0] != '\0' && strlen(name) <= NAME_MAX_BYTES &&
	    name[strspn(name, allowed)] == '\0')
		return ERR_OK;
	diag_error("keys", "a witness's name has 1 to %d letters, digits, "
	    "dots, dashes, underscores and slashes", NAME_MAX_BYTES);
	return ERR_USAGE;
}

static enum err
write_files(const struct keyfile *kf, const char *dir, const char *line)
{
	char *key = tool_path(dir, KEY_FILE), *pub = tool_path(dir, PUB_FILE);
	enum err err = keyfile_create(kf, key);

	if (err == ERR_OK) {
		err = file_create(pub, line, strlen(line), 0644);
		if (err != ERR_OK)
			(void)file_remove(key);
	}
	free(key);
	free(pub);
	return err;
}

static enum err
make(struct cli *cli, struct keyfile **kf, const char *name)
{
	struct tool_pass pass = { NULL, NULL };
	struct keyfile_cost cost;
	enum err err = check_name(name);

	if (err == ERR_OK)
		err = tool_cost(cli, &cost);
	if (err == ERR_OK)
		err = tool_pass_read(cli, &pass, TOOL_DAILY | TOOL_NEW_DAILY);
	if (err == ERR_OK)
		err = keyfile_new(kf, KEYFILE_WITNESS, NULL, name);
	if (err == ERR_OK)
		err = keyfile_set_passphrase(*kf, pass.daily, &cost);
	tool_pass_free(&pass);
	return err;
}

static int
report(struct cli *cli, const char *dir, const char *name,
    const uint8_t key[KEY_BYTES])
{
	struct json *json = json_new_obj();
	struct buf line = buf_init(1024), vkey = buf_init(1024);
	struct buf next = buf_init(4096);
	char hex[2 * KEY_BYTES + 1];
	char *path = tool_path(dir, KEY_FILE);
	int rc;

	hex_encode(hex, key, KEY_BYTES);
	buf_fmt(&line, "witness %s %s", hex, name);
	note_vkey_write(&vkey, NOTE_COSIGNATURE, name, key);
	json_put_str(json, "name", name);
	json_put_str(json, "file", path);
	json_put_str(json, "charter_line", buf_text(&line));
	json_put_str(json, "vkey", buf_text(&vkey));
	buf_fmt(&next, "Send %s/" PUB_FILE " to whoever writes the charter:\n"
	    "    casewire-keys charter propose --witness " PUB_FILE
	    " --quorum 1 ...\nNext, with the log's URL in %s/witness.conf:\n"
	    "    casewire-witness run --home %s", dir, dir, dir);
	rc = tool_emit(cli, &json, buf_text(&next));
	free(path);
	buf_free(&line);
	buf_free(&vkey);
	buf_free(&next);
	return rc;
}

int
cmd_init_witness(struct cli *cli)
{
	const char *name = cli_opt(cli, "witness");
	const char *dir = cli_has(cli, "dir") ? cli_opt(cli, "dir") : "keys";
	char text[TEXT_MAX + 1] = "";
	const uint8_t *key = NULL;
	struct keyfile *kf = NULL;
	enum err err;
	int rc;

	err = make(cli, &kf, name);
	if (err == ERR_OK)
		err = file_mkdirs(dir, 0700);
	if (err == ERR_OK) {
		key = keyfile_find(keyfile_public(kf), KEYFILE_W, 0);
		hex_encode(text, key, KEY_BYTES);
		text[2 * KEY_BYTES] = ' ';
		strcpy(text + 2 * KEY_BYTES + 1, name);	/* checked */
		strcat(text, "\n");
		err = write_files(kf, dir, text);
	}
	rc = err == ERR_OK ? report(cli, dir, name, key) :
	    cli_fail(cli, err, "%s", dir);
	keyfile_free(&kf);
	return rc;
}
