#!/usr/bin/env bash
# sizes: no file over 600 lines, no function over 80; prints the spread.
set -u
cd "$(dirname "$0")/.."
bad=0

while read -r lines file; do
    [ "$lines" -gt 600 ] || continue
    echo "sizes: $file has $lines lines, the limit is 600" >&2
    bad=1
done < <(git ls-files '*.c' '*.h' | xargs wc -l | grep -v ' total$')

functions=$(git ls-files '*.c' | xargs ctags -x --c-kinds=f \
    --_xformat='%{input} %{line} %{end} %N' | awk '{print $3-$2+1, $1, $4}')
while read -r lines file name; do
    [ "$lines" -gt 80 ] || continue
    echo "sizes: $name in $file has $lines lines, the wall is 80" >&2
    bad=1
done <<< "$functions"

awk '{print $1}' <<< "$functions" | sort -n | awk '
    {a[NR]=$1} END {printf "sizes: %d functions, median %d lines, 90th percentile %d, longest %d\n",
        NR, a[int((NR+1)/2)], a[int(NR*0.9)], a[NR]}'
exit $bad
