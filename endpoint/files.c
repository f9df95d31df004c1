#include "endpoint/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "proto/charter.h"
#include "proto/chunk.h"
#include "proto/notice.h"

/* One row of `file`. */
struct row {
	int64_t pair;
	bool own;
	struct id file_id;
	struct id case_id;
	uint64_t size;		/* with manifest 0: not known */
	uint64_t have;		/* bytes of all pieces, overlaps counted */
	struct hash sha256;
	int64_t manifest;	/* mail id, 0: not here yet */
	int64_t at;
	int64_t complete_at;
	enum err fault;
};

#define COLUMNS \
	"pair, own, file_id, case_id, size, sha256, manifest, at," \
	" complete_at, fault, have"

static struct db *
db_of(struct agent *agent)
{
	return book_db(agent_book(agent));
}

static void
read_row(struct db_stmt *s, struct row *r)
{
	memset(r, 0, sizeof(*r));
	r->pair = db_col_int(s, 0);
	r->own = db_col_int(s, 1) != 0;
	db_col_id(s, 2, &r->file_id);
	db_col_id(s, 3, &r->case_id);
	r->size = db_col_u64(s, 4);
	db_col_hash(s, 5, &r->sha256);
	r->manifest = db_col_int(s, 6);
	r->at = db_col_int(s, 7);
	r->complete_at = db_col_int(s, 8);
	r->fault = (enum err)db_col_int(s, 9);
	r->have = db_col_u64(s, 10);
}

static enum err
get_row(struct agent *agent, int64_t pair, bool own, const struct id *file_id,
    struct row *r)
{
	struct db_stmt *s = db_prepare(db_of(agent),
	    "SELECT " COLUMNS " FROM file"
	    " WHERE pair = ?1 AND own = ?2 AND file_id = ?3");
	enum err err;

	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, own);
	db_bind_id(s, 3, file_id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	read_row(s, r);
	return db_done(s);
}

static enum err
put_row(struct agent *agent, const struct row *r)
{
	struct db_stmt *s = db_prepare(db_of(agent),
	    "INSERT OR REPLACE INTO file (" COLUMNS ")"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");

	db_bind_int(s, 1, r->pair);
	db_bind_int(s, 2, r->own);
	db_bind_id(s, 3, &r->file_id);
	db_bind_id(s, 4, &r->case_id);
	db_bind_u64(s, 5, r->size);
	db_bind_hash(s, 6, &r->sha256);
	db_bind_int(s, 7, r->manifest);
	db_bind_int(s, 8, r->at);
	db_bind_int(s, 9, r->complete_at);
	db_bind_int(s, 10, r->fault);
	db_bind_u64(s, 11, r->have);
	return db_run(s);
}

char *
files_path(struct agent *agent, int64_t pair, const struct id *file_id)
{
	char hex[2 * ID_BYTES + 1], name[128];

	hex_encode(hex, file_id, ID_BYTES);
	snprintf(name, sizeof(name), "files/in/%lld-%s", (long long)pair, hex);
	return file_join(agent_home(agent), name);
}

/* ---- joining ---- */

/* Append one piece's bytes, read from the message that brought it. */
static enum err
add_piece(struct agent *agent, int64_t mail, struct buf *out)
{
	struct mail_content content = {0};
	const struct field *f;
	struct chunk chunk;
	enum err err;

	err = mail_content(agent_book(agent), mail, &content);
	if (err != ERR_OK)
		return err;
	f = fields_find(&content.fields, FIELD_CHUNK);
	err = f == NULL ? ERR_MESSAGE : chunk_decode(&chunk, f->value);
	if (err == ERR_OK) {
		buf_put(out, chunk.bytes.p, chunk.bytes.len);
		err = out->err;
	}
	mail_content_free(&content);
	return err;
}

struct pieces {
	int64_t *mail;
	size_t n;
	uint64_t end;		/* all bytes below it are there */
};

static enum err
list_pieces(struct agent *agent, const struct row *r, struct pieces *p)
{
	struct db_stmt *s = db_prepare(db_of(agent),
	    "SELECT at_byte, length, mail FROM file_piece"
	    " WHERE pair = ?1 AND file_id = ?2 ORDER BY at_byte");
	enum err err = ERR_OK, done;

	memset(p, 0, sizeof(*p));
	db_bind_int(s, 1, r->pair);
	db_bind_id(s, 2, &r->file_id);
	while (err == ERR_OK && db_row(s)) {
		uint64_t at = db_col_u64(s, 0), len = db_col_u64(s, 1);
		void *more = realloc(p->mail, (p->n + 1) * sizeof(*p->mail));

		if (more == NULL) {
			err = ERR_NOMEM;
			break;
		}
		p->mail = more;
		p->mail[p->n++] = db_col_int(s, 2);
		if (at == p->end)
			p->end += len;
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

static enum err
store(struct agent *agent, const struct row *r, const struct buf *bytes)
{
	char *dir = file_join(agent_home(agent), "files/in");
	char *path = files_path(agent, r->pair, &r->file_id);
	enum err err = ERR_NOMEM;

	if (dir != NULL && path != NULL)
		err = file_mkdirs(dir, 0700);
	if (err == ERR_OK)
		err = file_replace(path, bytes->p, bytes->len, 0600);
	free(path);
	free(dir);
	return err == ERR_IO ? ERR_STORAGE : err;
}

/* Put the file together if it is whole; a wrong one is marked for good. */
static enum err
join(struct agent *agent, struct row *r)
{
	struct buf bytes = buf_init(FILES_SIZE_MAX);
	struct pieces p;
	struct hash sum;
	enum err err;

	if (r->manifest == 0 || r->complete_at != 0 || r->fault != ERR_OK ||
	    r->have < r->size)
		return ERR_OK;
	err = list_pieces(agent, r, &p);
	if (err != ERR_OK)
		goto out;
	if (r->have != r->size || p.end != r->size) {
		r->fault = ERR_ENCODING;
		err = put_row(agent, r);
		goto out;
	}
	for (size_t i = 0; i < p.n && err == ERR_OK; i++)
		err = add_piece(agent, p.mail[i], &bytes);
	if (err != ERR_OK)
		goto out;
	sum = hash_of(bytes.p, bytes.len);
	if (!hash_eq(&sum, &r->sha256)) {
		r->fault = ERR_VERIFY;
	} else {
		err = store(agent, r, &bytes);
		r->complete_at = agent_now(agent);
	}
	if (err == ERR_OK)
		err = put_row(agent, r);
out:
	free(p.mail);
	buf_free(&bytes);
	return err;
}

/* ---- receiving ---- */

static enum err
row_for(struct agent *agent, const struct received *in,
    const struct id *file_id, struct row *r)
{
	enum err err = get_row(agent, in->pair->number, false, file_id, r);

	if (err != ERR_NOTFOUND)
		return err;
	memset(r, 0, sizeof(*r));
	r->pair = in->pair->number;
	r->file_id = *file_id;
	r->at = in->received_at;
	return ERR_OK;
}

static enum err
take_manifest(struct agent *agent, const struct received *in,
    struct view value, struct arena *arena)
{
	struct chunk_manifest m;
	struct row r;
	enum err err;

	err = chunk_manifest_decode(&m, value, arena);
	if (err != ERR_OK) {
		diag_warn("files", "a manifest cannot be read: %s",
		    err_name(err));
		return err == ERR_NOMEM ? err : ERR_OK;
	}
	err = row_for(agent, in, &m.file_id, &r);
	if (err != ERR_OK || r.manifest != 0)
		return err;	/* the first one counts */
	r.case_id = m.case_id;
	r.size = m.size;
	r.sha256 = m.sha256;
	r.manifest = in->message;
	if (m.size > FILES_SIZE_MAX || m.size == 0)
		r.fault = m.size == 0 ? ERR_ENCODING : ERR_TOO_BIG;
	err = put_row(agent, &r);
	return err == ERR_OK ? join(agent, &r) : err;
}

static enum err
take_chunk(struct agent *agent, const struct received *in, struct view value)
{
	struct db_stmt *s;
	struct chunk c;
	struct row r;
	enum err err;

	err = chunk_decode(&c, value);
	if (err != ERR_OK || c.offset >= FILES_SIZE_MAX) {
		diag_warn("files", "a chunk cannot be read");
		return ERR_OK;
	}
	err = row_for(agent, in, &c.file_id, &r);
	if (err != ERR_OK)
		return err;
	s = db_prepare(db_of(agent),
	    "INSERT OR IGNORE INTO file_piece VALUES (?1, ?2, ?3, ?4, ?5)");
	db_bind_int(s, 1, r.pair);
	db_bind_id(s, 2, &c.file_id);
	db_bind_u64(s, 3, c.offset);
	db_bind_u64(s, 4, c.bytes.len);
	db_bind_int(s, 5, in->message);
	err = db_run(s);
	if (err != ERR_OK || db_changes(db_of(agent)) == 0)
		return err;	/* had that piece already */
	r.have += c.bytes.len;
	err = put_row(agent, &r);
	return err == ERR_OK ? join(agent, &r) : err;
}

enum err
files_received(struct agent *agent, const struct received *in)
{
	const struct field *manifest = fields_find(in->fields, FIELD_MANIFEST);
	const struct field *chunk = fields_find(in->fields, FIELD_CHUNK);
	struct arena arena = arena_init(ARENA_MAX);
	enum err err = ERR_OK;

	if (manifest != NULL)
		err = take_manifest(agent, in, manifest->value, &arena);
	if (err == ERR_OK && chunk != NULL)
		err = take_chunk(agent, in, chunk->value);
	arena_free(&arena);
	return err;
}

/* ---- sending ---- */

struct sending {
	struct agent *agent;
	const struct pair *pair;
	struct buf outline;	/* the same in front of every piece */
};

static enum err
put_one(struct sending *s, uint16_t tag, struct view value, int64_t *mail)
{
	struct fields fields = {0};
	struct outgoing out = {.pair_id = s->pair->pair_id,
	    .lane = LANE_FILE, .fields = &fields};
	enum err err;

	err = fields_add(&fields, FIELD_OUTLINE, buf_view(&s->outline));
	if (err == ERR_OK)
		err = fields_add(&fields, tag, value);
	return err == ERR_OK ? outbox_put(s->agent, &out, mail) : err;
}

static enum err
put_manifest(struct sending *s, const struct id *case_id,
    const char *media_type, const struct files_ref *ref, int64_t *mail)
{
	struct chunk_manifest m = {.file_id = ref->file_id, .size = ref->size,
	    .sha256 = ref->sha256, .name = ref->name, .case_id = *case_id,
	    .media_type = media_type != NULL ? media_type : ""};
	struct buf value = buf_init(BODY_MAX);
	enum err err;

	err = chunk_manifest_encode(&value, &m);
	if (err == ERR_OK)
		err = put_one(s, FIELD_MANIFEST, buf_view(&value), mail);
	buf_free(&value);
	return err;
}

/* What fits in one envelope of the charter's largest bucket. */
static size_t
piece_max(const struct sending *s)
{
	size_t heads = 2 * FIELD_HEAD_BYTES + s->outline.len +
	    CHUNK_HEAD_BYTES + 1;
	size_t room = s->pair->charter->size_max - heads;

	return room < CHUNK_BYTES_MAX ? room : CHUNK_BYTES_MAX;
}

static enum err
put_chunks(struct sending *s, const struct id *file_id, struct view bytes)
{
	size_t most = piece_max(s);
	uint8_t *value = malloc(CHUNK_HEAD_BYTES + most);
	enum err err = value == NULL ? ERR_NOMEM : ERR_OK;

	for (size_t at = 0; at < bytes.len && err == ERR_OK; at += most) {
		size_t left = bytes.len - at;
		struct chunk c = {.file_id = *file_id, .offset = at,
		    .bytes = {bytes.p + at, left < most ? left : most}};
		struct wr wr = wr_init(value, CHUNK_HEAD_BYTES + most);

		chunk_encode(&wr, &c);
		err = wr.err;
		if (err == ERR_OK)
			err = put_one(s, FIELD_CHUNK,
			    (struct view){wr.p, wr.len}, NULL);
	}
	free(value);
	return err;
}

/* The last part of the path, if it may be a name. */
static enum err
name_of(const char *path, char name[FILE_NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;

	if (strlen(base) > FILE_NAME_MAX || !chunk_name_ok(base))
		return ERR_ENCODING;
	strcpy(name, base);
	return ERR_OK;
}

static enum err
note_own(struct agent *agent, const struct pair *pair,
    const struct id *case_id, const struct files_ref *ref, int64_t mail)
{
	struct row r = {.pair = pair->number, .own = true,
	    .file_id = ref->file_id, .case_id = *case_id, .size = ref->size,
	    .sha256 = ref->sha256, .manifest = mail, .at = agent_now(agent),
	    .complete_at = agent_now(agent)};

	return put_row(agent, &r);
}

enum err
files_send(struct agent *agent, const struct pair *pair,
    const struct id *case_id, const char *path, const char *media_type,
    struct files_ref *ref)
{
	struct sending s = {.agent = agent, .pair = pair,
	    .outline = buf_init(OUTLINE_MAX)};
	struct notice_outline o = {.case_id = *case_id, .type = NOTICE_FILE};
	struct buf bytes = buf_init(FILES_SIZE_MAX);
	int64_t mail = 0;
	enum err err;

	memset(ref, 0, sizeof(*ref));
	err = file_load(path, FILES_SIZE_MAX, &bytes);
	if (err == ERR_OK && bytes.len == 0)
		err = ERR_ENCODING;
	if (err == ERR_OK)
		err = name_of(path, ref->name);
	if (err == ERR_OK)
		err = notice_outline_encode(&s.outline, &o);
	if (err != ERR_OK)
		goto out;
	random_bytes(&ref->file_id, sizeof(ref->file_id));
	ref->size = bytes.len;
	ref->sha256 = hash_of(bytes.p, bytes.len);
	err = put_manifest(&s, case_id, media_type, ref, &mail);
	if (err == ERR_OK)
		err = put_chunks(&s, &ref->file_id, buf_view(&bytes));
	if (err == ERR_OK)
		err = note_own(agent, pair, case_id, ref, mail);
out:
	buf_free(&bytes);
	buf_free(&s.outline);
	return err;
}

/* ---- showing ---- */

static void
state_of(const struct row *r, struct files_state *out)
{
	memset(out, 0, sizeof(*out));
	out->complete = r->complete_at != 0;
	out->size = r->size;
	out->have = r->own ? r->size : r->have;
	out->fault = r->fault;
	out->at = r->complete_at;
}

enum err
files_state(struct agent *agent, int64_t pair, bool own,
    const struct id *file_id, struct files_state *out)
{
	struct row r;
	enum err err = get_row(agent, pair, own, file_id, &r);

	if (err == ERR_OK)
		state_of(&r, out);
	return err;
}

static void
put_names(struct agent *agent, struct json *obj, const struct row *r)
{
	struct mail_content content = {0};
	struct arena arena = arena_init(ARENA_MAX);
	const struct field *f = NULL;
	struct chunk_manifest m;

	if (r->manifest != 0 &&
	    mail_content(agent_book(agent), r->manifest, &content) == ERR_OK)
		f = fields_find(&content.fields, FIELD_MANIFEST);
	if (f != NULL &&
	    chunk_manifest_decode(&m, f->value, &arena) == ERR_OK) {
		json_put_str(obj, "name", m.name);
		json_put_str(obj, "media_type", m.media_type);
	}
	mail_content_free(&content);
	arena_free(&arena);
}

static struct json *
row_json(struct agent *agent, const struct row *r)
{
	const struct pair *pair = pairs_get(agent_pairs(agent), r->pair);
	struct json *obj = json_new_obj();
	struct files_state state;
	char *path;

	json_put_hex(obj, "file_id", &r->file_id, ID_BYTES);
	json_put_hex(obj, "case_id", &r->case_id, ID_BYTES);
	if (pair != NULL)
		json_put_str(obj, "peer", pair->peer_name);
	json_put_bool(obj, "own", r->own);
	put_names(agent, obj, r);
	json_put_int(obj, "size", (int64_t)r->size);
	json_put_hex(obj, "sha256", &r->sha256, HASH_BYTES);
	state_of(r, &state);
	json_put_bool(obj, "complete", state.complete);
	json_put_int(obj, "have", (int64_t)state.have);
	if (state.fault != ERR_OK)
		json_put_str(obj, "fault", err_name(state.fault));
	if (r->own || !state.complete)
		return obj;
	json_put_time(obj, "complete_at", state.at);
	path = files_path(agent, r->pair, &r->file_id);
	if (path != NULL)
		json_put_str(obj, "path", path);
	free(path);
	return obj;
}

struct json *
files_list_json(struct agent *agent, const struct id *case_id)
{
	struct db_stmt *s = db_prepare(db_of(agent),
	    "SELECT " COLUMNS " FROM file"
	    " WHERE ?1 IS NULL OR case_id = ?1 ORDER BY at, file_id");
	struct json *arr = json_new_arr();

	if (case_id != NULL)
		db_bind_id(s, 1, case_id);
	else
		db_bind_null(s, 1);
	while (db_row(s)) {
		struct json *item;
		struct row r;

		read_row(s, &r);
		item = row_json(agent, &r);
		json_add(arr, &item);
	}
	if (db_done(s) != ERR_OK)
		diag_warn("files", "the list of files could not be read");
	return arr;
}
