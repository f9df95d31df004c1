/*
 * group: the commit group: append, commit, read back, sign, only then tell.
 *
 * Owns the order in which a turn's writes become promises (PROTOCOL.md
 * section 8), the newest checkpoint, and the list of channels the group
 * touched.  Never decides what may be appended.  Relay loop only.
 */
#ifndef RELAY_GROUP_H
#define RELAY_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

struct group;
struct signer;
struct store;
struct store_item;
struct tlog;

/* group_new(out, store, tree, signer): borrows all three.  signer NULL:
 * nothing is signed, for offline tools. */
enum err
group_new(struct group **out, struct store *store, struct tlog *tree,
    struct signer *signer);
void
group_free(struct group **g);

/* group_begin(g): open the transaction unless it is open: before any write
 * to the store that is no append. */
enum err
group_begin(struct group *g);
/* group_append(g, item): fills in item's index and leaf; an entry that stands
 * in the log hollow (store.h) is filled where it stands.  After an error the
 * group is of no more use and the process must end. */
enum err
group_append(struct group *g, struct store_item *item);
/* group_place(g, leaf, index): the index group_append gives what has that
 * leaf: group_next, or below it that of a hollow entry. */
enum err
group_place(struct group *g, const struct hash *leaf, uint64_t *index);
/* group_next(g): the index the next append gets. */
uint64_t
group_next(const struct group *g);
/*
 * group_end(g):
 * Commit what was begun; read back and hash again what was filled and what
 * was appended; if the log grew, sign the new checkpoint.  Nothing begun: ERR_OK.  Any error is fatal.
 */
enum err
group_end(struct group *g);
/* group_sign(g): sign the tree as it stands, at start. */
enum err
group_sign(struct group *g);

/* group_note(g), group_size(g): the newest checkpoint and its size. */
struct view
group_note(const struct group *g);
uint64_t
group_size(const struct group *g);

/* group_touched(g, i): the i-th channel fed since group_rest, or NULL; one
 * may come twice. */
const struct id *
group_touched(const struct group *g, size_t i);
void
group_rest(struct group *g);

#endif
