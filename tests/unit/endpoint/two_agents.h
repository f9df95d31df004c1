/*
 * two_agents: two real agent cores and a relay that is a list in memory.
 *
 * Keys, charter, books and prekey files are real, in a folder of their own;
 * frames are real frames; time is a fake clock and the relay does only what
 * the test lets it: it can be down, hide items, or forget heads.  For the
 * tests of the agent core.
 */
#ifndef TESTS_UNIT_ENDPOINT_TWO_AGENTS_H
#define TESTS_UNIT_ENDPOINT_TWO_AGENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "endpoint/agent.h"
#include "keys/keyfile.h"
#include "keys/sign.h"
#include "proto/arena.h"
#include "proto/charter.h"
#include "proto/request.h"

/* As assert, and also in a build without: the tests' own steps. */
#define must(x) do { \
	if (!(x)) \
		two_die(#x, __FILE__, __LINE__); \
} while (0)
_Noreturn void
two_die(const char *what, const char *file, int line);

#define TWO_RELAYS 2
#define TWO_ITEMS 1024
#define TWO_TEXTS 256
#define TWO_WITNESSES 2

/* One entry of the relay's log. */
struct two_item {
	enum reply_item_kind kind;
	struct id channel;
	int from;			/* party */
	bool hidden;			/* not fed */
	bool late;			/* fed only after a later one was */
	struct buf bytes;
	struct hash leaf;
};

struct two_parked {
	bool waits;
	struct request request;
	struct request_cursor cursor[FETCH_CHANNELS_MAX];
};

struct two_relay {
	struct keyfile *root;
	struct keyfile *keys;
	struct buf statement;
	char name[16];
	bool down;
	bool blind;			/* HELLO shows no heads */
	bool mute;			/* joins no two sizes of its log */
	uint64_t mute_from;		/* joins nothing from that size on */
	bool rubbish;			/* spoils the paths it proves */
	enum err refuses;		/* takes no run, for that reason */
	uint64_t misnames;		/* adds to last_seq in what it signs */
	size_t joins;
	size_t cosigned_asks;
	struct buf cosigned[TWO_WITNESSES]; /* each one's newest note */
	size_t n;
	struct two_item item[TWO_ITEMS];
	struct two_parked parked[2];
	size_t submits;			/* runs taken, duplicates too */
};

/* What a party's desk was told. */
struct two_desk {
	size_t received;
	uint64_t seq[TWO_TEXTS];
	char text[TWO_TEXTS][64];
	struct hash again[TWO_TEXTS];
	size_t event[8];		/* by enum outbox_what */
	struct hash sealed;		/* env_id of the newest SEALED */
};

struct two_party {
	struct keyfile *root;
	struct keyfile *keys;
	struct buf statement;
	char home[512];
	struct agent *agent;
	struct two_desk desk;
	int relay_of[32];		/* link slot to relay, -1: none */
};

struct two_agents {
	char dir[256];
	struct clock_fake fake;
	struct charter charter;
	struct hash pair_id;
	struct two_party party[2];
	struct two_relay relay[TWO_RELAYS];
	unsigned relays;
	unsigned witnesses;
	uint8_t quorum;
	struct sign_key *witness[TWO_WITNESSES];
};

/* two_start(relays): made, paired, started, talked until silent. */
struct two_agents *
two_start(unsigned relays);
void
two_stop(struct two_agents *two);
/* two_start_witnessed(witnesses, quorum): with one relay. */
struct two_agents *
two_start_witnessed(unsigned witnesses, uint8_t quorum);
/* two_cosign(two, witness, size, at_s): it signs the relay's log of that
 * size, and the relay keeps that as its newest. */
void
two_cosign(struct two_agents *two, unsigned witness, size_t size,
    uint64_t at_s);

/* two_pump(two): turns and frames until nothing moves. */
void
two_pump(struct two_agents *two);
/* two_later(two, ms): let time pass, then pump. */
void
two_later(struct two_agents *two, int64_t ms);

/* two_send(two, from, lane, text): a desk writes; not pumped. */
enum err
two_send(struct two_agents *two, int from, uint8_t lane, const char *text);

/* two_close / two_open: an agent's process ends and starts again. */
void
two_close(struct two_agents *two, int party);
void
two_open(struct two_agents *two, int party);
/* two_renew(two, from_at): both install the next charter, in force from
 * then on. */
void
two_renew(struct two_agents *two, int64_t from_at);
/* two_charter(two, party): the charter number of its newest run. */
int
two_charter(struct two_agents *two, int party);
/* two_relay_down(two, relay, down): connections break or come up. */
void
two_relay_down(struct two_agents *two, int relay, bool down);

/* two_copy(two, party, name) saves the home beside itself; two_restore puts
 * what names say back (NULL: all of it); the agent must be closed. */
void
two_copy(struct two_agents *two, int party, const char *name);
void
two_restore(struct two_agents *two, int party, const char *name,
    const char *file);
/* two_number(two, party, sql): one integer out of its book. */
int64_t
two_number(struct two_agents *two, int party, const char *sql);

#endif
