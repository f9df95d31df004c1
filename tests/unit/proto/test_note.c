/* note: checkpoints, signature lines, cosignatures. */
#include "helper.h"
#include "proto/note.h"

static const uint8_t key[KEY_BYTES] = {7}, witness[KEY_BYTES] = {8};

static void
write_one(struct buf *out, struct note_checkpoint *cp)
{
	struct note_sig sig[2];
	struct buf body = buf_init(NOTE_MAX);
	uint8_t blob[NOTE_COSIG_BYTES];

	memset(blob, 0x5a, sizeof(blob));
	*cp = (struct note_checkpoint){.origin = "relay.one/01020304",
	    .size = 4711, .root = hash_filled(0xab)};
	assert_int_equal(note_checkpoint_write(&body, cp), ERR_OK);
	assert_int_equal(note_sig_set(&sig[0], NOTE_ED25519, cp->origin, key,
	    blob, SIG_BYTES), ERR_OK);
	assert_int_equal(note_sig_set(&sig[1], NOTE_COSIGNATURE, "w.example/1",
	    witness, blob, NOTE_COSIG_BYTES), ERR_OK);
	assert_int_equal(note_write(out, buf_view(&body), sig, 2), ERR_OK);
	buf_free(&body);
}

static void
comes_back_whole(void **state)
{
	struct buf out = buf_init(NOTE_MAX);
	struct note_checkpoint cp, back;
	const struct note_sig *sig;
	uint8_t id[4];
	struct note note;

	(void)state;
	write_one(&out, &cp);
	assert_int_equal(note_parse(&note, buf_view(&out)), ERR_OK);
	assert_int_equal(note.sig_count, 2);
	assert_int_equal(note_checkpoint_parse(&back, note.body), ERR_OK);
	assert_string_equal(back.origin, cp.origin);
	assert_int_equal(back.size, 4711);
	assert_true(hash_eq(&back.root, &cp.root));
	note_key_id(id, NOTE_ED25519, cp.origin, key);
	sig = note_find(&note, cp.origin, id);
	assert_non_null(sig);
	assert_int_equal(sig->sig_len, SIG_BYTES);
	assert_int_equal(note_cosig_time(sig), 0);
	note_key_id(id, NOTE_COSIGNATURE, "w.example/1", witness);
	sig = note_find(&note, "w.example/1", id);
	assert_non_null(sig);
	assert_true(note_cosig_time(sig) == 0x5a5a5a5a5a5a5a5a);
	assert_null(note_find(&note, cp.origin, id));
	buf_free(&out);
}

static void
passes_over_unknown_algorithms(void **state)
{
	struct buf out = buf_init(NOTE_MAX);
	struct note_checkpoint cp;
	struct note note;

	(void)state;
	write_one(&out, &cp);
	buf_str(&out, "\xe2\x80\x94 other AAAAAAAA\n");
	assert_int_equal(note_parse(&note, buf_view(&out)), ERR_OK);
	assert_int_equal(note.sig_count, 2);
	buf_free(&out);
}

static void
refuses(const char *text, enum err want)
{
	struct note note;

	assert_int_equal(note_parse(&note, view_of(text)), want);
}

static void
refuses_what_is_no_note(void **state)
{
	char many[NOTE_MAX + 2];

	(void)state;
	refuses("", ERR_SYNTAX);
	refuses("\n\n", ERR_SYNTAX);
	refuses("text\n", ERR_SYNTAX);
	refuses("text\n\n", ERR_COUNT);
	refuses("text\n\nno dash\n", ERR_SYNTAX);
	refuses("text\n\n\xe2\x80\x94 name\n", ERR_SYNTAX);
	refuses("text\n\n\xe2\x80\x94 name AAAA\n", ERR_SYNTAX);
	refuses("text\n\n\xe2\x80\x94 na+me AAAAAAAA\n", ERR_SYNTAX);
	refuses("text\n\n\xe2\x80\x94 name AAAAAAA\n", ERR_SYNTAX);
	refuses("text\n\n\xe2\x80\x94 name AAAAAAAA", ERR_SYNTAX);
	refuses("te\xff\n\n\xe2\x80\x94 name AAAAAAAA\n", ERR_SYNTAX);
	memset(many, 'x', sizeof(many));
	many[NOTE_MAX + 1] = '\0';
	refuses(many, ERR_TOO_BIG);
}

static void
refuses_too_many_lines(void **state)
{
	struct buf out = buf_init(NOTE_MAX);
	struct note note;

	(void)state;
	buf_str(&out, "text\n\n");
	for (unsigned i = 0; i < NOTE_SIGS_MAX; i++)
		buf_fmt(&out, "\xe2\x80\x94 name%u AAAAAAAA\n", i);
	assert_int_equal(note_parse(&note, buf_view(&out)), ERR_OK);
	buf_str(&out, "\xe2\x80\x94 more AAAAAAAA\n");
	assert_int_equal(note_parse(&note, buf_view(&out)), ERR_COUNT);
	buf_free(&out);
}

static void
checkpoint_is_three_lines(void **state)
{
	static const char root[] =
	    "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=";
	static const char *const bad[] = {
		"o\n1\n%s", "o\n1\n%s\nextra\n", "o\n01\n%s\n", "o\n-1\n%s\n",
		"o\n\n%s\n", "\n1\n%s\n", "a b\n1\n%s\n", "o\n1\n%s=\n",
		"o\n9223372036854775808\n%s\n",
	};
	struct note_checkpoint cp;
	struct buf text = buf_init(1024);

	(void)state;
	buf_fmt(&text, "o\n9223372036854775807\n%s\n", root);
	assert_int_equal(note_checkpoint_parse(&cp, buf_view(&text)), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *at = strstr(bad[i], "%s");

		buf_reset(&text);
		buf_put(&text, bad[i], (size_t)(at - bad[i]));
		buf_str(&text, root);
		buf_str(&text, at + 2);
		assert_int_equal(note_checkpoint_parse(&cp, buf_view(&text)),
		    ERR_SYNTAX);
	}
	buf_free(&text);
}

static void
origins_and_cosigned_text(void **state)
{
	struct hash log = {{0xde, 0xad, 0xbe, 0xef, 1}};
	struct buf out = buf_init(256);
	char origin[NOTE_NAME_MAX + 1], longest[NAME_MAX_BYTES + 2];

	(void)state;
	assert_int_equal(note_origin(origin, "relay.one", &log), ERR_OK);
	assert_string_equal(origin, "relay.one/deadbeef");
	memset(longest, 'r', sizeof(longest));
	longest[NAME_MAX_BYTES + 1] = '\0';
	assert_int_equal(note_origin(origin, longest, &log), ERR_TOO_BIG);
	assert_int_equal(note_cosigned(&out, 1790000000, view_of("o\n1\nr\n")),
	    ERR_OK);
	assert_string_equal(buf_text(&out),
	    "cosignature/v1\ntime 1790000000\no\n1\nr\n");
	buf_free(&out);
}

static void
verifier_keys(void **state)
{
	static const char *const wrong[] = {"", "+", "a+b+c", "w.example",
		"w.example+", "w.example+0123456", "w.example+01234567",
		"w.example+01234567+", "+01234567+AAAA",
		"w example+01234567+AAAA"};
	struct buf out = buf_init(256);
	char name[NOTE_NAME_MAX + 1], *text;
	uint8_t back[KEY_BYTES];

	(void)state;
	note_vkey_write(&out, NOTE_COSIGNATURE, "w.example/1", witness);
	text = (char *)(uintptr_t)buf_text(&out);
	assert_int_equal(note_vkey_parse(name, back, NOTE_COSIGNATURE, text),
	    ERR_OK);
	assert_string_equal(name, "w.example/1");
	assert_memory_equal(back, witness, KEY_BYTES);
	assert_int_equal(note_vkey_parse(name, back, NOTE_ED25519, text),
	    ERR_SYNTAX);
	text[13] = text[13] == '0' ? '1' : '0';
	assert_int_equal(note_vkey_parse(name, back, NOTE_COSIGNATURE, text),
	    ERR_SYNTAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(note_vkey_parse(name, back, NOTE_ED25519,
		    wrong[i]), ERR_SYNTAX);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_whole),
		cmocka_unit_test(passes_over_unknown_algorithms),
		cmocka_unit_test(refuses_what_is_no_note),
		cmocka_unit_test(refuses_too_many_lines),
		cmocka_unit_test(checkpoint_is_three_lines),
		cmocka_unit_test(origins_and_cosigned_text),
		cmocka_unit_test(verifier_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
