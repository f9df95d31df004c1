#!/usr/bin/env bash
# layers: one library, one door; folders link and include only downwards.
# Reads the tree, changes nothing.  ARCHITECTURE.md says why.
set -u
cd "$(dirname "$0")/.."
bad=0

complain() {
    echo "layers: $1" >&2
    bad=$((bad + 1))
}

# door HEADER-REGEX FILE...: only these files may include the header.
door() {
    local header=$1 file allowed
    shift
    while IFS= read -r file; do
        for allowed in "$@"; do
            # shellcheck disable=SC2053
            [[ $file == $allowed ]] && continue 2
        done
        complain "$file includes <$header>; its door is: $*"
    done < <(git grep -lE "#include <$header>" -- '*.c' '*.h' ':!tests')
}

door 'zmq\.h' base/loop.c relay/front.c relay/zap.c endpoint/link.c
door 'protobuf-c/.*' 'proto/*.c'
door 'sodium\.h' 'keys/*.c' base/secret.c
door 'nettle/.*' base/hash.c
door 'sqlite3\.h' base/db_room.h
door 'microhttpd\.h' base/httpd.c
door 'curl/curl\.h' base/httpc.c
door 'jansson\.h' base/json.c base/json_write.c
door 'ini\.h' base/conf.c
door 'zip\.h' audit/bundle.c
door 'qrencode\.h' keys/pubkey.c

# Generated types never leave proto/*.c.
while IFS= read -r file; do
    complain "$file includes generated protobuf types"
done < <(git grep -lE '#include ".*pb-c\.h"' -- '*.h' '*.c' ':!proto/*.c' ':!tests')

# below FOLDER LAYERS...: the layers a folder's files may include.
below() {
    local folder=$1 file layer
    shift
    while IFS=: read -r file layer; do
        [[ " $folder $* " == *" $layer "* ]] ||
            complain "$file includes $layer/, which is not below $folder/"
    done < <(git grep -oE '#include "(base|proto|keys|cases|audit|relay|endpoint)/' \
        -- "$folder/*.c" "$folder/*.h" | sed -E 's/:#include "/:/; s|/$||')
}

below base
below proto base
below keys base proto
below cases base proto
below audit base proto keys cases
below relay base proto keys audit
below endpoint base proto keys audit cases

[ "$bad" -eq 0 ] && echo "layers: every library has one door"
[ "$bad" -eq 0 ]
