#!/usr/bin/env bash
# The relay is away while both sides write: nothing is lost, --wait says so,
# messages that crossed are ordered alike on both sides, and the one that lost
# is answered REJECT(crossed) and held against nobody.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
world_up

C=$(a case open --from examples/request.en.json --wait delivered)
b case ack "$C" --from examples/ack.en.json --wait delivered
b case decide "$C" --outcome accepted --wait delivered
world stop relay

expect 6 b case result "$C" --from examples/result.en.json --wait delivered --timeout 1
said 'goes on by itself'
a case withdraw "$C" --reason 'settled otherwise'
until_state a "$C" WITHDRAWN
until_state b "$C" RESULT

world start relay
until_state a "$C" RESULT
until_state b "$C" RESULT
for _ in $(seq 100); do
    a --json case show "$C" > "$W/out"
    grep -q '"peer_rejects"' "$W/out" && break
    sleep 0.1
done
/usr/bin/python3 -c 'import json, sys
case = json.load(open(sys.argv[1]))
w = [m for m in case["messages"] if m["type"] == "withdraw"]
assert len(w) == 1 and w[0]["standing"] == "crossed", w
assert w[0]["peer_rejects"] == "crossed", w
assert [m["type"] for m in case["messages"]].count("reject") == 1, case' "$W/out"
a case close "$C" --wait delivered
until_state b "$C" CLOSED

# An agent that is away misses nothing either.
world stop b
D=$(a case open --from examples/request.zh.json --wait submitted)
world start b
until_state b "$D" HANDED_OVER
until_state a "$D" HANDED_OVER
