#include "proto/tile_entries.h"

#include <assert.h>

enum err
tile_entries_put(struct buf *out, struct view entry)
{
	if (entry.len > STATEMENT_MAX)
		return ERR_TOO_BIG;
	buf_u16(out, (uint16_t)entry.len);
	if (entry.len > 0)
		buf_put(out, entry.p, entry.len);
	return out->err;
}

enum err
tile_entries_decode(struct view entry[TILE_WIDTH], unsigned width,
    struct view bytes)
{
	struct rd rd = rd_init(bytes.p, bytes.len);
	uint16_t len;
	unsigned i;

	assert(width <= TILE_WIDTH);
	for (i = 0; i < width; i++) {
		len = rd_u16(&rd);
		if (len > STATEMENT_MAX)
			rd_fail(&rd, ERR_TOO_BIG);
		entry[i] = (struct view){ NULL, 0 };
		if (len > 0)
			entry[i] = rd_view(&rd, len);
	}
	return rd_end(&rd);
}
