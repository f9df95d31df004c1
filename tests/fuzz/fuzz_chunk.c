/* file pieces and manifests; the first byte tells which. */
#include <stdlib.h>
#include <string.h>

#include "proto/chunk.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf out = buf_init(OUTLINE_MAX);
	struct chunk_manifest m;
	struct chunk chunk;
	struct view value;

	if (size == 0)
		return 0;
	value = (struct view){data + 1, size - 1};
	if (data[0] % 2) {
		if (chunk_decode(&chunk, value) == ERR_OK &&
		    chunk.bytes.len != value.len - CHUNK_HEAD_BYTES)
			abort();
	} else if (chunk_manifest_decode(&m, value, &arena) == ERR_OK) {
		if (strchr(m.name, '/') ||
		    chunk_manifest_encode(&out, &m) != ERR_OK ||
		    out.len != value.len)
			abort();
	}
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
