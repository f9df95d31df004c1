/*
 * helper: cmocka's includes and small makers shared by proto's tests.
 */
#ifndef UNIT_PROTO_HELPER_H
#define UNIT_PROTO_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

static inline struct view
view_of(const char *text)
{
	return (struct view){(const uint8_t *)text, strlen(text)};
}

static inline struct hash
hash_filled(int byte)
{
	struct hash h;

	memset(h.b, byte, sizeof(h.b));
	return h;
}

static inline struct id
id_filled(int byte)
{
	struct id id;

	memset(id.b, byte, sizeof(id.b));
	return id;
}

#endif
