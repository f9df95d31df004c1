/* The text a courier carries (keys/psk.h). */
#include <string.h>

#include "base/bytes.h"
#include "base/secret.h"
#include "keys/psk.h"

#define HEX (2 * KEY_BYTES)

static const char head[] = "casewire/1 psk\ncharter ";

/* 64 lower-case digits and a line feed into 32 bytes. */
static void
take_hex(struct rd *rd, uint8_t out[KEY_BYTES])
{
	char text[HEX + 1];
	size_t i;

	rd_copy(rd, text, HEX);
	text[HEX] = '\0';
	for (i = 0; i < HEX; i++)
		if (text[i] >= 'A' && text[i] <= 'F')
			rd_fail(rd, ERR_SYNTAX);
	if (rd->err == ERR_OK && hex_decode(out, KEY_BYTES, text) != ERR_OK)
		rd_fail(rd, ERR_SYNTAX);
	rd_expect(rd, "\n", 1, ERR_SYNTAX);
	secret_wipe(text, sizeof(text));
}

enum err
psk_decode(struct psk_halves *halves, const void *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	enum err err;
	int i;

	memset(halves, 0, sizeof(*halves));
	if (len > PSK_TEXT_MAX)
		return ERR_TOO_BIG;
	rd_expect(&rd, head, sizeof(head) - 1, ERR_MAGIC);
	take_hex(&rd, halves->charter_id.b);
	for (i = 0; i < 2; i++) {
		if (rd.err != ERR_OK || rd.left < 2 ||
		    memcmp(rd.p, i == 0 ? "a " : "b ", 2) != 0)
			continue;
		rd_view(&rd, 2);
		take_hex(&rd, halves->bytes[i]);
		halves->has[i] = true;
	}
	if (!halves->has[0] && !halves->has[1])
		rd_fail(&rd, ERR_SYNTAX);
	err = rd_end(&rd);
	if (err != ERR_OK)
		secret_wipe(halves, sizeof(*halves));
	return err == ERR_TRUNCATED || err == ERR_TRAILING ? ERR_SYNTAX : err;
}

size_t
psk_encode(char text[PSK_TEXT_MAX], const struct psk_halves *halves)
{
	struct wr wr = wr_init(text, PSK_TEXT_MAX);
	char hex[HEX + 1];
	int i;

	wr_copy(&wr, head, sizeof(head) - 1);
	hex_encode(hex, halves->charter_id.b, HASH_BYTES);
	wr_copy(&wr, hex, HEX);
	wr_u8(&wr, '\n');
	for (i = 0; i < 2; i++) {
		if (!halves->has[i])
			continue;
		wr_copy(&wr, i == 0 ? "a " : "b ", 2);
		hex_encode(hex, halves->bytes[i], KEY_BYTES);
		wr_copy(&wr, hex, HEX);
		wr_u8(&wr, '\n');
	}
	secret_wipe(hex, sizeof(hex));
	return wr.len;
}
