/* The fake agent's mail.h and outbox.h: letters in memory. */
#include <string.h>

#include "tests/unit/endpoint/fake_agent_priv.h"

struct letter *
fake_letter(struct agent *agent, struct view list)
{
	struct letter *l = &agent->letters[agent->n];

	must(agent->n < MAILS_MAX);
	l->mail.id = (int64_t)++agent->n;
	l->mail.pair = agent->pair.number;
	l->list = buf_init(BUCKET_MAX);
	buf_put(&l->list, list.p, list.len);
	must(l->list.err == ERR_OK);
	return l;
}

enum err
outbox_put(struct agent *agent, const struct outgoing *out, int64_t *mail)
{
	size_t len = fields_len(out->fields);
	uint8_t *bytes = malloc(len);
	struct wr wr = wr_init(bytes, len);
	struct letter *l;

	must(fields_padded_len(out->fields) != 0);
	must(fields_padded_len(out->fields) <= agent->charter.size_max);
	fields_encode(&wr, out->fields);
	l = fake_letter(agent, (struct view){bytes, wr.len});
	l->mail.own = true;
	l->mail.state = MAIL_WAITING;
	l->mail.lane = out->lane;
	l->message = out->message;
	if (mail != NULL)
		*mail = l->mail.id;
	free(bytes);
	return ERR_OK;
}

enum err
mail_find(struct book *book, const struct hash *env_id, struct mail *mail)
{
	const struct agent *agent = book->agent;

	for (size_t i = 0; i < agent->n; i++)
		if (hash_eq(&agent->letters[i].mail.env_id, env_id)) {
			*mail = agent->letters[i].mail;
			return ERR_OK;
		}
	return ERR_NOTFOUND;
}

enum err
mail_each(struct book *book, int64_t pair, bool own, uint8_t lane,
    uint64_t from_seq, mail_visit *visit, void *ctx)
{
	const struct agent *agent = book->agent;
	enum err err = ERR_OK;

	for (size_t i = 0; i < agent->n && err == ERR_OK; i++) {
		const struct mail *m = &agent->letters[i].mail;

		if (m->pair == pair && m->own == own && m->lane == lane &&
		    m->seq != 0 && m->seq >= from_seq)
			err = visit(ctx, m);
	}
	return err;
}

enum err
mail_next_waiting(struct book *book, int64_t pair, uint8_t lane,
    int64_t after, struct mail_waiting *out)
{
	const struct agent *agent = book->agent;

	for (size_t i = 0; i < agent->n; i++) {
		const struct letter *l = &agent->letters[i];

		if (l->mail.pair != pair || !l->mail.own ||
		    l->mail.lane != lane || l->mail.seq != 0 ||
		    l->mail.id <= after)
			continue;
		out->mail = l->mail;
		out->mail.message = l->message;
		return ERR_OK;
	}
	return ERR_NOTFOUND;
}

enum err
mail_content(struct book *book, int64_t id, struct mail_content *content)
{
	const struct agent *agent = book->agent;
	const struct letter *l;

	memset(content, 0, sizeof(*content));
	if (id < 1 || (size_t)id > agent->n)
		return ERR_NOTFOUND;
	l = &agent->letters[id - 1];
	if (l->list.len == 0)
		return ERR_NOTFOUND;	/* shredded */
	content->list = buf_init(BUCKET_MAX);
	buf_put(&content->list, l->list.p, l->list.len);
	return fields_decode(&content->fields, buf_view(&content->list));
}

enum err
mail_get(struct book *book, int64_t id, struct mail *mail)
{
	const struct agent *agent = book->agent;

	if (id < 1 || (size_t)id > agent->n)
		return ERR_NOTFOUND;
	*mail = agent->letters[id - 1].mail;
	return ERR_OK;
}

enum err
mail_anew(struct book *book, const struct hash *env_id, struct mail *mail)
{
	const struct agent *agent = book->agent;

	for (size_t i = 0; i < agent->n; i++)
		if (hash_eq(&agent->letters[i].mail.again, env_id)) {
			*mail = agent->letters[i].mail;
			return ERR_OK;
		}
	return ERR_NOTFOUND;
}

enum err
mail_shred(struct book *book, int64_t id, bool *had)
{
	struct letter *l = &book->agent->letters[id - 1];

	*had = l->list.len > 0;
	buf_reset(&l->list);
	return ERR_OK;
}

void
mail_content_free(struct mail_content *content)
{
	buf_free(&content->list);
}
