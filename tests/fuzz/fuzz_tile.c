/* tile paths: one form for one tile, and back. */
#include <stdlib.h>
#include <string.h>

#include "proto/tile.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = malloc(size + 1), again[TILE_PATH_BYTES];
	struct tile_name name;

	if (path == NULL)
		return 0;
	memcpy(path, data, size);
	path[size] = '\0';
	if (tile_parse(&name, path) == ERR_OK) {
		tile_path(again, &name);
		if (strcmp(again + strlen("tile/"), path) != 0 ||
		    name.width == 0 || name.width > TILE_WIDTH ||
		    tile_width(UINT64_MAX, name.level, name.index) >
		    TILE_WIDTH)
			abort();
	}
	free(path);
	return 0;
}
