/*
 * newlog_priv: what the files of newlog share; nobody else includes it.
 */
#ifndef RELAY_NEWLOG_PRIV_H
#define RELAY_NEWLOG_PRIV_H

#include "audit/mirror.h"
#include "proto/note.h"
#include "proto/statement.h"
#include "relay/newlog.h"
#include "relay/signer.h"

struct keyfile;
struct store;
struct tlog;

#define NEWLOG_OWN_MAX 256	/* key statements of one relay */
#define NEWLOG_NEXT_FILE "store.next.db"

/* What is read of the old log. */
struct old {
	struct mirror_key key;		/* its, and its origin */
	struct hash log_id;
	struct store *store;		/* NULL: lost */
	struct tlog *tree;
	struct signer_high high;	/* size 0: not known */
	struct buf note;		/* the best found */
	struct note_checkpoint cp;	/* and what it says */
};

struct newlog {
	struct newlog_report *report;
	const char *home;
	int lock;
	struct keyfile *keys;
	struct buf own[NEWLOG_OWN_MAX]; /* keys.1 ... */
	unsigned own_count;
	struct old old;
};

/* newlog_refuse(n, err, detail...): err, with what to tell. */
enum err
newlog_refuse(struct newlog *n, enum err err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* newlog_at(n, name): a path in the home; caller frees.  newlog_has: is it
 * there? */
char *
newlog_at(const struct newlog *n, const char *name);
bool
newlog_has(const struct newlog *n, const char *name);
/* newlog_log_key(entry, ks, key): the log key a relay's key statement names;
 * key points into ks. */
enum err
newlog_log_key(struct view entry, struct statement_keys *ks,
    const uint8_t **key);

/* In this order.  newlog_old_high(n): the old log's high-water mark, if it
 * is here.  newlog_old_open(n, begun): its store, if that is; *begun: the
 * store is the new log's already.  newlog_old_note(n, given): the newest
 * checkpoint of it that anybody here has. */
enum err
newlog_old_high(struct newlog *n);
enum err
newlog_old_open(struct newlog *n, bool *begun);
enum err
newlog_old_note(struct newlog *n, const char *given);
void
newlog_old_close(struct newlog *n);

/* newlog_build(n): the whole new store, in one transaction, beside. */
enum err
newlog_build(struct newlog *n);

#endif
