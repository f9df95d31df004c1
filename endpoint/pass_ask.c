#include "endpoint/pass_ask.h"

#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"

static void
forget(struct pass_ask *ask)
{
	json_free(&ask->answer);
	memset(ask, 0, sizeof(*ask));
}

/* The relay of that name, or the only one. */
static enum err
find(struct agent *agent, const char *name, struct relay **out)
{
	size_t i;

	if (name == NULL && agent->relay_count > 1)
		return ERR_USAGE;
	for (i = 0; i < agent->relay_count; i++) {
		*out = &agent->relay[i];
		if (name == NULL || strcmp((*out)->name, name) == 0)
			return ERR_OK;
	}
	return ERR_NOTFOUND;
}

enum err
pass_ask_begin(struct agent *agent, const char *name,
    const struct request_pass *want, unsigned *slot)
{
	struct relay *relay = NULL;
	struct pass_ask *ask;
	size_t len = want->name == NULL ? 0 : strlen(want->name);
	enum err err = find(agent, name, &relay);

	if (err != ERR_OK)
		return err;
	ask = &relay->pass;
	if (len > PASS_NAME_MAX)
		return ERR_TOO_BIG;
	if (relay->up.state != UPLINK_READY)
		return ERR_UNREACHABLE;
	if (ask->state != PASS_ASK_NONE)
		return ERR_BUSY;
	ask->state = PASS_ASK_WANTED;
	ask->kind = want->kind;
	ask->until_at = want->until_at;
	if (len > 0)
		memcpy(ask->name, want->name, len);
	*slot = relay->slot;
	return ERR_OK;
}

enum err
pass_ask_take(struct agent *agent, unsigned slot, struct json **answer)
{
	struct relay *relay = &agent->relay[slot];
	struct pass_ask *ask = &relay->pass;
	enum err err = ask->status;

	/* The uplink forgets what was under way when the link goes. */
	if (ask->state == PASS_ASK_SENT &&
	    relay->up.slot[UPLINK_PASS].ticket == 0) {
		forget(ask);
		return ERR_UNREACHABLE;
	}
	if (ask->state != PASS_ASK_DONE)
		return ERR_BUSY;
	*answer = ask->answer;
	ask->answer = NULL;
	forget(ask);
	return err;
}

void
pass_ask_drop(struct agent *agent, unsigned slot)
{
	forget(&agent->relay[slot].pass);
}

bool
pass_ask_wants(const struct relay *relay)
{
	return relay->pass.state == PASS_ASK_WANTED;
}

void
pass_ask_request(struct relay *relay, struct request *out)
{
	struct pass_ask *ask = &relay->pass;

	out->kind = REQUEST_PASS;
	out->pass.kind = ask->kind;
	out->pass.name = ask->name;
	out->pass.until_at = ask->until_at;
	ask->state = PASS_ASK_SENT;
}

static struct json *
answer_json(const struct relay *relay, const struct reply_pass *reply)
{
	char token[2 * PASS_TOKEN_BYTES + 1];
	struct json *out = json_new_obj(), *list = json_new_arr(), *one;
	size_t i;

	json_put_str(out, "relay", relay->name);
	if (reply->token.len == PASS_TOKEN_BYTES) {
		hex_encode(token, reply->token.p, PASS_TOKEN_BYTES);
		json_put_str(out, "token", token);
		secret_wipe(token, sizeof(token));
	}
	for (i = 0; i < reply->held_count; i++) {
		one = json_new_obj();
		json_put_str(one, "name", reply->held[i].name);
		json_put_time(one, "issued_at",
		    (int64_t)reply->held[i].issued_at);
		json_put_time(one, "until", (int64_t)reply->held[i].until_at);
		json_add(list, &one);
	}
	json_put(out, "passes", &list);
	return out;
}

void
pass_ask_answered(struct relay *relay, enum err status,
    const struct reply_pass *reply)
{
	struct pass_ask *ask = &relay->pass;

	if (ask->state != PASS_ASK_SENT)
		return;		/* who waited for it has left */
	ask->state = PASS_ASK_DONE;
	ask->status = status;
	if (status == ERR_OK)
		ask->answer = answer_json(relay, reply);
}
