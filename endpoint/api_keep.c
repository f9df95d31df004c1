#include "endpoint/api_keep.h"

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/json.h"
#include "endpoint/agent.h"
#include "endpoint/casejson.h"
#include "endpoint/holds.h"
#include "endpoint/shred.h"

static const char *
why_not(const char *verb, enum err err)
{
	if (strcmp(verb, "shred") == 0) {
		if (err == ERR_STATE)
			return "the case is not over: only what is closed, "
			       "withdrawn or lapsed is shredded";
		if (err == ERR_PERMIT)
			return "the case is on hold: casewire unhold CASE "
			       "--reason ends that";
		return err == ERR_BUSY ? "messages of it are still to be "
					 "sent or delivered" : "";
	}
	if (err == ERR_STATE)
		return strcmp(verb, "hold") == 0 ? "the case is on hold"
						 : "the case is not on hold";
	if (err == ERR_REQUIRED)
		return "reason: why, in words";
	return err == ERR_TOO_BIG ? "reason: at most 1024 bytes" : "";
}

enum err
api_keep_write(struct agent *agent, const struct id *case_id,
    const char *verb, const struct json_cur *in, const char *who,
    struct json **out, char detail[API_OPS_DETAIL])
{
	static const char *const none[] = {NULL};
	static const char *const reasoned[] = {"reason", NULL};
	bool shred = strcmp(verb, "shred") == 0;
	const char *reason = json_str_or(in, "reason", "");
	int64_t bodies = 0;
	enum err err;

	json_only(in, shred ? none : reasoned);
	if (in->fault->err != ERR_OK)
		return in->fault->err;	/* told by who asked */
	err = shred ? shred_case(agent, case_id, &bodies) :
	    holds_set(agent, case_id, strcmp(verb, "hold") == 0, reason, who);
	if (err != ERR_OK) {
		snprintf(detail, API_OPS_DETAIL, "%s", why_not(verb, err));
		return err;
	}
	*out = json_new_obj();
	json_put_hex(*out, "case_id", case_id, ID_BYTES);
	if (shred)
		json_put_int(*out, "bodies", bodies);
	else
		json_put_bool(*out, "held", strcmp(verb, "hold") == 0);
	return ERR_OK;
}

static enum err
add_hold(void *ctx, const struct holds_one *hold)
{
	struct json *obj = casejson_hold(hold);

	json_add(ctx, &obj);
	return ERR_OK;
}

struct json *
api_keep_holds(struct agent *agent, const struct id *case_id)
{
	struct json *arr = json_new_arr();

	if (holds_each(agent_book(agent), case_id, add_hold, arr) != ERR_OK)
		diag_warn("holds", "the holds could not be read");
	return arr;
}
