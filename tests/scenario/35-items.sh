#!/usr/bin/env bash
# Goal: what is no request.  A lead and its feedback in a case of its own; a
# consultation, an escalation through its answer, a minuted call, a correction
# in a case with a request; what is answered twice, by the wrong side or about
# nothing is refused with 7 and nothing is sent; both books end alike.
. "$(dirname "$0")/lib.sh"
world_up
field() { /usr/bin/python3 -c 'import json, sys
v = json.load(sys.stdin)
for k in sys.argv[1:]:
    v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$@"; }
# items A_OR_B CASE: type and state of each.
items() { "$1" --json case show "$2" | /usr/bin/python3 -c 'import json, sys
print(" ".join(i["type"] + ":" + i["state"] for i in json.load(sys.stdin)["items"]))'; }
until_items() {
    local _
    for _ in $(seq 100); do
        [ "$(items "$1" "$2" 2> /dev/null)" = "$3" ] && return 0
        sleep 0.1
    done
    echo "$1 sees items $(items "$1" "$2"), not $3" >&2
    return 1
}

lead=$(a case open --from "$ROOT/examples/lead.en.json" --wait delivered 2> /dev/null | tail -n 1)
until_state b "$lead" ITEM
expect 7 a case feedback "$lead" --outcome used
expect 0 b case feedback "$lead" --outcome used --text 'Led to two arrests'
until_items a "$lead" "lead:answered"
expect 7 b case feedback "$lead" --outcome used
said answers

case=$(a case open --from "$ROOT/examples/request.en.json" --wait delivered 2> /dev/null | tail -n 1)
until_state b "$case" HANDED_OVER
expect 0 a case consult "$case" --step Arrest --reason Flight --hold-until +2d
expect 0 a case publicity "$case" --text 'Press release' --hold-until +3d
until_items b "$case" "consult:open publicity_notice:open"
# Which of the two must be said; a number that is none is not found.
expect 7 b case reply "$case" --outcome agreed
expect 5 b case reply "$case" --outcome agreed --about 99
expect 0 b case reply "$case" --outcome objected --about 2 --text 'Wait for our raid'
until_items a "$case" "consult:answered publicity_notice:open"
expect 0 a case withdraw "$case" --about 3 --reason 'No press then'
until_items b "$case" "consult:answered publicity_notice:withdrawn"
[ "$(state b "$case")" = HANDED_OVER ]

# The hotline.
expect 2 a case escalate "$case" --tier none --grounds g --wanted w --office o --contact c
expect 0 a case escalate "$case" --tier 1 --about 1 --clock ack --grounds Overdue --wanted 'A decision' --office Desk --contact duty@a
until_items b "$case" "consult:answered publicity_notice:withdrawn escalate:open"
expect 0 b case esc-ack "$case" --office Liaison --contact duty@b --answer-by +4h
expect 0 b case esc-answer "$case" --says 'It was with the court'
until_items a "$case" "consult:answered publicity_notice:withdrawn escalate:answered"
expect 0 a case call-record "$case" --tier 1 --held 2026-11-27T08:00:00Z --participant A --participant B --summary Talked --agreed 'By Friday'
until_items b "$case" "consult:answered publicity_notice:withdrawn escalate:answered call_record:open"
expect 0 b case call-record "$case" --outcome confirmed --tier 1 --held 2026-11-27T08:00:00Z --participant A --participant B --summary Talked --agreed 'By Friday'
until_items a "$case" "consult:answered publicity_notice:withdrawn escalate:answered call_record:answered"

# A result in the wrong case: taken out of it, on record in both books.
expect 0 b case ack "$case" --from "$ROOT/examples/ack.en.json" --decision-by +7d
expect 0 b case decide "$case" --outcome accepted
expect 0 b case result "$case" --outcome nil --summary 'Nothing found'
until_state a "$case" RESULT
n=$(b --json case show "$case" | /usr/bin/python3 -c 'import json, sys
print([m["n"] for m in json.load(sys.stdin)["messages"] if m["type"] == "result"][0])')
expect 7 a case correct "$case" --about "$n" --reason Wrong --text x
expect 0 b case correct "$case" --about "$n" --reason 'Another case' --misfiled --right-case "$lead"
until_state a "$case" ACCEPTED
until_state b "$case" ACCEPTED
a --json case show "$case" > "$W/shown"
[ "$(/usr/bin/python3 -c 'import json, sys
m = [m for m in json.load(open(sys.argv[1]))["messages"] if m["type"] == "result"][0]
print(m["standing"], len(m["corrected_by"]))' "$W/shown")" = "misfiled 64" ]

# No REJECT passed, and an auditor reads what each message was.
for side in b a; do
    expect 0 "$side" --json inbox
    lacks '"type": *"reject"' "$W/out"
done
expect 0 a export "$W/a.zip" --level open
expect 0 casewire-audit verify "$W/a.zip" --charter "$W/charter/charter"
said "Led to two arrests"
