/* zap: see zap.h. */
#include "relay/zap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/diag.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_PART_MAX 255	/* longest part looked at */
#define ZAP_PARTS 7		/* version ... mechanism, key */

struct zap {
	void *socket;
	zap_allow *allow;
	void *ctx;
};

/* The request's parts in RFC 27's order. */
enum part {
	PART_VERSION,
	PART_REQUEST_ID,
	PART_DOMAIN,
	PART_ADDRESS,
	PART_IDENTITY,
	PART_MECHANISM,
	PART_KEY,
};

struct zap_request {
	size_t len[ZAP_PARTS];
	char part[ZAP_PARTS][ZAP_PART_MAX];
	unsigned count;
	bool cut;		/* a part was longer than any may be */
};

enum err
zap_open(struct zap **out, void *zmq, zap_allow *allow, void *ctx)
{
	struct zap *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return ERR_NOMEM;
	z->allow = allow;
	z->ctx = ctx;
	z->socket = zmq_socket(zmq, ZMQ_REP);
	if (z->socket == NULL || zmq_bind(z->socket, ZAP_ENDPOINT) != 0) {
		diag_error("zap", "%s: %s", ZAP_ENDPOINT, zmq_strerror(errno));
		zap_close(&z);
		return ERR_IO;
	}
	*out = z;
	return ERR_OK;
}

void
zap_close(struct zap **z)
{
	if (*z == NULL)
		return;
	if ((*z)->socket != NULL)
		zmq_close((*z)->socket);
	free(*z);
	*z = NULL;
}

void *
zap_socket(const struct zap *z)
{
	return z->socket;
}

/* Read one request; false when none waits. */
static bool
request_read(struct zap *z, struct zap_request *r)
{
	char part[ZAP_PART_MAX];
	size_t size = sizeof(int);
	int len, more = 1;

	memset(r, 0, sizeof(*r));
	while (more) {
		len = zmq_recv(z->socket, part, sizeof(part), ZMQ_DONTWAIT);
		if (len < 0)
			return false;
		if ((size_t)len > sizeof(part) || r->count == ZAP_PARTS) {
			r->cut = true;
		} else {
			memcpy(r->part[r->count], part, (size_t)len);
			r->len[r->count++] = (size_t)len;
		}
		if (zmq_getsockopt(z->socket, ZMQ_RCVMORE, &more, &size) != 0)
			more = 0;
	}
	return true;
}

static bool
part_is(const struct zap_request *r, enum part i, const char *text)
{
	return r->len[i] == strlen(text) &&
	    memcmp(r->part[i], text, r->len[i]) == 0;
}

static bool
request_good(const struct zap *z, const struct zap_request *r)
{
	return !r->cut && r->count == ZAP_PARTS &&
	    part_is(r, PART_VERSION, "1.0") &&
	    part_is(r, PART_DOMAIN, ZAP_DOMAIN_NAME) &&
	    part_is(r, PART_MECHANISM, "CURVE") &&
	    r->len[PART_KEY] == KEY_BYTES &&
	    z->allow(z->ctx, (const uint8_t *)r->part[PART_KEY]) == ERR_OK;
}

static enum err
answer(struct zap *z, const struct zap_request *r, bool good)
{
	char user[ZAP_USER_BYTES] = "";
	struct {
		const void *p;
		size_t len;
	} parts[] = {
		{ "1.0", 3 },
		{ r->part[PART_REQUEST_ID], r->len[PART_REQUEST_ID] },
		{ good ? "200" : "400", 3 },
		{ good ? "OK" : "unknown key", good ? 2 : 11 },
		{ user, 0 },
		{ "", 0 },
	};
	size_t i, n = sizeof(parts) / sizeof(parts[0]);

	if (good) {
		hex_encode(user, r->part[PART_KEY], KEY_BYTES);
		parts[4].len = strlen(user);
	}
	for (i = 0; i < n; i++)
		if (zmq_send(z->socket, parts[i].p, parts[i].len,
		    i + 1 < n ? ZMQ_SNDMORE : 0) < 0)
			return ERR_IO;
	return ERR_OK;
}

enum err
zap_serve(struct zap *z)
{
	struct zap_request r;
	bool good;
	enum err err = ERR_OK;

	while (err == ERR_OK && request_read(z, &r)) {
		good = request_good(z, &r);
		if (!good)
			diag_info("zap", "refused a connection address=%.*s",
			    (int)r.len[PART_ADDRESS], r.part[PART_ADDRESS]);
		err = answer(z, &r, good);
	}
	if (err == ERR_OK && errno != EAGAIN)
		err = ERR_IO;
	if (err != ERR_OK)
		diag_error("zap", "%s", zmq_strerror(errno));
	return err;
}
