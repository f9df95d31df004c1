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
