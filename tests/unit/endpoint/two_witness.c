/* See two_witness.h. */
#include <stdlib.h>
#include <string.h>

#include "keys/sign.h"
#include "proto/note.h"
#include "two_relay.h"
#include "two_witness.h"

/* What a witness says to a checkpoint's text. */
static void
cosign(const struct two_agents *two, unsigned witness, struct view body,
    uint64_t at_s, struct note_sig *line)
{
	const struct sign_key *key = two->witness[witness];
	struct buf tbs = buf_init(2 * NOTE_MAX);
	uint8_t blob[NOTE_COSIG_BYTES];
	struct wr wr = wr_init(blob, sizeof(blob));
	uint8_t sig[SIG_BYTES];

	must(note_cosigned(&tbs, at_s, body) == ERR_OK);
	must(sign_note(key, tbs.p, tbs.len, sig) == ERR_OK);
	wr_u64(&wr, at_s);
	wr_copy(&wr, sig, SIG_BYTES);
	must(note_sig_set(line, NOTE_COSIGNATURE,
	    two->charter.witness[witness].name, sign_public(key), blob,
	    sizeof(blob)) == ERR_OK);
	buf_free(&tbs);
}

void
two_cosign(struct two_agents *two, unsigned witness, size_t size,
    uint64_t at_s)
{
	struct buf body = buf_init(NOTE_MAX);
	struct two_relay *r = &two->relay[0];
	struct buf *note = &r->cosigned[witness];
	struct note_sig line[2];

	two_relay_sign(r, size, &body, &line[0]);
	cosign(two, witness, buf_view(&body), at_s, &line[1]);
	buf_free(note);
	*note = buf_init(NOTE_MAX);
	must(note_write(note, buf_view(&body), line, 2) == ERR_OK);
	buf_free(&body);
}

static void
give_notes(struct two_relay *r, struct reply *reply)
{
	unsigned i;

	reply->log.note = calloc(TWO_WITNESSES, sizeof(*reply->log.note));
	for (i = 0; i < TWO_WITNESSES; i++)
		if (r->cosigned[i].len > 0)
			reply->log.note[reply->log.note_count++] =
			    buf_view(&r->cosigned[i]);
	r->cosigned_asks++;
}

static void
give_paths(struct two_relay *r, const struct request *q, struct reply *reply)
{
	size_t i, n = q->log.inclusions.index_count;

	reply->log.path = calloc(n, sizeof(*reply->log.path));
	reply->log.path_count = n;
	for (i = 0; i < n; i++) {
		two_relay_prove(r, (size_t)q->log.inclusions.size,
		    (size_t)q->log.inclusions.index[i],
		    &reply->log.path[i]);
		if (r->rubbish && reply->log.path[i].len > 0)
			reply->log.path[i].h[0].b[0] ^= 1;
	}
}

bool
two_witness_log(struct two_relay *r, const struct request *q,
    struct reply *reply)
{
	if (q->log.kind == LOG_COSIGNED)
		give_notes(r, reply);
	else if (q->log.kind == LOG_INCLUSIONS)
		give_paths(r, q, reply);
	else
		return false;
	return true;
}

void
two_witness_done(struct reply *reply)
{
	free(reply->log.note);
	free(reply->log.path);
}
