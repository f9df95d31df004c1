/*
 * tether: the agent's end of the link child.
 *
 * Starts the child with its descriptors named (pipe, transport key file,
 * passphrase), carries frames between it and the agent, and starts another
 * within a second when it dies.  Runs in casewired's loop.
 */
#ifndef ENDPOINT_TETHER_H
#define ENDPOINT_TETHER_H

#include "base/err.h"

struct agent;
struct loop;
struct secret;
struct tether;

/* tether_new(out, loop, agent, home, passphrase): borrows all of them. */
enum err
tether_new(struct tether **out, struct loop *loop, struct agent *agent,
    const char *home, const struct secret *passphrase);
void
tether_free(struct tether **tether);

/* tether_pump(tether): send what the agent let out; after each turn. */
void
tether_pump(struct tether *tether);

#endif
