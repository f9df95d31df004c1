#include <string.h>

#include "endpoint/agent_priv.h"
#include "endpoint/cosigned_rows.h"
#include "endpoint/evidence.h"
#include "endpoint/mail.h"
#include "endpoint/relays.h"
#include "endpoint/timebound.h"
#include "proto/charter.h"
#include "proto/statement.h"

/* ---- what a run quotes ---- */

static void
find_quote(struct agent *agent, const struct pair *pair,
    struct run_seen *quote)
{
	const struct charter *charter = pair->charter;
	const struct relay *relay;
	int64_t newest = 0, at;
	unsigned i, w;

	memset(quote, 0, sizeof(*quote));
	for (i = 0; (relay = relays_at(agent, pair, i)) != NULL; i++) {
		for (w = 0; w < charter->witness_count; w++) {
			at = 0;
			if (cosigned_rows_newest(agent->book,
			    &relay->log.log_id, &charter->witness[w],
			    COSIGNED_JOINED, &at) == 0 || at <= newest)
				continue;
			if (cosigned_rows_quote(agent->book,
			    &relay->log.log_id, &charter->witness[w],
			    quote) == ERR_OK)
				newest = at;
		}
	}
}

const struct run_seen *
timebound_quote(struct agent *agent, struct peering *pg)
{
	if (pg->charter->witness_count == 0)
		return &pg->newest;
	if (pg->quote_stamp != agent->cosigned_stamp ||
	    pg->quote_charter != pg->charter->number) {
		find_quote(agent, &pg->p, &pg->quote);
		pg->quote_stamp = agent->cosigned_stamp;
		pg->quote_charter = pg->charter->number;
	}
	return hash_is_zero(&pg->quote.log_id) ? &pg->newest : &pg->quote;
}

/* ---- what the rows say of a message ---- */

struct looking {
	struct agent *agent;
	const struct pair *pair;
	struct timebound *out;
};

/* When the quorum-th of the charter's witnesses had cosigned it; 0: not. */
static int64_t
before(struct agent *agent, const struct charter *charter,
    const struct hash *log_id, uint64_t index)
{
	unsigned quorum = charter->quorum > 1 ? charter->quorum : 1;
	int64_t first[CHARTER_WITNESSES_MAX], at;
	unsigned n = 0, i, k;

	for (i = 0; i < charter->witness_count; i++) {
		at = cosigned_rows_first(agent->book, log_id,
		    &charter->witness[i], index);
		if (at == 0)
			continue;
		for (k = n++; k > 0 && first[k - 1] > at; k--)
			first[k] = first[k - 1];
		first[k] = at;
	}
	return n >= quorum ? first[quorum - 1] : 0;
}

static int64_t
after(struct agent *agent, const struct charter *charter,
    const struct run_seen *seen)
{
	unsigned i;
	int64_t at;

	if (hash_is_zero(&seen->witness))
		return 0;
	for (i = 0; i < charter->witness_count; i++)
		if (cosigned_rows_quoted(agent->book, seen,
		    &charter->witness[i], &at) == ERR_OK)
			return at;
	return 0;
}

static void
look_at_run(struct looking *l, const struct evidence *e,
    const struct run *run)
{
	const struct charter *charter;
	struct timebound *out = l->out;
	struct hash id;
	int64_t at;

	charter = pairs_charter_of(l->agent, l->pair, run->env[0].h.charter,
	    &id);
	if (charter == NULL || charter->witness_count == 0)
		return;
	out->witnessed = true;
	at = before(l->agent, charter, &e->log_id, e->index);
	if (at != 0 && (out->before_at == 0 || at < out->before_at))
		out->before_at = at;
	out->after_at = after(l->agent, charter, &run->st.seen);
}

static enum err
look_at(void *ctx, const struct evidence *e)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct looking *l = ctx;
	struct run run;

	if (e->kind != STATEMENT_RUN)
		return ERR_OK;
	if (run_decode(&run, RUN_BARE, e->entry, &arena) == ERR_OK)
		look_at_run(l, e, &run);
	arena_free(&arena);
	return ERR_OK;
}

enum err
timebound_of(struct agent *agent, int64_t id, struct timebound *out)
{
	struct looking l = { .agent = agent, .out = out };
	const struct id *channel;
	struct mail mail;
	enum err err;

	memset(out, 0, sizeof(*out));
	err = mail_get(agent->book, id, &mail);
	if (err != ERR_OK)
		return err;
	l.pair = pairs_get(agent->pairs, mail.pair);
	if (l.pair == NULL || mail.seq == 0)
		return ERR_NOTFOUND;
	channel = mail.own ? &l.pair->own_channel[mail.lane] :
	    &l.pair->peer_channel[mail.lane];
	return evidence_of(agent->book, mail.pair, channel, mail.seq,
	    look_at, &l);
}
