#include "audit/commit.h"
#include "keys/salt.h"

static enum err
lead_message(struct hash *got, struct fields *fields, struct view opening)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES];
	struct fields_message_opening m;
	enum err err;

	err = fields_message_decode(&m, fields, opening);
	if (err != ERR_OK)
		return (err);
	salt_from(salts, fields->n, m.kf);
	*got = fields_commitment(fields, salts[0]);
	return (ERR_OK);
}

static enum err
lead_field(struct hash *got, struct field *field, struct view opening)
{
	struct fields_opening o;
	enum err err;

	err = fields_opening_decode(&o, opening);
	if (err != ERR_OK)
		return (err);
	*field = o.field;
	return (fields_opening_commitment(got, &o));
}

enum err
commit_message(struct fields *fields, struct view opening,
    const struct hash *c)
{
	struct hash got;
	enum err err = lead_message(&got, fields, opening);

	if (err == ERR_OK && !hash_eq(&got, c))
		err = ERR_COMMITMENT;
	return (err);
}

enum err
commit_field(struct field *field, struct view opening, const struct hash *c)
{
	struct field read;
	struct hash got;
	enum err err = lead_field(&got, &read, opening);

	if (err == ERR_OK && !hash_eq(&got, c))
		err = ERR_COMMITMENT;
	if (err == ERR_OK)
		*field = read;
	return (err);
}

enum err
commit_leads_to(struct hash *got, bool whole, struct view opening)
{
	struct fields fields;
	struct field field;

	return (whole ? lead_message(got, &fields, opening)
		      : lead_field(got, &field, opening));
}
