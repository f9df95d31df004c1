#!/usr/bin/env bash
# symbols: casewire-audit can be given to anybody.  Its binary shows no
# libzmq and no symbol that could make, hold or use a secret key.
set -u
program=$1
bad=0

complain() {
    echo "symbols: $1" >&2
    bad=1
}

[ -x "$program" ] || { echo "symbols: no $program" >&2; exit 1; }

# Libraries it names; the public half of libsodium is all of crypto it needs.
# libcurl is let in for `follow`, which reads a relay's public tiles: it makes
# requests, serves none, and nothing secret is in this process to be sent.
needed=$(readelf -d "$program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
for lib in libzmq libsqlite3 libmicrohttpd; do
    grep -q "^$lib\." <<< "$needed" && complain "links $lib"
done
ldd "$program" | grep -q libzmq && complain "loads libzmq"

# What it takes from libsodium.
taken=$(nm --undefined-only "$program" | awk '{print $NF}' | sed 's/@.*//')
while IFS= read -r symbol; do
    complain "uses $symbol"
done < <(grep -E '^(zmq_|crypto_(scalarmult|box|kx|aead|secretbox|secretstream|auth|shorthash|sign$|sign_(detached|keypair|seed|ed25519_sk|open))|randombytes|sodium_(malloc|allocarray))|_keypair$' <<< "$taken")

# What it holds of ours: nothing of keys/ but pubkey, salt and words.
here=$(nm --defined-only "$program" | awk '{print $NF}')
while IFS= read -r symbol; do
    complain "holds $symbol"
done < <(grep -E '^(sign|dh|box|epoch|hkdf|psk|vault|prekeys|keyfile|passphrase|secret)_' <<< "$here")

# The check itself must be able to see symbols at all.
grep -q '^pubkey_verify$' <<< "$here" || complain "its symbols are stripped"
grep -q '^crypto_sign_verify_detached$' <<< "$taken" ||
    complain "does not verify signatures"

[ "$bad" -eq 0 ] && echo "symbols: no libzmq, no secret key"
exit "$bad"
