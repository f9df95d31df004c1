/*
 * verdict: a judgement put into words, for people and for programs.
 *
 * One plain sentence first; then what is proven, what is not (whose clock,
 * truth of content, which person), what is missing; then the rows.  Text and
 * JSON say the same.  Text from the parties is shown escaped.  Decides
 * nothing.  The auditor's process.
 */
#ifndef AUDIT_VERDICT_H
#define AUDIT_VERDICT_H

#include "audit/judge.h"
#include "base/bytes.h"

/* verdict_text(j, out): append the report, LF lines; spills out, as all of
 * these do. */
enum err
verdict_text(const struct judge *j, struct buf *out);

/* verdict_json(j, out): the same as JSON. */
enum err
verdict_json(const struct judge *j, struct buf *out);

/*
 * The parts both are made of, one line each, appended to out; i counts from
 * 0, false past the last.
 */
void
verdict_sentence(const struct judge *j, struct buf *out);
bool
verdict_proven(const struct judge *j, unsigned i, struct buf *out);
bool
verdict_unproven(const struct judge *j, unsigned i, struct buf *out);
/* verdict_claim(j, i, out) (verdict_claim.c): what the exporter says, unsigned,
 * of its own keeping; text of people in it is unescaped. */
bool
verdict_claim(const struct judge *j, unsigned i, struct buf *out);
/* verdict_claims_head(): what such lines are worth, translated. */
const char *
verdict_claims_head(void);
/* verdict_claims_json(j): the same as an object; the caller frees it. */
struct json *
verdict_claims_json(const struct judge *j);
/* verdict_finding(j, info, out) (verdict_finding.c): what a finding means, what
 * to do, and each place where j has it; verdict_finding_json: the same. */
enum err
verdict_finding(const struct judge *j, const struct findings_info *info,
    struct buf *out);
struct json *
verdict_finding_json(const struct judge *j,
    const struct findings_info *info);
/* verdict_level(j, out): what the exporter meant to show, and what is; one
 * line, empty for a file that was refused. */
void
verdict_level(const struct judge *j, struct buf *out);
/* Messages by how far they were opened, each counted once. */
struct verdict_opened {
	size_t whole;
	size_t fields;		/* single fields, besides or without outline */
	size_t outline;		/* the outline and no more */
	size_t all;
};
struct verdict_opened
verdict_opened(const struct judge *j);
/* verdict_name(v): "verified", "incomplete", "failed", "mismatch". */
const char *
verdict_name(enum judge_verdict v);
/* verdict_fate(m): "delivered", "acknowledged", "expired", "none" ... */
const char *
verdict_fate(const struct judge_message *m);

#endif
