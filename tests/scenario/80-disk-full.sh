#!/usr/bin/env bash
# A relay under its disk floor refuses runs with disk_low and still takes
# receipts; one whose disk is really full ends with 74 and loses nothing; an
# agent whose disk is full ends with 74 and has promised nothing it lost.
exec /usr/bin/python3 -B "$(dirname "$0")/disk_full.py" "$@"
