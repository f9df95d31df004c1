/*
 * charter_check: what a charter's values must obey.
 *
 * Shared by charter_parse and charter_write, so that what one refuses the
 * other never makes.  Pure.
 */
#ifndef PROTO_CHARTER_CHECK_H
#define PROTO_CHARTER_CHECK_H

#include "base/err.h"
#include "proto/charter.h"

/* charter_check(charter): ERR_OK or ERR_CHARTER. */
enum err
charter_check(const struct charter *charter);

#endif
