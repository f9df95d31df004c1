/*
 * operate: what an operator can ask of a relay, running or not.
 *
 * Owns admit, block, cosign, list and status as JSON in and out, the same
 * whether they come over the control socket or from a command that opened
 * the store itself.  Checks a charter and its key statements on a keyring of their
 * own before the real one learns them.  Never serves an endpoint.
 */
#ifndef RELAY_OPERATE_H
#define RELAY_OPERATE_H

#include "base/err.h"
#include "base/hash.h"

struct admit;
struct admitted;
struct cosign;
struct group;
struct json;
struct json_cur;
struct keyring;
struct park;
struct store;
struct turn;

/* All borrowed; turn, park and endpoint are NULL where no relay runs. */
struct operate_parts {
	struct store *store;
	struct keyring *keyring;
	struct admitted *admitted;
	struct group *group;
	struct admit *admit;
	struct cosign *cosign;
	struct turn *turn;
	struct park *park;
	const char *endpoint;
	const char *name;
	struct hash log_id;
	struct id agency;
};

/* Key statements one admission may bring. */
#define OPERATE_KEYS_MAX 64
/* A request's JSON: a charter and those, in hex. */
#define OPERATE_BODY_MAX ((size_t)2 << 20)

/*
 * operate_admit(p, in, out):
 * in {charter: text, sig_a: hex, sig_b: hex, keys: [hex ...]}.  Committed
 * when it returns.  ERR_CHARTER for a charter that does not name this relay;
 * otherwise the first check that failed, nothing taken.  Any error of *fatal
 * kind* (ERR_STORAGE, ERR_ROLLBACK) must end a running relay.
 */
enum err
operate_admit(const struct operate_parts *p, const struct json_cur *in,
    struct json **out);
/* operate_block(p, in, out): in {id: hex, off: bool}. */
enum err
operate_block(const struct operate_parts *p, const struct json_cur *in,
    struct json **out);
/* operate_cosign(p, in, out): in {note: text}; cosign_take's errors. */
enum err
operate_cosign(const struct operate_parts *p, const struct json_cur *in,
    struct json **out);
enum err
operate_list(const struct operate_parts *p, struct json **out);
enum err
operate_status(const struct operate_parts *p, struct json **out);

#endif
