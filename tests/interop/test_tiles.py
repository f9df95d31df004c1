#!/usr/bin/python3
"""test_tiles: a relay's log over HTTP, read by Python alone, and followed.

usage: test_tiles.py CASEWIRE-RELAY CASEWIRE-KEYS CASEWIRE-AUDIT RELAY.PROTO

The tiles are hashed to the signed root by tests/interop/casewire_py/tiles.py
and must be what LOG answers over ZeroMQ.  Then the relay's whole home is put
back to an earlier day, high-water mark and all, as nobody must: what
casewire-audit kept of it is judged by Python.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from cast import *
from casewire_py import note, statement, tiles
from casewire_py.err import Refused
from test_relay import World, free_port


def grow(w, b, first, count):
    """count statements more: B's prekeys, ids from first on."""
    todo = [S_B.statement(statement.encode_prekey(S_B.pk, w.cid, first + i,
                                                  P_B.pk))
            for i in range(count)]
    for at in range(0, count, 400):
        for status, _, _ in b.submit(statements=todo[at:at + 400]):
            assert status == 0, status


def start(w):
    """Until the log is served (status answers for a relay at rest too)."""
    w.start()
    for _ in range(200):
        try:
            tiles.Http(w.url).ok("checkpoint")
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("no log over HTTP")


def log_tile(pb, client, level, index, width):
    client.ticket += 1
    req = pb.Request(ticket=client.ticket)
    req.log.tile.level, req.log.tile.index = level, index
    req.log.tile.width = width
    client.sock.send(req.SerializeToString())
    reply = pb.Reply()
    reply.ParseFromString(client.sock.recv())
    assert reply.ticket == client.ticket
    return reply.status, list(reply.log.hashes)


def same_as_log(pb, w, client, size):
    web = tiles.Http(w.url)
    for level, index, width in tiles.names(size):
        for n in {1, width // 2 or 1, width}:
            assert log_tile(pb, client, level, index, n) == (0, tiles.row(
                web, level, index, n)), (level, index, n)
    for level, index, width in ((0, size // 256, 256), (1, 0, 256),
                                (3, 0, 1), (0, size // 256 + 1, 1)):
        assert log_tile(pb, client, level, index, width)[0] != 0
        assert web.get(tiles.path(level, index, width))[0] == 404


def headers(w):
    web = tiles.Http(w.url)
    status, head, body = web.get("checkpoint")
    assert status == 200 and head["Content-Type"].startswith("text/plain")
    assert re.search(r"max-age=\d\b", head["Cache-Control"])
    status, head, body = web.get("tile/0/000")
    assert status == 200 and len(body) == 8192
    assert head["Content-Type"] == "application/octet-stream"
    assert "immutable" in head["Cache-Control"]
    assert web.get("tile/0/000", "HEAD")[::2] == (200, b"")
    assert web.get("checkpoint", "PUT")[0] == 405
    for gone in ("tile/0/0", "tile/0/x000/000", "admit",
                 "status", "tile/0/../../checkpoint"):
        assert web.get(gone)[0] == 404, gone
    # A page on another site cannot name this server.
    c = tiles.http.client.HTTPConnection(web.host, web.port, timeout=10)
    c.request("GET", "/metrics", headers={"Host": "evil.example"})
    assert c.getresponse().status == 421
    c.close()


def metrics(w, size):
    web = tiles.Http(w.url)
    assert web.ok("healthz") == b"ok\n"
    status, head, body = web.get("metrics")
    assert status == 200 and "version=0.0.4" in head["Content-Type"]
    values = dict(re.findall(r"^(casewire_relay_\w+) (\d+)$", body.decode(),
                             re.M))
    assert len(values) >= 15
    for name in values:
        assert re.search(r"^# TYPE %s (counter|gauge)$" % name,
                         body.decode(), re.M), name
    get = lambda name: int(values["casewire_relay_" + name])
    assert get("entries") == get("checkpoint_size") == size
    assert get("statements_total") >= 700 and get("commits_total") >= 1
    assert get("sessions") == 1 and get("disk_floor_percent") == 5
    for name in ("runs_total", "envelopes_total", "refused_total"):
        get(name)


DAY_MS = 86400000


def ask_pass(pb, client, ask, **fields):
    """A PASS: (status, reply.pass)."""
    client.ticket += 1
    req = pb.Request(ticket=client.ticket)
    # `pass` is a word of Python's own.
    body = getattr(req, "pass")
    if ask == "issue":
        body.issue.SetInParent()
        for k, v in fields.items():
            setattr(body.issue, k, v)
    elif ask:
        setattr(body, ask, fields.get("name", True))
    else:
        body.SetInParent()
    client.sock.send(req.SerializeToString())
    reply = client.reply()
    return reply.status, getattr(reply, "pass")


def entries(pb, w):
    """A pass, by PROTOCOL.md alone: asked for, read with, taken back."""
    web, b = tiles.Http(w.url), w.client(pb, T_B)
    size, _, leaves = tiles.read_log(web, w.origin, w.log)
    now = int(time.time() * 1000)
    ask = lambda *a, **k: ask_pass(pb, b, *a, **k)
    status, reply = ask("issue", name="Auditor", until_ms=now + DAY_MS)
    token = reply.token
    assert status == 0 and len(token) == 32
    assert [p.name for p in reply.passes] == ["Auditor"]
    assert reply.passes[0].until_ms == now + DAY_MS
    codes = {"duplicate": 105, "expired": 170, "too_big": 32, "count": 44,
             "notfound": 7, "message": 43}
    assert ask("issue", name="Auditor", until_ms=now + DAY_MS)[0] == \
        codes["duplicate"]
    assert ask("issue", name="x", until_ms=now - 1)[0] == codes["expired"]
    assert ask("issue", name="x", until_ms=now + 367 * DAY_MS)[0] == \
        codes["too_big"]
    assert ask("issue", name="", until_ms=now + DAY_MS)[0] == \
        codes["message"]
    assert ask("issue", name="n" * 65, until_ms=now + DAY_MS)[0] == \
        codes["too_big"]
    assert ask(None)[0] == codes["message"]
    assert ask("revoke", name="nobody")[0] == codes["notfound"]
    for i in range(15):
        assert ask("issue", name="n%d" % i, until_ms=now + DAY_MS)[0] == 0
    assert ask("issue", name="more", until_ms=now + DAY_MS)[0] == \
        codes["count"]
    assert len(ask("list")[1].passes) == 16 and not ask("list")[1].token

    shown = tiles.read_entries(web, leaves, token)
    assert None not in shown and len(shown) == size, "one pair: all is ours"
    kinds = {e[:e.index(b"\0")] for e in shown}
    assert kinds == {b"casewire/1/keys", b"casewire/1/prekey"}, kinds
    for width in (1, 17, 255):
        what = "tile/entries/001.p/%d" % width
        assert tiles.entries(web.get(what, token=token)[2], width) == \
            shown[256:256 + width]
    assert web.get("tile/entries/000", "HEAD", token=token)[::2] == (200, b"")
    for what in ("tile/entries/0", "tile/entries/x000/000",
                 "tile/entries/000.p/256", "tile/entries/009",
                 "tile/entries/%03d.p/%d" % (size // 256, size % 256 + 1)):
        assert web.get(what, token=token)[0] == 404, what
    status, head, _ = web.get("tile/entries/000")
    assert status == 401 and head["WWW-Authenticate"] == "Bearer"
    for wrong in (bytes(32), token[:31], token + b"x", token[::-1]):
        assert web.get("tile/entries/000", token=wrong)[0] == 403
    status, reply = ask("revoke", name="Auditor")
    assert status == 0 and len(reply.passes) == 15
    assert web.get("tile/entries/000", token=token)[0] == 403
    b.close()


NAME = "witness.example/w1"


def newest(w):
    return tiles.Http(w.url).ok("checkpoint").decode()


def witnessed(data, w):
    """(size, seconds) of our witness's line under a note, or None."""
    size, _, lines = note.verify(data, w.origin, w.log, [(WITNESS.pk, NAME)])
    return (size, int.from_bytes(lines[NAME][:8], "big")) if lines else None


def cosigned(pb, w):
    """A witness written in Python, and everybody who is none."""
    web, b = tiles.Http(w.url), w.client(pb, T_B)
    older = newest(w)
    grow(w, b, 3000, 5)
    text = newest(w)
    size = int(text.split("\n")[1])
    bring = lambda *a: web.bring(note.cosign(*a)[0].encode())
    assert b.cosigned() == []
    assert web.bring(b"")[0] == web.bring(b"x\n\ny\n")[0] == 400
    assert web.bring(bytes(4097))[0] == 413
    assert web.bring(text.encode())[0] == 403, "no witness's line"
    assert bring(text, "elsewhere.example", WITNESS, 9)[0] == 403
    assert bring(text, NAME, signer("a stranger"), 9)[0] == 403
    assert bring(text, NAME, WITNESS, 0)[0] == 400
    assert bring(text, NAME, WITNESS, 1 << 63)[0] == 400
    good, sig = note.cosign(text, NAME, WITNESS, 1796083300)
    kid = note.key_id(NAME, 4, WITNESS.pk)
    for at in (0, 7, 8, 71):
        bad = bytearray(sig)
        bad[at] ^= 1
        got = web.bring((text + note.sig_line(NAME, kid, bytes(bad))).encode())
        assert got[0] in (400, 403), (at, got)
    other = note.sign_checkpoint("relay.example/00000000", size, bytes(32),
                                 signer("a log"))
    assert bring(other, NAME, WITNESS, 9)[0] == 404
    forged = note.sign_checkpoint(w.origin, size, bytes(32), signer("a log"))
    assert bring(forged, NAME, WITNESS, 9)[0] == 403
    head, lines = text.split("\n\n")
    assert bring(head.replace("\n%d\n" % size, "\n%d\n" % (size + 1)) +
                 "\n\n" + lines, NAME, WITNESS, 9) == (409, size)
    moved = head.rsplit("\n", 1)[0] + "\n" + "A" * 43 + "=\n\n" + lines
    assert bring(moved, NAME, WITNESS, 9)[0] == 422
    assert witnessed(newest(w).encode(), w) is None, "none of that is kept"
    for _ in range(3):
        assert web.bring(good.encode()) == (200, b"ok\n")
    assert witnessed(newest(w).encode(), w) == (size, 1796083300)
    assert bring(older, NAME, WITNESS, 1796083301) == (409, size)
    assert bring(text, NAME, WITNESS, 5)[0] == 200, "and nothing changes"
    (one,) = b.cosigned()
    assert witnessed(one, w) == (size, 1796083300)
    grow(w, b, 4000, 3)
    assert witnessed(newest(w).encode(), w) is None
    w.stop()
    start(w)
    b.close()
    b = w.client(pb, T_B)
    b.hello()
    (one,) = b.cosigned()
    assert witnessed(one, w) == (size, 1796083300), "after a restart"
    by_hand(w)
    (one,) = b.cosigned()
    assert witnessed(one, w)[1] == 1796083400
    stranger = w.client(pb, T_A)
    assert stranger.hello().status == 0 and stranger.cosigned() == [one]
    stranger.close()
    b.close()


def by_hand(w):
    """A witness without a network; a relay at rest takes it too."""
    text = newest(w)
    for who, name in ((signer("a stranger"), "wrong"), (WITNESS, "right")):
        with open(w.home + "/" + name, "w") as f:
            f.write(note.cosign(text, NAME, who, 1796083400)[0])
    p = subprocess.run([w.bin, "cosign", "wrong", "--home", "r", "--json"],
                       cwd=w.home, capture_output=True, text=True)
    assert p.returncode == 7 and "kid_unknown" in p.stdout, p
    said = w.run(w.bin, "cosign", "right", "--home", "r", "--json")
    assert '"cosigned": %s' % text.split("\n")[1] in said, said
    listed = w.run(w.bin, "list", "--home", "r")
    assert NAME in listed and "2026-12-0" in listed, listed
    w.stop()
    said = w.run(w.bin, "cosign", "right", "--home", "r")
    assert NAME in said
    start(w)


def follow(w, audit, code, *more):
    p = subprocess.run([audit, "follow", w.url + "/", "--dir", w.home + "/m",
                        "--once", "--json", *(more or w.by_charter)],
                       capture_output=True, text=True, timeout=60,
                       stdin=subprocess.DEVNULL, cwd=w.home)
    assert p.returncode == code, (p.returncode, p.stdout, p.stderr)
    return p.stdout


def judged(w, kind, want_path):
    """The one alarm of its kind, judged by Python; then gone."""
    (folder,) = glob.glob(w.home + "/m/alarm-%s-*" % kind)
    read = lambda name: open(os.path.join(folder, name), "rb").read()
    has = os.path.exists(os.path.join(folder, "path"))
    assert has == want_path
    text = read("path").decode() if has else None
    args = (read("checkpoint.held"), read("checkpoint.shown"), w.origin,
            w.log)
    if kind == "split":
        tiles.check_split(text, *args)
        if has:
            # It is the path that proves: another hash, no proof.
            bad = re.sub("path (.)", lambda m: "path " + (
                "B" if m.group(1) == "A" else "A"), text, 1)
            try:
                tiles.check_split(bad, *args)
                raise AssertionError("a bent path proves")
            except Refused:
                pass
    shutil.rmtree(folder)


def put_back(w, name):
    w.stop()
    shutil.rmtree(w.home + "/r")
    shutil.copytree(w.home + "/" + name, w.home + "/r")
    start(w)


def lies(pb, w, audit):
    """One home, copied while at rest, goes on twice."""
    w.stop()
    shutil.copytree(w.home + "/r", w.home + "/early")
    start(w)
    b = w.client(pb, T_B)
    size = tiles.read_log(tiles.Http(w.url), w.origin, w.log)[0]
    grow(w, b, 5000, 30)
    b.close()
    follow(w, audit, 0)
    put_back(w, "early")
    follow(w, audit, 3)
    judged(w, "rollback", False)
    for first, count, back in ((6000, 20, True), (6100, 10, False),
                               (6200, 300, True)):
        b = w.client(pb, T_B)
        grow(w, b, first, count)
        b.close()
        follow(w, audit, 3)
        judged(w, "split", back)
    assert size + 330 == tiles.read_log(tiles.Http(w.url), w.origin,
                                        w.log)[0]


def main():
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    relay_bin, keys_bin, audit, proto = map(os.path.abspath, sys.argv[1:])
    home = tempfile.mkdtemp(prefix="casewire-tiles-")
    w = None
    try:
        subprocess.run(["protoc", "--proto_path=" + os.path.dirname(proto),
                        "--python_out=" + home, proto], check=True)
        sys.path.insert(0, home)
        import relay_pb2 as pb
        w = World(home, relay_bin, keys_bin, free_port())
        port = free_port()
        w.url = "http://127.0.0.1:%d" % port
        w.by_charter = ("--charter", "charter/charter", "--keys",
                        "r/keys.1")
        with open(home + "/r/relay.conf", "a") as f:
            f.write("web = 127.0.0.1:%d\n" % port)
        start(w)
        b = w.client(pb, T_B)
        before = 0
        for count in (1, 250, 1, 260, 188):
            size, root, _ = tiles.read_log(tiles.Http(w.url), w.origin,
                                           w.log)
            assert size >= before
            grow(w, b, 100 + size, count)
            before = size + count
        size, root, _ = tiles.read_log(tiles.Http(w.url), w.origin, w.log)
        assert size == before > 700
        same_as_log(pb, w, b, size)
        print("ok   tiles over HTTP and over LOG,", size, "entries")
        headers(w)
        metrics(w, size)
        b.close()
        print("ok   headers, metrics, what is not there")
        entries(pb, w)
        print("ok   entries for who bears a pass")
        cosigned(pb, w)
        print("ok   cosignatures taken and refused")
        size = tiles.read_log(tiles.Http(w.url), w.origin, w.log)[0]
        assert '"size": %d' % size in follow(w, audit, 0)
        follow(w, audit, 7, "--charter", "charter/charter", "--keys",
               "a.keys")
        follow(w, audit, 2, "--charter", "charter/charter")
        lies(pb, w, audit)
        print("ok   rollback and split view, proved to Python")
        w.stop()
    except BaseException:
        path = os.path.join(home, "diag")
        if os.path.exists(path):
            print(open(path, errors="replace").read()[-2000:])
        raise
    finally:
        if w and getattr(w, "p", None) and w.p.poll() is None:
            w.p.kill()
            w.p.wait()
        shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
