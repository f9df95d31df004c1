/*
 * store: what the relay keeps, behind about a dozen and a half calls.
 *
 * Owns the relay's durable truth: log entries, runs as received, the feed
 * of each channel, full hash tiles, and small facts (charters, blocks,
 * forks, marks).  Writes happen between store_begin and store_commit, one
 * transaction a turn; whatever was appended is visible to later calls at
 * once.  Never judges, hashes or signs anything.  Relay loop only, one
 * thread.  store_sqlite.c is the embedded driver; one conformance test
 * (tests/unit/relay/test_store.c) runs against each.
 *
 * Errors everywhere: ERR_STORAGE (fatal to the process: nothing is
 * retried), ERR_NOMEM.  A callback's error stops the walk and is returned;
 * its views end when it returns; it may read tiles and facts, no more.
 */
#ifndef RELAY_STORE_H
#define RELAY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

struct store;

/* How a run's bytes stand in the store. */
enum store_form {
	STORE_FULL = 0,		/* as received */
	STORE_BARE = 1,		/* CT pruned */
};

/* A run beside its log entry. */
struct store_run {
	struct id channel;
	uint64_t first_seq;
	uint64_t last_seq;
	struct hash last_env;
	int64_t accepted_at;	/* UTC ms, this relay's clock */
	int64_t due_at;		/* CT is kept until then; 0: pruned */
	uint8_t form;		/* enum store_form */
	struct view body;
};

/* News kept for KEYS and for the next start: newest by serial. */
enum store_news {
	STORE_NONE = 0,
	STORE_KEYS,		/* owner agency, serial ks_seq: all kept */
	STORE_PREKEY,		/* owner publisher's lane 0, serial prekey_id */
	STORE_OFFICER,		/* owner agency, item officer id */
	STORE_RECOVERY,		/* owner sender's lane 0 */
	STORE_PRIOR,		/* owner the relay: entry 1 of a later log */
};

/* Everything one log entry brings with it. */
struct store_item {
	uint64_t index;			/* the log's size before */
	struct hash leaf;
	struct view entry;		/* statement || sig */
	const struct store_run *run;	/* or NULL: a statement */
	const struct id *feeds;		/* channels that are fed it */
	size_t feed_count;
	enum store_news news;
	struct id news_owner;
	struct id news_item;
	uint64_t news_serial;
	bool news_replaces;		/* also what has a higher serial */
	bool covers;			/* delivered or undecryptable: */
	uint64_t cover_first;		/* this stretch of feeds[0] */
	uint64_t cover_last;
};

/* What a walk over the feed or the news shows. */
struct store_seen {
	uint64_t index;
	struct view entry;
	const struct store_run *run;	/* NULL: a statement */
	bool hollow;			/* of an entry only leaf is here */
	struct hash leaf;		/* hollow entries only */
	uint64_t place;			/* store_feed only */
};

/*
 * A log taken back from a copy of its tiles: of the entries from first up to
 * end only the leaves came, and each stays hollow until whoever signed it
 * brings its bytes again.  at names the restoration, rising from one to the
 * next: UTC microseconds.
 */
struct store_restored {
	uint64_t first;
	uint64_t end;			/* 0: never restored */
	uint64_t at;
};

typedef enum err store_each(void *ctx, const struct store_seen *seen);

/* Facts: small rows under (kind, key). */
enum store_fact {
	STORE_CHARTER = 1,	/* charter_id: sig_a | sig_b | text */
	STORE_BLOCK = 2,	/* id of an agency, kid, pair or transport */
	STORE_FORK = 3,		/* channel | seq | n: the refused run */
	STORE_FETCHED = 4,	/* channel: u64 place told in a receipt */
	STORE_COSIGNED = 5,	/* H(name LF 0x04 key): signed note */
	STORE_PASS = 6,		/* H(token): relay/passes.h */
	STORE_RESTORED = 7,	/* empty key: u64 first | end | at */
};
#define STORE_KEY_MAX 64

typedef enum err store_fact_fn(void *ctx, struct view key, struct view value);

/*
 * store_open(out, path):
 * Open or create.  Also ERR_FORMAT_NEWER, ERR_MAGIC, ERR_BUSY.
 * store_open_read: an existing one, while another process writes it.
 */
enum err
store_open(struct store **out, const char *path);
enum err
store_open_read(struct store **out, const char *path);
/* store_close(&s): what was not committed is gone. */
void
store_close(struct store **s);

enum err
store_begin(struct store *s);
/* store_commit(s): durable when it returns ERR_OK. */
enum err
store_commit(struct store *s);
/* store_rollback(s): forget what store_begin opened; fine without it. */
void
store_rollback(struct store *s);

/* store_size(s, size): how many entries the log has. */
enum err
store_size(struct store *s, uint64_t *size);
/* store_append(s, item): item->index must be the size. */
enum err
store_append(struct store *s, const struct store_item *item);
/* store_find(s, leaf, index): a statement logged before; ERR_NOTFOUND. */
enum err
store_find(struct store *s, const struct hash *leaf, uint64_t *index);

/*
 * store_hollow_add(s, index, leaf), index being the size: an entry whose
 * bytes are not here.  store_hollow(s, leaf, index): the first hollow one of
 * that leaf; ERR_NOTFOUND.  store_fill(s, item): everything store_append
 * would have done for the hollow entry item->index; ERR_NOTFOUND if it is
 * not one, or not of that leaf.  store_hollows(s): how many are left.
 */
enum err
store_hollow_add(struct store *s, uint64_t index, const struct hash *leaf);
enum err
store_hollow(struct store *s, const struct hash *leaf, uint64_t *index);
enum err
store_fill(struct store *s, const struct store_item *item);
uint64_t
store_hollows(const struct store *s);
/* store_restore(s, r): note a restoration.  store_restored(s): the newest,
 * all zeros if there was none. */
enum err
store_restore(struct store *s, const struct store_restored *r);
const struct store_restored *
store_restored(const struct store *s);

/* store_entries(s, from, each, ctx): entries from index on (run is NULL),
 * the hollow ones among them. */
enum err
store_entries(struct store *s, uint64_t from, store_each *each, void *ctx);
/* store_all(s, each, ctx): every entry, with its run if it is one, the
 * hollow ones among them. */
enum err
store_all(struct store *s, store_each *each, void *ctx);
/*
 * store_feed(s, channel, after, runs, each, ctx):
 * The channel's feed past place after (from_start: all), rising; without
 * runs (its own sender) only statements.  each stops it by ERR_BUSY, which
 * is then returned.  An item's place in the feed is its index, until a
 * restoration: what is appended or filled from then on gets places above
 * all that were ever given, so that what is filled at an old index reaches
 * whoever read past it.
 */
enum err
store_feed(struct store *s, const struct id *channel, bool from_start,
    uint64_t after, bool runs, store_each *each, void *ctx);
/*
 * store_runs(s, channel, first_seq, last_seq, each, ctx):
 * The runs that hold any seq of that stretch, by last_seq and index.
 */
enum err
store_runs(struct store *s, const struct id *channel, uint64_t first_seq,
    uint64_t last_seq, store_each *each, void *ctx);
/* store_head(s, channel, from, each, ctx): of the runs from index on that of
 * the highest last_seq, with its entry: once, or never. */
enum err
store_head(struct store *s, const struct id *channel, uint64_t from,
    store_each *each, void *ctx);
/* store_news(s, kind, owner, after, each, ctx): serial > after, rising; of
 * each item only the newest (a key statement is an item of its own).  owner
 * NULL: all of the kind, in log order. */
enum err
store_news(struct store *s, enum store_news kind, const struct id *owner,
    uint64_t after, store_each *each, void *ctx);
/*
 * store_covered(s, channel, first, last):
 * ERR_OK if delivered or undecryptable receipts name every seq of the
 * stretch, else ERR_NOTFOUND.
 */
enum err
store_covered(struct store *s, const struct id *channel, uint64_t first,
    uint64_t last);

/* store_due(s, now, max, each, ctx): full runs with due_at <= now. */
enum err
store_due(struct store *s, int64_t now, unsigned max, store_each *each,
    void *ctx);
/* store_prune(s, index, bare): put bare in the place of a full run. */
enum err
store_prune(struct store *s, uint64_t index, struct view bare);

/* store_tile_put / store_tile_get: 256 hashes of a full tile. */
#define STORE_TILE 256
enum err
store_tile_put(struct store *s, unsigned level, uint64_t index,
    const struct hash tile[STORE_TILE]);
enum err
store_tile_get(struct store *s, unsigned level, uint64_t index,
    struct hash tile[STORE_TILE]);

/* store_put(s, kind, key, value): replace; store_drop: ERR_NOTFOUND.
 * store_get: a value of exactly len bytes, ERR_NOTFOUND.  store_facts: all
 * of a kind, by key. */
enum err
store_put(struct store *s, enum store_fact kind, struct view key,
    struct view value);
enum err
store_drop(struct store *s, enum store_fact kind, struct view key);
enum err
store_get(struct store *s, enum store_fact kind, struct view key, void *out,
    size_t len);
/* store_held(s, kind, prefix, count): facts whose key begins with prefix. */
enum err
store_held(struct store *s, enum store_fact kind, struct view prefix,
    uint64_t *count);
enum err
store_facts(struct store *s, enum store_fact kind, store_fact_fn *each,
    void *ctx);

/* What `status` shows. */
struct store_count {
	uint64_t entries;
	uint64_t runs;
	uint64_t full;		/* with CT */
	uint64_t forks;
	uint64_t hollow;
	int64_t newest_at;	/* UTC ms, of the newest run; 0: none */
};
enum err
store_counts(struct store *s, struct store_count *count);

/* store_backup(s, path): a consistent copy while in use. */
enum err
store_backup(struct store *s, const char *path);
/* store_check(s): the driver's own integrity check. */
enum err
store_check(struct store *s);

#endif
