#!/usr/bin/env bash
# Goal: what each side owed the other, counted by an auditor from outlines
# alone.  Three cases of a real pair, under a witness: a request answered, one
# refused in the other direction, a lead used.  The figures are what was said,
# the same from either side's file; what needs a body is marked and appears
# once the body is opened; a damaged or partial file says so and still counts.
. "$(dirname "$0")/lib.sh"
export WORLD_WITNESSES=1 WORLD_HEARTBEAT=2
WORLD_WEB=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export WORLD_WEB
cd "$ROOT"
world_up
charter=$W/charter/charter
from=$(date -u -d yesterday +%F) until=$(date -u -d '+2 days' +%F)
# dossier EXIT FILE OPTION...: of that period, under the charter.
dossier() { expect "$1" casewire-audit dossier "$2" --charter "$charter" --from "$from" --until "$until" "${@:3}"; }
# query EXPRESSION: of the last expect's JSON, as d; n(party, figure, word).
query() {
    /usr/bin/python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
c = {(x["party"], x["figure"], x["word"]): x["messages"] for x in d["counters"]}
n = lambda *k: len(c.get(k, []))
print(eval(sys.argv[2]))' "$W/out" "$1"
}
is() { [ "$(query "$1")" = "$2" ] || { echo "$1 is $(query "$1"), not $2" >&2; query 'sorted(c)' >&2; return 1; }; }

# Time is bounded from below for who has seen a witness's line: first words.
for side in a b; do
    first=$("$side" case open --from examples/lead.en.json --wait delivered 2> /dev/null | tail -n 1)
    for _ in $(seq 300); do
        "$side" --json case show "$first" > "$W/first"
        grep -q '"not_after": "' "$W/first" && break
        sleep 0.1
    done
done

# Answered: a asks, b answers.
one=$(a case open --from examples/request.en.json --wait delivered)
until_state b "$one" HANDED_OVER
b case ack "$one" --from examples/ack.en.json --wait delivered
b case decide "$one" --from examples/decision.en.json --wait delivered
b case result "$one" --from examples/result.en.json --wait delivered
until_state a "$one" RESULT
# Refused: b asks, a refuses.
two=$(b case open --from examples/request.en.json --wait delivered)
until_state a "$two" HANDED_OVER
a case decide "$two" --outcome refused --ground legal_bar --explanation 'The law bars it' --wait delivered
until_state b "$two" REFUSED
# A lead of b's that a used; and a request that stays open.
lead=$(b case open --from examples/lead.en.json --wait delivered 2> /dev/null | tail -n 1)
until_state a "$lead" ITEM
a case feedback "$lead" --outcome used --text 'Led to two arrests' --wait delivered
three=$(a case open --from examples/request.en.json --wait delivered)
until_state b "$three" HANDED_OVER
b case ack "$three" --from examples/ack.en.json --wait delivered
until_state a "$three" ACKED

# Which letter a side has is up to the charter.
a export "$W/a.zip" --level outline
expect 0 casewire-audit outline "$W/a.zip" --charter "$charter" --json
A=$(/usr/bin/python3 -c 'import json, sys
print([m["from"] for m in json.load(open(sys.argv[1]))["messages"] if m.get("case_id") == sys.argv[2] and m["type"] == "request"][0])' "$W/out" "$one")
B=$([ "$A" = a ] && echo b || echo a)

# Until a witness has seen it all, and both sides have signed that they had it.
for i in $(seq 60); do
    a export "$W/a$i.zip" --level outline > "$W/export" 2>&1
    casewire-audit dossier "$W/a$i.zip" --charter "$charter" --from "$from" --until "$until" --json > "$W/out" 2> "$W/err" || true
    mv "$W/a$i.zip" "$W/a.zip"
    [ "$(query "n('$B', 'ack', 'met'), n('$A', 'decision', 'met')")" = "(2, 1)" ] && break
    sleep 1
done
dossier 0 "$W/a.zip" --json
is 'd["hidden"]' 0
for want in "$B requests handed_over 2" "$A requests handed_over 1" "$B urgency u1 2" \
    "$B kind closed 2" "$A kind closed 1" "$B decisions accepted 1" "$A decisions refused 1" \
    "$A refusals closed 1" "$A refusals legal_bar 0" "$B results final 1" "$B ack met 2" "$A ack met 1" \
    "$B decision met 1" "$A decision met 1" "$A feedback running 1" "$B leads given 2" "$B leads_said used 1" \
    "$A leads given 1" "$A leads_said used 0"; do
    read -r p figure word n <<< "$want"
    is "n('$p', '$figure', '$word')" "$n"
done
is "[(o['case_id'], o['waits_for'], o['state']) for o in d['open']]" "[('$three', '$B', 'ACKED')]"
is "[(t['to'], t['answers'], t['median_hi_ms'] is not None) for t in d['times'] if t['party'] == '$B']" \
    "[('ack', 2, True), ('decision', 1, True), ('result', 1, True)]"
query 'sorted(c.items())' > "$W/a.counters"

# The same from the other side's file, message by message.
b export "$W/b.zip" --level outline
dossier 0 "$W/b.zip" --json
query 'sorted(c.items())' > "$W/b.counters"
cmp "$W/a.counters" "$W/b.counters"

# As text, bytes, CSV and a page; what is there is not written over.
dossier 0 "$W/a.zip" --out "$W/dossier" --csv "$W/figures.csv" --html "$W/page.html"
said "legal" && false
said '"closed" counts what outlines alone do not tell'
head -n 1 "$W/dossier" | grep -qx 'casewire/1 dossier'
dossier 0 "$W/a.zip" --json
is 'd["digest"]' "$(sha256sum "$W/dossier" | cut -c 1-64)"
grep -q "\"$B\",\"Agency B\",\"ack\",\"met\",\"2\"" "$W/figures.csv" ||
    grep -q "\"$B\",\"Agency .\",\"ack\",\"met\",\"2\"" "$W/figures.csv"
grep -q '<svg' "$W/page.html"
grep -q 'url(#late)' "$W/page.html" || grep -q 'fill="#555"' "$W/page.html"
lacks '<script|href=|src=' "$W/page.html"
dossier 1 "$W/a.zip" --html "$W/page.html"

# With its body open the ground is told.
a export "$W/open.zip" --level open
dossier 0 "$W/open.zip" --json
is "n('$A', 'refusals', 'legal_bar'), n('$A', 'refusals', 'closed'), n('$B', 'kind', 'closed')" "(1, 0, 0)"

# Nothing counts before it was handed over.
expect 0 casewire-audit dossier "$W/a.zip" --charter "$charter" --from 2020-01-01 --until 2020-07-01 --json
is 'len(d["counters"]), len(d["open"])' "(0, 0)"

# A part is a part, unpinned is unproven, damaged is bad: figures all the same.
a export "$W/sealed.zip" --level sealed
dossier 4 "$W/sealed.zip"
said "these figures are a part"
expect 4 casewire-audit dossier "$W/a.zip" --from "$from" --until "$until"
said "not proven"
expect 2 casewire-audit dossier "$W/a.zip" --from "$until" --until "$from"
expect 2 casewire-audit dossier "$W/a.zip" --from yesterday --until "$until"
expect 2 casewire-audit dossier "$W/a.zip" --until "$until"
/usr/bin/python3 - "$W/a.zip" "$W/bad.zip" << 'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[2], "wb").write(data)
END
dossier 3 "$W/bad.zip"
