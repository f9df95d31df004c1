#!/usr/bin/env bash
# Goal: a relay that lost its store comes back.  Its log is taken up to the
# last signed head from a copy that anybody may have made; what it had
# answered for is submitted again by who signed it, reaches whom it is for,
# once and in order, and every proof given before still holds.  A copy of
# another log, a changed one and one that ends too early are refused, and a
# kill -9 in the middle leaves nothing half done.
. "$(dirname "$0")/lib.sh"
world_up
web=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
world stop relay
echo "web = 127.0.0.1:$web" >> "$W/relay/relay.conf"
world start relay

relay() { casewire-relay --home "$W/relay" "$@"; }
fact() { relay --json "$1" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"; }
follow() { casewire-audit follow "http://127.0.0.1:$web" --dir "$W/$1" --keys "$W/relay/keys.1" --charter "$W/charter/charter" --once; }
settled() {
    local last="" now _
    for _ in $(seq 100); do
        now=$(fact status entries)
        [ "$now" = "$last" ] && return 0
        last=$now
        sleep 0.4
    done
}
open_case() { a case open --from "$ROOT/examples/request.en.json" "$@" 2> /dev/null; }
# lose_store: what a broken disk leaves, and the backup in its place.
lose_store() {
    kill_hard relay
    rm -f "$W/relay"/store.db*
    cp "$W/backup.db" "$W/relay/store.db"
}

# A backup, then traffic that both sides settle, then traffic that the peer,
# which is away, never had; the copy follows all of it.
open_case --wait delivered > "$W/case.1"
settled
relay backup "$W/backup.db" > /dev/null
held=$(fact status entries)
open_case --wait delivered > "$W/case.2"
settled
world stop b
for i in 3 4 5; do open_case --wait submitted > "$W/case.$i"; done
settled
expect 0 follow copy
size=$(fact status entries)
[ "$size" -gt "$held" ]
cp -r "$W/copy" "$W/good"

world stop a

# The relay alone will not go on from the backup.
lose_store
expect 9 relay run
expect 9 relay check

# Refused, nothing changed: a folder that is no copy, another relay's log,
# a leaf that is another one, a copy from before.
expect 5 relay restore --from "$W/nothing"
mkdir -p "$W/strange"
sed 's/^relay\//other\//' "$W/copy/checkpoint" > "$W/strange/checkpoint"
cp -r "$W/copy/tile" "$W/strange/"
expect 3 relay restore --from "$W/strange"
tile=$(find "$W/copy/tile/0" -type f | sort | tail -n 1)
/usr/bin/python3 -c 'f = open(__import__("sys").argv[1], "r+b"); f.seek(-32, 2); f.write(b"x" * 32)' "$tile"
expect 3 relay restore --from "$W/copy"
said "do not lead to the checkpoint"
rm -rf "$W/copy"
expect 9 relay check

# Killed at any moment: the old store or the new one, and never a relay that
# runs on half of it.
for ms in 0 1 2 3 4 6 8 11 15 20 30; do
    casewire-relay --home "$W/relay" restore --from "$W/good" > /dev/null 2>&1 & pid=$!
    sleep "$(printf '0.%03d' "$ms")"
    kill -9 "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    got=0
    relay check --full > "$W/out" 2>&1 || got=$?
    if [ "$got" -eq 0 ]; then
        [ "$(fact check entries)" = "$size" ]
        rm -f "$W/relay"/store.db*
        cp "$W/backup.db" "$W/relay/store.db"
    else
        [ "$got" -eq 9 ] || { cat "$W/out"; false; }
    fi
done

# From the copy: one log again, signed by nobody but the relay's own key.
(cd "$W/good" && exec /usr/bin/python3 -u -m http.server --bind 127.0.0.1 0 > "$W/static" 2>&1) & server=$!
trap 'code=$?; set +e; kill "$server" 2> /dev/null; (exit $code); scenario_end' EXIT
for _ in $(seq 100); do grep -q 'http://' "$W/static" && break; sleep 0.05; done
static=$(grep -o 'http://[0-9.:]*' "$W/static" | head -n 1)
expect 0 relay --json restore --from "$static"
said "\"taken\": $((size - held))"
[ "$(fact check hollow)" = $((size - held)) ]
expect 0 relay restore --from "$W/good"
said "nothing is missing"
expect 0 relay check --full

# b comes first: its receipts go back to where they stood, so it has read the
# channel past the places of what a lost.  Then a: it submits that again, and
# b gets it, behind all that it read.
world start relay b
for _ in $(seq 100); do [ "$(fact status hollow)" -lt $((size - held)) ] && break; sleep 0.1; done
[ "$(fact status entries)" -ge "$size" ]
world start a
for i in 3 4 5; do until_state b "$(cat "$W/case.$i")" HANDED_OVER; done
open_case --wait delivered > "$W/case.6"
b case ack "$(cat "$W/case.3")" --from "$ROOT/examples/ack.en.json" --wait delivered > /dev/null
settled

# Once each, in the order they were said; the receipts came back too.
b --json inbox > "$W/inbox"
/usr/bin/python3 - "$W" <<'PY'
import json, sys
w = sys.argv[1]
said = [open("%s/case.%d" % (w, i)).read().strip() for i in range(1, 7)]
inbox = next(v for v in json.load(open(w + "/inbox")).values() if isinstance(v, list))
had = [m["case_id"] for m in inbox if m["type"] == "request"]
assert had == said, (said, had)
PY

# What was answered before the loss is proved by the log as it is now: the
# copy goes on from where it was, no endpoint saw two logs, and both sides'
# evidence, proofs from before and after, verifies.
expect 0 follow good
[ "$(sed -n 2p "$W/good/checkpoint")" = "$(fact status entries)" ]
charter=$(a --json charter show | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["charters"][0]["charter_id"])')
for side in a b; do
    "$side" export "$W/$side.zip" --level open > /dev/null
    expect 0 casewire-audit verify "$W/$side.zip" --charter "$charter"
    expect 0 "$side" doctor
done
expect 0 relay check --full
