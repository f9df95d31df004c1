"""openset: which cases a heartbeat's heads leave open (PROTOCOL.md section
6), folded by the table of cases/DIALOGUE.md as that page prints it.

Requests and what answers them; cases of items are never open.
"""

import os
import re

from . import content, opencase
from .base import H, merkle_root
from .err import need

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "..", "..", "..", "cases", "DIALOGUE.md")
TYPES = {1: "REQUEST", 2: "ACK", 3: "CLARIFY", 4: "CLARIFIED", 5: "DECISION",
         6: "STATUS", 7: "STATUS_QUERY", 8: "DELAY", 9: "RESULT",
         10: "FEEDBACK", 15: "WITHDRAW", 16: "CLOSE", 17: "REOPEN",
         35: "REJECT"}
OUTCOMES = {1: "accepted", 2: "partly", 3: "postponed", 4: "refused",
            10: "partial", 11: "final", 12: "nil"}
OPEN = {"HANDED_OVER", "ACKED", "ACCEPTED", "PARTLY", "POSTPONED", "REFUSED",
        "IN_PROGRESS", "PARTIAL", "CLARIFYING"}
OUTLINE_ANSWERS, SEEN = 3, (4, 5)	# of message Outline
ITEM_GUARDS = {"item", "mine", "own"}


def table():
    rows = []
    for line in open(PAGE, encoding="utf-8"):
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if len(cells) == 5 and re.fullmatch(r"[A-Z_ ]+", cells[0]):
            rows.append((cells[0].split(), *cells[1:3],
                         set(cells[3].split()), cells[4]))
    need(len(rows) > 30, "count")
    return rows


ROWS = table()


class Message:
    def __init__(self, env_id, direction, lane, seq, fields):
        self.env_id, self.lane, self.seq = env_id, lane, seq
        self.direction = direction
        self.names = {env_id} | ({fields[6]} if 6 in fields else set())
        o = opencase.outline(fields[1])
        self.case = o.get(1, bytes(16))
        self.type = TYPES.get(o.get(2), "?")
        self.outcome = OUTCOMES.get(o.get(8))
        self.seen = [o[s] for s in SEEN if s in o]
        self.body = fields.get(2, b"")

    def listed(self):
        """How many questions or answers: fields 1 of the body."""
        return self.body and len(opencase.repeated(self.body, 1))

    def explained(self):
        return bool(opencase.outline(self.body).get(2))


class Case:
    def __init__(self):
        self.state, self.back, self.questions = "DRAFT", None, 0

    def holds(self, m, guards):
        return (not guards & ITEM_GUARDS and
                ("revision" not in guards or m.explained()) and
                ("answers" not in guards or m.listed() == self.questions) and
                ("back" not in guards or
                 any(self.back in r[0] and r[1:3] == self.row(m)
                     for r in ROWS)))

    def row(self, m):
        return m.type + (" " + m.outcome if m.outcome else ""), m.by

    def step(self, event, by, m=None):
        for states, name, who, guards, to in ROWS:
            if name == event and who in (by, "either") and (
                    self.state in states or "THERE" in states and
                    self.state != "DRAFT") and (
                        m is None or self.holds(m, guards)):
                if to == "CLARIFYING":
                    self.back, self.questions = self.state, m.listed()
                self.state = {"STAY": self.state, "BACK": self.back}.get(
                    to, to)
                return

    def apply(self, m, asker_seen):
        if m.by == "asked" and asker_seen:
            self.arrived()
        before = self.state
        self.step(*self.row(m), m)
        if before == "DRAFT" and self.state == "RELEASED" and m.opened:
            self.arrived()

    def arrived(self):
        self.step("submitted", "relay")
        self.step("delivered", "agent")


def order(ms):
    """DIALOGUE.md, The fold: 1 and 2."""
    known = {n: m for m in ms for n in m.names}
    left = sorted(ms, key=lambda m: (m.lane, m.seq))
    placed, out = set(), []
    while left:
        firsts = {}
        for m in left:
            firsts.setdefault((m.direction, m.lane), m)
        ready = [m for m in firsts.values() if all(
            known[s].env_id in placed for s in m.seen
            if s in known and known[s] is not m)] or list(firsts.values())
        m = min(ready, key=lambda m: (m.by != "asked", m.env_id))
        left.remove(m)
        placed.add(m.env_id)
        out.append(m)
    return out, known


def open_set(messages, link, direction):
    """[(case_id, newest of a, newest of b)] for the signer of link."""
    cases = {}
    for m in messages:
        side = "own" if m.direction == direction else "peer"
        if m.lane < 2 and m.case != bytes(16) and \
                m.seq <= link["%s_seq_%d" % (side, m.lane)]:
            cases.setdefault(m.case, []).append(m)
    out = []
    for case_id, ms in sorted(cases.items()):
        asker = min((m for m in ms if m.type == "REQUEST"),
                    key=lambda m: m.seq, default=ms[0]).direction
        for m in ms:
            m.by = "asker" if m.direction == asker else "asked"
            m.opened = m.direction != direction
        case, heads = Case(), [bytes(32), bytes(32)]
        ordered, known = order(ms)
        for m in ordered:
            case.apply(m, any(s in known and known[s].by == "asker"
                              for s in m.seen))
            heads[m.direction] = m.env_id
        if case.state in OPEN:
            out.append((case_id, *heads))
    return out


def root_of(messages, link, direction):
    leaves = [content.open_case_leaf(*c)
              for c in open_set(messages, link, direction)]
    return len(leaves), merkle_root(leaves) if leaves else H(b"")
