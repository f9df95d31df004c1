"""kills: SIGKILL of relay, agents and links at random moments (issue 2, 3).

Two agencies exchange STATUS in both directions through the API, and a file
with each request, while one process after the other is killed and started
anew.  Every write that was answered 2xx is remembered by its unique text.  At
the end all of it must have arrived exactly once, in order, with a `delivered`
receipt, and every file byte for byte; no chain may have forked, the relays'
stores must check out, and both sides' evidence must verify.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import (Gone, World, ack_body, check, decide_body, find_case,
                   request, say, status_body, wait_for)
import world as w

AGENTS = ["a", "b", "a-link", "b-link"]
FILE_BYTES = 200000             # of the file with each request
OTHER = {"a": "b", "b": "a"}
CASE_MESSAGES = 150             # then a new case: folds stay short
PAUSE = 0.12                    # at most, between writes of one side


class Writer(threading.Thread):
    """Side answers requests of the other side and reports on them."""

    def __init__(self, world, side, seed):
        super().__init__(daemon=True)
        self.world, self.side, self.seed = world, side, seed
        self.api, self.peer = world.api(side), world.api(OTHER[side])
        self.done = threading.Event()
        self.count = 0
        self.cases = []         # [(case_id, [text acknowledged])]
        self.asked = []         # refs that the other side's agent took
        self.files = {}         # ref -> SHA-256 of its file
        self.unsure = 0         # writes nobody answered
        self.fault = None

    def attempt(self, api, method, path, body=None):
        """(status, answer) or None when nobody answered."""
        try:
            return api.call(method, path, body)
        except Gone:
            if method == "POST":
                self.unsure += 1
            time.sleep(0.05)
            return None

    def until(self, step):
        while not self.done.is_set():
            value = step()
            if value is not None:
                return value
            time.sleep(0.05)
        return None

    def head(self, case_id):
        got = self.attempt(self.api, "GET", "/v1/cases/" + case_id)
        return got[1] if got and got[0] == 200 else None

    def write(self, case_id, verb, body):
        """One try; True if acknowledged."""
        case = self.head(case_id)
        if case is None:
            return False
        got = self.attempt(self.api, "POST", "/v1/cases/%s/%s" % (
            case_id, verb), body(case["head"]))
        if got is None:
            return False
        status, answer = got
        if status == 503 or w.error_name(answer) in ("head_moved", "state"):
            return False
        check(status == 201, "%s: %s answered %d %s" % (
            self.side, verb, status, answer))
        return True

    def ask(self):
        """The other side opens a case; its ref, once acknowledged."""
        self.count += 1
        ref = "%s-asked-%d" % (self.side, self.count)
        got = self.attempt(self.peer, "POST", "/v1/cases", dict(
            request(ref), attachments=[self.file(ref)]))
        if got is None or got[0] == 503:
            return None
        check(got[0] == 201, "request answered %d %s" % got)
        self.asked.append(ref)
        return ref

    def file(self, ref):
        data = os.urandom(FILE_BYTES)
        path = self.world.at("run", ref)
        with open(path, "wb") as f:
            f.write(data)
        self.files[ref] = hashlib.sha256(data).hexdigest()
        return {"path": path, "media_type": "application/octet-stream",
                "source": "random"}

    def seen(self, ref):
        try:
            return find_case(self.api, ref)
        except Gone:
            return None

    def move(self, case_id, before, verb, body):
        """Bring the case out of state `before`; a lost answer is no harm."""
        def step():
            case = self.head(case_id)
            if case is None:
                return None
            if case["state"] != before:
                return True
            self.write(case_id, verb, body)
            return None
        self.until(step)

    def new_case(self):
        ref = self.until(self.ask)
        case = self.until(lambda: self.seen(ref))
        if case is None:
            return
        self.move(case["case_id"], "HANDED_OVER", "ack", ack_body)
        self.move(case["case_id"], "ACKED", "decide", decide_body)
        self.cases.append((case["case_id"], []))

    def report(self):
        self.count += 1
        text = "%s-%d-%d" % (self.side, self.seed, self.count)
        case_id, said = self.cases[-1]
        if self.write(case_id, "status", lambda h: status_body(h, text)):
            said.append(text)

    def run(self):
        rng = random.Random("%s %d" % (self.side, self.seed))
        try:
            while not self.done.is_set():
                if not self.cases or len(self.cases[-1][1]) >= CASE_MESSAGES:
                    self.new_case()
                    continue
                self.report()
                self.done.wait(rng.uniform(0, PAUSE))
        except w.Failed as e:
            self.fault = e
            self.done.set()

    def said(self):
        return sum(len(s) for _, s in self.cases)


def chaos(world, writers, cycles, rng):
    """Each cycle: let it run, kill one or two, start them anew."""
    kills = {}
    for cycle in range(cycles):
        time.sleep(rng.uniform(0.3, 1.1))
        world.check_running()
        victims = rng.sample(world.relays + AGENTS,
                             2 if rng.random() < 0.2 else 1)
        for name in victims:
            if name.endswith("-link") and name[:-5] not in world.procs:
                continue
            world.kill(name)
            kills[name] = kills.get(name, 0) + 1
        time.sleep(rng.choice([0, 0, rng.uniform(0, 0.5)]))
        again = [v for v in victims if not v.endswith("-link")]
        for name in again:
            world.spawn(name)
        for name in again:
            # Half of the time the next kill may come before it is ready.
            if rng.random() < 0.5:
                world.wait_up(name)
        for wr in writers:
            if wr.fault:
                raise wr.fault
        if (cycle + 1) % 50 == 0:
            say("kills: cycle %d, %d acknowledged" % (
                cycle + 1, sum(wr.said() for wr in writers)))
    return kills


def settle(world):
    """Everything delivered both ways, every file whole."""
    def quiet_side(side):
        api = world.api(side)
        return all(r["state"] == "ready" for r in
                   api.get("/v1/status")["relays"]) and \
            not w.undelivered(world, side) and \
            all(f["own"] or f["complete"] for f in
                api.get("/v1/files")["files"])

    def quiet():
        world.check_running()
        try:
            return quiet_side("a") and quiet_side("b")
        except Gone:
            return False
    wait_for("every message to be delivered", quiet, 90, 0.5)


def check_case(world, sender, case_id, said):
    """What sender was told is kept arrived once, in its order."""
    here = world.api(sender).get("/v1/cases/" + case_id)["messages"]
    there = world.api(OTHER[sender]).get("/v1/cases/" + case_id)["messages"]
    mine = [m for m in here if m["own"] and m["type"] == "status"]
    got = [m for m in there if not m["own"] and m["type"] == "status"]
    want = [m["body"]["measures"] for m in mine]
    have = [m["body"]["measures"] for m in got]
    lost = [t for t in said if t not in set(have)]
    check(not lost, "acknowledged to %s and lost: %s" % (sender, lost[:5]))
    check(len(set(have)) == len(have), "delivered twice to %s" %
          OTHER[sender])
    check(have == want, "order differs in case %s from %s" % (
        case_id, sender))
    check([t for t in want if t in set(said)] == said,
          "%s's own book has another order" % sender)
    check([m["env_id"] for m in mine] == [m["env_id"] for m in got],
          "env_ids differ in case %s" % case_id)
    seqs = [m["seq"] for m in mine]
    check(seqs == sorted(set(seqs)), "seq does not rise in %s" % case_id)
    for m in mine + got:
        check(m["standing"] == "stands", "a message does not stand: %s" % m)
    return len(want)


def check_files(world, wr):
    """The files of requests that were acknowledged, byte for byte."""
    there = {f["sha256"]: f for f in
             world.api(wr.side).get("/v1/files")["files"] if not f["own"]}
    for ref in wr.asked:
        f = there.get(wr.files[ref])
        check(f and f["complete"], "%s lacks the file of %s" % (
            wr.side, ref))
        with open(f["path"], "rb") as data:
            check(hashlib.sha256(data.read()).hexdigest() == f["sha256"],
                  "the file of %s is another" % ref)


def calm_doctor(world, side, seconds=20):
    """(exit code, doctor): what dead time raised has ended with it."""
    end = time.monotonic() + seconds
    while True:
        code, said = world.doctor(side)
        if code == 0 and not said["alarms"] or time.monotonic() > end:
            return code, said
        time.sleep(0.5)


def check_inbox(world, side):
    """No movement is told twice."""
    items = world.api(side).get("/v1/inbox")["items"]
    ids = [i["env_id"] if "env_id" in i else i["id"] for i in items]
    check(len(ids) == len(set(ids)), "%s's inbox tells one twice" % side)


def check_all(world, writers):
    total = 0
    for wr in writers:
        for case_id, said in wr.cases:
            total += check_case(world, wr.side, case_id, said)
        refs = [c.get("request_ref") for c in
                world.api(wr.side).get("/v1/cases")["cases"]]
        for ref in wr.asked:
            check(refs.count(ref) == 1, "request %s is at %s %d times" % (
                ref, wr.side, refs.count(ref)))
        check_files(world, wr)
    for side in "ab":
        check_inbox(world, side)
        code, said = calm_doctor(world, side)
        check(code == 0, "doctor of %s: exit %d\n%s" % (
            side, code, json.dumps(said, indent=1)))
        check(not said["alarms"], "%s raises %s" % (side, said["alarms"]))
        w.check_unforked(said, side)
    for name in world.relays:
        listed = json.loads(world.tool("casewire-relay", "--home",
                                       world.at(name), "list", "--json"))
        check(not listed["forks"], "%s keeps a fork: %s" % (
            name, listed["forks"]))
    return total


def check_evidence(world):
    charter = world.charter_id()
    for side in "ab":
        bundle = world.at(side + ".zip")
        world.api(side, 120).post("/v1/export", {
            "path": bundle, "level": "sealed"})
        world.tool("casewire-audit", "verify", bundle, "--charter", charter)
    check(not any(world.stop("a", "b", *world.relays)),
          "SIGTERM did not end in exit 0")
    for name in world.relays:
        world.tool("casewire-relay", "--home", world.at(name), "check",
                   "--full")


def campaign(world, cycles, seed):
    rng = random.Random(seed)
    world.make()
    world.start(*world.relays, "a", "b")
    writers = [Writer(world, side, seed) for side in "ab"]
    for wr in writers:
        wr.start()
    wait_for("the first cases", lambda: all(
        wr.cases or wr.fault for wr in writers))
    kills = chaos(world, writers, cycles, rng)
    for name in world.relays + ["a", "b"]:
        world.wait_up(name)
    for wr in writers:
        wr.done.set()
    for wr in writers:
        wr.join(30)
        if wr.fault:
            raise wr.fault
    settle(world)
    total = check_all(world, writers)
    check_evidence(world)
    world.check_orphans()
    say("kills: %d cycles (%s), %d reports acknowledged, %d delivered, "
        "%d writes nobody answered" % (
            cycles, ", ".join("%s %d" % k for k in sorted(kills.items())),
            sum(wr.said() for wr in writers), total,
            sum(wr.unsure for wr in writers)))


def main():
    p = argparse.ArgumentParser(prog="kills.sh")
    p.add_argument("--bin", required=True)
    p.add_argument("--cycles", type=int, default=30)
    p.add_argument("--seed", type=int,
                   default=random.SystemRandom().randrange(1 << 30))
    p.add_argument("--dir")
    p.add_argument("--relays", type=int, default=1)
    p.add_argument("--copies", type=int, default=1)
    p.add_argument("--heartbeat", type=int, default=300)
    args = p.parse_args()
    say("kills: seed %d, %d cycles" % (args.seed, args.cycles))
    world = World(args.bin, args.dir, args.relays, {
        "WORLD_COPIES": str(args.copies),
        "WORLD_HEARTBEAT": str(args.heartbeat)})
    w.run_in(world, "kills", lambda: campaign(world, args.cycles, args.seed),
             "seed %d" % args.seed)


if __name__ == "__main__":
    main()
