#include "unit.h"

#include <ctype.h>

#include "base/err.h"

static void
table_is_sound(void **state)
{
	const struct err_info *e, *before = NULL;
	unsigned i;
	const char *c;
	size_t len;

	(void)state;
	for (i = 0; (e = err_at(i)) != NULL; i++) {
		assert_ptr_equal(err_info(e->code), e);
		assert_ptr_equal(err_find(e->name), e);
		assert_true(before == NULL || before->code < e->code);
		for (c = e->name; *c != '\0'; c++)
			assert_true(islower(*c) || *c == '_');
		assert_true((e->exit == 0) == (e->code == ERR_OK));
		/* One sentence each. */
		len = strlen(e->text);
		assert_true(len > 5 && e->text[len - 1] == '.');
		assert_null(strstr(e->text, ". "));
		len = strlen(e->next);
		assert_true(len > 5 && (e->next[len - 1] == '.'));
		assert_null(strstr(e->next, ". "));
		before = e;
	}
}

/* Every number of the enum has its row: read from the header itself. */
static void
table_is_complete(void **state)
{
	FILE *f = fopen("base/err.h", "r");
	unsigned code, rows = 0, found = 0;
	char line[200];

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, " ERR_%*[A-Z_] = %u", &code) != 1)
			continue;
		found++;
		assert_int_equal(err_info((enum err)code)->code, code);
	}
	fclose(f);
	while (err_at(rows) != NULL)
		rows++;
	assert_true(found > 80);
	assert_int_equal(rows, found);
}

static void
exit_codes(void **state)
{
	(void)state;
	assert_int_equal(err_exit(ERR_OK), 0);
	assert_int_equal(err_exit(ERR_USAGE), 2);
	assert_int_equal(err_exit(ERR_CONF), 2);
	assert_int_equal(err_exit(ERR_NO_TERMINAL), 2);
	assert_int_equal(err_exit(ERR_SIGNATURE), 3);
	assert_int_equal(err_exit(ERR_TRUNCATED), 3);
	assert_int_equal(err_exit(ERR_VERIFY), 3);
	assert_int_equal(err_exit(ERR_INCOMPLETE), 4);
	assert_int_equal(err_exit(ERR_NOTFOUND), 5);
	assert_int_equal(err_exit(ERR_UNREACHABLE), 6);
	assert_int_equal(err_exit(ERR_TIMEOUT), 6);
	assert_int_equal(err_exit(ERR_STATE), 7);
	assert_int_equal(err_exit(ERR_FORK), 7);
	assert_int_equal(err_exit(ERR_HEAD_MOVED), 7);
	assert_int_equal(err_exit(ERR_BLOCKED), 7);
	assert_int_equal(err_exit(ERR_PAIRING), 8);
	assert_int_equal(err_exit(ERR_ROLLBACK), 9);
	assert_int_equal(err_exit(ERR_CLONE), 9);
	assert_int_equal(err_exit(ERR_STORAGE), 74);
	assert_int_equal(err_exit(ERR_BUSY), 75);
	assert_int_equal(err_exit(ERR_QUOTA), 75);
	assert_int_equal(err_exit(ERR_DRAINING), 75);
}

static void
finds_and_survives_strangers(void **state)
{
	(void)state;
	assert_int_equal(err_find("103")->code, ERR_FORK);
	assert_int_equal(err_find("fork")->code, ERR_FORK);
	assert_null(err_find("9999"));
	assert_null(err_find(""));
	assert_null(err_find("-1"));
	assert_null(err_find("forks"));
	assert_non_null(err_info((enum err)9999));
	assert_int_equal(err_exit((enum err)9999), 1);
	assert_string_equal(err_name((enum err)9999), "unknown");
}

static void
peers_learn_little(void **state)
{
	(void)state;
	assert_int_equal(err_wire(ERR_DECRYPT), ERR_SIGNATURE);
	assert_int_equal(err_wire(ERR_PROOF), ERR_SIGNATURE);
	assert_int_equal(err_wire(ERR_NOMEM), ERR_FAIL);
	assert_int_equal(err_wire(ERR_STORAGE), ERR_FAIL);
	assert_int_equal(err_wire(ERR_BUSY), ERR_BUSY);
	assert_int_equal(err_wire(ERR_FORK), ERR_FORK);
	assert_int_equal(err_wire(ERR_OK), ERR_OK);
	assert_int_equal(err_wire(ERR_TRUNCATED), ERR_TRUNCATED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test(table_is_complete),
		cmocka_unit_test(exit_codes),
		cmocka_unit_test(finds_and_survives_strangers),
		cmocka_unit_test(peers_learn_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
