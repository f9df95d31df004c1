#!/usr/bin/env bash
# run: the bench.  One command, one JSON object, a table on stderr.
#
#   tests/bench/run.sh --bin build/rel/bin [--smoke] [--runs N]
#
# Every figure comes with this machine's limits, measured in the same run;
# several rounds alternate limits, relay, end to end and the auditor, and the
# median and spread are printed.  --smoke: one small round, to see that it all works.
set -euo pipefail
cd "$(dirname "$0")/../.."

bin="" rounds=5 envelopes=65536 notices=2000 idle=200 bundle=1000000
while [ $# -gt 0 ]; do
    case "$1" in
    --bin) bin=$(cd "$2" && pwd); shift ;;
    --smoke) rounds=1 envelopes=4096 notices=100 idle=20 bundle=20000 ;;
    --runs) rounds=$2; shift ;;
    *) echo "bench: unknown option $1" >&2; exit 2 ;;
    esac
    shift
done
[ -n "$bin" ] || { echo "bench: --bin DIR is needed" >&2; exit 2; }
export BIN=$bin
work=$(mktemp -d)
trap 'tests/world.sh kill "$work/load" relay 2>/dev/null || true
      tests/world.sh kill "$work/talk" relay a b 2>/dev/null || true
      rm -rf "$work"' EXIT

for round in $(seq "$rounds"); do
    "$bin/bench-limits" "$work" > "$work/limits.$round"
    rm -rf "$work/load"
    tests/world.sh make "$work/load" 5797
    tests/world.sh start "$work/load" relay
    "$bin/bench-relay" "$work/load" "$envelopes" 64 4 > "$work/relay.$round"
    tests/world.sh stop "$work/load" relay
    rm -rf "$work/talk"
    tests/world.sh make "$work/talk" 5798
    tests/world.sh start "$work/talk" relay a b
    python3 tests/bench/talk.py "$work/talk" --notices "$notices" --idle "$idle" > "$work/talk.$round"
    tests/world.sh stop "$work/talk" a b relay
    python3 tests/bench/bundle.py "$work" --bin "$bin" --envelopes "$bundle" --rounds 1 \
        > "$work/bundle.$round"
done
python3 tests/bench/table.py "$rounds" "$work"
