/*
 * book: the endpoint's one store.
 *
 * Owns HOME/book.db, its transactions and small values, and the sealing of
 * content columns (keys/vault).  Tables belong to the modules that name them
 * in their x_schema.  An I/O error is ERR_STORAGE and final.  Never holds
 * chains or prekeys: a restored book must not be able to reuse a key
 * (PROTOCOL.md sections 3 and 11).  Agent core.
 */
#ifndef ENDPOINT_BOOK_H
#define ENDPOINT_BOOK_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/db.h"
#include "base/err.h"
#include "keys/vault.h"

struct book;

/* book_open(out, path, vault, schemas, schemas_2): the tables of format 1 and
 * what format 2 added, by modules, each list ends with NULL; borrows vault.
 * Errors of db_open. */
enum err
book_open(struct book **out, const char *path, const struct vault *vault,
    const char *const *schemas, const char *const *schemas_2);
void
book_close(struct book **book);

/* The store itself, for the modules that own tables in it. */
struct db *
book_db(struct book *book);
const struct vault *
book_vault(const struct book *book);

/* A turn's transaction; savepoints within it for what may fail alone. */
enum err
book_begin(struct book *book);
enum err
book_commit(struct book *book);
void
book_rollback(struct book *book);
enum err
book_save(struct book *book);
/* book_keep(book): accept what came since book_save; book_undo: forget it. */
enum err
book_keep(struct book *book);
enum err
book_undo(struct book *book);

/* Small values by name; book_get_int gives def when there is none. */
enum err
book_set_int(struct book *book, const char *name, int64_t v);
int64_t
book_get_int(struct book *book, const char *name, int64_t def);

/*
 * book_seal(book, table, column, rowid, p, out): append the sealed form.
 * book_unseal(...): the reverse; ERR_DECRYPT for another place or key.  The
 * caller wipes what is secret.
 */
enum err
book_seal(struct book *book, const char *table, const char *column,
    int64_t rowid, struct view p, struct buf *out);
enum err
book_unseal(struct book *book, const char *table, const char *column,
    int64_t rowid, struct view sealed, struct buf *out);

/* book_backup(book, path): a consistent copy while running; it holds no
 * prekey, so what was sealed to them will be sent again by the peers. */
enum err
book_backup(struct book *book, const char *path);

#endif
