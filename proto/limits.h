/*
 * limits: every size a byte from outside may claim, each with its reason.
 *
 * No number from the wire reaches an allocator before it was held against
 * one of these.  Sources are sections of proto/PROTOCOL.md.
 */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

/* Envelope (section 5). */
#define HEADER_BYTES 232		/* fixed layout */
#define TAG_BYTES 16			/* Poly1305 */
#define BUCKET_MIN 512			/* smallest plaintext bucket */
#define BUCKET_MAX 65536		/* largest: a chunk of a file fits */
#define BUCKET_COUNT 15			/* section 4 */
#define CT_MAX (BUCKET_MAX + TAG_BYTES)
#define ENVELOPE_MAX (HEADER_BYTES + CT_MAX)

/* Fields (section 4). */
#define FIELDS_MAX 64			/* keeps a path at 6 hashes */
#define FIELD_TAG_MAX 0x7fff
#define FIELD_HEAD_BYTES 6		/* u16 tag, u32 len */
#define SALT_BYTES 16

/* Runs (section 5). */
#define RUN_MAX 1024			/* envelopes: a path of 10 hashes */
#define RUN_PATH_MAX 10			/* of 2^10 */
#define RUN_BYTES_MAX (4 * ENVELOPE_MAX) /* a relay frame holds three */
#define SEEN_BYTES 104
#define RUN_STATEMENT_BYTES 201		/* 15 label, 186 fields */

/* Signatures and keys. */
#define SIG_BYTES 64
#define KEY_BYTES 32
#define STATEMENT_MAX 8192		/* key statement: 255 keys fit */
#define STATEMENT_KEYS_MAX 32
#define REVOCATIONS_MAX 64
#define CUTS_MAX 16			/* logs a revocation can name */
#define TRANSPORT_KEYS_MAX 4		/* section 1 */
#define OFFICER_INFO_MAX 1024

/* Pairing (section 2). */
#define CHARTER_MAX 65536
#define CHARTER_RELAYS_MAX 8
#define CHARTER_WITNESSES_MAX 8
#define CHARTER_RULES_MAX 256		/* clock, tier and sign lines */
#define NAME_MAX_BYTES 64		/* a party, relay or witness */
#define CHARTER_WORDS 12

/* Epochs (section 3). */
#define EPOCH_MAX 4096			/* chain steps: 5 ms to recompute */
#define EPOCH_MS 3600000		/* an hour */
#define PREKEY_MS 3600000		/* published hourly while on line */

/* Relay frames (section 9). */
#define FRAME_MAX (1024 * 1024)
#define FRAME_RUNS_MAX 256		/* runs in one SUBMIT */
#define FRAME_STATEMENTS_MAX 1024
#define FRAME_DETAIL_MAX 512		/* text of a refusal */
#define FETCH_CHANNELS_MAX 64
#define FETCH_ITEMS_MAX 1024		/* in one reply: bounds its paths */
#define HELLO_HEADS_MAX 1024		/* channels, and charters, of one key */
#define FETCH_BYTES_MAX (FRAME_MAX - 65536) /* room for proofs, checkpoint */
#define FETCH_WAIT_MS_MAX 60000
#define NOTE_MAX 4096			/* C2SP note with cosignatures */
#define NOTE_SIGS_MAX 16
#define NOTE_TIME_MAX UINT64_C(253402300799) /* s: no date is past 9999 */
#define TREE_PATH_MAX 63		/* 2^63 leaves */
#define FRAME_PATHS_MAX 256		/* proofs in one LOG reply: 0.5 MiB */
#define COSIGNED_NOTES_MAX CHARTER_WITNESSES_MAX /* in one LOG reply */

/* Passes for the entries over HTTP (section 13.9). */
#define PASSES_MAX 16			/* of one agency: a few auditors */
#define PASS_NAME_MAX NAME_MAX_BYTES
#define PASS_TOKEN_BYTES 32		/* random: nobody guesses one */
#define PASS_MS_MAX 31622400000		/* 366 days, then asked for anew */

/* Content values (protobuf, after authentication). */
#define OUTLINE_MAX 2048
#define BODY_MAX 60000			/* leaves room in the largest bucket */
#define CHUNK_BYTES_MAX 64512		/* with heads still in 65536 */
#define HOLD_REASON_MAX 1024	/* why a case is on hold, in bytes: one page
				 * of text, read in a verdict */
#define FILE_NAME_MAX 255
#define PROFILE_OFFSETS_MAX 64		/* two a year for as long as years */
#define PROFILE_YEARS_MAX 16		/* lists are announced yearly */
#define PROFILE_DAYS_MAX 64		/* more than any year's holidays */
#define PROFILE_MINUTES_MAX 840		/* UTC+14, the widest in use */
#define ARENA_MAX (8 * FRAME_MAX)	/* unpacked: bytes, structs and a
					   2 KiB path for each item */

#endif
