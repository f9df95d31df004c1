#!/usr/bin/env bash
# documented: every command and option a program's --help names stands in its
# manual page, and every route of the API in openapi.json.
#   tests/documented.sh BIN
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?the folder of the built programs}
export CASEWIRE_LANG=en
bad=0

# options WORDS...: the long options of a command's help.
options() { "$@" --help 2>/dev/null | grep -oE -- "--[a-z][a-z0-9-]+" | grep -vxE -- "--(help|json|version)" | sort -u; }

check_page() {
    local page=$1 program=$2 text commands command option
    text=$(sed 's/[*_\\]//g' "$page")
    commands=$("$bin/$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  *\([A-Z\[].*\)\{0,1\}  .*/\1/p')
    while IFS= read -r command; do
        [ -n "$command" ] || continue
        grep -qE -- "(^|, |\||  )$command( |,|$|\|)" <<< "$text" || grep -qF -- "$command" <<< "$text" || {
            echo "documented: $page does not name $program $command" >&2
            bad=1
        }
        # shellcheck disable=SC2086
        for option in $(options "$bin/$program" $command); do
            grep -qF -- "$option" <<< "$text" || {
                echo "documented: $page does not name $option of $program $command" >&2
                bad=1
            }
        done
    done <<< "$commands"
}

for page in */*.scd */*/*.scd; do
    program=${page##*/}
    program=${program%.[0-9].scd}
    [ -x "$bin/$program" ] || continue
    check_page "$page" "$program"
done

/usr/bin/python3 - << 'END' || bad=1
import json, re, sys
routes = set(re.findall(r'\{"(GET|POST)", "(/v1/[^"]+)"', open("endpoint/api.c").read()))
paths = json.load(open("endpoint/openapi.json"))["paths"]
named = {(m.upper(), p) for p, v in paths.items() for m in v if m in ("get", "post")}
for route in sorted(routes ^ named):
    print("documented: only one of api.c and openapi.json has", *route, file=sys.stderr)
sys.exit(routes != named or not routes)
END
exit $bad
