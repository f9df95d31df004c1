#include <string.h>

#include "audit/verify.h"
#include "base/db.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/mail.h"
#include "endpoint/refusals.h"
#include "endpoint/relays.h"
#include "proto/receipt.h"
#include "proto/statement.h"

static const char refusals_sql[] =
    "CREATE TABLE refusal ("
    " entry BLOB NOT NULL,"
    " pair INTEGER NOT NULL,"
    " relay INTEGER NOT NULL,"
    " env_id BLOB NOT NULL,"
    " reason INTEGER NOT NULL,"
    " PRIMARY KEY (env_id, relay, reason)) STRICT;\n"
    "CREATE INDEX refusal_pair ON refusal (pair);\n";

const char *
refusals_schema_2(void)
{
	return refusals_sql;
}

/* By that relay, and about exactly what was sent; the envelope it names is
 * the last of the run. */
static enum err
refusals_check(const struct agent *agent, const struct relay *relay,
    const struct refusals_about *about, struct view entry,
    struct hash *env_id)
{
	const struct pair *pair = pairs_get(agent->pairs, about->pair);
	struct verify_who who;
	struct statement st;
	struct receipt r;
	struct mail last;
	enum err err;

	if (pair == NULL)
		return ERR_NOTFOUND;
	err = verify_receipt(&who, pairs_keyring(agent->pairs), entry.p,
	    entry.len, NULL);
	if (err == ERR_OK)
		err = statement_split(&st, entry);
	if (err == ERR_OK)
		err = receipt_decode(&r, st.body);
	if (err == ERR_OK)
		err = mail_at(agent->book, about->pair, true, about->lane,
		    about->last_seq, &last);
	if (err != ERR_OK)
		return err;
	if (!id_eq(&who.key->agency->id, &relay->agency))
		return ERR_KEY_FOREIGN;
	*env_id = r.env_id;
	if (r.event != RECEIPT_REFUSED || r.reason != about->status ||
	    !id_eq(&r.channel, &pair->own_channel[about->lane]) ||
	    r.first_seq != about->first_seq ||
	    r.last_seq != about->last_seq || !hash_eq(&r.env_id,
	    &last.env_id))
		return ERR_SEQ;
	return ERR_OK;
}

enum err
refusals_take(struct agent *agent, const struct relay *relay,
    const struct refusals_about *about, struct view entry)
{
	struct hash env_id = { { 0 } };
	enum err err = entry.len == 0 ? ERR_TRUNCATED :
	    refusals_check(agent, relay, about, entry, &env_id);
	struct db_stmt *s;

	if (err == ERR_STORAGE || err == ERR_NOMEM)
		return err;
	if (err != ERR_OK) {
		alarm_raise(agent->book, agent->now, err, about->pair,
		    "relay %s signs no true refusal of lane %u seq %llu",
		    relay->name, about->lane,
		    (unsigned long long)about->first_seq);
		return ERR_OK;
	}
	s = db_prepare(book_db(agent->book), "INSERT OR IGNORE INTO refusal"
	    " (entry, pair, relay, env_id, reason)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)");
	db_bind_view(s, 1, entry);
	db_bind_int(s, 2, about->pair);
	db_bind_int(s, 3, relay->number);
	db_bind_hash(s, 4, &env_id);
	db_bind_int(s, 5, about->status);
	return agent_fail(agent, db_run(s));
}

enum err
refusals_each(struct book *book, int64_t pair, refusals_visit *visit,
    void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT entry FROM refusal WHERE pair = ?1 ORDER BY entry");
	enum err err = ERR_OK, done;

	db_bind_int(s, 1, pair);
	while (err == ERR_OK && db_row(s))
		err = visit(ctx, db_col_blob(s, 0));
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
