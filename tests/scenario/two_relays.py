"""Scenario 90: two relays, of which the first is of no use."""

import os
import signal

from setting import scene

from world import (check, open_accepted, send_status, texts, undelivered,
                   wait_for)

BEAT = 2                        # seconds; rows go further after that


def delivered(world, side, seconds=30):
    wait_for("everything of %s to be delivered" % side,
             lambda: not undelivered(world, side), seconds, 0.1)


def exchange(world, case_a, case_b, tag, said):
    """Both sides say something; both hear it, once."""
    send_status(world, "a", case_a, "a " + tag)
    send_status(world, "b", case_b, "b " + tag)
    said.append(tag)
    for side in "ab":
        delivered(world, side)
    check(texts(world, "b", case_a) == ["a " + t for t in said],
          "B has %s" % texts(world, "b", case_a))
    check(texts(world, "a", case_b) == ["b " + t for t in said],
          "A has %s" % texts(world, "a", case_b))


def two_relays(world):
    world.make()
    world.start("relay2", "a", "b")     # the first is dead
    said = []
    case_a = open_accepted(world, "b", "a", "asked-by-b")
    case_b = open_accepted(world, "a", "b", "asked-by-a")
    exchange(world, case_a, case_b, "first dead", said)
    world.start("relay")
    exchange(world, case_a, case_b, "both there", said)
    os.kill(world.procs["relay"].pid, signal.SIGSTOP)
    exchange(world, case_a, case_b, "first silent", said)
    os.kill(world.procs["relay"].pid, signal.SIGCONT)
    exchange(world, case_a, case_b, "first back", said)
    world.kill("relay2")
    exchange(world, case_a, case_b, "second dead", said)
    world.kill("relay")
    world.start("relay2")
    exchange(world, case_a, case_b, "first dead again", said)
    for side in "ab":
        items = world.api(side).get("/v1/inbox")["items"]
        check(len({i["id"] for i in items}) == len(items), "told twice")


scene("90-two-relays", two_relays, relays=2,
      env={"WORLD_HEARTBEAT": str(BEAT)})
