/* statements of every kind, as they come from a log: statement || sig. */
#include <stdlib.h>
#include <string.h>

#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(const void *p, size_t len, struct view body)
{
	if (len != body.len || memcmp(p, body.p, len) != 0)
		abort();
}

static void
keys(struct view body)
{
	struct buf out = buf_init(STATEMENT_MAX);
	struct statement_keys ks;

	if (statement_keys_decode(&ks, body) == ERR_OK) {
		if (statement_keys_encode(&out, &ks) != ERR_OK)
			abort();
		must_be(out.p, out.len, body);
	}
	buf_free(&out);
}

static void
officer_and_prior(struct view body)
{
	struct buf out = buf_init(STATEMENT_MAX);
	struct statement_officer o;
	struct statement_prior p;

	if (statement_officer_decode(&o, body) == ERR_OK) {
		if (statement_officer_encode(&out, &o) != ERR_OK)
			abort();
		must_be(out.p, out.len, body);
	} else if (statement_prior_decode(&p, body) == ERR_OK) {
		if (statement_prior_encode(&out, &p) != ERR_OK)
			abort();
		must_be(out.p, out.len, body);
	}
	buf_free(&out);
}

static void
fixed(struct view body)
{
	uint8_t out[RECOVERY_STATEMENT_BYTES];
	struct statement_recovery r;
	struct statement_prekey p;
	struct run_statement run;
	struct receipt receipt;

	if (statement_recovery_decode(&r, body) == ERR_OK) {
		statement_recovery_encode(out, &r);
		must_be(out, RECOVERY_STATEMENT_BYTES, body);
	} else if (statement_prekey_decode(&p, body) == ERR_OK) {
		statement_prekey_encode(out, &p);
		must_be(out, PREKEY_STATEMENT_BYTES, body);
	} else if (receipt_decode(&receipt, body) == ERR_OK) {
		receipt_encode(out, &receipt);
		must_be(out, RECEIPT_BYTES, body);
	} else if (run_statement_decode(&run, body) == ERR_OK) {
		run_statement_encode(out, &run);
		must_be(out, RUN_STATEMENT_BYTES, body);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct statement st;

	if (statement_split(&st, (struct view){data, size}) != ERR_OK)
		return 0;
	if (st.body.len + SIG_BYTES != size)
		abort();
	keys(st.body);
	officer_and_prior(st.body);
	fixed(st.body);
	return 0;
}
