/*
 * signer: the relay's two signing keys and what they have promised.
 *
 * Owns signer.high, a file apart from the store that holds the largest
 * (size, root) ever signed: a checkpoint is released only after its size
 * and root are durable there, and one that does not extend them is refused,
 * so a restored or edited store cannot make the relay show two histories.
 * The log key signs checkpoints only, S signs receipts only.  Never reads
 * the store itself (the tree does), never sends.  Relay loop only.
 * PROTOCOL.md sections 7 and 8.
 */
#ifndef RELAY_SIGNER_H
#define RELAY_SIGNER_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"
#include "proto/receipt.h"

struct keyfile;
struct signer;
struct tlog;

/* A receipt with its signature. */
#define SIGNER_RECEIPT_BYTES (RECEIPT_BYTES + SIG_BYTES)

/* What signer.high says. */
struct signer_high {
	uint64_t size;		/* 0: nothing was ever signed */
	struct hash root;
	struct hash log_id;	/* zeros while size is 0 */
};

/*
 * signer_open(out, path, keys):
 * keys is an open relay key file, borrowed.  ERR_KEY_FOREIGN if it is of
 * another kind; ERR_ROLLBACK if path belongs to another log or is damaged;
 * the file is made if it is not there.
 */
enum err
signer_open(struct signer **out, const char *path,
    const struct keyfile *keys);
void
signer_free(struct signer **s);

/* signer_peek(path, high): read without keys, for `check` and `status`.
 * ERR_NOTFOUND, ERR_ROLLBACK (damaged). */
enum err
signer_peek(const char *path, struct signer_high *high);
/*
 * signer_raise(path, high):
 * Make high, which is known to have been signed, the high-water mark: for a
 * restoration whose source knows more than the file, or where the file is
 * lost.  Durable when it returns.  ERR_ROLLBACK if the file is of another
 * log, damaged, or not lower; file errors.
 */
enum err
signer_raise(const char *path, const struct signer_high *high);
/* signer_agree(high, tree): is the tree as large as what was signed, and of
 * that root at that size?  ERR_ROLLBACK, said in the diag. */
enum err
signer_agree(const struct signer_high *high, struct tlog *tree);
const struct signer_high *
signer_high(const struct signer *s);

const struct hash *
signer_log_id(const struct signer *s);
/* signer_origin(s): "<relay name>/<first 8 hex of log_id>". */
const char *
signer_origin(const struct signer *s);

/*
 * signer_checkpoint(s, tree, note):
 * Replace note by a signed checkpoint of the whole tree, which must be
 * committed.  ERR_ROLLBACK, nothing signed, if it does not extend what was
 * signed before; ERR_STORAGE if signer.high cannot be made durable: fatal.
 */
enum err
signer_checkpoint(struct signer *s, struct tlog *tree, struct buf *note);

/* signer_receipt(s, r, out): set r's kid and log_id and sign it. */
enum err
signer_receipt(const struct signer *s, struct receipt *r,
    uint8_t out[SIGNER_RECEIPT_BYTES]);

#endif
