"""timeline: trees, joins and what cosignatures bound (EVIDENCE.md 1 and 3)."""

from hashlib import sha256

from . import keys, note
from .base import Reader, check_consistent, consistency_ends
from .err import Refused


def decode_join(rec):
    """(log, first, second, path); Refused where it is no join."""
    r = Reader(rec)
    log, first, second = r.take(32), r.u64(), r.u64()
    path = [r.take(32) for _ in range(r.u8())]
    if r.left() or first >= second or len(path) > 63:
        raise Refused("encoding")
    return log, first, second, path


NO_DATE = 253402300800		# seconds: 10000-01-01


class Timeline:
    def __init__(self):
        self.joined = {}		# tree -> [(tree, shared leaves)]
        self.marks = []			# (witness key, quoted, tree, ms)

    def tree(self, tree):
        self.joined.setdefault(tree, [])

    def join(self, rec):
        """The finding, or None."""
        log, first, second, path = decode_join(rec)
        ends = [sorted(t for t in self.joined if t[:2] == (log, size))
                for size in (first, second)]
        if not all(ends):
            return "join-stray"
        a, b = ends[0][0], ends[1][0]
        try:
            check_consistent(first, a[2], second, b[2], path)
        except Refused:
            return self.why_not(a, b, path)
        self.joined[a].append((b, first))
        self.joined[b].append((a, first))
        return None

    def why_not(self, a, b, path):
        """Does the path show b's tree with another beginning than a?"""
        try:
            first, second = consistency_ends(a[1], a[2], b[1], path)
        except Refused:
            return "join-wrong"
        return "log-split" if second == b[2] and first != a[2] \
            else "join-wrong"

    def holders(self, tree, index):
        """All trees known to hold the same leaf there as this one."""
        found, todo = {tree}, [tree]
        while todo:
            for other, shared in self.joined[todo.pop()]:
                if shared > index and other not in found:
                    found.add(other)
                    todo.append(other)
        return found

    def cosignatures(self, data, tree, origin, witnesses):
        """Findings; witnesses: {(key, name)} of all charters."""
        found, had = set(), set()
        text, _, _, _, sigs = note.parse(data)
        by_line = {(name, note.key_id(name, 4, pk)): pk
                   for pk, name in witnesses}
        for name, kid, sig in sigs:
            if name == origin or (name, kid) in had:
                continue
            had.add((name, kid))
            pk = by_line.get((name, kid))
            if pk is None:
                found.add("cosignature-foreign")
                continue
            if len(sig) != 72:
                continue
            t = int.from_bytes(sig[:8], "big")
            if not 0 < t < NO_DATE:
                found.add("cosignature-wrong")
                continue
            try:
                keys.verify(pk, note.cosig_message(text, t), sig[8:])
            except Refused:
                found.add("cosignature-wrong")
                continue
            self.marks.append((pk, sha256(sig).digest(), tree, t * 1000))
        return found

    def after(self, witnesses, seen):
        """ms, or None; Refused where it stands on another tree."""
        tree = seen[:32], int.from_bytes(seen[32:40], "big"), seen[40:72]
        mine = {pk for pk, _ in witnesses}
        for pk, quoted, on, at in self.marks:
            if quoted == seen[72:104] and pk in mine:
                if on != tree:
                    raise Refused("log_split")
                return at
        return None

    def before(self, charter, places):
        """places: {(log, index, tree)}; ms, or None."""
        times = []
        for _, index, tree in places:
            holders, firsts = self.holders(tree, index), {}
            for pk, _, on, at in self.marks:
                if on in holders:
                    firsts[pk] = min(at, firsts.get(pk, at))
            mine = sorted(firsts[pk] for pk, _ in charter["witness"]
                          if pk in firsts)
            quorum = max(1, charter["quorum"])
            if len(mine) >= quorum:
                times.append(mine[quorum - 1])
        return min(times, default=None)
