#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"

static int
message_cmp(const void *pa, const void *pb)
{
	const struct judge_message *a = pa, *b = pb;

	const struct judge_run *ra = a->run, *rb = b->run;

	if (ra->direction != rb->direction)
		return (ra->direction < rb->direction ? -1 : 1);
	if (ra->lane != rb->lane)
		return (ra->lane < rb->lane ? -1 : 1);
	if (judge_seq(a) != judge_seq(b))
		return (judge_seq(a) < judge_seq(b) ? -1 : 1);
	/* A good one takes the number of one that is not. */
	if (ra->standing != rb->standing)
		return (ra->standing < rb->standing ? -1 : 1);
	if (ra->logged != rb->logged)
		return (ra->logged ? -1 : 1);
	return (memcmp(a->env_id.b, b->env_id.b, HASH_BYTES));
}

static void
fault(struct judge *j, enum findings_code code, enum err err,
    const struct judge_message *m)
{
	char where[JUDGE_WHERE_BYTES];

	judge_where(where, m->run->direction, m->run->lane, judge_seq(m),
	    judge_seq(m));
	judge_find(j, code, err, where, "%s", "");
}

static struct hash
prev_of(const struct judge_message *m)
{
	return (judge_header(m).prev);
}

/* The first jump whose next_seq is m's number, or by more above it. */
static const struct statement_recovery_lane *
jump_from(const struct judge *j, const struct judge_message *m, uint64_t by)
{
	return (judge_jump(j, m->run->direction, m->run->lane,
	    judge_seq(m) + by));
}

/* The jump that ends at that message's number, or NULL. */
static const struct statement_recovery_lane *
landing(const struct judge *j, const struct judge_message *m)
{
	const struct statement_recovery_lane *r = jump_from(j, m, 0);

	return (r != NULL && r->next_seq == judge_seq(m) ? r : NULL);
}

/* The one of those with one number that counts: on the branch a recovery
 * continues, or begins; else the first.  NULL if a recovery left the number behind, or
 * names another for it that is not here. */
static struct judge_message *
counting(struct judge *j, size_t first, size_t end)
{
	struct judge_message *m = &j->message[first];
	const struct statement_recovery_lane *r;
	struct hash prev;
	bool here;
	size_t i;

	if (judge_lost(j, m->run->direction, m->run->lane, judge_seq(m)))
		return (NULL);
	r = jump_from(j, m, 1);
	here = r != NULL && r->old_seq == judge_seq(m);
	for (i = first; i < end; i++)
		if (j->message[i].named &&
		    (!here || hash_eq(&j->message[i].env_id, &r->old_env)))
			return (&j->message[i]);
	if (here)
		return (NULL);
	if ((r = landing(j, m)) == NULL)
		return (m);
	for (i = first; i < end; i++) {
		prev = prev_of(&j->message[i]);
		if (hash_eq(&prev, &r->old_env))
			return (&j->message[i]);
	}
	return (m);
}

/* Beside the one kept, was m left by a root: by a later recovery, or by the
 * one that ends at its number and that it does not follow? */
static bool
left_behind(const struct judge *j, const struct judge_message *m,
    const struct judge_message *kept)
{
	const struct statement_recovery_lane *r;
	struct hash prev, of_kept;

	if (jump_from(j, m, 1) != NULL)
		return (true);
	if ((r = landing(j, m)) == NULL || kept == NULL)
		return (false);
	prev = prev_of(m);
	of_kept = prev_of(kept);
	return (hash_eq(&of_kept, &r->old_env) &&
	    !hash_eq(&prev, &r->old_env));
}

/* The others with that number: the same twice, a fork, or a disputed one. */
static void
set_aside(struct judge *j, size_t first, size_t end,
    const struct judge_message *kept)
{
	const struct judge_message *same;
	struct judge_message *m;
	size_t i;

	for (i = first; i < end; i++) {
		m = &j->message[i];
		if (m == kept)
			continue;
		m->off_chain = true;
		same = kept != NULL || i == first ? kept : m - 1;
		if (same != NULL && hash_eq(&same->env_id, &m->env_id))
			fault(j, FINDINGS_RUN_OVERLAP, ERR_OVERLAP, m);
		else if (m->run->standing != KEYRING_GOOD)
			continue;	/* run-disputed says it already */
		else if (left_behind(j, m, kept))
			fault(j, FINDINGS_FORK_RECOVERED, ERR_FORK, m);
		else
			fault(j, FINDINGS_FORK, ERR_FORK, m);
	}
}

/* Within one E the epoch is constant and n rises; across, nothing falls. */
static bool
epoch_follows(const struct envelope_header *a, const struct envelope_header *b)
{
	if (memcmp(a->e, b->e, KEY_BYTES) == 0)
		return (b->n > a->n && b->prekey_id == a->prekey_id &&
		    b->psk_day == a->psk_day && b->charter == a->charter &&
		    id_eq(&a->kid, &b->kid) &&
		    (b->seq != a->seq + 1 || b->n == a->n + 1));
	if (b->charter != a->charter)
		return (b->charter > a->charter);
	return (b->prekey_id >= a->prekey_id && b->psk_day >= a->psk_day);
}

/* After a recovery of the peer, ack_seq goes back to what stands of it. */
static bool
ack_fell(const struct judge *j, const struct judge_run *run,
    const struct envelope_header *a, const struct envelope_header *b)
{
	uint8_t peer = run->direction == FROM_A ? FROM_B : FROM_A;
	const struct statement_recovery_lane *r;

	if (b->ack_seq >= a->ack_seq)
		return (false);
	r = judge_jump(j, peer, run->lane, a->ack_seq + 1);
	return (r == NULL || b->ack_seq < r->old_seq);
}

/* A message of a channel with its header read. */
struct link {
	const struct judge_message *m;	/* NULL: none yet */
	struct envelope_header h;
};

/* b follows a, the one before it that is here and counts; NULL: none. */
static void
follow(struct judge *j, const struct link *a, const struct link *b)
{
	const struct statement_recovery_lane *r;
	const struct incarnation *ia = &a->h.incarnation;
	const struct incarnation *ib = &b->h.incarnation;
	const struct keyring_key *ka, *kb;

	if ((r = landing(j, b->m)) != NULL) {
		if (!hash_eq(&b->h.prev, &r->old_env))
			fault(j, FINDINGS_CHAIN_BROKEN, ERR_PREV, b->m);
	} else if (a->m != NULL && b->h.seq == a->h.seq + 1 &&
	    !hash_eq(&b->h.prev, &a->m->env_id))
		fault(j, FINDINGS_CHAIN_BROKEN, ERR_PREV, b->m);
	if (a->m == NULL)
		return;
	if (ib->start < ia->start ||
	    (ib->start == ia->start && ib->random != ia->random))
		fault(j, FINDINGS_INCARNATION, ERR_INCARNATION, b->m);
	ka = a->m->run->signer;
	kb = b->m->run->signer;
	if (ka->agency == kb->agency && kb->ks_seq < ka->ks_seq)
		fault(j, FINDINGS_KEY_ORDER, ERR_KEY_SEQ, b->m);
	if (!epoch_follows(&a->h, &b->h))
		fault(j, FINDINGS_EPOCH, ERR_EPOCH, b->m);
	if (ack_fell(j, b->m->run, &a->h, &b->h))
		fault(j, FINDINGS_ACK_FELL, ERR_ROLLBACK, b->m);
}

static void
walk(struct judge *j, uint8_t d, uint8_t l)
{
	struct judge_channel *ch = &j->channel[d][l];
	struct link link[2] = { { .m = NULL } };
	struct judge_message *m;
	unsigned now = 0;	/* which link is the message at hand */
	size_t i, next, end = j->first[d][l + 1];
	uint64_t seq, *shown = &j->end[d][l];

	for (i = j->first[d][l]; i < end; i = next) {
		seq = judge_seq(&j->message[i]);
		for (next = i + 1; next < end; next++)
			if (judge_seq(&j->message[next]) != seq)
				break;
		if (seq > *shown + 1)
			judge_missing(j, d, l, *shown + 1, seq - 1);
		*shown = seq;
		m = counting(j, i, next);
		set_aside(j, i, next, m);
		if (m == NULL) {
			if (!judge_lost(j, d, l, seq))
				judge_missing(j, d, l, seq, seq);
			continue;
		}
		link[now].m = m;
		link[now].h = judge_header(m);
		follow(j, &link[1 - now], &link[now]);
		now = 1 - now;
		ch->messages++;
		ch->last_seq = seq;
		ch->head = m->env_id;
	}
}

/* ack_seq and ack_env of one side against what the other side signed. */
static void
check_ack(struct judge *j, const struct judge_message *m)
{
	uint8_t from = m->run->direction, lane = m->run->lane;
	uint8_t peer = from == FROM_A ? FROM_B : FROM_A;
	uint64_t *most = &j->ack[from][lane], shown = j->end[peer][lane];
	struct envelope_header h = judge_header(m);
	const struct judge_message *acked;
	char where[JUDGE_WHERE_BYTES];
	bool said = *most > shown;

	if (h.ack_seq == 0 || m->off_chain)
		return;
	if (h.ack_seq > *most)
		*most = h.ack_seq;
	acked = judge_by_seq(j, peer, lane, h.ack_seq);
	if (acked != NULL && !hash_eq(&acked->env_id, &h.ack_env) &&
	    judge_by_env(j, &h.ack_env) == NULL)
		fault(j, FINDINGS_ACK_CONTRADICTS, ERR_FORK, m);
	if (acked == NULL)
		judge_unlost(j, peer, lane, h.ack_seq, h.ack_seq,
		    "an acknowledgement");
	if (said || h.ack_seq <= shown)
		return;
	judge_where(where, peer, lane, shown, shown);
	judge_find(j, FINDINGS_TAIL_MISSING, ERR_OK, where,
	    "%c%u seq %llu acknowledges seq %llu",
	    from == FROM_A ? 'a' : 'b', lane,
	    (unsigned long long)h.seq, (unsigned long long)h.ack_seq);
}

static int
env_cmp(const void *pa, const void *pb, void *ctx)
{
	const struct judge_message *m = ctx;
	const uint32_t *a = pa, *b = pb;

	return (memcmp(m[*a].env_id.b, m[*b].env_id.b, HASH_BYTES));
}

/* A bundle's runs ascend, so only those that overlap are out of order. */
static void
order_messages(struct judge *j)
{
	size_t i, d, l, at = 0;

	for (i = 1; i < j->messages; i++)
		if (message_cmp(&j->message[i - 1], &j->message[i]) > 0) {
			qsort(j->message, j->messages, sizeof(*j->message),
			    message_cmp);
			break;
		}
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++) {
			j->first[d][l] = at;
			while (at < j->messages &&
			    j->message[at].run->direction == d &&
			    j->message[at].run->lane == l)
				at++;
			j->first[d][l + 1] = at;
		}
}

/* By env_id: receipts, forks, recoveries and openings ask so, and few of
 * them; a sealed bundle without a fault never does. */
static void
index_by_env(struct judge *j)
{
	size_t i;

	j->by_env = calloc(j->messages + 1, sizeof(*j->by_env));
	if (j->by_env == NULL) {
		j->starved = true;
		return;
	}
	for (i = 0; i < j->messages; i++)
		j->by_env[i] = (uint32_t)i;
	if (j->messages > 1)
		qsort_r(j->by_env, j->messages, sizeof(*j->by_env), env_cmp,
		    j->message);
}

/* Where those with that env_id begin in by_env. */
static size_t
from_env(struct judge *j, const struct hash *env_id)
{
	size_t lo = 0, hi = j->messages, mid;

	if (j->by_env == NULL)
		index_by_env(j);
	if (j->starved)
		return (j->messages);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (memcmp(j->message[j->by_env[mid]].env_id.b, env_id->b,
			HASH_BYTES) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

struct judge_message *
judge_by_env(struct judge *j, const struct hash *env_id)
{
	size_t i = from_env(j, env_id);
	struct judge_message *m;

	/* Of an overlap, the one that counts. */
	for (m = NULL; i < j->messages; i++) {
		if (!hash_eq(&j->message[j->by_env[i]].env_id, env_id))
			break;
		if (m == NULL || m->off_chain)
			m = &j->message[j->by_env[i]];
	}
	return (m);
}

/* The branch a jump continues: old_env and all that it follows. */
static void
name_branch(struct judge *j, const struct judge_jump *jump)
{
	struct hash env_id = jump->at.old_env;
	struct judge_message *m;
	size_t i;

	do {
		i = from_env(j, &env_id);
		for (m = NULL; i < j->messages; i++) {
			if (!hash_eq(&j->message[j->by_env[i]].env_id,
				&env_id))
				break;
			m = &j->message[j->by_env[i]];
			if (m->named ||
			    m->run->direction != jump->direction ||
			    m->run->lane != jump->lane)
				return;
			m->named = true;
		}
		if (m != NULL)
			env_id = prev_of(m);
	} while (m != NULL);
}

/* Without holes and repetitions before it, seq stands as far from the first
 * as numbers go; true if it does. */
static bool
stands_straight(const struct judge *j, size_t lo, size_t hi, uint64_t seq,
    size_t *at)
{
	uint64_t first = lo < hi ? judge_seq(&j->message[lo]) : 0;

	if (lo == hi || seq < first || seq - first >= hi - lo)
		return (false);
	*at = lo + (size_t)(seq - first);
	return (judge_seq(&j->message[*at]) == seq &&
	    (*at == lo || judge_seq(&j->message[*at - 1]) < seq));
}

size_t
judge_from_seq(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq)
{
	size_t lo = j->first[direction][lane];
	size_t hi = j->first[direction][lane + 1], mid;

	if (stands_straight(j, lo, hi, seq, &mid))
		return (mid);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (judge_seq(&j->message[mid]) < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

struct judge_message *
judge_by_seq(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq)
{
	size_t i = judge_from_seq(j, direction, lane, seq);
	struct judge_message *m = NULL;

	for (; i < j->first[direction][lane + 1]; i++) {
		if (judge_seq(&j->message[i]) != seq)
			break;
		if (m == NULL || m->off_chain)
			m = &j->message[i];
	}
	return (m);
}

enum err
judge_chains(struct judge *j)
{
	uint8_t d, l;
	size_t i;

	order_messages(j);
	if (judge_jumps(j) != ERR_OK)
		return (ERR_NOMEM);
	for (i = 0; i < j->jumps; i++)
		name_branch(j, &j->jump[i]);
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++)
			walk(j, d, l);
	for (i = 0; i < j->messages; i++)
		check_ack(j, &j->message[i]);
	return (ERR_OK);
}
