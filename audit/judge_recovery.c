#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"

static int
jump_cmp(const void *pa, const void *pb)
{
	const struct judge_jump *a = pa, *b = pb;

	if (a->direction != b->direction)
		return (a->direction < b->direction ? -1 : 1);
	if (a->lane != b->lane)
		return (a->lane < b->lane ? -1 : 1);
	if (a->at.next_seq != b->at.next_seq)
		return (a->at.next_seq < b->at.next_seq ? -1 : 1);
	if (a->at.old_seq != b->at.old_seq)
		return (a->at.old_seq < b->at.old_seq ? -1 : 1);
	return (memcmp(a->at.old_env.b, b->at.old_env.b, HASH_BYTES));
}

/* A recovery from below another's next_seq leaves that behind too.  From the
 * highest down: what is kept last reaches down furthest. */
static void
keep_standing(struct judge *j)
{
	const struct judge_jump *g;
	size_t i, kept = j->jumps;

	for (i = j->jumps; i-- > 0;) {
		g = kept < j->jumps ? &j->jump[kept] : NULL;
		if (g == NULL || g->direction != j->jump[i].direction ||
		    g->lane != j->jump[i].lane ||
		    g->at.old_seq >= j->jump[i].at.next_seq)
			j->jump[--kept] = j->jump[i];
	}
	j->jumps -= kept;
	memmove(j->jump, j->jump + kept, j->jumps * sizeof(*j->jump));
}

enum err
judge_jumps(struct judge *j)
{
	struct judge_jump *g;
	size_t i;
	uint8_t l;

	if (j->recoveries == 0)
		return (ERR_OK);
	j->jump = calloc(j->recoveries, LANE_COUNT * sizeof(*j->jump));
	if (j->jump == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < j->recoveries; i++)
		for (l = 0; l < LANE_COUNT; l++) {
			g = &j->jump[j->jumps++];
			g->direction = j->recovery[i].st.direction;
			g->lane = l;
			g->at = j->recovery[i].st.lane[l];
		}
	qsort(j->jump, j->jumps, sizeof(*j->jump), jump_cmp);
	keep_standing(j);
	return (ERR_OK);
}

const struct statement_recovery_lane *
judge_jump(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq)
{
	struct judge_jump key = { direction, lane,
		{ 0, { { 0 } }, seq } };
	size_t lo = 0, hi = j->jumps, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (jump_cmp(&j->jump[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == j->jumps || j->jump[lo].direction != direction ||
	    j->jump[lo].lane != lane)
		return (NULL);
	return (&j->jump[lo].at);
}

bool
judge_lost(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq)
{
	const struct statement_recovery_lane *r;

	r = judge_jump(j, direction, lane, seq);
	return (r != NULL && seq > r->old_seq && seq < r->next_seq);
}

void
judge_missing(struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t first, uint64_t last)
{
	const struct statement_recovery_lane *r;
	char where[JUDGE_WHERE_BYTES];
	uint64_t seq, end;
	bool lost;

	for (seq = first; seq <= last; seq = end + 1) {
		r = judge_jump(j, direction, lane, seq + 1);
		lost = r != NULL && seq > r->old_seq;
		end = r == NULL ? last : lost ? r->next_seq - 1 : r->old_seq;
		if (end > last)
			end = last;
		judge_where(where, direction, lane, seq, end);
		judge_find(j, lost ? FINDINGS_DECLARED_LOST
				   : FINDINGS_SEQ_GAP,
		    ERR_OK, where, "%s", "");
	}
}

/* Seqs lo to hi lie in one hole: say which of them are not here. */
static void
unlost_hole(struct judge *j, uint8_t direction, uint8_t lane, uint64_t lo,
    uint64_t hi, const char *by)
{
	char where[JUDGE_WHERE_BYTES];
	uint64_t seq;
	size_t i;

	i = judge_from_seq(j, direction, lane, lo);
	for (seq = lo; seq <= hi; lo = seq + 1, i++) {
		seq = hi + 1;
		if (i < j->first[direction][lane + 1] &&
		    judge_seq(&j->message[i]) <= hi)
			seq = judge_seq(&j->message[i]);
		if (seq <= lo)
			continue;
		judge_where(where, direction, lane, lo, seq - 1);
		judge_find(j, FINDINGS_SEQ_GAP, ERR_OK, where,
		    "declared lost, but named by %s", by);
	}
}

void
judge_unlost(struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t first, uint64_t last, const char *by)
{
	const struct statement_recovery_lane *r;
	uint64_t lo, hi;

	if (last == UINT64_MAX)
		last--;			/* no message has that number */
	for (lo = first; lo <= last; lo = hi + 1) {
		r = judge_jump(j, direction, lane, lo + 1);
		if (r == NULL || r->old_seq >= last)
			return;
		hi = r->next_seq - 1 < last ? r->next_seq - 1 : last;
		if (lo <= r->old_seq)
			lo = r->old_seq + 1;
		if (lo <= hi)
			unlost_hole(j, direction, lane, lo, hi, by);
	}
}
