/* plaintexts, lists and openings; the first byte tells which. */
#include <stdlib.h>
#include <string.h>

#include "proto/fields.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode_again(const struct fields *fields, struct view bytes, int padded)
{
	static uint8_t out[BUCKET_MAX];
	struct wr wr = wr_init(out, sizeof(out));

	if (padded)
		fields_encode_padded(&wr, fields);
	else
		fields_encode(&wr, fields);
	if (wr.err || wr.len != bytes.len ||
	    memcmp(out, bytes.p, bytes.len) != 0)
		abort();
}

static void
opening(struct view bytes)
{
	struct buf out = buf_init(2 * BUCKET_MAX + bytes.len);
	struct fields_opening o;
	struct hash c;

	if (fields_opening_decode(&o, bytes) == ERR_OK) {
		if (fields_opening_commitment(&c, &o) != ERR_OK ||
		    fields_opening_encode(&out, &o) != ERR_OK ||
		    out.len != bytes.len ||
		    memcmp(out.p, bytes.p, out.len) != 0)
			abort();
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fields_message_opening o;
	struct fields fields;
	struct view bytes;

	if (size == 0)
		return 0;
	bytes = (struct view){data + 1, size - 1};
	switch (data[0] % 4) {
	case 0:
		if (fields_decode_padded(&fields, bytes) == ERR_OK)
			encode_again(&fields, bytes, 1);
		break;
	case 1:
		if (fields_decode(&fields, bytes) == ERR_OK)
			encode_again(&fields, bytes, 0);
		break;
	case 2:
		opening(bytes);
		break;
	default:
		if (fields_message_decode(&o, &fields, bytes) == ERR_OK)
			encode_again(&fields, o.list, 0);
		break;
	}
	return 0;
}
