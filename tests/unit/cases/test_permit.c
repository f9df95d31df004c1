/*
 * permit: its table and codes against DIALOGUE.md; what a sign line asks at
 * each urgency; each reason why a signature does not count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/permit.h"
#include "cases/told.h"
#include "tale.h"

/* ---- DIALOGUE.md ---- */

static uint32_t
roles_in(char *cell)
{
	uint32_t roles = 0;

	for (char *w = strtok(cell, " "); w != NULL; w = strtok(NULL, " ")) {
		unsigned r = 0;

		while (r < PERMIT_ROLES &&
		    strcmp(permit_role_name((enum permit_role)r), w) != 0)
			r++;
		if (r == PERMIT_ROLES)
			fail_msg("unknown role %s", w);
		roles |= 1u << r;
	}
	return roles;
}

static void
check_row(void *ctx, char *cell[])
{
	size_t *i = ctx;
	const struct permit_row *row = permit_row((*i)++);
	uint64_t types = 0;

	assert_non_null(row);
	for (char *w = strtok(cell[0], " "); w != NULL; w = strtok(NULL, " "))
		types |= UINT64_C(1) << tale_type(w);
	assert_true(row->types == types);
	assert_int_equal(row->author, roles_in(cell[1]));
	assert_int_equal(row->releaser, roles_in(cell[2]));
}

static void
test_table_is_the_document(void **state)
{
	size_t n = 0;

	(void)state;
	assert_int_equal(tale_table("Officers", 3, check_row, &n), 7);
	assert_null(permit_row(n));
}

static void
test_each_type_is_in_one_row(void **state)
{
	(void)state;
	for (unsigned type = 1; type <= NOTICE_TYPE_MAX; type++) {
		const struct permit_row *row;
		unsigned in = 0;

		for (size_t i = 0; (row = permit_row(i)) != NULL; i++)
			in += (row->types >> type & 1) != 0;
		if (in != 1)
			fail_msg("type %u is in %u rows", type, in);
	}
}

static void
test_codes_are_the_documents(void **state)
{
	FILE *f = fopen("cases/DIALOGUE.md", "r");
	bool seen[PERMIT_WHYS] = {false}, in = false;
	char line[2048], want[64];

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			in = strcmp(line, "## Officers\n") == 0;
		for (int w = PERMIT_YES + 1; in && w < PERMIT_WHYS; w++) {
			snprintf(want, sizeof(want), "| %s | ",
			    permit_why_name((enum permit_why)w));
			if (strncmp(line, want, strlen(want)) == 0)
				seen[w] = true;
		}
	}
	fclose(f);
	for (int w = PERMIT_YES + 1; w < PERMIT_WHYS; w++)
		if (!seen[w])
			fail_msg("DIALOGUE.md lacks %s",
			    permit_why_name((enum permit_why)w));
	assert_null(permit_why_name(PERMIT_WHYS));
	assert_null(permit_role_name(PERMIT_ROLES));
}

/* ---- a DECISION and its two officers ---- */

static const char *const drafts[] = {"desk"};
static const char *const releases[] = {"releasing"};
static const char *const both[] = {"desk", "releasing"};
static const char *const strange[] = {"author", "Desk", "desk ", ""};
static const char *const principal[] = {"principal"};

struct rig {
	struct charter charter;
	struct permit_signer s[2];
	struct permit_act act;
};

static void
signed_by(struct permit_signer *s, uint8_t who, uint32_t role, size_t n,
    const char *const *roles)
{
	*s = (struct permit_signer){ .role = role, .desk = "cyber",
		.roles = { n, roles } };
	s->officer.b[0] = who;
}

/* The charter's line is "sign decision U0 U1 U2". */
static void
rig(struct rig *r, uint8_t u0, uint8_t u1, uint8_t u2)
{
	memset(r, 0, sizeof(*r));
	r->charter.sign_count = 1;
	r->charter.sign[0] = (struct charter_sign){ "decision",
		{ u0, u1, u2 } };
	signed_by(&r->s[0], 1, OFFICER_AUTHOR, 1, drafts);
	signed_by(&r->s[1], 2, OFFICER_RELEASER, 1, releases);
	r->act = (struct permit_act){ .type = NOTICE_DECISION,
		.desk = "cyber", .n = 2, .signer = r->s };
}

static void
is(const struct rig *r, enum permit_why why, size_t signer, bool single)
{
	struct permit_answer a = permit_judge(&r->charter, &r->act);

	assert_string_equal(permit_why_name(a.why), permit_why_name(why));
	assert_int_equal(a.signer, signer);
	assert_int_equal(a.single, single);
}

static void
test_two_persons(void **state)
{
	struct rig r;

	(void)state;
	rig(&r, 2, 2, 2);
	is(&r, PERMIT_YES, 0, false);
	r.act.n = 1;
	is(&r, PERMIT_NO_RELEASER, 0, false);
	r.act.n = 0;
	is(&r, PERMIT_NO_AUTHOR, 0, false);
	r.act.n = 2;
	/* One person of both roles signs once, whichever way round. */
	signed_by(&r.s[0], 7, OFFICER_AUTHOR, 2, both);
	signed_by(&r.s[1], 7, OFFICER_RELEASER, 2, both);
	is(&r, PERMIT_SAME_PERSON, 1, false);
	signed_by(&r.s[1], 8, OFFICER_RELEASER, 2, both);
	is(&r, PERMIT_YES, 0, false);
	/* Two authors are no release. */
	signed_by(&r.s[1], 8, OFFICER_AUTHOR, 2, both);
	is(&r, PERMIT_NO_RELEASER, 0, false);
}

static void
test_no_line_asks_nobody(void **state)
{
	struct rig r;

	(void)state;
	rig(&r, 2, 2, 2);
	r.charter.sign_count = 0;
	r.act.n = 0;
	is(&r, PERMIT_YES, 0, false);
	/* What is there is judged all the same. */
	r.act.n = 2;
	is(&r, PERMIT_YES, 0, false);
	r.s[0].held = ERR_SIGNATURE;
	is(&r, PERMIT_FORGED, 0, false);
	r.act.signer = &r.s[1];
	r.act.n = 1;
	is(&r, PERMIT_NO_AUTHOR, 0, false);
	/* A line for another type is none. */
	rig(&r, 2, 2, 2);
	r.act.type = NOTICE_STATUS;
	r.act.n = 0;
	is(&r, PERMIT_YES, 0, false);
}

static void
test_one_now_one_later(void **state)
{
	struct rig r;
	struct notice_outline o = { .type = NOTICE_DECISION };

	(void)state;
	rig(&r, 2, 2, 1);
	r.act.n = 1;
	r.act.urgency = 1;
	is(&r, PERMIT_NO_RELEASER, 0, false);
	r.act.urgency = 2;
	is(&r, PERMIT_YES, 0, true);
	o.urgency = 2;
	assert_true(told_single(&r.charter, &o, 1));
	assert_false(told_single(&r.charter, &o, 2));
	r.act.n = 2;
	is(&r, PERMIT_YES, 0, false);
	/* More at U2 than below is owed at U2 alone. */
	rig(&r, 1, 1, 2);
	r.act.n = 1;
	is(&r, PERMIT_YES, 0, false);
	o.urgency = 1;
	assert_false(told_single(&r.charter, &o, 1));
	r.act.urgency = 2;
	is(&r, PERMIT_NO_RELEASER, 0, false);
	/* No such urgency is no way around. */
	rig(&r, 2, 2, 1);
	r.act.n = 1;
	r.act.urgency = UINT32_MAX;
	is(&r, PERMIT_NO_RELEASER, 0, false);
}

static void
test_what_the_keys_said(void **state)
{
	static const struct {
		enum err held;
		enum permit_why why;
	} t[] = {
		{ERR_NOTFOUND, PERMIT_UNKNOWN},
		{ERR_SIGNATURE, PERMIT_FORGED},
		{ERR_KEY_FOREIGN, PERMIT_KEY},
		{ERR_KEY_EXPIRED, PERMIT_KEY},
		{ERR_KEY_REVOKED, PERMIT_KEY},
		{ERR_NOMEM, PERMIT_KEY},
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (size_t s = 0; s < 2; s++) {
			rig(&r, 2, 2, 2);
			r.s[s].held = t[i].held;
			r.s[s].desk = NULL;
			r.s[s].roles.n = 0;
			is(&r, t[i].why, s, false);
		}
}

static void
test_roles(void **state)
{
	struct rig r;

	(void)state;
	rig(&r, 2, 2, 2);
	signed_by(&r.s[0], 1, OFFICER_AUTHOR, 1, releases);
	is(&r, PERMIT_NO_ROLE, 0, false);
	signed_by(&r.s[0], 1, OFFICER_AUTHOR, 4, strange);
	is(&r, PERMIT_NO_ROLE, 0, false);
	signed_by(&r.s[0], 1, OFFICER_AUTHOR, 0, NULL);
	is(&r, PERMIT_NO_ROLE, 0, false);
	rig(&r, 2, 2, 2);
	signed_by(&r.s[1], 2, OFFICER_RELEASER, 1, drafts);
	is(&r, PERMIT_NO_ROLE, 1, false);
	/* Neither role of field 3. */
	rig(&r, 2, 2, 2);
	r.s[1].role = 3;
	is(&r, PERMIT_NO_ROLE, 1, false);
	/* The agent's own messages are nobody's. */
	rig(&r, 2, 2, 2);
	r.act.type = NOTICE_REJECT;
	is(&r, PERMIT_NO_ROLE, 0, false);
	r.act.type = (enum notice_type)(NOTICE_TYPE_MAX + 1);
	is(&r, PERMIT_NO_ROLE, 0, false);
}

static void
test_desks(void **state)
{
	struct rig r;

	(void)state;
	rig(&r, 2, 2, 2);
	r.s[0].desk = "narcotics";
	is(&r, PERMIT_OTHER_DESK, 0, false);
	r.act.desk = NULL;
	is(&r, PERMIT_YES, 0, false);
	rig(&r, 2, 2, 2);
	r.s[1].desk = NULL;
	is(&r, PERMIT_OTHER_DESK, 1, false);
	/* Every desk's. */
	signed_by(&r.s[1], 2, OFFICER_RELEASER, 1, principal);
	r.s[1].desk = "office";
	is(&r, PERMIT_YES, 0, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_the_document),
		cmocka_unit_test(test_each_type_is_in_one_row),
		cmocka_unit_test(test_codes_are_the_documents),
		cmocka_unit_test(test_two_persons),
		cmocka_unit_test(test_no_line_asks_nobody),
		cmocka_unit_test(test_one_now_one_later),
		cmocka_unit_test(test_what_the_keys_said),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_desks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
