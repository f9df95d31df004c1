/*
 * driver: what driver.c and driver_make.c share.
 */
#ifndef TESTS_INTEROP_DRIVER_H
#define TESTS_INTEROP_DRIVER_H

#include "tests/unit/vectors/vec.h"

/* Operations that make things, ended by {NULL, NULL}. */
extern const struct vec_entry driver_ops_make[];

#endif
