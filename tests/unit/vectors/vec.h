/*
 * vec: one case of a file under tests/vectors, read and held to account.
 *
 * Gives an operation its inputs, and takes what it found: vec_compare.c
 * holds that against `out` and remembers the first difference and which
 * values of `out` nobody compared; the driver of tests/interop, which runs
 * the same operations, answers with it instead.  Test processes only.
 */
#ifndef TESTS_VEC_H
#define TESTS_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/merkle.h"
#include "proto/arena.h"

#define VEC_OUT_MAX 32

struct vec {
	const char *name;
	struct json_cur in;
	struct json_cur out;
	struct arena arena;
	char wrong[512];		/* first difference, or "" */
	unsigned compared;		/* bit i: i-th member of out was */
};

/* An operation: ERR_OK after its vec_is_* calls, or what refused. */
typedef enum err vec_op(struct vec *v);

struct vec_entry {
	const char *name;
	vec_op *op;
};

/* Tables, ended by {NULL, NULL}. */
extern const struct vec_entry vec_ops_base[];
extern const struct vec_entry vec_ops_content[];
extern const struct vec_entry vec_ops_keys[];
extern const struct vec_entry vec_ops_proto[];
extern const struct vec_entry vec_ops_note[];

bool
vec_has(const struct vec *v, const char *key);
/* Inputs; a missing one is noted in v->wrong and zeros come. */
struct view
vec_hex(struct vec *v, const char *key);
/* vec_unhex(v, key, s): text s as bytes in the arena; key for vec_note. */
struct view
vec_unhex(struct vec *v, const char *key, const char *s);
/* vec_key(v, key): 32 bytes. */
const uint8_t *
vec_key(struct vec *v, const char *key);
struct hash
vec_hash(struct vec *v, const char *key);
struct id
vec_id(struct vec *v, const char *key);
uint64_t
vec_num(struct vec *v, const char *key);
const char *
vec_text(struct vec *v, const char *key);
struct view
vec_text_view(struct vec *v, const char *key);
/* vec_path(v, path, key): hashes end to end; ERR_PATH_LENGTH if no whole
 * number of them. */
enum err
vec_path(struct vec *v, struct merkle_path *path, const char *key);

/* vec_note(v, fmt, ...): a difference in words. */
void
vec_note(struct vec *v, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What was found, under key; not compared if out has no such member. */
void
vec_is_hex(struct vec *v, const char *key, const void *p, size_t len);
void
vec_is_hash(struct vec *v, const char *key, const struct hash *h);
void
vec_is_id(struct vec *v, const char *key, const struct id *id);
void
vec_is_num(struct vec *v, const char *key, uint64_t n);
void
vec_is_text(struct vec *v, const char *key, const char *s);

#endif
