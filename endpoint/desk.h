/*
 * desk: from what an officer's file says to a message that may be sealed.
 *
 * Reads JSON, names the first field that is missing or wrong, fills in what
 * the agent knows better (ids, what was seen, as-of), and hands the fields
 * to the casebook.  Nothing incomplete is ever sealed.  Holds no state.
 * Runs in casewired's core, inside the turn's transaction.
 */
#ifndef ENDPOINT_DESK_H
#define ENDPOINT_DESK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "proto/notice.h"

struct agent;

/* What was wrong, for the answer: an error, a place and a reason. */
struct desk_fault {
	enum err err;
	char detail[320];
};

/* What came of a write. */
struct desk_done {
	struct id case_id;
	int64_t message;
};

/*
 * desk_open(agent, in, done, fault):
 * A new case from a request document (examples/request.en.json).  "peer"
 * names the pair by charter name, pair id or agency name, and may be left
 * out with a single pair.  ERR_REQUIRED, ERR_CODE, ERR_SYNTAX with the
 * place in fault; ERR_NOTFOUND (peer), ERR_CHARTER_ENDED, ERR_STORAGE.
 */
enum err
desk_open(struct agent *agent, const struct json_cur *in,
    struct desk_done *done, struct desk_fault *fault);

/*
 * desk_write(agent, case_id, verb, in, done, fault):
 * verb: ack, clarify, clarified, decide, status, result, feedback, close,
 * withdraw.  in holds "head" (the revision seen) and the type's members.
 * ERR_NOTFOUND for another verb; ERR_HEAD_MOVED; ERR_STATE; as above.
 */
enum err
desk_write(struct agent *agent, const struct id *case_id, const char *verb,
    const struct json_cur *in, struct desk_done *done,
    struct desk_fault *fault);

#endif
