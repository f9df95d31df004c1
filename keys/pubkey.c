#include "keys/pubkey.h"

#include <qrencode.h>
#include <sodium.h>
#include <string.h>

#include "proto/label.h"

#define QUIET 2			/* modules around; readers accept 2 */

static const char uri_head[] = "casewire:1:charter:";

static struct hash
labelled(const char *label, const uint8_t key[KEY_BYTES])
{
	struct hasher h;

	hash_init(&h);
	hash_label(&h, label);
	hash_add(&h, key, KEY_BYTES);
	return hash_final(&h);
}

struct id
pubkey_kid(const uint8_t key[KEY_BYTES])
{
	struct hash h = labelled(LABEL_KID, key);

	return hash_id(&h);
}

struct id
pubkey_agency(const uint8_t root[KEY_BYTES])
{
	struct hash h = labelled(LABEL_AGENCY, root);

	return hash_id(&h);
}

struct hash
pubkey_log_id(const uint8_t key[KEY_BYTES])
{
	return labelled(LABEL_LOG, key);
}

void
pubkey_fingerprint(char text[PUBKEY_FINGERPRINT_BYTES], const struct id *id)
{
	size_t i;

	for (i = 0; i < ID_BYTES / 2; i++) {
		hex_encode(text + 5 * i, id->b + 2 * i, 2);
		text[5 * i + 4] = ' ';
	}
	text[PUBKEY_FINGERPRINT_BYTES - 1] = '\0';
}

enum err
pubkey_check(const uint8_t *key, size_t len)
{
	if (len != KEY_BYTES)
		return ERR_KEY_LENGTH;
	if (crypto_core_ed25519_is_valid_point(key) != 1)
		return ERR_POINT;
	return ERR_OK;
}

/* 0, 1, p - 1 and the two of order 8, of curve and twist. */
static const uint8_t small_order[][KEY_BYTES] = {
	{ 0 },
	{ 1 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
	    0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
	    0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	{ 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
	    0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
	    0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
};

/* Below 2^255 - 19, little-endian, the unused top bit clear. */
static bool
canonical(const uint8_t p[KEY_BYTES])
{
	size_t i;

	if (p[31] != 0x7f)
		return p[31] < 0x80;
	for (i = 30; i > 0; i--)
		if (p[i] != 0xff)
			return true;
	return p[0] < 0xed;
}

enum err
pubkey_check_dh(const uint8_t *key, size_t len)
{
	size_t i;

	if (len != KEY_BYTES)
		return ERR_KEY_LENGTH;
	if (!canonical(key))
		return ERR_POINT;
	for (i = 0; i < sizeof(small_order) / KEY_BYTES; i++)
		if (memcmp(key, small_order[i], KEY_BYTES) == 0)
			return ERR_POINT;
	return ERR_OK;
}

enum err
pubkey_verify(const uint8_t key[KEY_BYTES], const void *p, size_t len,
    const uint8_t sig[SIG_BYTES])
{
	if (crypto_sign_verify_detached(sig, p, len, key) != 0)
		return ERR_SIGNATURE;
	return ERR_OK;
}

void
pubkey_charter_uri(struct buf *buf, const struct hash *charter_id)
{
	char hex[2 * HASH_BYTES + 1];

	hex_encode(hex, charter_id->b, HASH_BYTES);
	buf_str(buf, uri_head);
	buf_str(buf, hex);
}

enum err
pubkey_charter_uri_parse(struct hash *charter_id, const char *text)
{
	if (strncmp(text, uri_head, sizeof(uri_head) - 1) == 0)
		text += sizeof(uri_head) - 1;
	return hex_decode(charter_id->b, HASH_BYTES, text);
}

/* Is the module at (x, y) light?  Outside the code all is. */
static bool
qr_light(const QRcode *qr, int x, int y)
{
	if (x < 0 || y < 0 || x >= qr->width || y >= qr->width)
		return true;
	return (qr->data[y * qr->width + x] & 1) == 0;
}

enum err
pubkey_qr(struct buf *buf, const char *text)
{
	static const char *const block[] = { " ", "▄", "▀", "█" };
	QRcode *qr;
	int x, y;

	qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (qr == NULL)
		return ERR_TOO_BIG;
	for (y = -QUIET; y < qr->width + QUIET; y += 2) {
		for (x = -QUIET; x < qr->width + QUIET; x++)
			buf_str(buf, block[2 * qr_light(qr, x, y) +
			    qr_light(qr, x, y + 1)]);
		buf_str(buf, "\n");
	}
	QRcode_free(qr);
	return buf->err;
}
