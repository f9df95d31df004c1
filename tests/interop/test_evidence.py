#!/usr/bin/python3
"""test_evidence: two auditors, one bundle, the same findings.

usage: test_evidence.py CASEWIRE-AUDIT [--examples N] [--seed N]

Bundles are made here, sound ones and ones where a party, a relay or a
stranger cheated in a known way; the Python judge and casewire-audit must
name the same findings and the same verdict.  Then bits of a sound bundle
are flipped at random: neither may call it verified.
"""

import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

import scenes_newlog
import scenes_plain
import scenes_recovery		# noqa: F401  its scenes
import scenes_silence
import scenes_witness
from cast import CHARTER_ID, seed
from casewire_py import evidence
from scenes import ORIGIN, RELAY_KS, SCENES, Scene, scene
from scenes_chance import Chance

AUDIT = None
FILE = None
EXITS = {"verified": 0, "failed": 3, "incomplete": 4, "mismatch": 8}

scenes_silence.add(scene, Scene)
scenes_witness.add(scene, Scene)
scenes_newlog.add(scene, Scene, RELAY_KS, ORIGIN)


def c_judges(data, pin=CHARTER_ID):
    """(verdict, codes) of casewire-audit."""
    doc = c_says(data, pin)
    return doc["verdict"], {f["code"] for f in doc["findings"]}


def c_says(data, pin=CHARTER_ID):
    with open(FILE, "wb") as f:
        f.write(data)
    args = [AUDIT, "verify", FILE, "--json"]
    if pin is not None:
        args += ["--charter", pin.hex()]
    r = subprocess.run(args, capture_output=True, text=True,
                       stdin=subprocess.DEVNULL)
    doc = json.loads(r.stdout)
    assert r.returncode == doc["exit"] == EXITS[doc["verdict"]], r
    return doc


def ms_of(text):
    if not text:
        return None
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(at.timestamp() * 1000)


def compare_bounds(name, data):
    """The times that witnesses set: as written down here, by both."""
    want = scenes_witness.BOUNDS[name]
    p = evidence.judged(data, CHARTER_ID).bounds
    c = {(m["channel"], m["seq"]): (ms_of(m.get("signed_after")),
                                    ms_of(m.get("logged_before")))
         for m in c_says(data)["messages"]}
    wrong = {r: (want[r], p.get(r), c.get(r)) for r in want
             if not want[r] == p.get(r) == c.get(r)}
    if wrong:
        print("FAIL %s: bounds (wanted, Python, C)" % name, wrong)
    return int(bool(wrong))


def found_as_written(name, data):
    """Each wrong thing under its own code."""
    want = scenes_witness.CODES.get(name, set())
    got = evidence.judge(data, CHARTER_ID)[1]
    if got != want:
        print("FAIL %s: wanted %s, found %s" % (name, want, got))
    return int(got != want)


def compare(name, data, pin=CHARTER_ID):
    p, c = evidence.judge(data, pin), c_judges(data, pin)
    # Where a file stops being a zip is each library's own view.
    c = c[0], {x.replace("-damaged", "-form") for x in c[1]}
    if p == c:
        return 0
    print("FAIL %s: Python %s %s, C %s %s" % (name, p[0], sorted(p[1]), c[0],
                                              sorted(c[1])))
    return 1


def history(chance):
    """A random history: the same findings; but past an open fork, among the
    disputed, or below a branch whose links are not here, each judge walks
    what it met first, so there only: verified by neither."""
    data = Chance(random.Random(chance)).bundle().encode()
    p, c = evidence.judge(data, CHARTER_ID), c_judges(data)
    agreed = p[1] & c[1]
    if {"fork", "run-disputed"} & agreed or \
            {"fork-recovered", "seq-gap"} <= agreed:
        return int("verified" in (p[0], c[0]))
    return compare("history of seed %d" % chance, data)


def flipped(data, rnd):
    """One bit somewhere: never verified, by neither."""
    at = rnd.randrange(len(data))
    bad = bytearray(data)
    bad[at] ^= 1 << rnd.randrange(8)
    p, _ = evidence.judge(bytes(bad), CHARTER_ID)
    c, _ = c_judges(bytes(bad))
    if "verified" in (p, c):
        print("FAIL byte %d flipped: Python %s, C %s" % (at, p, c))
        return 1
    return 0


def main():
    global AUDIT, FILE
    args = sys.argv[1:]
    if not args:
        print(__doc__, file=sys.stderr)
        return 2
    AUDIT = os.path.abspath(args[0])
    examples = int(args[args.index("--examples") + 1]) \
        if "--examples" in args else 60
    start = int(args[args.index("--seed") + 1]) if "--seed" in args else \
        random.SystemRandom().randrange(2 ** 32)
    fd, FILE = tempfile.mkstemp(suffix=".zip")
    os.close(fd)
    try:
        wrong = 0
        for fn in SCENES:
            data = fn().encode()
            wrong += compare(fn.__name__, data)
            if fn.__module__ == "scenes_witness":
                wrong += found_as_written(fn.__name__, data)
            if fn.__name__ in scenes_witness.BOUNDS:
                wrong += compare_bounds(fn.__name__, data)
        good = scenes_plain.all_is_well().encode()
        if evidence.judge(good, CHARTER_ID)[0] != "verified":
            print("FAIL the sound bundle is not verified",
                  evidence.judge(good, CHARTER_ID))
            wrong += 1
        wrong += compare("unpinned", good, None)
        wrong += compare("another charter", good, seed("another"))
        wrong += compare("cut", good[:-1])
        wrong += compare("empty file", b"")
        rnd = random.Random(start)
        for _ in range(examples):
            wrong += flipped(good, rnd)
        for i in range(examples):
            wrong += history(start + i)
        print("%d scenes, %d flips and %d histories (seed %d), %d wrong" %
              (len(SCENES), examples, examples, start, wrong))
    finally:
        os.unlink(FILE)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
