/*
 * admit: may this go into the log?  Cheapest question first.
 *
 * Owns the order of checks of PROTOCOL.md section 8 for runs and statements,
 * and what is done with each answer: appended to the commit group, answered
 * with its first index, refused by its own status, or refused and kept as
 * evidence (a fork).  What fills a hollow entry (relay/store.h) is checked
 * the same, but for what it was held against when it was new: it is
 * judged at the place where it stands.  Never reads a ciphertext's meaning, never opens a
 * socket, never signs.  Relay loop only.
 */
#ifndef RELAY_ADMIT_H
#define RELAY_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct admit;
struct admitted;
struct group;
struct heads;
struct keyring;
struct quota;
struct store;

/* All borrowed for admit's life. */
struct admit_parts {
	struct keyring *keyring;
	struct admitted *admitted;
	struct store *store;
	struct group *group;
	struct heads *heads;
	struct quota *quota;
	struct hash log_id;
};

/* Forks kept, each the bytes of one run: in all, and of one channel, so
 * that no sender uses up what others need. */
#define ADMIT_FORKS_MAX 4096
#define ADMIT_FORKS_CHANNEL_MAX 8

/* Whom a transport key speaks for. */
struct admit_party {
	uint8_t key[KEY_BYTES];
	struct id agency;
};

/* When, by this relay. */
struct admit_when {
	int64_t wall;		/* UTC ms */
	int64_t mono;		/* monotonic ms */
	bool disk_low;		/* runs are refused, statements are not */
};

/* The answer about one run or statement. */
struct admit_answer {
	enum err status;	/* ERR_OK: index is its place in the log */
	uint64_t index;
	bool filled;		/* it stood there hollow until now */
	bool named;		/* the channel is the party's own, and: */
	struct id channel;
	uint64_t first_seq;
	uint64_t last_seq;
	struct hash last_env;
};

enum err
admit_new(struct admit **out, const struct admit_parts *parts);
void
admit_free(struct admit **a);

/* admit_party(a, key, party): ERR_NOT_ADMITTED (in nobody's newest key
 * statement, or of no admitted charter), ERR_BLOCKED. */
enum err
admit_party(const struct admit *a, const uint8_t key[KEY_BYTES],
    struct admit_party *party);

/*
 * admit_run(a, party, bytes, when, answer), admit_statement(...):
 * ERR_OK whatever the answer is; any error is fatal to the process.  bytes
 * must live until the group's end.  Statuses of a run, in order: QUOTA;
 * TOO_BIG, TRUNCATED, TRAILING, COUNT, MAGIC, VERSION, SUITE, RESERVED,
 * BUCKET, SEQ, INCARNATION, EPOCH, PREV, ENCODING; CHANNEL, BLOCKED,
 * CHARTER_NUMBER, SENDER; KID_UNKNOWN, KEY_FOREIGN, KEY_REVOKED; CHANNEL,
 * KEY_FOREIGN, INCARNATION, SEQ, PREV, EPOCH inside the run; INCARNATION,
 * CLONE, EPOCH against the newest envelope here; a duplicate's OK; DISK_LOW;
 * SIGNATURE; FORK, OVERLAP.
 */
enum err
admit_run(struct admit *a, const struct admit_party *party,
    struct view bytes, const struct admit_when *when,
    struct admit_answer *answer);
enum err
admit_statement(struct admit *a, const struct admit_party *party,
    struct view bytes, const struct admit_when *when,
    struct admit_answer *answer);

/* admit_keys(a, bytes, answer): an agency's key statement that the operator
 * brings.  As admit_statement, with nobody's quota. */
enum err
admit_keys(struct admit *a, struct view bytes, struct admit_answer *answer);

#endif
