"""opencase: one open case under a heartbeat's root (PROTOCOL.md 6, 13.4),
and what an auditor checks of it (EVIDENCE.md 3.10)."""

from . import content
from .base import Reader, root_from, u32
from .err import Refused, need


def encode(case_id, own, peer, index, path):
    return case_id + own + peer + u32(index) + b"".join(path)


def decode(data):
    """(case_id, head of the signer, head of the other, index, path)."""
    r = Reader(data)
    out = [r.take(16), r.take(32), r.take(32), r.u32()]
    need(r.left() % 32 == 0 and r.left() // 32 <= 63, "path_length")
    return (*out, [r.take(32) for _ in range(r.left() // 32)])


def check(opening, direction, link):
    """Does it lead to the root of link, sent in that direction?"""
    case_id, own, peer, index, path = opening
    need(index < link["open_cases"], "count")
    leaf = content.open_case_leaf(
        case_id, *((own, peer) if direction == 0 else (peer, own)))
    need(root_from(leaf, index, link["open_cases"], path) == link["root"],
         "root")


# Judging ---------------------------------------------------------------------

HEARTBEAT = 36			# its type in the outline


def varint(r):
    v = shift = 0
    while True:
        b = r.u8()
        v |= (b & 127) << shift
        shift += 7
        if b < 128:
            return v


def protobuf(value):
    """(field number, value) of each part of a message, in order."""
    r = Reader(value)
    while r.left():
        key = varint(r)
        wire = key & 7
        if wire == 0:
            yield key >> 3, varint(r)
        elif wire == 2:
            yield key >> 3, r.take(varint(r))
        else:
            yield key >> 3, r.take({1: 8, 5: 4}[wire])


def outline(value):
    """{field number: last value} of a message; None: it does not parse."""
    try:
        return dict(protobuf(value))
    except (Refused, KeyError):
        return None


def repeated(value, number):
    return [v for n, v in protobuf(value) if n == number]


class Shown:
    """What the openings of kinds 1 and 2 showed: env_id -> {tag: value}."""

    def __init__(self):
        self.fields = {}

    def add(self, env_id, fields):
        self.fields.setdefault(env_id, {}).update(fields)

    def outline(self, env_id):
        value = self.fields.get(env_id, {}).get(1)
        return outline(value) if value is not None else None

    def link(self, env_id):
        o = self.outline(env_id)
        value = self.fields.get(env_id, {}).get(4)
        if o is None or o.get(TYPE) != HEARTBEAT or value is None:
            return None
        try:
            return content.decode_link(value)
        except Refused:
            return None


CASE_ID, TYPE = 1, 2		# of schema/content.proto, Outline


def judge(say, openings, shown, where):
    """openings: [(env_id, bytes)] in the bundle's order; where: env_id ->
    (direction, lane, seq) of the messages that count."""
    links = {}
    for env_id in where:
        link = shown.link(env_id)
        if link is not None:
            links[env_id] = link
    before = None
    for env_id, data in openings:
        if env_id not in where:
            say("opening-stray")
            continue
        direction = where[env_id][0]
        try:
            o = decode(data)
        except Refused:
            say("open-case-form")
            continue
        if env_id not in links:
            say("open-case-unlinked")
            continue
        try:
            check(o, direction, links[env_id])
        except Refused as e:
            if any(leads(o, where[x][0], l) for x, l in links.items()):
                say("open-case-elsewhere")
            else:
                say({"count": "open-case-range",
                     "path_length": "open-case-form"}.get(
                         e.name, "open-case-wrong"))
            continue
        if before and before[0] == env_id and before[1] >= o[3]:
            say("open-case-order")
        before = env_id, o[3]
        for head, side, name in ((o[1], direction, "own"),
                                 (o[2], 1 - direction, "peer")):
            if not fits(head, side, name, links[env_id], o[0], shown, where):
                say("open-case-contradicts")


def leads(o, direction, link):
    try:
        check(o, direction, link)
        return True
    except Refused:
        return False


def fits(head, side, name, link, case_id, shown, where):
    """A head that is here is that side's, of that case, within the heads."""
    if head not in where:
        return True
    d, lane, seq = where[head]
    o = shown.outline(head)
    return (d == side and lane < 2 and
            seq <= link["%s_seq_%d" % (name, lane)] and
            (o is None or o.get(CASE_ID, bytes(16)) == case_id))
