/*
 * Courier files: what psk_decode accepts has one form, so it writes back to
 * the same bytes; what it refuses leaves no half behind.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/psk.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct psk_halves none;
	struct psk_halves halves;
	char text[PSK_TEXT_MAX];

	if (psk_decode(&halves, data, size) != ERR_OK) {
		if (memcmp(&halves, &none, sizeof(none)) != 0)
			abort();
		return 0;
	}
	if (psk_encode(text, &halves) != size ||
	    memcmp(text, data, size) != 0)
		abort();
	return 0;
}
