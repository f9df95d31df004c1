/*
 * export_silence: one heartbeat and one case under its root, for an auditor.
 *
 * Chooses the heartbeat, makes the tree over the open cases again from the
 * heads it signs (endpoint/opencases.h), and opens its outline, its link and
 * the path of the one case, nothing else.  What does not lead to the root
 * that was signed is not shown.  Reads only.  Runs in casewired's core.
 */
#ifndef ENDPOINT_EXPORT_SILENCE_H
#define ENDPOINT_EXPORT_SILENCE_H

#include "base/err.h"

struct agent;
struct bundle;
struct export_choice;
struct pair;

/*
 * export_silence_add(agent, pair, choice, bundle, wrong):
 * Nothing to do unless choice->silence.  With *wrong static text:
 * ERR_USAGE at BUNDLE_SEALED; ERR_NOTFOUND: no such heartbeat, or the case
 * was not open in it; ERR_INCOMPLETE: the book cannot tell any more what was
 * signed.  With *wrong NULL: ERR_NOMEM, ERR_STORAGE.
 */
enum err
export_silence_add(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, struct bundle *bundle,
    const char **wrong);

#endif
