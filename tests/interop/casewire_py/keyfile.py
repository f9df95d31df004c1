"""keyfile: keys at rest (section 11), read only."""

import hashlib

from nacl import bindings as nb

from . import keys
from .base import Reader
from .err import Refused, need

PASSPHRASE, CODE = 1, 2
ED25519 = (1, 4, 5, 16, 17, 18)
X25519 = (2, 3)
BOOK = 19


def decode(data):
    r = Reader(data)
    need(len(data) <= 4096, "too_big")
    need(r.take(4) == b"CWK1", "magic")
    need(r.u8() == 1, "version")
    f = {"kind": r.u8()}
    s, n = r.u8(), r.u8()
    f["agency"], f["holder"] = r.take(16), r.take(16)
    f["name"] = r.take(r.u8()).decode()
    f["keys"] = [(r.u8(), r.u8(), r.take(32)) for _ in range(n)]
    f["head"] = data[:r.at]
    f["slots"] = []
    for _ in range(s):
        ad = data[r.at:r.at + 29]
        kind, passes, memory = r.u8(), r.u32(), r.u64()
        f["slots"].append((kind, passes, memory, r.take(16), ad, r.take(24),
                           r.take(48)))
    f["nonce"] = r.take(24)
    f["body"] = r.take(32 * n + 16)
    r.end()
    return f


def aead_open(key, nonce, ad, ct, refuse):
    try:
        return nb.crypto_aead_xchacha20poly1305_ietf_decrypt(ct, ad, nonce,
                                                             key)
    except Exception:
        raise Refused(refuse) from None


def open_with(f, kind, secret):
    """[(type, age, secret)], each public key made anew and compared."""
    for k, passes, memory, salt, ad, nonce, ct in f["slots"]:
        if k != kind:
            continue
        w = nb.crypto_pwhash_alg(32, secret, salt, passes, memory,
                                 nb.crypto_pwhash_ALG_ARGON2ID13)
        fk = aead_open(w, nonce, ad + f["head"][:6], ct, "passphrase")
        body = aead_open(fk, f["nonce"], f["head"], f["body"], "keyfile")
        out = []
        for i, (t, age, pub) in enumerate(f["keys"]):
            sec = body[32 * i:32 * i + 32]
            made = (keys.Signer(sec).pk if t in ED25519 else
                    keys.Dh(sec).pk if t in X25519 else bytes(32))
            need(made == pub, "keyfile")
            out.append((t, age, sec))
        return out
    raise Refused("passphrase")


def code_bytes(indices):
    """24 word indices to the code's 32 bytes."""
    bits = 0
    for i in indices:
        bits = bits << 11 | i
    raw = bits.to_bytes(33, "big")
    need(hashlib.sha256(raw[:32]).digest()[0] == raw[32], "passphrase")
    return raw[:32]
