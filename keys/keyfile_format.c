#include "keys/keyfile_format.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

#define VERSION 1
#define MEMORY_MIN 8192

static const uint8_t magic[4] = { 'C', 'W', 'K', '1' };

static const struct {
	const char *name;
	size_t n;
	uint8_t types[3];
} shapes[] = {
	[KEYFILE_ROOT] = { "root", 1, { KEYFILE_R } },
	[KEYFILE_ENDPOINT] = { "endpoint", 3,
	    { KEYFILE_S, KEYFILE_I, KEYFILE_BOOK } },
	[KEYFILE_TRANSPORT] = { "transport", 1, { KEYFILE_T } },
	[KEYFILE_CUSTODIAN] = { "custodian", 1, { KEYFILE_CUST } },
	[KEYFILE_OFFICER] = { "officer", 1, { KEYFILE_O } },
	[KEYFILE_RELAY] = { "relay", 3, { KEYFILE_S, KEYFILE_T, KEYFILE_LOG } },
	[KEYFILE_WITNESS] = { "witness", 1, { KEYFILE_W } },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

const uint8_t *
keyfile_format_types(enum keyfile_kind kind, size_t *n)
{
	assert((size_t)kind < SHAPES && kind >= KEYFILE_ROOT);
	*n = shapes[kind].n;
	return shapes[kind].types;
}

const char *
keyfile_kind_name(enum keyfile_kind kind)
{
	if ((size_t)kind >= SHAPES || kind < KEYFILE_ROOT)
		return "unknown";
	return shapes[kind].name;
}

enum err
keyfile_format_name(const char *name, size_t len)
{
	size_t at = 0, used;
	uint32_t code;

	if (len == 0 || len > NAME_MAX_BYTES)
		return ERR_SYNTAX;
	for (; at < len; at += used) {
		used = utf8_next(name + at, len - at, &code);
		if (used == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			return ERR_SYNTAX;
	}
	return ERR_OK;
}

/* The types a file of this kind has, then an endpoint's old I by age. */
static enum err
check_entries(const struct keyfile_public *pub)
{
	size_t n, i;
	const uint8_t *types = keyfile_format_types(pub->kind, &n);

	if (pub->n < n)
		return ERR_KEYFILE;
	for (i = 0; i < n; i++)
		if (pub->key[i].type != types[i] || pub->key[i].age != 0)
			return ERR_KEYFILE;
	if (pub->n > n && (pub->kind != KEYFILE_ENDPOINT ||
	    pub->n > n + KEYFILE_AGES))
		return ERR_KEYFILE;
	for (; i < pub->n; i++)
		if (pub->key[i].type != KEYFILE_I ||
		    pub->key[i].age != i - n + 1)
			return ERR_KEYFILE;
	return ERR_OK;
}

static void
parse_head(struct rd *rd, struct keyfile_public *pub)
{
	uint8_t kind;
	size_t i, len;

	rd_expect(rd, magic, sizeof(magic), ERR_MAGIC);
	if (rd_u8(rd) != VERSION)
		rd_fail(rd, ERR_VERSION);
	kind = rd_u8(rd);
	if (kind < KEYFILE_ROOT || kind >= SHAPES)
		rd_fail(rd, ERR_KEYFILE);
	pub->kind = (enum keyfile_kind)kind;
	pub->slots = rd_u8(rd);
	pub->n = rd_u8(rd);
	if (pub->slots == 0 || pub->slots > KEYFILE_SLOTS_MAX ||
	    pub->n > KEYFILE_KEYS_MAX)
		rd_fail(rd, ERR_COUNT);
	rd_copy(rd, pub->agency.b, ID_BYTES);
	rd_copy(rd, pub->holder.b, ID_BYTES);
	len = rd_u8(rd);
	if (len > NAME_MAX_BYTES)
		rd_fail(rd, ERR_TOO_BIG);
	if (rd->err != ERR_OK)
		return;
	rd_copy(rd, pub->name, len);
	if (rd->err == ERR_OK && keyfile_format_name(pub->name, len) != ERR_OK)
		rd_fail(rd, ERR_SYNTAX);
	for (i = 0; i < pub->n && rd->err == ERR_OK; i++) {
		pub->key[i].type = rd_u8(rd);
		pub->key[i].age = rd_u8(rd);
		rd_copy(rd, pub->key[i].key, KEY_BYTES);
	}
	if (rd->err == ERR_OK)
		rd_fail(rd, check_entries(pub));
}

static void
parse_slot(struct rd *rd, struct keyfile_layout *out, size_t i)
{
	struct keyfile_slot *slot = &out->slot[i];
	struct keyfile_cost *cost = &out->pub.cost[i];
	struct rd head;

	rd_copy(rd, slot->head, KEYFILE_SLOT_HEAD);
	rd_copy(rd, slot->nonce, KEYFILE_NONCE);
	rd_copy(rd, slot->sealed, sizeof(slot->sealed));
	head = rd_init(slot->head, KEYFILE_SLOT_HEAD);
	if (rd_u8(&head) != (i == 0 ? KEYFILE_PASSPHRASE : KEYFILE_CODE) ||
	    (i == 1 && out->pub.kind != KEYFILE_ENDPOINT))
		rd_fail(rd, ERR_KEYFILE);
	out->pub.slot[i] = i == 0 ? KEYFILE_PASSPHRASE : KEYFILE_CODE;
	cost->passes = rd_u32(&head);
	cost->memory = rd_u64(&head);
	rd_copy(&head, slot->salt, KEYFILE_SALT);
	if (cost->passes > KEYFILE_PASSES_MAX ||
	    cost->memory > KEYFILE_MEMORY_MAX)
		rd_fail(rd, ERR_TOO_BIG);
	if (cost->passes == 0 || cost->memory < MEMORY_MIN)
		rd_fail(rd, ERR_KEYFILE);
}

enum err
keyfile_format_parse(struct keyfile_layout *out, const void *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	size_t i;

	memset(out, 0, sizeof(*out));
	if (len > KEYFILE_MAX)
		return ERR_TOO_BIG;
	parse_head(&rd, &out->pub);
	if (rd.err != ERR_OK)
		return rd.err;
	out->head = (struct view){ p, len - rd.left };
	for (i = 0; i < out->pub.slots; i++)
		parse_slot(&rd, out, i);
	out->nonce = rd_view(&rd, KEYFILE_NONCE);
	out->body = rd_view(&rd, out->pub.n * KEY_BYTES + TAG_BYTES);
	return rd_end(&rd);
}

enum err
keyfile_decode(struct keyfile_public *pub, const void *p, size_t len)
{
	struct keyfile_layout layout;
	enum err err;

	err = keyfile_format_parse(&layout, p, len);
	if (err == ERR_OK)
		*pub = layout.pub;
	return err;
}

void
keyfile_format_head(struct wr *wr, const struct keyfile_public *pub)
{
	size_t i, len = strlen(pub->name);

	wr_copy(wr, magic, sizeof(magic));
	wr_u8(wr, VERSION);
	wr_u8(wr, (uint8_t)pub->kind);
	wr_u8(wr, (uint8_t)pub->slots);
	wr_u8(wr, (uint8_t)pub->n);
	wr_copy(wr, pub->agency.b, ID_BYTES);
	wr_copy(wr, pub->holder.b, ID_BYTES);
	wr_u8(wr, (uint8_t)len);
	wr_copy(wr, pub->name, len);
	for (i = 0; i < pub->n; i++) {
		wr_u8(wr, pub->key[i].type);
		wr_u8(wr, pub->key[i].age);
		wr_copy(wr, pub->key[i].key, KEY_BYTES);
	}
}

void
keyfile_format_slot(struct keyfile_slot *slot, enum keyfile_slot_kind kind,
    const struct keyfile_cost *cost)
{
	struct wr wr = wr_init(slot->head, KEYFILE_SLOT_HEAD);

	wr_u8(&wr, (uint8_t)kind);
	wr_u32(&wr, cost->passes);
	wr_u64(&wr, cost->memory);
	wr_copy(&wr, slot->salt, KEYFILE_SALT);
}

const uint8_t *
keyfile_find(const struct keyfile_public *pub, enum keyfile_type type,
    unsigned age)
{
	size_t i;

	for (i = 0; i < pub->n; i++)
		if (pub->key[i].type == type && pub->key[i].age == age)
			return pub->key[i].key;
	return NULL;
}
