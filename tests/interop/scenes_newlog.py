"""scenes_newlog: bundles over two logs of one relay, for test_evidence.

add(scene, Scene) registers them.  The relay's key was rotated: the second
log opens with the new key statement and the prior, and a's last run stands
there alone.
"""

from cast import *
from casewire_py import base, keys, note, statement, wire
from casewire_py.base import leaf_hash

T1 = T0 + 5 * 10 ** 9
NEW_S, NEW_LOG = signer("relay signing 2"), signer("relay log 2")
NEW_ID = keys.log_id(NEW_LOG.pk)


def add(scene, Scene, first_ks, origin):
    ks2 = RELAY_ROOT.statement(statement.encode_keys(
        RELAY_ROOT.pk, 2, base.H(first_ks[:-64]), T0, T1,
        sorted([(1, NEW_S.pk), (3, RELAY_T.pk), (4, NEW_LOG.pk)])))
    new_origin = note.origin("relay.example", NEW_ID)

    class Two(Scene):
        """The old log as it was; then the new one."""

        def __init__(self, prior=True, at=None, by=NEW_S, word=None,
                     place=1):
            super().__init__()
            size, root = self.head() if at is None else at(self)
            word = word or note.sign_checkpoint(origin, size, root,
                                                RELAY_LOG)
            self.prior = by.statement(statement.encode_prior(
                by.pk, word.encode()))
            self.more = wire.Run(wire.NO_SEEN, sealed(
                Epoch(), 1, 6, 5, self.a2.envs[-1].id)).sign(S_A)
            self.new = [ks2] + ([KEY_A()] if place == 2 else [])
            if prior:
                self.new.append(self.prior)
            self.new.append(self.more.entry())

        def whole(self):
            b = self.bundle()
            b.statements.append(ks2)
            if self.prior in self.new:
                b.statements.append(self.prior)
            b.runs["a0"].append(self.more.bare())
            b.receipts.append(S_B.statement(statement.encode_receipt(
                S_B.pk, 4, 0, CH_AB, 6, 6, self.more.envs[-1].id, NEW_ID,
                len(self.new) - 1, T0 + 9500)))
            self.new.append(b.receipts[-1])
            leaves = [leaf_hash(e) for e in self.new]
            cp = note.sign_checkpoint(new_origin, len(leaves),
                                      base.merkle_root(leaves), NEW_LOG)
            b.logs[NEW_ID] = {cp.encode(): [
                (i, leaves[i], base.merkle_path(leaves, i))
                for i in range(len(leaves))]}
            return b

    def KEY_A():
        return key_statement()

    def shorter(s):
        return len(s.log) - 2, base.merkle_root(
            [leaf_hash(e) for e in s.log[:-2]])

    def another(s):
        return len(s.log), seed("no such root")

    def larger(s):
        return len(s.log) + 7, seed("what came after")

    @scene
    def two_logs():
        return Two().whole()

    @scene
    def two_logs_with_a_gap():
        return Two(at=shorter).whole()

    @scene
    def two_logs_and_more_signed():
        return Two(at=larger).whole()

    @scene
    def new_log_without_a_word():
        return Two(prior=False).whole()

    @scene
    def new_log_after_another_tree():
        return Two(at=another).whole()

    @scene
    def prior_of_the_new_log_itself():
        return Two(word=note.sign_checkpoint(
            new_origin, 9, seed("itself"), NEW_LOG)).whole()

    @scene
    def prior_nobody_signed():
        return Two(word=note.sign_checkpoint(
            origin, 3, seed("root"), signer("stranger"))).whole()

    @scene
    def prior_by_a_party():
        return Two(by=S_A).whole()

    @scene
    def prior_in_the_wrong_place():
        return Two(place=2).whole()
