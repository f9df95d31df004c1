/* fetched: see fetched.h. */
#include "relay/fetched.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "proto/receipt.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/signer.h"
#include "relay/store.h"

struct fetched {
	struct store *store;
	struct group *group;
	struct signer *signer;
	struct buf open;	/* struct fetched_run each: stretches */
	int64_t since;		/* of the oldest, monotonic */
};

enum err
fetched_new(struct fetched **out, struct store *store, struct group *group,
    struct signer *signer)
{
	struct fetched *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return ERR_NOMEM;
	f->store = store;
	f->group = group;
	f->signer = signer;
	f->open = buf_init(FETCHED_MAX * sizeof(struct fetched_run));
	*out = f;
	return ERR_OK;
}

void
fetched_free(struct fetched **f)
{
	if (*f == NULL)
		return;
	buf_free(&(*f)->open);
	free(*f);
	*f = NULL;
}

static struct fetched_run *
stretches(struct fetched *f)
{
	return (struct fetched_run *)(void *)f->open.p;
}

void
fetched_note(struct fetched *f, const struct fetched_run *run, int64_t now)
{
	struct head *head = run->head;
	struct fetched_run *last;

	if (head->was_fetched && run->place <= head->fetched_place)
		return;
	if (f->open.len == 0)
		f->since = now;
	if (head->open_stretch > 0) {
		last = &stretches(f)[head->open_stretch - 1];
		if (run->place <= last->place)
			return;		/* sent twice */
		if (run->first_seq == last->last_seq + 1) {
			last->index = run->index;
			last->place = run->place;
			last->last_seq = run->last_seq;
			last->last_env = run->last_env;
			return;
		}
	}
	if (f->open.len + sizeof(*run) > f->open.max)
		return;
	buf_put(&f->open, run, sizeof(*run));
	head->open_stretch = f->open.len / sizeof(*run);
}

int64_t
fetched_next(const struct fetched *f)
{
	return f->open.len == 0 ? INT64_MAX : f->since + FETCHED_MS;
}

static enum err
tell(struct fetched *f, const struct fetched_run *run, int64_t wall)
{
	uint8_t entry[SIGNER_RECEIPT_BYTES], place[8];
	struct wr wr = wr_init(place, sizeof(place));
	struct head *head = run->head;
	struct receipt r = {
		.event = RECEIPT_FETCHED,
		.channel = head->channel,
		.first_seq = run->first_seq,
		.last_seq = run->last_seq,
		.env_id = run->last_env,
		.index = run->index,
		.time_at = (uint64_t)wall,
	};
	struct store_item item = {
		.entry = { entry, sizeof(entry) },
		.feeds = &head->channel,
		.feed_count = 1,
	};
	enum err err;

	err = signer_receipt(f->signer, &r, entry);
	if (err == ERR_OK)
		err = group_append(f->group, &item);
	wr_u64(&wr, run->place);
	if (err == ERR_OK)
		err = store_put(f->store, STORE_FETCHED,
		    (struct view){ head->channel.b, ID_BYTES },
		    (struct view){ place, sizeof(place) });
	return err;
}

enum err
fetched_flush(struct fetched *f, int64_t wall)
{
	struct fetched_run *run = stretches(f);
	size_t i, n = f->open.len / sizeof(*run);
	enum err err = ERR_OK;

	for (i = 0; i < n && err == ERR_OK; i++) {
		run[i].head->open_stretch = 0;
		run[i].head->was_fetched = true;
		run[i].head->fetched_place = run[i].place;
		err = store_covered(f->store, &run[i].head->channel,
		    run[i].first_seq, run[i].last_seq);
		if (err == ERR_NOTFOUND)
			err = tell(f, &run[i], wall);
	}
	buf_reset(&f->open);
	return err;
}
