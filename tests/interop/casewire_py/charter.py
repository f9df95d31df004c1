"""charter: the text both roots sign, its id and words (section 2, 13.3)."""

import calendar
import re
import time

from nacl import bindings as nb

from . import keys
from .base import H, label
from .content import BUCKETS
from .err import Refused, need

HEX = r"[0-9a-f]{64}"
NUM = r"(?:0|[1-9][0-9]{0,9})"
T = r"(?:-|[1-9][0-9]{0,9})"
SECONDS = r"[1-9][0-9]{0,9}"
WORD = r"[a-z][a-z0-9_]{0,30}"
HOST = r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\])"
ENDPOINT = r"tcp://%s:[1-9][0-9]{0,4}" % HOST
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

# (keyword, pattern of what follows, least, most), in order of appearance
GRAMMAR = [
    ("casewire/1", r"charter", 1, 1),
    ("number", "(%s)" % NUM, 1, 1),
    ("pair", "(-|%s)" % HEX, 1, 1),
    ("replaces", "(-|%s)" % HEX, 1, 1),
    ("a", "(%s) (.+)" % HEX, 1, 1),
    ("b", "(%s) (.+)" % HEX, 1, 1),
    ("suite", "(%s)" % NUM, 1, 8),
    ("copies", "(%s)" % NUM, 1, 1),
    ("relay", r"(%s) ([A-Za-z0-9._-]{1,64}) (%s)" %
     (HEX, ENDPOINT), 1, 8),
    ("witness", r"(%s) ([A-Za-z0-9._/-]{1,64})" % HEX, 0, 8),
    ("quorum", "(%s)" % NUM, 1, 1),
    ("heartbeat", "(%s)" % NUM, 1, 1),
    ("keep", "(%s)" % NUM, 1, 1),
    ("size", "(%s)" % NUM, 1, 1),
    ("from", "(%s)" % TIME, 1, 1),
    ("until", "(%s)" % TIME, 1, 1),
    ("clock", r"(%s) (%s) (%s) (%s)" % (WORD, T, T, T), 0, 256),
    ("tier", r"([123])((?: %s){6})" % SECONDS, 0, 3),
    ("sign", r"(%s) ([12]) ([12]) ([12])" % WORD, 0, 256),
]


def ok(cond, why):
    need(cond, "charter", why)


def parse_time(text):
    try:
        t = time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise Refused("charter", text) from None
    ok(t.tm_sec < 60 and text[:4] >= "1970", text)
    return calendar.timegm(t) * 1000


def check_duration(t):
    ok(t == "-" or int(t) <= 2 ** 32 - 1, t)


def lines_of(data):
    need(len(data) <= 65536, "too_big")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("charter", "not UTF-8") from None
    first, lf, _ = text.partition("\n")
    need(not lf or first == "casewire/1 charter" or
         not first.startswith("casewire/"), "version")
    ok(text.endswith("\n"), "last line does not end")
    ok(not any(ord(c) < 32 and c != "\n" or ord(c) == 127 for c in text),
       "control character")
    lines = text[:-1].split("\n")
    for l in lines:
        ok(l and l[0] != " " and l[-1] != " " and "  " not in l, "spaces")
    return lines


def parse(data):
    lines, at, got = lines_of(data), 0, {}
    for word, pattern, least, most in GRAMMAR:
        got[word] = []
        while at < len(lines) and lines[at].split(" ")[0] == word:
            ok(len(got[word]) < most, word + " repeated")
            m = re.fullmatch(pattern, lines[at][len(word) + 1:])
            ok(m, lines[at])
            got[word].append(m.groups())
            at += 1
        ok(len(got[word]) >= least, word + " missing")
    ok(at == len(lines), "unknown or misplaced line")
    return check(got)


def one(got, word):
    return got[word][0][0]


def distinct(items):
    return len(set(items)) == len(items)


def check(got):
    c = {w: int(one(got, w)) for w in
         ("number", "copies", "quorum", "heartbeat", "keep", "size")}
    c["pair"], c["replaces"] = one(got, "pair"), one(got, "replaces")
    ok(c["number"] <= 65535, "number")
    for w in ("pair", "replaces"):
        ok((c[w] == "-") == (c["number"] == 0), w)
    for side in "ab":
        root, name = got[side][0]
        ok(len(name.encode()) <= 64, "name too long")
        c[side] = (bytes.fromhex(root), name)
    a, b = c["a"][0], c["b"][0]
    ok(a != b and (a < b or c["number"] > 0), "order of a and b")
    c["suite"] = [int(s[0]) for s in got["suite"]]
    ok(all(1 <= s <= 255 for s in c["suite"]) and
       all(x < y for x, y in zip(c["suite"], c["suite"][1:])), "suite")
    c["relay"] = [(bytes.fromhex(r), n, e) for r, n, e in
                  got["relay"]]
    for _, _, e in c["relay"]:
        ok(len(e) <= 255 and int(e.rsplit(":", 1)[1]) <= 65535, "endpoint")
    ok(distinct([r[1] for r in c["relay"]]) and
       distinct([r[0] for r in c["relay"]] + [a, b]), "relay twice")
    c["witness"] = [(bytes.fromhex(k), n) for k, n in got["witness"]]
    ok(distinct([w[0] for w in c["witness"]]) and
       distinct([w[1] for w in c["witness"]]), "witness twice")
    ok(1 <= c["copies"] <= len(c["relay"]), "copies")
    ok(c["quorum"] <= len(c["witness"]), "quorum")
    ok(1 <= c["heartbeat"] <= 86400, "heartbeat")
    ok(1 <= c["keep"] <= 3650, "keep")
    ok(c["size"] in BUCKETS, "size")
    c["from_ms"] = parse_time(one(got, "from"))
    c["until_ms"] = parse_time(one(got, "until"))
    ok(c["from_ms"] < c["until_ms"], "from before until")
    check_profile(c, got)
    for pk in [a, b] + [r[0] for r in c["relay"]] + [w[0] for w in
                                                     c["witness"]]:
        keys.check_ed25519(pk)
    return c


def check_profile(c, got):
    ok(sum(len(got[w]) for w in ("clock", "tier", "sign")) <= 256, "rules")
    ok(distinct([r[0] for r in got["clock"]]), "clock twice")
    ok(distinct([r[0] for r in got["sign"]]), "sign twice")
    tiers = [r[0] for r in got["tier"]]
    ok(tiers == sorted(set(tiers)), "tier order")
    for r in got["clock"]:
        for t in r[1:]:
            check_duration(t)
    for r in got["tier"]:
        for t in r[1].split():
            check_duration(t)
    c["clock"] = {r[0]: r[1:] for r in got["clock"]}
    c["tier"] = {int(r[0]): r[1].split() for r in got["tier"]}
    c["sign"] = {r[0]: tuple(map(int, r[1:])) for r in got["sign"]}


def charter_id(data):
    return H(label("charter"), data)


def sig_message(cid):
    return label("charter-sig") + cid


def words(cid):
    """Twelve indices into a list of 2,048 words."""
    w = nb.crypto_pwhash_alg(17, cid, H(label("charter-words"))[:16], 3,
                             256 << 20, nb.crypto_pwhash_ALG_ARGON2ID13)
    bits = int.from_bytes(w, "big")
    return [(bits >> (17 * 8 - 11 * (i + 1))) & 2047 for i in range(12)]


def qr_text(cid):
    return "casewire:1:charter:" + cid.hex()


def day(ms):
    return ms // 86400000
