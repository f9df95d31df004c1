"""tiles: a log read over HTTP in the C2SP tlog-tiles layout (section 8,
13.9), from the layout's own text: nothing here knows the relay."""

import base64
import http.client
import re
from urllib.parse import urlsplit

from . import note
from .base import check_consistent, leaf_hash, merkle_root
from .err import need


def path(level, index, width=256):
    groups = []
    while True:
        groups.insert(0, "%03d" % (index % 1000))
        index //= 1000
        if not index:
            break
    groups = ["x" + g for g in groups[:-1]] + groups[-1:]
    tail = "" if width == 256 else ".p/%d" % width
    return "tile/%d/%s%s" % (level, "/".join(groups), tail)


def entries(data, width):
    """The entries of a tile of entries; None for one that is withheld."""
    out = []
    for _ in range(width):
        need(len(data) >= 2, "truncated")
        length = int.from_bytes(data[:2], "big")
        need(length <= 8192, "too_big")
        need(len(data) >= 2 + length, "truncated")
        out.append(data[2:2 + length] or None)
        data = data[2 + length:]
    need(not data, "trailing")
    return out


def names(size):
    """(level, index, width) of every tile of a tree."""
    level = 0
    while size >> (8 * level):
        count = size >> (8 * level)
        for index in range((count + 255) // 256):
            yield level, index, min(256, count - 256 * index)
        level += 1


class Http:
    def __init__(self, url):
        u = urlsplit(url)
        self.host, self.port = u.hostname, u.port

    def get(self, what, method="GET", body=None, token=None):
        """(status, headers, body); token: a pass (bytes)."""
        head = {"Authorization": "Bearer " + token.hex()} if token else {}
        c = http.client.HTTPConnection(self.host, self.port, timeout=10)
        c.request(method, "/" + what, body=body, headers=head)
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, dict(r.getheaders()), body

    def bring(self, note_bytes):
        """A witness's note (13.10): (status, body)."""
        status, head, body = self.get("add-cosignature", "POST", note_bytes)
        if status == 409:
            need(head["Content-Type"] == "text/x.tlog.size", "syntax")
            body = int(body.decode().rstrip("\n"))
        return status, body

    def ok(self, what):
        status, _, body = self.get(what)
        need(status == 200, "notfound", "%s: %d" % (what, status))
        return body


def read_entries(http, leaves, token):
    """Every entry of the log the pass shows, held against its leaf."""
    out = []
    for index in range((len(leaves) + 255) // 256):
        width = min(256, len(leaves) - 256 * index)
        what = path(0, index, width).replace("tile/0/", "tile/entries/")
        status, head, body = http.get(what, token=token)
        need(status == 200, "notfound", "%s: %d" % (what, status))
        need(head["Cache-Control"] == "private, no-store", "fail")
        out.extend(entries(body, width))
    for entry, leaf in zip(out, leaves):
        need(entry is None or leaf_hash(entry) == leaf, "proof")
    return out


def row(http, level, index, width):
    data = http.ok(path(level, index, width))
    need(len(data) == 32 * width, "path_length", path(level, index, width))
    return [data[i:i + 32] for i in range(0, len(data), 32)]


def read_log(http, origin, log_pk):
    """(size, root, leaf hashes) of the log, every tile of it checked."""
    size, root, _ = note.verify(http.ok("checkpoint"), origin, log_pk)
    levels = {}
    for level, index, width in names(size):
        levels.setdefault(level, []).extend(row(http, level, index, width))
    leaves = levels.get(0, [])
    need(len(leaves) == size, "count")
    need(merkle_root(leaves) == root, "root")
    for level in range(1, len(levels)):
        below = levels[level - 1]
        want = [merkle_root(below[i:i + 256])
                for i in range(0, len(below) // 256 * 256, 256)]
        need(levels[level] == want, "root", "level %d" % level)
    return size, root, leaves


def check_split(path_text, held, shown, origin, log_pk):
    """Is an alarm's folder a proof?  Two notes by the log's key and a path
    from another root at the first size to the second's root."""
    a = note.verify(held, origin, log_pk)[:2]
    b = note.verify(shown, origin, log_pk)[:2]
    (n1, r1), (n2, r2) = sorted((a, b))
    if n1 == n2:
        need(r1 != r2 and path_text is None, "proof")
        return
    m = re.fullmatch(r"casewire/1 split\norigin (\S+)\nfirst (\d+)\n"
                     r"second (\d+)\nsigned-first (\S+)\n"
                     r"signed-second (\S+)\nshown-first (\S+)\n"
                     r"((?:path \S+\n)*)", path_text)
    need(m, "syntax")
    f = [base64.b64decode(x) for x in m.group(4, 5, 6)]
    need(m.group(1) == origin and (int(m.group(2)), int(m.group(3))) ==
         (n1, n2) and f[:2] == [r1, r2] and f[2] != r1, "proof")
    hashes = [base64.b64decode(x[5:]) for x in m.group(7).splitlines()]
    check_consistent(n1, f[2], n2, r2, hashes)
