/* tiles of entries: a byte tells the width; what decodes is put together
 * again byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "proto/tile_entries.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct view entry[TILE_WIDTH];
	unsigned width, i;

	if (size == 0)
		return 0;
	width = data[0] + 1u;
	data++;
	size--;
	if (tile_entries_decode(entry, width, (struct view){ data, size }) ==
	    ERR_OK) {
		for (i = 0; i < width; i++)
			if (tile_entries_put(&out, entry[i]) != ERR_OK)
				abort();
		if (out.len != size || memcmp(out.p, data, size) != 0)
			abort();
	}
	buf_free(&out);
	return 0;
}
