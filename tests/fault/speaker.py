"""speaker: an agency of a world, played by Python with its own keys.

Seals, signs and submits as its agent would (the agent must not run), and
whatever else a test wants signed.  Starts at the first envelope of each
channel.  The caller has tests/interop on sys.path.
"""

import os
import time

from casewire_py import charter, content, keys, statement, wire
from casewire_py.base import u64
from nacl import bindings as nb

import party


def now_ms():
    return int(time.time() * 1000)


class Speaker:
    def __init__(self, world, side, peer):
        p = party.passphrase(world)
        own = party.open_keys(world.at(side, "keys", "endpoint.key"), p)
        self.S, self.I = keys.Signer(own[1]), keys.Dh(own[2])
        self.T = keys.Dh(party.open_keys(
            world.at(side, "keys", "transport.key"), p)[3])
        self.text = party.load(world.at("charter", "charter"))
        self.cid = charter.charter_id(self.text)
        root = bytes.fromhex(party.load(world.at(
            side, "keys", "root.pub")).split()[0].decode())
        self.direction = 0 if charter.parse(self.text)["a"][0] == root else 1
        theirs = dict(statement.decode_keys(party.load(world.at(
            peer, "keys", "keys.1")))["keys"])
        self.peer_S, self.peer_I = theirs[1], theirs[2]
        self.peer_agency = keys.agency(bytes.fromhex(party.load(world.at(
            peer, "keys", "root.pub")).split()[0].decode()))
        self.relay = party.Relay(world)
        self.prekey = None
        self.heads = {}                 # lane -> (seq, env_id)

    def client(self, timeout_ms=5000):
        return self.relay.client(self.T, timeout_ms)

    def channel(self, lane=0, own=True):
        return keys.channel(self.cid, self.direction ^ (not own), lane)

    def learn_prekey(self, client):
        """The peer's newest, verified."""
        reply = client.ask("keys", agency=self.peer_agency, pair_id=self.cid)
        if reply.status != 0 or not reply.keys.prekey:
            return None
        self.prekey = statement.decode_prekey(reply.keys.prekey)
        statement.verify(self.prekey, self.peer_S)
        return self.prekey

    def message_keys(self, e, lane, n):
        """(K_e, K_f) of the n-th envelope of the epoch begun by e."""
        p = self.prekey
        th = keys.epoch_th(1, self.cid, self.S.pk, self.I.pk, self.peer_I,
                           self.channel(lane), e.pk, p["prekey_id"], p["P"],
                           0)
        dhs = keys.epoch_sender(e, self.I, self.peer_I, p["P"])
        return keys.chain_keys(keys.epoch_ck0(*dhs, None, th), n)

    def header(self, e, lane=0, n=0, after=None, **more):
        seq, prev = after or self.heads.get(lane, (0, bytes(32)))
        args = dict(charter=0, channel=self.channel(lane), kid=self.S.kid,
                    start=1, rand=0x0badcafe, seq=seq + 1, prev=prev,
                    E=e.pk, prekey_id=self.prekey["prekey_id"], psk_day=0,
                    n=n, C=bytes(32), created_ms=now_ms(), keep_ms=0,
                    ack_seq=0, ack_env=bytes(32), ct_len=0)
        args.update(more)
        return wire.Header(**args)

    def envelope(self, fields, lane=0, after=None, **more):
        """One, in an epoch of its own."""
        e = keys.Dh(os.urandom(32))
        return wire.seal(self.header(e, lane, 0, after, **more),
                         *self.message_keys(e, lane, 0), fields)

    def envelope_of(self, plain, C, lane=0):
        """One with any plaintext (padded) and any commitment."""
        e = keys.Dh(os.urandom(32))
        h = self.header(e, lane, C=C, ct_len=len(plain) + 16)
        head = h.encode()
        ke, _ = self.message_keys(e, lane, 0)
        return wire.Envelope(head, h,
                             nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
                                 plain, head, h.C[:24], ke))

    def run(self, *envs, signer=None):
        return wire.Run(wire.NO_SEEN, list(envs)).sign(signer or self.S)

    def said(self, env, lane=0):
        """env is in the log: the next follows it."""
        self.heads[lane] = (env.h.seq, env.id)

    def receipts(self, client, lane=0):
        """{(event, reason): {seq ...}} of the channel, from the peer's S."""
        got = {}
        for item in client.fetch([self.channel(lane)], entry_of=entry_of):
            if item.WhichOneof("what") != "statement" or \
                    statement.kind(item.statement) != "receipt":
                continue
            d = statement.decode_receipt(item.statement)
            if d["kid"] != keys.kid(self.peer_S):
                continue
            statement.verify(d, self.peer_S)
            got.setdefault((d["event"], d["reason"]), set()).update(
                range(d["first_seq"], d["last_seq"] + 1))
        return got


def entry_of(item):
    """The log entry behind a FETCH item."""
    what = item.WhichOneof("what")
    if what == "statement":
        return item.statement
    return wire.decode_run(getattr(item, what), what == "bare").entry()


def outline(case_id, type_):
    """A notice's outline: case_id and type alone."""
    return b"\x0a\x10" + case_id + b"\x10" + bytes([type_])


__all__ = ["Speaker", "entry_of", "outline", "content", "u64"]
