/* envelope headers: what decodes encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "proto/envelope.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view header = {data, size}, ct = {NULL, 0};
	struct envelope_header h;
	struct envelope env;
	uint8_t again[HEADER_BYTES];

	if (size > HEADER_BYTES) {
		header.len = HEADER_BYTES;
		ct = (struct view){data + HEADER_BYTES, size - HEADER_BYTES};
	}
	if (envelope_header_decode(&h, header) != ERR_OK)
		return 0;
	envelope_header_encode(again, &h);
	if (memcmp(again, data, HEADER_BYTES) != 0)
		abort();
	if (envelope_decode(&env, header, ct) == ERR_OK &&
	    ct.len != h.ct_len)
		abort();
	return 0;
}
