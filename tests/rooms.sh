#!/usr/bin/env bash
# rooms: ARCHITECTURE.md names every source file, and no file that is gone.
set -u
cd "$(dirname "$0")/.."
bad=0
while IFS= read -r file; do
    grep -qF -- "$(basename "$file")" ARCHITECTURE.md || {
        echo "rooms: ARCHITECTURE.md does not name $file" >&2
        bad=1
    }
done < <(git ls-files base proto keys cases audit relay endpoint |
    grep -E '\.(c|proto|md)$')
[ $bad -eq 0 ] && echo "rooms: ARCHITECTURE.md names every source file"
exit $bad
