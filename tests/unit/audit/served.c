/* served: see served.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/merkle.h"
#include "tests/unit/audit/served.h"

struct hash served_leaf[LEAVES];
struct sign_key *served_key;
char served_origin[NOTE_NAME_MAX + 1];
struct served served;

void
served_new(const char *name)
{
	struct hash id;
	uint64_t i;

	for (i = 0; i < LEAVES; i++)
		served_leaf[i] = hash_leaf(&i, sizeof(i));
	assert_int_equal(sign_new(&served_key, SIGN_LOG), ERR_OK);
	id = note_log_id(sign_public(served_key));
	assert_int_equal(note_origin(served_origin, name, &id), ERR_OK);
}

void
served_free(void)
{
	sign_free(&served_key);
}

void
served_reset(uint64_t size)
{
	memset(&served, 0, sizeof(served));
	served.size = served.grown = size;
	served.signer = served_key;
	served.origin = served_origin;
	served.fork = UINT64_MAX;
}

void
served_row(unsigned level, uint64_t first, unsigned n, struct hash *row)
{
	size_t step = (size_t)1 << (8 * level);
	struct hash keep = { { 0 } };
	unsigned i;

	if (served.fork != UINT64_MAX) {
		keep = served_leaf[served.fork];
		served_leaf[served.fork].b[0] ^= 1;
	}
	for (i = 0; i < n; i++)
		row[i] = merkle_root(served_leaf + (first + i) * step, step);
	if (served.fork != UINT64_MAX)
		served_leaf[served.fork] = keep;
}

static struct hash
root_at(uint64_t size)
{
	struct hash root, keep;

	if (served.fork >= size)
		return merkle_root(served_leaf, size);
	keep = served_leaf[served.fork];
	served_leaf[served.fork].b[0] ^= 1;
	root = merkle_root(served_leaf, size);
	served_leaf[served.fork] = keep;
	return root;
}

void
served_checkpoint(struct buf *out)
{
	struct note_checkpoint cp = { .size = served.size };
	struct buf text = buf_init(NOTE_MAX);
	struct note_sig lines[2];
	uint8_t sig[SIG_BYTES];

	(void)snprintf(cp.origin, sizeof(cp.origin), "%s", served.origin);
	cp.root = root_at(served.size);
	assert_int_equal(note_checkpoint_write(&text, &cp), ERR_OK);
	assert_int_equal(sign_note(served.signer, text.p, text.len, sig),
	    ERR_OK);
	assert_int_equal(note_sig_set(&lines[0], NOTE_ED25519, cp.origin,
	    sign_public(served.signer), sig, sizeof(sig)), ERR_OK);
	if (served.more != NULL)
		lines[1] = *served.more;
	assert_int_equal(note_write(out, buf_view(&text), lines,
	    served.more == NULL ? 1 : 2), ERR_OK);
	buf_free(&text);
}

enum err
served_fetch(void *ctx, const char *path, struct buf *out)
{
	struct hash row[TILE_WIDTH];
	struct tile_name name;
	unsigned full;

	(void)ctx;
	if (served.away)
		return ERR_UNREACHABLE;
	if (strcmp(path, "checkpoint") == 0) {
		served_checkpoint(out);
		return ERR_OK;
	}
	if (++served.asked == served.cut)
		return ERR_TIMEOUT;
	assert_memory_equal(path, "tile/", 5);
	assert_int_equal(tile_parse(&name, path + 5), ERR_OK);
	full = tile_width(served.grown, name.level, name.index);
	if (full < name.width || (served.no_partials && full == TILE_WIDTH &&
	    name.width < TILE_WIDTH) ||
	    (served.gone != NULL && strcmp(path, served.gone) == 0))
		return ERR_NOTFOUND;
	served_row(name.level, name.index * TILE_WIDTH, name.width, row);
	if (served.bent != NULL && strcmp(path, served.bent) == 0)
		row[name.width - 1].b[31] ^= 1;
	if (served.short_ != NULL && strcmp(path, served.short_) == 0)
		name.width--;
	buf_put(out, row, name.width * sizeof(row[0]));
	return out->err;
}
