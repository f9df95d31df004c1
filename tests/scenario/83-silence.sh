#!/usr/bin/env bash
# Silence by one heartbeat: what the peer itself signed of a case shows what
# it had not answered.  A case it never touched, one it answered since, one
# that was not open; heartbeats of both sides; every change of the path found.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export WORLD_HEARTBEAT=1
world_up
charter=$(a --json charter show | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["charters"][0]["charter_id"])')
# audit EXIT COMMAND FILE ...: casewire-audit, under the charter.
audit() { expect "$1" casewire-audit "$2" "$3" --charter "$charter" "${@:4}"; }
# query EXPRESSION: of the last expect's JSON, as d.
query() { /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$W/out" "$1"; }
# silence FILE ARGUMENT...: exported by a as soon as a heartbeat of the peer
# shows the case (within 15 s).
silence() {
    local file=$1 _
    shift
    for _ in $(seq 60); do
        a export "$file" --silence "$@" > "$W/export" 2>&1 && return 0
        sleep 0.25
    done
    cat "$W/export" >&2
    return 1
}
# until_word FILE CASE WORD: until the peer's newest heartbeat says it.
until_word() {
    local _
    for _ in $(seq 60); do
        rm -f "$1"
        silence "$1" "$2" || return 1
        audit 0 outline "$1" --json || audit 4 outline "$1" --json
        [ "$(query '[c["word"] for c in d["open_cases"]]')" = "['$3']" ] && return 0
        sleep 0.25
    done
    cat "$W/out" >&2
    return 1
}

C=$(a case open --from examples/request.en.json --wait delivered)
D=$(a case open --from examples/request.en.json --wait delivered)

# Not a word: by the heartbeat alone nothing of a's was answered.
silence "$W/none.zip" "$C"
casewire-audit outline "$W/none.zip" --charter "$charter" --json > "$W/out" || [ $? = 4 ]
asked=$(query 'd["open_cases"][0]["channel"][0]')
asker=$([ "$asked" = a ] && echo b || echo a)
[ "$(query 'd["open_cases"][0]["word"], d["open_cases"][0]["case_id"]')" = "('none', '$C')" ]
casewire-audit verify "$W/none.zip" --charter "$charter" --html "$W/none.html" > "$W/out" || [ $? = 4 ]
said "$asked signed that case $C was open"
said "Up to then $asked had said nothing in it, so it had answered no message of $asker in it."
grep -qF "$asked signed that case $C was open" "$W/none.html"
# It shows neither the other case nor a word of the text.
lacks billing-7731 "$W/none.zip"
/usr/bin/python3 -c 'import sys; assert bytes.fromhex(sys.argv[2]) not in open(sys.argv[1], "rb").read()' "$W/none.zip" "$D"

# b acknowledges: its newest word knew the request.
b case ack "$C" --from examples/ack.en.json --wait delivered
until_word "$W/knew.zip" "$C" knew

# From before the acknowledgement, afterwards: the tree is made again from
# the heads that were signed.
at=$(a --json case show "$D" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["opened_at"])')
silence "$W/then.zip" "$C" --at "$at"
casewire-audit outline "$W/then.zip" --charter "$charter" --json > "$W/out" || [ $? = 4 ]
[ "$(query 'd["open_cases"][0]["word"]')" = none ]

# Our own heartbeat: for the asker the case is open since it was answered.
silence "$W/own.zip" "$C" --own
casewire-audit outline "$W/own.zip" --charter "$charter" --json > "$W/out" || [ $? = 4 ]
[ "$(query 'd["open_cases"][0]["channel"][0]')" = "$asker" ]

# Ended: no newer heartbeat has it, an older one still shows it.
b case decide "$C" --from examples/decision.en.json --wait delivered
b case result "$C" --from examples/result.en.json --wait delivered
until_state a "$C" RESULT
for _ in $(seq 60); do
    rm -f "$W/over.zip"
    code=0
    a export "$W/over.zip" --silence "$C" > "$W/out" 2> "$W/err" || code=$?
    [ "$code" = 5 ] && break
    sleep 0.25
done
[ "$code" = 5 ]
said 'the case is not open'
silence "$W/still.zip" "$C" --at "$at"
casewire-audit outline "$W/still.zip" --charter "$charter" --json > "$W/out" || [ $? = 4 ]
[ "$(query 'd["open_cases"][0]["word"]')" = none ]
# And b shows the same of itself: both books make the same tree.
b export "$W/b.zip" --silence "$C" --at "$at" --own
casewire-audit outline "$W/b.zip" --charter "$charter" --json > "$W/out" || [ $? = 4 ]
[ "$(query 'd["open_cases"][0]["word"]')" = none ]

# The second implementation folds the cases by DIALOGUE.md's own table and
# makes the root of every heartbeat there was, of both sides.
for side in a b; do
    "$side" export "$W/all.$side.zip" --level open
done
/usr/bin/python3 - "$ROOT/tests/interop" "$W/all.a.zip" "$W/all.b.zip" << 'END'
import sys
sys.path.insert(0, sys.argv[1])
from casewire_py import content, evidence, openset

for path in sys.argv[2:]:
    j = evidence.Judge(evidence.read(open(path, "rb").read()), None)
    for step in (j.read_charters, j.read_keys, j.read_logs,
                 j.read_statements, j.read_runs, j.choose):
        step()
    here = {e.id: ("ab".index(lane[0]), int(lane[1]), seq, e)
            for lane, k in j.env.items() for seq, e in k.items()}
    messages, beats, most = [], [], 0
    for o in j.b.openings:
        d, lane, seq, e = here[o[:32]]
        fields = dict(content.check_message_opening(o[33:], e.h.C))
        if 4 in fields:
            beats.append((d, content.decode_link(fields[4])))
        else:
            messages.append(openset.Message(e.id, d, lane, seq, fields))
    for d, link in beats:
        got = openset.root_of(messages, link, d)
        assert got == (link["open_cases"], link["root"]), (d, link, got)
        most = max(most, got[0])
    assert len(beats) > 6 and most == 2, (len(beats), most)
END

# Each change of the shown path has its finding; nothing passes for proof.
/usr/bin/python3 - "$ROOT/tests/interop" "$W/none.zip" "$W" << 'END'
import sys
sys.path.insert(0, sys.argv[1])
from casewire_py import evidence

data = open(sys.argv[2], "rb").read()
def changed(name, change):
    b = evidence.read(data)
    i = [n for n, o in enumerate(b.openings) if o[32] == 3][0]
    b.openings = change(b.openings, i)
    open("%s/bent.%s.zip" % (sys.argv[3], name), "wb").write(b.encode())
def one(at, byte=1):
    def change(os, i):
        o = bytearray(os[i])
        o[at] ^= byte
        return os[:i] + [bytes(o)] + os[i + 1:]
    return change
changed("open-case-wrong", one(33))		# another case
changed("open-case-range", one(33 + 16 + 64))	# an index of millions
changed("open-case-form", lambda os, i: os[:i] + [os[i][:-1]] + os[i + 1:])
beat = lambda os, i: os[i][:32]
changed("open-case-unlinked", lambda os, i: [
    o for o in os if o[:32] != beat(os, i) or o[32] == 3 or o[37:39] == b"\0\1"])
changed("opening-wrong", lambda os, i: [
    o[:-1] + bytes([o[-1] ^ 1]) if o[:32] == beat(os, i) and o[32] == 1 and
    o[38] == 4 else o for o in os])
END
for bent in "$W"/bent.*.zip; do
    code=${bent##*/bent.}
    code=${code%.zip}
    casewire-audit verify "$bent" --charter "$charter" --json > "$W/out" && { echo "$bent verified" >&2; false; }
    [ "$(query "'$code' in [f['code'] for f in d['findings']]")" = True ] || { cat "$W/out" >&2; false; }
done

# One finding, where this file has it and what to do; exit as the verdict's.
audit 3 verify "$W/bent.open-case-wrong.zip" --explain open-case-wrong
said 'Where this file has it:'
said "$asked"'0 seq '
audit 3 verify "$W/bent.open-case-wrong.zip" --explain fork
said 'This file does not have it.'
audit 3 verify "$W/bent.open-case-wrong.zip" --explain open-case-wrong --json
[ "$(query 'd["code"], len(d["found"]), d["verdict"]')" = "('open-case-wrong', 1, 'failed')" ]
audit 2 verify "$W/bent.open-case-wrong.zip" --explain nonsense

# What was mistyped shows nothing.
expect 2 a export "$W/no.zip" --silence "$C" --level sealed
expect 2 a export "$W/no.zip" --silence "$C" --case "$D"
expect 2 a export "$W/no.zip" --own
expect 2 a export "$W/no.zip" --silence "$C" --at yesterday
expect 5 a export "$W/no.zip" --silence 0123456789abcdef
expect 5 a export "$W/no.zip" --silence "$D" --at 2036-01-01T00:00:00Z
[ ! -e "$W/no.zip" ]
