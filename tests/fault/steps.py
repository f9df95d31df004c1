"""steps: the relay killed, or its disk failing, at each step it makes.

A commit group is check, append, commit, read back, signer.high, sign, answer
(relay/group.h).  The real relay runs under strace; what it does to its files
and to its clients is recorded once, then each of these calls in turn is where
SIGKILL comes, on the way in (traced.py).  Scenes:

admit   an empty home becomes a relay's: entry 0, both agencies' keys
first   the first start: signer.high is made, the first checkpoint signed
group   a run and a prekey of A (one group), then B's `delivered` (another)
wal     a group whose commit has SQLite copy a full WAL into the store
stop    SIGTERM: the relay's own receipts, the last group, the store closed

After each kill: `check --full` agrees; what the client was told is signed for
in signer.high, and is in the store, at the index it was told; the relay starts
and its log grows out of every checkpoint the client ever saw; whatever was
acknowledged gets its first answer again, whatever was not is taken now, and
nothing is there twice; both agencies go on.  Scenes with `disk` in their name
let the call fail with EIO or ENOSPC instead: the relay ends with 74 and says
nothing to anybody, and asks no file to be synced again that failed to be.

Each scene names the states its kills must have met; one that none met is a
failure, since then the scene proves less than it says.
"""

import argparse
import collections
import json
import os
import shutil
import subprocess
import time

from lives import (HIGH, STORE, WAL, Cast, Life, Visit, act_admit, act_first,
                   act_group, act_stop, act_wal, admit_command, high_size,
                   run_command)
from casewire_py.base import leaf_hash
from traced import SYNCS, Traced
from world import Failed, World, check, run_in, say

STORAGE_EXIT = 74
ALL_MAX = 100                   # of one kind of call at one file


# States: what a kill left, by the files and by what clients had been told.

def state_of(life, met, entries):
    high, base = high_size(life.home), life.base
    done = {e.place for e in life.p.events(life.mark)
            if e.went_in() and e.call not in ("openat", "ftruncate")}
    if entries is None:
        return "no store yet"
    if high is None:
        half = any(f.startswith(HIGH) for f in os.listdir(life.home))
        return "high-water file half made" if half else "no high-water file"
    if met.place == STORE:
        return "the WAL going into the store"
    if entries == base and high == base:
        return "group partly in the WAL" if WAL in done else "nothing written"
    if high < entries:
        return "committed, not signed"
    if met.place == HIGH and met.call in SYNCS:
        return "high-water written, not synced"
    return "signed, not answered" if life.told.size() < entries else \
        "answered"


# states: met by the first step of each kind at each file; more: with --all.
Scene = collections.namedtuple("Scene", "name command act states more error")

SIGNING = ("committed, not signed", "high-water written, not synced",
           "signed, not answered")


def scenes(everything):
    kills = [
        Scene("admit", admit_command, act_admit,
              ("no store yet", "no high-water file"), (), None),
        Scene("first", run_command, act_first,
              ("no high-water file", "high-water file half made") + SIGNING,
              (), None),
        Scene("group", run_command, act_group,
              ("nothing written", "group partly in the WAL") + SIGNING,
              ("answered",), None),
        Scene("wal", run_command, act_wal,
              ("the WAL going into the store",) + SIGNING,
              ("nothing written", "group partly in the WAL", "answered"),
              None),
        Scene("stop", run_command, act_stop,
              ("the WAL going into the store",) + SIGNING,
              ("answered",), None)]
    disks = [s._replace(name=s.name + "-disk-" + e, error=e, states=(),
                        more=())
             for s in kills[1:4 if everything else 3]
             for e in ("EIO", "ENOSPC")]
    return kills + disks


HOMES = {"admit": "bare", "first": "admitted"}


def home_of(scene):
    """Which of the homes that were kept it begins from."""
    return HOMES.get(scene.name.split("-")[0], "used")


class Steps:
    def __init__(self, world, args):
        self.world, self.args = world, args
        self.homes = {}

    # -- homes to start from --

    def keep(self, name):
        self.homes[name] = self.world.at("kept." + name)
        shutil.copytree(self.world.at("relay"), self.homes[name],
                        ignore=shutil.ignore_patterns("*.sock"))

    def entries(self):
        """What the store holds, looked at from outside; None: no store."""
        done = self.world.tool("casewire-relay", "--json", "status",
                               "--home", self.world.at("relay"), want=None)
        return json.loads(done.stdout)["entries"] if done.returncode == 0 \
            else None

    def prepare(self):
        w = self.world.make()
        self.cast = Cast(w)
        self.keep("admitted")
        for f in ("store.db", "lock"):
            os.unlink(w.at("relay", f))
        self.keep("bare")
        self.put_back("admitted")
        w.start("relay")
        life = Visit(self.cast)
        life.submit(life.b, statements=[self.cast.prekey])
        life.submit(life.a, [self.cast.runs[0]])
        life.close()
        w.stop("relay")
        self.keep("used")

    def put_back(self, name):
        shutil.rmtree(self.world.at("relay"))
        shutil.copytree(self.homes[name], self.world.at("relay"))

    # -- one step --

    def life(self, scene, inject=None):
        return Life(self.world, self.cast, self.homes[home_of(scene)], scene,
                    inject)

    def record(self, scene):
        """[step] of a life nobody disturbs."""
        life = self.life(scene)
        check(life.act(), "%s: the relay died by itself" % scene.name)
        found = life.p.steps(life.mark)
        life.end()
        if scene.error:
            found = [s for s in found if s[2] != "a client" and
                     s[0] in ("pwrite64", "fdatasync", "fsync", "write")
                     and (scene.error == "EIO" or s[0] not in SYNCS)
                     and not s[2].endswith("-shm")
                     # SQLite's own, which it ignores: db_open did it before
                     and s[::2] != ("fdatasync", "the folder")]
        check(found, "%s: no step is seen" % scene.name)
        return found

    def stop_at(self, scene, step):
        """One life that ends at this step; the name of what it left."""
        how = "error=" + scene.error if scene.error else "signal=SIGKILL"
        life = self.life(scene, (step[0], step[1], how))
        whole = life.act()
        code = life.p.proc.wait(20) if not whole and scene.error else \
            life.end()
        met = life.p.struck(step[0], step[1])
        if met is None or (whole and not scene.error):
            return None
        # Threads race for their n-th write: then it was another step.
        if met.place is None and scene.error:
            return None
        if scene.error:
            self.check_failed(life, met, code, whole)
        entries = self.entries()
        state = state_of(life, met, entries)
        self.check_files(life, entries)
        if entries is None or scene.name == "admit":
            self.world.tool(*self.admit_words())
        found = os.path.join(life.home, WAL)
        self.check_life(life, state == "committed, not signed" and
                        os.path.exists(found) and os.path.getsize(found))
        return state if met.place == step[2] else None

    def admit_words(self):
        return ["casewire-relay"] + admit_command(self.world)[1:]

    def check_failed(self, life, met, code, whole):
        """It stopped, said nothing more, and did not try again."""
        check(not whole, "the relay went on after %s" % met)
        check(code == STORAGE_EXIT, "%s failed and the relay ended with %d" %
              (met, code))
        events = life.p.events()
        behind = events[[(e.thread, e.call, e.n) for e in events].index(
            (met.thread, met.call, met.n)) + 1:]
        check(not any(e.place == "a client" for e in behind),
              "somebody was answered after %s failed" % met)
        if met.call in SYNCS:
            check(not any(e.call in SYNCS and e.place == met.place
                          for e in behind), "%s was tried again" % met)

    def check_files(self, life, entries):
        high, told = high_size(life.home), life.told.size()
        if entries is not None:
            self.world.tool("casewire-relay", "check", "--full", "--home",
                            life.home)
        check((high or 0) <= (entries or 0),
              "signed %s, in the store %s" % (high, entries))
        check(told <= (high or 0), "told %s, vouched for %s" % (told, high))

    def check_life(self, life, unsigned):
        """The relay serves again, and keeps every word."""
        w = self.world
        again = Traced(run_command(w), life.home, w.port,
                       w.at("run", "strace.again"),
                       w.at("run", "relay.diag"))
        v = Visit(self.cast, life.told, again.alive)
        size, leaves = v.leaves()
        check(size >= life.told.size(), "the log shrank")
        v.all_grow_into(size, leaves)
        for entry, index in life.told.places.items():
            check(leaves[index] == leaf_hash(entry), "entry %d is another" %
                  index)
        for thing in life.want:
            v.again(thing)
        if life.receipt is not None:
            v.again(life.receipt)
        v.goes_on()
        v.close()
        check(again.alive(), "the relay died")
        again.kill()
        if unsigned:
            self.check_synced(again.events())

    @staticmethod
    def check_synced(events):
        """What was found in the WAL lasts before it is signed: whoever
        was killed had perhaps not synced it."""
        made = [(e.call in SYNCS, e.place) for e in events]
        high = [(e.call, e.place) for e in events].index(("pwrite64", HIGH))
        check((True, STORE) in made[:high], "signed before it was synced")

    # -- all of them --

    def pick(self, steps):
        """Of each kind of call at each file the first, or with --all as
        many as are worth the time, first and last and between."""
        kinds = {}
        for s in steps:
            if self.args.all or not (s[0] == "openat" or s[2].endswith(
                    ("-shm", ".sock"))):
                kinds.setdefault((s[0], s[2]), []).append(s)
        out = []
        for kind in kinds.values():
            most = min(ALL_MAX if self.args.all else 1, len(kind))
            out += [kind[i * (len(kind) - 1) // max(1, most - 1)]
                    for i in range(most)]
        return sorted(out, key=steps.index)

    def scene(self, scene):
        began, steps = time.monotonic(), self.record(scene)
        met = collections.Counter()
        for step in self.pick(steps):
            try:
                met[self.stop_at(scene, step) or "not reached"] += 1
            except Exception as e:
                raise Failed("%s at %s %d of %s: %r" % (
                    (scene.name,) + step + (e,))) from e
        say("steps: %-19s %3d steps, %3d of them taken, %.0f s" % (
            scene.name, len(steps), sum(met.values()),
            time.monotonic() - began))
        for state in sorted(met):
            say("steps:     %4d %s" % (met[state], state))
        for state in scene.states + (scene.more if self.args.all else ()):
            check(met[state], "%s: no kill met \"%s\"" % (scene.name,
                                                          state))
        check(met["not reached"] <= max(1, sum(met.values()) // 4),
              "%s: too many steps were not met again" % scene.name)

    def all(self):
        may = subprocess.run(["strace", "-o", "/dev/null", "true"],
                             capture_output=True, text=True)
        check(may.returncode == 0, "strace may not trace here: " + may.stderr)
        self.prepare()
        for scene in scenes(self.args.all):
            if not self.args.only or scene.name == self.args.only:
                self.scene(scene)


def main():
    p = argparse.ArgumentParser(prog="steps.sh")
    p.add_argument("--bin", required=True)
    p.add_argument("--all", action="store_true")
    p.add_argument("--only")
    p.add_argument("--dir")
    args = p.parse_args()
    world = World(args.bin, args.dir)
    run_in(world, "steps", Steps(world, args).all)


if __name__ == "__main__":
    main()
