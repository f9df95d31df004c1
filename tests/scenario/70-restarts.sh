#!/usr/bin/env bash
# Delivery survives the restart of each process at each step: the message is
# written while the relay is down, while the peer is down, while the sender's
# own link is dead; SIGTERM drains and ends with 0.
exec /usr/bin/python3 -B "$(dirname "$0")/restarts.py" "$@"
