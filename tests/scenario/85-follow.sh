#!/usr/bin/env bash
# Goal: anybody can watch a relay.  The log is read over HTTP while two
# agencies work; the copy grows with it, goes on after a kill -9, and can be
# served by any web server.  A tile changed on the way, one withheld, a
# checkpoint that goes back, one signed by a stranger: each is found and
# leaves the copy as it was.
. "$(dirname "$0")/lib.sh"
world_up
web=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
world stop relay
echo "web = 127.0.0.1:$web" >> "$W/relay/relay.conf"
world start relay
follow() { casewire-audit follow "$1" --dir "$W/$2" --keys "$W/relay/keys.1" --charter "$W/charter/charter" "${@:3}"; }
get() { /usr/bin/python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())' "$1"; }
entries() { casewire-relay status --home "$W/relay" --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["entries"])'; }
settled() {
    local last="" now _
    for _ in $(seq 100); do
        now=$(entries)
        [ "$now" = "$last" ] && return 0
        last=$now
        sleep 0.4
    done
}
size() { sed -n 2p "$W/$1/checkpoint"; }
trap 'code=$?; set +e; kill "${server:-}" "${watcher:-}" 2> /dev/null; (exit $code); scenario_end' EXIT

for _ in $(seq 100); do
    get "http://127.0.0.1:$web/checkpoint" > "$W/checkpoint" 2> /dev/null && break
    sleep 0.05
done

# The log as it is, then as it grew; nothing new: nothing to fetch.
expect 0 follow "http://127.0.0.1:$web" m --once
first=$(size m)
a case open --from "$ROOT/examples/request.en.json" --wait delivered > "$W/case" 2>&1
settled
expect 0 follow "http://127.0.0.1:$web" m --once
[ "$(size m)" -gt "$first" ]
[ "$(size m)" = "$(entries)" ]
get "http://127.0.0.1:$web/metrics" > "$W/metrics"
grep -qx "casewire_relay_entries $(entries)" "$W/metrics"
grep -qE '^casewire_relay_runs_total [1-9]' "$W/metrics"
[ "$(get "http://127.0.0.1:$web/healthz")" = ok ]

# Watching, killed, watching again: the copy is whole all the time.
follow "http://127.0.0.1:$web" m --every 1 > "$W/watch" 2>&1 & watcher=$!
for _ in $(seq 100); do [ -s "$W/watch" ] && break; sleep 0.05; done
expect 1 follow "http://127.0.0.1:$web" m --once
casewire_pid=$(pgrep -P "$watcher" || echo "$watcher")
kill -9 $casewire_pid
wait "$watcher" 2> /dev/null || true
watcher=
a case open --from "$ROOT/examples/request.en.json" --wait delivered > "$W/case" 2>&1
settled
cp -r "$W/m" "$W/old"
expect 0 follow "http://127.0.0.1:$web" m --once
[ "$(size m)" -gt "$(size old)" ]

# Another agency's key is no log's; without a key nothing is believed.
expect 7 casewire-audit follow "http://127.0.0.1:$web" --dir "$W/x" --once --charter "$W/charter/charter" --keys "$W/a/keys/keys.1"
expect 2 casewire-audit follow "http://127.0.0.1:$web" --dir "$W/x" --once

# The copy, served as it stands, is a log to follow.
serve "$W/m"
expect 0 follow "$static" copy --once
diff -r "$W/m/tile" "$W/copy/tile"
kill "$server"

# It goes back: alarm, with both checkpoints; the copy stays.
serve "$W/old"
expect 3 follow "$static" m --once
said "ALARM rollback"
cmp "$W"/m/alarm-rollback-*/checkpoint.shown "$W/old/checkpoint"
cmp "$W"/m/alarm-rollback-*/checkpoint.held "$W/m/checkpoint"
[ "$(size m)" = "$(entries)" ]
kill "$server"

# One bit of a tile, changed by who serves it; then the tile withheld.
cp -r "$W/copy" "$W/bent"
tile=$(find "$W/bent/tile" -type f | sort | tail -n 1)
/usr/bin/python3 - "$tile" << 'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[5] ^= 1
open(sys.argv[1], "wb").write(data)
END
serve "$W/bent"
cp -r "$W/old" "$W/m2"
expect 3 follow "$static" m2 --once
said "ALARM bad-tile"
[ "$(size m2)" = "$(size old)" ]
rm "$tile"
expect 4 follow "$static" m2 --once
[ "$(size m2)" = "$(size old)" ]

# A checkpoint nobody signed: larger by a word of its own.
/usr/bin/python3 - "$W/bent/checkpoint" << 'END'
import sys
lines = open(sys.argv[1]).read().split("\n")
lines[1] = str(int(lines[1]) + 1)
open(sys.argv[1], "w").write("\n".join(lines))
END
expect 3 follow "$static" m2 --once
said "signature"
kill "$server"
expect 6 follow "$static" m2 --once

# The true log again: the copy that met all this goes on.
expect 0 follow "http://127.0.0.1:$web" m2 --once
[ "$(size m2)" = "$(entries)" ]
