#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/evidence.h"
#include "endpoint/lanes.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/recover.h"
#include "endpoint/settle.h"
#include "proto/receipt.h"
#include "proto/statement.h"

/* How far two honest clocks may be apart before it is worth an alarm. */
#define SETTLE_CLOCK_MS 3600000

/* One stretch of a channel of ours and what became known of it. */
struct settle_span {
	struct peering *pg;
	uint8_t lane;
	uint64_t first;
	uint64_t last;
	enum outbox_what what;
	enum mail_state state;
	uint16_t reason;
	int64_t at;
	bool by_ack;		/* no receipt: ack_seq passed over it */
};

static enum err
settle_tell(struct agent *agent, const struct settle_span *span,
    const struct mail *mail)
{
	struct outbox_event ev = {
		.what = span->what,
		.mail = mail->id,
		.message = mail->message,
		.pair = &span->pg->p,
		.lane = mail->lane,
		.seq = mail->seq,
		.env_id = mail->env_id,
		.reason = span->reason,
		.at = span->at,
	};

	return outbox_tell(agent, &ev);
}

static enum err
settle_told_one(void *ctx, const struct evidence *e)
{
	bool *told = ctx;
	struct statement st;
	struct receipt r;

	if (e->kind == STATEMENT_RECEIPT &&
	    statement_split(&st, e->entry) == ERR_OK &&
	    receipt_decode(&r, st.body) == ERR_OK &&
	    r.event == RECEIPT_DELIVERED)
		*told = true;
	return ERR_OK;
}

/* Did a receipt say `delivered` of it, and not just an ack_seq? */
static bool
settle_told(struct agent *agent, const struct settle_span *span,
    const struct mail *mail)
{
	bool told = false;

	(void)agent_fail(agent, evidence_of(agent->book,
	    span->pg->p.number, &span->pg->p.own_channel[span->lane],
	    mail->seq, settle_told_one, &told));
	return told;
}

/*
 * Is this news for a message in that state?  An ack_seq passes over what
 * expired or could not be opened too: it counts as `delivered` only for what
 * no receipt names, whichever comes first (PROTOCOL.md section 5).
 */
static bool
settle_moves(struct agent *agent, const struct settle_span *span,
    const struct mail *mail)
{
	enum mail_state from = mail->state;

	switch (span->what) {
	case OUTBOX_SUBMITTED:
		return from == MAIL_SEALED;
	case OUTBOX_DELIVERED:
		return from == MAIL_SEALED || from == MAIL_SUBMITTED ||
		    (from == MAIL_EXPIRED && !span->by_ack);
	case OUTBOX_UNDECRYPTABLE:
		/* A peer restored from an older copy may have opened it
		 * once: its newest word counts, while copies are that old. */
		return from == MAIL_SEALED || from == MAIL_SUBMITTED ||
		    (from == MAIL_DELIVERED && agent->now - mail->created_at <
		    2 * (int64_t)span->pg->charter->keep_days * 86400000);
	case OUTBOX_EXPIRED:
		return from == MAIL_SEALED || from == MAIL_SUBMITTED ||
		    (from == MAIL_DELIVERED &&
		    !settle_told(agent, span, mail));
	case OUTBOX_FETCHED:
	case OUTBOX_REFUSED:
		return from == MAIL_SEALED || from == MAIL_SUBMITTED;
	case OUTBOX_SEALED:
	default:
		return false;
	}
}

static enum err
settle_again(struct agent *agent, const struct settle_span *span,
    const struct mail *mail)
{
	int64_t again;
	enum err err;

	err = mail_again(agent->book, mail->id,
	    span->reason == ERR_PREKEY_GONE, &again);
	if (err == ERR_OK) {
		span->pg->waits = true;
		lanes_forget_own(span->pg, span->lane);
		return ERR_OK;
	}
	if (err == ERR_COUNT || err == ERR_NOTFOUND || err == ERR_TOO_BIG) {
		alarm_raise(agent->book, agent->now, ERR_DECRYPT,
		    span->pg->p.number, "the peer cannot open lane %u seq "
		    "%llu, not sent again", span->lane,
		    (unsigned long long)mail->seq);
		return ERR_OK;
	}
	return err;
}

static enum err
settle_one(struct agent *agent, const struct settle_span *span,
    const struct mail *mail)
{
	enum err err = ERR_OK;

	if (!settle_moves(agent, span, mail))
		return ERR_OK;
	if (span->state != 0)
		err = mail_set(agent->book, mail->id, span->state,
		    span->reason, span->what == OUTBOX_SUBMITTED ? 0 :
		    span->at);
	if (err == ERR_OK)
		err = settle_tell(agent, span, mail);
	if (err == ERR_OK && span->what == OUTBOX_UNDECRYPTABLE)
		err = settle_again(agent, span, mail);
	return err;
}

/* The next seq from seq on that may move; 0: none.  Told again and again
 * about all of a long channel, we look only at what is not settled. */
static uint64_t
settle_next(struct agent *agent, const struct settle_span *span,
    uint64_t seq)
{
	struct db_stmt *s;
	uint64_t next = 0;

	s = db_prepare(book_db(agent->book), span->what ==
	    OUTBOX_UNDECRYPTABLE || span->what == OUTBOX_EXPIRED ?
	    "SELECT min(seq) FROM mail WHERE own = 1 AND state != 8"
	    " AND seq > 0 AND pair = ?1 AND lane = ?2 AND seq >= ?3" :
	    "SELECT min(seq) FROM mail INDEXED BY mail_open"
	    " WHERE own = 1 AND state IN (2, 3, 6)"
	    " AND pair = ?1 AND lane = ?2 AND seq >= ?3");
	db_bind_int(s, 1, span->pg->p.number);
	db_bind_int(s, 2, span->lane);
	db_bind_u64(s, 3, seq);
	if (db_row(s) && !db_col_null(s, 0))
		next = db_col_u64(s, 0);
	return agent_fail(agent, db_done(s)) == ERR_OK ? next : 0;
}

static enum err
settle_span(struct agent *agent, const struct settle_span *span)
{
	uint64_t seq = settle_next(agent, span, span->first);
	struct mail mail;
	enum err err = ERR_OK;

	while (err == ERR_OK && seq != 0 && seq <= span->last) {
		err = mail_at(agent->book, span->pg->p.number, true,
		    span->lane, seq, &mail);
		if (err == ERR_OK)
			err = settle_one(agent, span, &mail);
		else if (err == ERR_NOTFOUND)
			err = ERR_OK;
		seq = settle_next(agent, span, seq + 1);
	}
	if (err == ERR_OK && span->what != OUTBOX_REFUSED)
		err = outbox_release(agent, span->pg, span->lane,
		    span->first, span->last);
	return err;
}

static struct settle_span
settle_span_of(struct peering *pg, uint8_t lane, uint64_t first,
    uint64_t last, enum outbox_what what, enum mail_state state)
{
	struct settle_span span = {
		.pg = pg, .lane = lane, .first = first, .last = last,
		.what = what, .state = state,
	};

	/* What never was sent cannot be settled; bounds the loop too. */
	if (span.last > pg->own[lane].seq)
		span.last = pg->own[lane].seq;
	return span;
}

/* The newest checkpoint to quote; its note was kept when it came.  Of the
 * pair alone: a log of another's relay is no business of this peer. */
static void
settle_seen(struct agent *agent, int64_t pair,
    const struct verify_checkpoint *cp)
{
	const struct pair *p = pairs_get(agent->pairs, pair);
	struct run_seen *seen;

	if (p == NULL)
		return;
	seen = &peering_of(p)->newest;
	if (hash_eq(&seen->log_id, &cp->log->log_id) &&
	    seen->size >= cp->size)
		return;
	seen->log_id = cp->log->log_id;
	seen->size = cp->size;
	seen->root = cp->root;
}

static enum err
settle_run_evidence(struct agent *agent, int64_t pair, const struct run *run,
    const struct reply_placed *placed, const struct verify_checkpoint *cp)
{
	struct evidence e = {
		.log_id = cp->log->log_id,
		.index = placed->index,
		.pair = pair,
		.size = cp->size,
		.path = placed->path,
	};
	enum err err;

	err = evidence_put_run(agent->book, &e, run);
	if (err == ERR_OK)
		settle_seen(agent, pair, cp);
	return err;
}

static enum err
settle_place_mails(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct run *run, const struct hash *log_id, uint64_t index)
{
	struct mail mail;
	enum err err = ERR_OK;
	uint64_t seq;

	for (seq = run->st.first_seq; err == ERR_OK && seq <= run->last_seq;
	    seq++) {
		err = mail_at(agent->book, pg->p.number, true, lane, seq,
		    &mail);
		if (err == ERR_NOTFOUND)
			err = ERR_OK;
		else if (err == ERR_OK)
			err = mail_place(agent->book, mail.id, log_id,
			    index);
	}
	return err;
}

enum err
settle_own_run(struct agent *agent, int64_t pair, const struct run *run,
    const struct reply_placed *placed, const struct verify_checkpoint *cp)
{
	const struct pair *p = pairs_get(agent->pairs, pair);
	struct settle_span span;
	struct peering *pg;
	uint8_t lane;
	bool own;
	enum err err;

	err = verify_included(cp, run->entry, sizeof(run->entry),
	    placed->index, &placed->path);
	if (err != ERR_OK || p == NULL)
		return err;
	if (pairs_of_channel(agent->pairs, &run->st.channel, &own, &lane) !=
	    p || !own)
		return ERR_OK;
	pg = peering_of(p);
	err = settle_run_evidence(agent, pair, run, placed, cp);
	if (err == ERR_OK)
		err = settle_place_mails(agent, pg, lane, run,
		    &cp->log->log_id, placed->index);
	if (err != ERR_OK)
		return err;
	span = settle_span_of(pg, lane, run->st.first_seq, run->last_seq,
	    OUTBOX_SUBMITTED, MAIL_SUBMITTED);
	span.at = agent->now;
	return settle_span(agent, &span);
}

static void
settle_describe(struct evidence *e, struct view entry)
{
	struct statement st;
	struct receipt r;

	if (statement_split(&st, entry) != ERR_OK)
		return;
	e->kind = (uint8_t)st.kind;
	if (st.kind == STATEMENT_RECEIPT &&
	    receipt_decode(&r, st.body) == ERR_OK) {
		e->channel = r.channel;
		e->first_seq = r.first_seq;
		e->last_seq = r.last_seq;
	}
	if (st.kind == STATEMENT_KEYS)
		e->pair = 0;
}

enum err
settle_statement(struct agent *agent, int64_t pair, struct view entry,
    uint64_t index, const struct merkle_path *path,
    const struct verify_checkpoint *cp)
{
	struct keyring_place place = { cp->log->log_id, index };
	struct evidence e = {
		.log_id = cp->log->log_id,
		.index = index,
		.pair = pair,
		.entry = entry,
		.size = cp->size,
		.path = *path,
	};
	enum err err;

	err = verify_included(cp, entry.p, entry.len, index, path);
	if (err != ERR_OK)
		return err;
	settle_describe(&e, entry);
	err = evidence_put(agent->book, &e);
	if (err == ERR_OK)
		settle_seen(agent, pair, cp);
	if (err == ERR_OK && e.kind == STATEMENT_KEYS)
		(void)pairs_learn_keys(agent, entry, &place);
	return err;
}

/* A relay that gives up before the time both agencies signed has a wrong
 * clock or lies; its word is settled all the same, a later `delivered`
 * wins. */
static enum err
settle_early(struct agent *agent, const struct peering *pg, uint8_t lane,
    const struct mail *mail)
{
	uint64_t keep_ms;
	enum err err;

	err = mail_keep(agent->book, mail->id, &keep_ms);
	if (err != ERR_OK || agent->now + SETTLE_CLOCK_MS >=
	    mail->created_at + (int64_t)peering_keep_ms(pg, keep_ms))
		return err;
	alarm_raise(agent->book, agent->now, ERR_EXPIRED, pg->p.number,
	    "a relay says lane %u seq %llu expired before its time", lane,
	    (unsigned long long)mail->seq);
	return ERR_OK;
}

static enum err
settle_receipt_span(const struct receipt *r, struct peering *pg,
    uint8_t lane, struct settle_span *span)
{
	switch (r->event) {
	case RECEIPT_FETCHED:
		*span = settle_span_of(pg, lane, r->first_seq, r->last_seq,
		    OUTBOX_FETCHED, 0);
		break;
	case RECEIPT_DELIVERED:
		*span = settle_span_of(pg, lane, r->first_seq, r->last_seq,
		    OUTBOX_DELIVERED, MAIL_DELIVERED);
		break;
	case RECEIPT_UNDECRYPTABLE:
		*span = settle_span_of(pg, lane, r->first_seq, r->last_seq,
		    OUTBOX_UNDECRYPTABLE, MAIL_UNDECRYPTABLE);
		break;
	case RECEIPT_EXPIRED:
		*span = settle_span_of(pg, lane, r->first_seq, r->last_seq,
		    OUTBOX_EXPIRED, MAIL_EXPIRED);
		break;
	default:
		return ERR_CODE;
	}
	span->reason = r->reason;
	span->at = (int64_t)r->time_at;
	return ERR_OK;
}

enum err
settle_receipt(struct agent *agent, struct view entry,
    const struct keyring_place *place)
{
	const struct pair *pair;
	struct settle_span span;
	struct verify_who who;
	struct statement st;
	struct receipt r;
	struct mail mail;
	uint8_t lane;
	bool own;
	enum err err;

	err = verify_receipt(&who, pairs_keyring(agent->pairs), entry.p,
	    entry.len, place);
	if (err == ERR_OK)
		err = statement_split(&st, entry);
	if (err == ERR_OK)
		err = receipt_decode(&r, st.body);
	if (err != ERR_OK)
		return err;
	pair = pairs_of_channel(agent->pairs, &r.channel, &own, &lane);
	if (pair == NULL || !own)
		return ERR_OK;		/* kept as evidence; not about us */
	/* A root replaced by a newer charter, perhaps stolen, says no more
	 * that anything arrived; the peer's ack_seq does. */
	if ((r.event == RECEIPT_DELIVERED ||
	    r.event == RECEIPT_UNDECRYPTABLE) &&
	    memcmp(who.key->agency->id.b, pair->peer_agency.b, ID_BYTES) !=
	    0)
		return ERR_OK;
	if (mail_at(agent->book, pair->number, true, lane, r.last_seq,
	    &mail) != ERR_OK)
		return ERR_OK;		/* below an adopted head */
	if (!hash_eq(&mail.env_id, &r.env_id)) {
		alarm_raise(agent->book, agent->now, ERR_FORK, pair->number,
		    "a receipt names another envelope at lane %u seq %llu",
		    lane, (unsigned long long)r.last_seq);
		return ERR_OK;
	}
	err = settle_receipt_span(&r, peering_of(pair), lane, &span);
	if (err == ERR_OK && r.event == RECEIPT_EXPIRED)
		err = settle_early(agent, peering_of(pair), lane, &mail);
	return err != ERR_OK ? err : settle_span(agent, &span);
}

enum err
settle_acked(struct agent *agent, struct peering *pg, uint8_t lane,
    uint64_t seq, const struct hash *env)
{
	struct own_lane *own = &pg->own[lane];
	struct settle_span span;
	struct mail mail;
	enum err err;

	if (seq <= own->acked)
		return ERR_OK;
	if (seq > own->seq)
		return ERR_ROLLBACK;
	err = mail_at(agent->book, pg->p.number, true, lane, seq, &mail);
	if (err == ERR_OK && !hash_eq(&mail.env_id, env))
		return recover_passed(agent, pg, lane, seq) ? ERR_OK :
		    ERR_ROLLBACK;
	/* No row below our own head: passed over by an adopted one. */
	if (err != ERR_OK && err != ERR_NOTFOUND)
		return err;
	span = settle_span_of(pg, lane, own->acked + 1, seq,
	    OUTBOX_DELIVERED, MAIL_DELIVERED);
	span.at = agent->now;
	span.by_ack = true;
	own->acked = seq;
	own->acked_at = agent->now;
	err = settle_span(agent, &span);
	return err != ERR_OK ? err : lanes_save_own(agent->book, pg, lane);
}

enum err
settle_refused(struct agent *agent, int64_t pair, uint8_t lane,
    uint64_t first, uint64_t last, uint16_t reason)
{
	const struct pair *p = pairs_get(agent->pairs, pair);
	struct settle_span span;

	if (p == NULL)
		return ERR_OK;
	span = settle_span_of(peering_of(p), lane, first, last,
	    OUTBOX_REFUSED, 0);
	span.reason = reason;
	span.at = agent->now;
	return settle_span(agent, &span);
}
