/* web: see web.h. */
#include "relay/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/httpd.h"
#include "proto/tile.h"
#include "relay/cosign.h"
#include "relay/front.h"
#include "relay/group.h"
#include "relay/park.h"
#include "relay/tlog.h"
#include "relay/turn.h"

#define TEXT "text/plain; charset=utf-8"
#define SIZE_TYPE "text/x.tlog.size"
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_MAX 8192
#define HOST_MAX 64

/* A full tile never changes.  A partial one does not either, but nobody asks
 * for it again; a checkpoint is old as soon as there is another. */
#define KEEP_FULL "public, max-age=31536000, immutable"
#define KEEP_PARTIAL "public, max-age=3600"
#define KEEP_CHECKPOINT "public, max-age=1, must-revalidate"
#define KEEP_NOT "no-store"

struct web {
	struct web_parts p;
	struct httpd *httpd;
	void (*broken)(void *ctx);
	void *ctx;
};

static void
reply_text(struct httpd_req *req, unsigned status, const char *text)
{
	httpd_reply_kept(&req, status, TEXT,
	    (struct view){ (const uint8_t *)text, strlen(text) }, KEEP_NOT);
}

static void
on_checkpoint(void *ctx, struct httpd_req *req)
{
	struct web *w = ctx;
	struct buf note = buf_init(NOTE_MAX);

	if (group_note(w->p.group).len == 0)
		reply_text(req, 404, "nothing is signed yet\n");
	else if (cosign_checkpoint(w->p.cosign, &note) != ERR_OK)
		reply_text(req, 500, "out of memory\n");
	else
		httpd_reply_kept(&req, 200, TEXT, buf_view(&note),
		    KEEP_CHECKPOINT);
	buf_free(&note);
}

/* C2SP tlog-witness's statuses, where it has one for the case. */
static unsigned
cosign_status(enum err err)
{
	switch (err) {
	case ERR_OK:
		return 200;
	case ERR_KID_UNKNOWN:
	case ERR_SIGNATURE:
		return 403;
	case ERR_KEY_FOREIGN:
		return 404;
	case ERR_STATE:
	case ERR_NOTFOUND:
		return 409;
	case ERR_ROOT:
		return 422;
	case ERR_QUOTA:
		return 429;
	case ERR_NOMEM:
		return 503;
	case ERR_STORAGE:
	case ERR_ROLLBACK:
		return 500;
	default:
		return 400;
	}
}

static void
on_cosignature(void *ctx, struct httpd_req *req)
{
	struct web *w = ctx;
	struct buf text = buf_init(256);
	struct clock clock = clock_real();
	uint64_t held = 0;
	enum err err = cosign_take(w->p.cosign, httpd_body(req),
	    clock_mono(&clock), &held);
	unsigned status = cosign_status(err);

	if (status == 409)
		buf_fmt(&text, "%" PRIu64 "\n", held);
	else
		buf_fmt(&text, "%s\n", err == ERR_OK ? "ok" :
		    cosign_reason(err));
	httpd_reply_kept(&req, status, status == 409 ? SIZE_TYPE : TEXT,
	    buf_view(&text), KEEP_NOT);
	buf_free(&text);
	if (status == 500)
		w->broken(w->ctx);
}

/* The hashes of a tile, as far as the newest checkpoint covers it. */
static enum err
tile_read(const struct web *w, const char *path, struct tile_name *name,
    struct hash row[TILE_WIDTH])
{
	enum err err = tile_parse(name, path);

	if (err != ERR_OK || name->level == TILE_ENTRIES)
		return ERR_NOTFOUND;
	if (tile_width(group_size(w->p.group), name->level, name->index) <
	    name->width)
		return ERR_NOTFOUND;
	return tlog_tile(w->p.tree, name->level, name->index, name->width,
	    row);
}

static void
on_tile(void *ctx, struct httpd_req *req)
{
	struct web *w = ctx;
	struct hash row[TILE_WIDTH];
	struct tile_name name;
	enum err err = tile_read(w, httpd_param(req, "path"), &name, row);

	if (err == ERR_OK) {
		httpd_reply_kept(&req, 200, "application/octet-stream",
		    (struct view){ row[0].b, name.width * HASH_BYTES },
		    name.width == TILE_WIDTH ? KEEP_FULL : KEEP_PARTIAL);
	} else if (err == ERR_NOTFOUND || err == ERR_PROOF) {
		reply_text(req, 404, "not there\n");
	} else {
		reply_text(req, 500, "the store failed\n");
		w->broken(w->ctx);
	}
}

static void
on_entries(void *ctx, struct httpd_req *req)
{
	struct web *w = ctx;

	if (web_entries_answer(&w->p.entries, req) != ERR_OK)
		w->broken(w->ctx);
}

static void
metric(struct buf *out, const char *name, const char *type, const char *help,
    uint64_t value)
{
	buf_fmt(out, "# HELP casewire_relay_%s %s\n"
	    "# TYPE casewire_relay_%s %s\ncasewire_relay_%s %" PRIu64 "\n",
	    name, help, name, type, name, value);
}

static void
metrics_turns(const struct web *w, struct buf *out)
{
	const struct turn_counts *c = turn_counts(w->p.turn);
	const struct {
		const char *name, *help;
		uint64_t value;
	} rows[] = {
		{ "turns_total", "Turns of the loop.", c->turns },
		{ "commits_total", "Commit groups, each with a checkpoint.",
		    c->commits },
		{ "frames_total", "Requests received.", c->frames },
		{ "runs_total", "Runs taken.", c->runs },
		{ "envelopes_total", "Envelopes in them.", c->envelopes },
		{ "statements_total", "Other statements taken.",
		    c->statements },
		{ "duplicates_total", "Answered as before.", c->duplicates },
		{ "refused_total", "Runs and statements refused.",
		    c->refused },
		{ "replies_dropped_total", "Replies nobody could take.",
		    c->dropped },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		metric(out, rows[i].name, "counter", rows[i].help,
		    rows[i].value);
}

/* The witness furthest behind is the one to look at. */
static void
metrics_witnesses(const struct web *w, struct buf *out)
{
	const struct cosign_witness *witness, *last = NULL;
	size_t i;

	for (i = 0; (witness = cosign_at(w->p.cosign, i)) != NULL; i++)
		if (last == NULL || witness->size < last->size)
			last = witness;
	metric(out, "witnesses", "gauge",
	    "Witnesses named by the charters admitted.", i);
	if (last == NULL)
		return;
	metric(out, "cosigned_size_min", "gauge",
	    "What the witness furthest behind cosigned.", last->size);
	metric(out, "cosigned_time_seconds_min", "gauge",
	    "When it did, by its own clock.", last->time_s);
}

static void
metrics_disk(const struct web *w, struct buf *out)
{
	struct statvfs fs;

	metric(out, "disk_floor_percent", "gauge",
	    "Below this share of free disk runs are refused.",
	    w->p.disk_floor);
	metric(out, "disk_low", "gauge", "1 while runs are refused for it.",
	    turn_disk_low(w->p.turn));
	if (statvfs(w->p.home, &fs) != 0)
		return;
	metric(out, "disk_bytes", "gauge", "Size of the home's file system.",
	    (uint64_t)fs.f_blocks * fs.f_frsize);
	metric(out, "disk_free_bytes", "gauge", "What of it is free to us.",
	    (uint64_t)fs.f_bavail * fs.f_frsize);
}

static void
on_metrics(void *ctx, struct httpd_req *req)
{
	struct web *w = ctx;
	struct buf out = buf_init(METRICS_MAX);

	metric(&out, "entries", "gauge", "Entries in the log.",
	    tlog_size(w->p.tree));
	metric(&out, "checkpoint_size", "gauge",
	    "Entries the newest checkpoint covers.", group_size(w->p.group));
	metrics_turns(w, &out);
	metrics_witnesses(w, &out);
	metric(&out, "sessions", "gauge",
	    "Transport keys that connected since the start.",
	    front_sessions(w->p.front));
	metric(&out, "fetches_waiting", "gauge", "FETCHes parked.",
	    park_count(w->p.park));
	metrics_disk(w, &out);
	if (out.err == ERR_OK)
		httpd_reply_kept(&req, 200, METRICS_TYPE, buf_view(&out),
		    KEEP_NOT);
	else
		reply_text(req, 500, "out of memory\n");
	buf_free(&out);
}

static void
on_healthz(void *ctx, struct httpd_req *req)
{
	struct web *w = ctx;

	if (turn_disk_low(w->p.turn))
		reply_text(req, 503, "disk-low: runs are refused\n");
	else
		reply_text(req, 200, "ok\n");
}

#define LOG_ROUTES \
	{ "GET", "/checkpoint", on_checkpoint }, \
	{ "HEAD", "/checkpoint", on_checkpoint }, \
	{ "GET", "/tile/{path...}", on_tile }, \
	{ "HEAD", "/tile/{path...}", on_tile }, \
	{ "POST", "/add-cosignature", on_cosignature }
#define ENTRIES_ROUTES \
	{ "GET", "/tile/entries/{path...}", on_entries }, \
	{ "HEAD", "/tile/entries/{path...}", on_entries }

/* Numbers of a relay's business are for its own machine. */
static const struct httpd_route routes_here[] = {
	ENTRIES_ROUTES,
	LOG_ROUTES,
	{ "GET", "/metrics", on_metrics },
	{ "GET", "/healthz", on_healthz },
	{ NULL, NULL, NULL },
};

static const struct httpd_route routes_open[] = {
	LOG_ROUTES,
	{ NULL, NULL, NULL },
};

static const struct httpd_route routes_behind_tls[] = {
	ENTRIES_ROUTES,
	LOG_ROUTES,
	{ NULL, NULL, NULL },
};

/* "127.0.0.1:8701", "[::1]:8701" */
static enum err
listen_parse(const char *text, char host[HOST_MAX], uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	char *end = NULL;
	unsigned long n;

	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= HOST_MAX || colon[1] < '0' || colon[1] > '9')
		return ERR_CONF;
	n = strtoul(colon + 1, &end, 10);
	if (*end != '\0' || n > UINT16_MAX)
		return ERR_CONF;
	memcpy(host, text, len);
	host[len] = '\0';
	*port = (uint16_t)n;
	return ERR_OK;
}

static enum err
serve(struct web *w, const char *listen)
{
	struct httpd_conf conf = { .routes = routes_here, .ctx = w,
		.body_max = NOTE_MAX };
	char host[HOST_MAX];
	enum err err = listen_parse(listen, host, &conf.port);

	if (err != ERR_OK) {
		diag_error("web", "no ADDRESS:PORT: %s", listen);
		return err;
	}
	conf.host = host;
	conf.open = strcmp(host, "127.0.0.1") != 0 &&
	    strcmp(host, "::1") != 0;
	if (conf.open)
		conf.routes = w->p.entries_open ? routes_behind_tls :
		    routes_open;
	err = httpd_new(&w->httpd, &conf);
	if (err == ERR_OK)
		diag_info("web", "log tiles on http host=%s port=%u", host,
		    (unsigned)httpd_port(w->httpd));
	return err;
}

enum err
web_open(struct web **out, const char *listen, const struct web_parts *parts,
    void (*broken)(void *ctx), void *ctx)
{
	struct web *w = calloc(1, sizeof(*w));
	enum err err;

	if (w == NULL)
		return ERR_NOMEM;
	w->p = *parts;
	w->broken = broken;
	w->ctx = ctx;
	err = serve(w, listen);
	if (err != ERR_OK) {
		free(w);
		return err;
	}
	*out = w;
	return ERR_OK;
}

void
web_close(struct web **w)
{
	if (*w == NULL)
		return;
	httpd_free(&(*w)->httpd);
	free(*w);
	*w = NULL;
}

struct httpd *
web_httpd(const struct web *w)
{
	return w->httpd;
}
