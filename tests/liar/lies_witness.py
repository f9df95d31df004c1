"""lies_witness: what a relay shows of its witnesses' cosignatures.

In a world with one witness, whose key the lie holds: it is honest, its lines
are shown where they do not belong.
"""

import calendar
import glob
import time

import test_agent as ta
from casewire_py import keyfile, keys, note, wire
from casewire_py.base import merkle_root
from lies_signed import forked
from scene import lie

BEAT = 4
LOOK = BEAT / 2                 # how often A asks what was cosigned
NAME = "witness1.example"
AT = int(time.time()) - 1000    # the witness's clock


def cosigned(s, leaves, at):
    """The checkpoint of these leaves with the witness's line."""
    secret = next(sec for t, _, sec in keyfile.open_with(
        keyfile.decode(ta.load("witness1/witness.key")), keyfile.PASSPHRASE,
        ta.load("passphrase").rstrip(b"\n")) if t == 18)
    return note.cosign(s.liar.checkpoint(leaves).decode(), NAME,
                       keys.Signer(secret), at)[0].encode()


def bounds(s, n):
    """(not before, not after) of the case's n-th message, in seconds."""
    m = ta.a("case", "show", s.case)["messages"][n]
    assert "not_after" in m or m["time_bound"] == "pending", m
    return tuple(calendar.timegm(time.strptime(m[k], "%Y-%m-%dT%H:%M:%SZ"))
                 if k in m else None for k in ("not_before", "not_after"))


def bounded(s, n, want):
    ta.await_it("bounds %s, not %s" % (want, bounds(s, n)),
                lambda: bounds(s, n) == want, 6 * LOOK)


def no_split(s):
    assert "log_split" not in str(s.alarms()[0]), s.alarms()[0]


@lie(beat=BEAT, witnesses=1)
def old_cosignature(s):
    """Shown again and again, and under what it does not sign: it bounds what
    it holds, and nothing that came later."""
    old = cosigned(s, list(s.liar.entries), AT)
    s.liar.notes = [old]
    bounded(s, 0, (None, AT))
    s.own_run()
    time.sleep(3 * LOOK)
    assert bounds(s, -1) == (AT, None), bounds(s, -1)
    line = old.split(b"\n\n")[1].split(b"\n")[1] + b"\n"
    s.liar.notes = [s.liar.checkpoint() + line]
    time.sleep(3 * LOOK)
    assert bounds(s, -1) == (AT, None), bounds(s, -1)
    no_split(s)
    s.liar.notes = [cosigned(s, list(s.liar.entries), AT + 100)]
    bounded(s, -1, (AT, AT + 100))
    no_split(s)


@lie(beat=BEAT, witnesses=1)
def another_log_for_the_witness(s):
    """Smaller than what A holds: the two are asked to be joined."""
    size = len(s.liar.entries)
    other = cosigned(s, forked(s, size), AT)
    _, run = s.decision()
    s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")
    s.liar.notes = [other]
    s.expect("log_split", seconds=10 * LOOK)
    assert bounds(s, 0) == (None, None), bounds(s, 0)
    for part in "checkpoint.held", "checkpoint.shown", "path":
        assert glob.glob(ta.W + "/a/proofs/split-*/" + part), part
    told = len(s.liar.submitted)
    ta.a("case", "withdraw", s.case, "--reason", "a mistake")
    time.sleep(2)
    assert len(s.liar.submitted) == told, "A still sends there"


@lie
def quote_from_ahead(s):
    """B saw a log that is larger than the place its own run then gets."""
    _, run = s.decision()
    leaves = forked(s) + [bytes(32)] * 9
    seen = wire.seen_of(s.liar.log_id, len(leaves), merkle_root(leaves))
    s.liar.add_run(wire.Run(seen, run.envs).sign(s.b.S))
    ta.state(s.case, "ACCEPTED")
    s.expect("log_split", seconds=2)
    s.audit(s.export(), 3, "seen-contradicts")
