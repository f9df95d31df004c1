/* .tlog-proof: one form for one proof. */
#include <stdlib.h>
#include <string.h>

#include "proto/tlog_proof.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf extra = buf_init(STATEMENT_MAX + 3);
	struct buf out = buf_init(TLOG_PROOF_MAX);
	struct tlog_proof proof;

	if (tlog_proof_decode(&proof, (struct view){ data, size }, &extra) ==
	    ERR_OK) {
		if (tlog_proof_encode(&out, &proof) != ERR_OK ||
		    out.len != size || memcmp(out.p, data, size) != 0)
			abort();
	}
	buf_free(&out);
	buf_free(&extra);
	return 0;
}
