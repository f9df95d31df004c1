/* arena: its limit holds, its memory is zeroed, apart and aligned. */
#include "helper.h"
#include "proto/arena.h"

static void
gives_up_at_its_limit(void **state)
{
	struct arena arena = arena_init(1000);

	(void)state;
	assert_non_null(arena_alloc(&arena, 500));
	assert_false(arena.full);
	assert_null(arena_alloc(&arena, 500));	/* 512 are used up */
	assert_true(arena.full);
	assert_non_null(arena_alloc(&arena, 480));
	assert_null(arena_alloc(&arena, 1));
	arena_free(&arena);
	assert_false(arena.full);
	assert_non_null(arena_alloc(&arena, 1000 - 1000 % 16));
	arena_free(&arena);
}

static void
refuses_sizes_that_overflow(void **state)
{
	struct arena arena = arena_init(1 << 20);

	(void)state;
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - 8));
	assert_null(arena_array(&arena, SIZE_MAX / 4, 8));
	assert_null(arena_array(&arena, 1 << 20, 2));
	assert_true(arena.full);
	assert_non_null(arena_array(&arena, 0, 8));
	arena_free(&arena);
}

static void
gives_zeroed_memory_apart(void **state)
{
	struct arena arena = arena_init(1 << 22);
	unsigned char *p[300];

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		p[i] = arena_alloc(&arena, i * 7);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(p[i][k], 0);
		memset(p[i], (int)(i & 0xff) | 1, i * 7);
	}
	for (size_t i = 0; i < 300; i++) {
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(p[i][k], (i & 0xff) | 1);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_up_at_its_limit),
		cmocka_unit_test(refuses_sizes_that_overflow),
		cmocka_unit_test(gives_zeroed_memory_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
