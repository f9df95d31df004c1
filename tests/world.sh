#!/usr/bin/env bash
# world: two agencies, a charter, a relay, on loopback, real processes.
#
#   tests/world.sh make  DIR [PORT]      identities, charter, words, admission
#   tests/world.sh start DIR [NAME...]   relay, a, b; waits until each answers
#   tests/world.sh stop  DIR [NAME...]   SIGTERM, waits
#   tests/world.sh kill  DIR NAME...     SIGKILL (also: a-link, b-link)
#
# BIN names the programs' folder.  DIR holds everything: a/, b/ and relay/ are
# homes, offline/ the root keys, charter/ the charter, run/ pids and diags.
# Key files use Argon2id's minimum cost, for speed; real ones do not.
set -euo pipefail

BIN=${BIN:?the folder of the built programs}
PATH=$BIN:$PATH

world_identity() {
    local dir=$1 who=$2 name=$3
    shift 3
    casewire-keys init "$@" --dir "$dir/$who/keys" --name "$name" \
        --passphrase-file "$dir/passphrase" --argon2 minimum > "$dir/run/init.$who" 2>&1
    mkdir -p "$dir/offline/$who"
    mv "$dir/$who/keys/root.key" "$dir/offline/$who/"
}

world_charter() {
    local dir=$1 port=$2 side
    mkdir -p "$dir/charter"
    casewire-keys charter propose --party "$dir/a/keys/root.pub" --party "$dir/b/keys/root.pub" \
        --relay "$dir/relay/keys/root.pub=tcp://127.0.0.1:$port" \
        --heartbeat "${WORLD_HEARTBEAT:-300}" --out "$dir/charter/charter" > "$dir/run/propose" 2>&1
    for side in a b; do
        casewire-keys charter sign "$dir/charter/charter" --root "$dir/offline/$side/root.key" \
            --passphrase-file "$dir/passphrase" >> "$dir/run/propose" 2>&1
    done
}

world_relay_home() {
    local dir=$1
    mv "$dir/relay/keys/relay.key" "$dir/relay/relay.key"
    cp "$dir/relay/keys/keys.1" "$dir/relay/relay.keys"
    printf 'passphrase-file = %s\nlisten = tcp://127.0.0.1:%s\n' \
        "$dir/passphrase" "$2" > "$dir/relay/relay.conf"
}

world_make() {
    local dir=$1 port=${2:-5701}
    mkdir -p "$dir/run"
    (umask 077; head -c 18 /dev/urandom | base64 > "$dir/passphrase")
    world_identity "$dir" relay relay-one --relay
    world_identity "$dir" a "Agency A"
    world_identity "$dir" b "Agency B"
    world_charter "$dir" "$port"
    world_relay_home "$dir" "$port"
    casewire-relay admit "$dir/charter" --home "$dir/relay" \
        --keys "$dir/a/keys/keys.1" --keys "$dir/b/keys/keys.1" > "$dir/run/admit" 2>&1
    world_start "$dir" a b
    casewire --home "$dir/a" charter install "$dir/charter" --keys "$dir/a/keys/keys.1" \
        --keys "$dir/b/keys/keys.1" --keys "$dir/relay/relay.keys" > "$dir/run/install" 2>&1
    casewire --home "$dir/b" charter install "$dir/charter" --keys "$dir/b/keys/keys.1" \
        --keys "$dir/a/keys/keys.1" --keys "$dir/relay/relay.keys" >> "$dir/run/install" 2>&1
    world_stop "$dir" a b
}

# world_wait DIR NAME: until it answers, or dies trying (10 s).
world_wait() {
    local dir=$1 name=$2 _
    for _ in $(seq 200); do
        case "$name" in
        relay) casewire-relay status --home "$dir/relay" > /dev/null 2>&1 && return 0 ;;
        *) casewire --home "$dir/$name" charter show > /dev/null 2>&1 && return 0 ;;
        esac
        kill -0 "$(cat "$dir/run/$name.pid")" 2> /dev/null || break
        sleep 0.05
    done
    echo "world: $name did not start; its diag ends:" >&2
    tail -n 5 "$dir/run/$name.diag" >&2
    return 1
}

world_start() {
    local dir=$1 name
    shift
    for name in "${@:-relay}"; do
        case "$name" in
        relay) setsid casewire-relay run --home "$dir/relay" ;;
        *) setsid casewired run --home "$dir/$name" --passphrase-file "$dir/passphrase" ;;
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
            kill -0 "$pid" 2> /dev/null || break
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
        *) kill -KILL "$(cat "$dir/run/$name.pid")" 2> /dev/null || true ;;
        esac
    done
}

verb=${1:-} dir=${2:-}
case "$verb" in
make|start|stop|kill) ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
shift 2
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
if [ $# -eq 0 ] && [ "$verb" != make ]; then
    set -- relay a b
fi
"world_$verb" "$dir" "$@"
