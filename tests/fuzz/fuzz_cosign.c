/* what anybody may POST to a relay; no bytes of a stranger are kept.
 * First byte: 0 a whole body; 1 lines below the true checkpoint; 2 the 72
 * bytes of a known witness's line, made into one. */
#include <stdlib.h>
#include <string.h>

#include "proto/note.h"
#include "relay/cosign.h"
#include "tests/unit/relay/rig.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct yard y;
static struct rig rig;
static struct cosign *cosign;
static struct buf checkpoint;	/* text, empty line, the log's line */

static void
finish(void)
{
	cosign_free(&cosign);
	buf_free(&checkpoint);
	rig_close(&rig);
	yard_close(&y);
}

static void
checkpoint_make(void)
{
	const struct sign_key *key = keyfile_signer(y.relay, KEYFILE_LOG);
	struct note_checkpoint cp = { .size = tlog_size(rig.tree) };
	struct buf body = buf_init(NOTE_MAX);
	struct note_sig line;
	uint8_t sig[SIG_BYTES];

	checkpoint = buf_init(NOTE_MAX);
	MUST(note_origin(cp.origin, "r1", &y.log_id));
	MUST(tlog_root(rig.tree, cp.size, &cp.root));
	MUST(note_checkpoint_write(&body, &cp));
	MUST(sign_note(key, body.p, body.len, sig));
	MUST(note_sig_set(&line, NOTE_ED25519, cp.origin, sign_public(key),
	    sig, sizeof(sig)));
	MUST(note_write(&checkpoint, buf_view(&body), &line, 1));
	buf_free(&body);
}

static void
start(void)
{
	struct cosign_parts parts;

	yard_open(&y);
	rig_open(&rig, &y, 0);
	rig_admit(&rig);
	parts = (struct cosign_parts){ rig.store, rig.tree, rig.group,
		rig.admitted, rig.keyring, "r1",
		keyfile_find(keyfile_public(y.relay), KEYFILE_LOG, 0) };
	MUST(cosign_open(&cosign, &parts));
	checkpoint_make();
	if (atexit(finish) != 0)
		abort();
}

/* A line that has everything but the signature. */
static void
forge(struct buf *out, const uint8_t *data, size_t size)
{
	struct note note;
	uint8_t blob[NOTE_COSIG_BYTES] = { 0 };

	memcpy(blob, data, size < sizeof(blob) ? size : sizeof(blob));
	MUST(note_parse(&note, buf_view(&checkpoint)));
	MUST(note_sig_set(&note.sig[1], NOTE_COSIGNATURE, yard_witness(0),
	    sign_public(y.witness[0]), blob, sizeof(blob)));
	MUST(note_write(out, note.body, note.sig, 2));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int64_t now = 1000;
	struct buf body = buf_init(2 * NOTE_MAX);
	uint64_t held;

	if (cosign == NULL)
		start();
	if (size > 0 && size < NOTE_MAX && data[0] > 0)
		data[0] == 1 ? buf_put(&body, checkpoint.p, checkpoint.len) :
		    forge(&body, data + 1, size - 1);
	if (size > 0 && size < NOTE_MAX && data[0] < 2)
		buf_put(&body, data + 1, size - 1);
	/* Nobody here has a witness's key: only refusals. */
	if (cosign_take(cosign, buf_view(&body), now += 60000, &held) ==
	    ERR_OK || cosign_at(cosign, 0)->size != 0)
		abort();
	buf_free(&body);
	return 0;
}
