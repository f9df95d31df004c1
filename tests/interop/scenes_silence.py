"""scenes_silence: heartbeats whose open cases are shown, rightly and not;
what an exporter says of its keeping.

add(scene, Scene) hands them to test_evidence.
"""

from cast import *
from casewire_py import base, content, opencase, wire
from casewire_py.base import u16, u64

CASES = [bytes([f]) * 16 for f in (0x11, 0x77, 0xee)]
KF = seed("kf beat")
OUTLINE = b"\x10\x24"			# type HEARTBEAT, no case
OTHER = seed("other head")


def link_of(own, peer, leaves):
    return content.encode_link(
        seed("ks own"), seed("ks peer"), 7, 9, own, peer, 6, 0, 3,
        len(leaves), base.merkle_root(leaves))


class Beat:
    """B's heartbeats behind its reply: seq 2, 3, ..."""

    def __init__(self, Scene):
        self.s = Scene()
        self.prev, self.seq, self.runs = self.s.b_env.id, 1, []

    def heads(self):
        lanes = [(0, bytes(32)), (0, bytes(32))]
        return ([(self.seq, self.prev)] + lanes,
                [(5, self.s.a2.envs[-1].id)] + lanes)

    def send(self, link, outline=OUTLINE):
        s, ep = self.s, Epoch("b beats %d" % self.seq, chan=CH_BA)
        fields = [(1, outline), (4, link)]
        h = header(ep, self.seq + 1, self.prev, 0, kid=S_B.kid, ack_seq=5,
                   ack_env=s.a2.envs[-1].id)
        env = wire.seal(h, seed("ke"), KF, fields)
        run = wire.Run(wire.NO_SEEN, [env]).sign(S_B)
        at = s.append(run.entry())
        self.seq, self.prev = self.seq + 1, env.id
        s.rc.append(s.receipt(S_A, 4, CH_BA, self.seq, self.seq, env.id, at))
        s.append(s.rc[-1])
        self.runs.append(run.bare())
        return env, fields

    def leaves(self, own, order=(0, 1, 2)):
        """B's tree: case 1 with its own head and A's last but one."""
        peer = self.s.a2.envs[0].id
        return [content.open_case_leaf(CASES[i], *(
            (peer, own) if i == 1 else (OTHER, OTHER))) for i in order]

    def bundle(self):
        b = self.s.bundle()
        b.level = "outline"
        b.runs["b0"] += self.runs
        return b


def fields_shown(env, fields):
    return [env.id + b"\1" + content.open_field(fields, KF, i)
            for i in range(len(fields))]


def shown(Scene, own=None, order=(0, 1, 2), heads=None, **change):
    """A bundle that shows case 1 of B's heartbeat, the path changed."""
    beat = Beat(Scene)
    own = beat.s.b_env.id if own is None else own
    ls = beat.leaves(own, order)
    env, fields = beat.send(link_of(*(heads or beat.heads()), ls))
    i = order.index(1)
    d = dict(case_id=CASES[1], own=own, peer=beat.s.a2.envs[0].id, index=i,
             path=base.merkle_path(ls, i))
    d.update(change)
    b = beat.bundle()
    b.openings = fields_shown(env, fields) + [
        env.id + b"\3" + opencase.encode(**d)]
    return b


def add(scene, Scene):
    @scene
    def open_case():
        return shown(Scene)

    @scene
    def open_case_unanswered():
        return shown(Scene, own=bytes(32))

    @scene
    def open_case_cut():
        b = shown(Scene)
        b.openings[-1] = b.openings[-1][:-1]
        return b

    @scene
    def open_case_of_four_bytes():
        b = shown(Scene)
        b.openings[-1] = b.openings[-1][:37]
        return b

    @scene
    def open_case_path_too_short():
        return shown(Scene, path=[])

    @scene
    def open_case_word_left_out():
        b = shown(Scene)
        o = b.openings[-1]
        b.openings[-1] = o[:33 + 16] + bytes(32) + o[33 + 48:]
        return b

    @scene
    def open_case_of_another_number():
        return shown(Scene, case_id=CASES[0])

    @scene
    def open_case_beyond():
        return shown(Scene, index=3)

    @scene
    def open_case_without_link():
        b = shown(Scene)
        del b.openings[1]
        return b

    @scene
    def open_case_without_outline():
        b = shown(Scene)
        del b.openings[0]
        return b

    @scene
    def open_case_of_no_heartbeat():
        beat = Beat(Scene)
        ls = beat.leaves(bytes(32))
        env, fields = beat.send(link_of(*beat.heads(), ls), b"\x10\x06")
        b = beat.bundle()
        b.openings = fields_shown(env, fields) + [
            env.id + b"\3" + opencase.encode(
                CASES[1], bytes(32), beat.s.a2.envs[0].id, 1,
                base.merkle_path(ls, 1))]
        return b

    @scene
    def open_case_under_another():
        beat = Beat(Scene)
        trees = [beat.leaves(bytes(32)), beat.leaves(beat.s.b_env.id)]
        sent = [beat.send(link_of(*beat.heads(), t)) for t in trees]
        b = beat.bundle()
        b.openings = [o for env, fields in sent
                      for o in fields_shown(env, fields)] + [
            sent[1][0].id + b"\3" + opencase.encode(
                CASES[1], bytes(32), beat.s.a2.envs[0].id, 1,
                base.merkle_path(trees[0], 1))]
        return b

    @scene
    def open_case_of_nothing():
        b = shown(Scene)
        b.openings[-1] = seed("no such") + b.openings[-1][32:]
        return b

    @scene
    def open_cases_out_of_order():
        order = (1, 0, 2)
        b = shown(Scene, order=order)
        beat = Beat(Scene)
        ls = beat.leaves(beat.s.b_env.id, order)
        b.openings.append(b.openings[-1][:33] + opencase.encode(
            CASES[0], OTHER, OTHER, 1, base.merkle_path(ls, 1)))
        return b

    @scene
    def open_case_with_a_word_of_the_other():
        return shown(Scene, own=Scene().a2.envs[0].id)

    @scene
    def open_case_above_its_heads():
        beat = Beat(Scene)
        own, peer = beat.heads()
        peer[0] = (3, beat.s.a.envs[2].id)
        return shown(Scene, heads=(own, peer))

    def claiming(**more):
        """B's beat shown, its reply said to be shredded, a hold."""
        b = shown(Scene)
        b.shredded = [Scene().b_env.id + u64(T0 + 5)]
        b.holds = [hold(**more)]
        return b

    def hold(case_id=CASES[1], at=T0, until=0, reason="Order 7/26 保".encode(),
             tail=b""):
        return (case_id + u64(at) + u64(until) + u16(len(reason)) + reason +
                OTHER + bytes(32) + tail)

    @scene
    def held_and_shredded():
        return claiming()

    @scene
    def hold_that_ended():
        return claiming(until=T0 + 1)

    @scene
    def hold_ends_before_it_begins():
        return claiming(until=T0 - 1)

    @scene
    def hold_without_time():
        return claiming(at=0)

    @scene
    def hold_without_reason():
        return claiming(reason=b"")

    @scene
    def hold_with_an_endless_reason():
        return claiming(reason=b"x" * 1025)

    @scene
    def hold_in_no_language():
        return claiming(reason=b"\xff\xfe")

    @scene
    def hold_with_a_tail():
        return claiming(tail=b"\0")

    @scene
    def shredded_but_opened():
        b = claiming()
        b.shredded = [b.openings[-1][:32] + u64(T0 + 5)]
        return b

    @scene
    def shredded_of_nothing():
        b = claiming()
        b.shredded = [seed("no such") + u64(T0 + 5)]
        return b

    @scene
    def shredded_never():
        b = claiming()
        b.shredded = [b.shredded[0][:32] + bytes(8)]
        return b

    @scene
    def shredded_too_long():
        b = claiming()
        b.shredded = [b.shredded[0] + b"\0"]
        return b

    @scene
    def open_case_of_kind_four():
        b = shown(Scene)
        o = b.openings[-1]
        b.openings[-1] = o[:32] + b"\4" + o[33:]
        return b
