/*
 * casejson: cases, messages and movements as the API shows them.
 *
 * Reads rows, opens contents out of the book, writes JSON.  Never writes a
 * row.  Keys and codes are never translated.  Runs in casewired's core.
 */
#ifndef ENDPOINT_CASEJSON_H
#define ENDPOINT_CASEJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct agent;
struct caserows_case;
struct json;

/* All give an object or list the caller frees; what cannot be read is left
 * out and told in the diag. */

/* casejson_list(agent): every case, newest movement first. */
struct json *
casejson_list(struct agent *agent);
/* casejson_case(agent, case_id, out): the case, its messages with receipts,
 * its files, and the moves possible now.  ERR_MISSING_CASE. */
enum err
casejson_case(struct agent *agent, const struct id *case_id,
    struct json **out);
/* casejson_brief(agent, obj, c): what names a case to a person in a list:
 * case_id, peer, side, state, urgency, request_ref. */
void
casejson_brief(struct agent *agent, struct json *obj,
    const struct caserows_case *c);
/* casejson_since(agent, case_id, head): the messages noted after head. */
struct json *
casejson_since(struct agent *agent, const struct id *case_id, int64_t head);
/* casejson_message(agent, id, out): one message.  ERR_NOTFOUND. */
enum err
casejson_message(struct agent *agent, int64_t id, struct json **out);
/*
 * casejson_news(agent, after, max, inbox):
 * {"cursor": N, "items": [...]}: movements after cursor `after`, oldest
 * first; inbox: only messages of the peer.
 */
struct json *
casejson_news(struct agent *agent, int64_t after, size_t max, bool inbox);

struct holds_one;

/* casejson_hold(hold): one hold, ended or not. */
struct json *
casejson_hold(const struct holds_one *hold);

#endif
