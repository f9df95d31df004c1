#!/usr/bin/python3
"""test_liar: casewired behind a relay, and with a peer, that lie.

usage: test_liar.py FOLDER-OF-PROGRAMS TOP-OF-THE-SOURCE [K/N] [NAME...]

Each lie starts from the same honest moment and is told once; A must not
believe it, must not lose or repeat a message, and must say what it saw.  The
name of a lie runs it alone; 2/3 runs the second third.  Most of a lie is
waiting, so several are told at the same time, each in a process of its own.

Who notices what, by what, and how soon; "at once" is with the reply that
holds the lie, an interval is the charter's heartbeat:

  the relay ...                     noticed by
  changes or cuts a run             A at once: alarm proof, signature
  swaps channels, hands A its own   A at once: alarm channel
  gives a wrong or no proof         A at once: alarm proof; not `submitted`
  replays a message                 A: seen, dropped; nothing happens twice
  reorders a FETCH                  A: by seq; nothing is lost
  replays an old FETCH, checkpoint  A at once: alarm log_split
  signs two roots of one size       A at once: alarm log_split; beside what
                                    another holds, auditor: log-split
  signs sizes that do not join      A within an interval: alarm log_split
  acknowledges in a fork            A in 10 s of its next word: alarm
                                    log_split; auditor of both: log-split
  shows A and B two logs            A in 10 s of a run of B that quotes its
                                    own: alarm log_split, and sends there no
                                    more; auditor of A's bundle:
                                    seen-contradicts; of both: log-split
  shows B a log that is ahead of    A with that run: alarm log_split for the
    where B's run then stands       pair; auditor of A's bundle:
                                    seen-contradicts
  signs another log for a witness   A the next time it asks what they cosigned
                                    (10 s, half a heartbeat): alarm log_split,
                                    proof kept, and sends there no more
  shows a witness's old line again, nobody need: it bounds what stands below
    or under another checkpoint     it, and nothing else
  shows another log over HTTP       follow: split; auditor: log-split
  withholds one message             A: gap, an interval after the next one or
                                    B's heartbeat; auditor: seq-gap
  withholds one lane                A: gap, an interval after B's heartbeat
  withholds all, or heartbeats      A: timeout, an interval after one was due
  delays beyond an interval         the same, and the alarm goes again
  withholds receipts                nobody need: ack_seq says the same
  logs A's message, gives it nobody A: unreachable in two intervals; auditor:
                                    receipt-missing beside the proof
  withholds key statements, or      A within an interval: alarm kid_unknown
    answers KEYS with an older one
  forges `refused`                  A at once: the alarm of its status; in no
                                    evidence
  forges `delivered`                A at once: believes only B's key
  says `fetched`, and is not        as logs and gives to nobody
  says `expired` too early, or of   A at once: alarm expired; `delivered`
    what was delivered              wins, and both are in the bundle
  forges the head of A's channel    A at once: alarm of what does not verify
  answers rubbish                   A at once: alarm; goes on with the truth

  the peer ...
  forks its channel                 A at once: alarm fork, channel stopped
  commits to one text, sends another, doubles a tag, seals to no prekey:
                                    A at once: signed `undecryptable`
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "interop")]

import test_agent as ta
from scene import LIES, Scene
import lies                     # noqa: F401  each adds its own to LIES
import lies_signed              # noqa: F401
import lies_silence             # noqa: F401
import lies_witness             # noqa: F401

AT_ONCE = 3                     # processes that wait at the same time


def slice_of(k, n):
    """The k-th of n parts; lies that share a world are neighbours."""
    lies = sorted(LIES, key=lambda fn: (fn.beat, fn.witnesses))
    return lies[len(lies) * (k - 1) // n:len(lies) * k // n]


def free_port():
    with socket.socket() as sk:
        sk.bind(("127.0.0.1", 0))
        return sk.getsockname()[1]


class Worlds:
    """What world.sh makes, once for each heartbeat interval and number of
    witnesses."""

    def __init__(self, made):
        self.made, self.at = made, {}

    def of(self, fn):
        kind = fn.beat, fn.witnesses
        if kind not in self.at:
            where = os.path.join(self.made, "%d-%d" % kind)
            port = free_port()
            ta.W = where
            os.environ["WORLD_HEARTBEAT"] = str(fn.beat)
            os.environ["WORLD_WITNESSES"] = str(fn.witnesses)
            os.environ["WORLD_WEB"] = "1"	# where nobody listens
            ta.sh(ta.TOP + "/tests/world.sh", "make", where, str(port))
            self.at[kind] = where, port
        return self.at[kind]


def tell(fn, pbs, worlds):
    """One lie; is A as it must be?"""
    s = None
    try:
        s = Scene(pbs, *worlds.of(fn))
        fn(s)
        print("ok  ", fn.__name__, flush=True)
        return True
    except Exception as e:
        print("FAIL %s: %r" % (fn.__name__, e), flush=True)
        if s:
            print(json.dumps(s.alarms()[1].get("alarms")), s.state())
            print(open(ta.W + "/run/a.diag").read()[-1200:])
        return False
    finally:
        if s:
            s.close()


def tell_all(chosen):
    made = tempfile.mkdtemp(prefix="casewire-liar-made-")
    try:
        subprocess.run(["protoc", "--proto_path=" + ta.TOP + "/proto/schema",
                        "--python_out=" + made, "relay.proto",
                        "content.proto"], check=True)
        sys.path.insert(0, made)
        import content_pb2
        import relay_pb2
        worlds = Worlds(made)
        failed = [fn.__name__ for fn in chosen
                  if not tell(fn, (relay_pb2, content_pb2), worlds)]
    finally:
        shutil.rmtree(made)
    print("%d lies failed: %s" % (len(failed), failed) if failed else
          "no lie was believed")
    return 1 if failed else 0


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    ta.BIN, ta.TOP = map(os.path.abspath, sys.argv[1:3])
    what = sys.argv[3:]
    if not what or "/" not in what[0]:
        return tell_all([fn for fn in LIES
                         if not what or fn.__name__ in what])
    k, n = map(int, what[0].split("/"))
    parts = [subprocess.Popen([sys.executable, "-B", __file__, ta.BIN,
                               ta.TOP] + [fn.__name__ for fn in part])
             for part in (slice_of((k - 1) * AT_ONCE + i + 1, n * AT_ONCE)
                          for i in range(AT_ONCE))]
    return max(p.wait() for p in parts)


if __name__ == "__main__":
    sys.exit(main())
