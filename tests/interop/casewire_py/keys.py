"""keys: names of keys, signatures, point checks, chains (sections 1 to 3)."""

from nacl import bindings as nb
from nacl.exceptions import BadSignatureError

from .base import H, HM, expand, extract, label, u8, u16, u32, u64
from .err import Refused, need

ZERO32 = bytes(32)


class Signer:
    """An Ed25519 key from a 32-byte seed."""

    def __init__(self, seed):
        self.pk, self.sk = nb.crypto_sign_seed_keypair(seed)
        self.kid = kid(self.pk)

    def sign(self, msg):
        return nb.crypto_sign(msg, self.sk)[:64]

    def statement(self, st):
        """statement || sig"""
        return st + self.sign(st)


class Dh:
    """An X25519 key from its 32 secret bytes."""

    def __init__(self, sk):
        self.sk = sk
        self.pk = nb.crypto_scalarmult_base(sk)


def verify(pk, msg, sig):
    need(len(sig) == 64, "signature")
    try:
        nb.crypto_sign_open(sig + msg, pk)
    except BadSignatureError:
        raise Refused("signature") from None


def dh(sk, pk):
    try:
        return nb.crypto_scalarmult(sk, pk)
    except Exception:
        raise Refused("point") from None


def check_ed25519(pk):
    need(len(pk) == 32, "key_length")
    need(nb.crypto_core_ed25519_is_valid_point(pk), "point")


def check_x25519(pk):
    need(len(pk) == 32, "key_length")
    need(int.from_bytes(pk, "little") < 2 ** 255 - 19, "point")
    dh(b"\1" * 32, pk)


def kid(pk):
    return H(label("kid"), pk)[:16]


def agency(root_pk):
    return H(label("agency"), root_pk)[:16]


def log_id(log_pk):
    return H(label("log"), log_pk)


def channel(pair_id, direction, lane):
    return H(label("channel"), pair_id, u8(direction), u8(lane))[:16]


# Courier PSK (section 2.3) ---------------------------------------------------

def psk_first(charter_id, a, b):
    need(a != b, "key_foreign", "one half was carried twice")
    return expand(extract(charter_id, a + b), label("psk"), 32)


def psk_next(psk):
    return HM(psk, label("psk-next"))[:32]


def psk_at(psk0, day):
    for _ in range(day):
        psk0 = psk_next(psk0)
    return psk0


# Epochs and chains (section 3) -------------------------------------------------

def epoch_th(suite, charter_id, S_X, I_X, I_Y, chan, E, prekey_id, P_Y, day):
    return H(label("epoch"), u8(suite), charter_id, S_X, I_X, I_Y, chan, E,
             u64(prekey_id), P_Y, u32(day), ZERO32)


def epoch_ck0(dh1, dh2, dh3, psk, th):
    prk = extract(psk or ZERO32, dh1 + dh2 + dh3)
    return expand(prk, label("chain") + th, 32)


def epoch_sender(e, i_X, I_Y, P_Y):
    return dh(e.sk, I_Y), dh(e.sk, P_Y), dh(i_X.sk, P_Y)


def epoch_receiver(E, I_X, i_Y, p_Y):
    return dh(i_Y.sk, E), dh(p_Y.sk, E), dh(p_Y.sk, I_X)


def chain_step(ck):
    """(K_e, K_f, next CK)"""
    k = HM(ck, b"\1")
    return k[:32], k[32:], HM(ck, b"\2")[:32]


def chain_keys(ck0, n):
    ck = ck0
    for _ in range(n):
        ck = chain_step(ck)[2]
    return chain_step(ck)[:2]


# At rest (section 11) -----------------------------------------------------------

def book_ad(table, column, row):
    return (label("book") + table.encode() + b"\0" + column.encode() + b"\0" +
            u64(row))


def book_open(key, table, column, row, data):
    need(len(data) >= 40, "truncated")
    try:
        return nb.crypto_aead_xchacha20poly1305_ietf_decrypt(
            data[24:], book_ad(table, column, row), data[:24], key)
    except Exception:
        raise Refused("decrypt") from None


def book_seal(key, nonce, table, column, row, secret):
    return nonce + nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
        secret, book_ad(table, column, row), nonce, key)
