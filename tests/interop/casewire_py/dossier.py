"""dossier: the text of PROTOCOL.md section 16, read strictly."""

import hashlib
import re

from .err import need

HEX = "[0-9a-f]{%d}"
TIME = (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
        r"(\.(?!000)[0-9]{3})?Z")
N = "(0|[1-9][0-9]*)"
COUNT = re.compile("count ([ab]) ([a-z_0-9]+) ([a-z_0-9]+) ([1-9][0-9]*)")


def read(text):
    """(digest, {(party, group, word): [env_id]}, time lines, open lines)"""
    lines = text.decode("ascii").split("\n")
    need(lines.pop(0) == "casewire/1 dossier", "version")
    need(len(lines) >= 6 and lines.pop() == "" and lines.pop() == "end",
         "syntax")
    need(re.fullmatch("pair " + HEX % 64, lines.pop(0)), "syntax")
    for word in ("from ", "until ", "as_of "):
        need(re.fullmatch(word + TIME, lines.pop(0)), "syntax")
    counters, times, opens = {}, [], []
    while lines:
        m = COUNT.fullmatch(lines[0])
        if m is None:
            break
        n = int(m[4])
        ids = lines[1:n + 1]
        need(len(ids) == n and all(re.fullmatch(HEX % 64, i) for i in ids),
             "syntax")
        need(ids == sorted(set(ids)), "encoding")
        need(m.group(1, 2, 3) not in counters, "encoding")
        counters[m.group(1, 2, 3)] = ids
        del lines[:n + 1]
    while lines and lines[0].startswith("time "):
        times.append(lines.pop(0))
        need(re.fullmatch("time [ab] (ack|decision|result) [1-9][0-9]*"
                          + 4 * (" (-|%s)" % N), times[-1]), "syntax")
    need(times == sorted(times), "encoding")
    while lines and lines[0].startswith("open "):
        opens.append(lines.pop(0))
        need(re.fullmatch("open [ab] %s %s u[012] [A-Z_]+ [a-z_]+ %s"
                          % (HEX % 32, HEX % 64, TIME), opens[-1]), "syntax")
    need(opens == sorted(opens), "encoding")
    need(not lines, "syntax")
    return hashlib.sha256(text).digest(), counters, times, opens
