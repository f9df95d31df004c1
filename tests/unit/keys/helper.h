/*
 * helper: what the tests of keys/ share: a folder of their own, hex.
 */
#ifndef TESTS_UNIT_KEYS_HELPER_H
#define TESTS_UNIT_KEYS_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/secret.h"

static char helper_dir[64];
static char helper_text[128];

static inline int
helper_start(void **state)
{
	(void)state;
	assert_int_equal(secret_start(), ERR_OK);
	strcpy(helper_dir, "/tmp/cw-keys-XXXXXX");
	assert_non_null(mkdtemp(helper_dir));
	return 0;
}

static inline int
helper_stop(void **state)
{
	char cmd[96];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", helper_dir);
	return system(cmd);
}

static inline const char *
helper_path(const char *name)
{
	snprintf(helper_text, sizeof(helper_text), "%s/%s", helper_dir, name);
	return helper_text;
}

static inline void
unhex(void *dst, size_t len, const char *hex)
{
	assert_int_equal(hex_decode(dst, len, hex), ERR_OK);
}

#endif
