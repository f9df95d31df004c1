"""Calendars and due times, from cases/DIALOGUE.md "Calendars" alone.

Dates are datetime.date; no time zone data is read.  A side is a dict as in
examples/calendar.*.json.  Slow and plain: ends of days are found by trying
every instant at which one could end.
"""

import datetime

EPOCH = datetime.date(1970, 1, 1)
DAY_MS = 86400 * 1000
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def instant(text):
    """RFC 3339 in UTC, whole seconds, as ms."""
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return int((at - datetime.datetime(1970, 1, 1)).total_seconds()) * 1000


class Side:
    def __init__(self, doc):
        self.doc = doc
        self.offsets = [(instant(o["from"]), o["minutes"] * 60000)
                        for o in doc["offsets"]]
        self.week = {WEEK.index(d) for d in doc["working_days"]}
        self.off, self.on = set(), set()
        self.years = [y["year"] for y in doc["years"]]
        for y in doc["years"]:
            for name, days in (("off", self.off), ("on", self.on)):
                for d in y[name]:
                    month, day = d.split("-")
                    days.add(datetime.date(y["year"], int(month), int(day)))

    def shown(self, at):
        """The date on the wall, as days since 1970-01-01."""
        return (at + [ms for start, ms in self.offsets if start <= at][-1]) \
            // DAY_MS

    def over(self, day, at):
        """From at on no wall shows day or an earlier one."""
        return self.shown(at) > day and all(
            self.shown(start) > day for start, _ in self.offsets if start > at)

    def end(self, day):
        maybe = [start for start, _ in self.offsets]
        maybe += [(day + 1) * DAY_MS - ms for _, ms in self.offsets]
        return min(at for at in maybe if at >= 0 and self.over(day, at))

    def day(self, at):
        day = self.shown(at) - 2
        while self.over(day, at):
            day += 1
        return day

    def works(self, day):
        date = EPOCH + datetime.timedelta(days=day)
        if date.year not in self.years:
            return True
        if date in self.off:
            return False
        return date.weekday() in self.week or date in self.on

    def due(self, start, seconds, days):
        if not days:
            return start + seconds * 1000
        day = self.day(start) + seconds // 86400
        while not self.works(day):
            day += 1
        return self.end(day)

    def working_days(self, start, until):
        if until <= start:
            return 0
        return sum(self.works(day) for day in
                   range(self.day(start) + 1, self.day(until - 1) + 1))

    def listed(self, at):
        if not self.years:
            return 0
        last = (datetime.date(self.years[-1], 12, 31) - EPOCH).days
        return max(0, last - self.day(at))


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """One protobuf field; zero and empty are left out, as proto3 does."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def zigzag(n):
    return 2 * n if n >= 0 else -2 * n - 1


def packed(number, values):
    data = b"".join(varint(v) for v in values)
    return field(number, data) if data else b""


def encode_side(doc):
    out = field(1, doc["city"])
    for o in doc["offsets"]:
        out += field(2, field(1, instant(o["from"])) +
                     field(2, zigzag(o["minutes"])))
    out += field(3, sum(1 << WEEK.index(d) for d in doc["working_days"]))
    for y in doc["years"]:
        out += field(4, field(1, y["year"]) + b"".join(
            packed(n, [int(d.replace("-", "")) for d in y[name]])
            for n, name in ((2, "off"), (3, "on"))))
    return out + b"".join(field(5, t) for t in doc["tiers"])


def encode(number, a, b):
    """The body of a PROFILE (proto/schema/content.proto)."""
    return field(1, number) + field(2, encode_side(a)) + \
        field(2, encode_side(b))
