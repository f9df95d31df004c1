#include "endpoint/export_open.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "endpoint/agent.h"
#include "endpoint/export_pick.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "keys/salt.h"
#include "proto/notice.h"

struct opening {
	struct book *book;
	const struct export_choice *choice;
	struct bundle *bundle;
	struct export_pick wanted[EXPORT_OPEN_MESSAGES_MAX];
	size_t of_field;	/* messages that had the field asked for */
};

uint16_t
export_open_field(const char *name)
{
	static const char *const names[] = {
	    [FIELD_OUTLINE] = "outline",
	    [FIELD_BODY] = "body",
	    [FIELD_OFFICERS] = "officers",
	    [FIELD_LINK] = "link",
	    [FIELD_CHUNK] = "chunk",
	    [FIELD_AGAIN] = "again",
	    [FIELD_MANIFEST] = "manifest",
	};

	for (uint16_t tag = 1; tag < sizeof(names) / sizeof(names[0]); tag++)
		if (strcmp(names[tag], name) == 0)
			return tag;
	return 0;
}

/* ---- which ---- */

/* Whether one of the words means it; each that does has found something. */
static bool
is_named(struct opening *o, const struct mail *mail)
{
	bool named = o->choice->messages == 0;

	for (size_t i = 0; i < o->choice->messages; i++)
		named |= export_pick_is(o->book, &o->wanted[i], mail);
	return named;
}

static bool
is_of_case(const struct opening *o, const struct mail_content *content)
{
	const struct field *f = fields_find(&content->fields, FIELD_OUTLINE);
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_outline outline;
	bool is;

	if (o->choice->case_id == NULL)
		return true;
	is = f != NULL &&
	    notice_outline_decode(&outline, f->value, &arena) == ERR_OK &&
	    id_eq(&outline.case_id, o->choice->case_id);
	arena_free(&arena);
	return is;
}

/* ---- how ---- */

static enum err
add_message(struct opening *o, const struct hash *env_id,
    const struct mail_content *content)
{
	size_t len = KEY_BYTES + 4 + fields_len(&content->fields);
	uint8_t *bytes = malloc(len);
	struct wr wr;
	enum err err;

	if (bytes == NULL)
		return ERR_NOMEM;
	wr = wr_init(bytes, len);
	err = fields_message_encode(&wr, content->kf, &content->fields);
	if (err == ERR_OK)
		err = bundle_add_opening(o->bundle, env_id, BUNDLE_MESSAGE,
		    (struct view){bytes, wr.len});
	free(bytes);
	return err;
}

static enum err
add_field(struct bundle *bundle, const struct hash *env_id,
    const struct fields *fields, const uint8_t *salts, unsigned index)
{
	struct buf bytes = buf_init(BUCKET_MAX + 4096);
	struct fields_opening opening;
	enum err err;

	fields_open(&opening, fields, salts, index);
	err = fields_opening_encode(&bytes, &opening);
	if (err == ERR_OK)
		err = bundle_add_opening(
		    bundle, env_id, BUNDLE_FIELD, buf_view(&bytes));
	buf_free(&bytes);
	return err;
}

enum err
export_open_fields(struct bundle *bundle, const struct hash *env_id,
    const struct fields *fields, const uint8_t *kf, uint16_t tag)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES];
	enum err err = ERR_OK;

	salt_from(salts, fields->n, kf);
	for (unsigned i = 0; i < fields->n && err == ERR_OK; i++)
		if (fields->f[i].tag == tag ||
		    fields->f[i].tag == FIELD_OUTLINE)
			err = add_field(bundle, env_id, fields, salts[0], i);
	secret_wipe(salts, sizeof(salts));
	return err;
}

static enum err
add_fields(struct opening *o, const struct hash *env_id,
    const struct mail_content *content)
{
	if (o->choice->field != 0 &&
	    fields_find(&content->fields, o->choice->field) != NULL)
		o->of_field++;
	return export_open_fields(o->bundle, env_id, &content->fields,
	    content->kf, o->choice->field);
}

static enum err
add_opening(void *ctx, const struct mail *mail)
{
	struct mail_content content = {0};
	struct opening *o = ctx;
	bool whole = o->choice->level == BUNDLE_OPEN && o->choice->field == 0;
	enum err err;

	/* Its run is not in the bundle before a log has it. */
	if (o->choice->messages == 0 && mail->own &&
	    hash_is_zero(&mail->log_id))
		return ERR_OK;
	err = mail_content(o->book, mail->id, &content);
	if (err == ERR_NOTFOUND)
		return ERR_OK;	/* never opened here, or shredded */
	if (err == ERR_OK && content.has_kf && is_of_case(o, &content) &&
	    is_named(o, mail))
		err = whole ? add_message(o, &mail->env_id, &content)
			    : add_fields(o, &mail->env_id, &content);
	mail_content_free(&content);
	return err;
}

static enum err
add_lanes(struct opening *o, const struct pair *pair)
{
	enum err err = ERR_OK;

	for (uint8_t lane = 0; lane < LANE_COUNT && err == ERR_OK; lane++) {
		err = mail_each(o->book, pair->number, true, lane, 1,
		    add_opening, o);
		if (err == ERR_OK)
			err = mail_each(o->book, pair->number, false, lane, 1,
			    add_opening, o);
	}
	return err;
}

/* Every word must have meant one message. */
static enum err
check_found(const struct opening *o, const char **wrong)
{
	for (size_t i = 0; i < o->choice->messages; i++) {
		enum err err = export_pick_found(&o->wanted[i]);

		*wrong = o->choice->message[i];
		if (err != ERR_OK)
			return err;
	}
	*wrong = "field: no message chosen has it";
	if (o->choice->field != 0 && o->of_field == 0)
		return ERR_NOTFOUND;
	*wrong = NULL;
	return ERR_OK;
}

enum err
export_open_add(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, struct bundle *bundle,
    const char **wrong)
{
	struct opening *o = calloc(1, sizeof(*o));
	enum err err = ERR_OK;

	*wrong = NULL;
	if (o == NULL)
		return ERR_NOMEM;
	o->book = agent_book(agent);
	o->choice = choice;
	o->bundle = bundle;
	if (choice->level == BUNDLE_SEALED && choice->messages > 0) {
		*wrong = "message: a sealed bundle opens none";
		err = ERR_USAGE;
	} else if (choice->level != BUNDLE_OPEN && choice->field != 0) {
		*wrong = "field: only with level open";
		err = ERR_USAGE;
	}
	for (size_t i = 0; i < choice->messages && err == ERR_OK; i++) {
		err = export_pick_word(o->book, choice->case_id,
		    choice->message[i], &o->wanted[i]);
		if (err != ERR_OK)
			*wrong = choice->message[i];
	}
	if (err == ERR_OK && choice->level != BUNDLE_SEALED)
		err = add_lanes(o, pair);
	if (err == ERR_OK)
		err = check_found(o, wrong);
	free(o);
	return err;
}
