# Sourced by ./demo and ./check: installs what is missing, saying what and why.
# shellcheck shell=bash

# missing_packages KIND...: the packages of cmake/packages.txt of these kinds
# that dpkg does not have, one a line with their reason.
missing_packages() {
    local package kind why want
    while read -r package kind why; do
        case "$package" in ''|'#'*) continue ;; esac
        for want in "$@"; do
            [ "$kind" = "$want" ] || continue
            dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
                grep -q 'install ok installed' || echo "$package: $why"
        done
    done < cmake/packages.txt
}

# install_packages KIND...: install what is missing, or say how to.
install_packages() {
    local missing names sudo=""
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    names=$(cut -d: -f1 <<< "$missing" | tr '\n' ' ')
    if [ "$(id -u)" -ne 0 ]; then
        sudo=$(command -v sudo) || {
            echo "casewire needs these Debian packages; as root, run:" >&2
            echo "  apt-get install --no-install-recommends $names" >&2
            return 1
        }
    fi
    echo "Installing $(wc -l <<< "$missing") Debian packages, once:"
    sed 's/^/  /' <<< "$missing"
    $sudo apt-get update -qq || true
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $names > /dev/null
}

# build_tree DIR TARGETS -- CMAKE-ARGS...: configure once and build.
build_tree() {
    local dir=$1 targets=$2
    shift 3
    cmake -S . -B "$dir" -G Ninja "$@" > "$dir.configure.log" 2>&1 || {
        cat "$dir.configure.log" >&2
        return 1
    }
    # shellcheck disable=SC2086
    ninja -C "$dir" $targets > "$dir.build.log" 2>&1 || {
        tail -n 60 "$dir.build.log" >&2
        return 1
    }
}
