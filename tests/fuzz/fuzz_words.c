/*
 * What people type for words: what words_parse accepts, it accepts again
 * from its own output in every tongue, with the same indices.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/words.h"

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
	static const enum words_tongue tongues[] = { WORDS_EN, WORDS_ZH,
		WORDS_DIGITS };
	char text[512];
	uint16_t in[CHARTER_WORDS], out[CHARTER_WORDS];
	struct buf buf = buf_init(1024);
	size_t i;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (words_parse(in, CHARTER_WORDS, text) != ERR_OK)
		return 0;
	for (i = 0; i < sizeof(tongues) / sizeof(tongues[0]); i++) {
		buf_reset(&buf);
		words_put(&buf, in, CHARTER_WORDS, tongues[i]);
		must(words_parse(out, CHARTER_WORDS, buf_text(&buf)) ==
		    ERR_OK);
		must(memcmp(in, out, sizeof(in)) == 0);
	}
	buf_free(&buf);
	return 0;
}
