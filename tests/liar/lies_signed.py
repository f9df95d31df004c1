"""lies_signed: lies that leave a signed contradiction.

What A exports afterwards, alone or laid beside what another party holds of
the same relay, is given to casewire-audit, which must name it.
"""

import functools
import http.server
import os
import subprocess
import threading
import time

import test_agent as ta
from casewire_py import note, statement, tiles, wire
from casewire_py.base import H, leaf_hash, merkle_path, merkle_root
from scene import flip, lie, on_items


def forked(s, size=None, at=1):
    """The liar's log of that size with another history."""
    leaves = list(s.liar.entries[:size])
    leaves[at] = leaf_hash(b"another history")
    return leaves


@lie
def log_forked_for_b(s):
    """B is shown another log and quotes it in what it signs: A asks for the
    two to be joined, alone finds that they are not, and tells the relay
    nothing more; its export holds the contradiction."""
    ta.await_it("a checkpoint with B's ACK", lambda: s.liar.told)
    size = s.liar.told[-1]
    _, run = s.decision()
    seen = wire.seen_of(s.liar.log_id, size, merkle_root(forked(s, size)))
    s.liar.add_run(wire.Run(seen, run.envs).sign(s.b.S))
    ta.state(s.case, "ACCEPTED")
    s.audit(s.export(), 3, "seen-contradicts")
    s.expect("log_split", seconds=25)
    told = len(s.liar.submitted)
    ta.a("case", "withdraw", s.case, "--reason", "a mistake")
    time.sleep(2)
    assert len(s.liar.submitted) == told, "A still sends there"


@lie
def quote_that_joins(s):
    """B quotes what it saw: A has it joined, and no alarm."""
    ta.await_it("a checkpoint with B's ACK", lambda: s.liar.told)
    size = s.liar.told[-1]
    _, run = s.decision()
    seen = wire.seen_of(s.liar.log_id, size, merkle_root(
        s.liar.entries[:size]))
    s.liar.add_run(wire.Run(seen, run.envs).sign(s.b.S))
    ta.state(s.case, "ACCEPTED")
    ta.await_it("A asks for the two to be joined", lambda: any(
        first == size for first, _ in s.liar.joined), 25)
    time.sleep(1)
    assert "log_split" not in str(s.alarms()[0]), s.alarms()[0]


@lie
def bundles_side_by_side(s):
    """The same fork where B quotes nothing: each bundle is sound alone, both
    together show two logs of one size."""
    bundle = s.export()
    size = note.parse(sorted(bundle.logs[s.liar.log_id])[-1])[2]
    leaves = forked(s, size)
    assert "log-split" not in s.audit(bundle, 0)
    s.audit(s.beside(bundle, leaves, size - 1), 3, "log-split")


@lie
def acknowledged_in_a_fork(s):
    """A's message gets a proof in a log made for A alone; every other word
    of the relay is about the true one, and larger.  What A holds is proof
    beside the true log's checkpoint."""
    fork = {}

    def spoil(rep):
        if rep.HasField("submit") and rep.submit.runs and not fork:
            index = rep.submit.runs[0].index
            leaves = forked(s)
            fork["size"] = len(leaves)
            del rep.submit.runs[0].path[:]
            rep.submit.runs[0].path.extend(merkle_path(leaves, index))
            rep.submit.checkpoint = s.liar.checkpoint(leaves)
        return rep
    s.liar.spoil = spoil
    s.own_run()
    ta.await_it("`submitted`", lambda: s.mine().get("submitted"))
    s.liar.spoil = None
    true = list(s.liar.entries[:fork["size"]])
    s.audit(s.beside(s.export(), true, len(true) - 1), 3, "log-split")
    _, run = s.decision()
    s.liar.add_run(run)
    s.expect("log_split", seconds=25)


@lie
def old_checkpoint(s):
    """An old FETCH reply once more, signed and all."""
    kept = []

    def spoil(rep):
        if rep.HasField("fetch") and rep.fetch.items:
            if kept:
                rep.fetch.CopyFrom(kept[0])
            else:
                kept.append(type(rep.fetch).FromString(
                    rep.fetch.SerializeToString()))
        return rep
    s.liar.spoil = spoil
    _, run = s.decision()
    s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")
    s.liar.append(b"what makes the log grow")
    s.say("STATUS", run.envs[-1].id, s.words.Status(
        measures="m", next_step="n",
        next_date_ms=int(time.time() * 1000) + 10 ** 8),
        outcome=s.words.COLLECTING)
    s.expect("log_split")
    s.stays("ACCEPTED", 0.5)


class Tiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def served(s, leaves):
    """(URL, end): leaves, below 256 of them, as a log over HTTP."""
    where = os.path.join(ta.W, "web")
    row = os.path.join(where, tiles.path(0, 0, len(leaves)))
    os.makedirs(os.path.dirname(row), exist_ok=True)
    with open(row, "wb") as f:
        f.write(b"".join(leaves))
    with open(where + "/checkpoint", "wb") as f:
        f.write(s.liar.checkpoint(leaves))
    web = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Tiles, directory=where))
    threading.Thread(target=web.serve_forever, daemon=True).start()

    def end():
        web.shutdown()
        web.server_close()
    return "http://127.0.0.1:%d" % web.server_port, end


def follow(s, leaves, code):
    """casewire-audit follow of a log of these leaves; what it says."""
    url, end = served(s, leaves)
    try:
        r = subprocess.run(
            [ta.BIN + "/casewire-audit", "follow", url, "--dir",
             ta.W + "/mirror", "--keys", ta.W + "/relay/keys.1", "--charter",
             ta.W + "/charter/charter", "--once"], capture_output=True,
            text=True)
    finally:
        end()
    assert r.returncode == code, (r.returncode, r.stdout, r.stderr)
    return r.stdout + r.stderr


@lie
def web_shows_another_log(s):
    """Over HTTP the relay shows a log that it does not tell A.  A mirror of
    it is sound alone; beside A's bundle it is a split.  Whoever saw both
    logs over HTTP is alarmed at once."""
    bundle = s.export()
    size = note.parse(sorted(bundle.logs[s.liar.log_id])[-1])[2]
    leaves = forked(s, size)
    follow(s, leaves, 0)
    with open(ta.W + "/mirror/checkpoint", "rb") as f:
        assert f.read() == s.liar.checkpoint(leaves)
    s.audit(s.beside(bundle, leaves, 0), 3, "log-split")
    assert "split" in follow(s, s.liar.entries[:size], 3)


@lie
def forged_refused(s):
    """The relay refuses A's message for good, with a refusal that somebody
    else signed: told at once, and it stands in no evidence."""
    st = s.b.S.statement(statement.encode_receipt(
        s.b.S.pk, statement.REFUSED, 86, s.b.chan(False, 0), 2, 2,
        bytes(32), s.liar.log_id, statement.NO_INDEX,
        int(time.time() * 1000)))

    def spoil(rep):
        if rep.HasField("submit"):
            for p in rep.submit.runs:
                p.status, p.refusal = 86, st
                del p.path[:]
        return rep
    s.liar.spoil = spoil
    s.own_run()
    s.expect("sender")
    assert not s.mine().get("submitted") and not s.mine().get("delivered")
    s.audit(s.export(), 0)


def both_told(s, run):
    """A's bundle holds what B signed and what the relay signed of run."""
    bundle = s.export()
    s.audit(bundle, 0)
    events = {d["event"] for d in map(statement.decode_receipt,
                                      bundle.receipts)
              if d["env_id"] == run.envs[-1].id}
    assert {statement.DELIVERED, statement.EXPIRED} <= events, events


@lie
def expired_early(s):
    """The relay says `expired` long before its time: an alarm; and B's
    `delivered` wins."""
    run = s.own_run()
    index = s.liar.heads[s.b.chan(False, 0)][1]
    s.receipt(s.liar.S, statement.EXPIRED, 170, run, index)
    s.expect("expired")
    s.receipt(s.b.S, statement.DELIVERED, 0, run, index)
    ta.await_it("`delivered`", lambda: s.mine().get("delivered"))
    both_told(s, run)


@lie
def expired_after_delivered(s):
    """B has it and said so; then the relay says nobody took it."""
    run = s.own_run()
    index = s.liar.heads[s.b.chan(False, 0)][1]
    s.receipt(s.b.S, statement.DELIVERED, 0, run, index)
    ta.await_it("`delivered`", lambda: s.mine().get("delivered"))
    s.receipt(s.liar.S, statement.EXPIRED, 170, run, index)
    s.expect("expired")
    assert s.mine().get("delivered") and not s.mine().get("expired")
    both_told(s, run)


def two_runs(s):
    """B's next two messages, the second in a run of its own, undelivered."""
    env, first = s.decision()
    held, s.b.c.submit = s.b.c.submit, lambda runs=(), **k: (
        s.held.extend(runs) or [(0, 0, b"")])
    s.say("STATUS", env.id, s.words.Status(
        measures="m", next_step="n",
        next_date_ms=int(time.time() * 1000) + 10 ** 8),
        outcome=s.words.COLLECTING)
    s.b.c.submit = held
    return first, s.held[-1]


@lie
def run_truncated(s):
    """The last envelope of a run is cut off, and the run says one less."""
    first, second = two_runs(s)
    both = wire.Run(wire.NO_SEEN, first.envs + second.envs).sign(s.b.S)
    cut = wire.Run(both.seen, both.envs[:1])
    cut.sig = both.sig

    def change(it):
        if it.WhichOneof("what") == "run":
            it.run = cut.encode()
    s.liar.spoil = on_items(change)
    s.liar.add_run(both)
    s.expect("proof", "signature")
    s.stays(seconds=0.5)
    s.liar.spoil = None
    s.liar.add_run(both)
    ta.state(s.case, "IN_PROGRESS")


@lie
def runs_swapped(s):
    """What B said on lane 0 is shown on lane 1, under its true proof."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run":
            it.channel = s.b.chan(True, 1)
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.expect("channel")
    s.stays(seconds=0.5)
    s.goes_on(run)


@lie
def items_reversed(s):
    """A FETCH reply backwards: nothing is lost, nothing is there twice."""
    first, second = two_runs(s)

    def spoil(rep):
        if rep.HasField("fetch"):
            items = list(rep.fetch.items)
            del rep.fetch.items[:]
            rep.fetch.items.extend(reversed(items))
        return rep
    s.liar.spoil = spoil
    with s.liar.lock:
        s.liar.add_run(first)
        s.liar.add_run(second)
    ta.state(s.case, "IN_PROGRESS")
    types = [m["type"] for m in ta.a("case", "show", s.case)["messages"]]
    assert types.count("decision") == types.count("status") == 1, types
