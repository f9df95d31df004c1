"""judge_chain: the channels, for evidence.Judge: seq and prev, branches that a
root left, acknowledgements.
"""

from . import statement


def standing_jumps(jumps):
    """Those that stand, the highest first (EVIDENCE.md 3.7)."""
    out = []
    for j in sorted(set(jumps), key=lambda j: (j[2], j[0], j[1]),
                    reverse=True):
        if all(s[0] >= j[2] for s in out):
            out.append(j)
    return out


# What became of a message, the strongest word last: an ack counts only
# where no receipt names the message.
FATES = [None, "acked", statement.EXPIRED, statement.UNDECRYPTABLE,
         statement.DELIVERED]


class Chains:
    """Of a Judge."""

    # 7: chains
    def check_chains(self):
        if not any(self.said.values()):
            self.say("bundle-empty")
        for lane, known in self.env.items():
            other = "ba"["ab".index(lane[0])] + lane[1]
            before = None
            for seq in sorted(known):
                e = known[seq]
                self.check_link(lane, known, before, e)
                self.check_ack(other, before, e)
                before = e
        for lane in self.env:
            self.check_holes(lane)

    def choose(self):
        """The branch of each lane that counts: env[lane][seq]."""
        for lane, said in self.said.items():
            jumps = standing_jumps(self.recovered.get(lane, []))
            self.jumps[lane] = {j[2]: j for j in jumps}
            self.env[lane] = counts = {}
            top = max(said)
            limit = jumps[0][2] if jumps else 1
            for seq in range(limit, top + 1):
                if seq in said:
                    counts[seq] = self.only(lane, said[seq], jumps, seq)
            for i, (old_seq, old_env, _) in enumerate(jumps):
                low = jumps[i + 1][2] if i + 1 < len(jumps) else 1
                self.follow_back(said, counts, old_seq, old_env, low)
            for seq, es in said.items():
                if seq < limit and any(
                        e is not counts.get(seq) and self.good[e.id]
                        for e in es.values()):
                    self.say("fork-recovered")

    def follow_back(self, said, counts, old_seq, old_env, low):
        """old_env, and all it follows by prev, down to seq low; where the
        links are lost, what stands alone."""
        want = old_env
        for seq in range(old_seq, low - 1, -1):
            es = said.get(seq, {})
            e = es.get(want)
            if e is None and seq != old_seq and len(es) == 1 and \
                    want is None:
                e = next(iter(es.values()))
            if e is not None:
                counts[seq] = e
            want = e.h.prev if e is not None else None

    def only(self, lane, es, jumps, seq):
        """The one envelope of a seq above all jumps; at next_seq the one
        that follows old_env."""
        good = {i: e for i, e in es.items() if self.good[i]}
        if len(good) < 2:		# the disputed are no partner in a fork
            return next(iter((good or es).values()))
        if len(es) > 1:
            at = [j for j in jumps if j[2] == seq]
            fit = [e for e in es.values() if at and e.h.prev == at[0][1]]
            self.say("fork-recovered" if len(fit) == 1 else "fork")
            if len(fit) == 1:
                return fit[0]
        return next(iter(es.values()))

    def check_holes(self, lane):
        known, said = self.env[lane], self.said[lane]
        tops = [max(said)] + [j[0] for j in self.jumps[lane].values()]
        for seq in range(1, max(tops) + 1):
            if seq in known:
                continue
            cover = any(j[0] < seq < j[2] for j in self.jumps[lane].values())
            if seq in said and cover:
                continue		# fork-recovered said it
            if cover:
                self.say("declared-lost")
            if not cover or seq in self.spoken[lane]:
                self.say("seq-gap")
        for j in self.jumps[lane].values():	# beyond all that is here
            if self.spoken[lane] & set(range(max(j[0], max(said)) + 1, j[2])):
                self.say("seq-gap")

    def check_link(self, lane, known, before, e):
        h = e.h
        jump = self.jumps[lane].get(h.seq)
        if jump:
            if h.prev != jump[1]:
                self.say("chain-broken")
        elif h.seq - 1 in known and h.prev not in \
                self.said[lane][h.seq - 1]:
            self.say("chain-broken")
        if before is None:
            return
        b = before.h
        if h.start < b.start or (h.start == b.start and h.rand != b.rand):
            self.say("incarnation")
        if self.signer[e.id].ks_seq < self.signer[before.id].ks_seq:
            self.say("key-order")
        same = h.E == b.E
        if (same and (h.charter, h.prekey_id, h.psk_day, h.kid, h.n - h.seq)
                != (b.charter, b.prekey_id, b.psk_day, b.kid, b.n - b.seq)) \
                or (not same and h.seq == b.seq + 1 and h.n != 0) \
                or h.prekey_id < b.prekey_id \
                or (h.charter, h.psk_day) < (b.charter, b.psk_day):
            self.say("epoch")

    def check_ack(self, other, before, e):
        h = e.h
        if before is not None and h.ack_seq < before.h.ack_seq and \
                not any(j[0] <= h.ack_seq and before.h.ack_seq < j[2]
                        for j in self.jumps.get(other, {}).values()):
            self.say("ack-fell")
        if h.ack_seq == 0:
            return
        known = self.env.get(other, {})
        self.ends[other] = max(self.ends[other], h.ack_seq)
        self.spoken[other].add(h.ack_seq)
        said = self.said.get(other, {}).get(h.ack_seq)
        if said and h.ack_env not in said:
            self.say("ack-contradicts")
        for seq, x in known.items():
            if seq <= h.ack_seq:
                self.fated(x, FATES.index("acked"))
