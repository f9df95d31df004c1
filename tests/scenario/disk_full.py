"""Scenario 80: disks that are nearly, and really, full."""

import os
import re

from setting import scene

from world import (Failed, Gone, check, open_accepted, say, send_status,
                   status_body, texts, undelivered, wait_for)

# A file may not grow past this many blocks of 512 bytes; writing there fails
# as on a full disk instead of killing the process.
FULL = ["sh", "-c", 'trap "" XFSZ; ulimit -f "$0"; exec "$@"']


def delivered(world, side):
    wait_for("everything of %s to be delivered" % side,
             lambda: not undelivered(world, side), 30, 0.1)


def set_floor(world, percent):
    path = world.at("relay", "relay.conf")
    with open(path) as f:
        text = re.sub(r"disk-floor = .*\n", "", f.read())
    with open(path, "w") as f:
        f.write(text + "disk-floor = %d\n" % percent)


def floor(world, case):
    """Under the floor: receipts pass, runs wait, nothing is refused for
    good."""
    world.stop("b")
    send_status(world, "a", case, "in time")
    wait_for("it to be submitted", lambda: all(
        "submitted" in m["evidence"] for m in undelivered(world, "a")))
    world.stop("relay")
    set_floor(world, 100)
    world.start("relay")
    check(world.api("relay").get("/status")["disk_low"], "status: no disk_low")
    send_status(world, "a", case, "too late")
    world.start("b")
    wait_for("the receipt to pass", lambda: [
        m["body"].get("measures") for m in undelivered(world, "a")] ==
        ["too late"])
    left, = undelivered(world, "a")
    check("submitted" not in left["evidence"] and
          "refused" not in left["evidence"], "it was taken: %s" % left)
    world.stop("relay")
    set_floor(world, 5)
    world.start("relay")
    delivered(world, "a")
    check(texts(world, "b", case) == ["in time", "too late"], "B's texts")


def fill(world, name, case, said):
    """Write until name ends by itself; its exit code."""
    api = world.api("a")
    for i in range(4000):
        if world.procs[name].poll() is not None:
            break
        text = "filling %s %d %s" % (name, i, "x" * 1500)
        try:
            head = api.get("/v1/cases/" + case)["head"]
            status, _ = api.call("POST", "/v1/cases/%s/status" % case,
                                 status_body(head, text))
        except (Gone, Failed):
            continue
        if status == 201:
            said.append(text)
    check(world.procs[name].poll() is not None, "%s never filled up" % name)
    return world.procs.pop(name).returncode


def full(world, name, case, said):
    """name's files may grow by 200 KiB: exit 74, and all is there after."""
    before = len(said)
    world.stop(name)
    world.wrap[name] = FULL + [str(blocks_of(world, name) + 400)]
    world.start(name)
    code = fill(world, name, case, said)
    check(code == 74, "%s on a full disk ends with %d:\n%s" % (
        name, code, world.diag(name)))
    if name == "relay":
        world.tool("casewire-relay", "--home", world.at("relay"), "check",
                   "--full")
    del world.wrap[name]
    world.start(name)
    delivered(world, "a")
    got = [t for t in texts(world, "b", case) if t.startswith("filling")]
    check([t for t in got if t in set(said)] == said and
          len(set(got)) == len(got), "lost, twice or out of order: %d of %d" %
          (len(got), len(said)))
    say("     %s: 74 after %d writes" % (name, len(said) - before))


def blocks_of(world, name):
    """Blocks of the largest file in name's home."""
    return max(os.path.getsize(world.at(name, f)) for f in
               os.listdir(world.at(name)) if f.startswith(("store", "book"))
               ) // 512


def disk_full(world):
    world.make()
    world.start("relay", "a", "b")
    case = open_accepted(world, "b", "a", "asked-by-b")
    floor(world, case)
    said = []
    full(world, "relay", case, said)
    full(world, "a", case, said)
    world.check_running()


scene("80-disk-full", disk_full)
