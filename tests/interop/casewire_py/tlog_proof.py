"""tlog_proof: a C2SP tlog-proof@v1, from the text of c2sp.org alone."""

import base64
import re

from . import note
from .base import check_included, leaf_hash
from .err import need


def b64(text, length=None):
    """Standard base64 in its one form."""
    need(re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) and len(text) % 4 == 0,
         "syntax")
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text, "syntax")
    need(length is None or len(data) == length, "syntax")
    return data


def parse(data):
    """(extra or None, index, hashes, checkpoint note)"""
    head, sep, checkpoint = data.partition(b"\n\n")
    need(sep and checkpoint, "truncated")
    lines = head.decode("utf-8").split("\n")
    need(lines.pop(0) == "c2sp.org/tlog-proof@v1", "magic")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = b64(lines.pop(0)[6:])
    need(lines and re.fullmatch(r"index (0|[1-9][0-9]*)", lines[0]), "syntax")
    index = int(lines.pop(0)[6:])
    return extra, index, [b64(line, 32) for line in lines], checkpoint


def vkey(text):
    """(name, Ed25519 key) of a signed-note verifier key."""
    name, kid, key = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+(.+)",
                                  text).groups()
    raw = b64(key)
    need(len(raw) == 33 and raw[0] == 1, "syntax")
    need(note.key_id(name, 1, raw[1:]).hex() == kid, "key_foreign")
    return name, raw[1:]


def verify(data, origin, log_pk):
    """(index, size, entry): the entry stands there, or Refused.  Our leaves
    are made of the extra data (EVIDENCE.md)."""
    extra, index, path, checkpoint = parse(data)
    need(extra, "incomplete")
    size, root, _ = note.verify(checkpoint, origin, log_pk)
    need(index < size, "proof")
    check_included(leaf_hash(extra), index, size, path, root)
    return index, size, extra
