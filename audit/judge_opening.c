#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commit.h"
#include "audit/judge_priv.h"
#include "keys/pubkey.h"
#include "proto/notice.h"

static const char *
where_of(char text[JUDGE_WHERE_BYTES], const struct judge_message *m)
{
	return (judge_where(text, m->run->direction, m->run->lane,
	    judge_seq(m), judge_seq(m)));
}

static void
officer_fault(struct judge *j, const struct judge_message *m,
    enum findings_code code, enum err err, const struct id *officer)
{
	char where[JUDGE_WHERE_BYTES], name[PUBKEY_FINGERPRINT_BYTES] = "";

	if (officer != NULL)
		pubkey_fingerprint(name, officer);
	where_of(where, m);
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
		if (m->run->logged &&
		    hash_eq(&place->log_id, &m->run->log_id))
			return (m->run->index < place->index);
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
	fields_officer_tbs(tbs, &j->pair_id, m->run->direction,
	    (uint8_t)s->role, m->shown->fields);
	if (o->agency == m->run->signer->agency)
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
	const struct field *f = fields_find(m->shown->fields, FIELD_OFFICERS);
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

/* Where to note what is opened of m; NULL for want of memory. */
static struct judge_shown *
shown_of(struct judge *j, struct judge_message *m)
{
	struct judge_shown *shown = m->shown;

	if (shown != &j->nothing)
		return (shown);
	shown = arena_alloc(&j->arena, sizeof(*shown));
	if (shown != NULL)
		m->shown = shown;
	return (shown);
}

static enum err
open_message(struct judge *j, struct judge_message *m, struct view bytes)
{
	struct fields *fields = arena_alloc(&j->arena, sizeof(*fields));
	struct envelope_header h = judge_header(m);
	struct judge_shown *shown;
	enum err err;

	if (fields == NULL)
		return (ERR_NOMEM);
	if ((err = commit_message(fields, bytes, &h.c)) != ERR_OK)
		return (err);
	if ((shown = shown_of(j, m)) == NULL)
		return (ERR_NOMEM);
	shown->fields = fields;
	shown->outline = fields->f[0].value;
	j->opened++;
	return (check_officers(j, m));
}

/* A field opened by itself, beside the outline. */
static enum err
keep_field(struct judge *j, struct judge_shown *shown, const struct field *f)
{
	struct fields *some = shown->some;

	if (some == NULL) {
		some = shown->some = arena_alloc(&j->arena, sizeof(*some));
		if (some == NULL)
			return (ERR_NOMEM);
		some->n = 0;
	}
	if (some->n == FIELDS_MAX)
		return (ERR_FIELD_COUNT);
	if (some->n > 0 && some->f[some->n - 1].tag >= f->tag)
		return (ERR_FIELD_ORDER);
	some->f[some->n++] = *f;
	return (ERR_OK);
}

static enum err
open_field(struct judge *j, struct judge_message *m, struct view bytes)
{
	struct envelope_header h = judge_header(m);
	struct judge_shown *shown;
	struct field field;
	enum err err;

	if ((err = commit_field(&field, bytes, &h.c)) != ERR_OK)
		return (err);
	if ((shown = shown_of(j, m)) == NULL)
		return (ERR_NOMEM);
	if (field.tag != FIELD_OUTLINE)
		return (keep_field(j, shown, &field));
	shown->outline = field.value;
	return (ERR_OK);
}

struct owned {
	struct hash c;
	const struct judge_message *m;
};

static int
by_c_cmp(const void *pa, const void *pb)
{
	const struct owned *a = pa, *b = pb;

	return (memcmp(a->c.b, b->c.b, HASH_BYTES));
}

/* All messages by C, made when the first opening does not fit. */
struct by_c {
	struct owned *list;
};

/* Whose words are these really?  NULL: nobody's here. */
static enum err
find_owner(const struct judge_message **owner, struct judge *j,
    struct by_c *by_c, const struct bundle_opening *o)
{
	struct owned probe, *hit;
	size_t i;

	*owner = NULL;
	if (by_c->list == NULL) {
		by_c->list = calloc(j->messages + 1, sizeof(*by_c->list));
		if (by_c->list == NULL)
			return (ERR_NOMEM);
		for (i = 0; i < j->messages; i++) {
			by_c->list[i].c = judge_header(&j->message[i]).c;
			by_c->list[i].m = &j->message[i];
		}
		qsort(by_c->list, j->messages, sizeof(*by_c->list), by_c_cmp);
	}
	if (commit_leads_to(&probe.c, o->kind == BUNDLE_MESSAGE,
		o->bytes) != ERR_OK)
		return (ERR_OK);
	hit = bsearch(&probe, by_c->list, j->messages, sizeof(*by_c->list),
	    by_c_cmp);
	if (hit != NULL)
		*owner = hit->m;
	return (ERR_OK);
}

/* An opening that does not fit its envelope. */
static enum err
opening_fault(struct judge *j, const struct judge_message *m,
    struct by_c *by_c, const struct bundle_opening *o, enum err err)
{
	char where[JUDGE_WHERE_BYTES], other[JUDGE_WHERE_BYTES];
	const struct judge_message *owner;

	where_of(where, m);
	if (err != ERR_COMMITMENT) {
		judge_find(j, FINDINGS_OPENING_FORM, err, where, "%s", "");
		return (ERR_OK);
	}
	if (find_owner(&owner, j, by_c, o) != ERR_OK)
		return (ERR_NOMEM);
	if (owner == NULL)
		judge_find(j, FINDINGS_OPENING_WRONG, err, where, "%s", "");
	else
		judge_find(j, FINDINGS_OPENING_ELSEWHERE, err, where,
		    "of %s", where_of(other, owner));
	return (ERR_OK);
}

static enum err
take_opening(struct judge *j, struct by_c *by_c, size_t i)
{
	struct bundle_opening o = bundle_opening_at(j->b, i);
	struct judge_message *m = judge_by_env(j, &o.env_id);
	char where[JUDGE_WHERE_BYTES];
	enum err err;

	if (o.kind == BUNDLE_CASE)
		return (ERR_OK);	/* judge_case.c, once links are open */
	if (m == NULL) {
		snprintf(where, sizeof(where), "openings record %zu", i);
		judge_find(j, FINDINGS_OPENING_STRAY, ERR_OK, where, "%s",
		    "");
		return (ERR_OK);
	}
	err = o.kind == BUNDLE_MESSAGE ? open_message(j, m, o.bytes)
				       : open_field(j, m, o.bytes);
	if (err == ERR_OK || err == ERR_NOMEM)
		return (err);
	return (opening_fault(j, m, by_c, &o, err));
}

enum err
judge_opening(struct judge *j)
{
	struct by_c by_c = { NULL };
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; i < bundle_openings(j->b) && err == ERR_OK; i++)
		err = take_opening(j, &by_c, i);
	free(by_c.list);
	return (err);
}
