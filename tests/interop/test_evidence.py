#!/usr/bin/python3
"""test_evidence: two auditors, one bundle, the same findings.

usage: test_evidence.py CASEWIRE-AUDIT [--examples N] [--seed N]

Bundles are made here, sound ones and ones where a party, a relay or a
stranger cheated in a known way; the Python judge and casewire-audit must
name the same findings and the same verdict.  Then bits of a sound bundle
are flipped at random: neither may call it verified.
"""

import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

import cast
import scenes_newlog
import scenes_silence
import scenes_witness
from cast import *
from casewire_py import (base, charter, content, evidence, keys, note,
                         statement, wire)
from casewire_py.base import H, leaf_hash, u16, u32, u64

AUDIT = None
FILE = None
EXITS = {"verified": 0, "failed": 3, "incomplete": 4, "mismatch": 8}
ORIGIN = note.origin("relay.example", LOG_ID)
RELAY_KS = RELAY_ROOT.statement(statement.encode_keys(
    RELAY_ROOT.pk, 1, bytes(32), T0, T0 + 10 ** 10,
    sorted([(1, RELAY_S.pk), (3, RELAY_T.pk), (4, RELAY_LOG.pk)])))
KS_A = key_statement()
KS_B = ROOT_B.statement(statement.encode_keys(
    ROOT_B.pk, 1, bytes(32), T0, T0 + 90 * 86400000,
    sorted([(1, S_B.pk), (2, I_B.pk), (3, T_B.pk)])))
PREKEY = S_B.statement(statement.encode_prekey(S_B.pk, PAIR_ID, 7, P_B.pk))


class Scene:
    """All that happened; a bundle is made of it, with changes."""

    def __init__(self):
        self.log = []
        for e in (RELAY_KS, KS_A, KS_B, PREKEY):
            self.append(e)
        ep = Epoch()
        self.a = wire.Run(wire.NO_SEEN, sealed(ep, 3)).sign(S_A)
        self.a_at = self.append(self.a.entry())
        more = sealed(ep, 2, 4, 3, self.a.envs[-1].id)
        seen = wire.seen_of(LOG_ID, *self.head())
        self.a2 = wire.Run(seen, more).sign(S_A)
        self.a2_at = self.append(self.a2.entry())
        self.b_env = self.b_reply(3, self.a.envs[2].id)
        self.b = wire.Run(wire.NO_SEEN, [self.b_env]).sign(S_B)
        self.b_at = self.append(self.b.entry())
        self.rc = [
            self.receipt(S_B, 4, CH_AB, 1, 5, self.a2.envs[-1].id,
                         self.a2_at),
            self.receipt(S_A, 4, CH_BA, 1, 1, self.b_env.id, self.b_at),
            self.receipt(RELAY_S, 3, CH_AB, 1, 3, self.a.envs[-1].id,
                         self.a_at)]
        for r in self.rc:
            self.append(r)

    def append(self, entry):
        self.log.append(entry)
        return len(self.log) - 1

    def head(self):
        return len(self.log), base.merkle_root([leaf_hash(e)
                                                for e in self.log])

    def b_reply(self, ack_seq, ack_env, **more):
        """B's first envelope; its keys matter to nobody here."""
        h = header(Epoch("b", chan=CH_BA), 1, bytes(32), 0, kid=S_B.kid,
                   ack_seq=ack_seq, ack_env=ack_env, **more)
        return wire.seal(h, seed("ke"), seed("kf"), fields_for(1))

    def receipt(self, who, event, chan, first, last, env, at, reason=0):
        return who.statement(statement.encode_receipt(
            who.pk, event, reason, chan, first, last, env, LOG_ID, at,
            T0 + 9000))

    def bundle(self):
        b = evidence.Bundle(PAIR_ID)
        msg = charter.sig_message(CHARTER_ID)
        b.charters[0] = (CHARTER_BYTES, ROOT_A.sign(msg), ROOT_B.sign(msg))
        b.statements = [RELAY_KS, KS_A, KS_B, PREKEY]
        b.runs["a0"] = [self.a.bare(), self.a2.bare()]
        b.runs["b0"] = [self.b.bare()]
        b.receipts = list(self.rc)
        self.prove(b, self.log)
        return b

    def prove(self, b, entries):
        leaves = [leaf_hash(e) for e in self.log]
        size, root = self.head()
        cp = note.sign_checkpoint(ORIGIN, size, root, RELAY_LOG).encode()
        b.logs = {LOG_ID: {cp: [
            (i, leaves[i], base.merkle_path(leaves, i))
            for i, e in enumerate(self.log) if e in entries]}}


SCENES = []


def scene(fn):
    SCENES.append(fn)
    return fn


def sound():
    s = Scene()
    return s, s.bundle()


@scene
def all_is_well():
    return sound()[1]


@scene
def opened():
    s, b = sound()
    b.level = "open"
    ke, kf = keys.chain_keys(Epoch().ck0, 1)
    b.openings = [
        s.a.envs[0].id + b"\1" + content.open_field(
            fields_for(1), keys.chain_keys(Epoch().ck0, 0)[1], 0),
        s.a.envs[1].id + b"\2" + content.open_message(fields_for(2), kf)]
    return b


@scene
def opened_wrongly():
    s, b = sound()
    b.openings = [s.a.envs[0].id + b"\2" + content.open_message(
        fields_for(1), seed("not K_f"))]
    return b


@scene
def opened_field_of_another():
    s, b = sound()
    b.openings = [s.a.envs[1].id + b"\1" + content.open_field(
        fields_for(1), keys.chain_keys(Epoch().ck0, 0)[1], 0)]
    return b


@scene
def opened_by_single_fields():
    s, b = sound()
    b.level = "open"
    kf = keys.chain_keys(Epoch().ck0, 1)[1]
    b.openings = [s.a.envs[1].id + b"\1" + content.open_field(
        fields_for(2), kf, i) for i in range(3)]
    return b


@scene
def opened_outlines():
    s, b = sound()
    b.level = "outline"
    b.openings = [s.a.envs[n].id + b"\1" + content.open_field(
        fields_for(n + 1), keys.chain_keys(Epoch().ck0, n)[1], 0)
        for n in range(3)]
    return b


def changed_opening(at, byte):
    """The body of the first message, opened, one byte of it changed."""
    s, b = sound()
    o = bytearray(content.open_field(
        fields_for(1), keys.chain_keys(Epoch().ck0, 0)[1], 1))
    o[at] = byte
    b.openings = [s.a.envs[0].id + b"\1" + bytes(o)]
    return b


@scene
def opened_as_another_tag():
    return changed_opening(5, 3)


@scene
def opened_as_the_outline():
    return changed_opening(5, 1)


@scene
def opened_beyond_the_fields():
    return changed_opening(1, 2)


class Disordered(Scene):
    """B commits to fields that no receiver would take."""

    FIELDS = [(1, b"outline"), (6, H(b"replaced")), (2, b"body")]

    def b_reply(self, ack_seq, ack_env, **more):
        e = super().b_reply(ack_seq, ack_env, **more)
        h = wire.replace(e.h, C=content.commitment(self.FIELDS, seed("kf")))
        return wire.Envelope(h.encode(), h, e.ct)


@scene
def opened_fields_disordered():
    s = Disordered()
    b = s.bundle()
    b.openings = [s.b_env.id + b"\1" + content.open_field(
        Disordered.FIELDS, seed("kf"), i) for i in range(3)]
    return b


scenes_silence.add(scene, Scene)
scenes_witness.add(scene, Scene)
scenes_newlog.add(scene, Scene, RELAY_KS, ORIGIN)


@scene
def opening_of_nothing():
    s, b = sound()
    b.openings = [seed("no such") + b"\2" + content.open_message(
        fields_for(1), seed("kf"))]
    return b


@scene
def run_left_out():
    s, b = sound()
    b.runs["a0"] = [s.a2.bare()]
    return b


@scene
def end_left_out():
    s, b = sound()
    b.runs["a0"] = [s.a.bare()]
    return b


@scene
def other_direction_left_out():
    s, b = sound()
    b.runs["b0"] = []
    return b


@scene
def receipts_left_out():
    s, b = sound()
    b.receipts = []
    s.prove(b, [e for e in s.log if e not in s.rc])
    return b


@scene
def proofs_left_out():
    s, b = sound()
    b.logs = {}
    return b


@scene
def run_not_logged():
    s, b = sound()
    s.prove(b, [e for e in s.log if e != s.a.entry()])
    return b


@scene
def header_changed():
    s, b = sound()
    raw = bytearray(s.a.bare())
    raw[106 + 170] ^= 1
    b.runs["a0"] = [bytes(raw), s.a2.bare()]
    return b


@scene
def hash_changed():
    s, b = sound()
    raw = bytearray(s.a2.bare())
    raw[-70] ^= 1
    b.runs["a0"] = [s.a.bare(), bytes(raw)]
    return b


@scene
def run_in_the_wrong_lane():
    s, b = sound()
    b.runs["a0"] = [s.a.bare()]
    b.runs["a1"] = [s.a2.bare()]
    return b


@scene
def fork():
    s = Scene()
    other = sealed(Epoch(), 1, 4, 3, s.a.envs[-1].id, [(1, b"another")])
    run = wire.Run(wire.NO_SEEN, other).sign(S_A)
    s.append(run.entry())
    b = s.bundle()
    b.runs["a0"].append(run.bare())
    return b


@scene
def overlap():
    s = Scene()
    run = wire.Run(wire.NO_SEEN, s.a.envs[1:] + s.a2.envs[:1]).sign(S_A)
    s.append(run.entry())
    b = s.bundle()
    b.runs["a0"].append(run.bare())
    return b


@scene
def signed_by_the_other():
    s = Scene()
    env = wire.seal(header(Epoch(), 6, s.a2.envs[-1].id, 5, kid=S_B.kid),
                    seed("ke"), seed("kf"), fields_for(6))
    run = wire.Run(wire.NO_SEEN, [env]).sign(S_B)
    s.append(run.entry())
    b = s.bundle()
    b.runs["a0"].append(run.bare())
    return b


@scene
def unknown_key():
    s, b = sound()
    b.statements = [RELAY_KS, KS_A, PREKEY]
    return b


@scene
def relay_unknown():
    s, b = sound()
    b.statements = [KS_A, KS_B, PREKEY]
    return b


@scene
def statement_changed():
    s, b = sound()
    b.statements = [RELAY_KS, KS_A, KS_B[:-1] + bytes([KS_B[-1] ^ 1]),
                    PREKEY]
    return b


@scene
def checkpoint_changed():
    s, b = sound()
    (cp, proofs), = b.logs[LOG_ID].items()
    lines = cp.split(b"\n")
    lines[1] = b"%d" % (int(lines[1]) + 1)
    b.logs[LOG_ID] = {b"\n".join(lines): proofs}
    return b


@scene
def path_changed():
    s, b = sound()
    (cp, proofs), = b.logs[LOG_ID].items()
    i, leaf, path = proofs[5]
    proofs[5] = (i, leaf, [H(b"x")] + path[1:])
    return b


@scene
def split_log():
    s, b = sound()
    t = Scene()
    t.log[0] = RELAY_KS[:-1] + bytes([RELAY_KS[-1] ^ 1])
    other = t.bundle()
    b.logs[LOG_ID].update({cp: ps[5:6] for cp, ps in
                           other.logs[LOG_ID].items()})
    return b


@scene
def saw_another_log():
    s = Scene()
    env = sealed(Epoch(), 1, 6, 5, s.a2.envs[-1].id)
    run = wire.Run(wire.seen_of(LOG_ID, len(s.log) + 1, seed("other")),
                   env).sign(S_A)
    s.append(run.entry())
    b = s.bundle()
    b.runs["a0"].append(run.bare())
    return b


@scene
def receipt_of_the_wrong_party():
    s = Scene()
    r = s.receipt(S_A, 4, CH_AB, 1, 5, s.a2.envs[-1].id, s.a2_at)
    s.append(r)
    b = s.bundle()
    b.receipts.append(r)
    return b


@scene
def receipt_for_another_message():
    s = Scene()
    r = s.receipt(S_B, 4, CH_AB, 5, 5, seed("other"), s.a2_at)
    s.append(r)
    b = s.bundle()
    b.receipts.append(r)
    return b


@scene
def receipt_under_another_number():
    s = Scene()
    r = s.receipt(S_B, 4, CH_AB, 6, 7, s.a2.envs[-1].id, s.a2_at)
    s.append(r)
    b = s.bundle()
    b.receipts.append(r)
    return b


@scene
def receipt_of_another_place():
    s = Scene()
    r = s.receipt(S_B, 4, CH_AB, 5, 5, s.a2.envs[-1].id, s.a_at)
    s.append(r)
    b = s.bundle()
    b.receipts.append(r)
    return b


@scene
def receipt_beyond_the_end():
    s = Scene()
    r = s.receipt(S_B, 4, CH_AB, 6, 9, seed("later"), 99)
    s.append(r)
    b = s.bundle()
    b.receipts.append(r)
    return b


@scene
def receipt_not_logged():
    s, b = sound()
    b.receipts.append(s.receipt(RELAY_S, 3, CH_AB, 4, 5,
                                s.a2.envs[-1].id, s.a2_at))
    return b


@scene
def receipt_changed():
    s, b = sound()
    r = bytearray(s.rc[0])
    r[-10] ^= 4
    b.receipts[0] = bytes(r)
    return b


@scene
def undecryptable():
    s = Scene()
    s.rc[0] = s.receipt(S_B, 5, CH_AB, 4, 5, s.a2.envs[-1].id, s.a2_at, 67)
    s.log[7] = s.rc[0]
    return s.bundle()


@scene
def ack_of_another_message():
    s = Scene()
    s.b_env = s.b_reply(3, seed("never sent"))
    s.b = wire.Run(wire.NO_SEEN, [s.b_env]).sign(S_B)
    s.log[s.b_at] = s.b.entry()
    s.rc[1] = s.receipt(S_A, 4, CH_BA, 1, 1, s.b_env.id, s.b_at)
    s.log[8] = s.rc[1]
    return s.bundle()


def later_a(**more):
    """One more envelope of A's with something wrong in its header."""
    s = Scene()
    ep = Epoch("later")
    ke, kf = keys.chain_keys(ep.ck0, 0)
    args = dict(start=4)
    args.update(more)
    env = wire.seal(header(ep, 6, args.pop("prev", s.a2.envs[-1].id), 0,
                           **args), ke, kf, fields_for(6))
    run = wire.Run(wire.NO_SEEN, [env]).sign(S_A)
    at = s.append(run.entry())
    s.rc.append(s.receipt(S_B, 4, CH_AB, 6, 6, env.id, at))
    s.append(s.rc[-1])
    b = s.bundle()
    b.runs["a0"].append(run.bare())
    return b


@scene
def restarted():
    return later_a()


@scene
def incarnation_fell():
    return later_a(start=2)


@scene
def cloned():
    return later_a(start=3, rand=1)


@scene
def chain_broken():
    return later_a(prev=seed("elsewhere"))


@scene
def prekey_back():
    return later_a(prekey_id=6)


@scene
def unknown_charter():
    return later_a(charter=1)


@scene
def acks_the_future():
    return later_a(ack_seq=8, ack_env=seed("future"))


def revoked(cut, at_end=False):
    """A revokes its S; the cut decides about its runs."""
    s = Scene()
    ks2 = key_statement(2, H(KS_A[:-64]), sorted(
        [(1, signer("signing a next").pk), (2, dh("id a next").pk),
         (3, T_A.pk)]), [(S_A.kid, 2, [(LOG_ID, cut)] if cut else [])])
    s.append(ks2)
    b = s.bundle()
    b.statements.append(ks2)
    return s, ks2, b


@scene
def revoked_later():
    return revoked(100)[2]


@scene
def revoked_in_between():
    return revoked(5)[2]


@scene
def revoked_from_the_start():
    return revoked(0)[2]


@scene
def revocation_not_logged():
    s, ks2, b = revoked(100)
    s.prove(b, [e for e in s.log if e != ks2])
    return b


@scene
def two_statements_of_one_seq():
    s, ks2, b = revoked(100)
    b.statements.append(key_statement(2, H(KS_A[:-64])))
    return b


@scene
def predecessor_missing():
    s, ks2, b = revoked(100)
    b.statements.remove(KS_A)
    return b


@scene
def charter_signed_by_one():
    s, b = sound()
    text, sa, _ = b.charters[0]
    b.charters[0] = (text, sa, sa)
    return b


@scene
def charter_missing():
    s, b = sound()
    b.charters = {}
    return b


@scene
def nothing_but_a_charter():
    s, b = sound()
    b.runs = {lane: [] for lane in evidence.LANES}
    b.receipts, b.logs = [], {}
    return b


def recovered(*jumps, seq=None, prev=None, envs=(), ack=None, receipts=()):
    """A's root names branches of lane 0, jumps = (old_seq, old_env,
    next_seq) in one statement each; then A goes on at seq after prev."""
    s = Scene()
    last = s.a2.envs[-1].id
    for run in envs:
        s.append(run.entry())
    sts = []
    for old_seq, old_env, next_seq in jumps:
        sts.append(ROOT_A.statement(statement.encode_recovery(
            ROOT_A.pk, PAIR_ID, 0, 4, 7, 2,
            [(old_seq, last if old_env is None else old_env, next_seq),
             (0, bytes(32), 1), (0, bytes(32), 1)])))
        s.append(sts[-1])
    seq = seq or jumps[-1][2]
    ep = Epoch("after recovery")
    env = wire.seal(header(ep, seq, last if prev is None else prev, 0,
                           start=4, rand=7), *keys.chain_keys(ep.ck0, 0),
                    fields_for(seq))
    run = wire.Run(wire.NO_SEEN, [env]).sign(S_A)
    at = s.append(run.entry())
    s.rc.append(s.receipt(S_B, 4, CH_AB, seq, seq, env.id, at))
    s.append(s.rc[-1])
    for first, last_seq in receipts:
        s.rc.append(s.receipt(RELAY_S, 3, CH_AB, first, last_seq,
                              seed("lost"), 99))
        s.append(s.rc[-1])
    if ack is not None:
        more = wire.seal(header(Epoch("b", chan=CH_BA), 2, s.b_env.id, 1,
                                kid=S_B.kid, ack_seq=ack[0], ack_env=ack[1]),
                         seed("ke"), seed("kf"), fields_for(2))
        s.b2 = wire.Run(wire.NO_SEEN, [more]).sign(S_B)
        at = s.append(s.b2.entry())
        s.rc.append(s.receipt(S_A, 4, CH_BA, 2, 2, more.id, at))
        s.append(s.rc[-1])
    b = s.bundle()
    b.statements += sts
    b.runs["a0"] += [r.bare() for r in envs] + [run.bare()]
    if ack is not None:
        b.runs["b0"].append(s.b2.bare())
    return b


@scene
def recovered_without_loss():
    return recovered((5, None, 6))


@scene
def recovered_declaring_loss():
    return recovered((5, None, 9))


@scene
def declared_lost_but_receipted():
    return recovered((5, None, 9), receipts=[(6, 7)])


@scene
def declared_lost_but_in_a_stretch():
    return recovered((5, None, 9), receipts=[(2, 7)])


def other_four():
    env = sealed(Epoch(), 1, 4, 3, Scene().a.envs[-1].id, [(1, b"another")])
    return wire.Run(wire.NO_SEEN, env).sign(S_A)


@scene
def fork_and_the_other_branch():
    run = other_four()
    return recovered((4, run.envs[0].id, 6), prev=run.envs[0].id, envs=[run])


@scene
def fork_and_this_branch():
    return recovered((5, None, 6), envs=[other_four()])


@scene
def recovery_cuts_back():
    return recovered((3, Scene().a.envs[2].id, 6),
                     prev=Scene().a.envs[2].id)


@scene
def recovery_from_what_is_not_here():
    return recovered((5, seed("never shown"), 6), prev=seed("never shown"))


@scene
def recovery_not_followed():
    return recovered((5, None, 6), prev=seed("elsewhere"))


@scene
def recovery_of_another_seq():
    return recovered((5, None, 9), seq=8)


@scene
def two_recoveries_in_a_row():
    return recovered((5, None, 9), (5, None, 12))


@scene
def two_recoveries_of_one_seq():
    return recovered((3, Scene().a.envs[2].id, 6), (5, None, 6))


@scene
def hole_between_recoveries():
    return recovered((5, None, 8), (10, seed("ten"), 12), prev=seed("ten"))


@scene
def ack_goes_back_with_the_branch():
    return recovered((2, Scene().a.envs[1].id, 6),
                     prev=Scene().a.envs[1].id,
                     ack=(2, Scene().a.envs[1].id))


@scene
def ack_goes_back_too_far():
    return recovered((2, Scene().a.envs[1].id, 6),
                     prev=Scene().a.envs[1].id,
                     ack=(1, Scene().a.envs[0].id))


@scene
def ack_goes_back_for_nothing():
    return recovered((5, None, 6), ack=(2, Scene().a.envs[1].id))


@scene
def recovery_by_the_other_root():
    b = recovered((5, None, 9))
    st = ROOT_B.statement(statement.encode_recovery(
        ROOT_B.pk, PAIR_ID, 0, 4, 7, 2, [(5, seed("x"), 6),
                                         (0, bytes(32), 1),
                                         (0, bytes(32), 1)]))
    b.statements.append(st)
    return b


class Chance:
    """A random history, randomly remembered."""

    def __init__(self, rnd):
        self.rnd, self.s = rnd, Scene()
        self.s.log, self.s.rc = self.s.log[:4], []
        self.runs = {"a0": [], "b0": []}
        self.statements = [RELAY_KS, KS_A, KS_B, PREKEY]
        self.tips = {"a0": [(0, bytes(32))], "b0": [(0, bytes(32))]}
        self.epochs = 0
        self.start = 3

    def speak(self, lane):
        """One run, from the tip or (seldom) from somewhere before."""
        rnd, tips = self.rnd, self.tips[lane]
        at = -1 if rnd.random() < .85 else rnd.randrange(len(tips))
        seq, prev = tips[at]
        self.run(lane, seq + 1, prev, rnd.randint(1, 3))

    def run(self, lane, seq, prev, count):
        rnd, own = self.rnd, lane == "a0"
        self.epochs += 1
        ep = Epoch("chance %d" % self.epochs, chan=CH_AB if own else CH_BA)
        other = self.tips["b0" if own else "a0"]
        ack = rnd.choice(other) if rnd.random() < .2 else other[-1]
        who, envs = (S_A if own else S_B), []
        for n in range(count):
            h = header(ep, seq + n, prev, n, kid=who.kid, start=self.start,
                       ack_seq=ack[0], ack_env=ack[1])
            envs.append(wire.seal(h, *keys.chain_keys(ep.ck0, n),
                                  fields_for(rnd.randrange(1000))))
            prev = envs[-1].id
            self.tips[lane].append((seq + n, prev))
        run = wire.Run(wire.NO_SEEN, envs).sign(who)
        at = self.s.append(run.entry())
        self.runs[lane].append(run)
        if rnd.random() < .9:
            self.receipt(own, run, at)

    def receipt(self, own, run, at):
        rnd = self.rnd
        event, reason, who = rnd.choice(
            [(4, 0, S_B if own else S_A)] * 6 + [(3, 0, RELAY_S),
             (5, 67, S_B if own else S_A), (6, 170, RELAY_S)])
        first = run.envs[0].h.seq
        if rnd.random() < .1:
            first = max(1, first - rnd.randint(0, 3))
        st = self.s.receipt(who, event, CH_AB if own else CH_BA, first,
                            run.envs[-1].h.seq, run.envs[-1].id, at, reason)
        self.s.append(st)
        self.s.rc.append(st)

    def recover(self):
        rnd, tips = self.rnd, self.tips["a0"]
        old_seq, old_env = rnd.choice(tips) if rnd.random() < .6 else tips[-1]
        nxt = max(t[0] for t in tips) + rnd.randint(1, 3)
        st = ROOT_A.statement(statement.encode_recovery(
            ROOT_A.pk, PAIR_ID, 0, 4, 7, 2, [(old_seq, old_env, nxt),
                                             (0, bytes(32), 1),
                                             (0, bytes(32), 1)]))
        self.s.append(st)
        self.statements.append(st)
        self.start += 1
        self.tips["a0"] = []		# nobody goes on on the other branch
        self.run("a0", nxt, old_env, rnd.randint(1, 2))

    def revoke(self):
        cuts = [(LOG_ID, self.rnd.randrange(len(self.s.log) + 3))] \
            if self.rnd.random() < .8 else []
        st = key_statement(2, H(KS_A[:-64]), sorted(
            [(1, signer("signing a next").pk), (2, dh("id a next").pk),
             (3, T_A.pk)]), [(S_A.kid, 2, cuts)])
        self.s.append(st)
        self.statements.append(st)

    def bundle(self):
        rnd = self.rnd
        for _ in range(rnd.randint(2, 8)):
            self.speak(rnd.choice(["a0", "a0", "b0"]))
            if rnd.random() < .15:
                self.recover()
        if rnd.random() < .2:
            self.revoke()
        keep = rnd.choice([1, 1, .9, .7])

        def some(items):
            return [i for i in items if rnd.random() < keep]
        b = self.s_bundle()
        b.runs = {lane: [] for lane in evidence.LANES}
        for lane, runs in self.runs.items():
            b.runs[lane] = [r.bare() for r in some(runs)]
        b.receipts = some(self.s.rc)
        b.statements = self.statements[:3] + some(self.statements[3:])
        self.s.prove(b, some(self.s.log))
        return b

    def s_bundle(self):
        b = evidence.Bundle(PAIR_ID)
        msg = charter.sig_message(CHARTER_ID)
        b.charters[0] = (CHARTER_BYTES, ROOT_A.sign(msg), ROOT_B.sign(msg))
        return b


def c_judges(data, pin=CHARTER_ID):
    """(verdict, codes) of casewire-audit."""
    doc = c_says(data, pin)
    return doc["verdict"], {f["code"] for f in doc["findings"]}


def c_says(data, pin=CHARTER_ID):
    with open(FILE, "wb") as f:
        f.write(data)
    args = [AUDIT, "verify", FILE, "--json"]
    if pin is not None:
        args += ["--charter", pin.hex()]
    r = subprocess.run(args, capture_output=True, text=True,
                       stdin=subprocess.DEVNULL)
    doc = json.loads(r.stdout)
    assert r.returncode == doc["exit"] == EXITS[doc["verdict"]], r
    return doc


def ms_of(text):
    if not text:
        return None
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(at.timestamp() * 1000)


def compare_bounds(name, data):
    """The times that witnesses set: as written down here, by both."""
    want = scenes_witness.BOUNDS[name]
    p = evidence.judged(data, CHARTER_ID).bounds
    c = {(m["channel"], m["seq"]): (ms_of(m.get("signed_after")),
                                    ms_of(m.get("logged_before")))
         for m in c_says(data)["messages"]}
    wrong = {r: (want[r], p.get(r), c.get(r)) for r in want
             if not want[r] == p.get(r) == c.get(r)}
    if wrong:
        print("FAIL %s: bounds (wanted, Python, C)" % name, wrong)
    return int(bool(wrong))


def compare(name, data, pin=CHARTER_ID):
    p, c = evidence.judge(data, pin), c_judges(data, pin)
    # Where a file stops being a zip is each library's own view.
    c = c[0], {x.replace("-damaged", "-form") for x in c[1]}
    if p == c:
        return 0
    print("FAIL %s: Python %s %s, C %s %s" % (name, p[0], sorted(p[1]), c[0],
                                              sorted(c[1])))
    return 1


def history(chance):
    """A random history: the same findings; but past an open fork, among the
    disputed, or below a branch whose links are not here, each judge walks
    what it met first, so there only: verified by neither."""
    data = Chance(random.Random(chance)).bundle().encode()
    p, c = evidence.judge(data, CHARTER_ID), c_judges(data)
    agreed = p[1] & c[1]
    if {"fork", "run-disputed"} & agreed or \
            {"fork-recovered", "seq-gap"} <= agreed:
        return int("verified" in (p[0], c[0]))
    return compare("history of seed %d" % chance, data)


def flipped(data, rnd):
    """One bit somewhere: never verified, by neither."""
    at = rnd.randrange(len(data))
    bad = bytearray(data)
    bad[at] ^= 1 << rnd.randrange(8)
    p, _ = evidence.judge(bytes(bad), CHARTER_ID)
    c, _ = c_judges(bytes(bad))
    if "verified" in (p, c):
        print("FAIL byte %d flipped: Python %s, C %s" % (at, p, c))
        return 1
    return 0


def main():
    global AUDIT, FILE
    args = sys.argv[1:]
    if not args:
        print(__doc__, file=sys.stderr)
        return 2
    AUDIT = os.path.abspath(args[0])
    examples = int(args[args.index("--examples") + 1]) \
        if "--examples" in args else 60
    start = int(args[args.index("--seed") + 1]) if "--seed" in args else \
        random.SystemRandom().randrange(2 ** 32)
    fd, FILE = tempfile.mkstemp(suffix=".zip")
    os.close(fd)
    try:
        wrong = 0
        for fn in SCENES:
            data = fn().encode()
            wrong += compare(fn.__name__, data)
            if fn.__name__ in scenes_witness.BOUNDS:
                wrong += compare_bounds(fn.__name__, data)
        good = all_is_well().encode()
        if evidence.judge(good, CHARTER_ID)[0] != "verified":
            print("FAIL the sound bundle is not verified",
                  evidence.judge(good, CHARTER_ID))
            wrong += 1
        wrong += compare("unpinned", good, None)
        wrong += compare("another charter", good, seed("another"))
        wrong += compare("cut", good[:-1])
        wrong += compare("empty file", b"")
        rnd = random.Random(start)
        for _ in range(examples):
            wrong += flipped(good, rnd)
        for i in range(examples):
            wrong += history(start + i)
        print("%d scenes, %d flips and %d histories (seed %d), %d wrong" %
              (len(SCENES), examples, examples, start, wrong))
    finally:
        os.unlink(FILE)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
