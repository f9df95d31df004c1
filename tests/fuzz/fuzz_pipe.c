/*
 * pipe: frames cut from any bytes lie inside them, and cutting from a prefix
 * never gives another frame than cutting from the whole.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/pipe.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct view frame = { NULL, 0 }, part = { NULL, 0 };
	size_t at = 0, used, part_used, i;

	while (at < len) {
		if (pipe_cut((struct view){ data + at, len - at }, &frame,
			&used) != ERR_OK || used == 0)
			break;
		if (used > len - at || frame.len > PIPE_FRAME_MAX ||
		    (frame.len > 0 && frame.p + frame.len != data + at + used))
			abort();
		for (i = 0; i < used && i < 64; i++) {
			if (pipe_cut((struct view){ data + at, i }, &part,
				&part_used) != ERR_OK || part_used != 0)
				abort();
		}
		at += used;
	}
	return 0;
}
