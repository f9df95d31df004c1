#!/usr/bin/python3
"""test_proof: one .tlog-proof before two readers.

usage: test_proof.py FILE NAME+HASH+KEY CASEWIRE-AUDIT

FILE is what `casewire export --proof` wrote, the key its log's.  A reader
written from C2SP's text alone accepts it; then it is bent in every way below,
and both that reader and casewire-audit refuse each.
"""

import base64
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from casewire_py import tlog_proof
from casewire_py.err import Refused


def bent(data):
    """(what, bytes) of every way to bend it."""
    text = data.decode()
    head, checkpoint = text.split("\n\n", 1)
    lines = head.split("\n")
    first, extra, index, path = lines[0], lines[1], lines[2], lines[3:]
    entry = bytearray(base64.b64decode(extra[6:]))
    at = int(index[6:])
    put = lambda *parts: ("\n".join(parts) + "\n\n" + checkpoint).encode()
    flip = lambda line: ("B" if line[0] != "B" else "C") + line[1:]
    yield "another entry", put(first, "extra " + base64.b64encode(
        bytes(entry[:-1] + bytes([entry[-1] ^ 1]))).decode(), index, *path)
    yield "no entry", put(first, index, *path)
    yield "another index", put(first, extra, "index %d" % (at ^ 1), *path)
    yield "an index past the end", put(first, extra, "index 4096", *path)
    yield "a leading zero", put(first, extra, "index 0%d" % at, *path)
    yield "another hash", put(first, extra, index, flip(path[0]), *path[1:])
    yield "a hash less", put(first, extra, index, *path[:-1])
    yield "a hash more", put(first, extra, index, *path, path[-1])
    yield "hashes turned", put(first, extra, index, path[1], path[0],
                               *path[2:])
    yield "another version", put(first[:-1] + "2", extra, index, *path)
    yield "extra behind the index", put(first, index, extra, *path)
    yield "no empty line", data.replace(b"\n\n", b"\n", 1)
    yield "cut off", data[:len(data) // 2]
    yield "CR LF", data.replace(b"\n", b"\r\n")
    body = checkpoint.split("\n")
    yield "another origin", (head + "\n\nx" + checkpoint).encode()
    for at, what in ((1, "another size"), (2, "another root")):
        other = list(body)
        other[at] = str(int(body[1]) + 1) if at == 1 else flip(body[2])
        yield what, (head + "\n\n" + "\n".join(other)).encode()
    yield "unsigned", (head + "\n\n" + checkpoint.split("\n\n")[0] +
                       "\n\n").encode()
    yield "another signature", data[:-6] + (
        b"AAAA=\n" if data[-6:] != b"AAAA=\n" else b"BBBB=\n")


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    key, audit = sys.argv[2], sys.argv[3]
    name, pk = tlog_proof.vkey(key)
    index, size, entry = tlog_proof.verify(data, name, pk)
    assert entry.startswith(b"casewire/1/run\0") and index < size
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bent")

        def ours(bytes_):
            with open(path, "wb") as f:
                f.write(bytes_)
            return subprocess.run([audit, "proof", path, "--key", key],
                                  stdin=subprocess.DEVNULL,
                                  capture_output=True).returncode

        assert ours(data) == 0
        for what, changed in bent(data):
            assert changed != data, what
            try:
                tlog_proof.verify(changed, name, pk)
                raise AssertionError("Python accepts " + what)
            except (Refused, UnicodeDecodeError):
                pass
            code = ours(changed)
            assert code == (4 if what == "no entry" else 3), (what, code)
            count += 1
    print("ok   one proof accepted, %d bent ones refused by both" % count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
