#!/usr/bin/env bash
# Goal: time is bounded by witnesses, and by nobody else.  A charter wants two
# of two: with one of them a message stays pending, with both each side tells
# after and before which moments it was signed, and an auditor who holds the
# bundle finds the same.  Nothing that is sent waits for them; where they are
# silent for long, doctor says so.
. "$(dirname "$0")/lib.sh"
export WORLD_WITNESSES=2
export WORLD_HEARTBEAT=4
WORLD_WEB=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export WORLD_WEB
world_up
world stop witness2

# bound A_OR_B CASE WHAT: not_before, not_after or time_bound of its newest
# message, or "-".
bound() {
    "$1" --json case show "$2" |
        /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["messages"][-1].get(sys.argv[1], "-"))' "$3"
}
# bounded A_OR_B CASE: within 30 s.
bounded() {
    local _
    for _ in $(seq 300); do
        [ "$(bound "$1" "$2" not_after)" != - ] && return 0
        sleep 0.1
    done
    echo "$1: no witness bounds $2" >&2
    return 1
}

# One of two: delivered as ever, and pending.
case=$(a --json case open --from "$ROOT/examples/request.en.json" --wait delivered |
    /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["case_id"])')
sleep 8
[ "$(bound a "$case" time_bound)" = pending ]
[ "$(bound b "$case" time_bound)" = pending ]
expect 0 a case show "$case"
said "not enough witnesses"
expect 0 a export "$W/early.zip" --level outline --case "$case"

# Both: bounded, on both sides.
world start witness2
bounded a "$case"
bounded b "$case"
[ "$(bound a "$case" time_bound)" = - ]
expect 0 a case show "$case"
said "signed before"

# What is said now quotes a line, and is bounded from below at its sender.
b case ack "$case" --from "$ROOT/examples/ack.en.json" --wait delivered > /dev/null
bounded b "$case"
bounded a "$case"
[ "$(bound b "$case" not_before)" != - ]
expect 0 b case show "$case"
said "signed after"
after=$(bound b "$case" not_before)
before=$(bound b "$case" not_after)
[[ "$after" < "$before" || "$after" = "$before" ]]

# An auditor of either bundle finds the same, each from what that side held.
for who in a b; do
    expect 0 "$who" export "$W/$who.zip" --level outline --case "$case"
    expect 0 casewire-audit verify "$W/$who.zip" --charter "$W/charter/charter"
    "$who" --json case show "$case" > "$W/$who.json"
    casewire-audit outline "$W/$who.zip" --charter "$W/charter/charter" --json > "$W/$who.outline"
    /usr/bin/python3 - "$W" "$who" "$ROOT/tests/interop" << 'EOF'
import calendar
import json
import sys
import time

w, who = sys.argv[1:3]
sys.path.insert(0, sys.argv[3])
from casewire_py import charter, evidence

mine = json.load(open("%s/%s.json" % (w, who)))["messages"]
rows = {r["env_id"]: r for r in
        json.load(open("%s/%s.outline" % (w, who)))["messages"]}
pin = charter.charter_id(open(w + "/charter/charter", "rb").read())
second = evidence.judged(open("%s/%s.zip" % (w, who), "rb").read(), pin)
in_python = {((a or 0) // 1000, (b or 0) // 1000) for a, b in second.bounds.values()}


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) if text else 0


for m in mine:
    r = rows[m["env_id"]]
    # Bounds of neighbours in the channel may be closer; never looser.
    assert m["not_after"] >= r["not_after"], (m, r)
    assert m.get("not_before", "") <= (r.get("not_before") or ""), (m, r)
    # The independent judge gives one run just these.
    assert (seconds(m.get("not_before")), seconds(m["not_after"])) in in_python, (m, in_python)
EOF
done

# Before both had signed, no bundle bounded anything.
casewire-audit outline "$W/early.zip" --charter "$W/charter/charter" --json > "$W/early.outline"
/usr/bin/python3 -c '
import json, sys
assert not any(r.get("not_after") for r in json.load(open(sys.argv[1]))["messages"])' "$W/early.outline"
for who in a b; do
    expect 0 "$who" doctor
done
