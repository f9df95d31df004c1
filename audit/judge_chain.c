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

bool
judge_lost(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq)
{
	const struct statement_recovery_lane *r;
	size_t i;

	for (i = 0; i < j->recoveries; i++) {
		r = &j->recovery[i].st.lane[lane];
		if (j->recovery[i].st.direction == direction &&
		    seq > r->old_seq && seq < r->next_seq)
			return (true);
	}
	return (false);
}

/* The branch a recovery continues: env_id old_env at old_seq. */
static const struct statement_recovery_lane *
resumes_at(const struct judge *j, const struct judge_message *m)
{
	const struct statement_recovery_lane *r;
	size_t i;

	for (i = 0; i < j->recoveries; i++) {
		r = &j->recovery[i].st.lane[m->lane];
		if (j->recovery[i].st.direction == m->direction &&
		    r->next_seq == m->h.seq)
			return (r);
	}
	return (NULL);
}

static bool
recovered(const struct judge *j, const struct judge_message *m)
{
	size_t i;

	for (i = 0; i < j->recoveries; i++)
		if (j->recovery[i].st.direction == m->direction &&
		    j->recovery[i].st.lane[m->lane].next_seq > m->h.seq)
			return (true);
	return (false);
}

/* Seqs first to last are not here: lost by declaration, or missing. */
static void
missing(struct judge *j, uint8_t d, uint8_t l, uint64_t first, uint64_t last)
{
	char where[JUDGE_WHERE_BYTES];
	bool lost = judge_lost(j, d, l, first) && judge_lost(j, d, l, last);

	judge_where(where, d, l, first, last);
	judge_find(j, lost ? FINDINGS_DECLARED_LOST : FINDINGS_SEQ_GAP,
	    ERR_OK, where, "%s", "");
}

static void
fault(struct judge *j, enum findings_code code, enum err err,
    const struct judge_message *m)
{
	char where[JUDGE_WHERE_BYTES];

	judge_where(where, m->direction, m->lane, m->h.seq, m->h.seq);
	judge_find(j, code, err, where, "%s", "");
}

/* Two with one number: the same twice, a fork, or a disputed one. */
static void
same_seq(struct judge *j, const struct judge_message *kept,
    struct judge_message *m)
{
	m->off_chain = true;
	if (hash_eq(&kept->env_id, &m->env_id))
		fault(j, FINDINGS_RUN_OVERLAP, ERR_OVERLAP, m);
	else if (m->standing != KEYRING_GOOD)
		return;			/* run-disputed says it already */
	else if (recovered(j, m))
		fault(j, FINDINGS_FORK_RECOVERED, ERR_FORK, m);
	else
		fault(j, FINDINGS_FORK, ERR_FORK, m);
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

/* b follows a, the one before it that is here. */
static void
follow(struct judge *j, const struct judge_message *a,
    const struct judge_message *b)
{
	const struct statement_recovery_lane *r = resumes_at(j, b);
	const struct incarnation *ia = &a->h.incarnation;
	const struct incarnation *ib = &b->h.incarnation;

	if (r != NULL ? !hash_eq(&b->h.prev, &r->old_env)
		      : b->h.seq == a->h.seq + 1 &&
		    !hash_eq(&b->h.prev, &a->env_id))
		fault(j, FINDINGS_CHAIN_BROKEN, ERR_PREV, b);
	if (ib->start < ia->start ||
	    (ib->start == ia->start && ib->random != ia->random))
		fault(j, FINDINGS_INCARNATION, ERR_INCARNATION, b);
	if (a->signer->agency == b->signer->agency &&
	    b->signer->ks_seq < a->signer->ks_seq)
		fault(j, FINDINGS_KEY_ORDER, ERR_KEY_SEQ, b);
	if (!epoch_follows(&a->h, &b->h))
		fault(j, FINDINGS_EPOCH, ERR_EPOCH, b);
	if (b->h.ack_seq < a->h.ack_seq)
		fault(j, FINDINGS_ACK_FELL, ERR_ROLLBACK, b);
}

static void
walk(struct judge *j, uint8_t d, uint8_t l)
{
	struct judge_channel *ch = &j->channel[d][l];
	struct judge_message *m, *last = NULL;
	size_t i;

	for (i = j->first[d][l]; i < j->first[d][l + 1]; i++) {
		m = &j->message[i];
		if (last != NULL && m->h.seq == last->h.seq) {
			same_seq(j, last, m);
			continue;
		}
		if (m->h.seq > ch->last_seq + 1)
			missing(j, d, l, ch->last_seq + 1, m->h.seq - 1);
		if (last != NULL)
			follow(j, last, m);
		ch->messages++;
		ch->last_seq = m->h.seq;
		ch->head = m->env_id;
		last = m;
	}
}

/* ack_seq and ack_env of one side against what the other side signed. */
static void
check_ack(struct judge *j, const struct judge_message *m)
{
	uint8_t peer = m->direction == FROM_A ? FROM_B : FROM_A;
	const struct judge_message *acked;
	char where[JUDGE_WHERE_BYTES];
	uint64_t *most = &j->ack[m->direction][m->lane];
	bool said = *most > j->channel[peer][m->lane].last_seq;

	if (m->h.ack_seq == 0 || m->off_chain)
		return;
	if (m->h.ack_seq > *most)
		*most = m->h.ack_seq;
	acked = judge_by_seq(j, peer, m->lane, m->h.ack_seq);
	if (acked != NULL && !hash_eq(&acked->env_id, &m->h.ack_env) &&
	    judge_by_env(j, &m->h.ack_env) == NULL)
		fault(j, FINDINGS_ACK_CONTRADICTS, ERR_FORK, m);
	if (said || m->h.ack_seq <= j->channel[peer][m->lane].last_seq)
		return;
	judge_where(where, peer, m->lane, j->channel[peer][m->lane].last_seq,
	    j->channel[peer][m->lane].last_seq);
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

struct judge_message *
judge_by_env(const struct judge *j, const struct hash *env_id)
{
	size_t lo = 0, hi = j->messages, mid;
	struct judge_message *m;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		m = &j->message[j->by_env[mid]];
		if (memcmp(m->env_id.b, env_id->b, HASH_BYTES) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == j->messages)
		return (NULL);
	/* Of an overlap, the one that counts. */
	for (m = NULL; lo < j->messages; lo++) {
		if (!hash_eq(&j->message[j->by_env[lo]].env_id, env_id))
			break;
		if (m == NULL || m->off_chain)
			m = &j->message[j->by_env[lo]];
	}
	return (m);
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

	if (i == j->first[direction][lane + 1] || j->message[i].h.seq != seq)
		return (NULL);
	return (&j->message[i]);
}

enum err
judge_chains(struct judge *j)
{
	uint8_t d, l;
	size_t i;

	if (index_messages(j) != ERR_OK)
		return (ERR_NOMEM);
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++)
			walk(j, d, l);
	for (i = 0; i < j->messages; i++)
		check_ack(j, &j->message[i]);
	return (ERR_OK);
}
