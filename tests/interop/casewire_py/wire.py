"""wire: envelopes, runs, singles, bare runs (section 5, 13.5)."""

from dataclasses import dataclass, field, replace

from nacl import bindings as nb

from . import content, keys
from .base import (H, Reader, label, merkle_path, merkle_root, path_len,
                   root_from, u8, u16, u32, u64)
from .err import Refused, need

HEADER = 232
RUN_MAX = 1024
RUN_BYTES_MAX = 4 * (HEADER + 65536 + 16)
NO_SEEN = bytes(104)
ZERO32 = bytes(32)


@dataclass
class Header:
    charter: int
    channel: bytes
    kid: bytes
    start: int
    rand: int
    seq: int
    prev: bytes
    E: bytes
    prekey_id: int
    psk_day: int
    n: int
    C: bytes
    created_ms: int
    keep_ms: int
    ack_seq: int
    ack_env: bytes
    ct_len: int

    def incarnation(self):
        return u32(self.start) + u32(self.rand)

    def encode(self):
        return (b"CWE1" + u8(1) + u8(1) + u16(self.charter) + self.channel +
                self.kid + self.incarnation() + u64(self.seq) + self.prev +
                self.E + u64(self.prekey_id) + u32(self.psk_day) +
                u32(self.n) + self.C + u64(self.created_ms) +
                u64(self.keep_ms) + u64(self.ack_seq) + self.ack_env +
                u32(self.ct_len) + bytes(4))


def decode_header(data):
    need(len(data) >= HEADER, "truncated")
    need(len(data) == HEADER, "trailing")
    r = Reader(data)
    need(r.take(4) == b"CWE1", "magic")
    need(r.u8() == 1, "version")
    need(r.u8() == 1, "suite")
    h = Header(r.u16(), r.take(16), r.take(16), r.u32(), r.u32(), r.u64(),
               r.take(32), r.take(32), r.u64(), r.u32(), r.u32(), r.take(32),
               r.u64(), r.u64(), r.u64(), r.take(32), r.u32())
    need(r.u32() == 0, "reserved")
    need(h.ct_len - 16 in content.BUCKETS, "bucket")
    need(0 < h.seq < 2 ** 64 - 1, "seq")
    need(h.start > 0, "incarnation")
    need(h.prekey_id > 0 and h.n < 4096, "epoch")
    need(h.seq > 1 or h.prev == ZERO32, "prev")
    need((h.ack_seq == 0) == (h.ack_env == ZERO32), "encoding")
    return h


def env_id(header, hct):
    return H(b"\0", label("env"), header, hct)


@dataclass
class Envelope:
    """A header as received, with CT, or with H(CT) alone when pruned."""
    head: bytes
    h: Header
    ct: bytes = None
    hct: bytes = None

    def __post_init__(self):
        if self.hct is None:
            self.hct = H(self.ct)
        self.id = env_id(self.head, self.hct)

    def encode(self):
        return self.head + self.ct

    def bare(self):
        return self.head + self.hct


def read_envelope(r, bare):
    head = r.take(HEADER)
    h = decode_header(head)
    if bare:
        return Envelope(head, h, None, r.take(32))
    return Envelope(head, h, r.take(h.ct_len))


def decode_envelope(data):
    r = Reader(data)
    e = read_envelope(r, False)
    r.end()
    return e


def seal(h, ke, kf, fields):
    """Fill in C and ct_len of h; the finished envelope."""
    plain = content.pad(content.encode_fields(fields))
    h = replace(h, C=content.commitment(fields, kf), ct_len=len(plain) + 16)
    head = h.encode()
    ct = nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, head, h.C[:24], ke)
    return Envelope(head, h, ct)


def open_envelope(env, ke, kf):
    """The fields, if the header's signature was verified before."""
    try:
        plain = nb.crypto_aead_xchacha20poly1305_ietf_decrypt(
            env.ct, env.head, env.h.C[:24], ke)
    except Exception:
        raise Refused("decrypt") from None
    fields = content.parse_fields(content.unpad(plain))
    need(content.commitment(fields, kf) == env.h.C, "commitment")
    return fields


# Runs -------------------------------------------------------------------------

def run_statement_of(h0, first_seq, size, root, seen):
    return (label("run") + h0.kid + h0.channel + h0.incarnation() +
            u64(first_seq) + u16(size) + root + seen)


@dataclass
class Run:
    seen: bytes
    envs: list
    sig: bytes = bytes(64)

    def root(self):
        return merkle_root([e.id for e in self.envs])

    def statement(self):
        return run_statement_of(self.envs[0].h, self.envs[0].h.seq,
                                len(self.envs), self.root(), self.seen)

    def sign(self, signer):
        self.sig = signer.sign(self.statement())
        return self

    def encode(self):
        return (u16(len(self.envs)) + self.seen +
                b"".join(e.encode() for e in self.envs) + self.sig)

    def bare(self):
        return (u16(len(self.envs)) + self.seen +
                b"".join(e.bare() for e in self.envs) + self.sig)

    def entry(self):
        """The log entry."""
        return self.statement() + self.sig

    def verify(self, pk):
        need(keys.kid(pk) == self.envs[0].h.kid, "kid_unknown")
        keys.verify(pk, self.statement(), self.sig)

    def single(self, i):
        ids = [e.id for e in self.envs]
        return (u16(i) + u16(len(ids)) + self.seen +
                b"".join(merkle_path(ids, i)) + self.sig +
                self.envs[i].encode())


def check_epoch(a, b):
    """The epoch rule between two neighbours by seq."""
    if b.E == a.E:
        need((b.charter, b.prekey_id, b.psk_day, b.kid) ==
             (a.charter, a.prekey_id, a.psk_day, a.kid), "epoch")
        need(b.n == a.n + 1, "epoch")
    else:
        need(b.n == 0, "epoch")
        need(b.charter >= a.charter, "charter_number")


def decode_run(data, bare=False):
    r = Reader(data)
    size = r.u16()
    need(1 <= size <= RUN_MAX, "count")
    run = Run(r.take(104), [])
    total = 0
    for i in range(size):
        e = read_envelope(r, bare)
        total += len(e.head) + (32 if bare else len(e.ct))
        need(total <= RUN_BYTES_MAX, "too_big")
        h = e.h
        if i:
            h0, before = run.envs[0].h, run.envs[-1]
            need(h.channel == h0.channel, "channel")
            need(h.kid == h0.kid, "key_foreign")
            need(h.incarnation() == h0.incarnation(), "incarnation")
            need(h.seq == h0.seq + i, "seq")
            need(h.prev == before.id, "prev")
            check_epoch(before.h, h)
        run.envs.append(e)
    run.sig = r.take(64)
    r.end()
    return run


def check_single(data, pk):
    """The envelope, if pk signed a run that holds it."""
    r = Reader(data)
    index, size = r.u16(), r.u16()
    need(1 <= size <= RUN_MAX, "count")
    n = path_len(index, size)
    seen = r.take(104)
    path = [r.take(32) for _ in range(n)]
    sig = r.take(64)
    e = read_envelope(r, False)
    r.end()
    need(e.h.seq - index >= 1, "seq")
    root = root_from(e.id, index, size, path)
    need(keys.kid(pk) == e.h.kid, "kid_unknown")
    keys.verify(pk, run_statement_of(e.h, e.h.seq - index, size, root, seen),
                sig)
    return e


def seen_of(log_id, size, root, cosig72=None):
    return log_id + u64(size) + root + (H(cosig72) if cosig72 else ZERO32)


class Channel:
    """What a receiver knows of one channel: order, forks, epochs (section 6).
    Feeds run verified before; refuses with the rule broken."""

    def __init__(self, channel_id):
        self.id = channel_id
        self.seen = {}			# seq -> Envelope
        self.stopped = False

    def accept(self, env):
        h = env.h
        need(h.channel == self.id, "channel")
        need(not self.stopped, "stopped")
        known = self.seen.get(h.seq)
        if known:
            if known.id == env.id:
                raise Refused("duplicate")
            self.stopped = True
            raise Refused("fork")
        before, after = self.seen.get(h.seq - 1), self.seen.get(h.seq + 1)
        if (before and h.prev != before.id) or (
                after and after.h.prev != env.id):
            self.stopped = True
            raise Refused("fork")
        for a, b in ((before and before.h, h), (h, after and after.h)):
            if a and b:
                check_epoch(a, b)
                need((b.charter, b.psk_day) >= (a.charter, a.psk_day) and
                     b.prekey_id >= a.prekey_id, "epoch")
                need(b.start >= a.start, "incarnation")
                need(b.start != a.start or b.rand == a.rand, "clone")
        if before is None and h.seq > 1:
            gap = True
        else:
            gap = False
        self.seen[h.seq] = env
        return gap
