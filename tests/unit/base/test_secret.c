#include "unit.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "base/secret.h"

static void
new_is_zero_and_free_wipes(void **state)
{
	struct secret *s = secret_new(48);
	uint8_t *p;
	size_t i;

	(void)state;
	assert_non_null(s);
	assert_int_equal(secret_len(s), 48);
	p = secret_bytes(s);
	for (i = 0; i < 48; i++)
		assert_int_equal(p[i], 0);
	memset(p, 0x5a, 48);
	secret_free(&s);
	assert_null(s);
	/* The arena stays mapped: what was there must be gone. */
	for (i = 0; i < 48; i++)
		assert_int_equal(p[i], 0);
	secret_free(&s);
	assert_int_equal(secret_len(NULL), 0);
	assert_null(secret_bytes(NULL));
}

static void
trim_wipes_the_rest(void **state)
{
	struct secret *s = secret_copy("passphrase\n", 11);
	const uint8_t *p = secret_read(s);

	(void)state;
	secret_trim(s, 10);
	assert_int_equal(secret_len(s), 10);
	assert_memory_equal(p, "passphrase", 10);
	assert_int_equal(p[10], 0);
	secret_free(&s);
}

static void
secrets_do_not_overlap(void **state)
{
	struct secret *s[200];
	size_t round, i, k, len;

	(void)state;
	memset(s, 0, sizeof(s));
	for (round = 0; round < 20; round++) {
		for (i = round % 3; i < 200; i += 3) {
			secret_free(&s[i]);
			len = 1 + (i * 37 + round * 101) % 700;
			s[i] = secret_new(len);
			assert_non_null(s[i]);
			memset(secret_bytes(s[i]), (int)i, len);
		}
		for (i = 0; i < 200; i++)
			for (k = 0; k < secret_len(s[i]); k++)
				assert_int_equal(secret_bytes(s[i])[k],
				    (uint8_t)i);
	}
	for (i = 0; i < 200; i++)
		secret_free(&s[i]);
}

static void
arena_has_an_end(void **state)
{
	struct secret *s[32];
	size_t i, n = 0;

	(void)state;
	assert_null(secret_new(0));
	assert_null(secret_new(SECRET_MAX + 1));
	for (i = 0; i < 32; i++) {
		s[i] = secret_new(SECRET_MAX);
		n += s[i] != NULL;
	}
	/* One place may be lost to where the last search ended. */
	assert_in_range(n, SECRET_ARENA_BYTES / SECRET_MAX - 1,
	    SECRET_ARENA_BYTES / SECRET_MAX);
	for (i = 0; i < 32; i++)
		secret_free(&s[i]);
	s[0] = secret_new(SECRET_MAX);
	assert_non_null(s[0]);
	secret_free(&s[0]);
}

static void
no_core_and_no_room_by_name(void **state)
{
	struct rlimit lim;
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(secret_start(), ERR_OK);
	assert_int_equal(getrlimit(RLIMIT_CORE, &lim), 0);
	assert_int_equal(lim.rlim_cur, 0);
	/* A privileged process may lock without limit: nothing to see. */
	if (geteuid() == 0)
		return;
	pid = fork();
	if (pid == 0) {
		lim = (struct rlimit){ 4096, 4096 };
		setrlimit(RLIMIT_MEMLOCK, &lim);
		execl("/proc/self/exe", "test", "start", (char *)NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), ERR_NOMEM);
}

static void
compare_wipe_random(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	secret_random(a, 32);
	memcpy(b, a, 32);
	assert_true(secret_eq(a, b, 32));
	b[31] ^= 1;
	assert_false(secret_eq(a, b, 32));
	random_bytes(b, 32);
	assert_memory_not_equal(a, b, 32);
	secret_wipe(a, 32);
	memset(b, 0, 32);
	assert_memory_equal(a, b, 32);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_is_zero_and_free_wipes),
		cmocka_unit_test(trim_wipes_the_rest),
		cmocka_unit_test(secrets_do_not_overlap),
		cmocka_unit_test(arena_has_an_end),
		cmocka_unit_test(no_core_and_no_room_by_name),
		cmocka_unit_test(compare_wipe_random),
	};

	if (argc > 1 && strcmp(argv[1], "start") == 0)
		return (int)secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
