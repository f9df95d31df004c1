"""lives: one life of a relay under strace, and what its clients hold it to.

Two agencies, played by Python with their own keys (speaker.py), say the same
bytes in every life.  Told is what the relay answered; whoever comes after the
relay's end asks it, and it must still say so.  The scenes are here too: what
the clients do while the relay is to be stopped (steps.py).
"""

import os
import shutil
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "interop")]
from casewire_py import client, keys, statement
from casewire_py.base import check_consistent, leaf_hash, merkle_root
from speaker import Speaker, entry_of, now_ms
from traced import Traced
from world import Failed, check
import party

FIELDS = [(1, b"\x08\x01"), (2, b"a step")]
PREKEY = 7
WAL_PAGES = 1000                # SQLite copies the WAL once it holds these
WAL_FRAME = 4096 + 24
GROUP_PAGES = 9                 # a small group writes at least as many
BULK = 65000                    # bytes of one of a run of four that fills it
BULK_PAGES = 4 * BULK // 4096 + 12
WAL, STORE, HIGH = "store.db-wal", "store.db", "signer.high"


class Gone(Exception):
    """The relay is no more."""


class Watchful(client.Client):
    """A client that knows when its relay has died, and takes what that
    still said."""

    def __init__(self, speaker, alive):
        r = speaker.relay
        super().__init__(party.messages(), r.endpoint, r.t, speaker.T,
                         r.origin, r.log)
        self.alive = alive

    def reply(self, seconds=10):
        end = time.monotonic() + seconds
        while True:
            if not self.sock.poll(20):
                if not self.alive() and not self.sock.poll(150):
                    raise Gone
                check(time.monotonic() < end, "the relay does not answer")
                continue
            reply = self.pb.Reply()
            reply.ParseFromString(self.sock.recv())
            if reply.ticket == self.ticket:
                return reply


class Told:
    """What a relay ever said to the clients of one life, and what it must
    therefore still say."""

    def __init__(self):
        self.checkpoints, self.places = [], {}

    def size(self):
        return max((s for s, _ in self.checkpoints), default=0)

    def checkpoint(self, c, raw):
        self.checkpoints.append(c.checkpoint(raw))


def high_size(home):
    """The size signer.high vouches for; None without the file."""
    try:
        data = party.load(home, HIGH)
    except FileNotFoundError:
        return None
    best = (0, 0)
    for at in (0, 4096):
        if data[at:at + 4] == b"CWH1":
            best = max(best, (int.from_bytes(data[at + 4:at + 12], "big"),
                              int.from_bytes(data[at + 12:at + 20], "big")))
    return best[1]


class Cast:
    """Both agencies, and the bytes they send in every life alike."""

    def __init__(self, world):
        self.a, self.b = Speaker(world, "a", "b"), Speaker(world, "b", "a")
        self.prekey = self.b.S.statement(statement.encode_prekey(
            self.b.S.pk, self.b.cid, PREKEY, keys.Dh(os.urandom(32)).pk))
        d = statement.decode_prekey(self.prekey)
        self.a.prekey = d
        self.channel = self.a.channel(0)
        self.runs = []
        for size in (2, 3, 1):
            self.runs.append(self.make_run(size))
        self.bulk = [self.make_run(4, [(1, bytes(BULK))], 2)
                     for _ in range(WAL_PAGES // BULK_PAGES + 1)]
        self.small = [self.b.S.statement(statement.encode_prekey(
            self.b.S.pk, self.b.cid, PREKEY + 1 + i,
            keys.Dh(os.urandom(32)).pk)) for i in range(30)]
        self.news = self.a.S.statement(statement.encode_prekey(
            self.a.S.pk, self.a.cid, PREKEY, keys.Dh(os.urandom(32)).pk))

    def make_run(self, size, fields=FIELDS, lane=0):
        envs = []
        for _ in range(size):
            envs.append(self.a.envelope(fields, lane))
            self.a.said(envs[-1], lane)
        return self.a.run(*envs)

    def delivered(self, run, log_id, index):
        first, last = run.envs[0].h.seq, run.envs[-1]
        return self.b.S.statement(statement.encode_receipt(
            self.b.S.pk, statement.DELIVERED, 0, self.channel, first,
            last.h.seq, last.id, log_id, index, now_ms()))


class Life:
    """One start of the relay, from a home put back, to its end."""

    def __init__(self, world, cast, begin, scene, inject=None):
        self.world, self.cast, self.scene = world, cast, scene
        self.home = self.world.at("relay")
        self.told, self.mark, self.clients = Told(), 0, []
        self.want = []          # statements and runs that were submitted
        self.receipt = None
        self.base = high_size(begin) or 0   # signed when the scene began
        shutil.rmtree(self.home)
        shutil.copytree(begin, self.home)
        self.p = Traced(scene.command(self.world), self.home,
                        self.world.port, self.world.at("run", "strace"),
                        self.world.at("run", "relay.diag"), inject)

    def client(self, speaker):
        c = Watchful(speaker, self.p.alive)
        self.clients.append(c)
        reply = c.hello()
        check(reply.status == 0, "HELLO: status %d" % reply.status)
        self.told.checkpoint(c, reply.hello.checkpoint)
        return c

    def begin(self):
        """From here on it is the scene, not its beginning."""
        self.mark, self.base = self.p.lines(), high_size(self.home)

    def submit(self, c, runs=(), statements=()):
        """Ask, remember what was asked, and what was answered."""
        self.want += [r for r in runs] + list(statements)
        reply = c.ask("submit", runs=[r.encode() for r in runs],
                      statements=list(statements))
        self.took(c, reply.submit, [r.entry() for r in runs],
                  list(statements))

    def took(self, c, reply, runs, statements):
        self.told.checkpoint(c, reply.checkpoint)
        placed = list(reply.runs) + list(reply.statements)
        for p, entry in zip(placed, runs + statements):
            check(p.status == 0, "SUBMIT: status %d" % p.status)
            size, root = self.told.checkpoints[-1]
            client.check_included(leaf_hash(entry), p.index, size,
                                  list(p.path), root)
            first = self.told.places.setdefault(entry, p.index)
            check(first == p.index, "the second answer is another place")
        check(len(placed) == len(runs + statements), "an answer is missing")

    def fetch(self, c, channel):
        reply = c.ask("fetch", cursors=[c.pb.Cursor(
            channel=channel, from_start=True)], max_bytes=900000,
            wait_ms=2000)
        size, root = c.checkpoint(reply.fetch.checkpoint)
        self.told.checkpoint(c, reply.fetch.checkpoint)
        for it in reply.fetch.items:
            client.check_included(leaf_hash(entry_of(it)), it.index, size,
                                  list(it.path), root)
        return list(reply.fetch.items)

    def act(self):
        """The scene, to its end or to the relay's."""
        try:
            self.scene.act(self)
            return True
        except Gone:
            return False
        finally:
            for c in self.clients:
                c.close()
            self.clients = []

    def end(self):
        return self.p.kill()


class Visit:
    """Both agencies at a relay that nobody disturbs."""

    def __init__(self, cast, told=None, alive=lambda: True):
        self.cast, self.told = cast, told or Told()
        self.a = Watchful(self.cast.a, alive)
        self.b = Watchful(self.cast.b, alive)
        for c in (self.a, self.b):
            check(c.hello().status == 0, "HELLO")

    def close(self):
        self.a.close()
        self.b.close()

    def submit(self, c, runs=(), statements=()):
        for status, _, _ in c.submit(runs, statements):
            check(status == 0, "SUBMIT: status %d" % status)

    def leaves(self):
        """(size, every leaf hash), which lead to the signed root."""
        log = self.a.pb.Log(checkpoint=True)
        size, root = self.a.checkpoint(self.a.send_log(log).log.checkpoint)
        out = []
        while len(out) < size:
            width = min(256, size - len(out))
            reply = self.a.send_log(self.a.pb.Log(tile=self.a.pb.Log.Tile(
                level=0, index=len(out) // 256, width=width)))
            check(len(reply.log.hashes) == width, "a tile is short")
            out += reply.log.hashes
        check(merkle_root(out) == root, "the tiles lead to another root")
        return size, out

    def all_grow_into(self, size, leaves):
        """Each checkpoint a client ever saw, by the relay's own proof."""
        root = merkle_root(leaves)
        for first, seen in set(self.told.checkpoints):
            reply = self.a.send_log(self.a.pb.Log(
                consistency=self.a.pb.Log.Consistency(first=first,
                                                      second=size)))
            check_consistent(first, seen, size, root,
                             list(reply.log.hashes))

    def again(self, thing):
        """Sent once more: its first place, or taken now; never twice."""
        is_run = hasattr(thing, "entry")
        entry = thing.entry() if is_run else thing
        c = self.b if statement.kind(entry) == "receipt" else self.a
        (status, index, _), = c.submit([thing] if is_run else [],
                                       [] if is_run else [thing])
        check(status == 0, "sent again: status %d" % status)
        check(self.told.places.get(entry, index) == index,
              "its first answer was %s, now it is %d" % (
                  self.told.places.get(entry), index))
        size, leaves = self.leaves()
        check(leaves.count(leaf_hash(entry)) == 1, "it is there twice")

    def goes_on(self):
        """What follows is taken, and B has every run once, in order."""
        wanted, at = [r.encode() for r in self.cast.runs], 0
        for run in self.cast.runs:
            self.submit(self.a, [run])
        got = [i.run for i in self.b.fetch([self.cast.channel],
                                           entry_of=entry_of)
               if i.WhichOneof("what") == "run"]
        check(got == wanted, "B has %d runs of %d, or another order" % (
            len(got), len(wanted)))


def ends(life):
    """The process ends by itself, well."""
    if life.p.proc.wait(20) != 0:
        raise Gone


def act_admit(life):
    ends(life)


def act_first(life):
    life.client(life.cast.a)


def exchange(life, run, news=(), before=None):
    """A submits run; B, who waits, gets it and says so."""
    a, b = life.client(life.cast.a), life.client(life.cast.b)
    if before:
        before(life, a, b)
    life.begin()
    life.submit(a, [run], news)
    items = [i for i in life.fetch(b, life.cast.channel)
             if i.WhichOneof("what") == "run" and i.run == run.encode()]
    check(len(items) == 1, "B gets the run %d times" % len(items))
    life.receipt = life.cast.delivered(run, b.log_id, items[0].index)
    return a, b


def act_group(life):
    a, b = exchange(life, life.cast.runs[1], [life.cast.news])
    life.submit(b, statements=[life.receipt])


def fill_wal(life, a, b):
    """Until the next group is the one that has it copied."""
    def pages():
        return os.path.getsize(os.path.join(life.home, WAL)) // WAL_FRAME
    for run in life.cast.bulk:
        if pages() > WAL_PAGES - BULK_PAGES:
            break
        life.submit(a, [run])
    for st in life.cast.small:
        if pages() >= WAL_PAGES - GROUP_PAGES:
            return
        life.submit(b, statements=[st])
    raise Failed("the WAL holds only %d pages" % pages())


def act_wal(life):
    a, b = exchange(life, life.cast.runs[1], [life.cast.news], fill_wal)
    life.submit(b, statements=[life.receipt])


def act_stop(life):
    exchange(life, life.cast.runs[1])
    life.p.send(signal.SIGTERM)
    ends(life)


def run_command(world):
    return world.command("relay")


def admit_command(world):
    return [os.path.join(world.bin, "casewire-relay"), "admit",
            world.at("charter"), "--home", world.at("relay"), "--keys",
            world.at("a", "keys", "keys.1"), "--keys",
            world.at("b", "keys", "keys.1")]
