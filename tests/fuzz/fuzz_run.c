/* run containers; the first byte tells the form. */
#include <stdlib.h>
#include <string.h>

#include "proto/run.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode_again(const struct run *run, struct view bytes)
{
	struct buf out = buf_init(RUN_CONTAINER_MAX);

	if (run_encode(&out, run->form, &run->st.seen, run->env,
	    run->env_count, run_sig(run).p) != ERR_OK ||
	    out.len != bytes.len || memcmp(out.p, bytes.p, out.len) != 0)
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct run_statement st;
	struct view sig, bytes;
	struct run run;

	if (size == 0)
		return 0;
	bytes = (struct view){data + 1, size - 1};
	if (run_decode(&run, (enum run_form)(data[0] % 3), bytes, &arena) ==
	    ERR_OK) {
		if (run.form != RUN_SINGLE)
			encode_again(&run, bytes);
		if (run_entry_decode(&st, &sig, (struct view){run.entry,
		    RUN_ENTRY_BYTES}) != ERR_OK)
			abort();
	}
	run_statement_decode(&st, bytes);
	arena_free(&arena);
	return 0;
}
