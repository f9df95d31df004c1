#include <stdio.h>
#include <string.h>

#include "audit/judge_priv.h"

static void
receipt_fault(struct judge *j, const char *where, enum err err)
{
	enum findings_code code = FINDINGS_RECEIPT_FORM;

	if (err == ERR_CHANNEL)
		code = FINDINGS_RECEIPT_CHANNEL;
	else if (err == ERR_KID_UNKNOWN)
		code = FINDINGS_KEY_MISSING;
	else if (err == ERR_KEY_FOREIGN)
		code = FINDINGS_RECEIPT_SIGNER;
	else if (err == ERR_KEY_REVOKED)
		code = FINDINGS_RECEIPT_REVOKED;
	else if (err == ERR_SIGNATURE)
		code = FINDINGS_RECEIPT_SIGNATURE;
	judge_find(j, code, err, where, "%s", "");
}

/* The message at last_seq must be the one the receipt names; false if what
 * it says cannot be used. */
static bool
agrees(struct judge *j, const struct receipt *r,
    const struct keyring_channel *ch, const char *where)
{
	uint64_t shown = j->end[ch->direction][ch->lane];
	const struct judge_message *m, *there;
	char tail[JUDGE_WHERE_BYTES];

	if (r->event == RECEIPT_REFUSED)
		return (false);		/* of what the channel never held */
	m = there = judge_by_seq(j, ch->direction, ch->lane, r->last_seq);
	/* What counts under that number is mostly what is meant. */
	if (m == NULL || !hash_eq(&m->env_id, &r->env_id))
		m = judge_by_env(j, &r->env_id);
	if (m != NULL && m->run->direction == ch->direction &&
	    m->run->lane == ch->lane && judge_seq(m) == r->last_seq) {
		if (!m->run->logged ||
		    !hash_eq(&m->run->log_id, &r->log_id) ||
		    m->run->index == r->index)
			return (true);
		judge_find(j, FINDINGS_RECEIPT_PLACE, ERR_PROOF, where,
		    "says index %llu, proved %llu",
		    (unsigned long long)r->index,
		    (unsigned long long)m->run->index);
		return (false);
	}
	/* An env_id has one place; a place may have two, both here. */
	if (m != NULL || there != NULL) {
		judge_find(j, FINDINGS_RECEIPT_CONTRADICTS, ERR_FORK, where,
		    "%s", "");
		return (false);
	}
	if (r->last_seq > shown) {
		judge_where(tail, ch->direction, ch->lane, shown, shown);
		judge_find(j, FINDINGS_TAIL_MISSING, ERR_OK, tail,
		    "a receipt names seq %llu",
		    (unsigned long long)r->last_seq);
	}
	return (true);
}

static enum judge_fate
fate_of(uint8_t event)
{
	switch (event) {
	case RECEIPT_DELIVERED:
		return (JUDGE_DELIVERED);
	case RECEIPT_UNDECRYPTABLE:
		return (JUDGE_UNDECRYPTABLE);
	case RECEIPT_EXPIRED:
		return (JUDGE_EXPIRED);
	default:
		return (JUDGE_NO_FATE);
	}
}

/* The time in a receipt that verified: 1 + its place in the bundle. */
static uint64_t
time_in(const struct judge *j, uint32_t receipt)
{
	struct statement s;
	struct receipt r;

	if (receipt == 0 ||
	    statement_split(&s, bundle_receipt_at(j->b, receipt - 1)) !=
		ERR_OK ||
	    receipt_decode(&r, s.body) != ERR_OK)
		return (0);
	return (r.time_at);
}

uint64_t
judge_fetched_at(const struct judge *j, const struct judge_message *m)
{
	return (time_in(j, m->fetched));
}

/* record: which of the bundle's receipts r is. */
static void
apply(struct judge *j, const struct receipt *r, size_t record,
    const struct keyring_channel *ch)
{
	size_t i, end = j->first[ch->direction][ch->lane + 1];
	enum judge_fate fate = fate_of(r->event);
	struct judge_message *m;
	uint64_t known;

	for (i = judge_from_seq(j, ch->direction, ch->lane, r->first_seq);
	     i < end && judge_seq(&j->message[i]) <= r->last_seq; i++) {
		m = &j->message[i];
		if (m->off_chain)
			continue;
		known = time_in(j, m->fetched);
		if (r->event == RECEIPT_FETCHED &&
		    (known == 0 || r->time_at < known))
			m->fetched = (uint32_t)record + 1;
		if (fate > m->fate) {
			m->fate = (uint8_t)fate;
			m->fate_at = r->time_at;
		}
	}
}

static void
take_receipt(struct judge *j, size_t i)
{
	struct view entry = bundle_receipt_at(j->b, i);
	const struct keyring_place *place;
	char where[JUDGE_WHERE_BYTES], about[JUDGE_WHERE_BYTES];
	struct verify_who who;
	struct statement s;
	struct receipt r;
	struct hash leaf = statement_leaf(entry);
	enum err err;

	snprintf(where, sizeof(where), "receipts record %zu", i);
	if ((err = statement_split(&s, entry)) != ERR_OK ||
	    (err = receipt_decode(&r, s.body)) != ERR_OK) {
		judge_find(j, FINDINGS_RECEIPT_FORM, err, where, "%s", "");
		return;
	}
	place = judge_best(j, &leaf, &r.kid);
	err = verify_receipt(&who, j->kr, entry.p, entry.len, place);
	if (err == ERR_OK && !hash_eq(&who.channel->pair_id, &j->pair_id))
		err = ERR_CHANNEL;
	if (err == ERR_KEY_REVOKED && r.event == RECEIPT_REFUSED) {
		/* It stands in no log, so nothing tells when it was made. */
		judge_find(j, FINDINGS_RECEIPT_DISPUTED, err, where, "%s", "");
		return;
	}
	if (err != ERR_OK) {
		receipt_fault(j, where, err);
		return;
	}
	judge_where(about, who.channel->direction, who.channel->lane,
	    r.first_seq, r.last_seq);
	snprintf(where, sizeof(where), "%s of %.64s",
	    receipt_event_name(r.event), about);
	j->receipts++;
	if (who.standing == KEYRING_DISPUTED)
		judge_find(j, FINDINGS_RECEIPT_DISPUTED, ERR_OK, where, "%s",
		    "");
	if (place == NULL && r.event != RECEIPT_REFUSED)
		judge_find(j, FINDINGS_RECEIPT_UNLOGGED, ERR_OK, where, "%s",
		    "");
	if (!agrees(j, &r, who.channel, where))
		return;
	judge_unlost(j, who.channel->direction, who.channel->lane,
	    r.first_seq, r.last_seq, "a receipt");
	apply(j, &r, i, who.channel);
}

/* What a message's fate is a finding of; FINDINGS_COUNT: of none. */
static enum findings_code
finding_of(const struct judge_message *m)
{
	switch ((enum judge_fate)m->fate) {
	case JUDGE_NO_FATE:
		return (FINDINGS_RECEIPT_MISSING);
	case JUDGE_UNDECRYPTABLE:
		return (FINDINGS_UNDECRYPTABLE);
	case JUDGE_EXPIRED:
		return (FINDINGS_EXPIRED);
	default:
		return (FINDINGS_COUNT);
	}
}

/* One finding a stretch of messages with the same fate. */
static void
report_fates(struct judge *j, uint8_t d, uint8_t l)
{
	const struct judge_message *m, *first = NULL, *last = NULL;
	char where[JUDGE_WHERE_BYTES];
	size_t i;

	for (i = j->first[d][l]; i <= j->first[d][l + 1]; i++) {
		m = i < j->first[d][l + 1] ? &j->message[i] : NULL;
		if (m != NULL && m->off_chain)
			continue;
		if (first != NULL && m != NULL &&
		    finding_of(m) == finding_of(first)) {
			last = m;
			continue;
		}
		if (first != NULL && finding_of(first) != FINDINGS_COUNT) {
			judge_where(where, d, l, judge_seq(first),
			    judge_seq(last));
			judge_find(j, finding_of(first), ERR_OK, where, "%s",
			    "");
		}
		first = last = m;
	}
}

/* ack_seq counts as delivered for what no receipt names. */
static void
apply_acks(struct judge *j)
{
	struct judge_message *m;
	uint8_t peer;
	size_t i;

	for (i = 0; i < j->messages; i++) {
		m = &j->message[i];
		peer = m->run->direction == FROM_A ? FROM_B : FROM_A;
		if (m->fate == JUDGE_NO_FATE && !m->off_chain &&
		    judge_seq(m) <= j->ack[peer][m->run->lane])
			m->fate = JUDGE_ACKED;
	}
}

enum err
judge_receipt(struct judge *j)
{
	uint8_t d, l;
	size_t i;

	for (i = 0; i < bundle_receipts(j->b); i++)
		take_receipt(j, i);
	apply_acks(j);
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++)
			report_fates(j, d, l);
	return (ERR_OK);
}
