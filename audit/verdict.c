#include <stdio.h>
#include <string.h>

#include "audit/content.h"
#include "audit/silence.h"
#include "audit/verdict.h"
#include "base/clock.h"
#include "base/show.h"
#include "base/text.h"
#include "proto/charter.h"
#include "proto/notice.h"

#define LINE_MAX_BYTES 8192

const char *
verdict_name(enum judge_verdict v)
{
	static const char *const names[] = { "verified", "incomplete",
		"failed", "mismatch" };

	return (names[v]);
}

const char *
verdict_fate(const struct judge_message *m)
{
	static const char *const names[] = {
		[JUDGE_NO_FATE] = "unknown",
		[JUDGE_EXPIRED] = "expired",
		[JUDGE_UNDECRYPTABLE] = "undecryptable",
		[JUDGE_ACKED] = "acknowledged",
		[JUDGE_DELIVERED] = "delivered",
	};

	return (names[m->fate]);
}

void
verdict_sentence(const struct judge *j, struct buf *out)
{
	switch (judge_verdict(j)) {
	case JUDGE_VERIFIED:
		buf_fmt(out, _("Verified: all %zu messages here are signed, "
			       "in order, logged and accounted for, and "
			       "nothing they refer to is missing."),
		    judge_tally(j)->all);
		break;
	case JUDGE_INCOMPLETE:
		buf_fmt(out, _("Verified but incomplete: what is here holds, "
			       "but something is missing (findings: %zu); "
			       "this is not success."),
		    judge_count(j, FINDINGS_GAP));
		break;
	case JUDGE_FAILED:
		buf_fmt(out, _("Failed: this evidence is damaged, forged or "
			       "contradicts itself (findings: %zu)."),
		    judge_count(j, FINDINGS_BAD));
		break;
	case JUDGE_MISMATCH:
		buf_fmt(out, _("Mismatch: this is not evidence under the "
			       "charter you named."));
		break;
	}
}

struct verdict_opened
verdict_opened(const struct judge *j)
{
	const struct judge_tally *t = judge_tally(j);
	struct verdict_opened n = { t->whole, t->fields, t->outline,
		judge_messages(j) };

	return (n);
}

void
verdict_level(const struct judge *j, struct buf *out)
{
	struct verdict_opened n = verdict_opened(j);

	if (judge_level(j) == 0)
		return;
	buf_fmt(out, _("Level %s: of %zu messages %zu are shown whole, %zu "
		       "by single fields, %zu by their outline alone."),
	    bundle_level_name(judge_level(j)), n.all, n.whole, n.fields,
	    n.outline);
}

static bool
proven_authors(const struct judge *j, const struct judge_tally *t,
    struct buf *out)
{
	if (t->all == 0)
		return (false);
	buf_fmt(out, judge_pinned(j)
		? _("%zu messages from a and %zu from b: each was signed by "
		    "an agent of the agency the charter names for that side.")
		: _("%zu messages from a and %zu from b: each was signed by "
		    "an agent of the agency this file's own charter names; "
		    "that it is your charter, nobody told."),
	    t->from[FROM_A], t->from[FROM_B]);
	return (true);
}

static bool
proven_order(const struct judge *j, const struct judge_tally *t,
    struct buf *out)
{
	static const enum findings_code breaks[] = { FINDINGS_SEQ_GAP,
		FINDINGS_CHAIN_BROKEN, FINDINGS_FORK, FINDINGS_TAIL_MISSING };
	size_t i;

	if (t->all == 0)
		return (false);
	for (i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++)
		if (judge_has(j, breaks[i]))
			return (false);
	buf_fmt(out, _("Their order within each channel, and that none is "
		       "left out between the first and the last shown."));
	return (true);
}

static bool
proven_log(const struct judge *j, const struct judge_tally *t,
    struct buf *out)
{
	if (t->logged == 0)
		return (false);
	buf_fmt(out, _("%zu of %zu stand in a log of a relay the charter "
		       "names (logs: %zu), in the order of its indexes."),
	    t->logged, t->all, judge_logs(j));
	return (true);
}

static bool
proven_arrival(const struct judge *j, const struct judge_tally *t,
    struct buf *out)
{
	size_t n = t->fate[JUDGE_DELIVERED] + t->fate[JUDGE_ACKED];

	(void)j;
	if (n == 0)
		return (false);
	buf_fmt(out, _("%zu of %zu were opened and kept by the receiving "
		       "agency's agent: %zu by its signed receipt, %zu by a "
		       "later signed acknowledgement."),
	    n, t->all, t->fate[JUDGE_DELIVERED], t->fate[JUDGE_ACKED]);
	return (true);
}

static bool
proven_content(const struct judge *j, const struct judge_tally *t,
    struct buf *out)
{
	struct verdict_opened n = verdict_opened(j);
	size_t shown = n.whole + n.fields + n.outline;

	(void)t;
	if (shown == 0)
		return (false);
	buf_fmt(out, _("What is shown of %zu messages is word for word what "
		       "was signed."),
	    shown);
	return (true);
}

static bool
proven_time(const struct judge *j, const struct judge_tally *t,
    struct buf *out)
{
	(void)j;
	if (t->bounded == 0)
		return (false);
	buf_fmt(out, _("%zu were in the log before the times shown, which a "
		       "witness of the charter signed."),
	    t->bounded);
	return (true);
}

bool
verdict_proven(const struct judge *j, unsigned i, struct buf *out)
{
	static bool (*const lines[])(const struct judge *,
	    const struct judge_tally *, struct buf *) = {
		proven_authors, proven_order, proven_log, proven_arrival,
		proven_content, proven_time,
	};
	const struct judge_tally *t = judge_tally(j);
	struct buf probe = buf_init(4096);
	unsigned k;

	/* Lines that do not apply are skipped, so i counts those that do. */
	for (k = 0; k < sizeof(lines) / sizeof(lines[0]); k++) {
		buf_reset(&probe);
		if (lines[k](j, t, &probe) && i-- == 0)
			break;
	}
	if (k < sizeof(lines) / sizeof(lines[0]))
		buf_put(out, probe.p, probe.len);
	buf_free(&probe);
	return (k < sizeof(lines) / sizeof(lines[0]));
}

bool
verdict_unproven(const struct judge *j, unsigned i, struct buf *out)
{
	const char *lines[6];
	const struct judge_tally *t = judge_tally(j);
	unsigned n = 0;

	if (t->bounded < t->all)
		lines[n++] = _("When: no witness bounds the time of these "
			       "messages. Times shown are what the sender's, "
			       "the receiver's and the relay's own clocks "
			       "said.");
	lines[n++] = _("That what the messages say is true.");
	lines[n++] = _("Which person acted: an agency's key signed, and where "
		       "officers signed, their keys, not their hands.");
	lines[n++] = _("That nothing was sent after the last message shown "
		       "on each channel.");
	lines[n++] = _("That the relay showed everybody the same log: only "
		       "the checkpoints in this file were compared.");
	if (t->fate[JUDGE_UNDECRYPTABLE] > 0)
		lines[n++] = _("Who is right where a receiver says it could "
			       "not open a message.");
	if (i >= n)
		return (false);
	buf_str(out, lines[i]);
	return (true);
}

static void
put_lines(const struct judge *j, const char *head, struct buf *out,
    bool (*line)(const struct judge *, unsigned, struct buf *))
{
	unsigned i;

	buf_fmt(out, "\n%s\n", head);
	for (i = 0;; i++) {
		buf_str(out, "  - ");
		if (!line(j, i, out))
			break;
		buf_str(out, "\n");
	}
	out->len -= 4;
	if (i == 0)
		buf_fmt(out, "  - %s\n", _("nothing"));
}

static void
put_pair(const struct judge *j, struct buf *out)
{
	const struct charter *c = keyring_pair_charter(judge_keyring(j),
	    judge_pair(j), KEYRING_NEWEST);
	char hex[2 * HASH_BYTES + 1];
	unsigned i;

	if (c == NULL)
		return;
	hex_encode(hex, judge_pair(j)->b, HASH_BYTES);
	buf_fmt(out, _("Pair %s, charter number %u, %s.\n"), hex, c->number,
	    judge_pinned(j) ? _("named by you")
			    : _("named by this file alone"));
	for (i = 0; i < 2; i++) {
		buf_fmt(out, "  %c: ", 'a' + (int)i);
		show_text(out, c->party[i].name, strlen(c->party[i].name));
		buf_str(out, "\n");
	}
}

/* Findings of one weight, each with where and what to do. */
static void
put_findings(const struct judge *j, enum findings_weight weight,
    const char *head, struct buf *out)
{
	const struct findings_info *info;
	const struct judge_finding *f;
	size_t i, kept = 0;

	if (judge_count(j, weight) == 0)
		return;
	buf_fmt(out, "\n%s\n", head);
	for (i = 0; i < judge_findings(j); i++) {
		f = judge_finding_at(j, i);
		info = findings_info(f->code);
		if (info->weight != weight)
			continue;
		kept++;
		buf_fmt(out, "  %s: ", info->name);
		show_text(out, f->where, strlen(f->where));
		if (f->detail[0] != '\0') {
			buf_str(out, " (");
			show_text(out, f->detail, strlen(f->detail));
			buf_str(out, ")");
		}
		buf_fmt(out, "\n      %s\n      %s\n", _(info->text),
		    _(info->next));
	}
	if (kept < judge_count(j, weight))
		buf_fmt(out, _("  and %zu more\n"),
		    judge_count(j, weight) - kept);
}

/* What the opened outline says, one short phrase. */
static void
put_outline(const struct judge_message *m, struct buf *out)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_outline o;
	const char *name;

	if (m->shown->outline.p != NULL &&
	    notice_outline_decode(&o, m->shown->outline, &arena) == ERR_OK) {
		name = notice_type_name(o.type);
		buf_fmt(out, ", %s", name == NULL ? "?" : name);
		name = notice_outcome_name(o.outcome);
		if (o.outcome != OUTCOME_NONE && name != NULL)
			buf_fmt(out, " %s", name);
	}
	arena_free(&arena);
}

static void
put_messages(const struct judge *j, struct buf *out)
{
	const struct judge_message *m;
	char at[CLOCK_TEXT_BYTES], hex[9];
	size_t i;

	if (judge_messages(j) == 0)
		return;
	buf_fmt(out, "\n%s\n", _("Messages (times are claims unless said)"));
	for (i = 0; i < judge_messages(j); i++) {
		m = judge_message_at(j, i);
		hex_encode(hex, m->env_id.b, 4);
		buf_fmt(out, "  %c%u %llu  %s  %s",
		    m->run->direction == FROM_A ? 'a' : 'b', m->run->lane,
		    (unsigned long long)judge_seq(m), hex,
		    clock_format(at, (int64_t)judge_header(m).created_at));
		if (m->run->logged)
			buf_fmt(out, "  log %llu",
			    (unsigned long long)m->run->index);
		buf_fmt(out, "  %s", verdict_fate(m));
		if (m->fate_at != 0)
			buf_fmt(out, " %s",
			    clock_format(at, (int64_t)m->fate_at));
		if (m->run->bounds.before_at != 0)
			buf_fmt(out, ", before %s (witness)",
			    clock_format(at, (int64_t)m->run->bounds.before_at));
		if (m->off_chain)
			buf_str(out, ", does not count");
		put_outline(m, out);
		buf_str(out, "\n");
		buf_spill(out);
	}
}

static void
put_row(void *ctx, const char *name, const char *text)
{
	struct buf *out = ctx;

	buf_fmt(out, "      %s: ", name);
	show_lines(out, text, strlen(text), 8);
	buf_str(out, "\n");
}

static void
put_contents(const struct judge *j, struct buf *out)
{
	const struct judge_message *m;
	bool any = false;
	size_t i;

	for (i = 0; i < judge_messages(j); i++) {
		m = judge_message_at(j, i);
		if (m->shown->fields == NULL && m->shown->some == NULL)
			continue;
		if (!any)
			buf_fmt(out, "\n%s\n",
			    _("What the opened messages say"));
		any = true;
		buf_fmt(out, "  %c%u %llu\n",
		    m->run->direction == FROM_A ? 'a' : 'b', m->run->lane,
		    (unsigned long long)judge_seq(m));
		content_each(m, put_row, out);
		buf_spill(out);
	}
}

static enum err
put_cases(const struct judge *j, struct buf *out)
{
	struct outline *o;
	struct silence s;
	size_t i;

	if (judge_cases(j) == 0)
		return (ERR_OK);
	if ((o = outline_new(j)) == NULL)
		return (ERR_NOMEM);
	buf_fmt(out, "\n%s\n", _("What heartbeats say of open cases"));
	for (i = 0; i < judge_cases(j) && i < SILENCE_SHOWN_MAX; i++) {
		silence_read(&s, j, o, i);
		buf_str(out, "  - ");
		silence_show(&s, out);
		buf_str(out, "\n");
	}
	outline_free(o);
	return (out->err);
}

static void
put_claims(const struct judge *j, struct buf *out)
{
	struct buf line = buf_init(LINE_MAX_BYTES);
	unsigned i;

	for (i = 0; verdict_claim(j, i, &line); i++) {
		if (i == 0)
			buf_fmt(out, "\n%s\n", verdict_claims_head());
		buf_str(out, "  - ");
		show_lines(out, (const char *)line.p, line.len, 4);
		buf_str(out, "\n");
		buf_reset(&line);
	}
	buf_free(&line);
}

enum err
verdict_text(const struct judge *j, struct buf *out)
{
	enum err err;

	verdict_sentence(j, out);
	buf_str(out, "\n\n");
	put_pair(j, out);
	verdict_level(j, out);
	buf_str(out, judge_level(j) == 0 ? "" : "\n");
	put_findings(j, FINDINGS_MISMATCH, _("What does not match"), out);
	put_findings(j, FINDINGS_BAD, _("What is wrong"), out);
	put_lines(j, _("What is proven"), out, verdict_proven);
	err = put_cases(j, out);
	if (err != ERR_OK)
		return (err);
	put_lines(j, _("What is not proven"), out, verdict_unproven);
	put_findings(j, FINDINGS_GAP, _("What is missing"), out);
	put_findings(j, FINDINGS_NOTE, _("Notes"), out);
	put_claims(j, out);
	put_messages(j, out);
	put_contents(j, out);
	return (out->err);
}
