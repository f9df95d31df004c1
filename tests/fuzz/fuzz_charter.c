/* charter text: what parses writes back to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "proto/charter.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = buf_init(CHARTER_MAX);
	struct charter charter;
	unsigned line;

	if (charter_parse(&charter, (struct view){data, size}, &line) ==
	    ERR_OK) {
		if (charter_write(&out, &charter) != ERR_OK ||
		    out.len != size || memcmp(out.p, data, size) != 0)
			abort();
	}
	buf_free(&out);
	return 0;
}
