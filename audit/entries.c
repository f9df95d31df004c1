/* entries: see entries.h. */
#include "audit/entries.h"

#include <stdio.h>

#include "audit/entry.h"
#include "audit/keyopts.h"
#include "base/file.h"
#include "base/json.h"
#include "base/show.h"
#include "keys/pubkey.h"

/* Everything of one listing; one entry is held at a time. */
struct listing {
	struct cli *cli;
	struct logkeys keys;
	struct mirror *mirror;
	struct keyring_place place;
	uint64_t shown, withheld, wrong;
};

static enum err
print(const struct listing *l, uint64_t index, const struct entry *e)
{
	struct buf line = buf_init(4096), out = buf_init(16384);
	struct json *o;
	enum err err;

	if (cli_json(l->cli)) {
		o = entry_json(e);
		json_put_int(o, "index", (int64_t)index);
		err = json_write(o, false, &out);
		json_free(&o);
	} else {
		entry_text(&line, e);
		show_text(&out, (const char *)line.p, line.len);
		err = out.err;
		printf("%llu: ", (unsigned long long)index);
	}
	if (err == ERR_OK)
		printf("%s\n", buf_text(&out));
	buf_free(&line);
	buf_free(&out);
	return (err);
}

static enum err
list_one(void *ctx, uint64_t index, struct view bytes)
{
	struct listing *l = ctx;
	struct entry e;
	enum err err;

	if (bytes.len == 0) {
		l->withheld++;
		return (ERR_OK);
	}
	l->shown++;
	l->place.index = index;
	err = entry_read(&e, l->keys.keyring, bytes, &l->place);
	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		/* In the log, signed for, and nothing of ours. */
		e.standing = ENTRY_WRONG;
		e.why = err;
	}
	l->wrong += e.standing == ENTRY_WRONG;
	return (print(l, index, &e));
}

/* Which log this is, for what keys were revoked at which place. */
static enum err
open_copy(struct listing *l, const char *dir)
{
	struct mirror_conf conf = { dir, l->keys.key, l->keys.count, NULL,
		NULL };
	struct note_checkpoint cp;
	size_t i;
	enum err err = file_exists(dir) ? mirror_open(&l->mirror, &conf) :
	    ERR_NOTFOUND;

	if (err == ERR_OK && mirror_note(l->mirror).len == 0)
		err = ERR_NOTFOUND;
	for (i = 0; err == ERR_OK && i < l->keys.count; i++)
		if (mirror_signed(&l->keys.key[i], 1, mirror_note(l->mirror),
		    &cp) == ERR_OK) {
			l->place.log_id = pubkey_log_id(l->keys.key[i].key);
			return (ERR_OK);
		}
	return (err == ERR_OK ? ERR_SIGNATURE : err);
}

static int
sum_up(const struct listing *l)
{
	struct json *o;

	if (cli_json(l->cli)) {
		o = json_new_obj();
		json_put_int(o, "shown", (int64_t)l->shown);
		json_put_int(o, "withheld", (int64_t)l->withheld);
		json_put_int(o, "wrong", (int64_t)l->wrong);
		(void)cli_data(l->cli, &o);
	} else
		cli_say(_("%llu entries shown, %llu withheld, %llu wrong"),
		    (unsigned long long)l->shown,
		    (unsigned long long)l->withheld,
		    (unsigned long long)l->wrong);
	return (l->wrong > 0 ? err_exit(ERR_VERIFY) : cli_flush());
}

const struct cli_opt entries_opts[] = {
	KEYOPTS,
	{ NULL, 0, NULL, NULL },
};

int
entries_run(struct cli *cli)
{
	struct listing l = { .cli = cli };
	const char *dir = cli_arg(cli, 0);
	int code = 0;
	enum err err = keyopts_gather(&l.keys, cli, true);

	if (err == ERR_USAGE)
		code = keyopts_missing(cli);
	else if (err == ERR_OK)
		err = open_copy(&l, dir);
	if (err == ERR_OK)
		err = mirror_entries_each(l.mirror, list_one, &l);
	if (err == ERR_OK)
		code = sum_up(&l);
	else if (code == 0)
		code = cli_fail(cli, err, "%s", dir);
	mirror_free(&l.mirror);
	logkeys_free(&l.keys);
	return (code);
}
