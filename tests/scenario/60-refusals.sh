#!/usr/bin/env bash
# What a hostile party may send, over the real socket to the real relay and
# the real agent behind it: each refused by its own status, nothing of it
# logged, and the sound message after it all still arrives.
exec /usr/bin/python3 -B "$(dirname "$0")/refusals.py" "$@"
