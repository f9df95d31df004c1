#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "audit/bundle_priv.h"
#include "base/diag.h"

#define UNIX_FILE (0100644u << 16)
#define ZIP_END 22		/* bytes of an empty zip */
#define READ_PART 65536		/* compared while still in the cache */

#define WHY_FRAME "the zip around it is not in its one canonical form"
#define WHY_NO_ZIP "no whole zip: cut short, damaged or something else"

struct emit_ctx {
	zip_t *zip;
	struct buf *kept;	/* contents: libzip reads them at close */
	size_t n;
};

static void
told(const char *what, zip_error_t *ze)
{
	diag_error("bundle", "%s: %s", what, zip_error_strerror(ze));
}

static enum err
emit_member(void *ctx, const char *name, const struct buf *data)
{
	struct emit_ctx *e = ctx;
	zip_source_t *src;
	zip_uint64_t i;
	zip_int64_t at;
	struct buf copy;

	if (e->n == BUNDLE_MEMBERS_MAX)
		return (ERR_TOO_BIG);
	copy = buf_init(BUNDLE_MAX);
	buf_put(&copy, data->p, data->len);
	if (copy.err != ERR_OK) {
		buf_free(&copy);
		return (copy.err);
	}
	e->kept[e->n++] = copy;
	src = zip_source_buffer(e->zip, copy.p, copy.len, 0);
	if (src == NULL)
		return (ERR_NOMEM);
	at = zip_file_add(e->zip, name, src, ZIP_FL_ENC_GUESS);
	if (at < 0) {
		zip_source_free(src);
		told(name, zip_get_error(e->zip));
		return (ERR_FAIL);
	}
	i = (zip_uint64_t)at;
	if (zip_set_file_compression(e->zip, i, ZIP_CM_STORE, 0) != 0 ||
	    zip_file_set_dostime(e->zip, i, BUNDLE_DOS_TIME,
		BUNDLE_DOS_DATE, 0) != 0 ||
	    zip_file_set_external_attributes(e->zip, i, 0, ZIP_OPSYS_UNIX,
		UNIX_FILE) != 0) {
		told(name, zip_get_error(e->zip));
		return (ERR_FAIL);
	}
	return (ERR_OK);
}

/* Append all that a closed archive left in its buffer source. */
static enum err
drain(zip_source_t *src, struct buf *out)
{
	zip_uint64_t left, part;
	zip_stat_t st;
	uint8_t *room;
	enum err err = ERR_FAIL;

	if (zip_source_open(src) != 0)
		return (ERR_FAIL);
	if (zip_source_stat(src, &st) != 0 || (st.valid & ZIP_STAT_SIZE) == 0)
		goto out;
	if (st.size > BUNDLE_MAX) {
		err = ERR_TOO_BIG;
		goto out;
	}
	if (out->sink == NULL)
		buf_reserve(out, (size_t)st.size);
	for (left = st.size; left > 0; left -= part) {
		part = left < READ_PART ? left : READ_PART;
		if ((room = buf_room(out, (size_t)part)) == NULL)
			break;
		if (zip_source_read(src, room, part) != (zip_int64_t)part)
			goto out;
		buf_spill(out);
	}
	err = out->err;
out:
	zip_source_close(src);
	return (err);
}

static void
free_kept(struct emit_ctx *e)
{
	while (e->n > 0)
		buf_free(&e->kept[--e->n]);
}

enum err
bundle_write(struct bundle *b, struct buf *out)
{
	struct emit_ctx e = { NULL, NULL, 0 };
	zip_source_t *src = NULL;
	zip_error_t ze;
	enum err err = ERR_NOMEM;

	zip_error_init(&ze);
	e.kept = calloc(BUNDLE_MEMBERS_MAX, sizeof(*e.kept));
	src = zip_source_buffer_create(NULL, 0, 0, &ze);
	if (e.kept == NULL || src == NULL)
		goto out;
	e.zip = zip_open_from_source(src, ZIP_TRUNCATE, &ze);
	if (e.zip == NULL)
		goto out;
	zip_source_keep(src);
	if ((err = bundle_form_each(b, emit_member, &e)) != ERR_OK)
		goto out;
	if (zip_close(e.zip) != 0) {
		told("close", zip_get_error(e.zip));
		err = ERR_FAIL;
		goto out;
	}
	e.zip = NULL;
	free_kept(&e);
	err = drain(src, out);
out:
	if (e.zip != NULL)
		zip_discard(e.zip);
	zip_source_free(src);
	zip_error_fini(&ze);
	if (e.kept != NULL)
		free_kept(&e);
	free(e.kept);
	return (err);
}

static enum err
fault_set(struct bundle_fault *fault, enum err err, const char *member,
    const char *why)
{
	size_t len = strnlen(member, BUNDLE_MEMBER_NAME_MAX);

	fault->err = err;
	memset(fault->member, 0, sizeof(fault->member));
	memcpy(fault->member, member, len);
	fault->why = why;
	return (err);
}

/*
 * Let libzip read the member and compare its CRC; what it read must be the
 * bytes at data, where the frame has them, for these are what is judged.
 */
static enum err
check_content(zip_t *zip, zip_uint64_t i, struct view data, const char **why)
{
	zip_file_t *f = zip_fopen_index(zip, i, 0);
	uint8_t part[READ_PART];
	bool same = true;
	size_t at, len;

	*why = "its bytes are damaged";
	if (f == NULL)
		return (ERR_TRUNCATED);
	for (at = 0; at < data.len; at += len) {
		len = data.len - at;
		len = len < READ_PART ? len : READ_PART;
		if (zip_fread(f, part, len) != (zip_int64_t)len)
			break;
		same = same && memcmp(part, data.p + at, len) == 0;
	}
	/* The read past the end is what makes libzip compare the CRC. */
	if (at < data.len || zip_fread(f, part, 1) != 0) {
		zip_fclose(f);
		return (ERR_TRUNCATED);
	}
	zip_fclose(f);
	*why = WHY_FRAME;
	return (same ? ERR_OK : ERR_ENCODING);
}

/* One member: a plain stored file, named after the one before. */
static enum err
read_member(struct bundle *b, zip_t *zip, zip_uint64_t i, const char *before,
    struct bundle_frame *frame, zip_stat_t *st, struct bundle_fault *fault)
{
	const zip_uint64_t need = ZIP_STAT_NAME | ZIP_STAT_SIZE |
	    ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC |
	    ZIP_STAT_ENCRYPTION_METHOD;
	const char *why = "";
	struct view data;
	enum err err;

	if (zip_stat_index(zip, i, ZIP_FL_ENC_RAW, st) != 0 ||
	    (st->valid & need) != need)
		return (fault_set(fault, ERR_TRUNCATED, "",
		    "a member cannot be read"));
	if (strnlen(st->name, BUNDLE_MEMBER_NAME_MAX + 1) >
	    BUNDLE_MEMBER_NAME_MAX)
		return (fault_set(fault, ERR_ENCODING, st->name,
		    "no such member belongs here"));
	if (strcmp(before, st->name) >= 0)
		return (fault_set(fault, ERR_ENCODING, st->name,
		    "members are not in the order of their names"));
	if (st->comp_method != ZIP_CM_STORE || st->size != st->comp_size ||
	    st->encryption_method != ZIP_EM_NONE)
		return (fault_set(fault, ERR_ENCODING, st->name,
		    "is not stored plainly"));
	if (st->size > frame->zip.len)
		return (fault_set(fault, ERR_TRUNCATED, st->name,
		    "claims more than the file holds"));
	if (!bundle_frame_next(frame, st->name, (size_t)st->size, &data))
		return (fault_set(fault, ERR_ENCODING, st->name, WHY_FRAME));
	err = check_content(zip, i, data, &why);
	if (err == ERR_OK)
		err = bundle_form_take(b, st->name, data, &why);
	if (err != ERR_OK)
		return (fault_set(fault, err, st->name, why));
	err = bundle_frame_member(frame, st->name, st->crc, data);
	if (err != ERR_OK)
		return (fault_set(fault, err, st->name, WHY_FRAME));
	return (ERR_OK);
}

static enum err
read_members(struct bundle *b, zip_t *zip, struct bundle_frame *frame,
    struct bundle_fault *fault)
{
	zip_int64_t n = zip_get_num_entries(zip, 0), i;
	const char *before = "", *why = "";
	zip_stat_t st;
	enum err err;

	if (n < 0 || n > BUNDLE_MEMBERS_MAX)
		return (fault_set(fault, ERR_TOO_BIG, "", "too many members"));
	for (i = 0; i < n; i++) {
		err = read_member(b, zip, (zip_uint64_t)i, before, frame,
		    &st, fault);
		if (err != ERR_OK)
			return (err);
		before = st.name;	/* libzip's, until it is closed */
	}
	if ((err = bundle_form_end(b, &why)) != ERR_OK)
		return (fault_set(fault, err, "", why));
	if ((err = bundle_frame_end(frame)) != ERR_OK)
		return (fault_set(fault, err, "", WHY_FRAME));
	return (ERR_OK);
}

enum err
bundle_read(struct bundle **out, struct view in, struct bundle_fault *fault)
{
	static const struct hash none;
	struct bundle *b = NULL;
	struct bundle_frame frame = bundle_frame_init(in);
	zip_source_t *src;
	zip_t *zip = NULL;
	zip_error_t ze;
	enum err err;

	*out = NULL;
	if (in.len > BUNDLE_MAX)
		return (fault_set(fault, ERR_TOO_BIG, "", "over the limit"));
	if (in.len < ZIP_END)	/* libzip takes no bytes for an empty zip */
		return (fault_set(fault, ERR_TRUNCATED, "", WHY_NO_ZIP));
	zip_error_init(&ze);
	src = zip_source_buffer_create(in.p, in.len, 0, &ze);
	if (src != NULL)
		zip = zip_open_from_source(src, ZIP_RDONLY | ZIP_CHECKCONS,
		    &ze);
	if (zip == NULL) {
		err = fault_set(fault, ERR_TRUNCATED, "", WHY_NO_ZIP);
		if (src != NULL)
			zip_source_free(src);
		goto out;
	}
	if ((b = bundle_new(&none, BUNDLE_SEALED)) == NULL)
		err = fault_set(fault, ERR_NOMEM, "", "too little memory");
	else
		err = read_members(b, zip, &frame, fault);
	if (err == ERR_OK) {
		*out = b;
		b = NULL;
	}
out:
	if (zip != NULL)
		zip_discard(zip);
	bundle_free(b);
	bundle_frame_free(&frame);
	zip_error_fini(&ze);
	return (err);
}
