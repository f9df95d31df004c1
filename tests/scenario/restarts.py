"""Scenario 70: restarts of everything, in the middle of everything."""

import threading

from setting import scene

from world import (Gone, check, open_accepted, send_status, status_body, texts,
                   undelivered, wait_for)


def delivered(world, *sides):
    for side in sides:
        wait_for("everything of %s to be delivered" % side,
                 lambda: not undelivered(world, side), 30, 0.1)


def one_by_one(world, case, said):
    """Written while something is down; it arrives when that is back."""
    def write(text):
        send_status(world, "a", case, text)
        said.append(text)

    check(world.stop("relay") == [0], "the relay's SIGTERM")
    write("while the relay is down")
    world.start("relay")
    delivered(world, "a")
    check(world.stop("b") == [0], "B's SIGTERM")
    write("while the peer is down")
    world.start("b")
    delivered(world, "a")
    world.kill("a-link")
    write("while the link is dead")
    delivered(world, "a")
    world.stop("relay")
    write("before its own restart")
    check(world.stop("a") == [0], "A's SIGTERM")
    world.start("relay", "a")
    delivered(world, "a")
    world.stop("relay", "b")
    for i in range(100):
        write("backlog %d" % i)
    world.start("b", "relay")
    delivered(world, "a")
    check(texts(world, "b", case) == said, "B has %s" % texts(
        world, "b", case))


class Writer(threading.Thread):
    """Writes until stopped; remembers what was acknowledged."""

    def __init__(self, world, case):
        super().__init__(daemon=True)
        self.world, self.case = world, case
        self.api = world.api("a")
        self.stop, self.said, self.odd = threading.Event(), [], []

    def run(self):
        n = 0
        while not self.stop.wait(0.01):
            n += 1
            text = "steady %d" % n
            try:
                head = self.api.get("/v1/cases/" + self.case)["head"]
                status, answer = self.api.call(
                    "POST", "/v1/cases/%s/status" % self.case,
                    status_body(head, text))
            except Gone:
                continue
            if status == 201:
                self.said.append(text)
            elif status != 503:
                self.odd.append((status, answer))


def under_load(world, case):
    """SIGTERM of each, again and again, while A writes."""
    writer = Writer(world, case)
    writer.start()
    for name in ("relay", "b", "a", "relay", "a", "b"):
        have = len(writer.said)
        wait_for("some writes", lambda: len(writer.said) > have + 5)
        check(world.stop(name) == [0], "SIGTERM of %s did not end in 0" % name)
        world.start(name)
    writer.stop.set()
    writer.join()
    check(not writer.odd, "odd answers: %s" % writer.odd[:3])
    delivered(world, "a", "b")
    got = [t for t in texts(world, "b", case) if t.startswith("steady")]
    check(len(got) == len(set(got)), "something came twice")
    check([t for t in got if t in set(writer.said)] == writer.said,
          "lost or out of order: %s" %
          [t for t in writer.said if t not in set(got)][:5])


def restarts(world):
    world.make()
    world.start("relay", "a", "b")
    said = []
    case = open_accepted(world, "b", "a", "asked-by-b")
    one_by_one(world, case, said)
    under_load(world, case)
    world.check_running()
    for side in "ab":
        code, told = world.doctor(side)
        check(code == 0 and not told["alarms"], "doctor: %s" % told)


scene("70-restarts", restarts)
