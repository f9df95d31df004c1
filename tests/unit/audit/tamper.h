/*
 * tamper: the story's world, changed by one test, judged, put back.
 */
#ifndef TESTS_AUDIT_TAMPER_H
#define TESTS_AUDIT_TAMPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/audit/world.h"

extern struct world tamper_world;
#define w tamper_world

/* cmocka's setup and teardown: tell the story, end it. */
int
tamper_setup(void **state);
int
tamper_teardown(void **state);
/* tamper_show(j): the report on stderr, for a test about to fail. */
void
tamper_show(const struct judge *j);
/* tamper_expect(verdict, code): judge w under its own charter: the verdict
 * and, if not 0, one finding among others. */
void
tamper_expect(enum judge_verdict verdict, enum findings_code code);
/* tamper_nth(kind, n): the n-th item of a kind, in the order made. */
struct item *
tamper_nth(enum item_kind kind, size_t n);

/* tamper_sign(kind, signer, label, tbs, len): a statement or receipt made by
 * hand, not logged. */
struct item *
tamper_sign(enum item_kind kind, const struct sign_key *signer,
    const char *label, const uint8_t *tbs, size_t len);

#define T(f) cmocka_unit_test_setup_teardown(f, tamper_setup, tamper_teardown)

#endif
