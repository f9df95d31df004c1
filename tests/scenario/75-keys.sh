#!/usr/bin/env bash
# Keys change while two agencies talk: signing and identity keys, transport
# keys, a stolen key revoked, the charter renewed.  Nothing is lost, mail
# sealed to what went is opened, the thief is refused, and the evidence of
# both sides verifies from the first message to the last.
exec /usr/bin/python3 -B "$(dirname "$0")/keys_change.py" "$@"
