#include <stdio.h>
#include <string.h>

#include "audit/commit.h"
#include "audit/judge_priv.h"
#include "keys/pubkey.h"
#include "proto/notice.h"

static void
officer_fault(struct judge *j, const struct judge_message *m,
    enum findings_code code, enum err err, const struct id *officer)
{
	char where[JUDGE_WHERE_BYTES], name[PUBKEY_FINGERPRINT_BYTES] = "";

	if (officer != NULL)
		pubkey_fingerprint(name, officer);
	judge_where(where, m->direction, m->lane, m->h.seq, m->h.seq);
	judge_find(j, code, err, where, "%s%s",
	    officer == NULL ? "" : "officer ", name);
}

/* By any key its certificates named: officers change keys too. */
static enum err
officer_signed(const struct judge *j, const struct keyring_officer *o,
    const uint8_t tbs[OFFICER_TBS_BYTES], const uint8_t sig[SIG_BYTES])
{
	const uint8_t *key;
	size_t i;

	for (i = 0; (key = keyring_officer_key(j->kr, &o->id, i)) != NULL; i++)
		if (pubkey_verify(key, tbs, OFFICER_TBS_BYTES, sig) == ERR_OK)
			return (ERR_OK);
	return (ERR_SIGNATURE);
}

/* Does the message stand in its log before that leaf? */
static bool
stands_before(struct judge *j, const struct judge_message *m,
    const struct hash *leaf)
{
	const struct keyring_place *place;
	size_t i;

	for (i = 0; (place = judge_place(j, leaf, i)) != NULL; i++)
		if (m->logged && hash_eq(&place->log_id, &m->log_id))
			return (m->index < place->index);
	return (false);
}

static void
check_officer(struct judge *j, const struct judge_message *m,
    const struct notice_signature *s)
{
	const struct keyring_officer *o = keyring_officer(j->kr, &s->officer);
	uint8_t tbs[OFFICER_TBS_BYTES];
	enum err err = ERR_KEY_FOREIGN;

	if (o == NULL) {
		officer_fault(j, m, FINDINGS_OFFICER_UNKNOWN, ERR_NOTFOUND,
		    &s->officer);
		return;
	}
	fields_officer_tbs(tbs, &j->pair_id, m->direction, (uint8_t)s->role,
	    m->fields);
	if (o->agency == m->signer->agency)
		err = officer_signed(j, o, tbs, s->sig);
	if (err != ERR_OK)
		officer_fault(j, m, FINDINGS_OFFICER_SIGNATURE, err, &o->id);
	else if (o->revoked && !stands_before(j, m, &o->leaf))
		officer_fault(j, m, FINDINGS_OFFICER_REVOKED, ERR_KEY_REVOKED,
		    &o->id);
}

/* Field 3: each officer of the sender's agency signed the other fields; that
 * author and releaser are two is its form. */
static enum err
check_officers(struct judge *j, const struct judge_message *m)
{
	const struct field *f = fields_find(m->fields, FIELD_OFFICERS);
	struct notice_officers officers;
	unsigned i;
	enum err err;

	if (f == NULL)
		return (ERR_OK);
	err = notice_officers_decode(&officers, f->value, &j->arena);
	if (err != ERR_OK) {
		if (err != ERR_NOMEM)
			officer_fault(j, m, FINDINGS_OPENING_FORM, err, NULL);
		return (err == ERR_NOMEM ? err : ERR_OK);
	}
	for (i = 0; i < officers.n; i++)
		check_officer(j, m, &officers.v[i]);
	return (ERR_OK);
}

static enum err
open_message(struct judge *j, struct judge_message *m, struct view bytes)
{
	struct fields *fields = arena_alloc(&j->arena, sizeof(*fields));
	enum err err;

	if (fields == NULL)
		return (ERR_NOMEM);
	if ((err = commit_message(fields, bytes, &m->h.c)) != ERR_OK)
		return (err);
	m->fields = fields;
	m->outline = fields->f[0].value;
	j->opened++;
	return (check_officers(j, m));
}

static enum err
open_field(struct judge_message *m, struct view bytes)
{
	struct field field;
	enum err err;

	err = commit_field(&field, bytes, &m->h.c);
	if (err == ERR_OK && field.tag == FIELD_OUTLINE)
		m->outline = field.value;
	return (err);
}

enum err
judge_opening(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	struct bundle_opening o;
	struct judge_message *m;
	size_t i;
	enum err err;

	for (i = 0; i < bundle_openings(j->b); i++) {
		o = bundle_opening_at(j->b, i);
		if ((m = judge_by_env(j, &o.env_id)) == NULL) {
			snprintf(where, sizeof(where), "openings record %zu",
			    i);
			judge_find(j, FINDINGS_OPENING_STRAY, ERR_OK, where,
			    "%s", "");
			continue;
		}
		if (o.kind == BUNDLE_MESSAGE)
			err = open_message(j, m, o.bytes);
		else
			err = open_field(m, o.bytes);
		if (err == ERR_NOMEM)
			return (err);
		if (err == ERR_OK)
			continue;
		judge_where(where, m->direction, m->lane, m->h.seq, m->h.seq);
		judge_find(j, err == ERR_COMMITMENT ? FINDINGS_OPENING_WRONG
						    : FINDINGS_OPENING_FORM,
		    err, where, "%s", "");
	}
	return (ERR_OK);
}
