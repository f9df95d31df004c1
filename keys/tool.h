/*
 * tool: what the commands of casewire-keys share.
 *
 * Reading passphrases, finding the key statements of a folder, printing one
 * JSON object either as JSON or as lines.  Part of the program casewire-keys
 * only; a person or a script runs it, one thread.
 *
 * A folder of keys (--dir) holds root.key, endpoint.key, transport*.key and
 * custodian*.key, or root.key and relay.key; keys.N, the key statements from
 * 1 upwards; root.pub, one public line "<root hex> <name>".
 */
#ifndef KEYS_TOOL_H
#define KEYS_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "keys/keyfile.h"
#include "proto/charter.h"
#include "proto/statement.h"

struct secret;

#define TOOL_DAY_MS 86400000

/* The options that name passphrases; rows of a command's table. */
#define TOOL_PASS_OPTS \
	{ "passphrase-file", 0, "FILE", \
	    "passphrase of the key files in daily use" }, \
	{ "passphrase-fd", 0, "N", "the same, read from a descriptor" }
#define TOOL_ROOT_OPTS \
	{ "root-passphrase-file", 0, "FILE", \
	    "passphrase of root and custodian files, if another" }, \
	{ "root-passphrase-fd", 0, "N", "the same, read from a descriptor" }
#define TOOL_COST_OPT \
	{ "argon2", 0, "COST", "minimum, interactive or moderate (default)" }

/*
 * The two passphrases: of what runs unattended (endpoint, transport, relay)
 * and of what people hold (root, custodian).  Where only the first is named
 * on the command line, both are that one.
 */
struct tool_pass {
	struct secret *daily;
	struct secret *held;		/* may be the same object as daily */
};

enum tool_need {
	TOOL_DAILY = 1,
	TOOL_HELD = 2,
	TOOL_NEW_DAILY = 4,		/* for a file that is made now */
	TOOL_NEW_HELD = 8,
};

/* tool_pass_read(cli, pass, need): ERR_NO_TERMINAL names the flag. */
enum err
tool_pass_read(const struct cli *cli, struct tool_pass *pass, unsigned need);
void
tool_pass_free(struct tool_pass *pass);

/* tool_cost(cli, cost): --argon2, moderate by default; ERR_USAGE. */
enum err
tool_cost(const struct cli *cli, struct keyfile_cost *cost);

/* tool_now(): UTC ms, the one place this program looks at a clock. */
int64_t
tool_now(void);

/* tool_path(dir, name): as file_join, but ends the program without memory. */
char *
tool_path(const char *dir, const char *name);
/* tool_copy(s): strdup that ends the program without memory. */
char *
tool_copy(const char *s);

/* tool_load(kf, path, pass, kind): load and check the kind (ERR_KEY_FOREIGN,
 * said). */
enum err
tool_load(struct keyfile **kf, const char *path, const struct secret *pass,
    enum keyfile_kind kind);

/* A key statement read from a file, with its bytes. */
struct tool_statement {
	struct buf entry;		/* statement || sig; the caller frees */
	struct statement st;		/* borrows entry */
	struct statement_keys keys;
};

/* tool_statement_load(ts, path): decode; nothing is verified. */
enum err
tool_statement_load(struct tool_statement *ts, const char *path);
void
tool_statement_free(struct tool_statement *ts);

/*
 * tool_statement_verify(ts, root): kid and agency are root's
 * (ERR_KEY_FOREIGN), every key passes its point check, the signature is
 * good.
 */
enum err
tool_statement_verify(const struct tool_statement *ts,
    const uint8_t root[KEY_BYTES]);

/* tool_newest(dir, seq): the greatest N of dir/keys.N, 0 if there is none. */
enum err
tool_newest(const char *dir, uint64_t *seq);

/* A charter file. */
struct tool_charter {
	struct buf text;
	struct charter charter;
	struct hash id;
};

/* tool_charter_load(tc, path): parse, and check every point in it; what is
 * wrong, and in which line, is said.  The caller frees. */
enum err
tool_charter_load(struct tool_charter *tc, const char *path);
/* tool_charter_fault(path, line): say where charter_parse stopped; line 0:
 * the lines contradict each other. */
void
tool_charter_fault(const char *path, unsigned line);
void
tool_charter_free(struct tool_charter *tc);

/* tool_agency(json, id): put an agency's id, in hex and as read aloud. */
void
tool_agency(struct json *json, const struct id *id);

/*
 * tool_emit(cli, &json, next):
 * The result of a command: JSON, or one line a member.  next (may be NULL)
 * is what to do now, talk on stderr.  Takes json; returns the exit code.
 */
int
tool_emit(const struct cli *cli, struct json **json, const char *next);

#endif
