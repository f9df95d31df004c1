#!/usr/bin/env bash
# How far a case is shown: outlines alone, one message, one field.  What is
# shown verifies, what is not shown is not in the file; an auditor reads from
# outlines who told whom what when, and who owes an answer.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
world_up
charter=$(a --json charter show | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["charters"][0]["charter_id"])')
# audit EXIT COMMAND FILE ...: casewire-audit, under the charter.
audit() { expect "$1" casewire-audit "$2" "$3" --charter "$charter" "${@:4}"; }
# holds FILE TEXT, lacks FILE TEXT: as bytes, members are stored.
holds() { grep -aqF -- "$2" "$1" || { echo "$1 lacks: $2" >&2; return 1; }; }
lacks() { ! grep -aqF -- "$2" "$1" || { echo "$1 holds: $2" >&2; return 1; }; }
# query EXPRESSION: of the last expect's JSON, as d.
query() { /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$W/out" "$1"; }

C=$(a case open --from examples/request.en.json --wait delivered)
b case ack "$C" --from examples/ack.en.json --wait delivered
until_state a "$C" ACKED

# The request is acknowledged and not answered: proven up to what b signed.
a export "$W/silent.zip" --level outline
audit 0 outline "$W/silent.zip" --json
[ "$(query 'len(d["silences"])')" = 1 ]
# Which letter a side has is up to the charter.
asker=$(query '[m["from"] for m in d["messages"] if m["type"] == "request"][0]')
asked=$([ "$asker" = a ] && echo b || echo a)
[ "$(query 'd["silences"][0]["silent"], d["silences"][0]["certain"]')" = "('$asked', True)" ]
[ "$(query 'd["silences"][0]["case_id"]')" = "$C" ]
audit 0 outline "$W/silent.zip"
said 'has no decision, result or transfer from '"$asked"
said "Last word of $asked in the case: ack"
said pending

b case decide "$C" --from examples/decision.en.json --wait delivered
b case result "$C" --from examples/result.en.json --wait delivered
until_state a "$C" RESULT

# Outlines: the same rows from either side, no word of the content.
for side in a b; do
    "$side" export "$W/$side.zip" --level outline
    lacks "$W/$side.zip" billing-7731
    audit 0 verify "$W/$side.zip"
    said 'Level outline'
    audit 0 outline "$W/$side.zip" --json
    [ "$(query 'len(d["silences"])')" = 0 ]
    query '[(m["from"], m["type"], m.get("outcome"), m["urgency"]) for m in d["messages"] if m.get("case_id") == "'"$C"'" and m["channel"][1] != "2"]' > "$W/$side.rows"
done
cmp "$W/a.rows" "$W/b.rows"
[ "$(tr -d "\n" < "$W/a.rows")" = "[('$asker', 'request', None, 1), ('$asked', 'ack', None, 1), ('$asked', 'decision', 'accepted', 1), ('$asked', 'result', 'final', 1)]" ] || {
    cat "$W/a.rows" >&2
    false
}

# One message, by its number and by its env_id: that one and no other.
a export "$W/one.zip" --level open --case "$C" --message 1
holds "$W/one.zip" billing-7731
audit 0 verify "$W/one.zip" --json
[ "$(query 'sum("content" in m for m in d["messages"])')" = 1 ]
[ "$(query 'd["opened"]["whole"]')" = 1 ]
env_id=$(query '[m["env_id"] for m in d["messages"] if "content" in m][0]')
b export "$W/same.zip" --level open --message "${env_id:0:16}"
audit 0 verify "$W/same.zip" --json
[ "$(query '[m["env_id"] for m in d["messages"] if "content" in m]')" = "['$env_id']" ]
a export "$W/two.zip" --level outline --case "$C" --message 2 --message 3
audit 0 verify "$W/two.zip" --json
[ "$(query 'd["opened"]["outline"]')" = 2 ]

# One field of it: the body, and the outline that says what it is; no K_f.
a export "$W/body.zip" --level open --case "$C" --message 1 --field body
holds "$W/body.zip" billing-7731
audit 0 verify "$W/body.zip" --json
[ "$(query 'd["opened"]')" = "{'whole': 0, 'outline': 0, 'fields': 1}" ]
a export "$W/closed.zip" --level open --case "$C" --message 1 --field outline
lacks "$W/closed.zip" billing-7731

# A page to print: the same sentence, nothing active, all there is escaped.
expect 0 casewire-audit verify "$W/body.zip" --charter "$charter" --html "$W/page.html"
holds "$W/page.html" 'Verified: all '
holds "$W/page.html" billing-7731
lacks "$W/page.html" '<script'
/usr/bin/python3 - "$W/page.html" << 'END'
import sys
from html.parser import HTMLParser

class Page(HTMLParser):
    open, seen = [], set()
    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        assert not any(k.startswith("on") or k in ("src", "href") for k, _ in attrs), attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

p = Page()
p.feed(open(sys.argv[1], encoding="utf-8").read())
p.close()
assert p.open == [] and {"h1", "h2", "table", "th"} <= p.seen, (p.open, p.seen)
END
expect 1 casewire-audit verify "$W/one.zip" --charter "$charter" --html "$W/page.html"
said page.html
holds "$W/page.html" billing-7731

# What was mistyped shows nothing and writes nothing.
expect 2 a export "$W/no.zip" --level outline --message 1
expect 5 a export "$W/no.zip" --level outline --case "$C" --message 9
expect 5 a export "$W/no.zip" --level open --message 0123456789abcdef
expect 2 a export "$W/no.zip" --level sealed --message "$env_id"
expect 2 a export "$W/no.zip" --level outline --field body
expect 2 a export "$W/no.zip" --level open --field bodies
expect 2 a export "$W/no.zip" --level opened
[ ! -e "$W/no.zip" ]
