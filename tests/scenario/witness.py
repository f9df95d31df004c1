#!/usr/bin/python3
"""witness: what a relay shows and a witness made, checked by the Python side.

usage: witness.py lines|held|forged|split|vkey URL WORLD NAME...
       witness.py kills URL WORLD NAME ROUNDS

lines: the newest checkpoint bears a line of each NAME.  held: the relay
holds one of each.  forged: it takes no line that was changed.  split: the
proof NAME kept proves.  vkey: what init --json printed of it.  kills: the witness is started and killed -9 again
and again; no line it ever made, wherever it was seen, goes back.
"""

import base64
import glob
import hashlib
import json
import os
import random
import subprocess
import sys
import time

from casewire_py import note, statement, tiles

URL, WORLD = sys.argv[2:4]


def log():
    """(origin, log key)"""
    with open(WORLD + "/relay/keys.1", "rb") as f:
        ks = dict(statement.decode_keys(f.read())["keys"])
    origin = newest().split("\n")[0]
    return origin, ks[4]


def newest():
    return tiles.Http(URL).ok("checkpoint").decode()


def key(name):
    with open("%s/%s/witness.pub" % (WORLD, name)) as f:
        pk, said = f.read().split()
    return bytes.fromhex(pk), said


def line(data, name):
    """(size, root, seconds, bytes) of the witness's line, or None."""
    pk, said = key(name)
    size, root, got = note.verify(data, *log(), [(pk, said)])
    if said not in got:
        return None
    return size, root, int.from_bytes(got[said][:8], "big"), got[said]


def folder(name):
    return os.path.join(WORLD, name,
                        hashlib.sha256(log()[0].encode()).hexdigest())


def cosigned(name):
    try:
        with open(folder(name) + "/cosigned", "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def lines(names):
    """The log may have grown since: then it is cosigned in a moment."""
    until = time.time() + 15
    for name in names:
        while True:
            got = line(newest().encode(), name)
            if got is not None:
                break
            assert time.time() < until, "no line of " + name
            time.sleep(0.1)
        assert abs(got[2] - time.time()) < 120, got


def held(names):
    """By what a relay answers: the same again is known, an older one not."""
    for name in names:
        assert tiles.Http(URL).bring(cosigned(name)) == (200, b"ok\n")


def forged(names):
    text = newest()
    for name in names:
        pk, said = key(name)
        base = text.split("\n\n")[0] + "\n\n" + "".join(
            part + "\n" for part in text.split("\n\n")[1].split("\n")[:1])
        for sig in (bytes(72), (7).to_bytes(8, "big") + bytes(64),
                    (7).to_bytes(8, "big") + os.urandom(64)):
            bad = base + note.sig_line(said, note.key_id(said, 4, pk), sig)
            status, _ = tiles.Http(URL).bring(bad.encode())
            assert status in (400, 403), status


def split(names):
    for name in names:
        (proof,) = glob.glob(folder(name) + "/alarm-split-*")
        read = lambda what: open(os.path.join(proof, what), "rb").read()
        path = None
        if os.path.exists(proof + "/path"):
            path = read("path").decode()
        tiles.check_split(path, read("checkpoint.held"),
                          read("checkpoint.shown"), *log())


def vkey(names):
    """name+hash+base64 of signed-note, and the charter's line."""
    for name in names:
        pk, said = key(name)
        with open("%s/%s.json" % (WORLD, name)) as f:
            got = json.load(f)
        assert got["charter_line"] == "witness %s %s" % (pk.hex(), said)
        assert got["vkey"] == "%s+%s+%s" % (
            said, note.key_id(said, 4, pk).hex(),
            base64.b64encode(b"\x04" + pk).decode())


class Seen:
    """Every line of a witness that was ever to be seen."""

    def __init__(self, name):
        self.name, self.last, self.by_size = name, None, {}

    def add(self, data):
        got = line(data, self.name) if data else None
        if got is None:
            return
        size, root, t, blob = got
        assert self.by_size.setdefault(size, (root, blob)) == (root, blob), \
            "two lines for size %d" % size
        if self.last is not None:
            assert (size, t) >= self.last, "%s after %s" % (got, self.last)
        self.last = size, t


def kills(name, rounds):
    seen = Seen(name)
    home = os.path.join(WORLD, name)
    with open(WORLD + "/run/%s.diag" % name, "ab") as diag:
        for _ in range(rounds):
            p = subprocess.Popen(["casewire-witness", "run", "--home", home],
                                 stdin=subprocess.DEVNULL, stdout=diag,
                                 stderr=diag)
            until = time.time() + random.uniform(0.05, 1.5)
            while time.time() < until:
                seen.add(newest().encode())
                time.sleep(0.01)
            p.kill()
            p.wait()
            # What it wrote last, whatever became of it, is not unsaid.
            seen.add(cosigned(name))
    assert len(seen.by_size) >= 2, "the log did not grow meanwhile"


if __name__ == "__main__":
    if sys.argv[1] == "kills":
        kills(sys.argv[4], int(sys.argv[5]))
    else:
        {"lines": lines, "held": held, "forged": forged,
         "split": split, "vkey": vkey}[sys.argv[1]](sys.argv[4:])
