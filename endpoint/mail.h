/*
 * mail: every message, own and the peer's, by local id, env_id or seq.
 *
 * Owns the message, body and body-key tables: one row an envelope.  Contents
 * and K_f lie sealed under a key of their own, itself sealed by the book
 * key; deleting that key row shreds the body.  Agent core.
 */
#ifndef ENDPOINT_MAIL_H
#define ENDPOINT_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/fields.h"
#include "proto/limits.h"

struct book;

enum mail_state {
	MAIL_WAITING = 1,	/* own, not sealed yet: no seq, no env_id */
	MAIL_SEALED = 2,	/* own, in the outbox */
	MAIL_SUBMITTED = 3,	/* own, in a log */
	MAIL_DELIVERED = 4,	/* own, opened by the peer */
	MAIL_UNDECRYPTABLE = 5,	/* own or peer's: the receiver cannot */
	MAIL_EXPIRED = 6,
	MAIL_OPENED = 7,	/* peer's, opened here */
	MAIL_FORK = 8,		/* the other side of an equivocation */
	MAIL_UNKNOWN = 9,	/* own, from before a restore: only env_id */
};

struct mail {
	int64_t id;
	int64_t pair;		/* pair.number of endpoint/pairs.h */
	bool own;
	uint8_t lane;
	enum mail_state state;
	uint16_t reason;	/* enum err, for the negative states */
	uint64_t seq;		/* 0 while MAIL_WAITING */
	struct hash env_id;	/* zeros while MAIL_WAITING */
	struct hash again;	/* env_id it replaces, or zeros */
	int64_t message;	/* the desk's row (own only), or 0 */
	int64_t created_at;
	int charter;		/* number in its header; -1: not known */
	int64_t signed_at;	/* as its header claims; 0: not known */
	int64_t settled_at;	/* opened here, or delivered there; 0: not */
	struct hash log_id;	/* first log that proved it; zeros: none */
	uint64_t index;
};

/* mail_get(book, id, mail); mail_find(book, env_id, mail): ERR_NOTFOUND. */
enum err
mail_get(struct book *book, int64_t id, struct mail *mail);
enum err
mail_find(struct book *book, const struct hash *env_id, struct mail *mail);
/* mail_at(book, pair, own, lane, seq, mail): the good one at seq. */
enum err
mail_at(struct book *book, int64_t pair, bool own, uint8_t lane,
    uint64_t seq, struct mail *mail);

/* mail_before(book, pair, own, lane, seq, mail): the good one with the highest
 * seq below. */
enum err
mail_before(struct book *book, int64_t pair, bool own, uint8_t lane,
    uint64_t seq, struct mail *mail);

/* mail_schema(): the SQL of this module's tables. */
const char *
mail_schema(void);
/* mail_schema_2(): what format 2 of the book added. */
const char *
mail_schema_2(void);

/*
 * mail_put(book, mail, keep_ms, list, kf):
 * Add a row; mail->id is set.  list: the encoded fields, sealed into a body
 * under a key of its own (empty: no body); kf: K_f, or NULL while unknown.
 */
enum err
mail_put(struct book *book, struct mail *mail, uint64_t keep_ms,
    struct view list, const uint8_t *kf);

/* mail_sealed(book, mail, prekey_id, kf): mail->seq, env_id, charter and
 * signed_at are known now, the state becomes MAIL_SEALED. */
enum err
mail_sealed(struct book *book, const struct mail *mail,
    uint64_t prekey_id, const uint8_t kf[KEY_BYTES]);

/* mail_keep(book, id, keep_ms): as its header says; 0: as the charter. */
enum err
mail_keep(struct book *book, int64_t id, uint64_t *keep_ms);
/* mail_set(book, id, state, reason, at): at is settled_at, 0 keeps it. */
enum err
mail_set(struct book *book, int64_t id, enum mail_state state,
    uint16_t reason, int64_t at);

/* mail_place(book, id, log_id, index): first proof of inclusion. */
enum err
mail_place(struct book *book, int64_t id, const struct hash *log_id,
    uint64_t index);

/* A waiting own message, oldest first. */
struct mail_waiting {
	struct mail mail;
	uint64_t keep_ms;
	uint64_t prekey_above;	/* sealed only to a prekey above this one */
};
/* mail_next_waiting(book, pair, lane, after, out): the first waiting row
 * with a higher id; ERR_NOTFOUND. */
enum err
mail_next_waiting(struct book *book, int64_t pair, uint8_t lane,
    int64_t after, struct mail_waiting *out);

/*
 * mail_again(book, id, prekey_gone, again_id):
 * Queue the content of own message id anew, naming its env_id (tag 6); when
 * its prekey is gone, to be sealed only to a newer one than it had.  ERR_COUNT when it was tried
 * MAIL_TRIES times already.
 */
#define MAIL_TRIES 5
enum err
mail_again(struct book *book, int64_t id, bool prekey_gone,
    int64_t *again_id);

/* mail_set_prev / mail_get_prev: what an envelope said of seq - 1 when that
 * was unknown; ERR_NOTFOUND otherwise. */
enum err
mail_set_prev(struct book *book, int64_t id, const struct hash *prev);
enum err
mail_get_prev(struct book *book, int64_t id, struct hash *prev);

/* mail_undelivered_since(book, pair): created_at of the oldest own message
 * sealed or submitted and not delivered; 0: none. */
int64_t
mail_undelivered_since(struct book *book, int64_t pair);

/* mail_count(book, pair, own, state): how many rows. */
int64_t
mail_count(struct book *book, int64_t pair, bool own, enum mail_state state);

/* A message's content in memory; wiped by mail_content_free. */
struct mail_content {
	struct fields fields;		/* views into list */
	struct buf list;		/* the fields, encoded */
	bool has_kf;
	uint8_t kf[KEY_BYTES];		/* opens this message to others */
};

/* mail_content(book, id, content): ERR_NOTFOUND also for a shredded body. */
enum err
mail_content(struct book *book, int64_t id, struct mail_content *content);
void
mail_content_free(struct mail_content *content);

/* mail_shred(book, id, had): delete the body's key, and the body; *had: there
 * was one. */
enum err
mail_shred(struct book *book, int64_t id, bool *had);
/* mail_anew(book, env_id, mail): the message sealed in env_id's place (tag
 * 6); ERR_NOTFOUND. */
enum err
mail_anew(struct book *book, const struct hash *env_id, struct mail *mail);

/*
 * mail_each(book, pair, own, lane, from_seq, visit, ctx):
 * Sealed messages of a channel in the order of seq; visit's error stops.
 */
typedef enum err mail_visit(void *ctx, const struct mail *mail);
enum err
mail_each(struct book *book, int64_t pair, bool own, uint8_t lane,
    uint64_t from_seq, mail_visit *visit, void *ctx);

#endif
