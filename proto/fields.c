#include <assert.h>
#include <string.h>

#include "proto/envelope.h"
#include "proto/fields.h"
#include "proto/label.h"

#define PAD_MARK 0x80

/* Whether tag may follow the fields there are. */
static enum err
tag_check(const struct fields *fields, uint16_t tag)
{
	if (fields->n >= FIELDS_MAX)
		return ERR_FIELD_COUNT;
	if (tag > FIELD_TAG_MAX)
		return ERR_FIELD_ORDER;
	if (fields->n == 0)
		return tag == FIELD_OUTLINE ? ERR_OK : ERR_FIELD_ORDER;
	return tag > fields->f[fields->n - 1].tag ? ERR_OK : ERR_FIELD_ORDER;
}

enum err
fields_add(struct fields *fields, uint16_t tag, struct view value)
{
	enum err err = tag_check(fields, tag);

	if (err)
		return err;
	if (value.len > BUCKET_MAX ||
	    fields_len(fields) + FIELD_HEAD_BYTES + value.len + 1 > BUCKET_MAX)
		return ERR_TOO_BIG;
	fields->f[fields->n++] = (struct field){tag, value};
	return ERR_OK;
}

const struct field *
fields_find(const struct fields *fields, uint16_t tag)
{
	for (unsigned i = 0; i < fields->n; i++) {
		if (fields->f[i].tag == tag)
			return &fields->f[i];
	}
	return NULL;
}

size_t
fields_len(const struct fields *fields)
{
	size_t len = 0;

	for (unsigned i = 0; i < fields->n; i++)
		len += FIELD_HEAD_BYTES + fields->f[i].value.len;
	return len;
}

size_t
fields_padded_len(const struct fields *fields)
{
	return envelope_bucket(fields_len(fields) + 1);
}

void
fields_encode(struct wr *wr, const struct fields *fields)
{
	for (unsigned i = 0; i < fields->n; i++) {
		const struct field *f = &fields->f[i];

		wr_u16(wr, f->tag);
		wr_u32(wr, (uint32_t)f->value.len);
		wr_copy(wr, f->value.p, f->value.len);
	}
}

void
fields_encode_padded(struct wr *wr, const struct fields *fields)
{
	size_t len = fields_len(fields) + 1;

	fields_encode(wr, fields);
	wr_u8(wr, PAD_MARK);
	wr_zeros(wr, fields_padded_len(fields) - len);
}

enum err
fields_decode(struct fields *fields, struct view list)
{
	struct rd rd = rd_init(list.p, list.len);
	uint16_t tag;
	uint32_t len;
	enum err err;

	fields->n = 0;
	if (list.len > BUCKET_MAX - 1)
		return ERR_TOO_BIG;
	while (rd.left > 0) {
		tag = rd_u16(&rd);
		len = rd_u32(&rd);
		if (rd.err)
			return rd.err;
		err = tag_check(fields, tag);
		if (err)
			return err;
		fields->f[fields->n].tag = tag;
		fields->f[fields->n].value = rd_view(&rd, len);
		if (rd.err)
			return rd.err;
		fields->n++;
	}
	return fields->n ? rd_end(&rd) : ERR_FIELD_COUNT;
}

enum err
fields_decode_padded(struct fields *fields, struct view plaintext)
{
	size_t len = plaintext.len;

	fields->n = 0;
	if (!envelope_is_bucket(len))
		return ERR_PADDING;
	while (len > 0 && plaintext.p[len - 1] == 0)
		len--;
	if (len == 0 || plaintext.p[len - 1] != PAD_MARK)
		return ERR_PADDING;
	if (envelope_bucket(len) != plaintext.len)
		return ERR_PADDING;
	return fields_decode(fields, (struct view){plaintext.p, len - 1});
}

/* ---- commitment ---- */

static struct hash
leaf_of(uint16_t i, const uint8_t salt[SALT_BYTES], const struct field *field)
{
	uint8_t head[1 + LABEL_LEN(LABEL_FIELD) + 2 + SALT_BYTES +
	    FIELD_HEAD_BYTES];
	struct wr wr = wr_init(head, sizeof(head));
	struct hasher h;

	wr_u8(&wr, 0);
	wr_copy(&wr, LABEL_FIELD, LABEL_LEN(LABEL_FIELD));
	wr_u16(&wr, i);
	wr_copy(&wr, salt, SALT_BYTES);
	wr_u16(&wr, field->tag);
	wr_u32(&wr, (uint32_t)field->value.len);
	hash_init(&h);
	hash_add(&h, head, wr.len);
	hash_add(&h, field->value.p, field->value.len);
	return hash_final(&h);
}

static struct hash
commitment_of(uint16_t k, const struct hash *root)
{
	uint8_t count[2];
	struct wr wr = wr_init(count, sizeof(count));
	struct hasher h;

	wr_u16(&wr, k);
	hash_init(&h);
	hash_label(&h, LABEL_COMMIT);
	hash_add(&h, count, sizeof(count));
	hash_add(&h, root->b, HASH_BYTES);
	return hash_final(&h);
}

void
fields_leaves(struct hash *leaf, const struct fields *fields,
    const uint8_t *salts)
{
	for (unsigned i = 0; i < fields->n; i++)
		leaf[i] = leaf_of((uint16_t)i, salts + (size_t)i * SALT_BYTES,
		    &fields->f[i]);
}

struct hash
fields_commitment(const struct fields *fields, const uint8_t *salts)
{
	struct hash leaf[FIELDS_MAX];
	struct hash root;

	fields_leaves(leaf, fields, salts);
	root = merkle_root(leaf, fields->n);
	return commitment_of((uint16_t)fields->n, &root);
}

void
fields_officer_tbs(uint8_t out[OFFICER_TBS_BYTES], const struct hash *pair_id,
    uint8_t direction, uint8_t role, const struct fields *fields)
{
	struct wr wr = wr_init(out, OFFICER_TBS_BYTES);
	uint8_t head[FIELD_HEAD_BYTES];
	struct hasher h;
	struct hash hash;

	hash_init(&h);
	for (unsigned i = 0; i < fields->n; i++) {
		const struct field *f = &fields->f[i];
		struct wr hw = wr_init(head, sizeof(head));

		if (f->tag == FIELD_OFFICERS)
			continue;
		wr_u16(&hw, f->tag);
		wr_u32(&hw, (uint32_t)f->value.len);
		hash_add(&h, head, sizeof(head));
		hash_add(&h, f->value.p, f->value.len);
	}
	hash = hash_final(&h);
	wr_copy(&wr, LABEL_OFFICER, LABEL_LEN(LABEL_OFFICER));
	wr_copy(&wr, pair_id->b, HASH_BYTES);
	wr_u8(&wr, direction);
	wr_u8(&wr, role);
	wr_copy(&wr, hash.b, HASH_BYTES);
	assert(wr.len == OFFICER_TBS_BYTES && !wr.err);
}

/* ---- openings ---- */

void
fields_open(struct fields_opening *opening, const struct fields *fields,
    const uint8_t *salts, unsigned index)
{
	struct hash leaf[FIELDS_MAX];

	assert(index < fields->n);
	fields_leaves(leaf, fields, salts);
	opening->index = (uint16_t)index;
	opening->count = (uint16_t)fields->n;
	opening->field = fields->f[index];
	memcpy(opening->salt, salts + (size_t)index * SALT_BYTES, SALT_BYTES);
	merkle_prove(&opening->path, leaf, fields->n, index);
}

enum err
fields_opening_encode(struct buf *out, const struct fields_opening *opening)
{
	buf_u16(out, opening->index);
	buf_u16(out, opening->count);
	buf_u16(out, opening->field.tag);
	buf_u32(out, (uint32_t)opening->field.value.len);
	buf_put(out, opening->field.value.p, opening->field.value.len);
	buf_put(out, opening->salt, SALT_BYTES);
	for (size_t i = 0; i < opening->path.len; i++)
		buf_put(out, opening->path.h[i].b, HASH_BYTES);
	return out->err;
}

enum err
fields_opening_decode(struct fields_opening *opening, struct view bytes)
{
	struct rd rd = rd_init(bytes.p, bytes.len);
	uint32_t len;

	*opening = (struct fields_opening){0};
	opening->index = rd_u16(&rd);
	opening->count = rd_u16(&rd);
	opening->field.tag = rd_u16(&rd);
	len = rd_u32(&rd);
	if (rd.err)
		return rd.err;
	if (opening->count == 0 || opening->count > FIELDS_MAX)
		return ERR_FIELD_COUNT;
	if (opening->index >= opening->count)
		return ERR_PROOF;
	if (opening->field.tag == 0 || opening->field.tag > FIELD_TAG_MAX ||
	    (opening->index == 0) != (opening->field.tag == FIELD_OUTLINE))
		return ERR_FIELD_ORDER;
	opening->field.value = rd_view(&rd, len);
	rd_copy(&rd, opening->salt, SALT_BYTES);
	if (rd.err)
		return rd.err;
	opening->path.len = merkle_path_len(opening->index, opening->count);
	if (rd.left != opening->path.len * HASH_BYTES)
		return ERR_PATH_LENGTH;
	for (size_t i = 0; i < opening->path.len; i++)
		rd_copy(&rd, opening->path.h[i].b, HASH_BYTES);
	return rd_end(&rd);
}

enum err
fields_opening_commitment(struct hash *c,
    const struct fields_opening *opening)
{
	struct hash leaf = leaf_of(opening->index, opening->salt,
	    &opening->field);
	struct hash root;
	enum err err;

	err = merkle_root_from(&root, &leaf, opening->index, opening->count,
	    &opening->path);
	if (err)
		return err;
	*c = commitment_of(opening->count, &root);
	return ERR_OK;
}

enum err
fields_message_encode(struct wr *wr, const uint8_t kf[KEY_BYTES],
    const struct fields *fields)
{
	wr_copy(wr, kf, KEY_BYTES);
	wr_u32(wr, (uint32_t)fields_len(fields));
	fields_encode(wr, fields);
	return wr->err;
}

enum err
fields_message_decode(struct fields_message_opening *opening,
    struct fields *fields, struct view bytes)
{
	struct rd rd = rd_init(bytes.p, bytes.len);
	uint32_t len;
	enum err err;

	fields->n = 0;
	opening->kf = rd_view(&rd, KEY_BYTES).p;
	len = rd_u32(&rd);
	opening->list = rd_view(&rd, len);
	err = rd_end(&rd);
	return err ? err : fields_decode(fields, opening->list);
}
