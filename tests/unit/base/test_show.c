#include "unit.h"

#include "base/show.h"

static struct buf out;

static int
set_up(void **state)
{
	(void)state;
	out = buf_init(10000);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void
text_is_tamed(void **state)
{
	static const char s[] = "ok \xe6\xa1\x88\xe4\xbb\xb6 \x1b[31m\r\n"
	    "\xe2\x80\xae" "evil\xc2\x9b" "\xff\x7f\xef\xbb\xbf";

	(void)state;
	show_text(&out, s, sizeof(s) - 1);
	assert_string_equal(buf_text(&out), "ok \xe6\xa1\x88\xe4\xbb\xb6 "
	    "\\u{1B}[31m\\u{D}\\u{A}\\u{202E}evil\\u{9B}\\x{FF}\\u{7F}"
	    "\\u{FEFF}");
	buf_reset(&out);
	show_lines(&out, "a\nb\tc", 5, 2);
	assert_string_equal(buf_text(&out), "a\n  b\\u{9}c");
}

static void
csv_cells(void **state)
{
	static const char *const t[][2] = { { "", "\"\"" }, { "a", "\"a\"" },
		{ "say \"x\"", "\"say \"\"x\"\"\"" },
		{ "=1+1", "\"'=1+1\"" }, { "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" }, { "@x", "\"'@x\"" },
		{ "\tx", "\"'\tx\"" }, { "a=1", "\"a=1\"" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_reset(&out);
		show_csv(&out, t[i][0]);
		assert_string_equal(buf_text(&out), t[i][1]);
	}
}

static void
html(void **state)
{
	static const char s[] = "<b a='1'>&\"\x01";

	(void)state;
	show_html(&out, s, sizeof(s) - 1);
	assert_string_equal(buf_text(&out),
	    "&lt;b a=&#39;1&#39;&gt;&amp;&quot;\\u{1}");
}

static void
tables_align(void **state)
{
	static const char *const heads[] = { "CASE", "STATE" };
	struct show_table *t = show_table_new(heads, 2);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	show_cell(t, "%s", "\xe6\xa1\x88\xe4\xbb\xb6");
	show_cell(t, "%d", 7);
	show_cell(t, "%s", "a\x1b");
	show_cell(t, "%s", "b");
	show_table_print(t, f);
	fclose(f);
	assert_string_equal(text, "CASE     STATE\n"
	    "\xe6\xa1\x88\xe4\xbb\xb6     7\na\\u{1B}  b\n");
	free(text);
	show_table_free(&t);
	assert_null(t);
	assert_int_equal(show_columns("e\xcc\x81\xe6\xa1\x88"), 3);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(text_is_tamed),
		T(csv_cells),
		T(html),
		T(tables_align),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
