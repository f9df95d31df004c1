#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"
#include "keys/pubkey.h"
#include "keys/words.h"
#include "proto/charter.h"
#include "proto/note.h"

static void
charter_fault(struct judge *j, uint16_t number, enum err err)
{
	enum findings_code code;
	char where[JUDGE_WHERE_BYTES];

	if (err == ERR_SIGNATURE || err == ERR_POINT)
		code = FINDINGS_CHARTER_SIGNATURE;
	else if (err == ERR_PAIRING || err == ERR_CHARTER_NUMBER ||
	    err == ERR_KEY_FOREIGN)
		code = FINDINGS_CHARTER_CHAIN;
	else
		code = FINDINGS_CHARTER_FORM;
	snprintf(where, sizeof(where), "charter %u", number);
	judge_find(j, code, err, where, "%s", "");
}

static enum err
take_charters(struct judge *j)
{
	const struct charter *parsed;
	struct bundle_charter c;
	struct hash id, pair;
	size_t i;
	enum err err;

	for (i = 0; i < bundle_charters(j->b); i++) {
		c = bundle_charter_at(j->b, i);
		err = keyring_add_charter(j->kr, c.text.p, c.text.len, c.sig_a,
		    c.sig_b, &id);
		if (err == ERR_NOMEM)
			return (err);
		if (err != ERR_OK) {
			charter_fault(j, c.number, err);
			continue;
		}
		parsed = keyring_charter(j->kr, &id);
		pair = charter_pair(parsed, &id);
		if (parsed->number != c.number || !hash_eq(&pair, &j->pair_id))
			charter_fault(j, c.number, ERR_CHARTER_NUMBER);
	}
	return (ERR_OK);
}

static enum err
pin_fits(const struct judge_pin *pin, const struct hash *id, bool *fits)
{
	uint16_t word[CHARTER_WORDS];
	enum err err = ERR_OK;

	if (pin->kind == JUDGE_BY_ID)
		*fits = hash_eq(id, &pin->id);
	else if ((err = words_of_charter(word, id)) == ERR_OK)
		*fits = memcmp(word, pin->word, sizeof(word)) == 0;
	return (err);
}

/* A renewal is signed by the roots it names itself.  Only while these are
 * the roots of the charter before it does the older one vouch for it. */
static void
check_successors(struct judge *j, uint32_t number)
{
	const struct charter *old, *new;
	char where[JUDGE_WHERE_BYTES];

	for (;; number++) {
		old = keyring_pair_charter(j->kr, &j->pair_id, number);
		new = keyring_pair_charter(j->kr, &j->pair_id, number + 1);
		if (old == NULL || new == NULL)
			return;
		if (memcmp(old->party[0].root, new->party[0].root,
			KEY_BYTES) == 0 &&
		    memcmp(old->party[1].root, new->party[1].root,
			KEY_BYTES) == 0)
			continue;
		snprintf(where, sizeof(where), "charter %u", new->number);
		judge_find(j, FINDINGS_CHARTER_UNPINNED, ERR_PAIRING, where,
		    "names another root than the one before it");
	}
}

/* The pin must name a charter of this pair: a newer one binds the older by
 * the hashes in it, an older one the newer while their roots are the same.
 * One that is named but did not verify is no mismatch: it was reported. */
static enum err
check_pin(struct judge *j, const struct judge_pin *pin)
{
	size_t i, n = bundle_charters(j->b);
	const struct charter *named = NULL;
	bool fits = false;
	struct hash id;
	enum err err = ERR_OK;

	if (pin->kind == JUDGE_UNPINNED) {
		judge_find(j, FINDINGS_CHARTER_UNPINNED, ERR_OK, "charter",
		    "%s", "");
		return (ERR_OK);
	}
	if (pin->kind == JUDGE_BY_WORDS && n > JUDGE_WORD_CHARTERS)
		n = JUDGE_WORD_CHARTERS;
	for (i = 0; i < n && err == ERR_OK && !fits; i++) {
		id = charter_id(bundle_charter_at(j->b, i).text);
		err = pin_fits(pin, &id, &fits);
		if (fits)
			named = keyring_charter(j->kr, &id);
	}
	j->pinned = named != NULL;
	if (j->pinned)
		check_successors(j, named->number);
	if (err == ERR_OK && !fits)
		judge_find(j, FINDINGS_CHARTER_MISMATCH, ERR_PAIRING,
		    "charter", "%zu here, none is the one named",
		    bundle_charters(j->b));
	return (err);
}

/* key_seq is also what a key statement without a number fails with. */
static bool
bad_form(const struct statement *s)
{
	struct statement_keys *ks = calloc(1, sizeof(*ks));
	bool bad = ks == NULL || statement_keys_decode(ks, s->body) != ERR_OK;

	free(ks);
	return (bad);
}

static void
statement_fault(struct judge *j, const struct statement *s, enum err err)
{
	enum findings_code code = FINDINGS_STATEMENT_FORM;
	char where[JUDGE_WHERE_BYTES], kid[PUBKEY_FINGERPRINT_BYTES];

	if (err == ERR_KEY_SEQ && bad_form(s))
		err = ERR_ENCODING;
	if (err == ERR_SIGNATURE || err == ERR_POINT)
		code = FINDINGS_STATEMENT_SIGNATURE;
	else if (err == ERR_KEY_FOREIGN || err == ERR_CHANNEL)
		code = FINDINGS_STATEMENT_SIGNER;
	else if (err == ERR_KEY_SEQ)
		code = FINDINGS_KEYS_SEQUENCE;
	else if (err == ERR_ROOT_EQUIVOCATION)
		code = FINDINGS_ROOT_EQUIVOCATION;
	else if (err == ERR_KID_UNKNOWN)
		code = FINDINGS_KEY_MISSING;
	else if (err == ERR_KEY_REVOKED)
		code = FINDINGS_STATEMENT_REVOKED;
	pubkey_fingerprint(kid, &s->kid);
	snprintf(where, sizeof(where), "statements: %s by %s",
	    statement_kind_name(s->kind), kid);
	judge_find(j, code, err, where, "%s", "");
}

/* Key statements come first in canonical order, each root's by number. */
static enum err
take_keys(struct judge *j)
{
	struct statement s;
	struct view entry;
	size_t i;
	enum err err;

	for (i = 0; i < bundle_statements(j->b); i++) {
		entry = bundle_statement_at(j->b, i);
		if (statement_split(&s, entry) != ERR_OK ||
		    s.kind != STATEMENT_KEYS)
			continue;
		err = keyring_add_keys(j->kr, entry.p, entry.len, NULL);
		if (err == ERR_NOMEM)
			return (err);
		if (err != ERR_OK)
			statement_fault(j, &s, err);
	}
	return (ERR_OK);
}

enum err
judge_trust(struct judge *j, const struct judge_pin *pin)
{
	enum err err;

	if ((err = take_charters(j)) != ERR_OK ||
	    (err = check_pin(j, pin)) != ERR_OK)
		return (err);
	return (take_keys(j));
}

static void
say(struct judge *j, enum findings_code code, const struct statement *s)
{
	char where[JUDGE_WHERE_BYTES], kid[PUBKEY_FINGERPRINT_BYTES];

	pubkey_fingerprint(kid, &s->kid);
	snprintf(where, sizeof(where), "statements: %s by %s",
	    statement_kind_name(s->kind), kid);
	judge_find(j, code, ERR_OK, where, "%s", "");
}

static void
unlogged(struct judge *j, const struct statement *s)
{
	struct statement_keys *ks = calloc(1, sizeof(*ks));
	enum findings_code code = FINDINGS_STATEMENT_UNLOGGED;

	if (s->kind == STATEMENT_RECOVERY)
		code = FINDINGS_REVOCATION_UNLOGGED;
	if (ks != NULL && s->kind == STATEMENT_KEYS &&
	    statement_keys_decode(ks, s->body) == ERR_OK &&
	    ks->revocation_count > 0)
		code = FINDINGS_REVOCATION_UNLOGGED;
	free(ks);
	say(j, code, s);
}

/* It counts, but its signer's agency may unsay it. */
static bool
disputed(struct judge *j, const struct statement *s, const struct hash *leaf)
{
	const struct keyring_key *key = keyring_key(j->kr, &s->kid);

	return (key != NULL &&
	    keyring_standing(j->kr, key, judge_best(j, leaf, &s->kid)) ==
		KEYRING_DISPUTED);
}

/* A key statement's places; its revocations count from there on. */
static enum err
place_keys(struct judge *j, const struct statement *s,
    const struct hash *leaf)
{
	struct hash hash = statement_hash(s->body);
	const struct keyring_place *place;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; (place = judge_place(j, leaf, i)) != NULL; i++) {
		err = keyring_placed(j->kr, &hash, place);
		if (err != ERR_OK)
			break;
	}
	return (err == ERR_NOMEM ? err : ERR_OK);
}

static enum err
take_recovery(struct judge *j, const struct statement *s, struct view entry)
{
	const struct keyring_agency *agency;
	struct judge_recovery *grown, r;
	enum err err;

	err = verify_recovery(&agency, j->kr, entry.p, entry.len);
	if (err == ERR_OK)
		err = statement_recovery_decode(&r.st, s->body);
	if (err == ERR_OK && !hash_eq(&r.st.pair_id, &j->pair_id))
		err = ERR_CHANNEL;
	if (err != ERR_OK)
		return (err);
	grown = reallocarray(j->recovery, j->recoveries + 1, sizeof(*grown));
	if (grown == NULL)
		return (ERR_NOMEM);
	j->recovery = grown;
	j->recovery[j->recoveries++] = r;
	return (ERR_OK);
}

static enum err
take_other(struct judge *j, const struct statement *s, struct view entry,
    const struct hash *leaf)
{
	const struct keyring_place *place = judge_best(j, leaf, &s->kid);
	struct verify_who who;
	enum err err;

	switch (s->kind) {
	case STATEMENT_KEYS:
		return (place_keys(j, s, leaf));
	case STATEMENT_OFFICER:
		return (keyring_add_officer(j->kr, entry.p, entry.len, place));
	case STATEMENT_PREKEY:
		return (verify_prekey(&who, j->kr, entry.p, entry.len, place));
	case STATEMENT_RECOVERY:
		return (take_recovery(j, s, entry));
	case STATEMENT_PRIOR:
		err = verify_prior(&who, j->kr, entry.p, entry.len, place);
		return (err == ERR_OK ? judge_prior(j, entry, leaf) : err);
	default:
		return (ERR_MAGIC);	/* runs and receipts live elsewhere */
	}
}

enum err
judge_statements(struct judge *j)
{
	struct statement s;
	struct view entry;
	struct hash leaf;
	size_t i;
	enum err err;

	for (i = 0; i < bundle_statements(j->b); i++) {
		entry = bundle_statement_at(j->b, i);
		if ((err = statement_split(&s, entry)) != ERR_OK) {
			judge_find(j, FINDINGS_STATEMENT_FORM, err,
			    "statements", "record %zu", i);
			continue;
		}
		leaf = statement_leaf(entry);
		err = take_other(j, &s, entry, &leaf);
		if (err == ERR_NOMEM)
			return (err);
		if (err != ERR_OK) {
			statement_fault(j, &s, err);
			continue;
		}
		if (disputed(j, &s, &leaf))
			say(j, FINDINGS_STATEMENT_DISPUTED, &s);
		if (judge_place(j, &leaf, 0) == NULL)
			unlogged(j, &s);
	}
	judge_priors(j);
	return (ERR_OK);
}
