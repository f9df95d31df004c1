"""scenes_plain: bundles of which something is left out, changed, forged, or said
twice, for test_evidence.
"""

from scenes import *
from casewire_py import content


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
