/*
 * desk_help: what the tests of desk and casebook share: documents from the
 * examples, writes at a head, states.  Failures fail the running test.
 */
#ifndef TESTS_UNIT_ENDPOINT_DESK_HELP_H
#define TESTS_UNIT_ENDPOINT_DESK_HELP_H

#include <stdint.h>

#include "base/json.h"
#include "cases/casefile.h"
#include "endpoint/desk.h"

/* The example file, less one member (NULL: none) and its attachments. */
struct json *
desk_example(const char *file, const char *without);
/* desk_open_with(agent, doc, case_id, fault): takes doc. */
enum err
desk_open_with(struct agent *agent, struct json *doc, struct id *case_id,
    struct desk_fault *fault);
/* desk_open_case(agent): the English example. */
struct id
desk_open_case(struct agent *agent);
int64_t
desk_head(struct agent *agent, const struct id *case_id);
enum case_state
desk_state(struct agent *agent, const struct id *case_id);
/* members: JSON members without head, e.g. "\"reason\": \"x\"". */
enum err
desk_write_at(struct agent *agent, const struct id *case_id, const char *verb,
    const char *members, int64_t head, struct desk_fault *fault);
void
desk_write_ok(struct agent *agent, const struct id *case_id, const char *verb,
    const char *members);

#define ACK \
	"\"authority\": \"Bureau\", \"handler_ref\": \"1\"," \
	" \"decision_by\": \"2026-12-20T00:00:00Z\""
#define ACCEPT "\"outcome\": \"accepted\""
#define STATUS \
	"\"phase\": \"collecting\", \"measures\": \"m\"," \
	" \"next_step\": \"n\", \"next_date\": \"2026-12-20T00:00:00Z\""
#define RESULT \
	"\"summary\": \"s\", \"use_limits\": \"u\", \"items\":" \
	" [{\"description\": \"d\", \"custody\": \"c\"}]"

#endif
