/*
 * casefile_fold over whatever two sides could say, names that run in circles
 * included: it ends, keeps every message, and does not depend on the order
 * in which they were given.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/casefile.h"
#include "proto/notice.h"

#define MESSAGES 24
#define BYTES 8

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hash
name(unsigned n)
{
	struct hash h = {{0}};

	if (n % 32 != 0)
		h.b[0] = (uint8_t)(n % 32);
	return h;
}

static size_t
messages(struct case_msg *m, struct hash *was, const uint8_t *p, size_t size)
{
	size_t n = 0;

	for (; size >= BYTES && n < MESSAGES; size -= BYTES, p += BYTES, n++) {
		m[n].id = n;
		m[n].side = p[0] % 2 ? CASE_REQUESTED : CASE_REQUESTING;
		m[n].lane = (uint8_t)(p[0] / 2 % 2);
		m[n].seq = p[0] & 0x80 ? UINT64_MAX : p[1];
		m[n].env_id = p[0] & 0x80 ? name(0) : name((unsigned)n + 1);
		m[n].seen[0] = name(p[2]);
		m[n].seen[1] = name(p[3]);
		m[n].move.event = n == 0 ? NOTICE_REQUEST : p[4] % 40;
		m[n].move.outcome = p[5] % 40;
		m[n].move.holds = p[6];
		m[n].move.count = p[6] / 64;
		m[n].move.answers = name(p[1] / 4);
		m[n].move.misfiles = p[0] & 0x40;
		m[n].evidence = p[7];
		if (p[7] & 0x80) {
			was[n] = name(p[7]);
			m[n].was = &was[n];
			m[n].was_len = 1;
		}
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct case_msg one[MESSAGES] = {{0}}, two[MESSAGES];
	struct hash was[MESSAGES];
	struct casefile a, b;
	size_t n = messages(one, was, data, size);
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++)
		two[i] = one[n - 1 - i];
	if (casefile_fold(&a, one, n) != ERR_OK ||
	    casefile_fold(&b, two, n) != ERR_OK)
		abort();
	if (memcmp(&a.state, &b.state, sizeof(a.state)) != 0 ||
	    a.questions != b.questions || a.items != b.items ||
	    memcmp(a.item, b.item, sizeof(a.item)) != 0)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (one[i].id != two[i].id || one[i].after != two[i].after ||
		    one[i].standing != two[i].standing)
			abort();
		seen |= 1u << one[i].id;
	}
	if (seen != (1u << n) - 1)
		abort();
	return 0;
}
