#include "unit.h"

#include "base/conf.h"
#include "base/file.h"

static const struct conf_key keys[] = {
	{ "", "name", CONF_TEXT, true, 0, 0, NULL, "who" },
	{ "", "store", CONF_PATH, false, 0, 0, "store.db", "where" },
	{ "relay", "port", CONF_INT, false, 1, 65535, "4711", "port" },
	{ "relay", "tiles", CONF_BOOL, false, 0, 0, "no", "serve tiles" },
	{ "relay", "peer", CONF_LIST, false, 0, 0, NULL, "peers" },
	{ NULL, NULL, CONF_TEXT, false, 0, 0, NULL, NULL },
};

static char *dir;
static char path[512];

static enum err
load(struct conf **conf, const char *text)
{
	assert_int_equal(file_replace(path, text, strlen(text), 0600), ERR_OK);
	return conf_load(conf, path, keys);
}

static void
values_and_defaults(void **state)
{
	struct conf *c;
	char want[600];

	(void)state;
	assert_int_equal(load(&c, "# a comment\nname = Agency A\n"
		"[relay]\nport = 99\npeer = one\npeer = two\n"), ERR_OK);
	assert_string_equal(conf_text(c, "", "name"), "Agency A");
	snprintf(want, sizeof(want), "%s/store.db", dir);
	assert_string_equal(conf_text(c, "", "store"), want);
	assert_int_equal(conf_int(c, "relay", "port"), 99);
	assert_false(conf_bool(c, "relay", "tiles"));
	assert_string_equal(conf_list(c, "relay", "peer", 0), "one");
	assert_string_equal(conf_list(c, "relay", "peer", 1), "two");
	assert_null(conf_list(c, "relay", "peer", 2));
	conf_free(&c);
	assert_null(c);
	assert_int_equal(load(&c, "name = x\nstore = /abs\n[relay]\n"
		"tiles = yes\n"), ERR_OK);
	assert_string_equal(conf_text(c, "", "store"), "/abs");
	assert_int_equal(conf_int(c, "relay", "port"), 4711);
	assert_true(conf_bool(c, "relay", "tiles"));
	assert_null(conf_list(c, "relay", "peer", 0));
	conf_free(&c);
}

static void
mistakes_are_fatal(void **state)
{
	static const char *const bad[] = {
		"",				/* name is missing */
		"name = x\nnmae = y\n",		/* unknown */
		"name = x\nport = 1\n",		/* in another section */
		"name = x\nname = y\n",		/* twice */
		"name = x\n[relay]\nport = 0\n",
		"name = x\n[relay]\nport = 65536\n",
		"name = x\n[relay]\nport = 1x\n",
		"name = x\n[relay]\nport =\n",
		"name = x\n[relay]\ntiles = true\n",
		"name = x\nnonsense\n",
		"name = x\n[relay\n",
	};
	struct conf *c;
	char line[5000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(&c, bad[i]), ERR_CONF);
		assert_null(c);
	}
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "name = ", 7);
	line[sizeof(line) - 1] = '\0';
	line[4998] = '\n';
	assert_int_equal(load(&c, line), ERR_CONF);
	unlink(path);
	assert_int_equal(conf_load(&c, path, keys), ERR_NOTFOUND);
}

/* The place of a mistake is told: file and line. */
static void
says_where(void **state)
{
	struct conf *c;
	char said[2000] = "", want[600];
	int fds[2], old;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	old = dup(2);
	dup2(fds[1], 2);
	load(&c, "name = x\n\nnmae = y\n");
	dup2(old, 2);
	close(old);
	close(fds[1]);
	assert_true(read(fds[0], said, sizeof(said) - 1) > 0);
	close(fds[0]);
	snprintf(want, sizeof(want), "%s:3: unknown key 'nmae'", path);
	assert_non_null(strstr(said, want));
}

static int
set_up(void **state)
{
	(void)state;
	dir = unit_folder();
	snprintf(path, sizeof(path), "%s/x.conf", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unit_folder_remove(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_defaults),
		cmocka_unit_test(mistakes_are_fatal),
		cmocka_unit_test(says_where),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
