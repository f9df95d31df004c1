"""judge_receipt: who told that what arrived, for evidence.Judge."""

from . import keys, statement
from .bundle import LANES
from .err import Refused
from .judge_chain import FATES


class Receipts:
    """Of a Judge."""

    # 8: receipts
    def read_receipts(self):
        channels = {keys.channel(self.b.pair, "ab".index(l[0]), int(l[1])): l
                    for l in LANES}
        for st in self.b.receipts:
            try:
                d = statement.decode_receipt(st)
            except Refused:
                self.say("receipt-form")
                continue
            lane = channels.get(d["channel"])
            if lane is None or not self.charters:
                self.say("receipt-channel")
                continue
            self.read_receipt(st, d, lane)

    def read_receipt(self, st, d, lane):
        key = self.keys.get(d["kid"])
        if key is None:
            return self.say("key-missing")
        relay = self.roots[key.agency][1]
        receiver = 1 - "ab".index(lane[0])
        if d["event"] in (statement.DELIVERED, statement.UNDECRYPTABLE):
            right = not relay and receiver in self.party[key.agency]
        else:
            right = relay
        places = self.place(st)
        if not right:
            return self.say("receipt-signer")
        try:
            statement.verify(d, key.pk)
        except Refused:
            return self.say("receipt-signature")
        if d["event"] != statement.REFUSED:
            stand = self.standing(d["kid"], places)
            if stand == "refused":
                return self.say("receipt-revoked")
            if not places:
                self.say("receipt-unlogged")
            if stand == "disputed":
                self.say("receipt-disputed")
        elif d["kid"] in self.revoked:
            self.say("receipt-disputed")
        self.match_receipt(d, lane)

    def match_receipt(self, d, lane):
        known = self.env.get(lane, {})
        if d["event"] == statement.REFUSED:
            return
        said = self.said.get(lane, {}).get(d["last_seq"])
        where = self.where.get(d["env_id"], (lane, d["last_seq"]))
        if (said and d["env_id"] not in said) or where != (
                lane, d["last_seq"]):
            return self.say("receipt-contradicts")
        self.ends[lane] = max(self.ends[lane], d["last_seq"])
        self.spoken[lane].update(range(d["first_seq"], d["last_seq"] + 1))
        at = self.run_place.get((d["env_id"], d["log_id"]), set())
        if at and d["index"] not in at:
            self.say("receipt-place")
        if d["event"] == statement.FETCHED:
            return
        for seq in range(d["first_seq"], d["last_seq"] + 1):
            if seq in known:
                self.fated(known[seq], FATES.index(d["event"]))

    def fated(self, e, fate):
        self.fate[e.id] = max(self.fate.get(e.id, 0), fate)

    def check_ends(self):
        for lane in LANES:
            known = self.env.get(lane, {})
            if self.ends[lane] > max(self.said.get(lane, {}), default=0):
                self.say("tail-missing")
            fates = {FATES[self.fate.get(e.id, 0)] for e in known.values()}
            for fate, code in ((None, "receipt-missing"),
                               (statement.EXPIRED, "expired"),
                               (statement.UNDECRYPTABLE, "undecryptable")):
                if fate in fates:
                    self.say(code)
