#include "audit/commit.h"
#include "keys/salt.h"

enum err
commit_message(struct fields *fields, struct view opening,
    const struct hash *c)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES];
	struct fields_message_opening m;
	struct hash got;
	enum err err;

	err = fields_message_decode(&m, fields, opening);
	if (err != ERR_OK)
		return (err);
	salt_from(salts, fields->n, m.kf);
	got = fields_commitment(fields, salts[0]);
	return (hash_eq(&got, c) ? ERR_OK : ERR_COMMITMENT);
}

enum err
commit_field(struct field *field, struct view opening, const struct hash *c)
{
	struct fields_opening o;
	struct hash got;
	enum err err;

	err = fields_opening_decode(&o, opening);
	if (err == ERR_OK)
		err = fields_opening_commitment(&got, &o);
	if (err != ERR_OK)
		return (err);
	if (!hash_eq(&got, c))
		return (ERR_COMMITMENT);
	*field = o.field;
	return (ERR_OK);
}
