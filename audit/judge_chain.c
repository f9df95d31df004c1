#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"

static int
message_cmp(const void *pa, const void *pb)
{
	const struct judge_message *a = pa, *b = pb;

	if (a->direction != b->direction)
		return (a->direction < b->direction ? -1 : 1);
	if (a->lane != b->lane)
		return (a->lane < b->lane ? -1 : 1);
	if (a->h.seq != b->h.seq)
		return (a->h.seq < b->h.seq ? -1 : 1);
	/* A good one takes the number of one that is not. */
	if (a->standing != b->standing)
		return (a->standing < b->standing ? -1 : 1);
	if (a->logged != b->logged)
		return (a->logged ? -1 : 1);
	return (memcmp(a->env_id.b, b->env_id.b, HASH_BYTES));
}

static void
fault(struct judge *j, enum findings_code code, enum err err,
    const struct judge_message *m)
{
	char where[JUDGE_WHERE_BYTES];

	judge_where(where, m->direction, m->lane, m->h.seq, m->h.seq);
	judge_find(j, code, err, where, "%s", "");
}

/* The jump that ends at that message's number, or NULL. */
static const struct statement_recovery_lane *
landing(const struct judge *j, const struct judge_message *m)
{
	const struct statement_recovery_lane *r;

	r = judge_jump(j, m->direction, m->lane, m->h.seq);
	return (r != NULL && r->next_seq == m->h.seq ? r : NULL);
}

/* The one of those with one number that counts: on the branch a recovery
 * continues, or begins; else the first.  NULL if a recovery left the number behind, or
 * names another for it that is not here. */
static struct judge_message *
counting(struct judge *j, size_t first, size_t end)
{
	struct judge_message *m = &j->message[first];
	const struct statement_recovery_lane *r;
	bool here;
	size_t i;

	if (judge_lost(j, m->direction, m->lane, m->h.seq))
		return (NULL);
	r = judge_jump(j, m->direction, m->lane, m->h.seq + 1);
	here = r != NULL && r->old_seq == m->h.seq;
	for (i = first; i < end; i++)
		if (j->message[i].named &&
		    (!here || hash_eq(&j->message[i].env_id, &r->old_env)))
			return (&j->message[i]);
	if (here)
		return (NULL);
	if ((r = landing(j, m)) == NULL)
		return (m);
	for (i = first; i < end; i++)
		if (hash_eq(&j->message[i].h.prev, &r->old_env))
			return (&j->message[i]);
	return (m);
}

/* Beside the one kept, was m left by a root: by a later recovery, or by the
 * one that ends at its number and that it does not follow? */
static bool
left_behind(const struct judge *j, const struct judge_message *m,
    const struct judge_message *kept)
{
	const struct statement_recovery_lane *r;

	if (judge_jump(j, m->direction, m->lane, m->h.seq + 1) != NULL)
		return (true);
	r = landing(j, m);
	return (r != NULL && kept != NULL &&
	    hash_eq(&kept->h.prev, &r->old_env) &&
	    !hash_eq(&m->h.prev, &r->old_env));
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
		else if (m->standing != KEYRING_GOOD)
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
ack_fell(const struct judge *j, const struct judge_message *a,
    const struct judge_message *b)
{
	uint8_t peer = a->direction == FROM_A ? FROM_B : FROM_A;
	const struct statement_recovery_lane *r;

	if (b->h.ack_seq >= a->h.ack_seq)
		return (false);
	r = judge_jump(j, peer, a->lane, a->h.ack_seq + 1);
	return (r == NULL || b->h.ack_seq < r->old_seq);
}

/* b follows a, the one before it that is here and counts; NULL: none. */
static void
follow(struct judge *j, const struct judge_message *a,
    const struct judge_message *b)
{
	const struct statement_recovery_lane *r;
	const struct incarnation *ia, *ib = &b->h.incarnation;

	if ((r = landing(j, b)) != NULL) {
		if (!hash_eq(&b->h.prev, &r->old_env))
			fault(j, FINDINGS_CHAIN_BROKEN, ERR_PREV, b);
	} else if (a != NULL && b->h.seq == a->h.seq + 1 &&
	    !hash_eq(&b->h.prev, &a->env_id))
		fault(j, FINDINGS_CHAIN_BROKEN, ERR_PREV, b);
	if (a == NULL)
		return;
	ia = &a->h.incarnation;
	if (ib->start < ia->start ||
	    (ib->start == ia->start && ib->random != ia->random))
		fault(j, FINDINGS_INCARNATION, ERR_INCARNATION, b);
	if (a->signer->agency == b->signer->agency &&
	    b->signer->ks_seq < a->signer->ks_seq)
		fault(j, FINDINGS_KEY_ORDER, ERR_KEY_SEQ, b);
	if (!epoch_follows(&a->h, &b->h))
		fault(j, FINDINGS_EPOCH, ERR_EPOCH, b);
	if (ack_fell(j, a, b))
		fault(j, FINDINGS_ACK_FELL, ERR_ROLLBACK, b);
}

static void
walk(struct judge *j, uint8_t d, uint8_t l)
{
	struct judge_channel *ch = &j->channel[d][l];
	struct judge_message *m, *last = NULL;
	size_t i, next, end = j->first[d][l + 1];
	uint64_t seq, *shown = &j->end[d][l];

	for (i = j->first[d][l]; i < end; i = next) {
		seq = j->message[i].h.seq;
		for (next = i + 1; next < end; next++)
			if (j->message[next].h.seq != seq)
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
		follow(j, last, m);
		ch->messages++;
		ch->last_seq = seq;
		ch->head = m->env_id;
		last = m;
	}
}

/* ack_seq and ack_env of one side against what the other side signed. */
static void
check_ack(struct judge *j, const struct judge_message *m)
{
	uint8_t peer = m->direction == FROM_A ? FROM_B : FROM_A;
	uint64_t *most = &j->ack[m->direction][m->lane];
	uint64_t shown = j->end[peer][m->lane];
	const struct judge_message *acked;
	char where[JUDGE_WHERE_BYTES];
	bool said = *most > shown;

	if (m->h.ack_seq == 0 || m->off_chain)
		return;
	if (m->h.ack_seq > *most)
		*most = m->h.ack_seq;
	acked = judge_by_seq(j, peer, m->lane, m->h.ack_seq);
	if (acked != NULL && !hash_eq(&acked->env_id, &m->h.ack_env) &&
	    judge_by_env(j, &m->h.ack_env) == NULL)
		fault(j, FINDINGS_ACK_CONTRADICTS, ERR_FORK, m);
	if (acked == NULL)
		judge_unlost(j, peer, m->lane, m->h.ack_seq, m->h.ack_seq,
		    "an acknowledgement");
	if (said || m->h.ack_seq <= shown)
		return;
	judge_where(where, peer, m->lane, shown, shown);
	judge_find(j, FINDINGS_TAIL_MISSING, ERR_OK, where,
	    "%c%u seq %llu acknowledges seq %llu",
	    m->direction == FROM_A ? 'a' : 'b', m->lane,
	    (unsigned long long)m->h.seq, (unsigned long long)m->h.ack_seq);
}

static int
env_cmp(const void *pa, const void *pb, void *ctx)
{
	const struct judge_message *m = ctx;
	const size_t *a = pa, *b = pb;

	return (memcmp(m[*a].env_id.b, m[*b].env_id.b, HASH_BYTES));
}

static enum err
index_messages(struct judge *j)
{
	size_t i, d, l, at = 0;

	if (j->messages > 1)
		qsort(j->message, j->messages, sizeof(*j->message),
		    message_cmp);
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++) {
			j->first[d][l] = at;
			while (at < j->messages &&
			    j->message[at].direction == d &&
			    j->message[at].lane == l)
				at++;
			j->first[d][l + 1] = at;
		}
	j->by_env = calloc(j->messages + 1, sizeof(*j->by_env));
	if (j->by_env == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < j->messages; i++)
		j->by_env[i] = i;
	if (j->messages > 1)
		qsort_r(j->by_env, j->messages, sizeof(*j->by_env), env_cmp,
		    j->message);
	return (ERR_OK);
}

/* Where those with that env_id begin in by_env. */
static size_t
from_env(const struct judge *j, const struct hash *env_id)
{
	size_t lo = 0, hi = j->messages, mid;

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
judge_by_env(const struct judge *j, const struct hash *env_id)
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
	const struct hash *env_id = &jump->at.old_env;
	struct judge_message *m;
	size_t i;

	while (env_id != NULL) {
		i = from_env(j, env_id);
		for (m = NULL; i < j->messages; i++) {
			if (!hash_eq(&j->message[j->by_env[i]].env_id,
				env_id))
				break;
			m = &j->message[j->by_env[i]];
			if (m->named || m->direction != jump->direction ||
			    m->lane != jump->lane)
				return;
			m->named = true;
		}
		env_id = m == NULL ? NULL : &m->h.prev;
	}
}

size_t
judge_from_seq(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq)
{
	size_t lo = j->first[direction][lane];
	size_t hi = j->first[direction][lane + 1], mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (j->message[mid].h.seq < seq)
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
		if (j->message[i].h.seq != seq)
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

	if (index_messages(j) != ERR_OK || judge_jumps(j) != ERR_OK)
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
