/*
 * clocksjson: clocks, the hotline's ladder and the list of what is late, as
 * the API shows them.
 *
 * Evaluates what is asked about now (endpoint/caseclocks.h); writes no row.
 * Keys and codes are never translated.  Runs in casewired's core.
 */
#ifndef ENDPOINT_CLOCKSJSON_H
#define ENDPOINT_CLOCKSJSON_H

#include "base/err.h"
#include "endpoint/caserows.h"

struct agent;
struct json;

/* Days ahead that the list of what is late looks, unless told; at most. */
#define CLOCKSJSON_DAYS 7
#define CLOCKSJSON_DAYS_MAX 3650
/* Cases it looks at: what is due first.  One page is for a meeting. */
#define CLOCKSJSON_CASES_MAX 500

/* clocksjson_put(agent, obj, c): `clocks` and `ladder` of one case; they are
 * left out, and the diag told, where they cannot be found. */
void
clocksjson_put(struct agent *agent, struct json *obj,
    const struct caserows_case *c);

/*
 * clocksjson_late(agent, peer, days, out):
 * {"at", "days", "truncated", "items": [...]}: every clock of both
 * directions that ran out, was answered late or in doubt in a case that is
 * not over, or is due within that many days; most urgent, then earliest due
 * first.  peer NULL: all.  ERR_NOTFOUND: no such peer; ERR_STORAGE.
 */
enum err
clocksjson_late(struct agent *agent, const char *peer, unsigned days,
    struct json **out);

/* clocksjson_news(obj, news): what a movement says of a clock, if anything;
 * ours: our side of the case. */
void
clocksjson_news(struct json *obj, const struct caserows_news *news,
    const struct caserows_msg *m, enum case_side ours);

#endif
