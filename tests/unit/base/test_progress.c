#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/progress.h"

/* A terminal: what is written to slave is read from master. */
static int master = -1;
static FILE *slave;
static struct clock_fake fake;

static int
set_up(void **state)
{
	(void)state;
	master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = fopen(ptsname(master), "r+");
	assert_non_null(slave);
	assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
	fake = (struct clock_fake){ .mono_ms = 5000 };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fclose(slave);
	close(master);
	return 0;
}

/* All that reached the terminal since the last time. */
static const char *
seen(void)
{
	static char text[1024];
	ssize_t n = read(master, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void
silent_for_a_second_then_now_and_then(void **state)
{
	struct progress p;
	(void)state;

	progress_begin(&p, "judging", clock_faked(&fake), slave);
	progress_at(&p, 10, 100);
	clock_advance(&fake, 999);
	progress_at(&p, 20, 100);
	assert_string_equal(seen(), "");
	clock_advance(&fake, 1);
	progress_at(&p, 25, 100);
	assert_string_equal(seen(),
	    "\rjudging: 25 %, 25 a second, 3 s left\r");
	clock_advance(&fake, 100);
	progress_at(&p, 30, 100);
	assert_string_equal(seen(), "");
	clock_advance(&fake, 900);
	progress_at(&p, 100, 100);
	assert_string_equal(seen(),
	    "\rjudging: 100 %, 50 a second, 0 s left\r");
}

static void
gone_at_the_end(void **state)
{
	struct progress p;
	(void)state;

	progress_begin(&p, "reading", clock_faked(&fake), slave);
	clock_advance(&fake, 2000);
	progress_at(&p, 1000, 0);
	assert_string_equal(seen(), "\rreading: 1000, 500 a second\r");
	clock_advance(&fake, 1000);
	progress_at(&p, 3, 0);
	assert_string_equal(seen(), "\rreading: 3, 1 a second     \r");
	progress_end(&p);
	assert_string_equal(seen(), "\r" "                      " "\r");
	progress_end(&p);
	assert_string_equal(seen(), "");
}

static void
nothing_where_nobody_watches(void **state)
{
	FILE *file = tmpfile();
	struct progress p;
	(void)state;

	assert_non_null(file);
	progress_begin(&p, "judging", clock_faked(&fake), file);
	clock_advance(&fake, 5000);
	progress_at(&p, 25, 100);
	progress_end(&p);
	fflush(file);
	assert_int_equal(ftell(file), 0);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    silent_for_a_second_then_now_and_then, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gone_at_the_end, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(nothing_where_nobody_watches,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
