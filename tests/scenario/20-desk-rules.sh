#!/usr/bin/env bash
# What a desk is refused, and how it is told: missing fields by name, moves
# the table forbids, a case that moved meanwhile, names that are not unique,
# and text of the counterpart that would drive a terminal.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
world_up

# Every required field, one by one: named, and nothing sent.
/usr/bin/python3 - "$W" << 'END'
import json, sys
doc = json.load(open("examples/request.en.json"))
del doc["attachments"]
for key in list(doc):
    if key in ("formal_ref", "formalities", "related", "at_hand"):
        continue
    less = {k: v for k, v in doc.items() if k != key}
    json.dump(less, open(f"{sys.argv[1]}/without-{key}.json", "w"))
END
for file in "$W"/without-*.json; do
    key=${file##*/without-}
    expect 7 a case open --from "$file"
    said "${key%.json}"
done
expect 0 a case list
said 'no case yet'

C=$(a case open --from examples/request.en.json --wait delivered)
until_state b "$C" HANDED_OVER
expect 7 a case ack "$C" --from examples/ack.en.json
said "the requesting side cannot send 'ack' now"
expect 7 b case result "$C" --from examples/result.en.json
expect 7 b case decide "$C" --outcome refused
said 'ground'
expect 5 b case show 00000000
expect 2 b case show xyz
expect 2 b case ack
expect 5 b case ack "$C" --from /nowhere

# Two officers at once: the second is told what came in between.
head=$(b --json case show "${C:0:6}" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["head"])')
b case ack "$C" --from examples/ack.en.json --head "$head"
expect 7 b case decide "$C" --outcome accepted --head "$head"
said 'in between: ack'
expect 7 b --json case decide "$C" --outcome accepted --head "$head"
/usr/bin/python3 -c 'import json, sys
e = json.load(open(sys.argv[1]))
assert e["error"]["name"] == "head_moved", e
assert [m["type"] for m in e["since"]] == ["ack"], e' "$W/out"
b case decide "$C" --outcome accepted --head $((head + 1)) --wait delivered

# What the counterpart writes cannot move the cursor or hide.
b case status "$C" --phase collecting --measures $'red \e[31m, bell \a' --next-step $'\u202egnp.exe' --next-date +1d --wait delivered
expect 0 a case show "$C"
said '\u{1B}[31m'
said '\u{202E}'
if grep -q $'\e' "$W/out"; then
    echo "an escape reached the terminal" >&2
    exit 1
fi

# Errors are data too, and explained without an agent.
expect 6 casewire --home "$W/nobody" --json case list
/usr/bin/python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["error"]["next"]' "$W/out"
expect 0 casewire explain head_moved
expect 0 casewire explain 103
expect 5 casewire explain no_such_thing
