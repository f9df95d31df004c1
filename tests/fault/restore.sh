#!/usr/bin/env bash
# restore: an older book, a forked book, lost prekeys, and the ways back.
#
#   tests/fault/restore.sh --bin DIR [--only older|fork|clone|relay|prekeys]
#
# See restore.py, which does it.  A failure keeps its folder.
exec /usr/bin/python3 -B "$(dirname "$0")/restore.py" "$@"
