#!/usr/bin/env bash
# Goal: what cmake --install lays down works where it lies, and the package
# holds all of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(cd "${BIN:-build/rel/bin}/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "installed: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$work/root" > "$work/log" 2>&1 ||
    { cat "$work/log"; fail "cmake --install"; }
for program in casewire casewired casewire-keys casewire-relay casewire-audit casewire-witness; do
    "$work/root/bin/$program" --version > /dev/null || fail "$program --version"
    compgen -G "$work/root/share/man/man?/$program.?" > /dev/null ||
        fail "no manual page of $program"
done

english=$(CASEWIRE_LANG=en "$work/root/bin/casewire" explain fork)
chinese=$(CASEWIRE_LANG=zh_CN "$work/root/bin/casewire" explain fork)
[ "$english" != "$chinese" ] || fail "no Chinese beside the installed program"

doc=$work/root/share/doc/casewire
for page in README.md README.zh.md; do
    sed -n 's/.*/&/; s/](\([^)]*\))/\n@\1\n/gp' "$doc/$page" | sed -n 's/^@//p' |
        while read -r link; do
            [ -e "$doc/$link" ] || fail "$page: $link is not installed"
        done
done

for tool in file dpkg-shlibdeps; do
    command -v "$tool" > /dev/null || fail "$tool is missing; ./check installs it"
done
(cd "$build" && cpack -G DEB -B "$work/deb") > "$work/log" 2>&1 ||
    { cat "$work/log"; fail "cpack -G DEB"; }
dpkg-deb -c "$work"/deb/casewire_*.deb | sed 's/.* \.\/usr\///' | grep -v '/$' |
    sort > "$work/packed"
(cd "$work/root" && find . -type f | sed 's/^\.\///' | sort) > "$work/laid"
missing=$(comm -13 "$work/packed" "$work/laid")
[ -z "$missing" ] || fail "not in the package: $missing"
dpkg-deb -f "$work"/deb/casewire_*.deb Depends | grep -q libsodium ||
    fail "the package depends on no libsodium"
echo "installed: $(wc -l < "$work/laid") files, package of $(stat -c %s "$work"/deb/*.deb) bytes"
