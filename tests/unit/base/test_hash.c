#include "unit.h"

#include "base/bytes.h"
#include "base/hash.h"

static void
is(const struct hash *h, const char *hex)
{
	char s[2 * HASH_BYTES + 1];

	hex_encode(s, h->b, HASH_BYTES);
	assert_string_equal(s, hex);
}

/* FIPS 180-2 appendix B, and RFC 6962's empty leaf. */
static void
known_values(void **state)
{
	struct hash h;

	(void)state;
	h = hash_of("abc", 3);
	is(&h, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	h = hash_of(NULL, 0);
	is(&h, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	h = hash_leaf(NULL, 0);
	is(&h, "6e340b9cffb37a989ca544e6bb780a2c"
	    "78901d3fb33738768511a30617afa01d");
}

static void
parts_make_the_whole(void **state)
{
	struct hasher st;
	struct hash a, b;
	struct id id;

	(void)state;
	hash_init(&st);
	hash_label(&st, "ab");
	hash_add(&st, "c", 1);
	hash_add(&st, NULL, 0);
	a = hash_final(&st);
	b = hash_of("ab\0c", 4);
	assert_true(hash_eq(&a, &b));
	b.b[31] ^= 1;
	assert_false(hash_eq(&a, &b));
	id = hash_id(&a);
	assert_memory_equal(id.b, a.b, ID_BYTES);
	assert_false(id_is_zero(&id));
	memset(&id, 0, sizeof(id));
	assert_true(id_is_zero(&id));
	memset(&b, 0, sizeof(b));
	assert_true(hash_is_zero(&b));
	b.b[0] = 1;
	assert_false(hash_is_zero(&b));
}

static void
node_has_its_own_prefix(void **state)
{
	uint8_t joined[1 + 2 * HASH_BYTES] = { 1 };
	struct hash l = hash_of("l", 1), r = hash_of("r", 1), n, want;

	(void)state;
	memcpy(joined + 1, l.b, HASH_BYTES);
	memcpy(joined + 1 + HASH_BYTES, r.b, HASH_BYTES);
	n = hash_node(&l, &r);
	want = hash_of(joined, sizeof(joined));
	assert_true(hash_eq(&n, &want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(parts_make_the_whole),
		cmocka_unit_test(node_has_its_own_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
