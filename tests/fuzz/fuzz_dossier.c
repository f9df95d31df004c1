/* dossier: one form for one ledger; what parses can be compared. */
#include <stdlib.h>
#include <string.h>

#include "cases/dossier.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
differ(void *ctx, const struct ledger_entry *entry,
    const struct ledger_open *open, bool in_a)
{
	(void)ctx;
	(void)entry;
	(void)open;
	(void)in_a;
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = buf_init(DOSSIER_MAX);
	struct dossier d;
	size_t line;

	if (dossier_read(&d, (struct view){data, size}, &line) == ERR_OK) {
		if (dossier_write(&out, &d) != ERR_OK || out.len != size ||
		    memcmp(out.p, data, size) != 0)
			abort();
		ledger_diff(&d.ledger, &d.ledger, differ, NULL);
		dossier_free(&d);
	}
	buf_free(&out);
	return 0;
}
