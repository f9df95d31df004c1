#!/usr/bin/python3
"""test_tools: what casewire-keys writes, read by the Python side.

usage: test_tools.py CASEWIRE-KEYS

Two agencies and a relay make their identities, agree a charter, make a
courier's secret, an officer, a rotation, a revocation and a recovery with
the real tool; every file is then parsed, verified and opened from
PROTOCOL.md alone, and every file with one bit flipped is refused.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from casewire_py import charter, content, keyfile, keys, statement
from casewire_py.base import H
from casewire_py.err import Refused

TOOL = None
HOME = None
PASS = b"correct horse battery"
WORDS = "/usr/lib/python3/dist-packages/mnemonic/wordlist/"


def tool(*args):
    """Run it; its --json answer."""
    r = subprocess.run([TOOL, *args, "--json"], cwd=HOME, text=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
    assert r.returncode == 0, (args, r.returncode, r.stdout, r.stderr)
    return json.loads(r.stdout)


def load(name):
    with open(os.path.join(HOME, name), "rb") as f:
        return f.read()


def wordlist(name):
    with open(WORDS + name + ".txt", encoding="utf-8") as f:
        return f.read().split()


def root_of(who):
    return bytes.fromhex(load(who + "/root.pub").split(b" ")[0].decode())


def refused(fn, *args):
    try:
        fn(*args)
    except Refused:
        return True
    return False


def every_flip(data, check, step=7):
    """check() must refuse data with any bit (of a sample) flipped."""
    for at in range(0, len(data), step):
        bad = bytearray(data)
        bad[at] ^= 1 << (at % 8)
        assert refused(check, bytes(bad)), "byte %d flipped passes" % at


def check_keys(data, root, relay=False):
    d = statement.decode_keys(data)
    statement.verify_keys(d, root, relay)
    return d


def identities():
    code = None
    for who in ("a", "b"):
        got = tool("init", "--dir", who, "--name", "Agency " + who,
                   "--passphrase-file", "pw", "--argon2", "minimum")
        if who == "a":
            code = got["recovery_code"]
        d = check_keys(load(who + "/keys.1"), root_of(who))
        assert d["ks_seq"] == 1
    tool("init", "--relay", "--dir", "r", "--name", "relay.example",
         "--passphrase-file", "pw", "--argon2", "minimum")
    relay = check_keys(load("r/keys.1"), root_of("r"), True)
    assert [t for t, _ in relay["keys"]] == [1, 3, 4]
    assert refused(check_keys, load("r/keys.1"), root_of("r"), False)
    every_flip(load("a/keys.1"), lambda x: check_keys(x, root_of("a")))
    key_files(code)


def key_files(code):
    d = statement.decode_keys(load("a/keys.1"))
    for name, kind, types in (("root", 1, [16]), ("endpoint", 2, [1, 2, 19]),
                              ("transport", 3, [3]), ("custodian", 4, [5])):
        f = keyfile.decode(load("a/%s.key" % name))
        assert f["kind"] == kind and f["name"] == "Agency a"
        assert f["agency"] == keys.agency(root_of("a"))
        got = keyfile.open_with(f, keyfile.PASSPHRASE, PASS)
        assert [t for t, _, _ in got] == types
        for t, _, pub in f["keys"]:
            assert t in (16, 19) or (t, pub) in d["keys"]
    assert refused(keyfile.open_with, f, keyfile.PASSPHRASE, b"wrong one")

    def opens(data):
        keyfile.open_with(keyfile.decode(data), keyfile.PASSPHRASE, PASS)
    every_flip(load("a/transport.key"), opens, 41)
    index = {w: i for i, w in enumerate(wordlist("english"))}
    raw = keyfile.code_bytes([index[w] for w in code.split()])
    f = keyfile.decode(load("a/endpoint.key"))
    assert keyfile.open_with(f, keyfile.CODE, raw) == \
        keyfile.open_with(f, keyfile.PASSPHRASE, PASS)


def pairing():
    tool("charter", "propose", "--party", "a/root.pub", "--party",
         "b/root.pub", "--relay", "r/root.pub=tcp://127.0.0.1:5570", "--out",
         "charter")
    text = load("charter")
    c = charter.parse(text)
    cid = charter.charter_id(text)
    assert {c["a"][0], c["b"][0]} == {root_of("a"), root_of("b")}
    side = {c["a"][0]: "a", c["b"][0]: "b"}
    for who in ("a", "b"):
        got = tool("charter", "sign", "charter", "--root", who + "/root.key",
                   "--passphrase-file", "pw")
        assert got["charter"] == cid.hex()
        keys.verify(root_of(who), charter.sig_message(cid),
                    load("charter.%s.sig" % side[root_of(who)]))
    want = charter.words(cid)
    for tongue, member, lst in (("en", "en", wordlist("english")),
                                ("zh", "zh", wordlist("chinese_simplified")),
                                ("digits", "digits",
                                 ["%04d" % i for i in range(2048)])):
        got = tool("charter", "words", "charter", "--language", tongue)
        assert got[member].split() == [lst[i] for i in want], tongue
    return cid, side


def renewal(cid, text):
    tool("charter", "renew", "charter", "--out", "charter.1")
    c = charter.parse(load("charter.1"))
    old = charter.parse(text)
    assert c["number"] == 1 and c["pair"] == c["replaces"] == cid.hex()
    assert c["a"] == old["a"] and c["b"] == old["b"]


def courier(cid):
    for side in ("a", "b"):
        tool("psk", "make", "charter", "--party", side)
    tool("psk", "combine", "charter.a.psk", "charter.b.psk")
    lines = load("charter.psk").decode().split("\n")
    assert lines[0] == "casewire/1 psk"
    assert lines[1] == "charter " + cid.hex()
    halves = [bytes.fromhex(l.split(" ")[1]) for l in lines[2:4]]
    assert len(keys.psk_first(cid, *halves)) == 32


def succession():
    first = check_keys(load("a/keys.1"), root_of("a"))
    tool("rotate", "endpoint", "--dir", "a", "--passphrase-file", "pw")
    second = check_keys(load("a/keys.2"), root_of("a"))
    statement.check_succession(first, second)
    by_type = [dict(d["keys"]) for d in (first, second)]
    assert by_type[0][1] != by_type[1][1] and by_type[0][2] != by_type[1][2]
    assert by_type[0][3] == by_type[1][3]
    f = keyfile.decode(load("a/endpoint.key"))
    keyfile.open_with(f, keyfile.PASSPHRASE, PASS)
    assert (2, 1, by_type[0][2]) in f["keys"], "the old I is kept"
    lid = H(b"some log")
    kid = keys.kid(by_type[0][1])
    tool("revoke", kid.hex(), "--dir", "a", "--reason", "stolen", "--cut",
         lid.hex() + ":41", "--passphrase-file", "pw")
    third = check_keys(load("a/keys.3"), root_of("a"))
    statement.check_succession(second, third)
    assert third["revocations"] == [(kid, 2, [(lid, 41)])]


def others(cid, side):
    tool("officer", "add", "Li Wei", "--custodian", "a/custodian.key",
         "--keys", "a/keys.1", "--desk", "cyber", "--role", "author",
         "--passphrase-file", "pw", "--argon2", "minimum")
    custodian = dict(statement.decode_keys(load("a/keys.1"))["keys"])[5]

    def officer(data):
        d = statement.decode_officer(data)
        statement.verify(d, custodian)
        return d
    d = officer(load("officer.cert"))
    assert b"cyber" in d["info"] and b"Li Wei" in d["info"]
    f = keyfile.decode(load("officer.key"))
    assert f["keys"][0][2] == d["O"] and f["holder"] == d["officer"]
    every_flip(load("officer.cert"), officer)
    env = H(b"a head")
    tool("recover", "channel", "charter", "--root", "a/root.key", "--reason",
         "cloned", "--incarnation", "7:00c0ffee", "--lane",
         "0:5:%s:9" % env.hex(), "--lane", "1:0:-:1", "--lane", "2:0:-:1",
         "--passphrase-file", "pw")
    d = statement.decode_recovery(load("recovery"))
    statement.verify(d, root_of("a"))
    assert d["pair_id"] == cid and d["reason"] == 2
    assert d["direction"] == "ab".index(side[root_of("a")])
    assert (d["start"], d["rand"]) == (7, 0x00c0ffee)
    assert d["lanes"] == [(5, env, 9), (0, bytes(32), 1), (0, bytes(32), 1)]


def main():
    global TOOL, HOME
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    TOOL = os.path.abspath(sys.argv[1])
    HOME = tempfile.mkdtemp(prefix="casewire-tools-")
    try:
        with open(os.path.join(HOME, "pw"), "wb") as f:
            f.write(PASS + b"\n")
        identities()
        print("ok   identities and key files")
        cid, side = pairing()
        renewal(cid, load("charter"))
        print("ok   charter, words, renewal")
        courier(cid)
        print("ok   courier")
        others(cid, side)
        print("ok   officer, recovery")
        succession()
        print("ok   rotation, revocation")
    finally:
        shutil.rmtree(HOME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
