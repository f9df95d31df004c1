"""content: fields, padding, salts, commitment, openings (section 4, 13.4)."""

from nacl import bindings as nb

from .base import (H, Reader, label, merkle_path, merkle_root, path_len,
                   root_from, u16, u32, u64)
from .err import Refused, need

BUCKETS = [512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384,
           24576, 32768, 49152, 65536]
FIELDS_MAX = 64
TAG_MAX = 0x7fff


def encode_fields(fields):
    """fields: list of (tag, value)."""
    return b"".join(u16(t) + u32(len(v)) + v for t, v in fields)


def parse_fields(data):
    r, fields, last = Reader(data), [], 0
    while r.left():
        need(len(fields) < FIELDS_MAX, "field_count")
        tag, length = r.u16(), r.u32()
        need(last < tag <= TAG_MAX, "field_order")
        need(fields or tag == 1, "field_order")
        fields.append((tag, r.take(length)))
        last = tag
    need(fields, "field_count")
    return fields


def bucket_for(length):
    for b in BUCKETS:
        if length + 1 <= b:
            return b
    raise Refused("too_big")


def pad(data):
    return data + b"\x80" + bytes(bucket_for(len(data)) - len(data) - 1)


def unpad(plain):
    need(len(plain) in BUCKETS, "padding")
    data = plain.rstrip(b"\0")
    need(data.endswith(b"\x80"), "padding")
    data = data[:-1]
    need(bucket_for(len(data)) == len(plain), "padding")
    return data


def salts(kf, k):
    stream = nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes(16 * k), b"", bytes(24), kf)
    return [stream[16 * i:16 * i + 16] for i in range(k)]


def leaf(i, salt, tag, value):
    return H(b"\0", label("field"), u16(i), salt, u16(tag), u32(len(value)),
             value)


def leaves(fields, kf):
    return [leaf(i, s, t, v) for i, ((t, v), s) in
            enumerate(zip(fields, salts(kf, len(fields))))]


def commitment_of(k, root):
    return H(label("commit"), u16(k), root)


def commitment(fields, kf):
    return commitment_of(len(fields), merkle_root(leaves(fields, kf)))


def open_field(fields, kf, i):
    """The bytes that show field i and nothing else."""
    tag, value = fields[i]
    k = len(fields)
    return (u16(i) + u16(k) + u16(tag) + u32(len(value)) + value +
            salts(kf, k)[i] + b"".join(merkle_path(leaves(fields, kf), i)))


def check_field_opening(data, C):
    """(i, tag, value) if C commits to it."""
    r = Reader(data)
    i, k, tag = r.u16(), r.u16(), r.u16()
    need(1 <= k <= FIELDS_MAX, "field_count")
    need(i < k, "proof")
    need(1 <= tag <= TAG_MAX and (tag == 1) == (i == 0), "field_order")
    value = r.take(r.u32())
    salt = r.take(16)
    path = r.rest()
    need(len(path) == 32 * path_len(i, k), "path_length")
    path = [path[j:j + 32] for j in range(0, len(path), 32)]
    root = root_from(leaf(i, salt, tag, value), i, k, path)
    need(commitment_of(k, root) == C, "commitment")
    return i, tag, value


def open_message(fields, kf):
    data = encode_fields(fields)
    return kf + u32(len(data)) + data


def check_message_opening(data, C):
    r = Reader(data)
    kf = r.take(32)
    body = r.take(r.u32())
    r.end()
    fields = parse_fields(body)
    need(commitment(fields, kf) == C, "commitment")
    return fields


def officer_message(pair_id, direction, role, fields):
    """What an officer signs (section 1)."""
    rest = encode_fields([f for f in fields if f[0] != 3])
    return (label("officer") + pair_id + bytes([direction, role]) + H(rest))


LINK_BYTES = 370


def encode_link(own_ks, peer_ks, prekey_own, prekey_peer, own, peer,
                floor_prekey, floor_charter, floor_day, cases, root):
    heads = b"".join(u64(s) + e for s, e in own + peer)
    return (own_ks + peer_ks + u64(prekey_own) + u64(prekey_peer) + heads +
            u64(floor_prekey) + u16(floor_charter) + u32(floor_day) +
            u32(cases) + root)


def decode_link(data):
    r = Reader(data)
    d = {"own_ks": r.take(32), "peer_ks": r.take(32), "prekey_own": r.u64(),
         "prekey_peer": r.u64()}
    zero = True
    for side in ("own", "peer"):
        for lane in range(3):
            seq, env = r.u64(), r.take(32)
            zero = zero and (seq == 0) == (env == bytes(32))
            d["%s_seq_%d" % (side, lane)] = seq
            d["%s_env_%d" % (side, lane)] = env
    d.update(floor_prekey=r.u64(), floor_charter=r.u16(), floor_day=r.u32(),
             open_cases=r.u32(), root=r.take(32))
    r.end()
    need(zero, "encoding", "seq 0 exactly where env_id is zeros")
    need(d["open_cases"] or d["root"] == H(b""), "encoding")
    return d


def open_case_leaf(case_id, head_a, head_b):
    return H(b"\0", case_id, head_a, head_b)
