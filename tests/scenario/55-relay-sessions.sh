#!/usr/bin/env bash
# Goal: sessions, waiting, a full disk and leaving, seen from outside by the
# Python side: who is fed when, who is told what, who is served no more.
set -euo pipefail
cd "$(dirname "$0")"
exec /usr/bin/python3 -B relay_sessions.py "${BIN:?the folder of the built programs}" ../../proto/schema/relay.proto
