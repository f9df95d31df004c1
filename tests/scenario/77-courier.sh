#!/usr/bin/env bash
# With a courier's secret messages go both ways; where one side loses it,
# nothing of its goes out without, and it says so.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export WORLD_COURIER=1
world_up

C=$(a case open --from examples/request.en.json --wait delivered)
until_state b "$C" HANDED_OVER
b case ack "$C" --from examples/ack.en.json --wait delivered
world stop a
world start a
b case decide "$C" --from examples/decision.en.json --wait delivered
expect 0 a doctor
expect 0 b doctor

world stop a
rm "$W/a/prekeys"
world start a
D=$(a case open --from examples/request.en.json)
for _ in $(seq 100); do
    a doctor > "$W/out" 2> "$W/err" || true
    grep -q prekey_gone "$W/out" && break
    sleep 0.1
done
said prekey_gone
expect 5 b case show "$D"
