/*
 * bundle_priv: a bundle in memory; for bundle*.c alone.
 *
 * Lists hold views: of a bundle under construction into its arena, of one
 * read into the zip it was read from.  A list is sorted and rid of
 * repetitions before anybody looks at it.
 */
#ifndef AUDIT_BUNDLE_PRIV_H
#define AUDIT_BUNDLE_PRIV_H

#include <stdbool.h>

#include "audit/bundle.h"
#include "proto/arena.h"
#include "proto/envelope.h"

/* u32 length in front of every record of a member. */
#define BUNDLE_RECORD_HEAD 4
/* A charter's record in memory: u16 number | sig a | sig b | text. */
#define BUNDLE_CHARTER_HEAD (2 + 2 * SIG_BYTES)
/* A proof's own bytes: u64 index | leaf | u8 n | n hashes. */
#define BUNDLE_PROOF_HEAD (8 + HASH_BYTES + 1)

/* A join: log_id | u64 first | u64 second | u8 n | n hashes. */
#define BUNDLE_JOIN_HEAD (HASH_BYTES + 8 + 8 + 1)

/* Where a bare run's first seq stands: u16 size, seen, then its header. */
#define BUNDLE_RUN_SEQ_AT (2 + SEEN_BYTES + 48)
/* The longest opening: one field in the largest bucket, or K_f and all. */
#define BUNDLE_OPENING_MAX (BUCKET_MAX + 4096)

struct bundle_record {
	struct view key;	/* compared first: a proof's log, note length
				 * and note, a run's first seq; else empty */
	struct view bytes;
};

struct bundle_list {
	struct bundle_record *rec;
	size_t n;
	size_t size;
	bool sorted;
};

struct bundle {
	struct arena arena;
	struct buf zip;			/* what it was read from, if adopted */
	struct hash pair_id;
	enum bundle_level level;
	struct bundle_list charters, statements, receipts, proofs, openings,
	    joins, notes;
	size_t records;			/* of all lists */
	struct bundle_list holds, shredded;
	struct bundle_list runs[DIRECTION_COUNT][LANE_COUNT];
	unsigned charter_parts;		/* reading: signatures still owed */
	uint8_t *charter_sig;		/* where the next of them goes */
};

/* bundle_copy(b, p, len): a copy in the arena; p NULL if out of room. */
struct view
bundle_copy(struct bundle *b, const void *p, size_t len);
/* bundle_put(b, l, key, bytes): append a record of views that stay to one of
 * b's lists; ERR_TOO_BIG past BUNDLE_RECORDS_MAX, ERR_NOMEM. */
enum err
bundle_put(struct bundle *b, struct bundle_list *l, struct view key,
    struct view bytes);
/* bundle_sort(l): canonical order, repetitions out. */
void
bundle_sort(struct bundle_list *l);
/* bundle_ascending(l): ERR_ENCODING unless strictly in canonical order. */
enum err
bundle_ascending(const struct bundle_list *l);

/* bundle_put_copy(b, l, in, max): append a copy; ERR_TOO_BIG. */
enum err
bundle_put_copy(struct bundle *b, struct bundle_list *l, struct view in,
    size_t max);

/* A hold's record but for its reason; a shredded body's (bundle_claim.c). */
#define BUNDLE_HOLD_FIXED (ID_BYTES + 8 + 8 + 2 + 2 * HASH_BYTES)
#define BUNDLE_SHREDDED_BYTES (HASH_BYTES + 8)
/* bundle_claims_ok(b): ERR_ENCODING unless every record of both is in form:
 * times not 0, none ends before it begins, a reason of UTF-8. */
enum err
bundle_claims_ok(const struct bundle *b);

/*
 * Members <-> lists (bundle_form.c).  bundle_form_each sorts, then emits
 * every member in the order of names.  bundle_form_take reads one member;
 * members come in that order too, data stays with the bundle, *why is static
 * text.  bundle_form_end says what is still missing after the last.
 */
typedef enum err bundle_emit(void *ctx, const char *name,
    const struct buf *data);
enum err
bundle_form_each(struct bundle *b, bundle_emit *emit, void *ctx);
enum err
bundle_form_take(struct bundle *b, const char *name, struct view data,
    const char **why);
enum err
bundle_form_end(struct bundle *b, const char **why);

/*
 * The zip around the members, byte for byte (bundle_frame.c), so that no two
 * programs can read different things in one file.  Members are given in the
 * order they stand in.  ERR_ENCODING: a byte is not what it must be.
 */
#define BUNDLE_DOS_DATE 0x0021u	/* 1980-01-01 00:00:00, the earliest */
#define BUNDLE_DOS_TIME 0x0000u
struct bundle_frame {
	struct view zip;
	size_t at;			/* end of what was compared */
	unsigned members;
	struct buf central;		/* the directory as it must be */
	struct buf local;
};
struct bundle_frame
bundle_frame_init(struct view zip);
void
bundle_frame_free(struct bundle_frame *f);
/* bundle_frame_next(f, name, len, data): where the contents of the next
 * member stand if its head is as it must be; false past the end. */
bool
bundle_frame_next(const struct bundle_frame *f, const char *name, size_t len,
    struct view *data);
enum err
bundle_frame_member(struct bundle_frame *f, const char *name, uint32_t crc,
    struct view data);
enum err
bundle_frame_end(struct bundle_frame *f);

#endif
