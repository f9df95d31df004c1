/* signed notes and checkpoints. */
#include <stdlib.h>
#include <string.h>

#include "proto/note.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
checkpoint(struct view body)
{
	struct buf out = buf_init(NOTE_MAX);
	struct note_checkpoint cp;

	if (note_checkpoint_parse(&cp, body) == ERR_OK) {
		if (note_checkpoint_write(&out, &cp) != ERR_OK ||
		    out.len != body.len ||
		    memcmp(out.p, body.p, out.len) != 0)
			abort();
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = buf_init(NOTE_MAX);
	struct note note;

	checkpoint((struct view){data, size});
	if (note_parse(&note, (struct view){data, size}) == ERR_OK) {
		checkpoint(note.body);
		/* Lines of unknown algorithms are left out when written. */
		if (note.sig_count && (note_write(&out, note.body, note.sig,
		    note.sig_count) != ERR_OK || out.len > size))
			abort();
	}
	buf_free(&out);
	return 0;
}
