/*
 * The container: what is written is read back, and nothing but the canonical
 * form is.  Zips are taken apart and put together here by hand, so that the
 * reader meets what our own writer would never make.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/bundle_priv.h"
#include "tests/unit/audit/world.h"

#define MEMBERS 32

struct member {
	char name[100];
	uint8_t *data;
	size_t len;
	uint16_t method;
	bool bad_crc;
	size_t hidden;		/* bytes behind it that nothing names */
};

static struct world w;
static struct buf zip;
static struct member m[MEMBERS];
static size_t members;

static uint32_t
crc32_of(const uint8_t *p, size_t len)
{
	uint32_t c = 0xffffffffu;
	int k;

	while (len-- > 0) {
		c ^= *p++;
		for (k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
	}
	return (~c);
}

static uint32_t
get(const uint8_t *p, int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return (v);
}

static void
put(struct buf *out, uint32_t v, int n)
{
	for (; n > 0; n--, v >>= 8)
		buf_u8(out, (uint8_t)v);
}

/* Our writer's zips: local heads one after the other, nothing between. */
static void
take_apart(void)
{
	const uint8_t *p = zip.p;
	size_t name_len;

	members = 0;
	while (get(p, 4) == 0x04034b50) {
		name_len = get(p + 26, 2);
		memset(&m[members], 0, sizeof(m[0]));
		memcpy(m[members].name, p + 30, name_len);
		m[members].len = get(p + 18, 4);
		m[members].data = malloc(m[members].len + 1);
		memcpy(m[members].data, p + 30 + name_len, m[members].len);
		p += 30 + name_len + m[members].len;
		members++;
	}
}

static void
put_head(struct buf *out, const struct member *e, bool central, uint32_t at)
{
	uint32_t crc = crc32_of(e->data, e->len) ^ (e->bad_crc ? 1 : 0);

	put(out, central ? 0x02014b50 : 0x04034b50, 4);
	if (central)
		put(out, 0x033f, 2);
	put(out, 10, 2);
	put(out, 0, 2);
	put(out, e->method, 2);
	put(out, 0, 2);
	put(out, 0x21, 2);
	put(out, crc, 4);
	put(out, (uint32_t)e->len, 4);
	put(out, (uint32_t)e->len, 4);
	put(out, (uint32_t)strlen(e->name), 2);
	put(out, 0, 2);
	if (central) {
		put(out, 0, 2);
		put(out, 0, 2);
		put(out, 0, 2);
		put(out, 0x81a40000, 4);
		put(out, at, 4);
	}
	buf_str(out, e->name);
}

static void
put_together(struct buf *out)
{
	uint32_t at[MEMBERS], dir;
	size_t i;

	*out = buf_init(BUNDLE_MAX);
	for (i = 0; i < members; i++) {
		at[i] = (uint32_t)out->len;
		put_head(out, &m[i], false, 0);
		buf_put(out, m[i].data, m[i].len);
		put(out, 0, (int)m[i].hidden);
	}
	dir = (uint32_t)out->len;
	for (i = 0; i < members; i++)
		put_head(out, &m[i], true, at[i]);
	i = out->len - dir;
	put(out, 0x06054b50, 4);
	put(out, 0, 4);
	put(out, (uint32_t)members, 2);
	put(out, (uint32_t)members, 2);
	put(out, (uint32_t)i, 4);
	put(out, dir, 4);
	put(out, 0, 2);
}

static struct member *
find(const char *name)
{
	size_t i;

	for (i = 0; i < members; i++)
		if (strcmp(m[i].name, name) == 0)
			return (&m[i]);
	fail_msg("no member %s", name);
	return (NULL);
}

static int
setup(void **state)
{
	(void)state;
	world_story(&w);
	world_zip(&w, &zip);
	take_apart();
	return (0);
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < members; i++)
		free(m[i].data);
	buf_free(&zip);
	world_stop(&w);
	return (0);
}

/* Read what put_together makes: err, and the member it was found in. */
static void
expect(enum err err, const char *member)
{
	struct bundle_fault fault;
	struct bundle *b = NULL;
	struct buf out;

	put_together(&out);
	memset(&fault, 0, sizeof(fault));
	assert_int_equal(bundle_read(&b, buf_view(&out), &fault), err);
	if (err != ERR_OK) {
		assert_null(b);
		assert_string_equal(fault.member, member);
		assert_non_null(fault.why);
	}
	bundle_free(b);
	buf_free(&out);
}

static void
written_and_read(void **state)
{
	struct bundle_fault fault;
	struct bundle *b = NULL;
	struct buf again = buf_init(BUNDLE_MAX);
	(void)state;

	assert_int_equal(bundle_read(&b, buf_view(&zip), &fault), ERR_OK);
	assert_int_equal(bundle_level(b), BUNDLE_OPEN);
	assert_memory_equal(bundle_pair(b)->b, w.pair_id.b, HASH_BYTES);
	assert_int_equal(bundle_charters(b), 1);
	assert_int_equal(bundle_statements(b), 3);
	assert_int_equal(bundle_runs(b, FROM_A, LANE_NOTICE), 2);
	assert_int_equal(bundle_runs(b, FROM_B, LANE_NOTICE), 2);
	assert_int_equal(bundle_receipts(b), 5);
	assert_int_equal(bundle_proofs(b), 12);
	assert_int_equal(bundle_openings(b), 2);
	assert_int_equal(bundle_write(b, &again), ERR_OK);
	assert_int_equal(again.len, zip.len);
	assert_memory_equal(again.p, zip.p, zip.len);
	bundle_free(b);
	buf_free(&again);
}

/* Local time must not reach the bytes: zips usually carry it. */
static void
same_bytes_in_every_time_zone(void **state)
{
	struct buf other;
	(void)state;

	setenv("TZ", "Asia/Shanghai", 1);
	world_zip(&w, &other);
	unsetenv("TZ");
	assert_int_equal(other.len, zip.len);
	assert_memory_equal(other.p, zip.p, zip.len);
	buf_free(&other);
}

static void
added_twice_is_written_once(void **state)
{
	struct bundle *b = world_bundle(&w);
	struct buf again = buf_init(BUNDLE_MAX);
	struct item *item;
	size_t i;
	(void)state;

	for (i = 0; i < w.items; i++) {
		item = &w.item[i];
		if (item->kind == ITEM_RUN)
			assert_int_equal(bundle_add_run(b, item->direction,
			    item->lane, buf_view(&item->bytes)), ERR_OK);
		if (item->kind == ITEM_RECEIPT)
			assert_int_equal(bundle_add_receipt(b,
			    buf_view(&item->bytes)), ERR_OK);
	}
	assert_int_equal(bundle_write(b, &again), ERR_OK);
	assert_int_equal(again.len, zip.len);
	assert_memory_equal(again.p, zip.p, zip.len);
	bundle_free(b);
	buf_free(&again);
}

static void
another_writer(void **state)
{
	(void)state;
	expect(ERR_OK, "");
}

static void
cut_short_anywhere(void **state)
{
	struct bundle_fault fault;
	struct bundle *b = NULL;
	struct view part = buf_view(&zip);
	(void)state;

	for (part.len = 0; part.len < zip.len; part.len += 13) {
		assert_int_equal(bundle_read(&b, part, &fault),
		    ERR_TRUNCATED);
		assert_null(b);
	}
}

static void
bytes_behind_and_in_front(void **state)
{
	struct bundle_fault fault;
	struct bundle *b = NULL;
	struct buf other = buf_init(BUNDLE_MAX);
	(void)state;

	buf_put(&other, zip.p, zip.len);
	buf_str(&other, "x");
	assert_int_not_equal(bundle_read(&b, buf_view(&other), &fault),
	    ERR_OK);
	buf_reset(&other);
	buf_str(&other, "xxxx");
	buf_put(&other, zip.p, zip.len);
	assert_int_not_equal(bundle_read(&b, buf_view(&other), &fault),
	    ERR_OK);
	buf_free(&other);
}

static void
bytes_between_members(void **state)
{
	(void)state;
	m[2].hidden = 4;
	expect(ERR_ENCODING, m[3].name);
}

/* Where the byte at belongs to: the end of a content, or at itself. */
static size_t
behind_content(size_t at)
{
	size_t start = 0, i;

	for (i = 0; i < members; i++) {
		start += 30 + strlen(m[i].name);
		if (at >= start && at < start + m[i].len)
			return (start + m[i].len);
		start += m[i].len;
	}
	return (at);
}

/* Every bit of the zip that is not content: heads, directory, end. */
static void
no_bit_around_the_members_is_free(void **state)
{
	struct bundle_fault fault;
	struct bundle *b = NULL;
	size_t at, bits = 0;
	unsigned bit;
	(void)state;

	for (at = 0; at < zip.len; at++) {
		at = behind_content(at);
		for (bit = 0; bit < 8; bit++, bits++) {
			zip.p[at] ^= (uint8_t)(1u << bit);
			if (bundle_read(&b, buf_view(&zip), &fault) == ERR_OK)
				fail_msg("byte %zu bit %u is free", at, bit);
			zip.p[at] ^= (uint8_t)(1u << bit);
		}
	}
	assert_true(bits > 8 * members * (30 + 46));
}

static void
dated_1980(void **state)
{
	static const uint8_t date[] = { 0, 0, 0x21, 0 };
	(void)state;

	assert_memory_equal(zip.p + 10, date, sizeof(date));
}

static void
member_unknown(void **state)
{
	(void)state;
	strcpy(m[members].name, "zz.txt");
	m[members].data = malloc(1);
	m[members].data[0] = 'x';
	m[members++].len = 1;
	expect(ERR_ENCODING, "zz.txt");
}

static void
member_twice(void **state)
{
	(void)state;
	m[members] = m[members - 1];
	m[members].data = malloc(m[members - 1].len);
	memcpy(m[members].data, m[members - 1].data, m[members - 1].len);
	members++;
	expect(ERR_TRUNCATED, "");	/* libzip: inconsistent */
}

static void
members_out_of_order(void **state)
{
	struct member swap = m[members - 1];
	(void)state;

	m[members - 1] = m[members - 2];
	m[members - 2] = swap;
	expect(ERR_ENCODING, m[members - 1].name);
}

static void
member_with_a_wrong_crc(void **state)
{
	(void)state;
	find("receipts")->bad_crc = true;
	expect(ERR_TRUNCATED, "receipts");
}

static void
member_compressed(void **state)
{
	(void)state;
	find("receipts")->method = 8;
	expect(ERR_ENCODING, "receipts");
}

static void
head_missing(void **state)
{
	struct member *head = find("evidence");
	(void)state;

	free(head->data);
	memmove(head, head + 1,
	    (size_t)(&m[members - 1] - head) * sizeof(*head));
	members--;
	expect(ERR_ENCODING, "");
}

static void
head_of_another_version(void **state)
{
	(void)state;
	find("evidence")->data[9] = '2';
	expect(ERR_VERSION, "evidence");
}

static void
signature_missing(void **state)
{
	struct member *sig = find("charter/00000.b.sig");
	(void)state;

	free(sig->data);
	memmove(sig, sig + 1,
	    (size_t)(&m[members - 1] - sig) * sizeof(*sig));
	members--;
	expect(ERR_ENCODING, "evidence");
}

/* The first two records of a list change places. */
static void
records_out_of_order(void **state)
{
	struct member *r = find("receipts");
	uint32_t len = 4 + RECEIPT_BYTES + SIG_BYTES;
	uint8_t swap[4 + RECEIPT_BYTES + SIG_BYTES];
	(void)state;

	memcpy(swap, r->data, len);
	memcpy(r->data, r->data + len, len);
	memcpy(r->data + len, swap, len);
	expect(ERR_ENCODING, "receipts");
}

static void
record_twice(void **state)
{
	struct member *r = find("receipts");
	uint32_t len = 4 + RECEIPT_BYTES + SIG_BYTES;
	(void)state;

	memcpy(r->data + len, r->data, len);
	expect(ERR_ENCODING, "receipts");
}

static void
record_longer_than_its_member(void **state)
{
	(void)state;
	find("statements")->data[2] = 0x1f;
	expect(ERR_ENCODING, "statements");
}

static void
log_under_another_name(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < members; i++)
		if (strncmp(m[i].name, "log/", 4) == 0)
			m[i].name[10] = 'G';
	for (i = 0; i < members; i++)
		if (strncmp(m[i].name, "log/", 4) == 0)
			expect(ERR_ENCODING, m[i].name);
}

static void
flip_and_judge(struct member *e, size_t at, uint8_t bit)
{
	struct bundle *b = NULL;
	struct judge *j;
	struct buf out;

	e->data[at] ^= bit;
	put_together(&out);
	j = world_judge_zip(buf_view(&out), &w.charter_id, &b);
	if (judge_verdict(j) == JUDGE_VERIFIED)
		fail_msg("a flipped bit went unseen: %s, byte %zu, bit %u",
		    e->name, at, bit);
	e->data[at] ^= bit;
	judge_free(j);
	bundle_free(b);
	buf_free(&out);
}

/* In every member, with the zip's own sums made right again. */
static void
no_flipped_bit_goes_unseen(void **state)
{
	unsigned n = 0;
	size_t i, at;
	(void)state;

	for (i = 0; i < members; i++)
		for (at = 0; at < m[i].len; at += 5)
			flip_and_judge(&m[i], at,
			    (uint8_t)(1u << (n++ % 8)));
	assert_true(n > 1000);
}

/* Records of four bytes each: more rows than any real bundle needs. */
static void
garbage_of_tiny_records(void **state)
{
	struct bundle *b = bundle_new(&w.pair_id, BUNDLE_SEALED);
	size_t len = 8 * ((size_t)BUNDLE_RECORDS_MAX + 1);
	uint8_t *p = malloc(len);
	struct wr wr = wr_init(p, len);
	const char *why = "";
	uint32_t i;
	(void)state;

	assert_non_null(b);
	assert_non_null(p);
	for (i = 0; i <= BUNDLE_RECORDS_MAX; i++) {
		wr_u32(&wr, 4);
		wr_u32(&wr, i);
	}
	assert_int_equal(bundle_form_take(b, "receipts",
	    (struct view){ p, len - 8 }, &why), ERR_OK);
	bundle_free(b);
	b = bundle_new(&w.pair_id, BUNDLE_SEALED);
	assert_non_null(b);
	assert_int_equal(bundle_form_take(b, "receipts",
	    (struct view){ p, len }, &why), ERR_TOO_BIG);
	assert_non_null(strstr(why, "records"));
	bundle_free(b);
	free(p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(written_and_read), T(same_bytes_in_every_time_zone),
		T(added_twice_is_written_once), T(another_writer),
		T(cut_short_anywhere), T(bytes_behind_and_in_front),
		T(bytes_between_members),
		T(no_bit_around_the_members_is_free), T(dated_1980),
		T(member_unknown), T(member_twice), T(members_out_of_order),
		T(member_with_a_wrong_crc), T(member_compressed),
		T(head_missing), T(head_of_another_version),
		T(signature_missing), T(records_out_of_order),
		T(record_twice), T(record_longer_than_its_member),
		T(garbage_of_tiny_records), T(log_under_another_name), T(no_flipped_bit_goes_unseen),
	};

	return (cmocka_run_group_tests_name("audit.bundle", tests, NULL,
	    NULL));
}
