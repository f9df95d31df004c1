/*
 * pubkey: everything about a key that needs no secret.
 *
 * Owns kids, agency names, fingerprints, the order check of a public key,
 * the verification of one signature and the QR code people scan.  Never
 * touches a secret: the auditor links this library (cw_pubkey) and no other
 * of keys/, so its binary shows no secret-key symbol.  Pure; any thread.
 * PROTOCOL.md sections "Notation", 1 and 2.
 */
#ifndef KEYS_PUBKEY_H
#define KEYS_PUBKEY_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

/* "7f3a 91c0 22d4 ...": 8 groups of 4 hex digits and a NUL. */
#define PUBKEY_FINGERPRINT_BYTES 40

/*
 * pubkey_kid(key):
 * H(label kid || key)[0..15]: a look-up hint among pinned keys, no proof.
 */
struct id
pubkey_kid(const uint8_t key[KEY_BYTES]);

/* pubkey_agency(root): H(label agency || root)[0..15]. */
struct id
pubkey_agency(const uint8_t root[KEY_BYTES]);

/* pubkey_log_id(key): H(label log || log key), whole. */
struct hash
pubkey_log_id(const uint8_t key[KEY_BYTES]);

/*
 * pubkey_fingerprint(text, id):
 * id (a kid or an agency) as people read it aloud, NUL-terminated.
 */
void
pubkey_fingerprint(char text[PUBKEY_FINGERPRINT_BYTES], const struct id *id);

/*
 * pubkey_check(key, len):
 * The check at enrolment of an Ed25519 key from outside: ERR_KEY_LENGTH
 * unless len is KEY_BYTES, ERR_POINT if it is not canonical, not on the
 * curve, of small order or outside the prime-order group.
 */
enum err
pubkey_check(const uint8_t *key, size_t len);

/*
 * pubkey_check_dh(key, len):
 * The same for an X25519 key: ERR_KEY_LENGTH; ERR_POINT if it is not below
 * 2^255 - 19 (one form for one key) or of small order.  The five canonical
 * points of small order are listed, so no multiplication, and no symbol of
 * one, is needed (a test multiplies to hold the list against the library).
 */
enum err
pubkey_check_dh(const uint8_t *key, size_t len);

/*
 * pubkey_verify(key, p, len, sig):
 * ERR_OK if sig is key's Ed25519 signature over the len bytes at p, else
 * ERR_SIGNATURE.  What p says, and that it opens with the right label, is
 * its parser's business.  About 38 us.
 */
enum err
pubkey_verify(const uint8_t key[KEY_BYTES], const void *p, size_t len,
    const uint8_t sig[SIG_BYTES]);

/*
 * pubkey_charter_uri(buf, charter_id):
 * Append "casewire:1:charter:" and the 64 hex digits: what the QR carries.
 */
void
pubkey_charter_uri(struct buf *buf, const struct hash *charter_id);

/*
 * pubkey_charter_uri_parse(charter_id, text):
 * Read such a text, or 64 hex digits alone; ERR_SYNTAX otherwise.
 */
enum err
pubkey_charter_uri_parse(struct hash *charter_id, const char *text);

/*
 * pubkey_qr(buf, text):
 * Append a QR code of text in UTF-8 half blocks, with a quiet zone, lines
 * ended by LF; dark modules are blanks, so it reads on a dark terminal (and
 * inverted on a light one, which readers accept).  ERR_TOO_BIG if text does
 * not fit a code or buf.
 */
enum err
pubkey_qr(struct buf *buf, const char *text);

#endif
