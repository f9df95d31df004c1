"""scenes_witness: cosignatures, joins and the time they bound, right and not.

add(scene, Scene) hands them to test_evidence; BOUNDS says of some what time
must come out and CODES what must be found: held against both auditors.
"""

from cast import *
from casewire_py import base, charter, evidence, note, wire
from casewire_py.base import leaf_hash, u64

NAME = "witness.example/w1"
SECOND, STRANGER = signer("witness 2"), signer("stranger witness")
ORIGIN = note.origin("relay.example", LOG_ID)
AT = T0 // 1000 + 3600
BOUNDS = {}			# scene -> {(lane, first seq): (after, before)} in ms
PENDING = {"time-pending"}
CODES = {			# of scenes that are not sound: what is found
    "time_of_a_smaller_checkpoint": PENDING,
    "time_of_nothing_joined": PENDING,
    "time_of_a_fork_past_a_joined_tree": PENDING,
    "time_of_two_ends_not_joined": PENDING,
    "join_that_shows_a_fork": PENDING | {"log-split"},
    "cosignature_of_no_time": PENDING | {"cosignature-wrong"},
    "cosignature_past_all_dates": PENDING | {"cosignature-wrong"},
    "time_of_a_fork": PENDING | {"log-split"},
    "time_of_a_fork_of_equal_size": PENDING | {"log-split"},
    "join_bent": PENDING | {"join-wrong"},
    "join_cut": PENDING | {"join-wrong"},
    "join_of_nothing_here": {"join-stray"},
    "join_backwards": {"bundle-form"},
    "cosignature_bent": PENDING | {"cosignature-wrong"},
    "cosignature_of_another_time": PENDING | {"cosignature-wrong"},
    "cosignature_of_another_checkpoint": PENDING | {"cosignature-wrong"},
    "cosignature_of_a_stranger": PENDING | {"cosignature-foreign"},
    "cosignature_by_a_stranger_in_the_name":
        PENDING | {"cosignature-foreign"},
    "note_of_another_log": PENDING | {"checkpoint-signature"},
    "note_of_an_unknown_log": PENDING | {"checkpoint-form"},
    "proofs_of_an_unknown_log": PENDING | {
        "checkpoint-form", "receipt-unlogged", "run-unlogged",
        "statement-unlogged"},
    "time_from_below_alone": PENDING,
    "time_of_a_wrong_clock": {"time-contradicts"},
    "quoted_beside_another_tree": {"seen-contradicts"},
    "quoted_beside_another_size": {"seen-contradicts"},
    "quoted_from_ahead": PENDING | {"seen-contradicts"},
    "quoted_from_ahead_in_another_log": PENDING,
    "quorum_of_one_twice": PENDING,
}


def ms(after, before):
    return (after and after * 1000, before and before * 1000)


def checkpoint(leaves):
    return note.sign_checkpoint(ORIGIN, len(leaves),
                                base.merkle_root(leaves), RELAY_LOG)


def join(leaves, first):
    path = base.consistency_proof(leaves, first)
    return (LOG_ID + u64(first) + u64(len(leaves)) + bytes([len(path)]) +
            b"".join(path))


class Log:
    """A sound bundle whose log went on growing."""

    def __init__(self, Scene, change=None):
        self.s = Scene()
        if change:
            change(self.s)
        self.b = self.s.bundle()
        self.size = len(self.s.log)
        self.more = [b"entry %d" % i for i in range(5)]

    def leaves(self, extra=0, twist=b""):
        return [leaf_hash(e) for e in self.s.log] + [
            leaf_hash(e + twist) for e in self.more[:extra]]

    def cosign_own(self, who=WITNESS, name=NAME, at=AT):
        """On the checkpoint to which all proofs lead."""
        (cp, proofs), = self.b.logs[LOG_ID].items()
        text, sig = note.cosign(cp.decode(), name, who, at)
        self.b.logs[LOG_ID] = {text.encode(): proofs}
        return sig

    def cosign_later(self, extra, at=AT, who=WITNESS, name=NAME, twist=b""):
        text, sig = note.cosign(checkpoint(self.leaves(extra, twist)), name,
                                who, at)
        self.b.notes.append(LOG_ID + text.encode())
        return sig


def add(scene, Scene):
    all_runs = [("a0", 1), ("a0", 4), ("b0", 1)]

    @scene
    def time_of_the_very_checkpoint():
        x = Log(Scene)
        x.cosign_own()
        return x.b
    BOUNDS["time_of_the_very_checkpoint"] = {
        r: ms(None, AT) for r in all_runs}

    @scene
    def time_of_a_joined_checkpoint():
        x = Log(Scene)
        x.cosign_later(3)
        x.b.joins.append(join(x.leaves(3), x.size))
        return x.b
    BOUNDS["time_of_a_joined_checkpoint"] = {
        r: ms(None, AT) for r in all_runs}

    @scene
    def time_joined_over_a_third():
        x = Log(Scene)
        x.cosign_later(5)
        x.b.notes.append(LOG_ID + checkpoint(x.leaves(2)).encode())
        x.b.joins += [join(x.leaves(2), x.size),
                      join(x.leaves(5), x.size + 2)]
        return x.b

    @scene
    def time_of_a_smaller_checkpoint():
        """It bounds what it holds, and nothing behind it."""
        x = Log(Scene)
        leaves = x.leaves()[:x.s.a2_at + 1]
        text, _ = note.cosign(checkpoint(leaves), NAME, WITNESS, AT)
        x.b.notes.append(LOG_ID + text.encode())
        path = base.consistency_proof(x.leaves(), len(leaves))
        x.b.joins.append(LOG_ID + u64(len(leaves)) + u64(x.size) +
                         bytes([len(path)]) + b"".join(path))
        return x.b
    BOUNDS["time_of_a_smaller_checkpoint"] = {
        ("a0", 1): ms(None, AT), ("a0", 4): ms(None, AT),
        ("b0", 1): ms(None, None)}

    @scene
    def time_of_nothing_joined():
        x = Log(Scene)
        x.cosign_later(3)
        return x.b
    BOUNDS["time_of_nothing_joined"] = {
        r: ms(None, None) for r in all_runs}

    def of_two_ends(twist, *more):
        """A tree before A's second run grew into the one of the proofs, and
        into another, which a witness cosigned."""
        x = Log(Scene)
        leaves = x.leaves()
        first = x.s.a2_at
        other = leaves[:first] + [leaf_hash(e + twist) for e in
                                  x.s.log[first:] + x.more[:3]]
        x.b.notes.append(LOG_ID + checkpoint(leaves[:first]).encode())
        text, _ = note.cosign(checkpoint(other), NAME, WITNESS, AT)
        x.b.notes.append(LOG_ID + text.encode())
        x.b.joins += [join(leaves, first), join(other, first)]
        for size in more:
            x.b.joins.append(join(other, size))
        return x.b

    @scene
    def time_of_a_fork_past_a_joined_tree():
        """What the two ends share is bounded, nothing behind it."""
        return of_two_ends(b"x")
    BOUNDS["time_of_a_fork_past_a_joined_tree"] = {
        ("a0", 1): ms(None, AT), ("a0", 4): ms(None, None),
        ("b0", 1): ms(None, None)}

    @scene
    def time_of_two_ends_not_joined():
        """The same log, as it happens: nothing here says so."""
        return of_two_ends(b"")
    BOUNDS["time_of_two_ends_not_joined"] = \
        BOUNDS["time_of_a_fork_past_a_joined_tree"]

    @scene
    def time_of_two_ends_joined():
        return of_two_ends(b"", len(Scene().log))
    BOUNDS["time_of_two_ends_joined"] = {r: ms(None, AT) for r in all_runs}

    @scene
    def join_that_shows_a_fork():
        """The end of the path is what was signed, its beginning is not."""
        return of_two_ends(b"x", len(Scene().log))

    @scene
    def cosignature_of_no_time():
        x = Log(Scene)
        x.cosign_own(at=0)
        return x.b

    @scene
    def cosignature_past_all_dates():
        x = Log(Scene)
        x.cosign_own(at=253402300800)
        return x.b

    @scene
    def cosignature_at_the_last_date():
        x = Log(Scene)
        x.cosign_own(at=253402300799)
        return x.b

    @scene
    def time_of_a_fork():
        x = Log(Scene)
        x.s.log[-1] += b"x"
        x.cosign_later(3)
        x.b.joins.append(join(x.leaves(3), x.size))
        return x.b

    @scene
    def time_of_a_fork_of_equal_size():
        x = Log(Scene)
        x.s.log[-1] += b"x"
        x.cosign_later(0)
        return x.b

    @scene
    def join_bent():
        x = Log(Scene)
        x.cosign_later(3)
        j = bytearray(join(x.leaves(3), x.size))
        j[-1] ^= 1
        x.b.joins.append(bytes(j))
        return x.b

    @scene
    def join_cut():
        x = Log(Scene)
        x.cosign_later(3)
        j = join(x.leaves(3), x.size)
        x.b.joins.append(j[:48] + bytes([j[48] - 1]) + j[49:-32])
        return x.b

    @scene
    def join_of_nothing_here():
        x = Log(Scene)
        x.cosign_own()
        x.b.joins.append(join(x.leaves(3), x.size))
        return x.b

    @scene
    def join_backwards():
        x = Log(Scene)
        x.b.joins.append(LOG_ID + u64(x.size + 1) + u64(x.size) + b"\0")
        return x.b

    @scene
    def cosignature_bent():
        x = Log(Scene)
        (cp, proofs), = x.b.logs[LOG_ID].items()
        text, sig = note.cosign(cp.decode(), NAME, WITNESS, AT)
        bad = note.sig_line(NAME, note.key_id(NAME, 4, WITNESS.pk),
                            sig[:-1] + bytes([sig[-1] ^ 1]))
        x.b.logs[LOG_ID] = {(cp.decode() + bad).encode(): proofs}
        return x.b

    @scene
    def cosignature_of_another_time():
        x = Log(Scene)
        (cp, proofs), = x.b.logs[LOG_ID].items()
        text, sig = note.cosign(cp.decode(), NAME, WITNESS, AT)
        bad = note.sig_line(NAME, note.key_id(NAME, 4, WITNESS.pk),
                            u64(AT - 3000) + sig[8:])
        x.b.logs[LOG_ID] = {(cp.decode() + bad).encode(): proofs}
        return x.b

    @scene
    def cosignature_of_another_checkpoint():
        x = Log(Scene)
        _, sig = note.cosign(checkpoint(x.leaves(2)), NAME, WITNESS, AT)
        line = note.sig_line(NAME, note.key_id(NAME, 4, WITNESS.pk), sig)
        (cp, proofs), = x.b.logs[LOG_ID].items()
        x.b.logs[LOG_ID] = {(cp.decode() + line).encode(): proofs}
        return x.b

    @scene
    def cosignature_of_a_stranger():
        x = Log(Scene)
        x.cosign_own(STRANGER, "stranger.example")
        return x.b

    @scene
    def cosignature_by_a_stranger_in_the_name():
        x = Log(Scene)
        x.cosign_own(STRANGER)
        return x.b

    @scene
    def note_of_another_log():
        x = Log(Scene)
        text = note.sign_checkpoint(ORIGIN, 9, seed("root"), STRANGER)
        x.b.notes.append(LOG_ID + text.encode())
        return x.b

    @scene
    def note_of_an_unknown_log():
        x = Log(Scene)
        x.b.notes.append(seed("log") + checkpoint(x.leaves()).encode())
        return x.b

    @scene
    def proofs_of_an_unknown_log():
        x = Log(Scene)
        x.b.logs[seed("log")] = x.b.logs.pop(LOG_ID)
        return x.b

    def quoting(at, on=lambda head: head):
        """A's second run quotes a cosignature of the head it saw."""
        held = {}

        def change(s):
            leaves = [leaf_hash(e) for e in s.log[:s.a2_at]]
            text, sig = note.cosign(checkpoint(leaves), NAME, WITNESS, at)
            held["note"], held["first"] = text, len(leaves)
            seen = wire.seen_of(LOG_ID, *on((len(leaves),
                                             base.merkle_root(leaves))), sig)
            s.a2 = wire.Run(seen, s.a2.envs).sign(S_A)
            s.log[s.a2_at] = s.a2.entry()
        x = Log(Scene, change)
        x.b.notes.append(LOG_ID + held["note"].encode())
        path = base.consistency_proof(x.leaves(), held["first"])
        x.b.joins.append(LOG_ID + u64(held["first"]) + u64(x.size) +
                         bytes([len(path)]) + b"".join(path))
        return x

    @scene
    def time_from_both_sides():
        x = quoting(AT - 100)
        x.cosign_own()
        return x.b
    BOUNDS["time_from_both_sides"] = {
        ("a0", 1): ms(None, AT - 100), ("a0", 4): ms(AT - 100, AT),
        ("b0", 1): ms(None, AT)}

    @scene
    def time_from_below_alone():
        return quoting(AT - 100).b

    @scene
    def time_of_a_wrong_clock():
        x = quoting(AT + 100)
        x.cosign_own()
        return x.b

    @scene
    def quoted_beside_another_tree():
        x = quoting(AT - 100, lambda head: (head[0], seed("other")))
        x.cosign_own()
        return x.b

    @scene
    def quoted_beside_another_size():
        x = quoting(AT - 100, lambda head: (head[0] - 1, head[1]))
        x.cosign_own()
        return x.b

    @scene
    def quoted_from_ahead():
        """A tree that is larger than where the run then stands."""
        return quoting(AT - 100, lambda head: (head[0] + 1, head[1])).b

    @scene
    def quoted_from_ahead_in_another_log():
        """No word about this one; and no such line is here."""
        def change(s):
            s.a2 = wire.Run(wire.seen_of(seed("log"), 999, seed("root")),
                            s.a2.envs).sign(S_A)
            s.log[s.a2_at] = s.a2.entry()
        return Log(Scene, change).b

    def renewed(*cosign):
        """Charter 1 asks two witnesses; a third run of A bears its number."""
        text = CHARTER.replace("number 0", "number 1").replace(
            "pair -", "pair " + PAIR_ID.hex()).replace(
            "replaces -", "replaces " + CHARTER_ID.hex()).replace(
            "quorum 1", "witness %s witness.example/w2\nquorum 2" %
            SECOND.pk.hex()).encode()

        def change(s):
            e = sealed_under(s, 1)
            s.a3 = wire.Run(wire.NO_SEEN, [e]).sign(S_A)
            s.append(s.a3.entry())
            s.rc.append(s.receipt(S_B, 4, CH_AB, 6, 6, e.id,
                                  len(s.log) - 1))
            s.append(s.rc[-1])
        x = Log(Scene, change)
        cid = charter.charter_id(text)
        msg = charter.sig_message(cid)
        x.b.charters[1] = (text, ROOT_A.sign(msg), ROOT_B.sign(msg))
        x.b.runs["a0"].append(x.s.a3.bare())
        for extra, who, name, at in cosign:
            x.cosign_later(extra, at, who, name)
            x.b.joins.append(join(x.leaves(extra), x.size))
        return x.b

    def sealed_under(s, number):
        ep = Epoch("epoch of charter %d" % number)
        h = header(ep, 6, s.a2.envs[-1].id, 0, charter=number)
        return wire.seal(h, seed("ke"), seed("kf"), fields_for(6))

    @scene
    def quorum_of_two():
        return renewed((1, WITNESS, NAME, AT),
                       (2, SECOND, "witness.example/w2", AT + 50))
    BOUNDS["quorum_of_two"] = {("a0", 1): ms(None, AT),
                               ("a0", 6): ms(None, AT + 50)}

    @scene
    def quorum_of_one_twice():
        return renewed((1, WITNESS, NAME, AT), (2, WITNESS, NAME, AT + 50))
    BOUNDS["quorum_of_one_twice"] = {("a0", 1): ms(None, AT),
                                     ("a0", 6): ms(None, None)}
