/* chunk: pieces, manifests, and names that stay one path component. */
#include "helper.h"
#include "proto/chunk.h"

static void
pieces(void **state)
{
	static uint8_t value[CHUNK_HEAD_BYTES + CHUNK_BYTES_MAX + 1];
	struct chunk chunk = {
		.file_id = id_filled(6), .offset = 1ull << 40,
		.bytes = view_of("abc"),
	}, back;
	struct wr wr = wr_init(value, sizeof(value));

	(void)state;
	chunk_encode(&wr, &chunk);
	assert_int_equal(wr.len, CHUNK_HEAD_BYTES + 3);
	assert_int_equal(chunk_decode(&back, (struct view){value, wr.len}),
	    ERR_OK);
	assert_int_equal(back.offset, 1ull << 40);
	assert_memory_equal(back.bytes.p, "abc", 3);
	assert_int_equal(chunk_decode(&back,
	    (struct view){value, CHUNK_HEAD_BYTES}), ERR_COUNT);
	assert_int_equal(chunk_decode(&back,
	    (struct view){value, CHUNK_HEAD_BYTES - 1}), ERR_TRUNCATED);
	assert_int_equal(chunk_decode(&back,
	    (struct view){value, sizeof(value)}), ERR_TOO_BIG);
	memset(value + ID_BYTES, 0xff, 8);
	assert_int_equal(chunk_decode(&back, (struct view){value, wr.len}),
	    ERR_SEQ);
}

static void
manifests(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf out = buf_init(4096);
	struct chunk_manifest m = {
		.file_id = id_filled(6), .size = 99, .sha256 = hash_filled(8),
		.name = "\xe8\xaf\x81\xe6\x8d\xae.pdf",
		.media_type = "application/pdf",
	}, back;

	(void)state;
	assert_int_equal(chunk_manifest_encode(&out, &m), ERR_OK);
	assert_int_equal(chunk_manifest_decode(&back, buf_view(&out), &arena),
	    ERR_OK);
	assert_string_equal(back.name, m.name);
	assert_int_equal(back.size, 99);
	assert_true(id_is_zero(&back.case_id));
	buf_reset(&out);
	m.name = "../evil";
	assert_int_equal(chunk_manifest_encode(&out, &m), ERR_MESSAGE);
	m.name = "\xff.pdf";
	assert_int_equal(chunk_manifest_encode(&out, &m), ERR_SYNTAX);
	m.name = NULL;
	assert_int_equal(chunk_manifest_encode(&out, &m), ERR_MESSAGE);
	arena_free(&arena);
	buf_free(&out);
}

static void
names(void **state)
{
	char longest[FILE_NAME_MAX + 2];

	(void)state;
	memset(longest, 'n', sizeof(longest));
	longest[FILE_NAME_MAX + 1] = '\0';
	assert_false(chunk_name_ok(longest));
	longest[FILE_NAME_MAX] = '\0';
	assert_true(chunk_name_ok(longest));
	assert_true(chunk_name_ok("a b.txt"));
	assert_true(chunk_name_ok("..."));
	assert_false(chunk_name_ok(""));
	assert_false(chunk_name_ok("."));
	assert_false(chunk_name_ok(".."));
	assert_false(chunk_name_ok("a/b"));
	assert_false(chunk_name_ok("a\\b"));
	assert_false(chunk_name_ok("a\nb"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(manifests),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
