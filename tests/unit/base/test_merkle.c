#include "unit.h"

#include "base/bytes.h"
#include "base/merkle.h"

#define LEAVES 70

static struct hash leaves[LEAVES];

static int
set_up(void **state)
{
	uint8_t i;

	(void)state;
	for (i = 0; i < LEAVES; i++)
		leaves[i] = hash_leaf(&i, 1);
	return 0;
}

/* The definition of RFC 6962 section 2.1, word for word. */
static struct hash
by_definition(const struct hash *d, size_t n)
{
	struct hash l, r;
	size_t k = 1;

	if (n == 0)
		return hash_of(NULL, 0);
	if (n == 1)
		return d[0];
	while (2 * k < n)
		k *= 2;
	l = by_definition(d, k);
	r = by_definition(d + k, n - k);
	return hash_node(&l, &r);
}

/* The eight entries and roots of the certificate-transparency project's
 * reference tests for RFC 6962. */
static void
known_roots(void **state)
{
	static const struct {
		const char *p;
		size_t len;
	} in[8] = { { "", 0 }, { "\x00", 1 }, { "\x10", 1 }, { "\x20\x21", 2 },
		{ "\x30\x31", 2 }, { "\x40\x41\x42\x43", 4 },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d"
		  "\x6e\x6f", 16 } };
	static const char *const roots[8] = {
		"6e340b9cffb37a989ca544e6bb780a2c"
		"78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9d"
		"baf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264"
		"db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398f"
		"a2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3"
		"bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f"
		"98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd7892"
		"9c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2"
		"ab9d823aad2f4960cfe370eff4604328",
	};
	struct hash d[8], root;
	char hex[65];
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		d[i] = hash_leaf(in[i].p, in[i].len);
		root = merkle_root(d, i + 1);
		hex_encode(hex, root.b, HASH_BYTES);
		assert_string_equal(hex, roots[i]);
	}
}

static void
root_is_the_definition(void **state)
{
	struct hash a, b;
	size_t n;

	(void)state;
	for (n = 0; n <= LEAVES; n++) {
		a = merkle_root(leaves, n);
		b = by_definition(leaves, n);
		assert_true(hash_eq(&a, &b));
	}
}

static void
inclusion_of_every_leaf(void **state)
{
	struct merkle_path path;
	struct hash root, wrong;
	size_t n, i;

	(void)state;
	for (n = 1; n <= LEAVES; n++) {
		root = merkle_root(leaves, n);
		for (i = 0; i < n; i++) {
			merkle_prove(&path, leaves, n, i);
			assert_int_equal(path.len, merkle_path_len(i, n));
			assert_int_equal(merkle_included(&leaves[i], i, n,
				&path, &root), ERR_OK);
			wrong = leaves[i];
			wrong.b[0] ^= 1;
			assert_int_equal(merkle_included(&wrong, i, n, &path,
				&root), ERR_PROOF);
			path.len++;
			assert_int_equal(merkle_included(&leaves[i], i, n,
				&path, &root), ERR_PATH_LENGTH);
			path.len--;
			if (path.len > 0) {
				path.h[path.len - 1].b[31] ^= 1;
				assert_int_equal(merkle_included(&leaves[i], i,
					n, &path, &root), ERR_PROOF);
				path.len--;
				assert_int_equal(merkle_included(&leaves[i], i,
					n, &path, &root), ERR_PATH_LENGTH);
			}
		}
		assert_int_equal(merkle_included(&leaves[0], n, n, &path,
			&root), ERR_PROOF);
	}
}

static enum err
read_level(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	size_t *limit = ctx;
	uint64_t from = index << level, n = (uint64_t)1 << level;

	/* Only what is whole may be read. */
	assert_true(from + n <= *limit);
	*out = merkle_root(leaves + from, n);
	return ERR_OK;
}

static void
stored_agrees_with_memory(void **state)
{
	struct merkle_path a, b;
	struct hash ra, rb;
	size_t n, i;

	(void)state;
	for (n = 0; n <= LEAVES; n++) {
		ra = merkle_root(leaves, n);
		assert_int_equal(merkle_root_stored(&rb, n, read_level, &n),
		    ERR_OK);
		assert_true(hash_eq(&ra, &rb));
		for (i = 0; i < n; i++) {
			merkle_prove(&a, leaves, n, i);
			assert_int_equal(merkle_prove_stored(&b, i, n,
				read_level, &n), ERR_OK);
			assert_int_equal(a.len, b.len);
			assert_memory_equal(a.h, b.h,
			    a.len * sizeof(struct hash));
		}
		assert_int_equal(merkle_prove_stored(&b, n, n, read_level,
			&n), ERR_PROOF);
	}
}

static void
consistency_of_every_pair(void **state)
{
	struct merkle_path path;
	struct hash r1, r2, wrong;
	size_t m, n;

	(void)state;
	for (n = 0; n <= LEAVES; n++) {
		r2 = merkle_root(leaves, n);
		for (m = 0; m <= n; m++) {
			r1 = merkle_root(leaves, m);
			assert_int_equal(merkle_prove_consistency(&path, m, n,
				read_level, &n), ERR_OK);
			assert_int_equal(merkle_consistent(m, &r1, n, &r2,
				&path), ERR_OK);
			path.len++;
			assert_int_not_equal(merkle_consistent(m, &r1, n, &r2,
				&path), ERR_OK);
			path.len--;
			if (m == 0)
				continue;
			wrong = r1;
			wrong.b[5] ^= 1;
			assert_int_equal(merkle_consistent(m, &wrong, n, &r2,
				&path), ERR_PROOF);
			if (path.len == 0)
				continue;
			path.h[0].b[7] ^= 1;
			assert_int_equal(merkle_consistent(m, &r1, n, &r2,
				&path), ERR_PROOF);
			path.h[0].b[7] ^= 1;
			path.len--;
			assert_int_not_equal(merkle_consistent(m, &r1, n, &r2,
				&path), ERR_OK);
		}
		assert_int_equal(merkle_consistent(n + 1, &r2, n, &r2, &path),
		    ERR_PROOF);
	}
}

static void
path_length_of_large_trees(void **state)
{
	(void)state;
	assert_int_equal(merkle_path_len(0, 1), 0);
	assert_int_equal(merkle_path_len(0, (uint64_t)1 << 63), 63);
	assert_int_equal(merkle_path_len((uint64_t)1 << 62,
		((uint64_t)1 << 62) + 1), 1);
	assert_int_equal(merkle_path_len(5, 5), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(root_is_the_definition),
		cmocka_unit_test(inclusion_of_every_leaf),
		cmocka_unit_test(stored_agrees_with_memory),
		cmocka_unit_test(consistency_of_every_pair),
		cmocka_unit_test(path_length_of_large_trees),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
