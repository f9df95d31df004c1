#!/usr/bin/env bash
# kills: SIGKILL at random moments, traffic both ways, nothing lost.
#
#   tests/fault/kills.sh --bin DIR [--cycles N] [--seed S] [--dir DIR]
#       [--relays N] [--copies N] [--heartbeat SECONDS]
#
# See kills.py, which does it.  The seed is printed; a failure keeps its
# folder and says where it is.
exec /usr/bin/python3 -B "$(dirname "$0")/kills.py" "$@"
