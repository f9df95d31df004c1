"""bundle: a bundle of audit/EVIDENCE.md, written and read; who judges it is
evidence.py.
"""

import re
import struct
import zlib

from . import claims, timeline
from .base import Reader, u32, u64
from .err import Refused

LANES = ["a0", "a1", "a2", "b0", "b1", "b2"]
NAME = re.compile(r"charter/\d{5}(\.[ab]\.sig)?|evidence|holds|joins|"
                  r"log/[0-9a-f]{64}|notes|"
                  r"openings|receipts|runs\.[ab][012]|shredded|statements")


class Bundle:
    def __init__(self, pair, level="sealed"):
        self.pair, self.level = pair, level
        self.charters = {}		# number -> (text, sig a, sig b)
        self.statements, self.receipts, self.openings = [], [], []
        self.holds, self.shredded = [], []	# claims.py
        self.joins, self.notes = [], []
        self.runs = {lane: [] for lane in LANES}	# bare bytes
        self.logs = {}			# log_id -> {note: [(i, leaf, path)]}

    def members(self):
        m = {"evidence": ("casewire/1 evidence\nlevel %s\npair %s\n" %
                          (self.level, self.pair.hex())).encode()}
        for n, (text, a, b) in self.charters.items():
            m["charter/%05d" % n] = text
            m["charter/%05d.a.sig" % n] = a
            m["charter/%05d.b.sig" % n] = b
        m["statements"] = records(sorted(set(self.statements)))
        m["receipts"] = records(sorted(set(self.receipts)))
        m["openings"] = records(sorted(set(self.openings)))
        m["holds"] = records(sorted(set(self.holds)))
        m["shredded"] = records(sorted(set(self.shredded)))
        m["joins"] = records(sorted(set(self.joins)))
        m["notes"] = records(sorted(set(self.notes)))
        for lane, runs in self.runs.items():
            m["runs." + lane] = records(sorted(set(runs), key=run_key))
        for log_id, groups in self.logs.items():
            m["log/" + log_id.hex()] = b"".join(sorted(
                u32(len(n)) + n + u32(len(ps)) + b"".join(sorted(
                    u64(i) + leaf + bytes([len(p)]) + b"".join(p)
                    for i, leaf, p in ps)) for n, ps in groups.items()))
        return {k: v for k, v in m.items() if v}

    def encode(self):
        return zip_bytes(self.members())


def run_key(bare):
    return int.from_bytes(bare[106 + 48:106 + 56], "big"), bare


def records(items):
    return b"".join(u32(len(i)) + i for i in items)


def zip_bytes(members):
    """Section 1: every byte is content or determined."""
    out, directory = b"", b""
    for name in sorted(members):
        data = members[name]
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x21,
                             zlib.crc32(data), len(data), len(data),
                             len(name), 0)
        directory += (b"PK\1\2" + struct.pack("<H", 0x033f) + common +
                      struct.pack("<HHHII", 0, 0, 0, 0x81a40000, len(out)) +
                      name.encode())
        out += b"PK\3\4" + common + name.encode() + data
    return out + directory + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, len(members), len(members), len(directory),
        len(out), 0)


# Reading -------------------------------------------------------------------------

class Form(Exception):
    """bundle-form or bundle-damaged."""


def form(ok, why):
    if not ok:
        raise Form(why)


def read_zip(data):
    """{name: content}: what stands in the local heads, if the whole file is
    what zip_bytes makes of it."""
    out, at = {}, 0
    try:
        while data[at:at + 4] == b"PK\3\4":
            size, n = struct.unpack_from("<IH", data, at + 22)
            name = data[at + 30:at + 30 + n].decode("ascii")
            at += 30 + n + size
            form(NAME.fullmatch(name) and name not in out and size > 0, name)
            out[name] = data[at - size:at]
    except (struct.error, UnicodeDecodeError) as e:
        raise Form(str(e)) from None
    form(0 < len(out) <= 1024, "members")
    form(list(out) == sorted(out) and zip_bytes(out) == data, "zip")
    return out


def read_records(data, key=None):
    r, out = Reader(data), []
    while r.left():
        out.append(r.take(r.u32()))
    ks = [key(x) for x in out] if key else out
    form(all(a < b for a, b in zip(ks, ks[1:])), "records")
    return out


def read_log(data):
    r, groups, order = Reader(data), {}, []
    while r.left():
        n = r.take(r.u32())
        count = r.u32()
        form(count > 0, "no proof")
        order.append(u32(len(n)) + n)
        proofs, raw = [], []
        for _ in range(count):
            at = r.at
            i, leaf = r.u64(), r.take(32)
            k = r.u8()
            form(k <= 63, "path")
            proofs.append((i, leaf, [r.take(32) for _ in range(k)]))
            raw.append(r.data[at:r.at])
        form(all(a < b for a, b in zip(raw, raw[1:])), "proofs")
        groups[n] = proofs
    form(all(a < b for a, b in zip(order, order[1:])), "groups")
    return groups


def read(data):
    m = read_zip(data)
    try:
        top = re.fullmatch(rb"casewire/1 evidence\n"
                           rb"level (sealed|outline|open)\n"
                           rb"pair ([0-9a-f]{64})\n", m.get("evidence", b""))
        form(top, "evidence")
        b = Bundle(bytes.fromhex(top.group(2).decode()),
                   top.group(1).decode())
        for name, body in m.items():
            if re.fullmatch(r"charter/\d{5}", name):
                sigs = [m.get(name + ".%s.sig" % s, b"") for s in "ab"]
                form(all(len(s) == 64 for s in sigs), "signatures")
                b.charters[int(name[8:])] = (body, *sigs)
            elif name.startswith("charter/"):
                form(name[:13] in m, "signature of nothing")
            elif name.startswith("log/"):
                b.logs[bytes.fromhex(name[4:])] = read_log(body)
            elif name.startswith("runs."):
                b.runs[name[5:]] = read_records(body, run_key)
            elif name != "evidence":
                setattr(b, name, read_records(body))
        form(all(len(o) > 32 and o[32] in (1, 2, 3) for o in b.openings),
             "kind")
        form(claims.well_formed(b.holds, b.shredded), "claims")
        form(all(33 <= len(n) <= 32 + 4096 for n in b.notes), "notes")
        for j in b.joins:
            timeline.decode_join(j)
        return b
    except Refused as e:
        raise Form(str(e)) from None
