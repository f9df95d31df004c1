#!/usr/bin/env bash
# A charter with two relays: the first is dead, or is there and passes
# nothing on; what one side says reaches the other over the second, once.
exec /usr/bin/python3 -B "$(dirname "$0")/two_relays.py" "$@"
