/*
 * json: the only door to jansson.
 *
 * Reading is strict: size and depth limits, UTF-8, no key twice, nothing
 * behind the end.  A cursor knows its place, so what is wrong is reported
 * with a JSON pointer ("/attachments/0/name").  Writing keeps the order in
 * which members were put.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* Nesting allowed in a document from outside; our own go four deep. */
#define JSON_DEPTH_MAX 16

struct json;

/* The first thing found wrong while reading; {0} to start with. */
struct json_fault {
	enum err err;
	char at[160];		/* JSON pointer; "" = the whole document */
	char why[96];
};

/* A value and how it was reached.  Lives on the stack, borrows all. */
struct json_cur {
	const struct json *v;	/* NULL: absent */
	const struct json_cur *up;
	const char *key;	/* in an object */
	size_t index;		/* in an array */
	struct json_fault *fault;
};

/*
 * json_parse(out, p, len, max, fault):
 * ERR_TOO_BIG over max bytes or JSON_DEPTH_MAX, ERR_SYNTAX, ERR_NOMEM;
 * fault (may be NULL) gets line and reason.  The caller frees *out.
 */
enum err
json_parse(struct json **out, const void *p, size_t len, size_t max,
    struct json_fault *fault);
void
json_free(struct json **v);

struct json_cur
json_root(const struct json *v, struct json_fault *fault);
/* json_get(in, key): a member; v NULL if absent or in is no object (noted). */
struct json_cur
json_get(const struct json_cur *in, const char *key);
/* json_at(in, i): an element; v NULL past the end. */
struct json_cur
json_at(const struct json_cur *in, size_t i);
/* json_len(in): elements or members; 0 for anything else. */
size_t
json_len(const struct json_cur *in);
bool
json_has(const struct json_cur *in, const char *key);
/* json_only(in, keys): every member is in the NULL-ended list, else noted. */
void
json_only(const struct json_cur *in, const char *const *keys);
/* json_fail(in, err, why): note a fault at this place, unless one stands. */
void
json_fail(const struct json_cur *in, enum err err, const char *why);

/* Members that must be there: absent is ERR_REQUIRED, another type
 * ERR_SYNTAX, and "" / 0 / false is returned.  Texts live as long as the
 * document.  null counts as absent. */
const char *
json_str(const struct json_cur *in, const char *key);
int64_t
json_int(const struct json_cur *in, const char *key);
bool
json_bool(const struct json_cur *in, const char *key);
/* Members that may be absent. */
const char *
json_str_or(const struct json_cur *in, const char *key, const char *def);
int64_t
json_int_or(const struct json_cur *in, const char *key, int64_t def);
bool
json_bool_or(const struct json_cur *in, const char *key, bool def);
/* The cursor's own value; another type is noted. */
const char *
json_as_str(const struct json_cur *cur);
int64_t
json_as_int(const struct json_cur *cur);
bool
json_is_str(const struct json_cur *cur);
bool
json_is_int(const struct json_cur *cur);
bool
json_is_bool(const struct json_cur *cur);
bool
json_is_obj(const struct json_cur *cur);
bool
json_is_arr(const struct json_cur *cur);
/* json_key(in, i): the i-th member's name, in document order, or NULL. */
const char *
json_key(const struct json_cur *in, size_t i);

/* Builders.  Out of memory ends the process: a reply is small.  Takers take
 * child, also on a NULL child (put as null).  Text that is no UTF-8 is put
 * with its stray bytes as U+FFFD. */
struct json *
json_new_obj(void);
struct json *
json_new_arr(void);
void
json_put(struct json *obj, const char *key, struct json **child);
void
json_put_str(struct json *obj, const char *key, const char *s);
void
json_put_view(struct json *obj, const char *key, struct view text);
void
json_put_hex(struct json *obj, const char *key, const void *p, size_t len);
void
json_put_int(struct json *obj, const char *key, int64_t v);
void
json_put_bool(struct json *obj, const char *key, bool v);
void
json_put_null(struct json *obj, const char *key);
/* json_put_time(obj, key, at): UTC ms as RFC 3339 text; 0 as null. */
void
json_put_time(struct json *obj, const char *key, int64_t at);
/* json_put_copy(obj, key, v): a deep copy of a value read elsewhere. */
void
json_put_copy(struct json *obj, const char *key, const struct json *v);
void
json_add(struct json *arr, struct json **child);
void
json_add_str(struct json *arr, const char *s);
void
json_add_int(struct json *arr, int64_t v);

/*
 * json_open(obj, key, out), json_item(i, v, out), json_close(n, out):
 * Text of an object whose last member is an array too long to be built:
 * obj's members and the array's bracket, element i from 0 (freed), the end
 * after n.  Reads as json_write(.., true, ..) of the whole would; spills out.
 */
void
json_open(const struct json *obj, const char *key, struct buf *out);
void
json_item(size_t i, struct json **v, struct buf *out);
void
json_close(size_t n, struct buf *out);

/* json_write(v, pretty, out): append the text, with a newline if pretty. */
enum err
json_write(const struct json *v, bool pretty, struct buf *out);

#endif
