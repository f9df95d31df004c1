"""note: C2SP checkpoints and cosignatures (section 8, 13.6)."""

import base64
import binascii
import re

from . import keys
from .base import H, u64
from .err import Refused, need

DASH = "\u2014 "


def origin(relay_name, lid):
    return "%s/%s" % (relay_name, lid.hex()[:8])


def key_id(name, algorithm, pk):
    return H(name.encode(), b"\n", bytes([algorithm]), pk)[:4]


def checkpoint_text(org, size, root):
    return "%s\n%d\n%s\n" % (org, size, base64.b64encode(root).decode())


def sig_line(name, kid, sig):
    return DASH + name + " " + base64.b64encode(kid + sig).decode() + "\n"


def sign_checkpoint(org, size, root, signer):
    text = checkpoint_text(org, size, root)
    return text + "\n" + sig_line(org, key_id(org, 1, signer.pk),
                                  signer.sign(text.encode()))


def cosig_message(text, t):
    return b"cosignature/v1\ntime %d\n" % t + text.encode()


def cosign(note, name, signer, t):
    text = note.split("\n\n")[0] + "\n"
    sig = u64(t) + signer.sign(cosig_message(text, t))
    return note + sig_line(name, key_id(name, 4, signer.pk), sig), sig


def b64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("syntax", "base64") from None
    need(base64.b64encode(raw).decode() == text, "syntax", "base64")
    return raw


def parse(data):
    """(text, origin, size, root, [(name, key id, signature)])"""
    need(len(data) <= 4096, "too_big")
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("syntax") from None
    m = re.fullmatch(r"(([^ +\x00-\x1f\x7f]+)\n([0-9]+)\n([^\n]+)\n)\n(.*)", note,
                     re.S)
    need(m, "syntax")
    text, org, size, root, tail = m.groups()
    need(size == str(int(size)) and int(size) < 2 ** 64, "syntax")
    root = b64(root)
    need(len(root) == 32, "syntax")
    need(tail, "count")
    need(tail.endswith("\n"), "syntax")
    sigs = []
    for line in tail[:-1].split("\n"):
        m = re.fullmatch(DASH + r"([^ +\x00-\x1f\x7f]+) ([A-Za-z0-9+/=]+)", line)
        need(m, "syntax")
        raw = b64(m.group(2))
        need(len(raw) > 4, "syntax")
        if len(raw) in (4 + 64, 4 + 72):	# else: no algorithm we know
            sigs.append((m.group(1), raw[:4], raw[4:]))
    need(1 <= len(sigs) <= 16, "count")
    return text, org, int(size), root, sigs


def verify(data, org, log_pk, witnesses=()):
    """(size, root, {witness: 72 bytes}); witnesses: [(key, name)]"""
    text, got, size, root, sigs = parse(data)
    need(got == org, "key_foreign")
    good, cosigs = False, {}
    for name, kid, sig in sigs:
        if (name, kid) == (org, key_id(org, 1, log_pk)):
            keys.verify(log_pk, text.encode(), sig)
            good = True
        for pk, wname in witnesses:
            if (name, kid) == (wname, key_id(wname, 4, pk)):
                need(len(sig) == 72, "signature")
                t = int.from_bytes(sig[:8], "big")
                keys.verify(pk, cosig_message(text, t), sig[8:])
                cosigs[wname] = sig
    need(good, "signature")
    return size, root, cosigs
