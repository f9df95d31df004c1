"""claims: what an exporter says, unsigned, of its own keeping (EVIDENCE.md
section 6)."""

from .base import Reader
from .err import Refused


def decode_hold(data):
    r = Reader(data)
    d = {"case_id": r.take(16), "from_at": r.u64(), "until_at": r.u64(),
         "reason": r.take(r.u16()), "head_a": r.take(32),
         "head_b": r.take(32)}
    r.end()
    return d


def hold_ok(data):
    try:
        d = decode_hold(data)
        d["reason"].decode("utf-8")
    except (Refused, UnicodeDecodeError):
        return False
    return (d["from_at"] > 0 and 0 < len(d["reason"]) <= 1024 and
            (d["until_at"] == 0 or d["until_at"] >= d["from_at"]))


def well_formed(holds, shredded):
    return (all(hold_ok(h) for h in holds) and
            all(len(s) == 40 and any(s[32:]) for s in shredded))


def judge(say, shredded, here, shown):
    """here: the messages that count, by env_id; shown: opencase.Shown."""
    for s in shredded:
        fits = s[:32] in here and s[:32] not in shown.fields
        say("body-shredded" if fits else "claim-contradicts")
