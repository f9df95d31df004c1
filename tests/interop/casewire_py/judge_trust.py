"""judge_trust: who was trusted when, for evidence.Judge: charters, key
statements and what else is stated.
"""

from . import charter, keys, note, statement
from .base import leaf_hash
from .err import Refused


class Key:
    """An S: whose, which statement first bore it."""

    def __init__(self, pk, agency, ks_seq):
        self.pk, self.agency, self.ks_seq = pk, agency, ks_seq


class Trust:
    """Of a Judge."""

    # 2: charters
    def read_charters(self):
        ids, texts = {}, set()
        for n, (text, sa, sb) in sorted(self.b.charters.items()):
            try:
                c = charter.parse(text)
            except Refused:
                self.say("charter-form")
                continue
            cid = charter.charter_id(text)
            texts.add(cid)
            try:
                keys.verify(c["a"][0], charter.sig_message(cid), sa)
                keys.verify(c["b"][0], charter.sig_message(cid), sb)
            except Refused:
                self.say("charter-signature")
                continue
            pair = cid if n == 0 else bytes.fromhex(
                c["pair"]) if c["pair"] != "-" else b""
            if c["number"] != n or pair != self.b.pair or (
                    n and n - 1 in self.charters and
                    c["replaces"] != ids[n - 1].hex()):
                self.say("charter-chain")
                continue
            ids[n], self.charters[n] = cid, c
            for d, side in enumerate("ab"):
                root = c[side][0]
                ag = keys.agency(root)
                self.roots[ag] = (root, False, None)
                self.party.setdefault(ag, set()).add(d)
            for root, name, _ in c["relay"]:
                self.roots[keys.agency(root)] = (root, True, name)
        if self.pin is None:
            self.say("charter-unpinned")
        elif self.pin not in texts:
            self.say("charter-mismatch")

    # 3: key statements
    def read_keys(self):
        by_agency = {}
        for st in self.b.statements:
            try:
                kind = statement.kind(st)
                if kind != "keys":
                    continue
                d = statement.decode_keys(st)
            except Refused:
                self.say("statement-form")
                continue
            root = self.roots.get(d["agency"])
            if root is None:
                self.say("statement-signer")
                continue
            try:
                statement.verify_keys(d, root[0], root[1])
            except Refused as e:
                self.say("statement-signature" if e.name == "signature" else
                         "statement-signer")
                continue
            d["whole"] = st
            by_agency.setdefault(d["agency"], []).append(d)
        for ag, ds in by_agency.items():
            self.chain_keys(ag, sorted(ds, key=lambda d: d["ks_seq"]))

    def chain_keys(self, ag, ds):
        last = None
        for d in ds:
            try:
                statement.check_succession(last, d)
            except Refused as e:
                self.say("root-equivocation" if e.name ==
                         "root_equivocation" else "keys-sequence")
                continue
            last = d
            for t, k in d["keys"]:
                kid = keys.kid(k)
                if t == statement.S and kid not in self.keys:
                    self.keys[kid] = Key(k, ag, d["ks_seq"])
                if t == statement.CUSTODIAN:
                    self.custodians[kid] = Key(k, ag, d["ks_seq"])
                if t == statement.LOG:
                    self.relay_logs[keys.log_id(k)] = (k, self.roots[ag][2])
                    self.logs_of.setdefault(ag, []).append(keys.log_id(k))
            for kid, _, cuts in d["revocations"]:
                self.revoked.setdefault(kid, []).append(
                    (dict(cuts), leaf_hash(d["whole"])))

    def standing(self, kid, places):
        best = None
        words = ["refused", "disputed", "good"]
        for cuts, leaf in self.revoked.get(kid, []):
            where = self.places.get(leaf, {})
            got = "refused"
            for log, i in places.items():
                cut, r = cuts.get(log, 0), where.get(log)
                s = ("good" if i < cut else "disputed" if r is None or i < r
                     else "refused")
                got = max(got, s, key=words.index)
            best = got if best is None else min(best, got, key=words.index)
        return best or "good"

    # 5: the other statements
    def read_statements(self):
        for st in self.b.statements:
            try:
                kind = statement.kind(st)
            except Refused:
                continue
            if kind != "keys":
                self.other_statement(kind, st)
            elif not self.place(st):
                self.say("revocation-unlogged" if self.has_revocations(st)
                         else "statement-unlogged")
        self.check_priors()

    # What a relay's later log says of the one before.
    def read_prior(self, agency, d, places):
        mine = self.logs_of.get(agency, [])
        for log_id in mine:
            pk, name = self.relay_logs[log_id]
            try:
                size, root, _ = note.verify(
                    d["note"], note.origin(name, log_id), pk)
                break
            except Refused:
                continue
        else:
            return self.say("prior-contradicts")
        if any(i != 1 or log not in mine for log, i in places.items()):
            return self.say("prior-contradicts")
        self.priors.update(places)
        shown = [s for log, s in self.roots_seen if log == log_id]
        if self.roots_seen.get((log_id, size), root) != root:
            self.say("log-split")
        elif shown and max(shown) > size:
            self.say("log-gap")

    # A later log of a relay without one.
    def check_priors(self):
        shown = {log for log, _ in self.roots_seen}
        for logs in self.logs_of.values():
            here = [log for log in logs if log in shown]
            if any(log not in self.priors for log in here[1:]):
                self.say("prior-missing")

    def has_revocations(self, st):
        try:
            return bool(statement.decode_keys(st)["revocations"])
        except Refused:
            return False

    def other_statement(self, kind, st):
        try:
            d = getattr(statement, "decode_" + kind)(st)
        except (Refused, AttributeError):
            return self.say("statement-form")
        if kind == "recovery":
            ag = [a for a, (r, _, _) in self.roots.items()
                  if keys.kid(r) == d["kid"]]
            key = Key(self.roots[ag[0]][0], ag[0], 0) if ag else None
        elif kind == "officer":
            key = self.custodians.get(d["kid"])
        else:
            key = self.keys.get(d["kid"])
        if not self.charters:		# of a pair nobody named
            return self.say("statement-signer")
        self.place(st)			# shown here, whoever signed it
        if key is None:
            return self.say("key-missing")
        relay = self.roots[key.agency][1]
        if relay != (kind == "prior") or (
                "pair_id" in d and d["pair_id"] != self.b.pair) or (
                kind == "recovery" and
                d["direction"] not in self.party[key.agency]):
            return self.say("statement-signer")
        if not self.place(st):
            self.say("revocation-unlogged" if kind == "recovery" else
                     "statement-unlogged")
        try:
            statement.verify(d, key.pk)
        except Refused:
            return self.say("statement-signature")
        stand = self.standing(d["kid"], self.place(st))
        if stand == "refused":
            return self.say("statement-revoked")
        if stand == "disputed":
            self.say("statement-disputed")
        if kind == "prior":
            self.read_prior(key.agency, d, self.place(st))
        if kind == "recovery":
            for i, lane in enumerate(d["lanes"]):
                self.recovered.setdefault(
                    "ab"[d["direction"]] + str(i), []).append(lane)
