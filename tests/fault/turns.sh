#!/usr/bin/env bash
# turns: casewired killed at every step of its first turns.
#
#   tests/fault/turns.sh --bin DIR [--all] [--dir DIR]
#
# See turns.py, which does it.  Without --all: of each kind of call at each
# file the first.  A failure keeps its folder and says where it is.
exec /usr/bin/python3 -B "$(dirname "$0")/turns.py" "$@"
