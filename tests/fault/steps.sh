#!/usr/bin/env bash
# steps: SIGKILL, and failing disks, at every step of a commit group.
#
#   tests/fault/steps.sh --bin DIR [--all] [--only SCENE] [--dir DIR]
#
# See steps.py, which does it.  Without --all: of each kind of call at each
# file the first and the last.  A failure keeps its folder and says where.
exec /usr/bin/python3 -B "$(dirname "$0")/steps.py" "$@"
