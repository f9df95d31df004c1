#include "endpoint/cli/follow.h"

#include <stdio.h>
#include <string.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "endpoint/cli/call.h"

/* One long poll; also the most that the agent parks us. */
#define POLL_MS 20000

/* From the latest to the earliest; one implies those behind it. */
static const char *const stages[] = {
    "delivered", "fetched", "submitted", NULL};

bool
follow_known(const char *what)
{
	return strcmp(what, "delivered") == 0 ||
	    strcmp(what, "submitted") == 0;
}

const char *
follow_stage(const struct json_cur *message)
{
	struct json_cur ev = json_get(message, "evidence");

	for (size_t i = 0; stages[i] != NULL; i++)
		if (json_has(&ev, stages[i]))
			return text_get(stages[i]);
	if (json_has(&ev, "expired"))
		return _("expired");
	return call_text(message, "env_id")[0] != '\0'
	    ? _("sealed, on its way")
	    : _("waiting to be sealed");
}

static bool
has_reached(const struct json_cur *message, const char *what)
{
	struct json_cur ev = json_get(message, "evidence");

	if (json_has(&ev, what))
		return true;
	return strcmp(what, "submitted") == 0 &&
	    (json_has(&ev, "delivered") || json_has(&ev, "fetched"));
}

static int
get_message(const struct cli *cli, int64_t id, struct json **out)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/messages/%lld", (long long)id);
	return call_get(cli, path, out);
}

static int
get_news(const struct cli *cli, int64_t after, int64_t wait_ms,
    struct json **out)
{
	char path[96];

	if (after < 0)
		snprintf(path, sizeof(path), "/v1/watch?wait_ms=%lld",
		    (long long)wait_ms);
	else
		snprintf(path, sizeof(path),
		    "/v1/watch?after=%lld&wait_ms=%lld", (long long)after,
		    (long long)wait_ms);
	return call_get(cli, path, out);
}

/* Wait for any movement after *cursor, which moves on. */
static int
next_news(const struct cli *cli, int64_t *cursor, int64_t wait_ms)
{
	struct json_fault fault = {0};
	struct json *news = NULL;
	struct json_cur root;
	int code = get_news(cli, *cursor, wait_ms, &news);

	if (code != 0)
		return code;
	root = json_root(news, &fault);
	*cursor = json_int_or(&root, "cursor", *cursor);
	json_free(&news);
	return 0;
}

static int64_t
left_ms(int64_t until)
{
	struct clock clock = clock_real();
	int64_t left = until - clock_mono(&clock);

	return left < 0 ? 0 : left < POLL_MS ? left : POLL_MS;
}

int
follow_until(const struct cli *cli, struct json **message, const char *what,
    int64_t timeout_ms)
{
	struct clock clock = clock_real();
	int64_t until = clock_mono(&clock) + timeout_ms;
	struct json_fault fault = {0};
	struct json_cur root = json_root(*message, &fault);
	int64_t id = json_int_or(&root, "id", 0), cursor = -1;
	int code;

	/* The cursor first, then the message: nothing falls in between. */
	code = next_news(cli, &cursor, 0);
	while (code == 0) {
		struct json *now = NULL;

		code = get_message(cli, id, &now);
		if (code != 0)
			break;
		json_free(message);
		*message = now;
		root = json_root(now, &fault);
		if (has_reached(&root, what))
			return 0;
		if (left_ms(until) == 0)
			return cli_fail(cli, ERR_TIMEOUT,
			    _("message %lld of the case is %s; it stays in "
			      "the outbox and goes on by itself"),
			    (long long)json_int_or(&root, "n", 0),
			    follow_stage(&root));
		code = next_news(cli, &cursor, left_ms(until));
	}
	return code;
}

/* ---- watch ---- */

/* A movement by time alone: which clock of the message it is about. */
static void
put_clock(struct buf *out, const struct json_cur *item)
{
	if (!json_has(item, "clock"))
		return;
	buf_fmt(out, _(": %s, owed by %s, due %s"), call_code(item, "clock"),
	    json_bool_or(item, "ours", false) ? _("us") : _("the peer"),
	    call_text(item, "due_at"));
}

static int
print_item(const struct cli *cli, const struct json_cur *item)
{
	struct buf out = buf_init(1024 * 1024);

	if (cli_json(cli)) {
		if (json_write(item->v, false, &out) == ERR_OK)
			puts(buf_text(&out));
	} else {
		put_clock(&out, item);
		call_line("%s  %.12s  %-12s %-9s %s%s%s  %s%s",
		    call_text(item, "at"), call_text(item, "case_id"),
		    call_code(item, "state"),
		    json_bool_or(item, "own", false) ? _("us")
						     : _("the peer"),
		    call_code(item, "type"),
		    call_text(item, "outcome")[0] != '\0' ? " " : "",
		    call_code(item, "outcome"), call_code(item, "what"),
		    out.len > 0 ? buf_text(&out) : "");
	}
	buf_free(&out);
	return fflush(stdout) == 0 ? 0 : cli_flush();
}

static int
print_news(const struct cli *cli, const struct json *news, int64_t *cursor,
    int64_t *count)
{
	struct json_fault fault = {0};
	struct json_cur root = json_root(news, &fault);
	struct json_cur items = json_get(&root, "items");
	int code = 0;

	*cursor = json_int_or(&root, "cursor", *cursor);
	for (size_t i = 0; i < json_len(&items) && *count != 0 && code == 0;
	     i++) {
		struct json_cur item = json_at(&items, i);

		code = print_item(cli, &item);
		if (*count > 0)
			--*count;
	}
	return code;
}

int
follow_watch(struct cli *cli)
{
	struct clock clock = clock_real();
	int64_t cursor, count, timeout, until;
	int code = 0;

	if (cli_opt_int(cli, "after", -1, 0, INT64_MAX, &cursor) != ERR_OK ||
	    cli_opt_int(cli, "count", -1, 1, INT64_MAX, &count) != ERR_OK ||
	    cli_opt_int(cli, "timeout", 0, 1, 86400 * 365, &timeout) != ERR_OK)
		return err_exit(ERR_USAGE);
	until = timeout == 0 ? INT64_MAX
			     : clock_mono(&clock) + timeout * 1000;
	while (code == 0 && count != 0 && left_ms(until) > 0) {
		struct json *news = NULL;

		code = get_news(cli, cursor, left_ms(until), &news);
		if (code == 0)
			code = print_news(cli, news, &cursor, &count);
		json_free(&news);
	}
	return code != 0 ? code : cli_flush();
}
