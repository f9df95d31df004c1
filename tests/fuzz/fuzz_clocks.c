/*
 * clocks_eval and ladder_eval over whatever two sides could say, with times
 * and dates that no clock shows: they end, depend on the set alone, and a
 * message that comes last rewrites no verdict that was reached.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/ladder.h"
#include "proto/notice.h"

#define MESSAGES 20
#define BYTES 16

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t far[] = {0, 1, UINT64_MAX, UINT64_MAX - 1,
    UINT64_C(253402300799999), UINT64_C(253402300800000), INT64_MAX,
    UINT64_C(1783346400000)};

/* Mostly hours around a day, at times the ends of all numbers. */
static uint64_t
at(uint8_t byte)
{
	return byte < 8 ? far[byte] : UINT64_C(1783346400000) +
		byte * UINT64_C(3600000);
}

static struct hash
name(unsigned n)
{
	struct hash h = {{0}};

	h.b[0] = (uint8_t)(n % 32);
	return h;
}

static size_t
tell(struct case_msg *m, struct clocks_msg *of,
    const struct clocks_terms *terms, const uint8_t *p, size_t size)
{
	size_t n = 0;

	for (; size >= BYTES && n < MESSAGES; size -= BYTES, p += BYTES, n++) {
		m[n].id = n;
		m[n].side = p[0] % 2 ? CASE_REQUESTED : CASE_REQUESTING;
		m[n].seq = n + 1;
		m[n].env_id = name((unsigned)n + 1);
		m[n].seen[0] = name(p[1]);
		m[n].seen[1] = name(p[2]);
		m[n].move.event = n == 0 ? NOTICE_REQUEST : p[3] % 38;
		m[n].move.outcome = p[4] % 73;
		m[n].move.holds = CASE_GUARD_COMPLETE | CASE_GUARD_REVISION;
		m[n].evidence = p[5] % 32;
		of[n].terms = terms;
		of[n].sent = (struct clocks_bounds){at(p[6]), at(p[7])};
		of[n].delivered = (struct clocks_bounds){at(p[8]), at(p[9])};
		of[n].has_delivered = p[0] & 2;
		of[n].closed = p[0] & 4;
		of[n].renews = p[0] & 8;
		of[n].single = p[0] & 16;
		of[n].incident = p[0] & 32;
		of[n].agreed = p[0] & 64;
		of[n].urgency = p[10] % 4;
		of[n].tier = p[11] % 5;
		of[n].answers = name(p[12]);
		of[n].date_at = at(p[13]);
		of[n].touches = 1u << (p[14] % 32) | (p[15] ? 0 : ~0u);
	}
	return n;
}

static void
fold(struct clocks_msg *msgs, struct case_msg *m, const struct clocks_msg *of,
    size_t n)
{
	struct casefile file;

	if (casefile_fold(&file, m, n) != ERR_OK)
		abort();
	for (size_t i = 0; i < n; i++) {
		msgs[i] = of[m[i].id];
		msgs[i].m = &m[i];
	}
}

static void
climb(const struct clocks_msg *msgs, size_t n, const struct clocks *clocks,
    uint64_t now_at)
{
	struct ladder_ask ask[4];
	struct ladder l;

	if (ladder_eval(&l, msgs, n, clocks, now_at) != ERR_OK)
		abort();
	for (unsigned side = 0; side < 2; side++) {
		size_t found = ladder_proposes(&l, (enum case_side)side, ask,
		    4);

		for (size_t i = 0; i < found && i < 4; i++)
			if (ladder_may(&l, &ask[i]) != LADDER_MAY)
				abort();
	}
	ladder_free(&l);
}

static void
terms_of(struct clocks_terms *terms, struct charter *charter)
{
	for (unsigned k = 0; k < CLOCKS_KINDS; k++) {
		struct charter_clock *line =
		    &charter->clock[charter->clock_count++];

		strcpy(line->name, clocks_row((enum clocks_kind)k)->name);
		for (unsigned u = 0; u < 3; u++)
			line->seconds[u] = (k + 1) * 3600 * (3 - u);
	}
	strcpy(charter->clock[charter->clock_count].name,
	    "decision_extension");
	charter->clock[charter->clock_count++].seconds[0] = 3 * 86400;
	charter->tier[0] = (struct charter_tier){true, {60, 60, 60},
	    {86400, 86400, 86400}};
	charter->tier[2] = charter->tier[0];
	terms->charter = charter;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct case_msg one[MESSAGES] = {{0}}, two[MESSAGES];
	struct clocks_msg of[MESSAGES] = {{0}}, msgs[MESSAGES];
	struct charter charter = {0};
	struct clocks_terms terms = {0};
	struct clocks_now now = {0};
	struct clocks a, b;
	size_t n;

	if (size < 1)
		return 0;
	terms_of(&terms, &charter);
	now.at = at(data[0]);
	now.silent_until_at[data[0] % 2] = now.at;
	n = tell(one, of, &terms, data + 1, size - 1);
	for (size_t i = 0; i < n; i++)
		two[i] = one[n - 1 - i];
	fold(msgs, one, of, n);
	if (clocks_eval(&a, msgs, n, &now) != ERR_OK)
		abort();
	clocks_next(&a, now.at);
	climb(msgs, n, &a, now.at);
	fold(msgs, two, of, n);
	if (clocks_eval(&b, msgs, n, &now) != ERR_OK)
		abort();
	if (a.n != b.n || (a.n > 0 && memcmp(a.v, b.v, a.n * sizeof(*a.v))))
		abort();
	clocks_free(&b);
	/* All but the message that stands last. */
	if (n > 0 && clocks_eval(&b, msgs, n - 1, &now) == ERR_OK) {
		for (size_t i = 0; i < b.n; i++)
			if (b.v[i].stop != CLOCKS_NONE &&
			    b.v[i].verdict != a.v[i].verdict)
				abort();
		clocks_free(&b);
	}
	clocks_free(&a);
	return 0;
}
