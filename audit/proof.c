/* proof: see proof.h. */
#include "audit/proof.h"

#include <stdio.h>
#include <string.h>

#include "audit/entry.h"
#include "audit/keyopts.h"
#include "audit/timeline.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/show.h"
#include "proto/charter.h"
#include "proto/tlog_proof.h"

/* A proof on its way. */
struct proving {
	struct logkeys keys;
	struct buf text;
	struct buf extra;
	struct tlog_proof proof;
	struct note_checkpoint cp;
	struct entry entry;
	uint64_t before_at;	/* a witness saw it by then; 0: none here */
};

static enum err
load(struct proving *p, const char *path)
{
	enum err err = file_load(path, TLOG_PROOF_MAX, &p->text);

	return (err != ERR_OK ? err : tlog_proof_decode(&p->proof,
	    buf_view(&p->text), &p->extra));
}

/* The log's signature, then that the entry stands in what it signed. */
static enum err
stands(struct proving *p)
{
	struct hash leaf = hash_leaf(p->extra.p, p->extra.len);
	enum err err = mirror_signed(p->keys.key, p->keys.count,
	    p->proof.note, &p->cp);

	if (err != ERR_OK)
		return (err);
	return (merkle_included(&leaf, p->proof.index, p->cp.size,
	    &p->proof.path, &p->cp.root));
}

/* By when the quorum of every charter given had seen the checkpoint: which
 * of them was in force nobody says here. */
static uint64_t
quorum_at(const struct proving *p, struct timeline *t)
{
	struct timeline_ask ask = { .index = p->proof.index };
	uint64_t latest = 0;
	size_t i;

	for (i = 0; (ask.charter = keyring_charter_at(p->keys.keyring, i)) !=
	     NULL; i++) {
		timeline_before(t, &ask, 1);
		if (ask.before_at == 0)
			return (0);
		if (ask.before_at > latest)
			latest = ask.before_at;
	}
	return (latest);
}

/* Who saw the checkpoint, of the witnesses a charter names. */
static enum err
witnessed(struct proving *p, const struct verify_checkpoint *cp)
{
	struct timeline_tree tree = { cp->log->log_id, cp->size, cp->root };
	struct timeline *t = timeline_new(1);
	const struct charter *charter;
	struct note note;
	unsigned w;
	size_t i;
	enum err err = t == NULL ? ERR_NOMEM :
	    note_parse(&note, p->proof.note);

	for (i = 0; err == ERR_OK &&
	     (charter = keyring_charter_at(p->keys.keyring, i)) != NULL; i++)
		for (w = 0; err == ERR_OK && w < charter->witness_count; w++) {
			err = timeline_add(t, 0, &tree, &charter->witness[w],
			    &note);
			if (err == ERR_NOTFOUND)
				err = ERR_OK;
		}
	if (err == ERR_OK)
		p->before_at = quorum_at(p, t);
	timeline_free(t);
	return (err);
}

/* Who signed the entry, by what the keyring knows of that log. */
static enum err
whose(struct proving *p)
{
	struct keyring *kr = p->keys.keyring;
	struct keyring_place place = { .index = p->proof.index };
	struct verify_checkpoint cp;
	bool known = kr != NULL && verify_checkpoint(&cp, kr,
	    p->proof.note.p, p->proof.note.len) == ERR_OK;
	enum err err = known ? witnessed(p, &cp) : ERR_OK;

	if (known)
		place.log_id = cp.log->log_id;
	if (err == ERR_OK)
		err = entry_read(&p->entry, kr, buf_view(&p->extra),
		    known ? &place : NULL);
	if (err == ERR_OK && p->entry.standing == ENTRY_WRONG)
		err = ERR_VERIFY;
	return (err);
}

static enum err
prove(struct proving *p, const char *path)
{
	enum err err = load(p, path);

	if (err == ERR_OK && p->proof.extra.len == 0)
		return (ERR_INCOMPLETE);
	if (err == ERR_OK)
		err = stands(p);
	if (err == ERR_OK)
		err = whose(p);
	/* Whoever brought the parties' charter wants to know the signer. */
	if (err == ERR_OK && p->entry.standing == ENTRY_UNCHECKED &&
	    p->keys.keyring != NULL && keyring_charter_at(p->keys.keyring, 0) != NULL)
		err = ERR_INCOMPLETE;
	return (err);
}

static void
say(struct buf *out, const struct proving *p)
{
	char at[CLOCK_TEXT_BYTES];

	buf_fmt(out, _("Entry %llu of the log %s, as its key signed it at %llu "
	    "entries: "), (unsigned long long)p->proof.index, p->cp.origin,
	    (unsigned long long)p->cp.size);
	entry_text(out, &p->entry);
	if (p->before_at != 0)
		buf_fmt(out, _("; a witness had seen it by %s"),
		    clock_format(at, (int64_t)p->before_at));
	buf_str(out, ".");
}

static struct json *
as_json(const struct proving *p)
{
	struct json *o = json_new_obj(), *entry = entry_json(&p->entry);

	json_put_bool(o, "proved", true);
	json_put_str(o, "origin", p->cp.origin);
	json_put_int(o, "size", (int64_t)p->cp.size);
	json_put_hex(o, "root", p->cp.root.b, HASH_BYTES);
	json_put_int(o, "index", (int64_t)p->proof.index);
	json_put(o, "entry", &entry);
	json_put_time(o, "seen_before", (int64_t)p->before_at);
	return (o);
}

/* What it proves, in one sentence or as JSON. */
static int
tell(const struct cli *cli, const struct proving *p)
{
	struct buf line = buf_init(4096), out = buf_init(16384);
	struct json *o;

	if (cli_json(cli)) {
		o = as_json(p);
		return (cli_data(cli, &o));
	}
	say(&line, p);
	show_text(&out, (const char *)line.p, line.len);
	printf("%s\n", buf_text(&out));
	buf_free(&line);
	buf_free(&out);
	return (cli_flush());
}

static const char *
why(const struct proving *p, enum err err)
{
	if (err == ERR_INCOMPLETE && p->extra.len == 0)
		return (_("it does not say which entry it is about"));
	if (err == ERR_INCOMPLETE)
		return (_("the entry stands in the log, but its signer's key "
		    "is not known here: name key statements with --keys"));
	if (err == ERR_VERIFY)
		return (err_name(p->entry.why));
	return (NULL);
}

const struct cli_opt proof_opts[] = {
	KEYOPTS,
	{ NULL, 0, NULL, NULL },
};

int
proof_run(struct cli *cli)
{
	struct proving p = {
		.text = buf_init(TLOG_PROOF_MAX),
		.extra = buf_init(STATEMENT_MAX),
	};
	const char *path = cli_arg(cli, 0), *detail;
	int code = 0;
	enum err err = keyopts_gather(&p.keys, cli, true);

	if (err == ERR_USAGE)
		code = keyopts_missing(cli);
	else if (err == ERR_OK)
		err = prove(&p, path);
	if (err == ERR_OK)
		code = tell(cli, &p);
	else if (code == 0) {
		detail = why(&p, err);
		code = detail == NULL ? cli_fail(cli, err, "%s", path) :
		    cli_fail(cli, err, "%s: %s", path, detail);
	}
	logkeys_free(&p.keys);
	buf_free(&p.text);
	buf_free(&p.extra);
	return (code);
}
