/* frames an endpoint sends; what decodes encodes and decodes again. */
#include <stdlib.h>

#include "proto/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf out = buf_init(FRAME_MAX);
	struct request r;

	/* An unpacked list of numbers grows by a byte when packed, and so may
	 * each of the three lengths around it. */
	if (request_decode(&r, (struct view){data, size}, &arena) == ERR_OK &&
	    (request_encode(&out, &r) != ERR_OK || out.len > size + 4))
		abort();
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
