#!/usr/bin/env bash
# Clocks of seconds, live on both sides: a missed ACK is told once to each and
# stands on both pages with the owner mirrored, over a restart and a kill; an
# ACK in time is met; a DELAY extends; what ran out may be raised; wall clocks
# are those of the PROFILE that both sent.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
printf '%s\n' 'clock ack 6 6 6' 'clock decision 30 30 30' 'clock decision_extension 3600 3600 3600' > "$W/profile"
export WORLD_PROFILE=$W/profile
world_up

# query EXPRESSION FILE: of its JSON, as d.
query() { /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[2])); print(eval(sys.argv[1]))' "$1" "$2"; }
# clock SIDE CASE NAME MEMBER: of that clock of the case.
clock() {
    "$1" --json case show "$2" > "$W/case"
    query "[c.get('$4') for c in d['clocks'] if c['clock'] == '$3'][-1]" "$W/case"
}
# until_clock SIDE CASE NAME MEMBER VALUE: within 20 s.
until_clock() {
    local _
    for _ in $(seq 100); do
        [ "$(clock "$@")" = "$5" ] && return 0
        sleep 0.2
    done
    cat "$W/case" >&2
    return 1
}
# movements SIDE WHAT: how often it was told, of the ack.
movements() {
    "$1" --json watch --after 0 --timeout 1 > "$W/watch"
    /usr/bin/python3 -c '
import json, sys
print(sum(m["what"] == sys.argv[2] and m.get("clock") == "ack" for m in map(json.loads, open(sys.argv[1]))))' "$W/watch" "$2"
}

# In time.
M=$(a case open --from examples/request.en.json --wait delivered)
b case ack "$M" --from examples/ack.en.json --wait delivered
until_clock a "$M" ack verdict met
[ "$(clock b "$M" ack verdict)" = met ]
[ "$(clock a "$M" ack claimed)" = True ]
[ "$(clock a "$M" decision verdict)" = running ]
a case show "$M" > "$W/out"
grep -q 'decision, owed by the peer: running, due in' "$W/out"
grep -q 'no witness' "$W/out"
CASEWIRE_LANG=zh_CN a case show "$M" > "$W/out"
grep -q '时限' "$W/out"

# A DELAY in time extends.
before=$(clock a "$M" decision due_at)
b case delay "$M" --clock decision --reason 'Court closed' --new-date +1h --wait delivered
until_clock a "$M" decision extended yes
[ "$(clock a "$M" decision due_at)" \> "$before" ]

# Missed; the one who owes is killed meanwhile, and told once all the same.
C=$(a case open --from examples/request.en.json --wait delivered)
kill_hard b
world start b
# Who waits for news is told as it becomes due.
a watch --timeout 20 --json > "$W/live" & live=$!
until_clock a "$C" ack verdict overdue
until_clock b "$C" ack verdict overdue
kill "$live"
grep -q '"what": *"overdue"' "$W/live"
[ "$(movements a overdue)" = 1 ]
[ "$(movements b overdue)" = 1 ]
[ "$(movements b reminder)" = 1 ]
[ "$(movements a reminder)" = 0 ]
kill_hard a
world start a
[ "$(movements a overdue)" = 1 ]

# On both pages, mirrored.
for side in a b; do
    "$side" --json late --days 0 > "$W/late.$side"
    [ "$(query "[(i['case_id'], i['clock'], i['verdict'], i['owes']) for i in d['items']]" "$W/late.$side")" = "[('$C', 'ack', 'overdue', 'requested')]" ]
done
[ "$(query "d['items'][0]['ours']" "$W/late.a")" = False ]
[ "$(query "d['items'][0]['ours']" "$W/late.b")" = True ]
a late --days 0 > "$W/out"
grep -q "${C:0:12}.*ack.*the peer.*overdue" "$W/out"
b late --days 0 > "$W/out"
grep -q "${C:0:12}.*ack.*us.*overdue" "$W/out"
a late --days 1 --csv > "$W/csv"
/usr/bin/python3 - "$W/csv" "$C" << 'PY'
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))
assert len({len(r) for r in rows}) == 1 and rows[0][1] == "CASE", rows
assert [r for r in rows if r[1] == sys.argv[2][:12] and r[4] == "ack" and r[6] == "overdue"], rows
assert [r for r in rows if r[4] == "decision" and r[6].startswith("running")], rows
PY
CASEWIRE_LANG=zh_CN a late > "$W/out"
grep -q '已逾期' "$W/out"
expect 5 a late --peer nobody
expect 2 a late --days many

# Answered late: it stays on the page until the case is over.
b case ack "$C" --from examples/ack.en.json --wait delivered
until_clock a "$C" ack verdict late
a late --days 0 > "$W/out"
grep -q "${C:0:12}.*ack.*late, by message" "$W/out"
a case withdraw "$C" --reason 'No longer needed' --wait delivered
until_state b "$C" WITHDRAWN
for side in a b; do
    "$side" --json late --days 0 > "$W/late.$side"
    [ "$(query "[i for i in d['items'] if i['case_id'] == '$C']" "$W/late.$side")" = '[]' ]
done

# What is overdue may be raised, by a person; nobody raises what he owes.
D=$(a case open --from examples/request.en.json --wait delivered)
until_clock a "$D" ack verdict overdue
a case show "$D" > "$W/out"
grep -q 'may be raised at tier 1: ack' "$W/out"
b case show "$D" > "$W/show"
expect 1 grep 'may be raised' "$W/show"

# Once both have sent the same PROFILE, due times are told by both sides' wall
# clocks; what was said before keeps UTC.
a case open --from examples/profile.json --wait delivered > "$W/out"
b case open --from examples/profile.json --wait delivered > "$W/out"
E=$(a case open --from examples/request.en.json --wait delivered)
for side in a b; do
    "$side" --json case show "$E" > "$W/case"
    [ "$(query "sorted(w['place'] for w in d['clocks'][0]['local_due'])" "$W/case")" = "$(query "sorted([d['a']['city'], d['b']['city']])" examples/profile.json)" ]
    [ "$(clock "$side" "$D" ack local_due | grep -c UTC)" = 1 ]
done
