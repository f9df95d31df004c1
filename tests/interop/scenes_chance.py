"""scenes_chance: random histories, randomly remembered, for test_evidence."""

from scenes import *


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
