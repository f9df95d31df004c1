#!/usr/bin/python3
"""test_days: days, due times and working days, C against Python.

usage: test_days.py DRIVER TREE [--seed N]

Both examples and random calendars, put back and forward at any hour and over
midnight, are sent as PROFILE bodies that Python wrote; for random instants,
near every change and every year's end above all, both must give the same
answers.
"""

import datetime
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from casewire_py import days

ASKS_A_SIDE = 400
RANDOM_SIDES = 24


def text(at):
    return datetime.datetime.fromtimestamp(
        at // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def some_days(r, year, n, taken):
    out = set()
    for _ in range(n):
        d = datetime.date(year, 1, 1) + datetime.timedelta(r.randrange(365))
        name = "%02d-%02d" % (d.month, d.day)
        if name not in taken:
            out.add(name)
    return sorted(out)


def random_side(r):
    """A side that no country has; changes of offset may undo a midnight."""
    first = r.randrange(2020, 2030)
    at, offsets = 0, [{"from": text(0), "minutes": r.randrange(-840, 841)}]
    at = days.instant("%d-01-01T00:00:00Z" % first)
    for _ in range(r.randrange(12)):
        at += r.choice([3, 40, 200]) * days.DAY_MS + \
            r.randrange(24 * 60) * 60000
        step = r.choice([-840, -60, -30, 0, 60, 90, 840])
        minutes = max(-840, min(840, offsets[-1]["minutes"] + step))
        offsets.append({"from": text(at), "minutes": minutes})
        if r.random() < 0.5:    # exactly at a local midnight
            local = at + minutes * 60000
            moved = at - local % days.DAY_MS
            if moved > days.instant(offsets[-2]["from"]):
                offsets[-1]["from"] = text(moved)
                at = moved
    years = []
    for year in range(first, first + r.randrange(6)):
        off = some_days(r, year, r.randrange(40), [])
        years.append({"year": year, "off": off,
                      "on": some_days(r, year, r.randrange(20), off)})
    return {"city": "Nowhere", "tiers": ["1", "2", "3"],
            "working_days": r.sample(days.WEEK, r.randrange(1, 8)),
            "offsets": offsets, "years": years}


def instants(r, side):
    marks = [start for start, _ in side.offsets[1:]]
    marks += [days.instant("%d-01-01T00:00:00Z" % y) for y in side.years]
    marks += [days.instant("2028-02-29T00:00:00Z"),
              days.instant("2026-02-14T00:00:00Z")]
    for _ in range(ASKS_A_SIDE):
        mark = r.choice(marks)
        yield max(0, mark + r.choice([
            0, -1, 1, r.randrange(-3 * days.DAY_MS, 3 * days.DAY_MS),
            r.randrange(-400 * days.DAY_MS, 400 * days.DAY_MS)]))


def main(driver, tree, seed):
    r = random.Random(seed)
    docs = []
    for which in ("us", "cn"):
        with open(os.path.join(tree, "examples",
                               "calendar.%s.json" % which)) as f:
            docs.append(json.load(f))
    docs += [random_side(r) for _ in range(RANDOM_SIDES)]
    lines, want = [], []
    for i, doc in enumerate(docs):
        side, other = days.Side(doc), docs[i - 1]
        body = days.encode(i, *((doc, other) if i % 2 else (other, doc)))
        for at in instants(r, side):
            in_days = r.random() < 0.7
            seconds = r.choice([1, 2, 3, 5, 7, 14, 30, 60, 90]) * 86400 \
                if in_days else r.choice([5, 900, 3600, 28800, 86400])
            due = side.due(at, seconds, in_days)
            lines.append("%s %d %d %d %d" % (
                body.hex(), 0 if i % 2 else 1, at, seconds, in_days))
            want.append("%d %d %d %d" % (due, side.day(at),
                                         side.working_days(at, due),
                                         side.listed(at)))
    got = subprocess.run([driver], input="\n".join(lines) + "\n", text=True,
                         stdout=subprocess.PIPE, check=True).stdout.split("\n")
    assert len(got) == len(want) + 1, (len(got), len(want))
    for line, g, w in zip(lines, got, want):
        if g != w:
            sys.exit("days: %s\n  C      %s\n  Python %s" % (line, g, w))
    print("days: %d answers agree, seed %d" % (len(want), seed))


if __name__ == "__main__":
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) \
        if "--seed" in sys.argv else random.randrange(1 << 32)
    print("days: seed %d" % seed)
    main(sys.argv[1], sys.argv[2], seed)
