"""cast: the keys, charter and channels that all vectors and tests share.

Everything comes from names by SHA-256, so a stranger can make it again.
"""

import hashlib

from casewire_py import charter, content, keys, statement, wire
from casewire_py.base import H, u64


def seed(name):
    return hashlib.sha256(b"casewire vectors: " + name.encode()).digest()


def signer(name):
    return keys.Signer(seed(name))


def dh(name):
    return keys.Dh(seed(name))


# Party a must have the lower root: take the two roots in order.
ROOT_A, ROOT_B = sorted([signer("root one"), signer("root two")],
                        key=lambda s: s.pk)
S_A, S_B = signer("signing a"), signer("signing b")
I_A, I_B = dh("identity a"), dh("identity b")
T_A, T_B = dh("transport a"), dh("transport b")
K_A, O_A, O_A2 = signer("custodian a"), signer("officer a"), signer("officer a2")
P_B = dh("prekey b 7")
RELAY_ROOT, RELAY_S = signer("relay root"), signer("relay signing")
RELAY_LOG, RELAY_T = signer("relay log"), dh("relay transport")
WITNESS = signer("witness")
LOG_ID = keys.log_id(RELAY_LOG.pk)

T0 = 1796083200000			# 2026-12-01T00:00:00Z

CHARTER = """casewire/1 charter
number 0
pair -
replaces -
a %s Ministry of Public Security
b %s Department of Homeland Security
suite 1
copies 1
relay %s relay.example tcp://127.0.0.1:5570
witness %s witness.example/w1
quorum 1
heartbeat 300
keep 30
size 65536
from 2026-12-01T00:00:00Z
until 2027-12-01T00:00:00Z
clock ack 604800 86400 3600
clock decision 2592000 259200 28800
clock decision_extension 2592000 259200 -
tier 1 86400 14400 900 172800 86400 3600
sign request 2 2 1
sign ack 1 1 1
""" % (ROOT_A.pk.hex(), ROOT_B.pk.hex(), RELAY_ROOT.pk.hex(),
       WITNESS.pk.hex())
CHARTER_BYTES = CHARTER.encode()
CHARTER_ID = charter.charter_id(CHARTER_BYTES)
PAIR_ID = CHARTER_ID
CH_AB = keys.channel(PAIR_ID, 0, 0)
CH_BA = keys.channel(PAIR_ID, 1, 0)


class Epoch:
    """A's sending epoch towards B's prekey 7."""

    def __init__(self, name="epoch 1", psk=None, day=0, chan=CH_AB):
        self.e = dh(name)
        self.prekey_id, self.day, self.chan = 7, day, chan
        self.th = keys.epoch_th(1, CHARTER_ID, S_A.pk, I_A.pk, I_B.pk, chan,
                                self.e.pk, 7, P_B.pk, day)
        self.dhs = keys.epoch_sender(self.e, I_A, I_B.pk, P_B.pk)
        self.psk = psk
        self.ck0 = keys.epoch_ck0(*self.dhs, psk, self.th)


def header(epoch, seq, prev, n, **more):
    args = dict(charter=0, channel=epoch.chan, kid=S_A.kid, start=3,
                rand=0x1badcafe, seq=seq, prev=prev, E=epoch.e.pk,
                prekey_id=epoch.prekey_id, psk_day=epoch.day, n=n,
                C=bytes(32), created_ms=T0 + 1000 * seq, keep_ms=0,
                ack_seq=0, ack_env=bytes(32), ct_len=0)
    args.update(more)
    return wire.Header(**args)


def fields_for(i):
    """Something to say: outline, body, and at times an `again`."""
    fields = [(1, b"\x0a\x10" + H(b"case", u64(i))[:16]),
              (2, ("Case status %d: 已受理 received." % i).encode())]
    if i % 3 == 2:
        fields.append((6, H(b"replaced", u64(i))))
    return fields


def sealed(epoch, count, first_seq=1, first_n=0, prev=None, fields=None):
    """count envelopes in a row."""
    envs, prev = [], prev or (bytes(32) if first_seq == 1 else seed("prev"))
    for i in range(count):
        ke, kf = keys.chain_keys(epoch.ck0, first_n + i)
        f = fields or fields_for(first_seq + i)
        envs.append(wire.seal(header(epoch, first_seq + i, prev, first_n + i),
                              ke, kf, f))
        prev = envs[-1].id
    return envs


def key_statement(ks_seq=1, previous=bytes(32), keys_=None, revocations=()):
    ks = keys_ if keys_ is not None else sorted(
        [(1, S_A.pk), (2, I_A.pk), (3, T_A.pk), (5, K_A.pk)])
    return ROOT_A.statement(statement.encode_keys(
        ROOT_A.pk, ks_seq, previous, T0, T0 + 90 * 86400000, ks, revocations))
