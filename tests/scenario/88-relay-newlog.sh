#!/usr/bin/env bash
# Goal: where nobody has the end of a relay's log, or once a year, the relay
# begins another, and nobody meets again.  Its first words are the new key,
# by its root, and what it signed of the old log; endpoints learn both from
# the relay, hold them against what they saw, submit again what was not
# delivered, and go on.  Evidence of both logs verifies together.  A relay
# that begins anew without that word, or with one that contradicts, is left.
. "$(dirname "$0")/lib.sh"
world_up

relay() { casewire-relay --home "$W/relay" "$@"; }
fact() { relay --json "$1" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"; }
field() { /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$W/out" "$1"; }
settled() {
    local last="" now _
    for _ in $(seq 100); do
        now=$(fact status entries)
        [ "$now" = "$last" ] && return 0
        last=$now
        sleep 0.4
    done
}
open_case() { a case open --from "$ROOT/examples/request.en.json" "$@" 2>> "$W/run/open"; }
rotate() { casewire-keys rotate relay --dir "$W/relay" --root "$W/offline/relay/root.key" --passphrase-file "$W/passphrase"; }
charter=$(a --json charter show | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["charters"][0]["charter_id"])')
# verified: both sides' bundles, by the auditor.  The proof of the new log's
# first words comes behind the traffic, within seconds.
verified() {
    local side _
    for side in a b; do
        for _ in $(seq 20); do
            rm -f "$W/$side.zip"
            "$side" export "$W/$side.zip" --level open > /dev/null 2>&1
            casewire-audit --json verify "$W/$side.zip" --charter "$charter" > "$W/out" && break
            grep -q prior-missing "$W/out"
            sleep 0.5
        done
        expect 0 casewire-audit --json verify "$W/$side.zip" --charter "$charter"
    done
}

# Once a year: nothing is lost, nothing is asked of anybody.
open_case --wait delivered > "$W/case.1"
settled
expect 1 relay newlog
world stop relay
expect 7 relay newlog
said "log key is the first"
size=$(fact check entries)
expect 0 rotate
expect 9 relay run
cp -r "$W/relay" "$W/before"
expect 0 relay --json newlog
[ "$(field old_unknown)" = 0 ]
[ "$(field prior)" = "$size" ]
[ "$(field carried)" -ge 4 ]
kept=$(field old_store)
[ -s "$W/relay/$kept" ]
expect 7 relay newlog
said "has begun"
world start relay
open_case --wait delivered > "$W/case.2"
b case ack "$(cat "$W/case.1")" --from "$ROOT/examples/ack.en.json" --wait delivered > /dev/null
expect 0 a doctor
expect 0 b doctor
settled
expect 0 relay check --full
verified

# Killed at any moment: the next call ends what was begun.
world stop relay
for ms in 0 3 6 10 15 22 30 40 60; do
    rm -rf "$W/try"
    cp -r "$W/before" "$W/try"
    casewire-relay --home "$W/try" newlog > /dev/null 2>&1 & pid=$!
    sleep "$(printf '0.%03d' "$ms")"
    kill -9 "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    got=0
    casewire-relay --home "$W/try" newlog > "$W/out" 2> "$W/err" || got=$?
    [ "$got" -eq 0 ] || { [ "$got" -eq 7 ] && said "has begun"; }
    expect 0 casewire-relay --home "$W/try" check --full
    [ -s "$W/try/$kept" ]
done

# The store is lost and the backup is old; of what came behind it b had some
# and a knows that it was logged, and no copy of the tiles is anywhere.
relay backup "$W/backup.db" > /dev/null
world start relay
for i in 3 4; do open_case --wait delivered > "$W/case.$i"; done
world stop b
for i in 5 6; do open_case --wait submitted > "$W/case.$i"; done
settled
size=$(fact status entries)
kill_hard relay
rm -f "$W/relay"/store.db*
cp "$W/backup.db" "$W/relay/store.db"
expect 9 relay check
expect 0 rotate
expect 0 relay newlog
said "no witness vouches"
said "were signed for and are not here"
expect 0 relay check --full
world start relay b
for i in 5 6; do until_state b "$(cat "$W/case.$i")" HANDED_OVER; done
open_case --wait delivered > "$W/case.7"
settled
b --json inbox > "$W/inbox"
/usr/bin/python3 - "$W" <<'PY'
import json, sys
w = sys.argv[1]
said = [open("%s/case.%d" % (w, i)).read().strip() for i in range(1, 8)]
inbox = next(v for v in json.load(open(w + "/inbox")).values() if isinstance(v, list))
had = [m["case_id"] for m in inbox if m["type"] == "request"]
assert had == said, (said, had)
PY
a --json doctor > "$W/doctor" || true
grep -q 'began a new log that vouches' "$W/doctor"
verified
said '"log-gap"'

# One that begins anew and says nothing of what it signed before, as a relay
# that would rather be another one: nothing more is sent there.
world stop relay
expect 0 rotate
(cd "$W/relay" && mv store.db other.db && mv signer.high other.high)
n=$(ls "$W/relay"/keys.* | wc -l)
mkdir "$W/relay/older"
for i in $(seq $((n - 1))); do mv "$W/relay/keys.$i" "$W/relay/older/"; done
mv "$W/relay/keys.$n" "$W/relay/keys.1"
casewire-relay admit "$W/charter" --home "$W/relay" --keys "$W/a/keys/keys.1" --keys "$W/b/keys/keys.1" > /dev/null 2>&1
world start relay
for _ in $(seq 100); do grep -q 'without a word of the one before' "$W/run/a.diag" && break; sleep 0.1; done
grep -q 'without a word of the one before' "$W/run/a.diag"
open_case > "$W/case.8"
sleep 1
[ "$(fact status runs_taken)" = 0 ]
