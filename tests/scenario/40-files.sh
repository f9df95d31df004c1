#!/usr/bin/env bash
# A large file is on its way while an emergency passes it, and while relay and
# both agents are killed: the emergency does not wait, the file arrives once
# and byte for byte.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
world_up

head -c 24000000 /dev/urandom > "$W/big.bin"
/usr/bin/python3 - "$W" << 'END'
import json, sys
doc = json.load(open("examples/request.en.json"))
doc["attachments"] = [{"path": "big.bin", "media_type": "application/octet-stream", "source": "a test"}]
json.dump(doc, open(sys.argv[1] + "/big.json", "w"))
END

# whole: 1 when b has all of it.
whole() {
    b --json files | /usr/bin/python3 -c 'import json, sys
files = json.load(sys.stdin)["files"]
assert len(files) <= 1 and not any("fault" in f for f in files), files
print(int(any(f["complete"] for f in files)))'
}

a case open --from "$W/big.json" --wait delivered
began=$(date +%s%N)
E=$(a case open --from examples/request.zh.json --wait delivered --timeout 10)
took=$((($(date +%s%N) - began) / 1000000))
echo "the emergency took $took ms, the file is whole: $(whole)"

for victim in a b relay a-link b-link; do
    [ "$(whole)" = 0 ] || break
    kill_hard "$victim"
    case "$victim" in
    *-link) ;;
    *) world start "$victim" ;;
    esac
done
for _ in $(seq 300); do
    [ "$(whole)" = 1 ] && break
    sleep 0.1
done
path=$(b --json files | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["files"][0]["path"])')
cmp "$W/big.bin" "$path"
until_state a "$E" HANDED_OVER
until_state b "$E" HANDED_OVER
