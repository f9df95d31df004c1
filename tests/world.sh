#!/usr/bin/env bash
# world: two agencies, a charter, a relay, on loopback, real processes.
#
#   tests/world.sh make  DIR [PORT]      identities, charter, words, admission
#   tests/world.sh start DIR [NAME...]   relay, a, b, witness1; waits for each
#   tests/world.sh stop  DIR [NAME...]   SIGTERM, waits
#   tests/world.sh kill  DIR NAME...     SIGKILL (also: a-link, b-link)
#
# WORLD_RELAYS=2 makes relay2 too, at PORT + 1; WORLD_COPIES, WORLD_HEARTBEAT
# and WORLD_KEEP set what the charter says, WORLD_PROFILE names a file of its
# clock, tier and sign lines; WORLD_COURIER=1 gives the pair a
# courier secret.  WORLD_WITNESSES=2 makes witness1 and witness2, WORLD_QUORUM of
# which (default: all) must sign; each relay's log is then on WORLD_WEB, +1 ...
# BIN names the programs' folder.  DIR holds everything: a/, b/ and relay/ are
# homes, offline/ the root keys, charter/ the charter, run/ pids and diags.
# Key files use Argon2id's minimum cost, for speed; real ones do not.
set -euo pipefail

BIN=${BIN:?the folder of the built programs}
PATH=$BIN:$PATH

# world_identity DIR WHO KEYS NAME [OPTION...]: keys; the root goes offline.
world_identity() {
    local dir=$1 who=$2 keys=$3 name=$4
    shift 4
    casewire-keys init "$@" --dir "$keys" --name "$name" \
        --passphrase-file "$dir/passphrase" --argon2 minimum > "$dir/run/init.$who" 2>&1
    mkdir -p "$dir/offline/$who"
    mv "$keys/root.key" "$dir/offline/$who/"
}

# world_relays: relay, relay2 ... as many as WORLD_RELAYS says.
world_relays() {
    local i
    echo relay
    for ((i = 2; i <= ${WORLD_RELAYS:-1}; i++)); do echo "relay$i"; done
}

# world_witnesses: witness1 ... as many as WORLD_WITNESSES says.
world_witnesses() {
    local i
    for ((i = 1; i <= ${WORLD_WITNESSES:-0}; i++)); do echo "witness$i"; done
}

world_charter() {
    local dir=$1 port=$2 side name relays=()
    mkdir -p "$dir/charter"
    for name in $(world_relays); do
        relays+=(--relay "$dir/$name/root.pub=tcp://127.0.0.1:$port")
        port=$((port + 1))
    done
    for name in $(world_witnesses); do
        relays+=(--witness "$dir/$name/witness.pub")
    done
    [ "${WORLD_WITNESSES:-0}" -eq 0 ] || relays+=(--quorum "${WORLD_QUORUM:-$WORLD_WITNESSES}")
    [ -z "${WORLD_PROFILE:-}" ] || relays+=(--profile "$WORLD_PROFILE")
    casewire-keys charter propose --party "$dir/a/keys/root.pub" --party "$dir/b/keys/root.pub" \
        "${relays[@]}" --heartbeat "${WORLD_HEARTBEAT:-300}" --copies "${WORLD_COPIES:-1}" \
        --keep "${WORLD_KEEP:-30}" --out "$dir/charter/charter" > "$dir/run/propose" 2>&1
    for side in a b; do
        casewire-keys charter sign "$dir/charter/charter" --root "$dir/offline/$side/root.key" \
            --passphrase-file "$dir/passphrase" >> "$dir/run/propose" 2>&1
    done
}

# world_witness DIR NAME: its key, and every relay's log to follow.
world_witness() {
    local dir=$1 name=$2 relay web=${WORLD_WEB:?the port of the first log}
    casewire-keys init --witness "$name.example" --dir "$dir/$name" --argon2 minimum \
        --passphrase-file "$dir/passphrase" > "$dir/run/init.$name" 2>&1
    for relay in $(world_relays); do
        printf 'log = http://127.0.0.1:%s\nkeys = ../%s/keys.1\n' "$web" "$relay"
        web=$((web + 1))
    done > "$dir/$name/witness.conf"
    printf 'charter = ../charter/charter\nevery = 1\npassphrase-file = ../passphrase\n' \
        >> "$dir/$name/witness.conf"
}

# world_relay DIR NAME PORT: its home, and the charter admitted there.
world_relay() {
    local dir=$1 name=$2 port=$3 at=${2#relay}
    printf 'passphrase-file = %s\nlisten = tcp://127.0.0.1:%s\n' \
        "$dir/passphrase" "$port" > "$dir/$name/relay.conf"
    [ "${WORLD_WITNESSES:-0}" -eq 0 ] ||
        echo "web = 127.0.0.1:$((WORLD_WEB + ${at:-1} - 1))" >> "$dir/$name/relay.conf"
    casewire-relay admit "$dir/charter" --home "$dir/$name" \
        --keys "$dir/a/keys/keys.1" --keys "$dir/b/keys/keys.1" > "$dir/run/admit.$name" 2>&1
}

# world_courier DIR: each half made by its side, both carried to both.
world_courier() {
    local dir=$1 side
    for side in a b; do
        casewire-keys psk make "$dir/charter/charter" --party "$side" --out "$dir/courier.$side"
    done
    casewire-keys psk combine "$dir/courier.a" "$dir/courier.b" --out "$dir/courier"
}

# world_install DIR OWN PEER: the charter into one agency's book.
world_install() {
    local dir=$1 own=$2 peer=$3 name keys=()
    [ -z "${WORLD_COURIER:-}" ] || keys=(--psk "$dir/courier")
    for name in $(world_relays); do
        keys+=(--keys "$dir/$name/keys.1")
    done
    casewire --home "$dir/$own" charter install "$dir/charter" --keys "$dir/$own/keys/keys.1" \
        --keys "$dir/$peer/keys/keys.1" "${keys[@]}" > "$dir/run/install.$own" 2>&1
}

world_make() {
    local dir=$1 port=${2:-5701} name
    mkdir -p "$dir/run"
    (umask 077; head -c 18 /dev/urandom | base64 > "$dir/passphrase")
    for name in $(world_relays); do
        world_identity "$dir" "$name" "$dir/$name" "$name" --relay
    done
    for name in $(world_witnesses); do world_witness "$dir" "$name"; done
    world_identity "$dir" a "$dir/a/keys" "Agency A"
    world_identity "$dir" b "$dir/b/keys" "Agency B"
    world_charter "$dir" "$port"
    [ -z "${WORLD_COURIER:-}" ] || world_courier "$dir" > "$dir/run/courier" 2>&1
    for name in $(world_relays); do
        world_relay "$dir" "$name" "$port"
        port=$((port + 1))
    done
    trap 'world_kill "$dir" a b' EXIT
    world_start "$dir" a b
    world_install "$dir" a b
    world_install "$dir" b a
    world_stop "$dir" a b
    trap - EXIT
}

# world_runs PID: a process that ended and was not reaped yet runs no more.
world_runs() {
    grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

# world_wait DIR NAME: until it answers, or dies trying (10 s).
world_wait() {
    local dir=$1 name=$2 _
    for _ in $(seq 200); do
        case "$name" in
        relay*) casewire-relay --json status --home "$dir/$name" 2> /dev/null |
            grep -q '"running": true' && return 0 ;;
        witness*) grep -q 'witnessing name=' "$dir/run/$name.diag" && return 0 ;;
        *) casewire --home "$dir/$name" charter show > /dev/null 2>&1 && return 0 ;;
        esac
        world_runs "$(cat "$dir/run/$name.pid")" || break
        sleep 0.05
    done
    echo "world: $name did not start; its diag ends:" >&2
    tail -n 5 "$dir/run/$name.diag" >&2
    return 1
}

# Each becomes, by exec, the very process whose pid is noted.
world_start() {
    local dir=$1 name
    shift
    for name in "${@:-relay}"; do
        case "$name" in
        relay*) exec setsid casewire-relay run --home "$dir/$name" ;;
        witness*) exec setsid casewire-witness run --home "$dir/$name" ;;
        *) exec setsid casewired run --home "$dir/$name" --passphrase-file "$dir/passphrase" ;;
        esac < /dev/null >> "$dir/run/$name.diag" 2>&1 &
        echo $! > "$dir/run/$name.pid"
        world_wait "$dir" "$name"
    done
}

world_stop() {
    local dir=$1 name pid _
    shift
    for name in "$@"; do
        pid=$(cat "$dir/run/$name.pid" 2> /dev/null) || continue
        kill "$pid" 2> /dev/null || true
        for _ in $(seq 200); do
            world_runs "$pid" || break
            sleep 0.05
        done
        rm -f "$dir/run/$name.pid"
    done
}

world_kill() {
    local dir=$1 name
    shift
    for name in "$@"; do
        case "$name" in
        *-link) pkill -KILL -P "$(cat "$dir/run/${name%-link}.pid")" || true ;;
        *) kill -KILL "$(cat "$dir/run/$name.pid" 2> /dev/null)" 2> /dev/null || true ;;
        esac
    done
}

verb=${1:-} dir=${2:-}
case "$verb" in
make|start|stop|kill) ;;
*) sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
shift 2
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
if [ $# -eq 0 ] && [ "$verb" != make ]; then
    set -- $(world_relays) a b $(world_witnesses)
fi
"world_$verb" "$dir" "$@"
