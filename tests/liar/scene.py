"""scene: one endpoint behind a relay that lies, at an honest moment.

Agency A is casewired; relay and agency B are Python.  A lie is a function
under @lie; it gets a Scene in which A's request is with B and B's ACK with A.
@lie(beat=2): in a world whose heartbeat interval is so short that it can be
waited for.  @lie(witnesses=1): whose charter names witnesses, all of whom
time is bounded by; nobody runs them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "interop")]

import test_agent as ta
from casewire_py import content, evidence, note, statement
from casewire_py.base import H, leaf_hash, merkle_path
from liar import Direct, Liar

BEAT = 300                      # the heartbeat interval, unless a lie says
LIES = []


def lie(fn=None, beat=BEAT, witnesses=0):
    def put(fn):
        fn.beat, fn.witnesses = beat, witnesses
        LIES.append(fn)
        return fn
    return put(fn) if fn else put


class Scene:
    """A world at the honest moment."""

    def __init__(self, pbs, made, port):
        ta.W = tempfile.mkdtemp(prefix="casewire-liar-")
        shutil.rmtree(ta.W)
        shutil.copytree(made, ta.W)
        for pid in os.listdir(ta.W + "/run"):
            if pid.endswith(".pid"):
                os.unlink(ta.W + "/run/" + pid)
        self.liar = None
        try:
            self.set_up(pbs, port)
        except BaseException:
            print(open(ta.W + "/run/a.diag").read()[-1500:])
            self.close()
            raise

    def set_up(self, pbs, port):
        self.b = b = ta.Book(*pbs)
        self.words = b.words
        self.liar = liar = Liar(
            pbs[0], ta.load("relay/relay.key"),
            ta.load("passphrase").rstrip(b"\n"), ta.load("relay/keys.1"),
            b.charter["relay"][0][1], port, b.cid)
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

    def own_run(self, kind_of="withdraw"):
        """A's next message, once it is at the relay: (its run, its text)."""
        n = len(self.liar.submitted)
        ta.a("case", kind_of, self.case, "--reason", "a mistake")
        return ta.await_it("A's message at the relay", lambda: next(
            (r for r in self.liar.submitted[n:]
             if r.envs[0].h.channel == self.b.chan(False, 0)), None))

    def mine(self, kind="withdraw"):
        """What A shows of its own message's delivery."""
        ms = ta.a("case", "show", self.case)["messages"]
        return [m for m in ms if m["type"] == kind][0]["evidence"]

    def heartbeat(self, acks=True):
        """B says what it sent and, with acks, that it has all of A's."""
        b, zero = self.b, (0, bytes(32))
        own = [(len(b.sent[lane]), b.sent[lane][-1].id)
               if b.sent.get(lane) else zero for lane in (0, 1, 2)]
        head = self.liar.heads.get(b.chan(False, 0))
        peer = [zero] * 3
        if acks and head:
            last = head[0].envs[-1]
            peer[0] = (last.h.seq, last.id)
        ks = {w: H(b.statements[w][0]["statement"]) for w in "ab"}
        link = content.encode_link(ks["b"], ks["a"], max(b.prekeys), 1, own,
                                   peer, 0, 0, 0, 0, H(b""))
        o = b.words.Outline(type=b.words.HEARTBEAT,
                            as_of_ms=int(time.time() * 1000))
        return b.send([(1, o.SerializeToString()), (4, link)])

    def receipt(self, signer, event, reason, run, index):
        """A receipt about a run of A's lane 0, logged and fed to A."""
        st = signer.statement(statement.encode_receipt(
            signer.pk, event, reason, self.b.chan(False, 0),
            run.envs[0].h.seq, run.envs[-1].h.seq, run.envs[-1].id,
            self.liar.log_id, index, int(time.time() * 1000)))
        return self.liar.offer(self.b.chan(False, 0), "statement", st, st)

    # What an auditor says ----------------------------------------------------

    def export(self):
        """A's bundle, read."""
        path = os.path.join(ta.W, "a.zip")
        if os.path.exists(path):
            os.unlink(path)
        ta.sh(ta.BIN + "/casewire", "--home", ta.W + "/a", "export", path,
              "--level", "sealed")
        with open(path, "rb") as f:
            return evidence.read(f.read())

    def audit(self, bundle, code, *findings):
        """casewire-audit ends with code and names these findings."""
        path = os.path.join(ta.W, "audited.zip")
        with open(path, "wb") as f:
            f.write(bundle.encode())
        r = subprocess.run([ta.BIN + "/casewire-audit", "verify", path,
                            "--charter", self.b.cid.hex(), "--json"],
                           capture_output=True, text=True)
        got = {f["code"] for f in json.loads(r.stdout)["findings"]}
        assert r.returncode == code and set(findings) <= got, (
            "audit: exit %d, %s; wanted %d, %s" % (
                r.returncode, sorted(got), code, findings))
        return got

    def beside(self, bundle, leaves, index):
        """What another party holds of this relay laid beside A's bundle: a
        checkpoint of a log of these leaves, and the place of one entry."""
        cp = self.liar.checkpoint(leaves)
        bundle.logs.setdefault(self.liar.log_id, {}).setdefault(
            cp, []).append((index, leaves[index],
                            merkle_path(leaves, index)))
        return bundle

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
