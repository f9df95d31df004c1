#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/label.h"

struct hash
charter_id(struct view text)
{
	struct hasher h;

	hash_init(&h);
	hash_label(&h, LABEL_CHARTER);
	hash_add(&h, text.p, text.len);
	return hash_final(&h);
}

struct hash
charter_pair(const struct charter *charter, const struct hash *id)
{
	return charter->number == 0 ? *id : charter->pair;
}

void
charter_tbs(uint8_t out[CHARTER_TBS_BYTES], const struct hash *id)
{
	struct wr wr = wr_init(out, CHARTER_TBS_BYTES);

	wr_copy(&wr, LABEL_CHARTER_SIG, LABEL_LEN(LABEL_CHARTER_SIG));
	wr_copy(&wr, id->b, HASH_BYTES);
	assert(wr.len == CHARTER_TBS_BYTES && !wr.err);
}

enum err
charter_renews(const struct charter *new, const struct charter *old,
    const struct hash *old_id)
{
	struct hash pair = charter_pair(old, old_id);

	if (new->number == 0 || new->number - 1 != old->number)
		return ERR_CHARTER_NUMBER;
	if (!hash_eq(&new->pair, &pair) || !hash_eq(&new->replaces, old_id))
		return ERR_CHARTER;
	return ERR_OK;
}

int
charter_relay_find(const struct charter *charter,
    const uint8_t root[KEY_BYTES])
{
	for (unsigned i = 0; i < charter->relay_count; i++) {
		if (memcmp(charter->relay[i].root, root, KEY_BYTES) == 0)
			return (int)i;
	}
	return -1;
}

const struct charter_clock *
charter_clock_find(const struct charter *charter, const char *name)
{
	for (unsigned i = 0; i < charter->clock_count; i++) {
		if (strcmp(charter->clock[i].name, name) == 0)
			return &charter->clock[i];
	}
	return NULL;
}

const struct charter_sign *
charter_sign_find(const struct charter *charter, const char *type)
{
	for (unsigned i = 0; i < charter->sign_count; i++) {
		if (strcmp(charter->sign[i].type, type) == 0)
			return &charter->sign[i];
	}
	return NULL;
}

/* ---- time ---- */

#define SECOND_MS 1000
#define YEAR_9999_END 253402300800	/* 10000-01-01T00:00:00Z */

void
charter_time_write(char out[21], uint64_t at)
{
	time_t t = (time_t)(at / SECOND_MS);
	struct tm tm;

	gmtime_r(&t, &tm);
	if (strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &tm) != 20)
		memcpy(out, "----------T--:--:--Z", 21);
}

/* The number in digits [from, from + n) of text, or -1. */
static int
digits(const char *text, size_t from, size_t n)
{
	int v = 0;

	for (size_t i = from; i < from + n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		v = v * 10 + (text[i] - '0');
	}
	return v;
}

enum err
charter_time_parse(uint64_t *at, struct view text)
{
	char in[21], back[21];
	struct tm tm = {0};
	time_t t;

	*at = 0;
	if (text.len != 20)
		return ERR_SYNTAX;
	memcpy(in, text.p, 20);
	in[20] = '\0';
	tm.tm_year = digits(in, 0, 4) - 1900;
	tm.tm_mon = digits(in, 5, 2) - 1;
	tm.tm_mday = digits(in, 8, 2);
	tm.tm_hour = digits(in, 11, 2);
	tm.tm_min = digits(in, 14, 2);
	tm.tm_sec = digits(in, 17, 2);
	if (tm.tm_year < 70 || tm.tm_mon < 0 || tm.tm_mday < 0)
		return ERR_SYNTAX;
	t = timegm(&tm);
	if (t < 0 || t >= YEAR_9999_END)
		return ERR_SYNTAX;
	/* Any other writing of the same second, 31 February too, ends here. */
	*at = (uint64_t)t * SECOND_MS;
	charter_time_write(back, *at);
	if (memcmp(in, back, 21) != 0) {
		*at = 0;
		return ERR_SYNTAX;
	}
	return ERR_OK;
}
