#!/usr/bin/env bash
# Retention, shredding and hold: what a case said goes for good once it is
# over and nobody holds it, every proof stays, and an auditor sees what the
# exporter says of it, as what it is: said, not signed.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
world_up
charter=$(a --json charter show | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["charters"][0]["charter_id"])')
# audit EXIT COMMAND FILE ...: casewire-audit, under the charter.
audit() { expect "$1" casewire-audit "$2" "$3" --charter "$charter" "${@:4}"; }
# query EXPRESSION: of the last expect's JSON, as d.
query() { /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$W/out" "$1"; }
# book NAME SQL...: straight into a stopped agent's book.
book() { /usr/bin/python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); [print(*r) for q in sys.argv[2:] for r in d.execute(q)]; d.commit(); d.close()' "$W/$1/book.db" "${@:2}"; }

# over CASE: a whole story with a file, closed on both sides.
printf 'the secret log line\n' > "$W/log.csv"
over() {
    b case ack "$1" --from examples/ack.en.json
    b case decide "$1" --from examples/decision.en.json --wait delivered
    b case result "$1" --summary Done --item 'Log' --custody 'Bag 1' --use-limits 'This case' --file "$W/log.csv" --wait delivered
    until_state a "$1" RESULT
    a case close "$1" --reason Answered --wait delivered
    until_state b "$1" CLOSED
}
C=$(a case open --from examples/request.en.json --wait delivered)
D=$(a case open --from examples/request.en.json --wait delivered)

# Open cases are not shredded; a hold needs a reason and is said once.
expect 7 a shred "$C" --yes
said 'the case is not over'
expect 2 a hold "$C"
expect 0 a hold "$C" --reason 'Court order 12/26'
expect 7 a hold "$C" --reason again
over "$C" > /dev/null
over "$D" > /dev/null
for _ in $(seq 100); do
    [ "$(find "$W/a/files/in" -type f 2> /dev/null | wc -l)" = 2 ] && break
    sleep 0.1
done
a --json case show "$C" > "$W/out"
[ "$(query 'd["held"], d["hold"]["reason"], d["hold"]["who"]')" = "(True, 'Court order 12/26', '$(id -un)')" ]
a case list > "$W/out"
said 'CLOSED, HOLD'
a case show "$C" > "$W/out"
said 'HOLD      since'
expect 7 a shred "$C" --yes
said 'on hold'
expect 2 a shred "$D" < /dev/null
said '--yes'

# Shredded by hand: the text is gone, also from the disk, no proof is.
sleep 2			# receipts of what was fetched
a export "$W/before.zip" --level sealed
expect 0 a shred "$D" --yes
said 'every proof still stands'
expect 0 a shred "$D" --yes
[ "$(find "$W/a/files/in" -type f | wc -l)" = 1 ]
a case show "$D" > "$W/out"
said 'body shredded on 20'
lacks billing-7731 "$W/out"
a case show "$C" > "$W/out"
said billing-7731
a export "$W/after.zip" --level sealed
cmp "$W/before.zip" "$W/after.zip"
audit 0 verify "$W/after.zip"
expect 5 a export "$W/no.zip" --level open --case "$D" --message 1
world stop a
[ "$(book a "SELECT count(*) FROM mail_key k JOIN shredded s ON s.mail = k.id")" = 0 ]
[ "$(book a "SELECT count(*) > 6 FROM shredded")" = 1 ]
world start a

# In the evidence: said by the exporter, counted as nothing more.
a export "$W/open.zip" --level open
audit 0 verify "$W/open.zip"
said 'signed by nobody'
said 'Court order 12/26'
audit 0 verify "$W/open.zip" --json
[ "$(query 'd["claims"]["signed"], len(d["claims"]["holds"]), d["claims"]["holds"][0]["case_id"], d["claims"]["holds"][0]["until"]')" = "(False, 1, '$C', None)" ]
[ "$(query '{f["code"] for f in d["findings"]}')" = "{'body-shredded'}" ]
[ "$(query 'len(d["claims"]["shredded"]) > 6')" = True ]
# Only of what is shown.
a export "$W/c.zip" --level outline --case "$C"
audit 0 verify "$W/c.zip" --json
[ "$(query 'len(d["claims"]["shredded"])')" = 0 ]

# The other side kept its own copy: what one shreds the other can open.
b export "$W/b.zip" --level open --case "$D"
audit 0 verify "$W/b.zip"
said billing-7731

# Claims that do not fit say so; a damaged member is no bundle.
/usr/bin/python3 - "$ROOT/tests/interop" "$W/open.zip" "$W/b.zip" "$W" << 'END'
import sys
sys.path.insert(0, sys.argv[1])
from casewire_py import evidence

w = sys.argv[4]
b = evidence.read(open(sys.argv[2], "rb").read())
other = evidence.read(open(sys.argv[3], "rb").read())
def write(name):
    open("%s/%s.zip" % (w, name), "wb").write(b.encode())
b.openings = sorted(set(b.openings) | set(other.openings))
write("opened")				# shredded, and opened all the same
b.shredded = [bytes(32) + s[32:] for s in b.shredded[:1]]
write("stray")
b.shredded, whole = [], b.holds
b.holds = [h[:-1] for h in whole]
write("short")
b.holds = [h[:16] + bytes(8) + h[24:] for h in whole]
write("timeless")
END
audit 0 verify "$W/opened.zip" --json
[ "$(query '{f["code"] for f in d["findings"]}')" = "{'claim-contradicts'}" ]
audit 0 verify "$W/stray.zip" --json
[ "$(query '{f["code"] for f in d["findings"]}')" = "{'claim-contradicts'}" ]
audit 3 verify "$W/short.zip"
said bundle-form
audit 3 verify "$W/timeless.zip"
said bundle-form

# By time alone: what was over a day ago goes, what is on hold does not.
E=$(a case open --from examples/request.en.json --wait delivered)
a case withdraw "$E" --reason 'No longer needed' --wait delivered
expect 0 a unhold "$C" --reason 'Order lifted'
expect 7 a unhold "$C" --reason twice
expect 0 a hold "$E" --reason 'Audit 3'
a hold list > "$W/out"
said 'Court order 12/26'
said 'Audit 3'
world stop a
book a "UPDATE casefile SET moved_at = moved_at - 172800000"
echo 'retain = 1' > "$W/a/casewired.conf"
world start a
for _ in $(seq 100); do
    a case show "$C" > "$W/out" 2>&1
    grep -qF 'body shredded on' "$W/out" && break
    sleep 0.1
done
said 'body shredded on'
[ "$(find "$W/a/files/in" -type f | wc -l)" = 0 ]
a case show "$E" > "$W/out"
lacks 'body shredded on' "$W/out"
a doctor > "$W/out"
said 'Bodies are shredded 1 days after a case is over; 1 cases on hold'
a export "$W/late.zip" --level sealed
audit 0 verify "$W/late.zip"
echo 'retain = -1' > "$W/a/casewired.conf"
world stop a
expect 1 world start a
