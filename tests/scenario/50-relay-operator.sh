#!/usr/bin/env bash
# Goal: what a relay's operator does, and what a relay refuses to do.  Admit,
# block and unblock an agency while serving; a second relay on one home; a
# store put back from a backup (exit 9, before anybody is answered); a store
# that was edited; a stranger at the socket; SIGTERM ends with 0.
. "$(dirname "$0")/lib.sh"
world_up
relay() { local command=$1; shift; casewire-relay "$command" --home "$W/relay" "$@"; }
field() { /usr/bin/python3 -c 'import json, sys
v = json.load(sys.stdin)
for k in sys.argv[1:]:
    v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$@"; }

# The operator sees the pair; both agencies are in.
relay list --json > "$W/list"
[ "$(field pairs 0 number < "$W/list")" = 0 ]
agency=$(field pairs 0 a agency < "$W/list")
[ "$(relay status --json | field running)" = True ]
expect 0 relay check
expect 0 relay check --full

# A second relay on the same home is refused and harms nothing.
expect 1 casewire-relay run --home "$W/relay"

# Blocked while serving: the agency's mail waits, then goes.
expect 0 relay block "$agency"
[ "$(relay list --json | field pairs 0 a blocked)" = True ]
expect 0 relay block "$agency" --off
expect 5 relay block "$agency" --off
expect 2 relay block nonsense
expect 5 casewire-relay status --home "$W/nowhere"
said "$W/nowhere"

# Admitting again what is admitted changes nothing; a charter whose text is
# not what was signed is refused.
entries=$(relay status --json | field entries)
expect 0 relay admit "$W/charter" --keys "$W/a/keys/keys.1" --keys "$W/b/keys/keys.1"
[ "$(relay status --json | field entries)" = "$entries" ]
cp -r "$W/charter" "$W/forged"
sed -i 's/^heartbeat .*/heartbeat 299/' "$W/forged/charter"
expect 3 relay admit "$W/forged"

# A backup is a consistent copy; put back, it is older than what was signed.
expect 0 relay backup "$W/backup.db"
# An older backup is not written over.
expect 1 relay backup "$W/backup.db"
a case open --from "$ROOT/examples/request.en.json" > /dev/null 2>&1
for _ in $(seq 50); do
    [ "$(relay status --json | field entries)" -gt "$entries" ] && break
    sleep 0.1
done
pid=$(cat "$W/run/relay.pid")
kill -TERM "$pid"
for _ in $(seq 50); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
if kill -0 "$pid" 2> /dev/null; then echo "the relay did not end" >&2; exit 1; fi
expect 0 relay check --full
mv "$W/relay/store.db" "$W/present.db"
rm -f "$W/relay/store.db-wal" "$W/relay/store.db-shm"
cp "$W/backup.db" "$W/relay/store.db"
expect 9 relay check
said "older than what was signed"
expect 9 casewire-relay run --home "$W/relay"

# An edited store: one byte of a logged statement.
cp "$W/present.db" "$W/relay/store.db"
rm -f "$W/relay/store.db-wal" "$W/relay/store.db-shm"
/usr/bin/python3 - "$W/relay/store.db" << 'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
old, = db.execute("SELECT statement FROM entry WHERE idx = 1").fetchone()
db.execute("UPDATE entry SET statement = ? WHERE idx = 1", (old[:-1] + bytes([old[-1] ^ 1]),))
db.commit()
END
expect 9 relay check
expect 9 casewire-relay run --home "$W/relay"

# The true store again: it serves, and nobody has to be paired anew.
cp "$W/present.db" "$W/relay/store.db"
rm -f "$W/relay/store.db-wal" "$W/relay/store.db-shm"
world start relay
expect 0 relay check --full
[ "$(relay status --json | field running)" = True ]
