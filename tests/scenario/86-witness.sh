#!/usr/bin/env bash
# Goal: witnesses bind a relay to one history.  Two of them follow its log and
# cosign it; the lines appear, survive a restart, and are made by nobody else.
# Killed at any moment a witness never signs an older size, another root at a
# size, or an earlier time.  A lost copy costs it nothing; a home that was put
# back, and a relay that was, are found and not cosigned.
. "$(dirname "$0")/lib.sh"
export WORLD_WITNESSES=2
WORLD_WEB=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export WORLD_WEB
web=http://127.0.0.1:$WORLD_WEB
trap 'code=$?; set +e; world kill witness1 witness2 relay > /dev/null 2>&1; (exit $code); scenario_end' EXIT
world_up
origin=$(casewire-relay status --home "$W/relay" --json |
    /usr/bin/python3 -c 'import json, sys; s = json.load(sys.stdin); print("%s/%s" % (s["name"], s["log_id"][:8]))')
folder=$(printf %s "$origin" | sha256sum | cut -c 1-64)
PYTHONPATH=$ROOT/tests/interop
export PYTHONPATH

# lines NAME: size and time of each line the relay holds, checked in Python.
watch() { /usr/bin/python3 "$ROOT/tests/scenario/witness.py" "$@"; }
note() { casewire-witness show --home "$W/$1"; }
cosigned() {
    # cosigned NAME: until it cosigned all there is now (the agents send a
    # receipt or a prekey now and then), within 15 s.
    local _ size
    for _ in $(seq 150); do
        size=$(casewire-relay status --home "$W/relay" --json |
            /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["entries"])')
        [ "$(note "$1" 2> /dev/null | sed -n 2p)" = "$size" ] && return 0
        sleep 0.1
    done
    echo "$1 did not cosign $size" >&2
    return 1
}
work() { a case open --from "$ROOT/examples/request.en.json" --wait delivered > "$W/case" 2>&1; }

# Both lines under the newest checkpoint, on HTTP and for the operator.
cosigned witness1
cosigned witness2
work
cosigned witness1
cosigned witness2
watch lines "$web" "$W" witness1 witness2
casewire-relay list --home "$W/relay" > "$W/list"
grep -q 'witness1.example' "$W/list"
grep -q 'witness2.example' "$W/list"
casewire-relay status --home "$W/relay" | grep -qE '^least cosigned +[1-9]'
/usr/bin/python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1] + "/metrics", timeout=9).read().decode())' "$web" > "$W/metrics"
grep -qx 'casewire_relay_witnesses 2' "$W/metrics"
grep -qE '^casewire_relay_cosigned_size_min [1-9]' "$W/metrics"
expect 0 casewire-witness status --home "$W/witness1"
said "$origin"

# Only these two: a line that was changed, a witness no charter names.
watch forged "$web" "$W" witness1
casewire-keys init --witness stranger.example --dir "$W/stranger" --argon2 minimum --json \
    --passphrase-file "$W/passphrase" > "$W/stranger.json"
watch vkey "$web" "$W" stranger
expect 2 casewire-keys init --witness "two words" --dir "$W/x" --passphrase-file "$W/passphrase"
expect 1 casewire-keys init --witness stranger.example --dir "$W/stranger" --argon2 minimum \
    --passphrase-file "$W/passphrase"
said "there already"
cp "$W/witness1/witness.conf" "$W/stranger/"
expect 7 casewire-witness once --home "$W/stranger"
said "not_admitted"
watch lines "$web" "$W" witness1 witness2

# One home, one process; one log, one line of the configuration.
expect 1 casewire-witness once --home "$W/witness1"
said "process"
world stop witness2
cp -r "$W/witness2" "$W/twice"
echo "log = http://localhost:$WORLD_WEB/" >> "$W/twice/witness.conf"
expect 2 casewire-witness once --home "$W/twice"
said "serves too"
rm -rf "$W/twice"
world start witness2

# The relay is restarted, and knows what it was brought; brought by hand too.
world stop witness2
world stop relay
world start relay
watch held "$web" "$W" witness1 witness2
note witness2 > "$W/note"
expect 0 casewire-relay cosign "$W/note" --home "$W/relay"
said "witness2.example"

# Killed again and again while the log grows: no line it ever made goes back.
watch kills "$web" "$W" witness2 12 &
kills=$!
while kill -0 "$kills" 2> /dev/null; do
    work
done
wait "$kills"

# The copy of the log is lost: state alone holds it to what it signed.
world start witness2
cosigned witness2
world stop witness2
rm -rf "${W:?}/witness2/$folder/tile" "$W/witness2/$folder/checkpoint"
work
expect 0 casewire-witness once --home "$W/witness2"
watch lines "$web" "$W" witness2

# State is put back: what is cosigned tells.  Both: what the relay shows does.
cp -r "$W/witness2" "$W/early"
work
expect 0 casewire-witness once --home "$W/witness2"
cp "$W/early/$folder/state" "$W/witness2/$folder/state.old"
mv "$W/witness2/$folder/state" "$W/state.new"
mv "$W/witness2/$folder/state.old" "$W/witness2/$folder/state"
expect 9 casewire-witness once --home "$W/witness2"
mv "$W/state.new" "$W/witness2/$folder/state"
expect 0 casewire-witness once --home "$W/witness2"
world stop a b
sleep 1.5
expect 0 casewire-witness once --home "$W/witness2"
expect 9 casewire-witness once --home "$W/early"
said "rollback"

# State is edited: the log's own line in it tells.
cp -r "$W/witness2" "$W/edited"
sed -i '5s/.*/1/' "$W/edited/$folder/state"
rm "$W/edited/$folder/cosigned"
expect 3 casewire-witness once --home "$W/edited"
said "signature"

# The relay is put back, high-water mark and all: no witness follows it.
world stop relay
mkdir "$W/before"
cp -r "$W/relay" "$W/a" "$W/b" "$W/before/"
world start relay a b
work
cosigned witness1
expect 0 casewire-witness once --home "$W/witness2"
world stop a b relay
rm -rf "${W:?}/relay"
cp -r "$W/before/relay" "$W/"
world start relay
was=$(note witness2)
expect 3 casewire-witness once --home "$W/witness2"
said "rollback"
[ "$(note witness2)" = "$was" ]
ls -d "$W/witness2/$folder"/alarm-rollback-* > /dev/null

# And goes on from there to another history, with two agencies that would never
# know: it is proved, and that log is cosigned no more.
rm -rf "${W:?}/a" "${W:?}/b"
cp -r "$W/before/a" "$W/before/b" "$W/"
world start a b
work
for _ in 1 2 3 4; do work; done
expect 3 casewire-witness once --home "$W/witness2"
said "split"
[ "$(note witness2)" = "$was" ]
[ -s "$W/witness2/$folder/stopped" ]
watch split "$web" "$W" witness2
expect 3 casewire-witness once --home "$W/witness2"
said "stopped says"
expect 0 casewire-witness status --home "$W/witness2"
said "stopped"
