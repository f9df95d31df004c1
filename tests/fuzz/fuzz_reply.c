/* frames a relay sends; what decodes encodes and decodes again. */
#include <stdlib.h>

#include "proto/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf out = buf_init(FRAME_MAX);
	struct reply r;

	/* An unpacked list of numbers may grow by a byte when packed. */
	if (request_reply_decode(&r, (struct view){data, size}, &arena) ==
	    ERR_OK && request_reply_encode(&out, &r) != ERR_OK &&
	    size < FRAME_MAX / 2)
		abort();
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
