/* report: see report.h. */
#include "relay/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/show.h"

/* Hex is for programs; people compare its beginning. */
#define HEX_SHOWN 16
#define KEY_WIDTH 22

/* Is it long and nothing but hex? */
static bool
is_hex(const char *s)
{
	return strlen(s) > HEX_SHOWN &&
	    strspn(s, "0123456789abcdef") == strlen(s);
}

static const char *
shorten(const char *s, char out[HEX_SHOWN + 4])
{
	if (!is_hex(s))
		return s;
	(void)snprintf(out, HEX_SHOWN + 4, "%.*s...", HEX_SHOWN, s);
	return out;
}

static void
print_value(const struct json_cur *v)
{
	struct buf text = buf_init(1024);
	char hex[HEX_SHOWN + 4];
	const char *s;

	if (json_is_int(v)) {
		(void)printf("%" PRId64 "\n", json_as_int(v));
	} else if (json_is_str(v)) {
		s = shorten(json_as_str(v), hex);
		show_text(&text, s, strlen(s));
		(void)printf("%s\n", buf_text(&text));
	}
	buf_free(&text);
}

void
report_facts(const struct json *v)
{
	struct json_fault fault = { 0 };
	struct json_cur root = json_root(v, &fault), one;
	char name[KEY_WIDTH + 1];
	const char *key;
	size_t i, c;

	for (i = 0; (key = json_key(&root, i)) != NULL; i++) {
		(void)snprintf(name, sizeof(name), "%s", key);
		for (c = 0; name[c] != '\0'; c++)
			if (name[c] == '_')
				name[c] = ' ';
		(void)printf("%-*s", KEY_WIDTH, name);
		one = json_get(&root, key);
		if (json_is_bool(&one))
			(void)printf("%s\n", json_bool(&root, key) ? "yes" :
			    "no");
		else
			print_value(&one);
	}
}

/* A party: its name, what is said of it, and the ids `block` takes. */
static void
print_party(struct show_table *t, const struct json_cur *pair,
    const char *letter)
{
	struct json_cur party = json_get(pair, letter);
	struct json_cur list = json_get(&party, "transport"), one;
	size_t i, n = json_len(&list);

	show_cell(t, "  %s", json_str_or(&party, "name", "-"));
	show_cell(t, "agency");
	show_cell(t, "%s", json_str_or(&party, "agency", "-"));
	show_cell(t, "%s", json_bool_or(&party, "blocked", false) ?
	    "blocked" : "");
	show_cell(t, "%s", "");
	show_cell(t, "signs with");
	show_cell(t, "%s", json_str_or(&party, "kid", "-"));
	show_cell(t, "key statement %" PRId64,
	    json_int_or(&party, "ks_seq", 0));
	for (i = 0; i < n; i++) {
		one = json_at(&list, i);
		show_cell(t, "%s", "");
		show_cell(t, "connects with");
		show_cell(t, "%s", json_str_or(&one, "kid", "-"));
		show_cell(t, "%s", "");
	}
}

static void
print_pair(struct show_table *t, const struct json_cur *pair)
{
	show_cell(t, "charter %" PRId64, json_int_or(pair, "number", 0));
	show_cell(t, "pair");
	/* Its first half is what `block` goes by. */
	show_cell(t, "%.32s", json_str_or(pair, "pair", "-"));
	show_cell(t, "%s", json_bool_or(pair, "blocked", false) ?
	    "blocked" : "");
	print_party(t, pair, "a");
	print_party(t, pair, "b");
}

static void
print_witnesses(const struct json_cur *root)
{
	static const char *const heads[] = { "WITNESS", "KEY", "COSIGNED",
		"AT" };
	struct json_cur list = json_get(root, "witnesses"), one;
	struct show_table *t;
	size_t i, n = json_len(&list);

	if (n == 0)
		return;
	t = show_table_new(heads, 4);
	for (i = 0; i < n; i++) {
		one = json_at(&list, i);
		show_cell(t, "%s", json_str_or(&one, "name", "-"));
		show_cell(t, "%.16s...", json_str_or(&one, "key", "-"));
		show_cell(t, "%" PRId64, json_int_or(&one, "cosigned", 0));
		show_cell(t, "%s", json_str_or(&one, "at", "never"));
	}
	show_table_print(t, stdout);
	show_table_free(&t);
}

void
report_witnesses(const struct json *v)
{
	struct json_fault fault = { 0 };
	struct json_cur root = json_root(v, &fault);

	print_witnesses(&root);
}

static void
print_forks(const struct json_cur *root)
{
	static const char *const heads[] = { "FORK ON CHANNEL", "FROM SEQ",
		"AGAINST ENTRY", "BYTES" };
	struct json_cur list = json_get(root, "forks"), one;
	struct show_table *t;
	size_t i, n = json_len(&list);

	if (n == 0)
		return;
	t = show_table_new(heads, 4);
	for (i = 0; i < n; i++) {
		one = json_at(&list, i);
		show_cell(t, "%s", json_str_or(&one, "channel", "-"));
		show_cell(t, "%" PRId64, json_int_or(&one, "first_seq", 0));
		show_cell(t, "%" PRId64, json_int_or(&one, "against", 0));
		show_cell(t, "%" PRId64, json_int_or(&one, "bytes", 0));
	}
	show_table_print(t, stdout);
	show_table_free(&t);
}

void
report_list(const struct json *v)
{
	static const char *const heads[] = { "PAIR", "", "ID", "" };
	struct json_fault fault = { 0 };
	struct json_cur root = json_root(v, &fault), one;
	struct json_cur pairs = json_get(&root, "pairs");
	struct json_cur blocks = json_get(&root, "blocked");
	struct show_table *t;
	size_t i, n = json_len(&pairs);

	if (n == 0)
		(void)printf("no pair is admitted\n");
	if (n > 0) {
		t = show_table_new(heads, 4);
		for (i = 0; i < n; i++) {
			one = json_at(&pairs, i);
			print_pair(t, &one);
		}
		show_table_print(t, stdout);
		show_table_free(&t);
	}
	print_witnesses(&root);
	for (i = 0; i < json_len(&blocks); i++) {
		one = json_at(&blocks, i);
		(void)printf("blocked: %s\n", json_as_str(&one));
	}
	print_forks(&root);
}
