"""scenes: what happened between A, B and a relay, for test_evidence.

A function under @scene makes a bundle of it, sound or changed.
"""

from cast import *
from casewire_py import base, charter, evidence, keys, note, statement, wire
from casewire_py.base import H, leaf_hash

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
