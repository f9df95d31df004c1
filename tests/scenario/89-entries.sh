#!/usr/bin/env bash
# Goal: two pairs share a relay, and an auditor whom A gave a pass reads what
# A could read: A's and B's runs, receipts and keys, none of C's and D's.  A
# pass that is revoked, ended, guessed or missing opens nothing.  The
# auditor's copy keeps each entry only after its leaf agreed; a forged entry
# is an alarm, a withheld one is counted.  One message's run is handed over
# as a .tlog-proof that a stranger checks with the log's key alone.
. "$(dirname "$0")/lib.sh"
world_up
trap 'code=$?; set +e; world stop c d; kill "${server:-}" 2> /dev/null; (exit $code); scenario_end' EXIT
port=$(sed -n 's/^listen = tcp:.*://p' "$W/relay/relay.conf")
web=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$web
world stop relay
echo "web = 127.0.0.1:$web" >> "$W/relay/relay.conf"

# C and D, a charter of theirs, the same relay.
for side in c d; do
    casewire-keys init --dir "$W/$side/keys" --name "Agency ${side^^}" --passphrase-file "$W/passphrase" --argon2 minimum
    mkdir -p "$W/offline/$side"
    mv "$W/$side/keys/root.key" "$W/offline/$side/"
done > "$W/run/init.cd" 2>&1
mkdir "$W/charter2"
casewire-keys charter propose --party "$W/c/keys/root.pub" --party "$W/d/keys/root.pub" \
    --relay "$W/relay/root.pub=tcp://127.0.0.1:$port" --heartbeat 300 --out "$W/charter2/charter" > "$W/run/propose2" 2>&1
for side in c d; do
    casewire-keys charter sign "$W/charter2/charter" --root "$W/offline/$side/root.key" --passphrase-file "$W/passphrase"
done >> "$W/run/propose2" 2>&1
casewire-relay admit "$W/charter2" --home "$W/relay" --keys "$W/c/keys/keys.1" --keys "$W/d/keys/keys.1" > "$W/run/admit2" 2>&1
world start relay
world start c d
for side in c d; do
    casewire --home "$W/$side" charter install "$W/charter2" --keys "$W/c/keys/keys.1" --keys "$W/d/keys/keys.1" \
        --keys "$W/relay/keys.1" > "$W/run/install.$side" 2>&1
done
c() { casewire --home "$W/c" "$@"; }
get() {
    # get PATH [TOKEN]: the status; the body in $W/body.
    /usr/bin/python3 - "$url$1" "${2:-}" "$W/body" << 'END'
import sys, urllib.error, urllib.request
r = urllib.request.Request(sys.argv[1])
if sys.argv[2]:
    r.add_header("Authorization", "Bearer " + sys.argv[2])
try:
    with urllib.request.urlopen(r, timeout=10) as f:
        body, code, head = f.read(), f.status, f.headers
except urllib.error.HTTPError as e:
    body, code, head = e.read(), e.code, e.headers
open(sys.argv[3], "wb").write(body)
assert head["Cache-Control"] == ("private, no-store" if "entries" in sys.argv[1] else head["Cache-Control"]), head
assert code != 401 or head["WWW-Authenticate"] == "Bearer", head
print(code)
END
}
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
# retry COMMAND...: until it ends well (the agents need a moment to greet).
retry() {
    local _
    for _ in $(seq 100); do
        "$@" > "$W/out" 2> "$W/err" && return 0
        sleep 0.1
    done
    cat "$W/err" >&2
    return 1
}

a case open --from "$ROOT/examples/request.en.json" --wait delivered > "$W/case" 2>&1
c case open --from "$ROOT/examples/request.en.json" --wait delivered > "$W/case2" 2>&1
settled

# Passes: made by the relay for the agency, told once, under a name.
retry a pass issue --name "Auditor X" --until +30d
mv "$W/out" "$W/pass.a"
expect 7 a pass issue --name "Auditor X" --until +1d
said "a pass of that name is there"
expect 0 a pass issue --name Soon --until +2s
mv "$W/out" "$W/pass.soon"
expect 0 a pass issue --name Gone --until +1d
mv "$W/out" "$W/pass.gone"
expect 3 a pass issue --name Far --until 2999-01-01T00:00:00Z
said "at most 366 days"
expect 2 a pass issue --name Nobody
expect 5 a pass issue --name Else --until +1d --relay nowhere
expect 0 a pass revoke Gone
expect 5 a pass revoke Gone
expect 0 a pass list
said "Auditor X"
retry c pass list
expect 0 c pass list
said "no pass at relay"
expect 0 c pass issue --name "Auditor X" --until +30d
mv "$W/out" "$W/pass.c"
grep -qE '^[0-9a-f]{64}$' "$W/pass.a"
# The store keeps no token.
for pass in "$W"/pass.?; do
    ! grep -qaF "$(cat "$pass")" "$W"/relay/store.db* || { echo "a token is in the store" >&2; exit 1; }
done

n=$(entries)
sleep 2
[ "$(get "/tile/entries/000.p/$n")" = 401 ]
[ "$(get "/tile/entries/000.p/$n" "$(cat "$W/pass.gone")")" = 403 ]
[ "$(get "/tile/entries/000.p/$n" "$(cat "$W/pass.soon")")" = 403 ]
[ "$(get "/tile/entries/000.p/$n" "$(tr 0-9a-f 1-9a-f0 < "$W/pass.a")")" = 403 ]
[ "$(get "/tile/entries/000.p/$((n + 9))" "$(cat "$W/pass.a")")" = 404 ]
[ "$(get "/tile/entries/000.p/$n" "$(cat "$W/pass.a")")" = 200 ]
mv "$W/body" "$W/tile.a"
[ "$(get "/tile/entries/000.p/$n" "$(cat "$W/pass.c")")" = 200 ]
mv "$W/body" "$W/tile.c"
[ "$(get "/tile/0/000.p/$n")" = 200 ]
# Together they show the whole log, and share nothing but the relay's keys.
/usr/bin/python3 - "$W/tile.a" "$W/tile.c" "$W/body" << 'END'
import hashlib, struct, sys
def read(path):
    data, out = open(path, "rb").read(), []
    while data:
        n, = struct.unpack(">H", data[:2])
        assert len(data) >= 2 + n
        out.append(data[2:2 + n])
        data = data[2 + n:]
    return out
a, c, leaves = read(sys.argv[1]), read(sys.argv[2]), open(sys.argv[3], "rb").read()
assert len(a) == len(c) == len(leaves) // 32
for i, (x, y) in enumerate(zip(a, c)):
    assert x or y, i
    for entry in (x, y):
        if entry:
            assert hashlib.sha256(b"\0" + entry).digest() == leaves[32 * i:32 * i + 32], i
both = [x for x, y in zip(a, c) if x and y]
assert len(both) == 1 and both[0].startswith(b"casewire/1/keys\0"), both
for label in (b"run", b"receipt", b"prekey", b"keys"):
    for side in (a, c):
        assert any(e.startswith(b"casewire/1/" + label + b"\0") for e in side), label
END
# Across a restart of the relay the pass still opens.
world stop relay
world start relay
for _ in $(seq 100); do
    [ "$(get "/tile/entries/000.p/$n" "$(cat "$W/pass.a")" 2> /dev/null)" = 200 ] && break
    sleep 0.1
done
cmp "$W/body" "$W/tile.a"

# The auditor's own copy: hashes of all, entries of A's pairs, each checked.
keys=(--keys "$W/relay/keys.1" --charter "$W/charter/charter")
follow() { casewire-audit follow "$1" --dir "$W/$2" "${keys[@]}" --once "${@:3}"; }
for _ in $(seq 100); do
    follow "$url" m --pass-file "$W/pass.a" > "$W/out" 2> "$W/err" && break
    sleep 0.1
done
said "withheld"
n=$(sed -n 2p "$W/m/checkpoint")
[ -s "$W/m/tile/entries/000.p/$n" ]
expect 0 casewire-audit entries "$W/m" "${keys[@]}" --keys "$W/a/keys/keys.1" --keys "$W/b/keys/keys.1"
said "Agency A (good)"
said "Agency B (good)"
said "relay (good)"
lacks 'unchecked|wrong\)' "$W/out"
shown=$(wc -l < "$W/out")
said "$shown entries shown, $((n - shown)) withheld, 0 wrong"
# Without a charter's signatures the log's keys alone: nobody else is known.
expect 0 casewire-audit entries "$W/m" --keys "$W/relay/keys.1" --json
said '"unchecked"'
[ "$(grep -c '"kind"' "$W/out")" = "$shown" ]
# It grows; a pass that ended stops the look and not the copy of the hashes.
a case open --from "$ROOT/examples/request.en.json" --wait delivered > "$W/case" 2>&1
settled
expect 0 follow "$url" m --pass-file "$W/pass.a"
grown=$(sed -n 2p "$W/m/checkpoint")
[ "$grown" -gt "$n" ] && [ ! -e "$W/m/tile/entries/000.p/$n" ]
[ -s "$W/m/tile/entries/000.p/$grown" ]
expect 7 follow "$url" m2 --pass-file "$W/pass.soon"
expect 7 follow "$url" m2 --pass-file "$W/pass.gone"
expect 3 follow "$url" m2 --pass-file "$W/charter/charter"
# A pass is shown to this machine alone.
expect 2 follow http://192.0.2.1:1 m3 --pass-file "$W/pass.a"
said "TLS tunnel"

# A stranger serves the copy: whole; with one entry forged; with one left out.
bend() {
    # bend HOW: the first shown entry of the copy's tile.
    /usr/bin/python3 - "$W/bent/tile/entries/000.p/$grown" "$1" << 'END'
import sys
data = open(sys.argv[1], "rb").read()
at = 0
while data[at:at + 2] == b"\0\0":
    at += 2
n = int.from_bytes(data[at:at + 2], "big")
entry = bytearray(data[at + 2:at + 2 + n])
if sys.argv[2] == "forge":
    entry[-1] ^= 1
    new = data[at:at + 2] + bytes(entry)
elif sys.argv[2] == "cut":
    new = b""
else:
    new = b"\0\0"
open(sys.argv[1], "wb").write(data[:at] + new + data[at + 2 + n:])
END
}
cp -r "$W/m" "$W/bent"
serve "$W/bent"
expect 0 follow "$static" same --pass-file "$W/pass.a"
cmp "$W/same/tile/entries/000.p/$grown" "$W/m/tile/entries/000.p/$grown"
for how in forge cut; do
    cp "$W/m/tile/entries/000.p/$grown" "$W/bent/tile/entries/000.p/$grown"
    bend $how
    expect 3 follow "$static" "$how" --pass-file "$W/pass.a"
    said "ALARM bad-tile"
    cmp "$W/$how"/alarm-bad-tile-*/tile "$W/bent/tile/entries/000.p/$grown"
    [ ! -e "$W/$how/tile/entries" ]
    [ "$(sed -n 2p "$W/$how/checkpoint")" = "$grown" ]
done
cp "$W/m/tile/entries/000.p/$grown" "$W/bent/tile/entries/000.p/$grown"
bend withhold
expect 0 follow "$static" less --pass-file "$W/pass.a" --json
kill "$server"
server=
expect 0 casewire-audit entries "$W/m" "${keys[@]}"
more=$(wc -l < "$W/out")
expect 0 casewire-audit entries "$W/less" "${keys[@]}"
[ "$(wc -l < "$W/out")" = "$((more - 1))" ]
# A copy changed on its own disk is found.
cp "$W/m/tile/entries/000.p/$grown" "$W/bent/tile/entries/000.p/$grown"
bend forge
cp "$W/bent/tile/entries/000.p/$grown" "$W/less/tile/entries/000.p/$grown"
expect 3 casewire-audit entries "$W/less" "${keys[@]}"

# One message's run, for a stranger: the log's key alone, then who signed it.
case=$(a --json case list | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["cases"][0]["case_id"])')
expect 0 a export "$W/one.tlog-proof" --case "$case" --proof 1
head -n 1 "$W/one.tlog-proof" | grep -qx 'c2sp.org/tlog-proof@v1'
expect 0 casewire-audit proof "$W/one.tlog-proof" --keys "$W/relay/keys.1"
said "(unchecked)"
expect 0 casewire-audit proof "$W/one.tlog-proof" "${keys[@]}" --keys "$W/a/keys/keys.1"
said "Agency A (good)"
expect 4 casewire-audit proof "$W/one.tlog-proof" "${keys[@]}" --keys "$W/b/keys/keys.1"
expect 7 casewire-audit proof "$W/one.tlog-proof" --keys "$W/c/keys/keys.1"
expect 3 casewire-audit proof "$W/one.tlog-proof" --key "$(/usr/bin/python3 -c '
import base64, hashlib
key, name = bytes([1]) + hashlib.sha256(b"no log").digest(), "other.example"
kid = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
print("%s+%s+%s" % (name, kid, base64.b64encode(key).decode()))')"
expect 1 a export "$W/one.tlog-proof" --case "$case" --proof 1
expect 5 a export "$W/two.tlog-proof" --case "$case" --proof 99
expect 2 a export "$W/two.tlog-proof" --proof 1
expect 2 a export "$W/two.tlog-proof" --case "$case" --proof 1 --level open
expect 0 casewire --home "$W/b" export "$W/b.tlog-proof" --case "$case" --proof 1
expect 0 casewire-audit proof "$W/b.tlog-proof" "${keys[@]}" --keys "$W/a/keys/keys.1" --json
said '"good"'
# Another reader, from C2SP's text alone, agrees, also about 19 bent ones.
vkey=$(/usr/bin/python3 - "$W/one.tlog-proof" "$W/relay/keys.1" << 'END'
import base64, hashlib, sys
origin = open(sys.argv[1]).read().split("\n\n")[1].split("\n")[0]
data = open(sys.argv[2], "rb").read()
# The log key of the statement (type 4) is the last of its keys.
at = len(b"casewire/1/keys\0") + 16 + 2 + 16 + 8 + 32 + 16
keys = [data[at + 1 + 33 * i:at + 34 + 33 * i] for i in range(data[at])]
key = b"\1" + [k[1:] for k in keys if k[0] == 4][0]
kid = hashlib.sha256(origin.encode() + b"\n" + key).hexdigest()[:8]
print("%s+%s+%s" % (origin, kid, base64.b64encode(key).decode()))
END
)
"$ROOT/tests/interop/test_proof.py" "$W/one.tlog-proof" "$vkey" "$BIN/casewire-audit"
