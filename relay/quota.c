/* quota: see quota.h. */
#include "relay/quota.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS 60000

/* What a key has left, in units times MINUTE_MS, so refills are exact. */
struct bucket {
	uint8_t key[KEY_BYTES];
	int64_t at;		/* monotonic ms of the last refill */
	uint64_t left[QUOTA_WHATS];
	uint64_t bytes;
	struct bucket *next;
};

#define HEADS 1024

struct quota {
	uint32_t runs;
	uint64_t bytes_max;
	size_t count;
	struct bucket *heads[HEADS];
};

struct quota *
quota_new(uint32_t runs, uint64_t bytes)
{
	struct quota *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->runs = runs;
	/* A bucket in ms-units must fit 64 bits. */
	q->bytes_max = bytes > UINT64_MAX / MINUTE_MS / 2 ?
	    UINT64_MAX / MINUTE_MS / 2 : bytes;
	return q;
}

void
quota_free(struct quota **q)
{
	struct bucket *b, *next;
	size_t i;

	if (*q == NULL)
		return;
	for (i = 0; i < HEADS; i++) {
		for (b = (*q)->heads[i]; b != NULL; b = next) {
			next = b->next;
			free(b);
		}
	}
	free(*q);
	*q = NULL;
}

static struct bucket *
bucket_new(struct quota *q, const uint8_t key[KEY_BYTES], int64_t now)
{
	struct bucket *b;
	unsigned i;

	if (q->count == QUOTA_KEYS_MAX)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return NULL;
	memcpy(b->key, key, KEY_BYTES);
	b->at = now;
	for (i = 0; i < QUOTA_WHATS; i++)
		b->left[i] = (uint64_t)q->runs * MINUTE_MS;
	b->bytes = q->bytes_max * MINUTE_MS;
	q->count++;
	return b;
}

/* A transport key is uniform, so its first bytes spread well enough. */
static struct bucket *
bucket_find(struct quota *q, const uint8_t key[KEY_BYTES], int64_t now)
{
	struct bucket **head = &q->heads[(key[0] << 2 | key[1] >> 6) % HEADS];
	struct bucket *b;

	for (b = *head; b != NULL; b = b->next)
		if (memcmp(b->key, key, KEY_BYTES) == 0)
			return b;
	b = bucket_new(q, key, now);
	if (b != NULL) {
		b->next = *head;
		*head = b;
	}
	return b;
}

static void
refill(uint64_t *left, uint64_t limit, uint64_t elapsed_ms)
{
	uint64_t max = limit * MINUTE_MS;

	if (elapsed_ms >= MINUTE_MS || max - *left <= limit * elapsed_ms)
		*left = max;
	else
		*left += limit * elapsed_ms;
}

enum err
quota_take(struct quota *q, const uint8_t key[KEY_BYTES],
    enum quota_what what, size_t bytes, int64_t now)
{
	struct bucket *b;
	uint64_t elapsed;
	unsigned i;

	if (q->runs == 0 && q->bytes_max == 0)
		return ERR_OK;
	b = bucket_find(q, key, now);
	if (b == NULL)
		return ERR_QUOTA;
	elapsed = now > b->at ? (uint64_t)(now - b->at) : 0;
	b->at = now;
	for (i = 0; i < QUOTA_WHATS; i++)
		refill(&b->left[i], q->runs, elapsed);
	refill(&b->bytes, q->bytes_max, elapsed);
	if (q->runs > 0 && b->left[what] < MINUTE_MS)
		return ERR_QUOTA;
	if (q->bytes_max > 0 && b->bytes < (uint64_t)bytes * MINUTE_MS)
		return ERR_QUOTA;
	if (q->runs > 0)
		b->left[what] -= MINUTE_MS;
	if (q->bytes_max > 0)
		b->bytes -= (uint64_t)bytes * MINUTE_MS;
	return ERR_OK;
}

uint32_t
quota_runs(const struct quota *q)
{
	return q->runs;
}

uint64_t
quota_bytes(const struct quota *q)
{
	return q->bytes_max;
}
