"""base: cursors, hashes, HKDF, trees (PROTOCOL.md "Notation", 13.1)."""

import hashlib
import hmac

from .err import Refused, need


def label(name):
    return b"casewire/1/" + name.encode() + b"\0"


def H(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


def HM(key, msg):
    return hmac.new(key, msg, hashlib.sha512).digest()


def extract(salt, ikm):
    return HM(salt, ikm)


def expand(prk, info, length):
    out, t, i = b"", b"", 1
    while len(out) < length:
        t = HM(prk, t + info + bytes([i]))
        out += t
        i += 1
    return out[:length]


def u8(v):
    return v.to_bytes(1, "big")


def u16(v):
    return v.to_bytes(2, "big")


def u32(v):
    return v.to_bytes(4, "big")


def u64(v):
    return v.to_bytes(8, "big")


class Reader:
    """Reads fixed-width fields; never past the end, never silently short."""

    def __init__(self, data):
        self.data = bytes(data)
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        need(n <= self.left(), "truncated")
        part = self.data[self.at:self.at + n]
        self.at += n
        return part

    def rest(self):
        return self.take(self.left())

    def num(self, n):
        return int.from_bytes(self.take(n), "big")

    def u8(self):
        return self.num(1)

    def u16(self):
        return self.num(2)

    def u32(self):
        return self.num(4)

    def u64(self):
        return self.num(8)

    def end(self):
        need(self.left() == 0, "trailing")


# RFC 6962 -----------------------------------------------------------------

def leaf_hash(entry):
    return H(b"\0", entry)


def node_hash(left, right):
    return H(b"\1", left, right)


def split(n):
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def merkle_root(leaves):
    if not leaves:
        return H(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(merkle_root(leaves[:k]), merkle_root(leaves[k:]))


def merkle_path(leaves, index):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return merkle_path(leaves[:k], index) + [merkle_root(leaves[k:])]
    return merkle_path(leaves[k:], index - k) + [merkle_root(leaves[:k])]


def path_len(index, size):
    need(index < size, "proof", "index not below size")
    fn, sn, n = index, size - 1, 0
    while sn > 0:
        if fn & 1 or fn < sn:
            n += 1
        fn >>= 1
        sn >>= 1
    return n


def root_from(leaf, index, size, path):
    """RFC 9162 2.1.3.2, the length checked first."""
    need(len(path) == path_len(index, size), "path_length")
    fn, sn, r = index, size - 1, leaf
    at = 0
    while sn > 0:
        if fn & 1:
            r = node_hash(path[at], r)
            at += 1
        elif fn < sn:
            r = node_hash(r, path[at])
            at += 1
        fn >>= 1
        sn >>= 1
    return r


def check_included(leaf, index, size, path, root):
    need(root_from(leaf, index, size, path) == root, "proof")


def consistency_proof(leaves, m):
    """RFC 6962 2.1.2: PROOF(m, D[n]), 0 < m < n."""
    def sub(m, d, whole):
        n = len(d)
        if m == n:
            return [] if whole else [merkle_root(d)]
        k = split(n)
        if m <= k:
            return sub(m, d[:k], whole) + [merkle_root(d[k:])]
        return sub(m - k, d[k:], False) + [merkle_root(d[:k])]
    if m in (0, len(leaves)):
        return []
    return sub(m, leaves, True)


def consistency_ends(m, root1, n, proof):
    """The two roots a proof leads to (RFC 9162 2.1.4.2), 0 < m < n."""
    need(0 < m < n, "proof")
    path = list(proof)
    need(path, "path_length")
    if m & (m - 1) == 0:
        path.insert(0, root1)
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        need(sn != 0, "path_length")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    need(sn == 0, "path_length")
    return fr, sr


def check_consistent(m, root1, n, root2, proof):
    """RFC 9162 2.1.4.2; size 0 goes with everything and no proof."""
    need(m <= n, "proof")
    if m == 0 or m == n:
        need(not proof, "path_length")
        need(m < n or root1 == root2, "proof")
        return
    need(consistency_ends(m, root1, n, proof) == (root1, root2), "proof")


__all__ = [n for n in dir() if not n.startswith("_")]
