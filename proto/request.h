/*
 * request: what endpoints and relays say to each other, one frame each.
 *
 * schema/relay.proto as plain structs, both ways (PROTOCOL.md section 9).
 * Bounds every list and length; runs, statements and notes stay bytes, to be
 * decoded by their own modules.  Decode only frames of authenticated
 * transport keys.  All views lie in the arena; lists are arrays there.  When
 * encoding, the caller's arrays and views are only read.  Pure.
 */
#ifndef PROTO_REQUEST_H
#define PROTO_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/arena.h"
#include "proto/limits.h"

#define REQUEST_VERSION 1
#define REQUEST_HASHES_MAX 256	/* hashes in one LOG reply: a full tile */

enum request_kind {
	REQUEST_HELLO = 2,	/* numbers of the oneof in relay.proto */
	REQUEST_SUBMIT = 3,
	REQUEST_FETCH = 4,
	REQUEST_KEYS = 5,
	REQUEST_LOG = 6,
	REQUEST_PING = 7,
	REQUEST_PASS = 8,
};

struct request_hello {
	uint32_t version;
	uint32_t suite;
	const char *software;
};

struct request_submit {
	size_t run_count;
	struct view *run;
	size_t statement_count;
	struct view *statement;
};

struct request_cursor {
	struct id channel;
	bool from_start;	/* after is ignored */
	uint64_t after;		/* a place */
};

struct request_fetch {
	size_t cursor_count;	/* in order of urgency */
	struct request_cursor *cursor;
	uint32_t max_bytes;
	uint32_t wait_ms;	/* as asked; the relay caps it */
};

struct request_keys {
	struct id agency;
	uint64_t after_ks_seq;
	bool has_pair;
	struct hash pair_id;
};

enum request_log_kind {
	LOG_INCLUSION = 1,	/* of a and b: index, size */
	LOG_CONSISTENCY = 2,	/* first, second */
	LOG_TILE = 3,		/* level, index, width */
	LOG_CHECKPOINT = 4,
	LOG_COSIGNED = 5,	/* what the asker's witnesses cosigned */
	LOG_INCLUSIONS = 6,	/* of many entries in one tree */
};

struct request_log {
	enum request_log_kind kind;
	union {
		struct {
			uint64_t index;
			uint64_t size;
		} inclusion;
		struct {
			uint64_t first;
			uint64_t second;
		} consistency;
		struct {
			uint32_t level;
			uint64_t index;
			uint32_t width;
		} tile;
		struct {
			uint64_t size;
			size_t index_count;	/* 1 to FRAME_PATHS_MAX */
			uint64_t *index;
		} inclusions;
	};
};

struct request_ping {
	uint64_t sent_at;
};

enum request_pass_kind {
	PASS_ISSUE = 1,		/* name, until_at */
	PASS_REVOKE = 2,	/* name */
	PASS_LIST = 3,
};

struct request_pass {
	enum request_pass_kind kind;
	const char *name;	/* 1 to PASS_NAME_MAX bytes of UTF-8 */
	uint64_t until_at;
};

struct request {
	uint64_t ticket;
	enum request_kind kind;
	union {
		struct request_hello hello;
		struct request_submit submit;
		struct request_fetch fetch;
		struct request_keys keys;
		struct request_log log;
		struct request_ping ping;
		struct request_pass pass;
	};
};

struct reply_head {
	struct id channel;
	struct view entry;	/* run statement || sig: run_entry_decode */
	struct hash last_env_id;
	uint64_t last_seq;
	uint64_t index;
	struct merkle_path path; /* last_env_id in the statement's root */
};

struct reply_standing {
	struct hash pair_id;
	struct hash charter_id;
	uint32_t status;	/* enum err: 0, or why not served */
};

struct reply_hello {
	uint32_t version;
	struct hash log_id;
	struct view checkpoint;	/* proto/note.h */
	uint64_t server_time_at;
	uint32_t frame_max;
	uint32_t quota_runs;
	uint64_t quota_bytes;
	size_t head_count;
	struct reply_head *head;
	size_t standing_count;
	struct reply_standing *standing;
	/* The log was restored: of entries first to end - 1 it had leaves
	 * alone; at names the restoration, 0: never. */
	uint64_t restored_first;
	uint64_t restored_end;
	uint64_t restored_at;
};

struct reply_placed {
	uint32_t status;	/* enum err; 0: in the log */
	uint64_t index;
	struct merkle_path path; /* towards the reply's checkpoint */
	struct view refusal;	/* receipt || sig, or empty */
};

struct reply_submit {
	size_t run_count;
	struct reply_placed *run;
	size_t statement_count;
	struct reply_placed *statement;
	struct view checkpoint;
};

enum reply_item_kind {
	ITEM_RUN = 3,		/* RUN_FULL container */
	ITEM_BARE = 4,		/* RUN_BARE container */
	ITEM_STATEMENT = 5,	/* statement || sig */
};

struct reply_item {
	struct id channel;
	uint64_t index;
	uint64_t place;		/* in the feed; what a cursor names */
	enum reply_item_kind kind;
	struct view bytes;
	struct merkle_path path;
};

struct reply_fetch {
	size_t item_count;
	struct reply_item *item;
	struct view checkpoint;
	bool more;
};

struct reply_keys {
	size_t statement_count;	/* rising ks_seq */
	struct view *statement;
	struct view prekey;	/* or empty */
	size_t certificate_count;
	struct view *certificate;
	size_t index_count;	/* of statements, same order */
	uint64_t *index;
	struct view prior;	/* or empty */
};

struct reply_log {
	size_t hash_count;
	struct hash *hash;
	struct view checkpoint;	/* or empty */
	size_t note_count;	/* LOG_COSIGNED; proto/note.h */
	struct view *note;
	size_t path_count;	/* LOG_INCLUSIONS: one an index, same order */
	struct merkle_path *path;
};

struct reply_pong {
	uint64_t sent_at;
	uint64_t server_time_at;
};

struct reply_held {
	const char *name;
	uint64_t issued_at;
	uint64_t until_at;
};

struct reply_pass {
	struct view token;	/* PASS_TOKEN_BYTES of PASS_ISSUE, or empty */
	size_t held_count;	/* all the agency has now */
	struct reply_held *held;
};

/* A reply; kind 0 (no body) only with a status that is not 0. */
struct reply {
	uint64_t ticket;
	uint32_t status;	/* enum err */
	const char *detail;
	enum request_kind kind;	/* of the request it answers, or 0 */
	union {
		struct reply_hello hello;
		struct reply_submit submit;
		struct reply_fetch fetch;
		struct reply_keys keys;
		struct reply_log log;
		struct reply_pong pong;
		struct reply_pass pass;
	};
};

/*
 * request_encode(out, request):
 * Append one frame.  ERR_COUNT, ERR_TOO_BIG (FRAME_MAX, or a part over its
 * own limit).  out->max at least FRAME_MAX.
 */
enum err
request_encode(struct buf *out, const struct request *request);

/*
 * request_decode(request, frame, arena):
 * ERR_TOO_BIG, ERR_MESSAGE (does not parse, no body, an id or hash of the
 * wrong length), ERR_COUNT, ERR_SYNTAX, ERR_NOMEM (over the arena).  On
 * failure ticket is set when it could be read, else 0.
 */
enum err
request_decode(struct request *request, struct view frame,
    struct arena *arena);

/* request_reply_encode / request_reply_decode: the same for replies. */
enum err
request_reply_encode(struct buf *out, const struct reply *reply);
enum err
request_reply_decode(struct reply *reply, struct view frame,
    struct arena *arena);

/* request_kind_name(kind): "HELLO". */
const char *
request_kind_name(enum request_kind kind);

#endif
