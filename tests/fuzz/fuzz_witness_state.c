/* a witness's state file: one form for one state. */
#include <stdlib.h>
#include <string.h>

#include "audit/witness_state.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = buf_init(WITNESS_STATE_MAX);
	struct witness_state st;

	if (witness_state_decode(&st, (struct view){ data, size }) ==
	    ERR_OK) {
		if (st.cp.size == 0 || st.time_s == 0 ||
		    witness_state_encode(&out, &st) != ERR_OK ||
		    out.len != size || memcmp(out.p, data, size) != 0)
			abort();
	}
	buf_free(&out);
	return 0;
}
