/*
 * ops_note: C2SP checkpoints, cosignatures, and what a run quotes of them;
 * texts that prove or count.
 */
#include <string.h>

#include "audit/mirror.h"
#include "keys/pubkey.h"
#include "cases/dossier.h"
#include "keys/sign.h"
#include "proto/note.h"
#include "proto/run.h"
#include "proto/tlog_proof.h"
#include "vec.h"

static enum err
op_origin(struct vec *v)
{
	char origin[NOTE_NAME_MAX + 1];
	struct hash id = vec_hash(v, "log_id");
	enum err err = note_origin(origin, vec_text(v, "text_name"), &id);

	if (err == ERR_OK)
		vec_is_text(v, "text_origin", origin);
	return err;
}

static enum err
op_make_checkpoint(struct vec *v)
{
	struct note_checkpoint cp = { .size = vec_num(v, "size"),
	    .root = vec_hash(v, "root") };
	const char *origin = vec_text(v, "text_origin");
	struct buf body = buf_init(NOTE_MAX), out = buf_init(NOTE_MAX);
	uint8_t sig[SIG_BYTES];
	struct note_sig line;
	struct sign_key *key = NULL;
	enum err err = sign_from_seed(&key, SIGN_LOG, vec_key(v, "seed"));

	memcpy(cp.origin, origin, strlen(origin) + 1);
	if (err == ERR_OK)
		err = note_checkpoint_write(&body, &cp);
	if (err == ERR_OK)
		err = sign_note(key, body.p, body.len, sig);
	if (err == ERR_OK)
		err = note_sig_set(&line, NOTE_ED25519, origin,
		    sign_public(key), sig, sizeof(sig));
	if (err == ERR_OK)
		err = note_write(&out, buf_view(&body), &line, 1);
	if (err == ERR_OK)
		vec_is_text(v, "text_note", buf_text(&out));
	sign_free(&key);
	buf_free(&out);
	buf_free(&body);
	return err;
}

/* Sign what the witness signs, as a blob u64 time || sig. */
static enum err
cosignature(struct vec *v, const struct sign_key *key, struct view body,
    uint8_t blob[NOTE_COSIG_BYTES])
{
	struct buf tbs = buf_init(NOTE_MAX);
	struct wr wr = wr_init(blob, NOTE_COSIG_BYTES);
	uint64_t time_s = vec_num(v, "time");
	enum err err = note_cosigned(&tbs, time_s, body);

	wr_u64(&wr, time_s);
	if (err == ERR_OK)
		err = sign_note(key, tbs.p, tbs.len, blob + 8);
	buf_free(&tbs);
	return err;
}

static enum err
op_cosign(struct vec *v)
{
	const char *name = vec_text(v, "text_witness");
	struct buf out = buf_init(NOTE_MAX);
	uint8_t blob[NOTE_COSIG_BYTES];
	struct note note;
	struct sign_key *key = NULL;
	enum err err = note_parse(&note, vec_text_view(v, "text_note"));

	if (err == ERR_OK)
		err = sign_from_seed(&key, SIGN_WITNESS, vec_key(v, "seed"));
	if (err == ERR_OK)
		err = cosignature(v, key, note.body, blob);
	if (err == ERR_OK)
		err = note_sig_set(&note.sig[note.sig_count], NOTE_COSIGNATURE,
		    name, sign_public(key), blob, sizeof(blob));
	if (err == ERR_OK)
		err = note_write(&out, note.body, note.sig,
		    note.sig_count + 1);
	if (err == ERR_OK) {
		vec_is_text(v, "text_note", buf_text(&out));
		vec_is_hex(v, "cosignature", blob, sizeof(blob));
	}
	sign_free(&key);
	buf_free(&out);
	return err;
}

/* The witness's line, if the note has one. */
static enum err
cosigned(struct vec *v, const struct note *note)
{
	const char *name = vec_text(v, "text_witness");
	const uint8_t *key = vec_key(v, "witness");
	struct buf tbs = buf_init(NOTE_MAX);
	const struct note_sig *line;
	uint8_t id[4];
	enum err err;

	note_key_id(id, NOTE_COSIGNATURE, name, key);
	line = note_find(note, name, id);
	vec_is_num(v, "cosigned", line != NULL);
	if (line == NULL)
		return ERR_OK;
	err = note_cosigned(&tbs, note_cosig_time(line), note->body);
	if (err == ERR_OK)
		err = pubkey_verify(key, tbs.p, tbs.len, line->sig + 8);
	vec_is_hex(v, "cosignature", line->sig, line->sig_len);
	buf_free(&tbs);
	return err;
}

static enum err
op_checkpoint(struct vec *v)
{
	const char *origin = vec_text(v, "text_origin");
	const uint8_t *key = vec_key(v, "key");
	struct note note;
	struct note_checkpoint cp;
	const struct note_sig *line;
	uint8_t id[4];
	enum err err = note_parse(&note, vec_text_view(v, "text_note"));

	if (err == ERR_OK)
		err = note_checkpoint_parse(&cp, note.body);
	if (err != ERR_OK)
		return err;
	if (strcmp(cp.origin, origin) != 0)
		return ERR_KEY_FOREIGN;
	note_key_id(id, NOTE_ED25519, origin, key);
	line = note_find(&note, origin, id);
	if (line == NULL)
		return ERR_SIGNATURE;
	err = pubkey_verify(key, note.body.p, note.body.len, line->sig);
	if (err == ERR_OK)
		err = cosigned(v, &note);
	if (err != ERR_OK)
		return err;
	vec_is_num(v, "size", cp.size);
	vec_is_hash(v, "root", &cp.root);
	return ERR_OK;
}

/* seen inside a statement: the last 104 bytes of it. */
static enum err
op_seen(struct vec *v)
{
	struct view blob = vec_hex(v, "cosignature");
	struct note_sig line = { .sig_len = blob.len };
	struct run_statement st = { .first_seq = 1, .size = 1 };
	uint8_t out[RUN_STATEMENT_BYTES];

	if (blob.len != NOTE_COSIG_BYTES)
		return ERR_KEY_LENGTH;
	memcpy(line.sig, blob.p, blob.len);
	st.seen.log_id = vec_hash(v, "log_id");
	st.seen.size = vec_num(v, "size");
	st.seen.root = vec_hash(v, "root");
	st.seen.witness = note_cosig_hash(&line);
	run_statement_encode(out, &st);
	vec_is_hex(v, "seen", out + RUN_STATEMENT_BYTES - SEEN_BYTES,
	    SEEN_BYTES);
	return ERR_OK;
}

/* What stands in a proof, when it proves. */
static void
proof_is(struct vec *v, const struct tlog_proof *proof,
    const struct note_checkpoint *cp)
{
	vec_is_num(v, "index", proof->index);
	vec_is_num(v, "size", cp->size);
	vec_is_hash(v, "root", &cp->root);
	vec_is_hex(v, "extra", proof->extra.p, proof->extra.len);
	vec_is_hex(v, "path", proof->path.h[0].b,
	    proof->path.len * HASH_BYTES);
}

static enum err
op_tlog_proof(struct vec *v)
{
	const char *origin = vec_text(v, "text_origin");
	struct buf extra = buf_init(STATEMENT_MAX);
	struct mirror_key key = { .origin = "" };
	struct note_checkpoint cp;
	struct tlog_proof proof;
	struct hash leaf;
	enum err err;

	memcpy(key.origin, origin, strlen(origin) + 1);
	memcpy(key.key, vec_key(v, "key"), KEY_BYTES);
	err = tlog_proof_decode(&proof, vec_text_view(v, "text_proof"),
	    &extra);
	if (err == ERR_OK && extra.len == 0)
		err = ERR_INCOMPLETE;
	if (err == ERR_OK)
		err = mirror_signed(&key, 1, proof.note, &cp);
	leaf = hash_leaf(extra.p, extra.len);
	if (err == ERR_OK)
		err = merkle_included(&leaf, proof.index, cp.size,
		    &proof.path, &cp.root);
	if (err == ERR_OK)
		proof_is(v, &proof, &cp);
	buf_free(&extra);
	return err;
}

static enum err
op_dossier(struct vec *v)
{
	struct view text = vec_text_view(v, "text_dossier");
	struct hash digest = dossier_digest(text);
	struct dossier d;
	size_t times = 0, p, i;
	enum err err = dossier_read(&d, text, NULL);

	if (err != ERR_OK)
		return err;
	for (p = 0; p < LEDGER_PARTIES; p++)
		for (i = 0; i < LEDGER_TIMES; i++)
			times += d.ledger.times[p][i].n > 0;
	vec_is_hash(v, "digest", &digest);
	vec_is_num(v, "entries", d.ledger.entries);
	vec_is_num(v, "times", times);
	vec_is_num(v, "opens", d.ledger.opens);
	dossier_free(&d);
	return err;
}

const struct vec_entry vec_ops_note[] = {
	{ "origin", op_origin },
	{ "make_checkpoint", op_make_checkpoint },
	{ "cosign", op_cosign },
	{ "checkpoint", op_checkpoint },
	{ "seen", op_seen },
	{ "tlog_proof", op_tlog_proof },
	{ "dossier", op_dossier },
	{ NULL, NULL },
};
