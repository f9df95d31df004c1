#include "tests/unit/endpoint/fake_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint/book.h"
#include "endpoint/casebook.h"
#include "tests/unit/endpoint/fake_agent_priv.h"

/* ---- agent.h, book.h, pairs.h as far as the desk uses them ---- */

struct book *
agent_book(struct agent *agent)
{
	return &agent->book;
}

struct db *
agent_db(struct agent *agent)
{
	return agent->book.db;
}

enum err
book_seal(struct book *book, const char *table, const char *column,
    int64_t rowid, struct view p, struct buf *out)
{
	(void)book, (void)table, (void)column, (void)rowid;
	buf_put(out, p.p, p.len);
	return out->err;
}

enum err
book_unseal(struct book *book, const char *table, const char *column,
    int64_t rowid, struct view sealed, struct buf *out)
{
	return book_seal(book, table, column, rowid, sealed, out);
}

enum err
book_save(struct book *book)
{
	return db_exec(book->db, "SAVEPOINT part");
}

enum err
book_keep(struct book *book)
{
	return db_exec(book->db, "RELEASE part");
}

enum err
book_undo(struct book *book)
{
	enum err err = db_exec(book->db, "ROLLBACK TO part");

	return err != ERR_OK ? err : book_keep(book);
}

enum err
book_set_int(struct book *book, const char *name, int64_t v)
{
	(void)name;
	book->agent->cursor = v;
	return ERR_OK;
}

int64_t
book_get_int(struct book *book, const char *name, int64_t def)
{
	(void)name, (void)def;
	return book->agent->cursor;
}

struct db *
book_db(struct book *book)
{
	return book->db;
}

int64_t
agent_now(const struct agent *agent)
{
	return agent->now;
}

void
agent_wake(struct agent *agent, int64_t at)
{
	(void)agent, (void)at;	/* the test ticks */
}

const char *
agent_home(const struct agent *agent)
{
	return agent->home;
}

const char *
fake_home(const struct agent *agent)
{
	return agent->home;
}

const struct pair *
fake_the_pair(const struct agent *agent)
{
	return &agent->pair;
}

enum err
timebound_of(struct agent *agent, int64_t mail, struct timebound *out)
{
	(void)mail;
	*out = agent->bound;
	return ERR_OK;
}

void
fake_bound(struct agent *agent, const struct timebound *bound)
{
	agent->bound = *bound;
}

struct pairs *
agent_pairs(struct agent *agent)
{
	return (struct pairs *)agent;
}

const struct pair *
pairs_get(const struct pairs *pairs, int64_t number)
{
	const struct agent *agent = (const struct agent *)pairs;

	return number == agent->pair.number ? &agent->pair : NULL;
}

const struct charter *
pairs_charter_of(struct agent *agent, const struct pair *pair,
    uint16_t number, struct hash *id)
{
	(void)agent, (void)number;
	*id = pair->charter_id;
	return pair->charter;
}

const struct pair *
pairs_named(const struct pairs *pairs, const char *name)
{
	const struct agent *agent = (const struct agent *)pairs;

	return name[0] == '\0' || strcmp(name, agent->pair.peer_name) == 0
	    ? &agent->pair
	    : NULL;
}

/* ---- the wire ---- */

static void
raise_event(struct agent *agent, const struct letter *l,
    enum outbox_what what, uint16_t reason)
{
	struct outbox_event ev = {.what = what, .mail = l->mail.id,
	    .message = l->message, .pair = &agent->pair,
	    .lane = l->mail.lane, .seq = l->mail.seq,
	    .env_id = l->mail.env_id, .reason = reason, .at = agent->now};
	enum err err = casebook_hooks()->event(agent, &ev);

	must(err == ERR_OK);
}

static void
seal(struct agent *agent, struct letter *l)
{
	struct hasher h;

	l->mail.seq = ++agent->seq[l->mail.lane];
	l->mail.state = MAIL_SEALED;
	l->mail.signed_at = agent->now + 1;
	hash_init(&h);
	hash_add(&h, &agent->pair.direction, 1);
	hash_add(&h, &l->mail.lane, 1);
	hash_add(&h, &l->mail.seq, sizeof(l->mail.seq));
	hash_add(&h, l->list.p, l->list.len);
	l->mail.env_id = hash_final(&h);
	agent->now++;
	raise_event(agent, l, OUTBOX_SEALED, 0);
}

void
fake_seal(struct agent *agent)
{
	for (size_t i = 0; i < agent->n; i++) {
		struct letter *l = &agent->letters[i];

		if (l->mail.own && l->mail.seq == 0)
			seal(agent, l);
	}
}

static struct letter *
nth_ready(struct agent *agent, size_t nth)
{
	for (size_t i = 0; i < agent->n; i++) {
		struct letter *l = &agent->letters[i];

		if (l->mail.own && l->mail.seq != 0 && !l->carried &&
		    nth-- == 0)
			return l;
	}
	return NULL;
}

static void
hand_over(struct agent *to, const struct letter *from)
{
	struct letter *l = fake_letter(to, buf_view(&from->list));
	struct fields fields;
	struct received in = {.message = l->mail.id, .pair = &to->pair,
	    .lane = from->mail.lane, .seq = from->mail.seq,
	    .env_id = from->mail.env_id, .again = from->mail.again,
	    .received_at = ++to->now, .fields = &fields};
	enum err err = fields_decode(&fields, buf_view(&l->list));

	must(err == ERR_OK);
	l->mail.lane = from->mail.lane;
	l->mail.seq = from->mail.seq;
	l->mail.env_id = from->mail.env_id;
	l->mail.signed_at = from->mail.signed_at;
	err = casebook_hooks()->received(to, &in);
	must(err == ERR_OK);
}

static void
carry(struct agent *from, struct letter *l)
{
	l->carried = true;
	raise_event(from, l, OUTBOX_SUBMITTED, 0);
	hand_over(from->peer, l);
	l->mail.state = MAIL_DELIVERED;
	raise_event(from, l, OUTBOX_DELIVERED, 0);
}

size_t
fake_carry(struct agent *from)
{
	struct letter *l;
	size_t n = 0;

	fake_seal(from);
	while ((l = nth_ready(from, 0)) != NULL) {
		carry(from, l);
		n++;
	}
	fake_seal(from->peer);	/* answers made by the agent itself */
	return n;
}

void
fake_carry_one(struct agent *from, size_t nth)
{
	struct letter *l;

	fake_seal(from);
	l = nth_ready(from, nth);
	must(l != NULL);
	carry(from, l);
}

void
fake_reseal(struct agent *from, size_t nth)
{
	struct letter *l, *known, *gone;
	struct hash old;

	fake_seal(from);
	l = nth_ready(from, nth);
	must(l != NULL);
	old = l->mail.env_id;
	/* The peer keeps a row of what it could not open. */
	known = fake_letter(from->peer, (struct view){NULL, 0});
	known->mail.lane = l->mail.lane;
	known->mail.seq = l->mail.seq;
	known->mail.env_id = old;
	known->mail.state = MAIL_UNDECRYPTABLE;
	raise_event(from, l, OUTBOX_SUBMITTED, 0);
	raise_event(from, l, OUTBOX_UNDECRYPTABLE, ERR_PREKEY_GONE);
	gone = fake_letter(from, (struct view){NULL, 0});
	gone->mail = l->mail;
	gone->mail.id = (int64_t)from->n;
	gone->mail.state = MAIL_UNDECRYPTABLE;
	gone->carried = true;
	seal(from, l);
	l->mail.again = old;
}

void
fake_inject(struct agent *to, uint8_t lane, const void *list, size_t len)
{
	static uint64_t seq = 1000;
	struct letter l = {.list = buf_init(BUCKET_MAX)};

	buf_put(&l.list, list, len);
	l.mail.lane = lane;
	l.mail.seq = ++seq;
	l.mail.env_id = hash_of(list, len);
	hand_over(to, &l);
	buf_free(&l.list);
}

void
fake_wait(struct agent *agent, int64_t ms)
{
	int64_t due;

	agent->now += ms;
	must(casebook_hooks()->tick(agent, &due) == ERR_OK);
	must(due > agent->now);
}

struct hash
fake_lose(struct agent *agent)
{
	struct letter *l = fake_letter(agent, (struct view){NULL, 0});

	l->mail.own = true;
	l->mail.seq = ++agent->seq[0];
	l->mail.env_id = hash_of("lost", 4);
	l->carried = true;
	return l->mail.env_id;
}

static const struct mail *
letter_at(const struct agent *agent, bool own, uint8_t lane, uint64_t seq)
{
	for (size_t i = 0; i < agent->n; i++) {
		const struct mail *m = &agent->letters[i].mail;

		if (m->own == own && m->lane == lane && m->seq == seq)
			return m;
	}
	return NULL;
}

static void
head_of(const struct agent *agent, bool own, uint8_t lane,
    struct notice_head *head)
{
	const struct mail *m;

	memset(head, 0, sizeof(*head));
	while ((m = letter_at(agent, own, lane, head->seq + 1)) != NULL) {
		head->seq = m->seq;
		head->env_id = m->env_id;
	}
}

void
fake_heads(const struct agent *agent, struct notice_link *link)
{
	for (uint8_t lane = 0; lane < LANE_COUNT; lane++) {
		head_of(agent, true, lane, &link->own[lane]);
		head_of(agent, false, lane, &link->peer[lane]);
	}
}

/* ---- life ---- */

static void
open_book(struct agent *agent)
{
	const char *steps[] = {casebook_hooks()->schema,
	    casebook_hooks()->schema_2, NULL};
	const struct db_schema schema = {"desk test", 0x1234, steps};
	char path[96];
	enum err err;

	snprintf(path, sizeof(path), "%s/book.db", agent->home);
	err = db_open(&agent->book.db, path, &schema);
	must(err == ERR_OK);
}

void
fake_restart(struct agent *agent)
{
	db_close(&agent->book.db);
	open_book(agent);
}

struct charter *
fake_charter(struct agent *agent)
{
	return &agent->charter;
}

static struct agent *
agent_make(uint8_t direction, const char *own, const char *peer)
{
	struct agent *agent = calloc(1, sizeof(*agent));

	must(agent != NULL);
	agent->letters = calloc(MAILS_MAX, sizeof(*agent->letters));
	must(agent->letters != NULL);
	strcpy(agent->home, "/tmp/casewire-desk-XXXXXX");
	must(mkdtemp(agent->home) != NULL);
	open_book(agent);
	agent->book.agent = agent;
	agent->now = 1790000000000;
	agent->charter.size_max = BUCKET_MAX;
	agent->pair.number = 1;
	agent->pair.charter = &agent->charter;
	agent->pair.direction = direction;
	agent->pair.own_name = own;
	agent->pair.peer_name = peer;
	return agent;
}

void
fake_pair(struct agent **a, struct agent **b)
{
	*a = agent_make(FROM_A, "Agency A", "Agency B");
	*b = agent_make(FROM_B, "Agency B", "Agency A");
	(*a)->peer = *b;
	(*b)->peer = *a;
}

void
fake_free(struct agent **agent)
{
	char command[128];

	for (size_t i = 0; i < (*agent)->n; i++)
		buf_free(&(*agent)->letters[i].list);
	free((*agent)->letters);
	db_close(&(*agent)->book.db);
	snprintf(command, sizeof(command), "rm -rf '%s'", (*agent)->home);
	if (system(command) != 0)
		fprintf(stderr, "%s was left behind\n", (*agent)->home);
	free(*agent);
	*agent = NULL;
}
