#!/usr/bin/env python3
"""seeds OUTDIR: what each harness of proto/ starts from.

Layouts come from tests/vectors, good ones and refused ones alike; protobuf
messages, which have no vectors of their own, are written here.  A harness
with several decoders reads a byte in front that tells which.
"""

import base64
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors")

# (vectors, op, input's name, harness, byte in front or None)
FROM_VECTORS = [
    ("envelope", "header", "data", "envelope", None),
    ("envelope", "open", "data", "envelope", None),
    ("run", "run", "data", "run", 0),
    ("run", "bare", "data", "run", 1),
    ("run", "single", "data", "run", 2),
    ("fields", "unpad", "plain", "fields", 0),
    ("fields", "parse_fields", "fields", "fields", 1),
    ("openings", "open_field", "data", "fields", 2),
    ("openings", "open_message", "data", "fields", 3),
    ("keys", "keys", "data", "statement", None),
    ("statements", "prekey", "data", "statement", None),
    ("statements", "officer", "data", "statement", None),
    ("statements", "recovery", "data", "statement", None),
    ("statements", "receipt", "data", "statement", None),
    ("statements", "prior", "data", "statement", None),
    ("charter", "charter", "data", "charter", None),
    ("note", "checkpoint", "text_note", "note", None),
    ("tlog_proof", "tlog_proof", "text_proof", "tlog_proof", None),
    ("dossier", "dossier", "text_dossier", "dossier", None),
    ("heartbeat", "link", "data", "notice", 61),
    ("opencase", "open_case", "data", "notice", 63),
]

# keys/keyfile.h: kind, types of its entries, slots.
KEYFILES = [(1, (16,), 1), (2, (1, 2, 19), 2), (2, (1, 2, 19, 2, 2), 1),
            (3, (3,), 1), (6, (1, 3, 4), 1)]


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def pb(*fields):
    """(number, int | bytes | str) pairs as a protobuf message."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


ID, HASH = bytes(range(1, 17)), bytes(range(1, 33))
ATTACHMENT = pb((1, ID), (2, "log.txt"), (3, 99), (4, HASH),
                (5, "text/plain"), (6, "disk"))
HANDLING = pb((1, 2), (2, "text"), (3, "this case only"))
AUTHORITY = pb((1, "a"), (2, "d"), (3, "c"), (4, "p"))
NOTICES = {
    0: pb((1, ID), (2, 5), (3, HASH), (4, HASH), (5, HASH), (6, "ack"),
          (7, 1), (8, 4), (9, 1790000000000), (10, 1)),
    1: pb((1, "2026-1"), (2, 2), (4, pb((1, "a"), (3, "c"))), (5, "b"),
          (6, "l"), (7, "24/7"), (8, "f"), (9, "law"), (10, "p"), (11, "s"),
          (12, "g"), (13, pb((1, "host"), (2, "h"), (3, "k"))),
          (14, pb((1, 1), (2, 2))), (15, "c"), (16, "r"), (17, 9), (18, "w"),
          (19, "u"), (20, HANDLING), (21, "x"), (22, "y"), (23, "en"),
          (24, ATTACHMENT), (25, 1), (26, pb((1, "d"), (2, "w"), (3, 1)))),
    2: pb((1, "a"), (2, "d"), (3, "h"), (4, 7), (5, "r")),
    3: pb((1, "one"), (1, "two")),
    4: pb((1, "one")),
    5: pb((1, 7), (2, "e"), (3, "s"), (4, 9)),
    6: pb((1, "m"), (2, "n"), (3, 9)),
    9: pb((1, pb((1, "d"), (2, "c"), (3, ID))), (2, "s"), (3, ATTACHMENT),
          (4, HANDLING), (5, "u")),
    10: pb((1, "t"), (2, "u")),
    7: pb((1, "how far?")),
    8: pb((1, "RESULT"), (2, "r"), (3, 9)),
    11: pb((1, "L-1"), (2, AUTHORITY), (3, "s"), (4, "f"),
           (5, pb((1, "host"), (2, "h"), (3, "k"))), (6, 1), (7, 4),
           (8, HANDLING), (9, 1), (10, "en"), (11, ATTACHMENT)),
    12: pb((1, "t"), (2, 1), (4, "f"), (5, ATTACHMENT)),
    13: pb((1, "r"), (2, "t"), (3, 1), (4, ID)),
    14: pb((1, "a"), (2, "d"), (3, "h"), (4, "c"), (5, "r")),
    15: pb((1, "r")),
    16: pb((1, "r")),
    17: pb((1, "new")),
    18: pb((1, "i"), (2, "p"), (3, "r"), (4, 9)),
    19: pb((1, "c"), (2, 9)),
    20: pb((1, "s"), (2, "r"), (3, 9)),
    21: pb((1, "t"), (2, "o"), (3, 9)),
    22: pb((1, "t")),
    23: pb((1, 2), (2, "ACK"), (4, "g"), (5, "w"), (6, AUTHORITY)),
    24: pb((1, "o"), (2, "c"), (3, 9)),
    25: pb((1, "a"), (2, "m"), (3, 9)),
    26: pb((1, 1), (2, "r")),
    27: pb((1, 3), (2, 9), (3, "A"), (3, "B"), (4, "s"), (5, "a"), (6, 10)),
    28: pb((1, pb((1, ID), (2, "r")))),
    29: pb((1, 1), (2, 9), (3, HASH), (4, ATTACHMENT)),
    30: pb((1, HASH)),
    31: pb((1, HASH), (2, pb((1, HASH), (2, "t"))), (3, "t")),
    32: pb((1, "S-1"), (2, 1), (3, 1), (4, 9), (5, "p"), (6, "one"),
           (7, pb((1, "t"), (2, "o"), (3, 9), (4, 1))), (8, ATTACHMENT),
           (9, "t")),
    34: pb((1, pb((1, "d"), (2, "duty"), (3, "n"), (4, "+1"), (5, "24/7"),
                  (6, "en zh")))),
    35: pb((1, 124), (2, HASH), (3, "crossed")),
    60: pb((1, pb((1, ID), (2, 1), (3, HASH * 2))),
           (1, pb((1, ID[::-1]), (2, 2), (3, HASH * 2)))),
    62: pb((1, "desk"), (2, "author"), (3, "name")),
}
SIDE = pb((1, "Beijing"), (2, pb((1, 0), (2, 960))),
          (2, pb((1, 1772953200000), (2, 959))), (3, 31),
          (4, pb((1, 2026), (2, varint(101) + varint(216)),
                 (3, varint(104)))), (4, pb((1, 2027))),
          (5, "one"), (5, "two"), (5, "three"))
CURSOR = pb((1, ID), (3, 77))
REQUESTS = [
    pb((1, 1), (2, pb((1, 1), (2, 1), (3, "casewire 0.1.0")))),
    pb((1, 2), (3, pb((1, b"run"), (1, b"run"), (2, b"statement")))),
    pb((1, 3), (4, pb((1, CURSOR), (1, CURSOR), (2, 4096), (3, 1000)))),
    pb((1, 4), (5, pb((1, ID), (2, 1), (3, HASH)))),
    pb((1, 5), (6, pb((1, pb((1, 3), (2, 9)))))),
    pb((1, 5), (6, pb((3, pb((1, 1), (2, 2), (3, 256)))))),
    pb((1, 5), (6, pb((5, 1)))),
    pb((1, 5), (6, pb((6, pb((1, 300), (2, varint(7) + varint(299))))))),
    pb((1, 6), (7, pb((1, 42)))),
    pb((1, 7), (8, pb((1, pb((1, "Auditor"), (2, 1790000000000)))))),
    pb((1, 7), (8, pb((2, "Auditor")))),
    pb((1, 7), (8, pb((3, 1)))),
]
PLACED = pb((2, 5), (3, HASH), (3, HASH))
REPLIES = [
    pb((1, 1), (4, pb((1, 1), (2, HASH), (3, "note"), (4, 9), (5, 1 << 20),
                      (8, pb((1, ID), (2, bytes(265)), (3, HASH), (4, 7),
                             (5, 8), (6, HASH))),
                      (9, pb((1, HASH), (2, HASH), (3, 126)))))),
    pb((1, 2), (5, pb((1, PLACED), (1, pb((1, 12), (4, "refused"))),
                      (2, PLACED), (3, "note")))),
    pb((1, 3), (6, pb((1, pb((1, ID), (2, 7), (3, "run"), (6, HASH))),
                      (1, pb((1, ID), (2, 8), (5, "statement"))),
                      (2, "note"), (3, 1)))),
    pb((1, 4), (7, pb((1, "ks"), (2, "prekey"), (3, "officer"),
                      (4, varint(300))))),
    pb((1, 5), (8, pb((1, HASH), (2, "note")))),
    pb((1, 5), (8, pb((2, "note"), (3, "one"), (3, "two")))),
    pb((1, 5), (8, pb((2, "note"), (4, pb((1, HASH), (1, HASH))),
                      (4, b"")))),
    pb((1, 6), (9, pb((1, 42), (2, 43)))),
    pb((1, 7), (2, 10), (3, "later")),
    pb((1, 8), (10, pb((1, HASH), (2, pb((1, "Auditor"), (2, 9),
                                         (3, 10)))))),
]


def keyfile(kind, types, slots):
    """The layout alone: its decoder opens nothing."""
    out = b"CWK1" + bytes([1, kind, slots, len(types)]) + bytes(32)
    out += bytes([4]) + b"name"
    for i, key_type in enumerate(types):
        out += bytes([key_type, i - 2 if kind == 2 and i > 2 else 0])
        out += bytes(32)
    for slot in range(slots):
        out += bytes([slot + 1]) + (1).to_bytes(4, "big")
        out += (8192).to_bytes(8, "big") + bytes(16 + 24 + 48)
    return out + bytes(24 + 32 * len(types) + 16)


def cosig_line(name):
    return ("\u2014 %s " % name).encode() + base64.b64encode(
        b"kkid" + bytes(72)) + b"\n"


def witness_states():
    """The state file over each checkpoint of the vectors with one line."""
    with open(os.path.join(VECTORS, "note.json")) as f:
        cases = json.load(f)["cases"]
    for c in cases:
        if c["op"] == "checkpoint":
            yield (b"casewire/1 witness\nwitness " + b"0" * 64 +
                   b" w.example/1\ntime 1796083300\n" +
                   c["in"]["text_note"].encode())


def put(out, harness, data):
    folder = os.path.join(out, harness)
    os.makedirs(folder, exist_ok=True)
    name = hashlib.sha256(data).hexdigest()[:16]
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def main(out):
    for name, op, key, harness, front in FROM_VECTORS:
        with open(os.path.join(VECTORS, name + ".json")) as f:
            cases = json.load(f)["cases"]
        found = [c["in"][key] for c in cases if c["op"] == op]
        if not found:
            sys.exit("seeds: no %s in %s.json" % (op, name))
        for value in found:
            data = value.encode() if key.startswith("text_") else \
                bytes.fromhex(value)
            put(out, harness, data if front is None
                else bytes([front]) + data)
    for shape in KEYFILES:
        put(out, "keyfile", keyfile(*shape))
    put(out, "words", b"abandon, Ability 0002 - zoo " * 3)
    put(out, "words", "的一是在 0001 zoo".encode() * 2)
    half = b"casewire/1 psk\ncharter " + b"0" * 64 + b"\n"
    for line in (b"a ", b"b "):
        put(out, "psk", half + line + b"1" * 64 + b"\n")
    put(out, "psk", half + b"a " + b"1" * 64 + b"\nb " + b"2" * 64 + b"\n")
    for code, message in NOTICES.items():
        put(out, "notice", bytes([code]) + message)
    put(out, "profile", pb((1, 2), (2, SIDE), (2, SIDE)))
    for message in REQUESTS:
        put(out, "request", message)
    for message in REPLIES:
        put(out, "reply", message)
    put(out, "tile_entries", b"\2\0\5first\0\0\0\3end")
    hash_line = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
    for extra, path in (("", ""), ("extra AAEC\n", 3 * hash_line)):
        put(out, "tlog_proof", ("c2sp.org/tlog-proof@v1\n%sindex 73894\n%s"
                                "\na/log\n9\nroot\n\nsignature\n"
                                % (extra, path)).encode())
    for path in ("entries/x001/067.p/12", "0/000", "0/x001/067.p/12", "7/x999/x000/255.p/255"):
        put(out, "tile", path.encode())
    put(out, "cosign", b"\1" + cosig_line("w.example/0"))
    put(out, "cosign", b"\2" + bytes(72))
    for data in witness_states():
        put(out, "witness_state", data)
    put(out, "chunk", b"\1" + ID + bytes(8) + b"piece")
    put(out, "chunk", b"\0" + pb((1, ID), (2, 9), (3, HASH), (4, "a.pdf"),
                                 (5, ID), (6, "application/pdf")))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
