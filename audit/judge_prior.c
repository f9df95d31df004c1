/* judge_prior: what a relay's later log says of the one before. */
#include "audit/judge_priv.h"

#define PRIOR_INDEX 1		/* in the log it opens */

static struct judge_log *
shown(const struct judge *j, const struct hash *log_id)
{
	size_t i;

	for (i = 0; i < j->logs; i++)
		if (hash_eq(&j->log[i].log->log_id, log_id))
			return (&j->log[i]);
	return (NULL);
}

/* Every place it is proved at is the second of a log of its signer. */
static bool
stands(struct judge *j, const struct hash *leaf,
    const struct keyring_agency *relay)
{
	const struct keyring_place *place;
	struct judge_log *log;
	size_t i;

	for (i = 0; (place = judge_place(j, leaf, i)) != NULL; i++) {
		log = shown(j, &place->log_id);
		if (place->index != PRIOR_INDEX || log == NULL ||
		    log->log->relay != relay)
			return (false);
		log->prior = true;
	}
	return (true);
}

/* The note it carries against what is here of that log. */
static void
compare(struct judge *j, const struct verify_checkpoint *cp)
{
	const struct judge_tree *tree = judge_tree(j, &cp->log->log_id,
	    cp->size);
	const struct judge_log *log = shown(j, &cp->log->log_id);
	char where[JUDGE_WHERE_BYTES];

	judge_log_name(where, &cp->log->log_id);
	if (tree != NULL && !hash_eq(&tree->root, &cp->root))
		judge_find(j, FINDINGS_LOG_SPLIT, ERR_LOG_SPLIT, where,
		    "two roots at size %llu", (unsigned long long)cp->size);
	else if (log != NULL && log->size > cp->size)
		judge_find(j, FINDINGS_LOG_GAP, ERR_OK, where,
		    "the next log vouches for size %llu, here is %llu",
		    (unsigned long long)cp->size,
		    (unsigned long long)log->size);
}

enum err
judge_prior(struct judge *j, struct view entry, const struct hash *leaf)
{
	const struct keyring_key *key;
	struct verify_checkpoint cp;
	struct statement_prior prior;
	struct statement s;
	enum err err;

	err = statement_split(&s, entry);
	if (err == ERR_OK)
		err = statement_prior_decode(&prior, s.body);
	if (err == ERR_OK)
		err = verify_checkpoint(&cp, j->kr, prior.note.p,
		    prior.note.len);
	if (err == ERR_NOMEM)
		return (err);
	key = keyring_key(j->kr, &s.kid);
	if (err != ERR_OK || key == NULL || cp.log->relay != key->agency ||
	    !stands(j, leaf, key->agency)) {
		judge_find(j, FINDINGS_PRIOR_CONTRADICTS, err, "statements",
		    "%s", "");
		return (ERR_OK);
	}
	compare(j, &cp);
	return (ERR_OK);
}

/* A relay's logs were stated in the order the keyring has them. */
static bool
follows(const struct judge *j, const struct judge_log *log)
{
	const struct keyring_log *one;
	size_t i;

	for (i = 0; (one = keyring_log_at(j->kr, i)) != log->log; i++)
		if (one->relay == log->log->relay &&
		    shown(j, &one->log_id) != NULL)
			return (true);
	return (false);
}

void
judge_priors(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES];
	size_t i;

	for (i = 0; i < j->logs; i++) {
		if (j->log[i].prior || !follows(j, &j->log[i]))
			continue;
		judge_log_name(where, &j->log[i].log->log_id);
		judge_find(j, FINDINGS_PRIOR_MISSING, ERR_OK, where, "%s",
		    "");
	}
}
