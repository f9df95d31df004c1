/*
 * label: the ASCII names that keep one use of a key or hash from another.
 *
 * A label is the characters here and the NUL behind them (PROTOCOL.md
 * "Notation"): LABEL_LEN(LABEL_RUN) counts it, hash_label() adds it.
 */
#ifndef PROTO_LABEL_H
#define PROTO_LABEL_H

#define LABEL_KID "casewire/1/kid"
#define LABEL_AGENCY "casewire/1/agency"
#define LABEL_CHARTER "casewire/1/charter"
#define LABEL_CHARTER_WORDS "casewire/1/charter-words"
#define LABEL_CHARTER_SIG "casewire/1/charter-sig"
#define LABEL_PSK "casewire/1/psk"
#define LABEL_PSK_NEXT "casewire/1/psk-next"
#define LABEL_KEYS "casewire/1/keys"
#define LABEL_PREKEY "casewire/1/prekey"
#define LABEL_OFFICER "casewire/1/officer"
#define LABEL_EPOCH "casewire/1/epoch"
#define LABEL_CHAIN "casewire/1/chain"
#define LABEL_FIELD "casewire/1/field"
#define LABEL_COMMIT "casewire/1/commit"
#define LABEL_ENV "casewire/1/env"
#define LABEL_RUN "casewire/1/run"
#define LABEL_CHANNEL "casewire/1/channel"
#define LABEL_RECEIPT "casewire/1/receipt"
#define LABEL_RECOVERY "casewire/1/recovery"
#define LABEL_LOG "casewire/1/log"
#define LABEL_PRIOR "casewire/1/prior"
#define LABEL_BOOK "casewire/1/book"

#define LABEL_LEN(label) (sizeof(label))	/* the NUL counts */

#endif
