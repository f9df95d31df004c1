"""lies_silence: what a relay keeps back, and how soon that shows.

In a world whose heartbeat interval is two seconds.  Each of them ends in an
alarm, at most an interval after a heartbeat was due or named what is missing;
and when the relay gives in, the alarm goes and nothing was lost.
"""

import time

import test_agent as ta
from casewire_py import keyfile, keys, statement
from casewire_py.base import H
from scene import lie

BEAT = 2
SOON = 4 * BEAT                 # two intervals, a tick, a slow machine


def channel_of(s, own, lane):
    return s.b.chan(own, lane)


def gone(s, name):
    ta.await_it("the alarm %s to go" % name, lambda: name not in
                s.alarms()[0], SOON)


@lie(beat=BEAT)
def everything_withheld(s):
    """The relay serves A and shows it nothing of B; later all at once, so
    this is also the delay beyond an interval."""
    until = time.time() + 3.5 * BEAT
    s.liar.withheld = lambda c, i, kind, data: time.time() < until
    _, run = s.decision()
    s.liar.add_run(run)
    s.expect("timeout", seconds=SOON)
    s.stays(seconds=0)
    ta.await_it("ACCEPTED", lambda: s.state() == "ACCEPTED", SOON)
    gone(s, "timeout")


@lie(beat=BEAT)
def lane_1_withheld(s):
    """Emergencies are kept back, everything else arrives: B's heartbeat
    signs how far lane 1 goes."""
    s.liar.withheld = lambda c, i, kind, data: c == channel_of(s, True, 1)
    o = s.words.Outline(case_id=s.cid, type=s.words.ESCALATE, answers=s.req.id,
                        as_of_ms=int(time.time() * 1000))
    s.b.send([(1, o.SerializeToString()), (2, b"")], lane=1)
    s.heartbeat()
    s.expect("gap", seconds=SOON)
    doc = s.alarms()[1]
    assert any(x["code"] == "gap" and "lane 1" in x["text"]
               for x in doc["alarms"]), doc["alarms"]
    s.liar.withheld = None
    gone(s, "gap")


@lie(beat=BEAT)
def one_withheld(s):
    """One message is kept back, the next one shows the gap; what A exports
    says so too, and the log's own proofs frame it."""
    env, run = s.decision()
    index = s.liar.add_run(run)
    s.liar.withheld = lambda c, i, kind, data: i == index
    s.heartbeat()
    s.expect("gap", seconds=SOON)
    s.audit(s.export(), 4, "seq-gap")
    s.liar.withheld = None
    ta.await_it("ACCEPTED", lambda: s.state() == "ACCEPTED", SOON)
    gone(s, "gap")
    assert "seq-gap" not in s.audit(s.export(), 4)


@lie(beat=BEAT)
def receipts_withheld(s):
    """B's receipts are kept back: its signed ack_seq says the same."""
    s.liar.withheld = lambda c, i, kind, data: kind == "statement" and \
        statement.kind(data) == "receipt"
    run = s.own_run()
    s.receipt(s.b.S, statement.DELIVERED, 0, run,
              s.liar.heads[s.b.chan(False, 0)][1])
    s.heartbeat()
    ta.await_it("`delivered` by ack_seq", lambda: s.mine().get("delivered"),
                SOON)


@lie(beat=BEAT)
def dropped_after_a_proof(s):
    """The relay logs A's message with a valid proof, says `fetched`, and
    gives it to nobody: A is told that nothing arrives, and its bundle shows
    the proof, the relay's word, and that nothing of B covers it."""
    run = s.own_run()
    ta.await_it("`submitted`", lambda: s.mine().get("submitted"))
    s.receipt(s.liar.S, statement.FETCHED, 0, run,
              s.liar.heads[s.b.chan(False, 0)][1])
    ta.await_it("`fetched`", lambda: s.mine().get("fetched"))
    s.heartbeat(acks=False)
    s.expect("unreachable", seconds=SOON)
    s.audit(s.export(), 4, "receipt-missing")
    assert not s.mine().get("delivered")
    s.heartbeat()
    gone(s, "unreachable")


@lie(beat=BEAT)
def keys_withheld(s):
    """B has a new signing key; KEYS is answered with the older statement."""
    d, ks, root_pk = s.b.statements["b"]
    root = next(keys.Signer(sec) for t, _, sec in keyfile.open_with(
        keyfile.decode(ta.load("offline/b/root.key")), keyfile.PASSPHRASE,
        ta.load("passphrase").rstrip(b"\n")) if t == 16)
    assert root.pk == root_pk
    new = keys.Signer(H(b"B's next signing key"))
    st = root.statement(statement.encode_keys(
        root.pk, 2, H(d["statement"]), d["not_before"], d["not_after"],
        sorted([(1, new.pk), (2, ks[2]), (3, ks[3])])))
    s.liar.append(st)
    s.b.S = new
    s.b.epochs.clear()
    _, run = s.decision()
    s.liar.add_run(run)
    s.expect("kid_unknown", seconds=SOON)
    s.stays(seconds=0)
    s.liar.keys[d["agency"]].append(st)
    ta.await_it("ACCEPTED", lambda: s.state() == "ACCEPTED", SOON)
