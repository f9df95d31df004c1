/*
 * utf8: is it UTF-8, what is the next character, how wide is it shown.
 *
 * Pure; no locale.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * utf8_next(p, len, code):
 * Bytes of the well-formed character at p (RFC 3629: shortest form, no
 * surrogate, up to U+10FFFF) and its code; 0 if there is none.
 */
size_t
utf8_next(const void *p, size_t len, uint32_t *code);
bool
utf8_valid(const void *p, size_t len);
/* utf8_columns(code): 0 (combining), 1, or 2 (East Asian wide) columns. */
unsigned
utf8_columns(uint32_t code);

#endif
