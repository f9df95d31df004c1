"""turns: casewired killed at each step of its first turns.

An agent that never spoke starts: it counts its start, makes its first prekeys
(prekey file, then book, then the relay), starts its link, takes a request
through its API and sees it delivered.  All this is recorded under strace, and
then one life of a whole world, put back as it was made, ends at each of those
calls on its files (traced.py; a call of the link child ends that child).

After each kill the agent starts anew: what its API had acknowledged is there
once and arrives once; it goes on; the other side's answer, sealed to whatever
prekey of it is published, opens; nothing forked, no alarm stands, and the
bundles of both sides verify.
"""

import argparse
import collections
import os
import shutil
import time

from traced import Traced
from world import (Failed, Gone, World, ack_body, alive, check,
                   check_unforked, find_case, request, run_in, say,
                   undelivered, wait_for)
from kills import calm_doctor

HOMES = ("a", "b", "relay")
ALL_MAX = 25                    # of one kind of call at one file
WANTED = ("prekeys", "book.db-wal")     # files that must be among the steps


class Dead(Exception):
    """The agent is no more."""


class Life:
    def __init__(self, world, inject=None):
        self.world, self.acked = world, []
        for name in HOMES:
            shutil.rmtree(world.at(name), ignore_errors=True)
            shutil.copytree(world.at("kept", name), world.at(name))
        world.start("relay", "b")
        self.p = Traced(world.command("a"), world.at("a"), 0,
                        world.at("run", "strace"), world.at("run", "a.diag"),
                        inject)
        self.pid = self.p.pid()

    def until(self, what, ready, seconds=30):
        end = time.monotonic() + seconds
        while True:
            try:
                value = ready()
                if value:
                    return value
            except Gone:
                pass
            if not self.pid or not alive(self.pid):
                raise Dead
            check(time.monotonic() < end, "waited in vain for " + what)
            time.sleep(0.03)

    def ask(self):
        """A request through the API; a lost answer is none."""
        status, _ = self.world.api("a").call("POST", "/v1/cases",
                                             request("traced"))
        check(status == 201, "POST answered %d" % status)
        self.acked.append("traced")
        return True

    def act(self):
        try:
            self.until("the agent", lambda: self.world.is_up("a"))
            try:
                self.ask()
            except Gone:
                self.until("its end", lambda: False)
            self.until("delivery", lambda: not undelivered(self.world, "a"))
            return True
        except Dead:
            return False

    def end(self):
        self.p.kill()


class Turns:
    def __init__(self, world, args):
        self.world, self.args = world, args

    def record(self):
        life = Life(self.world)
        check(life.act(), "the agent died by itself")
        steps = [s for s in life.p.steps() if not s[2].endswith("-shm")]
        life.end()
        self.world.close()
        for name in WANTED:
            check(any(s[2] == name for s in steps), "no step at " + name)
        return steps

    def pick(self, steps):
        kinds = {}
        for s in steps:
            kinds.setdefault((s[0], s[2]), []).append(s)
        out = []
        for kind in kinds.values():
            most = min(ALL_MAX if self.args.all else 1, len(kind))
            out += [kind[i * (len(kind) - 1) // max(1, most - 1)]
                    for i in range(most)]
        return sorted(out, key=steps.index)

    def stop_at(self, step):
        """True if the step was met."""
        w = self.world
        life = Life(w, (step[0], step[1], "signal=SIGKILL"))
        life.act()
        met = life.p.struck(step[0], step[1]) is not None
        life.end()
        w.start("a")
        self.check_after(life)
        check(not any(w.stop("a", "b", "relay")), "SIGTERM: not exit 0")
        w.tool("casewire-relay", "--home", w.at("relay"), "check", "--full")
        w.close()
        return met

    def check_after(self, life):
        w = self.world
        refs = life.acked + ["after"]
        w.api("a").post("/v1/cases", request("after"))
        for ref in refs:
            case = wait_for("%s at B" % ref, lambda: find_case(
                w.api("b"), ref))
        there = [c.get("request_ref") for c in
                 w.api("b").get("/v1/cases")["cases"]]
        here = [c.get("request_ref") for c in
                w.api("a").get("/v1/cases")["cases"]]
        for ref in refs:
            check(there.count(ref) == 1 and here.count(ref) == 1,
                  "%s: %d times at A, %d at B" % (
                      ref, here.count(ref), there.count(ref)))
        path = "/v1/cases/" + case["case_id"]
        w.api("b").post(path + "/ack", ack_body(w.api("b").get(path)["head"]))
        wait_for("B's answer to open at A", lambda: w.api("a").get(
            path)["state"] == "ACKED")
        wait_for("every receipt", lambda: not undelivered(w, "a") and
                 not undelivered(w, "b"))
        charter = w.charter_id()
        for side in "ab":
            code, said = calm_doctor(w, side)
            check(code == 0 and not said["alarms"], "doctor of %s: %s" % (
                side, said["alarms"]))
            check_unforked(said, side)
            bundle = w.at("run", side + ".zip")
            if os.path.exists(bundle):
                os.unlink(bundle)
            w.api(side).post("/v1/export", {"path": bundle,
                                            "level": "sealed"})
            w.tool("casewire-audit", "verify", bundle, "--charter", charter)

    def all(self):
        w = self.world.make()
        for name in HOMES:
            shutil.copytree(w.at(name), w.at("kept", name))
        began, steps = time.monotonic(), self.record()
        met = collections.Counter()
        for step in self.pick(steps):
            try:
                met[step[2] if self.stop_at(step) else "not reached"] += 1
            except Exception as e:
                raise Failed("killed at %s %d of %s: %r" % (step + (e,))
                             ) from e
        say("turns: %d steps, %d of them taken, %.0f s" % (
            len(steps), sum(met.values()), time.monotonic() - began))
        for name in sorted(met):
            say("turns:     %4d %s" % (met[name], name))
        for name in WANTED:
            check(met[name], "no kill met " + name)
        check(met["not reached"] * 4 <= sum(met.values()),
              "too many steps were not met again")


def main():
    p = argparse.ArgumentParser(prog="turns.sh")
    p.add_argument("--bin", required=True)
    p.add_argument("--all", action="store_true")
    p.add_argument("--dir")
    args = p.parse_args()
    world = World(args.bin, args.dir)
    run_in(world, "turns", Turns(world, args).all)


if __name__ == "__main__":
    main()
