"""evidence: a bundle of audit/EVIDENCE.md, judged.

judge() returns (verdict, finding codes).  Nothing in the bundle is believed;
the charter's id comes from outside.
"""

from . import claims, content, keys, note, opencase, timeline, wire
from .base import check_included, leaf_hash
from .bundle import LANES, Bundle, Form, read	# noqa: F401 (for others)
from .err import Refused
from .judge_chain import Chains
from .judge_receipt import Receipts
from .judge_trust import Trust

GAPS = {"bundle-empty", "charter-unpinned", "charter-missing",
        "keys-sequence", "key-missing", "revocation-unlogged",
        "checkpoint-foreign", "proof-stray", "run-disputed", "run-unlogged",
        "seq-gap", "tail-missing", "fork-recovered", "receipt-unlogged",
        "receipt-missing", "receipt-disputed", "statement-disputed",
        "opening-stray", "officer-unknown", "officer-revoked",
        "open-case-unlinked", "join-stray", "time-contradicts",
        "prior-missing"}
NOTES = {"statement-unlogged", "log-gap", "run-overlap", "declared-lost",
         "undecryptable", "expired", "body-shredded", "claim-contradicts",
         "cosignature-foreign", "time-pending"}


class Judge(Trust, Chains, Receipts):
    def __init__(self, b, pin):
        self.b, self.pin = b, pin
        self.found = set()
        self.charters = {}
        self.roots = {}			# agency -> (root, is relay)
        self.party = {}			# agency -> directions
        self.keys, self.custodians = {}, {}	# kid -> Key
        self.relay_logs = {}		# log_id -> (log key, relay name)
        self.revoked = {}		# kid -> [(cuts, {log: index})]
        self.places = {}		# leaf -> {log_id: index}
        self.leaves_used = set()
        self.roots_seen = {}		# (log, size) -> root
        self.time = timeline.Timeline()
        self.trees = {}			# leaf -> {(log, index, tree)}
        self.bounds = {}		# (lane, first seq) -> (after, before)
        self.logs_of = {}		# relay -> its log_ids, as stated
        self.priors = set()		# logs that say what came before
        self.env = {}			# lane -> {seq: Envelope}
        self.run_place = {}		# (env_id, log) -> indexes of its runs
        self.said = {}			# lane -> {seq: {env_id: Envelope}}
        self.spoken = {lane: set() for lane in LANES}	# seqs others name
        self.signer = {}		# env_id -> Key
        self.ends = {lane: 0 for lane in LANES}	# highest seq spoken of
        self.where = {}			# env_id -> (lane, seq)
        self.fate = {}			# env_id -> best of FATES
        self.good = {}			# env_id -> signed by a key in good standing
        self.recovered = {}		# lane -> [(old_seq, old_env, next)]
        self.jumps = {}			# lane -> {next_seq: the jump that stands}

    def say(self, code):
        self.found.add(code)

    # 4: logs
    def read_logs(self):
        entries = {}
        for log_id, groups in self.b.logs.items():
            for n, proofs in groups.items():
                tree = self.read_note(n, log_id)
                if tree is None:
                    continue
                size, root = tree[1:]
                for i, leaf, path in proofs:
                    try:
                        check_included(leaf, i, size, path, root)
                    except Refused:
                        self.say("proof-wrong")
                        continue
                    if entries.setdefault((log_id, i), leaf) != leaf:
                        self.say("log-split")
                    at = self.places.setdefault(leaf, {})
                    at.setdefault(log_id, i)
                    self.trees.setdefault(leaf, set()).add((log_id, i, tree))
        for rec in self.b.notes:
            self.read_note(rec[32:], rec[:32])
        for rec in self.b.joins:
            wrong = self.time.join(rec)
            if wrong:
                self.say(wrong)

    def read_note(self, n, log_id):
        """The tree it signs, or None."""
        if log_id not in self.relay_logs:
            return self.say("checkpoint-form" if self.of_another(n)
                            else "checkpoint-foreign")
        pk, name = self.relay_logs[log_id]
        origin = note.origin(name, log_id)
        try:
            size, root, _ = note.verify(n, origin, pk)
        except Refused as e:
            return self.say("checkpoint-signature" if e.name == "signature"
                            else "checkpoint-form")
        if self.roots_seen.setdefault((log_id, size), root) != root:
            self.say("log-split")
        tree = log_id, size, root
        self.time.tree(tree)
        self.found |= self.time.cosignatures(n, tree, origin, {
            w for c in self.charters.values() for w in c["witness"]})
        return tree

    def place(self, entry):
        leaf = leaf_hash(entry)
        self.leaves_used.add(leaf)
        return self.places.get(leaf, {})

    # 6: runs
    def read_runs(self):
        for lane in LANES:
            for raw in self.b.runs[lane]:
                if self.charters:
                    self.read_run(lane, raw)
                else:			# no channel of nobody
                    self.say("run-channel")

    def read_run(self, lane, raw):
        try:
            run = wire.decode_run(raw, True)
        except Refused:
            return self.say("run-form")
        h = run.envs[0].h
        places = self.place(run.entry())
        d = "ab".index(lane[0])
        if h.channel != keys.channel(self.b.pair, d, int(lane[1])):
            return self.say("run-channel")
        if any(e.h.charter not in self.charters for e in run.envs):
            return self.say("charter-missing")
        key = self.keys.get(h.kid)
        if key is None:
            return self.say("key-missing")
        if d not in self.party.get(key.agency, ()):
            return self.say("run-signer")
        try:
            run.verify(key.pk)
        except Refused:
            return self.say("run-signature")
        stand = self.standing(h.kid, places)
        if stand == "refused":
            return self.say("run-revoked")
        if not places:
            self.say("run-unlogged")
        if stand == "disputed":
            self.say("run-disputed")
        self.check_seen(run.seen, leaf_hash(run.entry()))
        self.take_run(lane, run, key, places, stand == "good")
        self.bound(lane, run)

    def of_another(self, n):
        """Does a log that is known here sign it, under this false name?"""
        for log_id, (pk, name) in self.relay_logs.items():
            try:
                note.verify(n, note.origin(name, log_id), pk)
                return True
            except Refused:
                continue
        return False

    def bound(self, lane, run):
        c = self.charters[run.envs[0].h.charter]
        if not c["witness"]:
            return
        after = None
        try:
            after = self.time.after(c["witness"], run.seen)
        except Refused:
            self.say("seen-contradicts")
        before = self.time.before(c, self.trees.get(leaf_hash(run.entry()),
                                                    ()))
        self.bounds[lane, run.envs[0].h.seq] = after, before
        if before is None:
            self.say("time-pending")
        elif after is not None and after > before:
            self.say("time-contradicts")

    def take_run(self, lane, run, key, places, good):
        known = self.said.setdefault(lane, {})
        for e in run.envs:
            old = known.setdefault(e.h.seq, {})
            if e.id in old:
                self.say("run-overlap")
            old[e.id] = e
            self.signer[e.id] = key
            self.where[e.id] = lane, e.h.seq
            self.good[e.id] = self.good.get(e.id, False) or good
            for log, i in places.items():
                self.run_place.setdefault((e.id, log), set()).add(i)

    def check_seen(self, seen, leaf):
        log, size = seen[:32], int.from_bytes(seen[32:40], "big")
        if any(at == log and size > index
               for at, index, _ in self.trees.get(leaf, ())):
            self.say("seen-contradicts")
        root = self.roots_seen.get((log, size))
        if root is not None and root != seen[40:72]:
            self.say("seen-contradicts")

    # 9, 10
    def read_openings(self):
        by_id = {e.id: e for k in self.env.values() for e in k.values()}
        tags = {}			# env_id -> highest tag opened alone
        shown, cases = opencase.Shown(), []
        for raw in self.b.openings:
            if raw[32] == 3:
                cases.append((raw[:32], raw[33:]))
                continue
            e = by_id.get(raw[:32])
            if e is None:
                self.say("opening-stray")
                continue
            check = (content.check_field_opening if raw[32] == 1 else
                     content.check_message_opening)
            try:
                got = check(raw[33:], e.h.C)
                if raw[32] == 1:	# outline apart, tags ascend
                    tag, last = got[1], tags.get(e.id, 1)
                    if tag != 1 and tag <= last:
                        self.say("opening-form")
                        continue
                    tags[e.id] = max(tag, last)
                    got = [got[1:3]]
                shown.add(e.id, dict(got))
            except Refused as err:
                if err.name != "commitment":
                    self.say("opening-form")
                elif any(opens(check, raw[33:], x) for x in by_id.values()):
                    self.say("opening-elsewhere")
                else:
                    self.say("opening-wrong")
        opencase.judge(self.say, cases, shown, {
            e.id: ("ab".index(lane[0]), int(lane[1]), seq)
            for lane, k in self.env.items() for seq, e in k.items()})

        claims.judge(self.say, self.b.shredded, by_id, shown)

    def check_strays(self):
        if set(self.places) - self.leaves_used:
            self.say("proof-stray")


def opens(check, opening, env):
    try:
        check(opening, env.h.C)
        return True
    except Refused:
        return False


def verdict_of(found):
    if "charter-mismatch" in found:
        return "mismatch"
    if found - GAPS - NOTES:
        return "failed"
    return "incomplete" if found & GAPS else "verified"


def judge(data, pin=None):
    """(verdict, codes); pin: the charter's id from outside."""
    try:
        j = judged(data, pin)
    except Form:
        return "failed", {"bundle-form"}
    return verdict_of(j.found), j.found


def judged(data, pin=None):
    """The Judge, done; Form where the bundle is none."""
    j = Judge(read(data), pin)
    for step in (j.read_charters, j.read_keys, j.read_logs,
                 j.read_statements, j.read_runs, j.choose, j.read_receipts,
                 j.check_chains, j.check_ends, j.read_openings,
                 j.check_strays):
        step()
    return j
