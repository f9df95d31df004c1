#include "endpoint/profiles.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint/agent.h"
#include "endpoint/caserows.h"
#include "endpoint/mail.h"
#include "endpoint/refold.h"

/* A body as it came, by its hash. */
struct sent {
	struct hash body;
	int64_t at;
};

static enum err
open_body(struct agent *agent, const struct caserows_msg *row,
    struct mail_content *content, struct view *body)
{
	const struct field *f;
	enum err err = mail_content(agent_book(agent), row->mail, content);

	if (err != ERR_OK)
		return err;
	f = fields_find(&content->fields, FIELD_BODY);
	if (f != NULL) {
		*body = f->value;
		return ERR_OK;
	}
	mail_content_free(content);
	return ERR_NOTFOUND;
}

/* The peer's, newest first. */
static enum err
load_peer(struct agent *agent, int64_t pair,
    struct sent list[PROFILES_PEER_MAX], size_t *n)
{
	struct caserows_msg *rows = NULL;
	struct mail_content content;
	struct view body;
	size_t count = 0;
	enum err err = caserows_profiles(agent_book(agent), pair, false,
	    PROFILES_PEER_MAX, &rows, &count);

	*n = 0;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = open_body(agent, &rows[i], &content, &body);
		if (err == ERR_OK) {
			list[*n].at = rows[i].at;
			list[(*n)++].body = hash_of(body.p, body.len);
			mail_content_free(&content);
		}
		err = refold_fatal(err) ? err : ERR_OK;
	}
	free(rows);
	return err;
}

/* When the same was there from both sides; 0: it is not. */
static int64_t
agreed_at(int64_t own_at, const struct hash *body, const struct sent *peer,
    size_t n)
{
	int64_t at = 0;

	for (size_t i = 0; i < n; i++)
		if (hash_eq(&peer[i].body, body))
			at = peer[i].at > own_at ? peer[i].at : own_at;
	return at;
}

static enum err
take_own(struct agent *agent, const struct caserows_msg *row,
    const struct sent *peer, size_t n, struct profiles *out)
{
	struct profiles_one *one = &out->v[out->n];
	struct mail_content content;
	struct view body;
	struct hash hash;
	enum err err = open_body(agent, row, &content, &body);

	if (err != ERR_OK)
		return err;
	hash = hash_of(body.p, body.len);
	one->agreed_at = agreed_at(row->at, &hash, peer, n);
	if (one->agreed_at != 0)
		err = profile_decode(&one->profile, body, &out->arena);
	if (one->agreed_at != 0 && err == ERR_OK)
		out->n++;
	mail_content_free(&content);
	return err;
}

enum err
profiles_load(struct agent *agent, int64_t pair, struct profiles *out)
{
	struct sent peer[PROFILES_PEER_MAX];
	struct caserows_msg *rows = NULL;
	size_t count = 0, n = 0;
	enum err err;

	memset(out, 0, sizeof(*out));
	out->arena = arena_init(PROFILES_OWN_MAX * ARENA_MAX);
	err = caserows_profiles(agent_book(agent), pair, true,
	    PROFILES_OWN_MAX, &rows, &count);
	if (err == ERR_OK && count > 0)
		err = load_peer(agent, pair, peer, &n);
	for (size_t i = 0; i < count && n > 0 && err == ERR_OK; i++) {
		err = take_own(agent, &rows[i], peer, n, out);
		err = refold_fatal(err) ? err : ERR_OK;
	}
	free(rows);
	return err;
}

void
profiles_free(struct profiles *profiles)
{
	arena_free(&profiles->arena);
	profiles->n = 0;
}

const struct profile *
profiles_at(const struct profiles *profiles, int64_t at)
{
	const struct profile *best = NULL;

	for (size_t i = 0; i < profiles->n; i++) {
		const struct profiles_one *one = &profiles->v[i];

		if (one->agreed_at <= at &&
		    (best == NULL || one->profile.number > best->number))
			best = &one->profile;
	}
	return best;
}
