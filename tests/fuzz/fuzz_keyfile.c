/*
 * Whole key files: keyfile_decode must refuse or accept without reading a
 * byte too far, and what it accepts has entries and costs within limits.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/keyfile.h"

/* An assert that a release build keeps. */
static void
must(int holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyfile_public pub;
	size_t i;

	if (keyfile_decode(&pub, data, size) != ERR_OK)
		return 0;
	must(pub.n >= 1 && pub.n <= KEYFILE_KEYS_MAX);
	must(pub.slots >= 1 && pub.slots <= KEYFILE_SLOTS_MAX);
	must(memchr(pub.name, '\0', sizeof(pub.name)) != NULL);
	for (i = 0; i < pub.slots; i++)
		must(pub.cost[i].memory <= KEYFILE_MEMORY_MAX &&
		    pub.cost[i].passes <= KEYFILE_PASSES_MAX);
	for (i = 0; i < pub.n; i++)
		must(keyfile_find(&pub, pub.key[i].type,
		    pub.key[i].age) != NULL);
	return 0;
}
