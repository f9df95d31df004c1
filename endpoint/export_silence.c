#include "endpoint/export_silence.h"

#include <string.h>

#include "endpoint/agent.h"
#include "endpoint/export_open.h"
#include "endpoint/mail.h"
#include "endpoint/opencases.h"
#include "endpoint/pairs.h"
#include "proto/notice.h"

/* A heartbeat with what stands in its link field. */
struct beat {
	struct hash env_id;
	struct notice_link link;
	struct mail_content content;
};

static enum err
say(const char **wrong, enum err err, const char *text)
{
	*wrong = text;
	return err;
}

/* Is that one, and can it be opened to others? */
static enum err
read_beat(struct book *book, const struct mail *mail, struct beat *beat,
    bool *is)
{
	const struct field *f;
	enum err err;

	*is = false;
	beat->env_id = mail->env_id;
	err = mail_content(book, mail->id, &beat->content);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	f = fields_find(&beat->content.fields, FIELD_LINK);
	*is = f != NULL && beat->content.has_kf &&
	    notice_link_decode(&beat->link, f->value) == ERR_OK;
	return ERR_OK;
}

/* From the newest downward: the first met, or the last met that is not from
 * before `at`.  ERR_NOTFOUND: none. */
static enum err
find_beat(struct book *book, const struct pair *pair,
    const struct export_choice *choice, struct beat *beat)
{
	struct mail mail = {.seq = INT64_MAX};
	bool is, found = false;
	int64_t id = 0;
	enum err err;

	while (!found || choice->at != 0) {
		err = mail_before(book, pair->number, choice->own,
		    LANE_NOTICE, mail.seq, &mail);
		if (err == ERR_NOTFOUND ||
		    (err == ERR_OK && mail.created_at < choice->at))
			break;
		if (err == ERR_OK)
			err = read_beat(book, &mail, beat, &is);
		if (err != ERR_OK)
			return err;
		mail_content_free(&beat->content);
		if (is) {
			found = true;
			id = mail.id;
		}
	}
	if (!found)
		return ERR_NOTFOUND;
	err = mail_get(book, id, &mail);
	return err == ERR_OK ? read_beat(book, &mail, beat, &is) : err;
}

static enum err
add_path(const struct notice_case *c, const struct hash *env_id,
    struct bundle *bundle)
{
	struct buf bytes = buf_init(sizeof(*c));
	enum err err = notice_case_encode(&bytes, c);

	if (err == ERR_OK)
		err = bundle_add_opening(
		    bundle, env_id, BUNDLE_CASE, buf_view(&bytes));
	buf_free(&bytes);
	return err;
}

static enum err
show(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, const struct beat *beat,
    struct bundle *bundle)
{
	uint8_t signer = choice->own ? pair->direction
				     : (uint8_t)(1 - pair->direction);
	struct opencases cases;
	struct notice_case c;
	enum err err;

	err = opencases_at(agent, pair, choice->own, &beat->link, &cases);
	if (err == ERR_OK)
		err = opencases_show(
		    &cases, signer, &beat->link, choice->silence, &c);
	opencases_free(&cases);
	if (err == ERR_OK)
		err = export_open_fields(bundle, &beat->env_id,
		    &beat->content.fields, beat->content.kf, FIELD_LINK);
	return err == ERR_OK ? add_path(&c, &beat->env_id, bundle) : err;
}

enum err
export_silence_add(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, struct bundle *bundle,
    const char **wrong)
{
	struct beat beat;
	enum err err;

	*wrong = NULL;
	if (choice->silence == NULL)
		return ERR_OK;
	if (choice->level == BUNDLE_SEALED)
		return say(wrong, ERR_USAGE,
		    "silence: a sealed bundle opens nothing; level outline");
	err = find_beat(agent_book(agent), pair, choice, &beat);
	if (err == ERR_NOTFOUND)
		return say(wrong, err,
		    "silence: the book holds no heartbeat of that side from "
		    "that time on");
	if (err != ERR_OK)
		return err;
	err = show(agent, pair, choice, &beat, bundle);
	mail_content_free(&beat.content);
	if (err == ERR_NOTFOUND)
		return say(wrong, err,
		    "silence: in that heartbeat the case is not open; choose "
		    "another with --at");
	if (err == ERR_INCOMPLETE)
		return say(wrong, err,
		    "silence: what that heartbeat signed as open cannot be "
		    "made again from this book (messages lost, not opened, or "
		    "sealed again); try another with --at, or open all "
		    "outlines of the case");
	return err;
}
