#!/usr/bin/env bash
# A case from opening to closing, in both languages' examples: every message
# delivered, both sides agree on the state, a file arrives byte for byte, and
# both sides' evidence verifies without content.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
world_up

C=$(a case open --from examples/request.en.json --wait delivered)
until_state b "$C" HANDED_OVER
b case ack "$C" --from examples/ack.en.json --wait delivered
b case decide "$C" --from examples/decision.en.json --wait delivered
b case clarify "$C" --question 'Which account?' --question 'Since when?' --wait delivered
until_state a "$C" CLARIFYING
expect 7 a case clarified "$C" --answer 'only one'
a case clarified "$C" --answer one --answer two --wait delivered
b case status "$C" --from examples/status.en.json --wait delivered
b case status "$C" --phase no_change --wait delivered
b case result "$C" --from examples/result.en.json --wait delivered
until_state a "$C" RESULT
a case feedback "$C" --from examples/feedback.en.json --wait delivered
a case close "$C" --reason answered --wait delivered
until_state b "$C" CLOSED

# The file lies here as it was sent, the attachment there.
for _ in $(seq 50); do
    path=$(a --json files | /usr/bin/python3 -c 'import json, sys
print(*[f["path"] for f in json.load(sys.stdin)["files"] if f["name"] == "access-log.csv" and f.get("path")])')
    [ -n "$path" ] && break
    sleep 0.1
done
cmp examples/access-log.csv "$path"

Z=$(a case open --from examples/request.zh.json --wait delivered)
b case show "$Z" > "$W/out" 2> "$W/err"
said '打击网络犯罪'

charter=$(a --json charter show | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["charters"][0]["charter_id"])')
for side in a b; do
    for level in sealed open; do
        "$side" export "$W/$side-$level.zip" --level "$level"
        expect 0 casewire-audit verify "$W/$side-$level.zip" --charter "$charter"
    done
done
# A sealed bundle holds no word of the content.
if grep -aq 'billing-7731' "$W/a-sealed.zip"; then
    echo "content in a sealed bundle" >&2
    exit 1
fi
grep -aq 'billing-7731' "$W/a-open.zip"
expect 0 a doctor
expect 0 b doctor
