#!/usr/bin/python3
"""test_agent: agency B is Python, agency A is casewired; they talk.

usage: test_agent.py FOLDER-OF-PROGRAMS TOP-OF-THE-SOURCE

B opens its key files from PROTOCOL.md section 11, publishes a prekey, takes
A's request with its file from the real relay, answers it to the end of the
case in envelopes of its own, claims once that it could not open a message
and gets it sealed anew; at last A's evidence is judged by Python.  Then once
more with a courier's PSK under every epoch.
"""

import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from casewire_py import (base, charter, content, evidence, keyfile, keys,
                         note, statement, wire)
from casewire_py.base import H, leaf_hash
from casewire_py.client import Client
from casewire_py.err import need

BIN = TOP = W = None
ZERO = bytes(32)


def sh(*args, code=0):
    env = dict(os.environ, BIN=BIN, PATH=BIN + ":" + os.environ["PATH"])
    r = subprocess.run(args, capture_output=True, text=True, env=env,
                       stdin=subprocess.DEVNULL, cwd=TOP)
    assert r.returncode == code, (args, r.returncode, r.stdout, r.stderr)
    return r.stdout


def a(*args):
    return json.loads(sh(BIN + "/casewire", "--home", W + "/a", "--json",
                         *args))


def load(name):
    with open(os.path.join(W, name), "rb") as f:
        return f.read()


class Book:
    """What B knows: the whole endpoint in one object, without a disk."""

    def __init__(self, relay_pb, content_pb):
        self.pb, self.words = relay_pb, content_pb
        self.text = load("charter/charter")
        self.cid = charter.charter_id(self.text)
        self.charter = c = charter.parse(self.text)
        self.statements = {}
        for who, path, relay in (("a", "a/keys/keys.1", False),
                                 ("b", "b/keys/keys.1", False),
                                 ("relay", "relay/keys.1", True)):
            d = statement.decode_keys(load(path))
            root = bytes.fromhex(load(os.path.dirname(path) + "/root.pub")
                                 .split(b" ")[0].decode())
            statement.verify_keys(d, root, relay)
            self.statements[who] = (d, dict(d["keys"]), root)
        for side in "ab":
            keys.verify(c[side][0], charter.sig_message(self.cid),
                        load("charter/charter.%s.sig" % side))
        self.own_dir = 0 if c["a"][0] == self.statements["b"][2] else 1
        self.own_keys()
        self.psk0, self.first_day = None, charter.day(self.charter["from_ms"])
        self.prekeys = {}
        self.order = {}			# lane -> wire.Channel
        self.sent = {}			# lane -> [Envelope]
        self.settled = (0, ZERO)
        self.rand = random.getrandbits(32)
        self.epochs = {}
        self.index = {}
        self.claim_lost = False
        self.again = {}			# old env_id -> plaintext not told

    def own_keys(self):
        phrase = load("passphrase").rstrip(b"\n")
        for name in ("endpoint", "transport"):
            f = keyfile.decode(load("b/keys/%s.key" % name))
            for t, age, sec in keyfile.open_with(f, keyfile.PASSPHRASE,
                                                 phrase):
                if (t, age) == (1, 0):
                    self.S = keys.Signer(sec)
                elif (t, age) == (2, 0):
                    self.I = keys.Dh(sec)
                elif (t, age) == (3, 0):
                    self.T = keys.Dh(sec)

    def chan(self, own, lane):
        d = self.own_dir if own else 1 - self.own_dir
        return keys.channel(self.cid, d, lane)

    def connect(self, port):
        ks = self.statements["relay"][1]
        lid = keys.log_id(ks[4])
        self.c = Client(self.pb, "tcp://127.0.0.1:%d" % port, ks[3], self.T,
                        note.origin(self.charter["relay"][0][1], lid), ks[4])
        assert self.c.hello().status == 0

    def statement(self, st):
        (status, index, _), = self.c.submit(statements=[
            self.S.statement(st)])
        assert status == 0, status
        return index

    def publish(self, prekey_id):
        self.prekeys[prekey_id] = keys.Dh(os.urandom(32))
        self.statement(statement.encode_prekey(
            self.S.pk, self.cid, prekey_id, self.prekeys[prekey_id].pk))

    # What comes -------------------------------------------------------------

    def entry_of(self, it):
        what = it.WhichOneof("what")
        if what == "statement":
            return it.statement
        return wire.decode_run(getattr(it, what), what == "bare").entry()

    def fetch(self):
        """[(lane, Envelope, fields)] newly come, receipts sent."""
        out = []
        for own, lane in ((False, 1), (False, 0), (False, 2)):
            ch = self.chan(own, lane)
            for it in self.c.fetch([ch], self.index.get(ch),
                                   entry_of=self.entry_of):
                self.index[ch] = it.index
                if it.WhichOneof("what") == "run":
                    out += self.take(lane, wire.decode_run(it.run), it.index)
        return out

    def take(self, lane, run, index):
        run.verify(self.statements["a"][1][1])
        order = self.order.setdefault(lane, wire.Channel(self.chan(False,
                                                                   lane)))
        got = []
        for e in run.envs:
            assert not order.accept(e), "a gap"
            got.append((lane, e, self.open(e)))
        last = run.envs[-1]
        lost, self.claim_lost = self.claim_lost and lane == 0, False
        self.statement(statement.encode_receipt(
            self.S.pk, 5 if lost else 4, 67 if lost else 0,
            self.chan(False, lane), run.envs[0].h.seq, last.h.seq, last.id,
            self.c.log_id, index, int(time.time() * 1000)))
        if lane == 0:
            self.settled = (last.h.seq, last.id)
        if lost:
            self.again.update({e.id: f for _, e, f in got})
            return []
        return got

    def open(self, e):
        h, ks = e.h, self.statements["a"][1]
        p = self.prekeys[h.prekey_id]
        th = keys.epoch_th(1, self.cid, ks[1], ks[2], self.I.pk, h.channel,
                           h.E, h.prekey_id, p.pk, h.psk_day)
        ck0 = keys.epoch_ck0(*keys.epoch_receiver(h.E, ks[2], self.I, p),
                             self.psk(h.psk_day), th)
        return wire.open_envelope(e, *keys.chain_keys(ck0, h.n))

    def psk(self, day):
        """PSK_day; without one the day must be 0."""
        assert self.psk0 or day == 0
        return keys.psk_at(self.psk0, day) if self.psk0 else None

    # What goes ----------------------------------------------------------------

    def send(self, fields, lane=0):
        ks, sent = self.statements["a"][1], self.sent.setdefault(lane, [])
        if lane not in self.epochs:
            reply = self.c.ask("keys", agency=self.statements["a"][0][
                "agency"], pair_id=self.cid)
            pk = statement.decode_prekey(reply.keys.prekey)
            statement.verify(pk, ks[1])
            e = keys.Dh(os.urandom(32))
            day = charter.day(int(time.time() * 1000)) - self.first_day \
                if self.psk0 else 0
            th = keys.epoch_th(1, self.cid, self.S.pk, self.I.pk, ks[2],
                               self.chan(True, lane), e.pk, pk["prekey_id"],
                               pk["P"], day)
            self.epochs[lane] = (e, pk["prekey_id"], len(sent),
                                 keys.epoch_ck0(*keys.epoch_sender(
                                     e, self.I, ks[2], pk["P"]),
                                     self.psk(day), th), day)
        e, prekey_id, base_n, ck0, day = self.epochs[lane]
        n = len(sent) - base_n
        h = wire.Header(
            charter=0, channel=self.chan(True, lane), kid=self.S.kid,
            start=1000, rand=self.rand, seq=len(sent) + 1,
            prev=sent[-1].id if sent else ZERO, E=e.pk, prekey_id=prekey_id,
            psk_day=day, n=n, C=ZERO, created_ms=int(time.time() * 1000),
            keep_ms=0, ack_seq=self.settled[0], ack_env=self.settled[1],
            ct_len=0)
        env = wire.seal(h, *keys.chain_keys(ck0, n), fields)
        sent.append(env)
        (status, _, _), = self.c.submit([wire.Run(wire.NO_SEEN, [env])
                                         .sign(self.S)])
        assert status == 0, "submit: status %d" % status
        return env

    def notice(self, kind, case_id, answers, seen_a, seen_b, body, **outline):
        """A message of the dialogue; ids as in schema/content.proto."""
        o = self.words.Outline(
            case_id=case_id, type=self.words.Type.Value(kind),
            answers=answers, seen_requesting=seen_a, seen_requested=seen_b,
            urgency=1, as_of_ms=int(time.time() * 1000), **outline)
        fields = [(1, o.SerializeToString()), (2, body.SerializeToString())]
        return self.send(fields)


def await_it(what, fn, seconds=20):
    until = time.time() + seconds
    while time.time() < until:
        got = fn()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("in vain awaited: " + what)


def state(case, wanted):
    await_it("%s at A" % wanted,
             lambda: a("case", "show", case)["state"] == wanted)


def messages(b, box):
    """Everything new, by type; heartbeats are checked and dropped."""
    for lane, e, fields in b.fetch():
        o = b.words.Outline.FromString(fields[0][1])
        name = b.words.Type.Name(o.type)
        if name == "HEARTBEAT":
            content.decode_link(dict(fields)[4])
            continue
        box.append((name, lane, e, fields, o))
    return box


def get(b, box, name):
    def look():
        messages(b, box)
        for i, m in enumerate(box):
            if m[0] == name:
                return box.pop(i)
        return None
    return await_it(name + " at B", look)


def files(b, box, att):
    """The bytes of an announced file, from lane 2."""
    def whole():
        messages(b, box)
        parts = {}
        for name, lane, e, fields, o in box:
            f = dict(fields)
            if 5 in f and f[5][:16] == att.file_id:
                assert lane == 2
                parts[int.from_bytes(f[5][16:24], "big")] = f[5][24:]
        data = b""
        while len(data) in parts and len(data) < att.size:
            data += parts[len(data)]
        return data if len(data) == att.size else None
    data = await_it("the file " + att.name, whole)
    assert hashlib.sha256(data).digest() == att.sha256
    return data


def the_case(b):
    box, w = [], b.words
    case = a("case", "open", "--from", "examples/request.en.json")["case_id"]
    _, lane, req, fields, o = get(b, box, "REQUEST")
    assert o.case_id.hex() == case and lane == 0
    body = w.Request.FromString(dict(fields)[2])
    want = json.load(open(TOP + "/examples/request.en.json"))
    assert body.facts == want["facts"] and body.law == want["law"]
    assert [i.value for i in body.identifiers] == \
        [i["value"] for i in want["identifiers"]]
    data = files(b, box, body.attachments[0])
    assert data == open(TOP + "/examples/indicators.csv", "rb").read()
    state(case, "HANDED_OVER")
    print("ok   request and file opened, state HANDED_OVER")

    cid = o.case_id
    ack = b.notice("ACK", cid, req.id, req.id, b"", w.Ack(
        authority="网络安全局", desk="值班", handler_ref="B-1",
        decision_by_ms=int(time.time() * 1000) + 86400000))
    state(case, "ACKED")
    dec = b.notice("DECISION", cid, req.id, req.id, ack.id, w.Decision(
        scope="all"), outcome=w.ACCEPTED)
    state(case, "ACCEPTED")
    sta = b.notice("STATUS", cid, req.id, req.id, dec.id, w.Status(
        measures="logs ordered", next_step="analysis",
        next_date_ms=int(time.time() * 1000) + 86400000),
        outcome=w.COLLECTING)
    state(case, "IN_PROGRESS")
    res = b.notice("RESULT", cid, req.id, req.id, sta.id, w.Result(
        summary="done", items=[w.Result.Item(description="logs",
                                             custody="sealed copy 1")],
        handling=w.Handling(code=2, text="H2", use_limits="this case"),
        use_limits="this case"), outcome=w.FINAL)
    state(case, "RESULT")
    shown = a("case", "show", case)
    assert "网络安全局" in json.dumps(shown, ensure_ascii=False)
    print("ok   answered in Python: ACK, DECISION, STATUS, RESULT")
    return case, box, res


def sealed_anew(b, case, box):
    """B claims its prekey was lost; A seals the same fields anew."""
    b.claim_lost = True
    a("case", "feedback", case, "--from", "examples/feedback.en.json")
    await_it("a run B does not open", lambda: (messages(b, box),
                                               b.again)[1])
    b.publish(max(b.prekeys) + 1)
    _, _, e, fields, _ = get(b, box, "FEEDBACK")
    old = dict(fields)[6]
    assert old in b.again and e.h.prekey_id == max(b.prekeys)
    assert [f for f in fields if f[0] != 6] == \
        [f for f in b.again[old] if f[0] != 6]
    a("case", "close", case, "--reason", "answered")
    get(b, box, "CLOSE")
    print("ok   undecryptable, sealed anew under a newer prekey; closed")


def judged(b):
    for level in ("sealed", "open"):
        path = os.path.join(W, level + ".zip")
        sh(BIN + "/casewire", "--home", W + "/a", "export", path, "--level",
           level)
        verdict, codes = evidence.judge(load(level + ".zip"), b.cid)
        r = subprocess.run([BIN + "/casewire-audit", "verify", path,
                            "--charter", b.cid.hex(), "--json"],
                           capture_output=True, text=True)
        doc = json.loads(r.stdout)
        got = doc["verdict"], {f["code"] for f in doc["findings"]}
        assert (verdict, codes) == got, (verdict, codes, got)
        print("ok   %s evidence: %s %s by both judges" %
              (level, verdict, sorted(codes)))
        assert verdict == "verified", codes


def with_psk(b):
    """The courier's secret: A installs its charter anew with it."""
    for side in "ab":
        sh(BIN + "/casewire-keys", "psk", "make", W + "/charter/charter",
           "--party", side, "--out", W + "/half." + side)
    sh(BIN + "/casewire-keys", "psk", "combine", W + "/half.a", W + "/half.b",
       "--out", W + "/both.psk")
    halves = [bytes.fromhex(l.split(" ")[1]) for l in
              load("both.psk").decode().split("\n")[2:4]]
    b.psk0 = keys.psk_first(b.cid, *halves)
    for name in os.listdir(W + "/a"):
        if name.startswith("book.db") or name == "prekeys":
            os.unlink(os.path.join(W, "a", name))
    sh(TOP + "/tests/world.sh", "start", W, "a")
    sh(BIN + "/casewire", "--home", W + "/a", "charter", "install",
       W + "/charter", "--keys", W + "/a/keys/keys.1", "--keys",
       W + "/b/keys/keys.1", "--keys", W + "/relay/keys.1", "--psk",
       W + "/both.psk")


def story(port, pbs, psk):
    sh(TOP + "/tests/world.sh", "make", W, str(port))
    sh(TOP + "/tests/world.sh", "start", W, "relay")
    b = Book(*pbs)
    if psk:
        with_psk(b)
    else:
        sh(TOP + "/tests/world.sh", "start", W, "a")
    b.connect(port)
    b.publish(101)
    case, box, res = the_case(b)
    sealed_anew(b, case, box)
    time.sleep(1)
    judged(b)
    b.c.close()


def main():
    global BIN, TOP, W
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    BIN, TOP = map(os.path.abspath, sys.argv[1:])
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    made = tempfile.mkdtemp(prefix="casewire-agent-pb-")
    try:
        subprocess.run(["protoc", "--proto_path=" + TOP + "/proto/schema",
                        "--python_out=" + made, "relay.proto",
                        "content.proto"], check=True)
        sys.path.insert(0, made)
        import content_pb2
        import relay_pb2
        for psk in (False, True):
            print("-- with" if psk else "-- without", "a courier's PSK")
            W = tempfile.mkdtemp(prefix="casewire-agent-")
            told((relay_pb2, content_pb2), port, psk)
    finally:
        shutil.rmtree(made)
    return 0


def told(pbs, port, psk):
    try:
        story(port, pbs, psk)
    except BaseException:
        for name in ("a", "relay"):
            path = W + "/run/%s.diag" % name
            if os.path.exists(path):
                print(open(path, errors="replace").read()[-1500:])
        raise
    finally:
        try:
            sh(TOP + "/tests/world.sh", "stop", W, "a", "relay")
        finally:
            shutil.rmtree(W)


if __name__ == "__main__":
    sys.exit(main())
