"""restore: what a restored, cloned or maimed agent does (issue 2, show 4).

older    A's book is put back from a backup made before its last messages: A
         refuses to send and says what to do; `recover --adopt` brings it
         back, nothing forks, and what B sent meanwhile is there again.
fork     A's home was run twice, so two messages of one seq are signed.  B
         stops the channel, a relay keeps the second as evidence, adopting is
         refused; only a statement of A's root opens the way.
clone    A's home is copied and both copies run at once: each is told, at most
         one goes on, and after the other is gone A comes back.
relay    A relay's store is put back from an older backup: it refuses to
         serve, since it signed more, and serves again with the newer one.
prekeys  B loses its prekeys: what was sealed to them is answered
         `undecryptable`, A seals it again, nobody lifts a hand.
"""

import argparse
import glob
import json
import os
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "interop")]
from world import (World, check, open_accepted, say, send_status, texts,
                   undelivered, wait_for)
import world as w


def delivered(world, *sides):
    """Until all own messages of these sides have their receipt."""
    for side in sides:
        wait_for("everything of %s to be delivered" % side,
                 lambda: not undelivered(world, side), 30, 0.1)


def health(world, side):
    return world.api(side).get("/v1/status")["health"]


def wait_health(world, side, name, seconds=20):
    wait_for("%s's health to be %s" % (side, name),
             lambda: health(world, side)["name"] == name, seconds, 0.1)


def put_book(world, side, book):
    """book becomes side's book; side is stopped."""
    for path in glob.glob(world.at(side, "book.db*")):
        os.remove(path)
    shutil.copy(book, world.at(side, "book.db"))


def forks(world, relay="relay"):
    return json.loads(world.tool("casewire-relay", "--home", world.at(relay),
                                 "list", "--json"))["forks"]


def evidence(world, side, may_lack):
    """side's evidence verifies; 4 only where it may have lost some."""
    bundle = world.at(side + "-%d.zip" % len(glob.glob(world.at("*.zip"))))
    world.api(side, 60).post("/v1/export", {"path": bundle,
                                            "level": "sealed"})
    done = world.tool("casewire-audit", "verify", bundle, "--charter",
                      world.charter_id(), want=None)
    check(done.returncode == 0 or (may_lack and done.returncode == 4),
          "evidence of %s: exit %d\n%s%s" % (side, done.returncode,
                                             done.stdout, done.stderr))
    return done.returncode


# -- older ---------------------------------------------------------------------

def older_refuses(world, case_a):
    """What A does with a book older than what it signed."""
    wait_health(world, "a", "rollback")
    code, said = world.doctor("a")
    check(code == 9, "doctor exits %d, not 9" % code)
    check("recover --adopt" in said["health"]["next"], "doctor says not "
          "what to do: %s" % said["health"])
    check(any("recover --adopt" in a["text"] for a in said["alarms"]),
          "no alarm says what to do: %s" % said["alarms"])
    head = world.api("a").get("/v1/cases/" + case_a)["head"]
    status, answer = world.api("a").call(
        "POST", "/v1/cases/%s/status" % case_a, w.status_body(head, "no"))
    check(status == 409 and w.error_name(answer) == "rollback",
          "a write is answered %d %s" % (status, answer))
    done = world.casewire("a", "case", "status", case_a, "--measures", "no",
                          "--phase", "collecting", "--next-step", "x",
                          "--next-date", "+30d", want=None)
    check(done.returncode == 9, "casewire case status exits %d: %s" % (
        done.returncode, done.stderr))


def older_quietly(world):
    """B said nothing since the backup: only the relay's HELLO can tell."""
    case = open_accepted(world, "b", "a", "quiet")
    delivered(world, "a", "b")
    world.casewire("a", "backup", world.at("quiet.db"))
    send_status(world, "a", case, "unheard of")
    delivered(world, "a")
    world.stop("a", "b")
    put_book(world, "a", world.at("quiet.db"))
    world.start("a")
    older_refuses(world, case)
    world.casewire("a", "recover", "--adopt")
    world.start("b")
    wait_health(world, "a", "ok")


def older(world):
    world.make()
    world.start("relay", "a", "b")
    older_quietly(world)
    case_a = open_accepted(world, "b", "a", "asked-by-b")
    case_b = open_accepted(world, "a", "b", "asked-by-a")
    send_status(world, "a", case_a, "before")
    delivered(world, "a", "b")
    world.casewire("a", "backup", world.at("older.db"))
    for i in range(3):
        send_status(world, "a", case_a, "after-%d" % i)
        send_status(world, "b", case_b, "from-b-%d" % i)
    delivered(world, "a", "b")
    world.stop("a")
    put_book(world, "a", world.at("older.db"))
    world.start("a")
    older_refuses(world, case_a)
    world.stop("a")
    world.start("a")
    older_refuses(world, case_a)        # and not only the first time
    check(texts(world, "b", case_a) == ["before"] +
          ["after-%d" % i for i in range(3)], "something was sent")
    world.casewire("a", "recover", "--adopt")
    wait_health(world, "a", "ok")
    wait_for("what B sent to be there again", lambda: texts(
        world, "a", case_b) == ["from-b-%d" % i for i in range(3)], 20)
    send_status(world, "a", case_a, "adopted")
    send_status(world, "b", case_b, "from-b-later")
    delivered(world, "a", "b")
    check(texts(world, "b", case_a) == ["before", "after-0", "after-1",
                                        "after-2", "adopted"],
          "B has %s" % texts(world, "b", case_a))
    check(texts(world, "a", case_b)[-1] == "from-b-later", "B is not heard")
    check(not forks(world), "the relay keeps a fork")
    for side in "ab":
        code, said = world.doctor(side)
        check(code == 0, "doctor of %s exits %d" % (side, code))
        w.check_unforked(said, side)
    evidence(world, "b", False)
    evidence(world, "a", True)
    again_after_restart(world, case_a)


def again_after_restart(world, case_a):
    """The adopted book goes on after a restart without more ado."""
    world.stop("a")
    world.start("a")
    wait_health(world, "a", "ok")
    send_status(world, "a", case_a, "restarted")
    delivered(world, "a")
    check(texts(world, "b", case_a)[-1] == "restarted", "B lacks the last")


# -- fork ----------------------------------------------------------------------

def two_branches(world):
    """left on the first relay and at B, right on the second: one seq."""
    world.start("relay", "relay2", "a", "b")
    case = open_accepted(world, "b", "a", "asked-by-b")
    send_status(world, "a", case, "common")
    delivered(world, "a", "b")
    at_both(world)
    world.stop("a")
    shutil.copy(world.at("a", "book.db"), world.at("copy.db"))
    world.kill("relay2")
    world.start("a")
    send_status(world, "a", case, "left")
    delivered(world, "a")
    world.stop("a", "b", "relay")
    put_book(world, "a", world.at("copy.db"))
    world.start("relay2", "a")
    send_status(world, "a", case, "right")
    wait_for("right to be submitted", lambda: "submitted" in message(
        world, "a", case, "right")["evidence"])
    world.stop("a")
    return case


def at_both(world):
    """Nothing waits for a relay."""
    for side in "ab":
        wait_for("both relays to have all of %s" % side, lambda: all(
            r["waiting"] == 0 and r["state"] == "ready" for r in
            world.api(side).get("/v1/status")["relays"]))


def message(world, side, case, text):
    for m in world.api(side).get("/v1/cases/" + case)["messages"]:
        if m.get("body", {}).get("measures") == text:
            return m
    raise w.Failed("%s has no %s" % (side, text))


def run_of(world, side, env_id):
    """The run that holds an envelope, from side's outbox: its exact bytes."""
    import sqlite3
    db = sqlite3.connect("file:%s?mode=ro" % world.at(side, "book.db"),
                         uri=True)
    try:
        for full, data in db.execute("SELECT full, bytes FROM run"
                                     " ORDER BY id DESC"):
            from casewire_py import wire
            if full and any(e.id.hex() == env_id for e in
                            wire.decode_run(data).envs):
                return data
    finally:
        db.close()
    raise w.Failed("no run of %s holds %s" % (side, env_id))


def forge(world, env_id):
    """Submit the right branch to the first relay, as a clone would."""
    import party
    with party.session(world, "a", "relay") as session:
        (status, _, refusal), = session.submit([run_of(world, "a", env_id)])
    check(status == 103, "the relay answers a fork with %d" % status)
    check(refusal, "the relay signs no refusal")


def recover_by_root(world):
    """As doctor says: a statement by the root, installed."""
    said = world.doctor("a")[1]
    proposal = [p["recover"] for p in said["pairs"] if "recover" in p]
    check(proposal, "doctor proposes no recovery: %s" % json.dumps(said))
    args = ["--incarnation", proposal[0]["incarnation"]]
    for lane in proposal[0]["lanes"]:
        args += ["--lane", lane]
    world.tool("casewire-keys", "recover", "channel",
               world.at("charter", "charter"), "--root",
               world.at("offline", "a", "root.key"), "--reason", "cloned",
               "--passphrase-file", world.at("passphrase"),
               "--out", world.at("recovery"), *args)
    world.casewire("a", "recover", "--statement", world.at("recovery"))


def fork_is_seen(world, case):
    """By B, by both relays where they can, by A itself."""
    world.start("relay", "b", "a")
    wait_health(world, "b", "fork")
    code, said = world.doctor("b")
    check(code == 7, "doctor of B exits %d" % code)
    check(any("two envelopes" in a["text"] for a in said["alarms"]),
          "B's operator is told nothing: %s" % said["alarms"])
    check([l["stopped"] for l in said["pairs"][0]["lanes"]] ==
          [True, False, False], "another lane stopped, or none")
    wait_health(world, "a", "rollback")
    env = message(world, "a", case, "right")["env_id"]
    check(not forks(world), "the relay has evidence of nothing yet")
    forge(world, env)
    kept = forks(world)
    check(len(kept) == 1 and kept[0]["bytes"] > 0,
          "the relay keeps %s" % kept)
    done = world.casewire("a", "recover", "--adopt", want=None)
    check(done.returncode == 7, "--adopt of a fork exits %d: %s" % (
        done.returncode, done.stderr))


def fork(world):
    world.make()
    case = two_branches(world)
    fork_is_seen(world, case)
    recover_by_root(world)
    wait_health(world, "a", "ok")
    wait_health(world, "b", "ok")
    send_status(world, "a", case, "recovered")
    wait_for("the message after the recovery at B", lambda: "recovered" in
             texts(world, "b", case))
    delivered(world, "a")
    # What was said on the branch left behind is said again on the other.
    check(sorted(texts(world, "b", case)) == ["common", "left", "recovered",
          "right"], "B has %s" % texts(world, "b", case))
    case_b = open_accepted(world, "a", "b", "asked-after")
    send_status(world, "b", case_b, "both ways")
    delivered(world, "a", "b")
    check(len(forks(world)) == 1 and not forks(world, "relay2"),
          "another fork came up: %s %s" % (forks(world),
                                           forks(world, "relay2")))
    check(any("recovery" in a["text"] for a in world.doctor("b")[1]["alarms"]),
          "B's operator does not see the recovery")
    at_both(world)              # also where the forger took A's session


# -- clone ---------------------------------------------------------------------

def clone(world):
    """The copy runs beside the original, under the same keys."""
    world.make()
    world.start("relay", "a", "b")
    case = open_accepted(world, "b", "a", "asked-by-b")
    send_status(world, "a", case, "common")
    delivered(world, "a", "b")
    world.stop("a")
    shutil.copytree(world.at("a"), world.at("copy"))
    world.start("copy")
    wait_health(world, "copy", "ok")
    send_status(world, "copy", case, "by the copy")
    wait_for("the copy's message at B", lambda: "by the copy" in
             texts(world, "b", case))
    world.start("a")
    wait_health(world, "a", "rollback")
    wait_for("the copy to be told", lambda: any(
        a["code"] == "clone" for a in world.doctor("copy")[1]["alarms"]))
    head = world.api("a").get("/v1/cases/" + case)["head"]
    status, _ = world.api("a").call("POST", "/v1/cases/%s/status" % case,
                                    w.status_body(head, "both"))
    check(status == 409, "A writes beside its copy: %d" % status)
    world.stop("copy")
    world.casewire("a", "recover", "--adopt")
    wait_health(world, "a", "ok")
    send_status(world, "a", case, "alone again")
    delivered(world, "a")
    check(texts(world, "b", case) == ["common", "by the copy",
                                      "alone again"], "B has %s" % texts(
                                          world, "b", case))
    check(not forks(world), "the relay keeps a fork")
    check(health(world, "b")["name"] == "ok", "B stopped")
    copy_wakes(world, case)


def copy_wakes(world, case):
    """The copy comes back later: it is older now, and says so."""
    world.stop("a")
    world.start("copy")
    wait_health(world, "copy", "rollback")
    world.stop("copy")
    world.start("a")
    wait_health(world, "a", "ok")
    send_status(world, "a", case, "the last")
    delivered(world, "a")
    check(texts(world, "b", case)[-1] == "the last", "B lacks the last")


# -- relay ---------------------------------------------------------------------

def relay_files(world, to, back=False):
    """Move the relay's store, all its files, there or back."""
    names = [f for f in os.listdir(to if back else world.at("relay"))
             if f.startswith("store.db")]
    if back:
        for f in glob.glob(world.at("relay", "store.db*")):
            os.remove(f)
    else:
        os.makedirs(to)
    for f in names:
        if back:
            shutil.copy(os.path.join(to, f), world.at("relay", f))
        else:
            shutil.copy(world.at("relay", f), os.path.join(to, f))


def relay(world):
    world.make()
    world.start("relay", "a", "b")
    case = open_accepted(world, "b", "a", "asked-by-b")
    delivered(world, "a", "b")
    world.tool("casewire-relay", "--home", world.at("relay"), "backup",
               world.at("older.db"))
    send_status(world, "a", case, "signed after the backup")
    delivered(world, "a")
    check(world.stop("relay") == [0], "the relay's SIGTERM")
    relay_files(world, world.at("newer"))
    for f in glob.glob(world.at("relay", "store.db*")):
        os.remove(f)
    shutil.copy(world.at("older.db"), world.at("relay", "store.db"))
    done = world.tool("casewire-relay", "--home", world.at("relay"), "check",
                      want=None)
    check(done.returncode == 9, "check exits %d: %s" % (
        done.returncode, done.stderr))
    world.spawn("relay")
    code = world.procs.pop("relay").wait(20)
    check(code == 9, "the relay starts on an older store, or ends with %d"
          % code)
    send_status(world, "a", case, "meanwhile")
    check(world.doctor("a")[0] == 6, "doctor of A: not unreachable")
    relay_files(world, world.at("newer"), back=True)
    world.start("relay")
    delivered(world, "a")
    check(texts(world, "b", case) == ["signed after the backup", "meanwhile"],
          "B has %s" % texts(world, "b", case))


# -- prekeys -------------------------------------------------------------------

def lose(world):
    os.remove(world.at("b", "prekeys"))


def spoil(world):
    """A torn sector: the slots are no longer what the book key sealed."""
    with open(world.at("b", "prekeys"), "r+b") as f:
        f.seek(512)
        f.write(os.urandom(512))


def prekeys(world):
    world.make()
    world.start("relay", "a", "b")
    case = open_accepted(world, "b", "a", "asked-by-b")
    delivered(world, "a", "b")
    said = []
    for how in (lose, spoil):
        prekeys_gone(world, case, how, said)
    for side in "ab":
        check(world.doctor(side)[0] == 0, "doctor of %s" % side)
        evidence(world, side, False)


def prekeys_gone(world, case, how, said):
    """Mail to a prekey that is gone is sealed again, by nobody's hand."""
    tag = how.__name__
    world.stop("b")
    how(world)
    mine = ["%s %d" % (tag, i) for i in range(3)]
    for text in mine:
        send_status(world, "a", case, text)
    wait_for("the relay to have them", lambda: all(
        "submitted" in message(world, "a", case, t)["evidence"]
        for t in mine))
    first = [message(world, "a", case, t)["env_id"] for t in mine]
    world.start("b")
    delivered(world, "a")
    again = [message(world, "a", case, t)["env_id"] for t in mine]
    check(not set(first) & set(again), "%s: not sealed anew" % tag)
    send_status(world, "a", case, tag + " as ever")
    delivered(world, "a", "b")
    said += mine + [tag + " as ever"]
    check(texts(world, "b", case) == said, "B has %s" % texts(
        world, "b", case))


PARTS = {
    "older": (older, {}),
    "fork": (fork, {"relays": 2, "env": {"WORLD_COPIES": "2"}}),
    "clone": (clone, {}),
    "relay": (relay, {}),
    "prekeys": (prekeys, {}),
}


def main():
    p = argparse.ArgumentParser(prog="restore.sh")
    p.add_argument("--bin", required=True)
    p.add_argument("--only", choices=sorted(PARTS))
    args = p.parse_args()
    for name, (body, more) in PARTS.items():
        if args.only in (None, name):
            world = World(args.bin, **more)
            w.run_in(world, "restore " + name, lambda: body(world))


if __name__ == "__main__":
    main()
