/* admit: runs.  See admit.h; statements are in admit_statement.c. */
#include "relay/admit.h"

#include <stdlib.h>
#include <string.h>

#include "audit/keyring.h"
#include "base/diag.h"
#include "keys/pubkey.h"
#include "proto/arena.h"
#include "proto/charter.h"
#include "proto/run.h"
#include "relay/admit_priv.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/quota.h"
#include "relay/store.h"

#define DAY_MS 86400000

/* A run while it passes: what each step learned. */
struct passage {
	struct admit *a;
	const struct admit_party *party;
	const struct admit_when *when;
	struct admit_answer *answer;
	struct view bytes;
	struct envelope_header first;
	struct view last_header;
	struct view last_ct;
	const struct keyring_channel *channel;
	const struct charter *charter;
	const struct keyring_key *key;
	struct head *head;
	struct run run;
	struct buf bare;	/* of run, once a pruned row asks for it */
	bool same;		/* an exact duplicate of index */
	bool overlap;
	bool fork;
	bool late;		/* its key is refused where the log ends */
	bool fills;		/* a hollow entry */
	uint64_t index;		/* of the row it meets */
};

static enum err
fork_one(void *ctx, struct view key, struct view value)
{
	struct admit *a = ctx;

	(void)key;
	(void)value;
	a->forks++;
	return ERR_OK;
}

enum err
admit_new(struct admit **out, const struct admit_parts *parts)
{
	struct admit *a = calloc(1, sizeof(*a));
	enum err err;

	if (a == NULL)
		return ERR_NOMEM;
	a->p = *parts;
	a->feeds = buf_init(ADMIT_FEEDS_MAX * sizeof(struct id));
	a->arena = arena_init(ARENA_MAX);
	a->beside = arena_init(ARENA_MAX);
	err = store_facts(a->p.store, STORE_FORK, fork_one, a);
	if (err != ERR_OK) {
		admit_free(&a);
		return err;
	}
	*out = a;
	return ERR_OK;
}

void
admit_free(struct admit **a)
{
	if (*a == NULL)
		return;
	buf_free(&(*a)->feeds);
	arena_free(&(*a)->arena);
	arena_free(&(*a)->beside);
	free(*a);
	*a = NULL;
}

enum err
admit_party(const struct admit *a, const uint8_t key[KEY_BYTES],
    struct admit_party *party)
{
	const struct keyring_agency *agency;
	struct id kid = pubkey_kid(key);

	agency = keyring_transport(a->p.keyring, key);
	if (agency == NULL || agency->relay)
		return ERR_NOT_ADMITTED;
	if (admitted_blocked(a->p.admitted, &agency->id) ||
	    admitted_blocked(a->p.admitted, &kid))
		return ERR_BLOCKED;
	memcpy(party->key, key, KEY_BYTES);
	party->agency = agency->id;
	return ERR_OK;
}

/* Lengths, magic and zero fields of every header, nothing hashed. */
static enum err
check_form(struct passage *p)
{
	struct rd rd = rd_init(p->bytes.p, p->bytes.len);
	struct envelope_header h;
	unsigned i, size;
	enum err err;

	if (p->bytes.len > RUN_CONTAINER_MAX)
		return ERR_TOO_BIG;
	size = rd_u16(&rd);
	rd_view(&rd, SEEN_BYTES);
	if (rd.err == ERR_OK && (size == 0 || size > RUN_MAX))
		return ERR_COUNT;
	for (i = 0; i < size; i++) {
		p->last_header = rd_view(&rd, HEADER_BYTES);
		if (rd.err != ERR_OK)
			return rd.err;
		err = envelope_header_decode(&h, p->last_header);
		if (err != ERR_OK)
			return err;
		p->last_ct = rd_view(&rd, h.ct_len);
		if (i == 0)
			p->first = h;
	}
	rd_view(&rd, SIG_BYTES);
	/* Numbers the store can order. */
	if (rd.err == ERR_OK && p->first.seq > INT64_MAX - RUN_MAX)
		return ERR_SEQ;
	p->answer->first_seq = p->first.seq;
	p->answer->last_seq = p->first.seq + size - 1;
	return rd_end(&rd);
}

/* Is the channel one of the party's own, by an admitted charter? */
static enum err
check_sender(struct passage *p)
{
	const struct keyring *kr = p->a->p.keyring;
	const struct keyring_agency *sender;
	struct id pair;

	p->channel = keyring_channel(kr, &p->first.channel);
	if (p->channel == NULL)
		return ERR_CHANNEL;
	pair = hash_id(&p->channel->pair_id);
	if (admitted_blocked(p->a->p.admitted, &pair))
		return ERR_BLOCKED;
	p->charter = keyring_pair_charter(kr, &p->channel->pair_id,
	    p->first.charter);
	if (p->charter == NULL)
		return ERR_CHARTER_NUMBER;
	/* Under its own charter, and still: a renewal may name another root. */
	sender = keyring_party(kr, &p->channel->pair_id, p->first.charter,
	    p->channel->direction);
	if (sender == NULL || !id_eq(&sender->id, &p->party->agency) ||
	    !admitted_party(p->a->p.admitted, &p->channel->pair_id,
	    p->channel->direction, &p->party->agency))
		return ERR_SENDER;
	p->answer->channel = p->first.channel;
	p->answer->named = true;
	return ERR_OK;
}

static enum err
check_kid(struct passage *p)
{
	const struct keyring *kr = p->a->p.keyring;
	struct keyring_place place = { p->a->p.log_id,
		group_next(p->a->p.group) };

	p->key = keyring_key(kr, &p->first.kid);
	if (p->key == NULL)
		return ERR_KID_UNKNOWN;
	if (!id_eq(&p->key->agency->id, &p->party->agency) || !p->key->has_dh)
		return ERR_KEY_FOREIGN;
	if (admitted_blocked(p->a->p.admitted, &p->key->kid))
		return ERR_BLOCKED;
	/* Below the revocation stand hollow entries, perhaps, and this run's
	 * is known only once it is hashed. */
	p->late = keyring_standing(kr, p->key, &place) == KEYRING_REFUSED;
	return p->late && store_hollows(p->a->p.store) == 0 ?
	    ERR_KEY_REVOKED : ERR_OK;
}

static enum err
same_bytes(void *ctx, const struct store_seen *seen)
{
	struct passage *p = ctx;
	const struct view *body = &seen->run->body;

	if (seen->run->form != STORE_FULL || body->len != p->bytes.len ||
	    memcmp(body->p, p->bytes.p, body->len) != 0)
		return ERR_OK;
	p->same = true;
	p->index = seen->index;
	return ERR_OK;
}

/* Sets same for a run held with its CT; what is newer than all is not. */
static enum err
find_same(struct passage *p)
{
	if (!p->head->known || p->answer->last_seq > p->head->last_seq)
		return ERR_OK;
	return store_runs(p->a->p.store, &p->first.channel,
	    p->answer->first_seq, p->answer->last_seq, same_bytes, p);
}

/* Held against the newest envelope here, if the run goes on from it. */
static enum err
check_order(const struct passage *p)
{
	const struct head *head = p->head;
	const struct incarnation *mine = &p->run.st.incarnation, *last;
	const struct envelope_header *h = &p->run.env[0].h;

	if (!head->known || p->run.st.first_seq <= head->last_seq)
		return ERR_OK;
	last = head->has_last ? &head->last.incarnation : &head->incarnation;
	if (mine->start < last->start)
		return ERR_INCARNATION;
	if (mine->start == last->start && mine->random != last->random)
		return ERR_CLONE;
	if (h->seq != head->last_seq + 1)
		return ERR_OK;
	/* The first after a recovery goes on from where the root says. */
	if (!head->has_last)
		return hash_eq(&h->prev, &head->last_env) ? ERR_OK : ERR_PREV;
	if (memcmp(h->e, head->last.e, KEY_BYTES) != 0)
		return h->charter < head->last.charter ?
		    ERR_CHARTER_NUMBER : ERR_OK;
	if (h->n != head->last.n + 1 || h->charter != head->last.charter ||
	    h->prekey_id != head->last.prekey_id ||
	    h->psk_day != head->last.psk_day ||
	    !id_eq(&h->kid, &head->last.kid))
		return ERR_EPOCH;
	return ERR_OK;
}

/* One envelope that is here already against the run that came. */
static void
meet(struct passage *p, const struct envelope *here, uint64_t index)
{
	const struct run *run = &p->run;
	const struct head *head = p->head;
	uint64_t seq = here->h.seq, first = run->st.first_seq;

	if (head->recovered && index < head->recovery_index &&
	    seq >= head->next_seq)
		return;		/* a branch the root has left */
	if (seq + 1 == first) {
		if (!hash_eq(&run->env[0].h.prev, &here->env_id) &&
		    !(head->recovered && first == head->next_seq))
			p->fork = true;
	} else if (seq == run->last_seq + 1) {
		if (!hash_eq(&here->h.prev, run_last_env(run)))
			p->fork = true;
	} else if (seq >= first && seq <= run->last_seq) {
		if (hash_eq(&here->env_id, &run->env[seq - first].env_id))
			p->overlap = true;
		else
			p->fork = true;
	}
	if (p->fork || p->overlap)
		p->index = index;
}

/* A pruned row may be the very run. */
static enum err
same_bare(struct passage *p, const struct store_seen *seen)
{
	enum err err = ERR_OK;

	if (seen->run->form != STORE_BARE ||
	    seen->run->first_seq != p->run.st.first_seq ||
	    seen->run->last_seq != p->run.last_seq)
		return ERR_OK;
	if (p->bare.len == 0)
		err = run_encode_bare(&p->bare, &p->run);
	if (err != ERR_OK || p->bare.len != seen->run->body.len ||
	    memcmp(p->bare.p, seen->run->body.p, p->bare.len) != 0)
		return err;
	p->same = true;
	p->index = seen->index;
	return ERR_OK;
}

static enum err
meet_row(void *ctx, const struct store_seen *seen)
{
	struct passage *p = ctx;
	struct keyring_place place = { p->a->p.log_id, seen->index };
	const struct keyring_key *key;
	struct run here;
	unsigned i;
	enum err err;

	if (p->same)
		return ERR_OK;
	err = same_bare(p, seen);
	if (err != ERR_OK || p->same)
		return err;
	err = run_decode(&here, seen->run->form == STORE_FULL ? RUN_FULL :
	    RUN_BARE, seen->run->body, &p->a->beside);
	if (err == ERR_OK) {
		key = keyring_key(p->a->p.keyring, &here.st.kid);
		/* What is not good binds nobody (section 1). */
		if (key != NULL && keyring_standing(p->a->p.keyring, key,
		    &place) == KEYRING_GOOD)
			for (i = 0; i < here.env_count; i++)
				meet(p, &here.env[i], seen->index);
	}
	arena_free(&p->a->beside);
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_STORAGE;
}

/* Does it simply go on from the newest envelope here? */
static bool
goes_on(const struct passage *p)
{
	const struct head *head = p->head;

	return !head->known || p->run.st.first_seq > head->last_seq + 1 ||
	    (p->run.st.first_seq == head->last_seq + 1 &&
	    hash_eq(&p->run.env[0].h.prev, &head->last_env));
}

static enum err
find_meets(struct passage *p)
{
	uint64_t first = p->run.st.first_seq;

	if (goes_on(p))
		return ERR_OK;
	return store_runs(p->a->p.store, &p->first.channel,
	    first > 1 ? first - 1 : 1, p->run.last_seq + 1, meet_row, p);
}

/* Is there room for one more fork of this channel, and is it new? */
static enum err
fork_room(struct passage *p, struct view key, bool *room)
{
	uint64_t same = 0, channel = 0;
	enum err err;

	err = store_held(p->a->p.store, STORE_FORK, key, &same);
	if (err == ERR_OK)
		err = store_held(p->a->p.store, STORE_FORK,
		    (struct view){ key.p, ID_BYTES }, &channel);
	*room = same == 0 && channel < ADMIT_FORKS_CHANNEL_MAX &&
	    p->a->forks < ADMIT_FORKS_MAX;
	return err;
}

/* Evidence: the run as it came, beside the index of what it contradicts. */
static enum err
keep_fork(struct passage *p)
{
	uint8_t key[ID_BYTES + 8 + 8];
	struct wr wr = wr_init(key, sizeof(key));
	struct hash leaf = run_leaf(&p->run);
	struct buf value = buf_init(8 + RUN_CONTAINER_MAX);
	bool room = false;
	enum err err;

	wr_copy(&wr, p->first.channel.b, ID_BYTES);
	wr_u64(&wr, p->run.st.first_seq);
	wr_copy(&wr, leaf.b, 8);
	err = fork_room(p, (struct view){ key, wr.len }, &room);
	if (err != ERR_OK || !room)
		return err;
	diag_warn("admit", "fork: two signed envelopes of one seq, kept "
	    "first_seq=%llu index=%llu",
	    (unsigned long long)p->run.st.first_seq,
	    (unsigned long long)p->index);
	buf_u64(&value, p->index);
	buf_put(&value, p->bytes.p, p->bytes.len);
	err = value.err;
	if (err == ERR_OK)
		err = group_begin(p->a->p.group);
	if (err == ERR_OK)
		err = store_put(p->a->p.store, STORE_FORK,
		    (struct view){ key, wr.len }, buf_view(&value));
	if (err == ERR_OK)
		p->a->forks++;
	buf_free(&value);
	return err;
}

/* The longest an envelope of it may be asked for, at most the charter's. */
static int64_t
due_at(const struct passage *p)
{
	uint64_t most = (uint64_t)p->charter->keep_days * DAY_MS, keep = 0;
	unsigned i;

	for (i = 0; i < p->run.env_count; i++) {
		uint64_t ms = p->run.env[i].h.keep_ms;

		if (ms == 0 || ms > most)
			ms = most;
		if (ms > keep)
			keep = ms;
	}
	return p->when->wall + (int64_t)keep;
}

static enum err
append(struct passage *p)
{
	struct store_run row = {
		.channel = p->first.channel,
		.first_seq = p->run.st.first_seq,
		.last_seq = p->run.last_seq,
		.last_env = *run_last_env(&p->run),
		.accepted_at = p->when->wall,
		.due_at = due_at(p),
		.form = STORE_FULL,
		.body = p->bytes,
	};
	struct store_item item = {
		.entry = { p->run.entry, RUN_ENTRY_BYTES },
		.run = &row,
		.feeds = &row.channel,
		.feed_count = 1,
	};
	enum err err = group_append(p->a->p.group, &item);

	if (err != ERR_OK)
		return err;
	p->answer->index = item.index;
	p->answer->filled = p->fills;
	heads_run(p->head, &p->run, item.index);
	return ERR_OK;
}

/* The checks that need no look into the store; ERR_OK or the status. */
static enum err
check_outside(struct passage *p)
{
	enum err err;

	err = quota_take(p->a->p.quota, p->party->key, QUOTA_RUN,
	    p->bytes.len, p->when->mono);
	if (err == ERR_OK)
		err = check_form(p);
	if (err == ERR_OK)
		err = check_sender(p);
	return err != ERR_OK ? err : check_kid(p);
}

/* Does it stand in the log already, hollow?  Sets fills, and how its key
 * stands there. */
static enum err
find_hollow(struct passage *p)
{
	struct keyring_place place = { .log_id = p->a->p.log_id };
	struct hash leaf = run_leaf(&p->run);
	enum err err;

	err = group_place(p->a->p.group, &leaf, &place.index);
	if (err != ERR_OK)
		return err;
	p->fills = place.index < group_next(p->a->p.group);
	if (p->fills)
		p->late = keyring_standing(p->a->p.keyring, p->key, &place) ==
		    KEYRING_REFUSED;
	return ERR_OK;
}

/* Order, room, root and signature; ERR_OK or the status.  What fills an old
 * place was held against what was the newest then. */
static enum err
check_inside(struct passage *p)
{
	enum err err = p->late ? ERR_KEY_REVOKED : ERR_OK;

	if (err == ERR_OK && !p->fills)
		err = check_order(p);
	if (err == ERR_OK && p->when->disk_low)
		err = ERR_DISK_LOW;
	if (err == ERR_OK)
		err = pubkey_verify(p->key->sign, run_signed(&p->run).p,
		    run_signed(&p->run).len, run_sig(&p->run).p);
	return err;
}

/* What is not here yet: everything about it, and about what is beside it. */
static enum err
look_inside(struct passage *p)
{
	enum err err;

	p->answer->status = run_decode(&p->run, RUN_FULL, p->bytes,
	    &p->a->arena);
	if (p->answer->status != ERR_OK)
		return ERR_OK;
	err = find_hollow(p);
	if (err != ERR_OK)
		return err;
	p->answer->status = check_inside(p);
	return p->answer->status == ERR_OK ? find_meets(p) : ERR_OK;
}

static enum err
pass(struct passage *p)
{
	const struct keyring_channel *ch;
	struct id notices;
	enum err err;

	p->answer->status = check_outside(p);
	if (p->answer->status != ERR_OK)
		return ERR_OK;
	ch = p->channel;
	notices = envelope_channel(&ch->pair_id, ch->direction, LANE_NOTICE);
	err = heads_find(p->a->p.heads, &ch->id, &notices, ch->lane, &p->head);
	if (err == ERR_OK)
		err = find_same(p);
	if (err == ERR_OK && !p->same)
		err = look_inside(p);
	if (err != ERR_OK || p->answer->status != ERR_OK)
		return err;
	if (p->same) {
		p->answer->index = p->index;
		return ERR_OK;
	}
	if (p->fork) {
		p->answer->status = ERR_FORK;
		return keep_fork(p);
	}
	if (p->overlap) {
		p->answer->status = ERR_OVERLAP;
		return ERR_OK;
	}
	return append(p);
}

/* What a refusal is about; a run taken hashed its last envelope already. */
static void
name_last(struct passage *p)
{
	struct hash ct_hash;

	if (p->answer->status == ERR_OK && !p->same) {
		p->answer->last_env = *run_last_env(&p->run);
		return;
	}
	ct_hash = hash_of(p->last_ct.p, p->last_ct.len);
	p->answer->last_env = envelope_id(p->last_header.p, &ct_hash);
}

enum err
admit_run(struct admit *a, const struct admit_party *party,
    struct view bytes, const struct admit_when *when,
    struct admit_answer *answer)
{
	struct passage p = { .a = a, .party = party, .when = when,
		.answer = answer, .bytes = bytes,
		.bare = buf_init(RUN_CONTAINER_MAX) };
	enum err err;

	memset(answer, 0, sizeof(*answer));
	err = pass(&p);
	if (answer->named)
		name_last(&p);
	buf_free(&p.bare);
	arena_free(&a->arena);
	return err;
}
