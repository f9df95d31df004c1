/*
 * stating: from the key files of a folder to its next key statement.
 *
 * Owns the chain of keys.1, keys.2 ...: the next one has the next ks_seq and
 * the hash of the one before, and is never written over, because two
 * statements of one ks_seq are root equivocation.  Part of casewire-keys.
 * PROTOCOL.md sections 1 and 13.2.
 */
#ifndef KEYS_STATING_H
#define KEYS_STATING_H

#include <stdint.h>

#include "base/err.h"
#include "keys/tool.h"

/*
 * stating_collect(ks, dir, agency, fresh, path):
 * Add the public keys of every endpoint, transport, custodian and relay file
 * in dir; fresh (may be NULL) stands for the file at path, which is about to
 * be replaced.  ERR_KEY_FOREIGN, said, for a file of another agency;
 * ERR_NOTFOUND if no file has a signing key.
 */
enum err
stating_collect(struct statement_keys *ks, const char *dir,
    const struct id *agency, const struct keyfile_public *fresh,
    const char *path);

/* One statement issued. */
struct stating_issued {
	uint64_t ks_seq;
	char *path;			/* dir/keys.N; free(3) */
};

/*
 * stating_issue(out, ks, dir, root, days):
 * Fill in chain and life (days from now), sign with root, write dir/keys.N.
 * ERR_KEY_SEQ if the newest statement there is not what its name says,
 * ERR_KEY_FOREIGN if it is another root's, ERR_EXISTS, errors of files.
 */
enum err
stating_issue(struct stating_issued *out, struct statement_keys *ks,
    const char *dir, const struct keyfile *root, int64_t days);

/* stating_json(json, ts): what a statement says. */
void
stating_json(struct json *json, const struct tool_statement *ts);

/* stating_root(cli, dir): the path of --root, or dir/root.key; free(3). */
char *
stating_root(const struct cli *cli, const char *dir);

#endif
