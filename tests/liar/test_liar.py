#!/usr/bin/python3
"""test_liar: casewired behind a relay, and with a peer, that lie.

usage: test_liar.py FOLDER-OF-PROGRAMS TOP-OF-THE-SOURCE [K/N] [NAME...]

Agency A is casewired; relay and agency B are Python.  Each lie starts from
the same honest moment (A's request is with B, B's ACK is with A) and is told
once; A must not believe it, must not lose or repeat a message, and must say
what it saw.  The name of a lie runs it alone; 2/3 runs the second third, so
that several can wait at the same time.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "interop"))
sys.path.insert(0, HERE)

import test_agent as ta
from casewire_py import content, keys, note, statement, wire
from casewire_py.base import H, leaf_hash, merkle_root
from liar import Direct, Liar

PORT = None
MADE = None
LIES = []


def lie(fn):
    LIES.append(fn)
    return fn


class Scene:
    """A world at the honest moment."""

    def __init__(self, pbs):
        ta.W = tempfile.mkdtemp(prefix="casewire-liar-")
        shutil.rmtree(ta.W)
        shutil.copytree(MADE, ta.W)
        for pid in os.listdir(ta.W + "/run"):
            if pid.endswith(".pid"):
                os.unlink(ta.W + "/run/" + pid)
        self.liar = None
        try:
            self.set_up(pbs)
        except BaseException:
            print(open(ta.W + "/run/a.diag").read()[-1500:])
            self.close()
            raise

    def set_up(self, pbs):
        self.b = b = ta.Book(*pbs)
        self.words = b.words
        self.liar = liar = Liar(
            pbs[0], ta.load("relay/relay.key"),
            ta.load("passphrase").rstrip(b"\n"), ta.load("relay/keys.1"),
            b.charter["relay"][0][1], PORT, b.cid)
        for who in ("a", "b"):
            st = ta.load(who + "/keys/keys.1")
            agency = b.statements[who][0]["agency"]
            liar.keys[agency] = [st]
            liar.lane0[agency] = b.chan(who == "b", 0)
            liar.append(st)
        b.c = Direct(liar)
        ta.sh(ta.TOP + "/tests/world.sh", "start", ta.W, "a")
        b.publish(101)
        self.box = []
        self.case = ta.a("case", "open", "--from",
                         "examples/request.en.json")["case_id"]
        _, _, self.req, _, o = ta.get(b, self.box, "REQUEST")
        self.cid = o.case_id
        ta.state(self.case, "HANDED_OVER")
        self.ack = self.say("ACK", b"", b.words.Ack(
            authority="B", desk="d", handler_ref="1",
            decision_by_ms=int(time.time() * 1000) + 10 ** 8))
        ta.state(self.case, "ACKED")

    def close(self):
        try:
            ta.sh(ta.TOP + "/tests/world.sh", "stop", ta.W, "a")
        finally:
            if self.liar:
                self.liar.close()
            shutil.rmtree(ta.W)

    def say(self, kind, seen_b, body, **outline):
        return self.b.notice(kind, self.cid, self.req.id, self.req.id,
                             seen_b, body, **outline)

    def decision(self):
        """B's next message, sealed and signed but with nobody yet."""
        held, self.b.c.submit = self.b.c.submit, lambda runs=(), **k: (
            self.held.extend(runs) or [(0, 0, b"")])
        self.held = []
        env = self.say("DECISION", self.ack.id, self.words.Decision(
            scope="all"), outcome=self.words.ACCEPTED)
        self.b.c.submit = held
        return env, self.held[0]

    def state(self):
        return ta.a("case", "show", self.case)["state"]

    def alarms(self):
        """Codes of the alarms that stand."""
        doc = json.loads(subprocess.run(
            [ta.BIN + "/casewire", "--home", ta.W + "/a", "--json",
             "doctor"], capture_output=True, text=True).stdout)
        return {x["code"] if "code" in x else x["name"]
                for x in doc.get("alarms", [])}, doc

    def stays(self, state="ACKED", seconds=1.5):
        time.sleep(seconds)
        assert self.state() == state, "A believed it: " + self.state()

    def expect(self, *names, seconds=8):
        ta.await_it("one of the alarms %s, not %s" % (
            list(names), self.alarms()[0]), lambda: any(
                n in str(self.alarms()[0]) for n in names), seconds)

    def goes_on(self, run, seconds=20):
        """The truth, told after the lie, still arrives."""
        self.liar.spoil = None
        self.liar.add_run(run)
        ta.await_it("ACCEPTED", lambda: self.state() == "ACCEPTED", seconds)

    def refused(self, env, *answers):
        """A answers with one of these receipts, and its state stays."""
        got = ta.await_it("a receipt", lambda: self.receipts_of(env))
        assert len(got) == 1 and got[0] in answers, got
        self.stays()

    def receipts_of(self, env):
        """Events A reported for env's seq."""
        out = []
        for _, kind, data in self.liar.items.get(env.h.channel, []):
            if kind == "statement" and statement.kind(data) == "receipt":
                d = statement.decode_receipt(data)
                if d["first_seq"] <= env.h.seq <= d["last_seq"]:
                    statement.verify(d, self.b.statements["a"][1][1])
                    out.append((d["event"], d["reason"]))
        return out


def flip(data, at, mask=1):
    b = bytearray(data)
    b[at] ^= mask
    return bytes(b)


def on_items(fn):
    """A spoiler of every item of a FETCH reply."""
    def spoil(rep):
        if rep.HasField("fetch"):
            for it in rep.fetch.items:
                fn(it)
        return rep
    return spoil


@lie
def flipped_ciphertext(s):
    """The relay changes a bit of a message on its way."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run":
            it.run = flip(it.run, 400)
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.stays()
    s.expect("proof", "signature", "prev")


@lie
def run_of_somebody_else(s):
    """A run signed by a stranger, truly in the log."""
    env, run = s.decision()
    stranger = keys.Signer(H(b"stranger"))
    s.liar.add_run(wire.Run(run.seen, run.envs).sign(stranger))
    s.stays()
    s.expect("signature")


@lie
def wrong_proof(s):
    """An item whose path leads nowhere."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run" and it.path:
            it.path[0] = H(b"nowhere")
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.stays()
    s.expect("proof")


@lie
def short_proof(s):
    """A path with a hash too few."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run" and it.path:
            del it.path[-1]
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.stays()
    s.expect("path_length", "proof")


@lie
def unsigned_checkpoint(s):
    """A checkpoint signed by another key."""
    _, run = s.decision()
    key = keys.Signer(H(b"another log key"))

    def spoil(rep):
        if rep.HasField("fetch") and rep.fetch.items:
            rep.fetch.checkpoint = note.sign_checkpoint(
                s.liar.origin, len(s.liar.entries),
                merkle_root(s.liar.entries), key).encode()
        return rep
    s.liar.spoil = spoil
    s.liar.add_run(run)
    s.stays()


@lie
def split_view(s):
    """Two logs: the same size, another root, both signed."""
    _, run = s.decision()
    index = s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")

    def spoil(rep):
        if rep.HasField("fetch") and not rep.fetch.items:
            with s.liar.lock:
                s.liar.entries[1] = leaf_hash(b"another history")
                it = rep.fetch.items.add(channel=s.b.chan(True, 0),
                                         index=index, run=run.encode())
                it.path.extend(s.liar.path(index))
                rep.fetch.checkpoint = s.liar.checkpoint()
        return rep
    s.liar.spoil = spoil
    s.expect("log_split", seconds=15)


@lie
def rewritten_history(s):
    """The log grows, but not out of what A saw of it."""
    _, run = s.decision()
    with s.liar.lock:
        s.liar.entries[1] = leaf_hash(b"another history")
        s.liar.add_run(run)
    s.expect("log_split", seconds=15)


@lie
def another_lane(s):
    """B's notice handed over as an emergency."""
    _, run = s.decision()
    s.liar.offer(s.b.chan(True, 1), "run", run.encode(), run.entry())
    s.stays()


@lie
def own_mail_back(s):
    """A's own run handed to it as B's."""
    own = s.liar.submitted[0]
    s.liar.offer(s.b.chan(True, 0), "run", own.encode(), own.entry())
    s.stays()


@lie
def replay(s):
    """B's ACK once more, under a new index: nothing happens twice."""
    before = len(ta.a("case", "show", s.case)["messages"])
    run = wire.Run(wire.NO_SEEN, [s.ack]).sign(s.b.S)
    s.liar.add_run(run)
    s.stays()
    after = ta.a("case", "show", s.case)["messages"]
    assert len(after) == before, "the ACK is there twice"
    _, run = s.decision()
    s.goes_on(run)


@lie
def omission(s):
    """The relay keeps one message back; the next one shows the gap."""
    env, run = s.decision()
    after = s.say("STATUS", env.id, s.words.Status(
        measures="m", next_step="n",
        next_date_ms=int(time.time() * 1000) + 10 ** 8),
        outcome=s.words.COLLECTING)
    s.stays()
    lanes = s.alarms()[1]["pairs"][0]["lanes"]
    assert lanes[0]["gap"], "no gap is shown"
    s.liar.add_run(run)
    ta.state(s.case, "IN_PROGRESS")
    ta.await_it("`delivered` for both", lambda: (4, 0) in
                s.receipts_of(env) and (4, 0) in s.receipts_of(after))


@lie
def fork(s):
    """B signs two messages under one number."""
    env, run = s.decision()
    s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")
    s.b.sent[0].pop()			# B forgets, on purpose
    s.say("STATUS", s.ack.id, s.words.Status(
        measures="m", next_step="n", next_date_ms=10 ** 13),
        outcome=s.words.COLLECTING)
    s.expect("fork")
    assert s.alarms()[1]["pairs"][0]["lanes"][0]["stopped"]
    s.stays("ACCEPTED")


@lie
def two_stories(s):
    """B commits to one text and encrypts another."""
    env, run = s.decision()
    honest = [(1, b"x"), (2, b"one story")]
    ep, prekey_id, base_n, ck0, _ = s.b.epochs[0]
    ke, kf = keys.chain_keys(ck0, env.h.n)
    plain = content.pad(content.encode_fields([(1, b"x"), (2, b"two")]))
    h = wire.replace(env.h, C=content.commitment(honest, kf),
                     ct_len=len(plain) + 16)
    ct = wire.nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, h.encode(), h.C[:24], ke)
    bad = wire.Envelope(h.encode(), h, ct)
    s.liar.add_run(wire.Run(wire.NO_SEEN, [bad]).sign(s.b.S))
    s.refused(bad, (5, 60))		# and no word which check failed


@lie
def field_twice(s):
    """Well encrypted, but a tag stands twice."""
    env, run = s.decision()
    ep, prekey_id, base_n, ck0, _ = s.b.epochs[0]
    bad = wire.seal(env.h, *keys.chain_keys(ck0, env.h.n),
                    [(1, b"x"), (1, b"y")])
    s.liar.add_run(wire.Run(wire.NO_SEEN, [bad]).sign(s.b.S))
    s.refused(bad, (5, 39))	# a form, not a key: its own status


@lie
def unknown_prekey(s):
    """Sealed to a prekey A never had."""
    env, run = s.decision()
    ke, kf = os.urandom(32), os.urandom(32)
    bad = wire.seal(wire.replace(env.h, prekey_id=10 ** 6, n=0,
                                 E=keys.Dh(os.urandom(32)).pk), ke, kf,
                    [(1, b"x")])
    s.liar.add_run(wire.Run(wire.NO_SEEN, [bad]).sign(s.b.S))
    s.refused(bad, (5, 67))


@lie
def forged_delivered(s):
    """The relay says `delivered` in B's place."""
    s.b.claim_lost = False
    ta.a("case", "withdraw", s.case, "--reason", "a mistake")
    run = ta.await_it("the withdrawal", lambda: next(
        (r for r in s.liar.submitted
         if r.envs[0].h.channel == s.b.chan(False, 0) and
         r.envs[-1].h.seq > s.req.h.seq), None))
    st = s.liar.S.statement(statement.encode_receipt(
        s.liar.S.pk, 4, 0, s.b.chan(False, 0), run.envs[-1].h.seq,
        run.envs[-1].h.seq, run.envs[-1].id, s.liar.log_id,
        s.liar.heads[s.b.chan(False, 0)][1], int(time.time() * 1000)))
    s.liar.offer(s.b.chan(False, 0), "statement", st, st)
    time.sleep(1.5)
    ms = ta.a("case", "show", s.case)["messages"]
    mine = [m for m in ms if m["type"] == "withdraw"][0]
    assert not mine["evidence"].get("delivered"), mine["evidence"]


@lie
def submit_without_proof(s):
    """The relay says it has it, and proves nothing."""
    def spoil(rep):
        if rep.HasField("submit"):
            for p in list(rep.submit.runs):
                del p.path[:]
                p.index += 1000
        return rep
    s.liar.spoil = spoil
    n = len(s.liar.submitted)
    ta.a("case", "withdraw", s.case, "--reason", "a mistake")
    ta.await_it("the submission", lambda: len(s.liar.submitted) > n)
    time.sleep(1)
    ms = ta.a("case", "show", s.case)["messages"]
    mine = [m for m in ms if m["type"] == "withdraw"][0]
    assert not mine["evidence"].get("submitted"), mine["evidence"]


@lie
def rubbish(s):
    """Replies that are no replies; then the truth."""
    _, run = s.decision()
    count = [0]

    def spoil(rep):
        count[0] += 1
        return [b"", b"\xff" * 100, os.urandom(5000)][count[0] % 3]
    s.liar.spoil = spoil
    time.sleep(3)
    assert count[0] > 0, "A asked nothing"
    s.goes_on(run, 60)


@lie
def head_from_nowhere(s):
    """HELLO shows a head of A's channel that A never signed."""
    own = s.liar.heads[s.b.chan(False, 0)][0]
    fake = wire.Run(own.seen, own.envs)
    fake.sig = bytes(64)
    ta.sh(ta.TOP + "/tests/world.sh", "stop", ta.W, "a")

    def spoil(rep):
        if rep.HasField("hello"):
            for h in rep.hello.heads:
                h.statement = h.statement[:-64] + bytes(64)
                h.last_seq += 0
        return rep
    s.liar.spoil = spoil
    ta.sh(ta.TOP + "/tests/world.sh", "start", ta.W, "a")
    s.expect("signature", "verify", "rollback", "log")
    _, run = s.decision()
    s.liar.spoil = None
    s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")


def chosen(args):
    lies = LIES
    if args and "/" in args[0]:
        k, n = map(int, args.pop(0).split("/"))
        lies = LIES[k - 1::n]
    return [fn for fn in lies if not args or fn.__name__ in args]


def main():
    global PORT, MADE
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    ta.BIN, ta.TOP = map(os.path.abspath, sys.argv[1:3])
    with socket.socket() as sk:
        sk.bind(("127.0.0.1", 0))
        PORT = sk.getsockname()[1]
    MADE = tempfile.mkdtemp(prefix="casewire-liar-made-")
    failed = []
    try:
        subprocess.run(["protoc", "--proto_path=" + ta.TOP + "/proto/schema",
                        "--python_out=" + MADE, "relay.proto",
                        "content.proto"], check=True)
        sys.path.insert(0, MADE)
        import content_pb2
        import relay_pb2
        ta.W = MADE
        ta.sh(ta.TOP + "/tests/world.sh", "make", MADE, str(PORT))
        for fn in chosen(sys.argv[3:]):
            s = None
            try:
                s = Scene((relay_pb2, content_pb2))
                fn(s)
                print("ok  ", fn.__name__, flush=True)
            except Exception as e:
                failed.append(fn.__name__)
                print("FAIL %s: %r" % (fn.__name__, e), flush=True)
                if s:
                    print(json.dumps(s.alarms()[1].get("alarms")), s.state())
                    print(open(ta.W + "/run/a.diag").read()[-1200:])
            finally:
                if s:
                    s.close()
    finally:
        shutil.rmtree(MADE)
    print("%d lies failed: %s" % (len(failed), failed) if failed else
          "no lie was believed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
