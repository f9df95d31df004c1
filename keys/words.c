#include "keys/words.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/label.h"
#include "words_table.h"

#define PASSES 3
#define MEMORY ((size_t)256 << 20)
#define W_BYTES 17		/* 12 x 11 = 132 bits */
#define WORD_MAX 16		/* the longest English word has 8 letters */

enum err
words_of_charter(uint16_t index[CHARTER_WORDS], const struct hash *charter_id)
{
	struct hasher h;
	struct hash salt;
	uint8_t w[W_BYTES];

	hash_init(&h);
	hash_label(&h, LABEL_CHARTER_WORDS);
	salt = hash_final(&h);
	if (crypto_pwhash(w, sizeof(w), (const char *)charter_id->b,
	    HASH_BYTES, salt.b, PASSES, MEMORY,
	    crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR_NOMEM;
	words_split(index, CHARTER_WORDS, w, sizeof(w));
	return ERR_OK;
}

void
words_put(struct buf *buf, const uint16_t *index, size_t n,
    enum words_tongue tongue)
{
	size_t i;

	for (i = 0; i < n; i++) {
		assert(index[i] < WORDS_LIST);
		if (i > 0)
			buf_str(buf, " ");
		if (tongue == WORDS_DIGITS)
			buf_fmt(buf, "%04u", (unsigned)index[i]);
		else
			buf_str(buf, tongue == WORDS_ZH ?
			    chinese[index[i]] : english[index[i]]);
	}
}

/* Look word[0..len) up in a list; WORDS_LIST if it is not there.  A recovery
 * code is read with this too: the time tells a local watcher something, but
 * he sees the keyboard. */
static unsigned
find(const char *const *list, const char *word, size_t len)
{
	unsigned i;

	for (i = 0; i < WORDS_LIST; i++)
		if (strlen(list[i]) == len && memcmp(list[i], word, len) == 0)
			break;
	return i;
}

static unsigned
find_digits(const char *p, size_t len)
{
	unsigned v = 0;
	size_t i;

	if (len != 4)
		return WORDS_LIST;
	for (i = 0; i < len; i++)
		v = 10 * v + (unsigned)(p[i] - '0');
	return v < WORDS_LIST ? v : WORDS_LIST;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The word at p and how many bytes it takes; WORDS_LIST if there is none. */
static unsigned
next_word(const char *p, size_t len, size_t *used)
{
	char low[WORD_MAX];
	uint32_t code;
	size_t n = 0;
	unsigned at;

	if (is_digit(*p)) {
		while (n < len && is_digit(p[n]))
			n++;
		*used = n;
		return find_digits(p, n);
	}
	if (!is_letter(*p)) {
		*used = utf8_next(p, len, &code);
		return *used == 0 ? WORDS_LIST : find(chinese, p, *used);
	}
	for (; n < len && is_letter(p[n]); n++) {
		if (n == sizeof(low))
			return WORDS_LIST;
		low[n] = (char)(p[n] | 0x20);
	}
	*used = n;
	at = find(english, low, n);
	sodium_memzero(low, sizeof(low));
	return at;
}

enum err
words_parse(uint16_t *index, size_t n, const char *text)
{
	size_t len = strnlen(text, WORDS_TEXT_MAX + 1), at = 0, got = 0, used;
	unsigned word;

	if (len > WORDS_TEXT_MAX)
		return ERR_TOO_BIG;
	for (;;) {
		at += strspn(text + at, " \t\r\n,-");
		if (at == len)
			break;
		word = next_word(text + at, len - at, &used);
		if (word == WORDS_LIST)
			return ERR_SYNTAX;
		if (got == n)
			return ERR_COUNT;
		index[got++] = (uint16_t)word;
		at += used;
	}
	return got == n ? ERR_OK : ERR_COUNT;
}

void
words_split(uint16_t *index, size_t n, const uint8_t *p, size_t len)
{
	size_t i, bit;
	unsigned v;

	for (i = 0; i < n; i++) {
		v = 0;
		for (bit = 11 * i; bit < 11 * (i + 1) && bit < 8 * len; bit++)
			v = v << 1 | ((unsigned)p[bit / 8] >> (7 - bit % 8) &
			    1);
		index[i] = (uint16_t)v;
	}
}

void
words_join(uint8_t *p, size_t len, const uint16_t *index, size_t n)
{
	size_t bit;
	unsigned v;

	memset(p, 0, len);
	for (bit = 0; bit < len * 8 && bit < n * 11; bit++) {
		v = (unsigned)index[bit / 11] >> (10 - bit % 11) & 1;
		p[bit / 8] = (uint8_t)(p[bit / 8] | v << (7 - bit % 8));
	}
}
