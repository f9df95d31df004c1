/*
 * words: numbers people can say: twelve words of a charter, in two tongues.
 *
 * Owns the two lists of 2,048 words (made into a table at build time from
 * the mnemonic lists of the system; equal index, equal meaning to us) and
 * the slow hash a charter's words come from.  No secret; part of cw_pubkey,
 * so the auditor can be given words instead of an id.  Any thread.
 * PROTOCOL.md section 2, point 2.
 */
#ifndef KEYS_WORDS_H
#define KEYS_WORDS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

#define WORDS_LIST 2048
#define WORDS_TEXT_MAX 4096	/* longest text words_parse looks at */

enum words_tongue {
	WORDS_EN,	/* English */
	WORDS_ZH,	/* Simplified Chinese, one character a word */
	WORDS_DIGITS,	/* the index as four digits, 0000 to 2047 */
};

/*
 * words_of_charter(index, charter_id):
 * The CHARTER_WORDS indices of a charter (Argon2id, 3 passes, 256 MiB: about
 * half a second).  ERR_NOMEM where that much memory is not to be had.
 */
enum err
words_of_charter(uint16_t index[CHARTER_WORDS], const struct hash *charter_id);

/*
 * words_put(buf, index, n, tongue):
 * Append n words, blanks between.  Each index is below WORDS_LIST.
 */
void
words_put(struct buf *buf, const uint16_t *index, size_t n,
    enum words_tongue tongue);

/*
 * words_parse(index, n, text):
 * Read exactly n words: English (any case), Chinese (blanks optional) or
 * four-digit groups, the three may even be mixed, since they have equal
 * indices.  Blanks, commas and hyphens separate.  ERR_SYNTAX for a word not
 * in a list, ERR_COUNT for more or fewer than n, ERR_TOO_BIG over
 * WORDS_TEXT_MAX.
 */
enum err
words_parse(uint16_t *index, size_t n, const char *text);

/*
 * words_split(index, n, p, len) and words_join(p, len, index, n):
 * Bits 11i to 11i + 10 of p, most significant first, are index i.  n * 11
 * must not exceed len * 8 (split); join writes whole bytes only and ignores
 * the bits left over.
 */
void
words_split(uint16_t *index, size_t n, const uint8_t *p, size_t len);
void
words_join(uint8_t *p, size_t len, const uint16_t *index, size_t n);

#endif
