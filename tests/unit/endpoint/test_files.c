/*
 * files: split into envelopes and joined again, in any order, at awkward
 * sizes; what does not keep its manifest's promise is never complete.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "endpoint/files.h"
#include "proto/chunk.h"
#include "proto/fields.h"
#include "proto/notice.h"
#include "tests/unit/endpoint/fake_agent.h"

static struct agent *a, *b;

static int
setup(void **state)
{
	(void)state;
	fake_pair(&a, &b);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_free(&a);
	fake_free(&b);
	return 0;
}

static struct files_ref
send_file(size_t size, struct id *case_id)
{
	uint8_t *bytes = malloc(size);
	struct files_ref ref;
	char path[128];

	memset(case_id, 7, sizeof(*case_id));
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 131 + i / 251);
	snprintf(path, sizeof(path), "%s/evidence.bin", fake_home(a));
	assert_int_equal(file_replace(path, bytes, size, 0600), ERR_OK);
	assert_int_equal(files_send(a, fake_the_pair(a), case_id, path,
			     "text/plain", &ref),
	    ERR_OK);
	assert_int_equal(ref.size, size);
	assert_string_equal(ref.name, "evidence.bin");
	free(bytes);
	return ref;
}

static void
check_arrived(const struct files_ref *ref, size_t size)
{
	struct buf got = buf_init(FILES_SIZE_MAX);
	struct files_state st;
	struct hash sum;
	char *path;

	assert_int_equal(files_state(b, 1, false, &ref->file_id, &st), ERR_OK);
	assert_int_equal(st.fault, ERR_OK);
	assert_true(st.complete);
	assert_int_equal(st.have, size);
	path = files_path(b, 1, &ref->file_id);
	assert_int_equal(file_load(path, FILES_SIZE_MAX, &got), ERR_OK);
	sum = hash_of(got.p, got.len);
	assert_int_equal(got.len, size);
	assert_true(hash_eq(&sum, &ref->sha256));
	buf_free(&got);
	free(path);
}

static void
test_files_of_all_sizes(void **state)
{
	static const size_t sizes[] = {
	    1, 4000, 64000, 64512, 65000, 65536, 200001};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct id case_id;
		struct files_ref ref = send_file(sizes[i], &case_id);

		fake_carry(a);
		check_arrived(&ref, sizes[i]);
	}
}

static void
test_file_pieces_in_any_order(void **state)
{
	struct files_state st;
	struct id case_id;
	struct files_ref ref = send_file(200001, &case_id);

	(void)state;
	fake_carry_one(a, 4);	/* the last chunk, before its manifest */
	fake_carry_one(a, 2);
	assert_int_equal(files_state(b, 1, false, &ref.file_id, &st), ERR_OK);
	assert_false(st.complete);
	fake_carry_one(a, 0);
	fake_carry_one(a, 0);
	assert_int_equal(files_state(b, 1, false, &ref.file_id, &st), ERR_OK);
	assert_false(st.complete);
	fake_carry_one(a, 0);
	check_arrived(&ref, 200001);
}

/* A chunk that is not what the manifest promised. */
static void
test_file_with_wrong_sum(void **state)
{
	struct notice_outline o = {.type = NOTICE_FILE};
	struct buf outline = buf_init(OUTLINE_MAX), m = buf_init(4096);
	uint8_t value[CHUNK_HEAD_BYTES + 4], out[8192];
	struct chunk_manifest manifest = {.size = 4, .name = "x.txt",
	    .media_type = "text/plain"};
	struct chunk chunk = {.bytes = {(const uint8_t *)"abcd", 4}};
	struct fields fields = {0};
	struct files_state st;
	struct wr wr;

	(void)state;
	memset(&manifest.file_id, 9, sizeof(manifest.file_id));
	memset(&manifest.sha256, 1, sizeof(manifest.sha256));
	chunk.file_id = manifest.file_id;
	wr = wr_init(value, sizeof(value));
	chunk_encode(&wr, &chunk);
	assert_int_equal(notice_outline_encode(&outline, &o), ERR_OK);
	assert_int_equal(chunk_manifest_encode(&m, &manifest), ERR_OK);
	fields_add(&fields, FIELD_OUTLINE, buf_view(&outline));
	fields_add(&fields, FIELD_CHUNK, (struct view){value, wr.len});
	fields_add(&fields, FIELD_MANIFEST, buf_view(&m));
	wr = wr_init(out, sizeof(out));
	fields_encode(&wr, &fields);
	fake_inject(b, 2, out, wr.len);
	assert_int_equal(
	    files_state(b, 1, false, &manifest.file_id, &st), ERR_OK);
	assert_false(st.complete);
	assert_int_equal(st.fault, ERR_VERIFY);
	buf_free(&m);
	buf_free(&outline);
}

static void
test_what_cannot_be_sent(void **state)
{
	struct id case_id = {{0}};
	struct files_ref ref;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/empty", fake_home(a));
	assert_int_equal(file_replace(path, "", 0, 0600), ERR_OK);
	assert_int_equal(
	    files_send(a, fake_the_pair(a), &case_id, path, NULL, &ref),
	    ERR_ENCODING);
	assert_int_equal(files_send(a, fake_the_pair(a), &case_id,
			     "/nowhere/at/all", NULL, &ref),
	    ERR_NOTFOUND);
	assert_int_equal(fake_carry(a), 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_files_of_all_sizes),
	    T(test_file_pieces_in_any_order),
	    T(test_file_with_wrong_sum),
	    T(test_what_cannot_be_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
