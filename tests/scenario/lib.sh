# Sourced by every scenario.  BIN names the programs' folder; the scenario
# gets a world of its own under a temporary folder, torn down at its end.
set -euo pipefail
BIN=${BIN:?the folder of the built programs}
PATH=$BIN:$PATH
export CASEWIRE_LANG=en
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
W=$(mktemp -d)

scenario_end() {
    local code=$?
    "$ROOT/tests/world.sh" stop "$W" > /dev/null 2>&1 || true
    if grep -l 'Sanitizer' "$W"/run/*.diag > /dev/null 2>&1; then
        grep -h -A 12 'Sanitizer' "$W"/run/*.diag | head -n 60
        code=1
    fi
    if [ "$code" -ne 0 ]; then
        echo "FAILED ($code); the agents and the relay said:"
        tail -n 15 "$W"/run/*.diag 2> /dev/null || true
    fi
    rm -rf "$W"
    exit "$code"
}
trap scenario_end EXIT

# world_up: identities, charter, relay, both agents.
world_up() {
    local port
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$ROOT/tests/world.sh" make "$W" "$port"
    "$ROOT/tests/world.sh" start "$W"
}
world() { "$ROOT/tests/world.sh" "$1" "$W" "${@:2}"; }
# kill_hard NAME: SIGKILL, and wait until it holds nothing any more.
kill_hard() {
    local pid
    pid=$(cat "$W/run/$1.pid" 2> /dev/null || true)
    world kill "$1"
    while [ -n "$pid" ] && grep -qsv '^State:.*Z' <(grep '^State:' "/proc/$pid/status" 2> /dev/null); do
        sleep 0.02
    done
}
a() { casewire --home "$W/a" "$@"; }
b() { casewire --home "$W/b" "$@"; }

# expect CODE COMMAND...: it must end with CODE; its output is in $W/out, $W/err.
expect() {
    local want=$1 got=0
    shift
    "$@" > "$W/out" 2> "$W/err" || got=$?
    if [ "$got" -ne "$want" ]; then
        echo "expected exit $want, got $got: $*" >&2
        cat "$W/out" "$W/err" >&2
        return 1
    fi
}
# said TEXT: the last expect printed it, on either stream.
said() {
    grep -qF -- "$1" "$W/out" "$W/err" || {
        echo "not said: $1" >&2
        cat "$W/out" "$W/err" >&2
        return 1
    }
}
# lacks PATTERN FILE: no line of the file matches (bash ends no script for a
# line that begins with "!").
lacks() {
    local got=0
    grep -aqE -- "$1" "$2" || got=$?
    [ "$got" -eq 1 ] || { echo "$2 says $1 (grep: $got)" >&2; return 1; }
}
# state A_OR_B CASE: its state.
state() { "$1" --json case show "$2" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["state"])'; }
# until_state A_OR_B CASE STATE: within 10 s.
until_state() {
    local _
    for _ in $(seq 100); do
        [ "$(state "$1" "$2" 2> /dev/null)" = "$3" ] && return 0
        sleep 0.1
    done
    echo "$1 sees $(state "$1" "$2"), not $3" >&2
    return 1
}
# serve DIR: a web server that knows nothing of logs; its pid in $server, its
# URL in $static.
serve() {
    /usr/bin/python3 -c '
import functools, http.server, sys
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
h.func.log_message = lambda *a: None
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), h)
open(sys.argv[2], "w").write("http://127.0.0.1:%d" % s.server_port)
s.serve_forever()' "$1" "$W/static.new" & server=$!
    for _ in $(seq 100); do [ -s "$W/static.new" ] && break; sleep 0.05; done
    static=$(cat "$W/static.new")
    rm "$W/static.new"
}
