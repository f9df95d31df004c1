"""evidence: a bundle of audit/EVIDENCE.md, written, read and judged.

judge() returns (verdict, finding codes).  Nothing in the bundle is believed;
the charter's id comes from outside.
"""

import re
import struct
import zlib

from . import (charter, claims, content, keys, note, opencase, statement,
               timeline, wire)
from .base import H, Reader, check_included, leaf_hash, u16, u32, u64
from .err import Refused, need

LANES = ["a0", "a1", "a2", "b0", "b1", "b2"]
NAME = re.compile(r"charter/\d{5}(\.[ab]\.sig)?|evidence|holds|joins|"
                  r"log/[0-9a-f]{64}|notes|"
                  r"openings|receipts|runs\.[ab][012]|shredded|statements")


class Bundle:
    def __init__(self, pair, level="sealed"):
        self.pair, self.level = pair, level
        self.charters = {}		# number -> (text, sig a, sig b)
        self.statements, self.receipts, self.openings = [], [], []
        self.holds, self.shredded = [], []	# claims.py
        self.joins, self.notes = [], []
        self.runs = {lane: [] for lane in LANES}	# bare bytes
        self.logs = {}			# log_id -> {note: [(i, leaf, path)]}

    def members(self):
        m = {"evidence": ("casewire/1 evidence\nlevel %s\npair %s\n" %
                          (self.level, self.pair.hex())).encode()}
        for n, (text, a, b) in self.charters.items():
            m["charter/%05d" % n] = text
            m["charter/%05d.a.sig" % n] = a
            m["charter/%05d.b.sig" % n] = b
        m["statements"] = records(sorted(set(self.statements)))
        m["receipts"] = records(sorted(set(self.receipts)))
        m["openings"] = records(sorted(set(self.openings)))
        m["holds"] = records(sorted(set(self.holds)))
        m["shredded"] = records(sorted(set(self.shredded)))
        m["joins"] = records(sorted(set(self.joins)))
        m["notes"] = records(sorted(set(self.notes)))
        for lane, runs in self.runs.items():
            m["runs." + lane] = records(sorted(set(runs), key=run_key))
        for log_id, groups in self.logs.items():
            m["log/" + log_id.hex()] = b"".join(sorted(
                u32(len(n)) + n + u32(len(ps)) + b"".join(sorted(
                    u64(i) + leaf + bytes([len(p)]) + b"".join(p)
                    for i, leaf, p in ps)) for n, ps in groups.items()))
        return {k: v for k, v in m.items() if v}

    def encode(self):
        return zip_bytes(self.members())


def run_key(bare):
    return int.from_bytes(bare[106 + 48:106 + 56], "big"), bare


def records(items):
    return b"".join(u32(len(i)) + i for i in items)


def zip_bytes(members):
    """Section 1: every byte is content or determined."""
    out, directory = b"", b""
    for name in sorted(members):
        data = members[name]
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x21,
                             zlib.crc32(data), len(data), len(data),
                             len(name), 0)
        directory += (b"PK\1\2" + struct.pack("<H", 0x033f) + common +
                      struct.pack("<HHHII", 0, 0, 0, 0x81a40000, len(out)) +
                      name.encode())
        out += b"PK\3\4" + common + name.encode() + data
    return out + directory + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, len(members), len(members), len(directory),
        len(out), 0)


# Reading -------------------------------------------------------------------------

class Form(Exception):
    """bundle-form or bundle-damaged."""


def form(ok, why):
    if not ok:
        raise Form(why)


def read_zip(data):
    """{name: content}: what stands in the local heads, if the whole file is
    what zip_bytes makes of it."""
    out, at = {}, 0
    try:
        while data[at:at + 4] == b"PK\3\4":
            size, n = struct.unpack_from("<IH", data, at + 22)
            name = data[at + 30:at + 30 + n].decode("ascii")
            at += 30 + n + size
            form(NAME.fullmatch(name) and name not in out and size > 0, name)
            out[name] = data[at - size:at]
    except (struct.error, UnicodeDecodeError) as e:
        raise Form(str(e)) from None
    form(0 < len(out) <= 1024, "members")
    form(list(out) == sorted(out) and zip_bytes(out) == data, "zip")
    return out


def read_records(data, key=None):
    r, out = Reader(data), []
    while r.left():
        out.append(r.take(r.u32()))
    ks = [key(x) for x in out] if key else out
    form(all(a < b for a, b in zip(ks, ks[1:])), "records")
    return out


def read_log(data):
    r, groups, order = Reader(data), {}, []
    while r.left():
        n = r.take(r.u32())
        count = r.u32()
        form(count > 0, "no proof")
        order.append(u32(len(n)) + n)
        proofs, raw = [], []
        for _ in range(count):
            at = r.at
            i, leaf = r.u64(), r.take(32)
            k = r.u8()
            form(k <= 63, "path")
            proofs.append((i, leaf, [r.take(32) for _ in range(k)]))
            raw.append(r.data[at:r.at])
        form(all(a < b for a, b in zip(raw, raw[1:])), "proofs")
        groups[n] = proofs
    form(all(a < b for a, b in zip(order, order[1:])), "groups")
    return groups


def read(data):
    m = read_zip(data)
    try:
        top = re.fullmatch(rb"casewire/1 evidence\n"
                           rb"level (sealed|outline|open)\n"
                           rb"pair ([0-9a-f]{64})\n", m.get("evidence", b""))
        form(top, "evidence")
        b = Bundle(bytes.fromhex(top.group(2).decode()),
                   top.group(1).decode())
        for name, body in m.items():
            if re.fullmatch(r"charter/\d{5}", name):
                sigs = [m.get(name + ".%s.sig" % s, b"") for s in "ab"]
                form(all(len(s) == 64 for s in sigs), "signatures")
                b.charters[int(name[8:])] = (body, *sigs)
            elif name.startswith("charter/"):
                form(name[:13] in m, "signature of nothing")
            elif name.startswith("log/"):
                b.logs[bytes.fromhex(name[4:])] = read_log(body)
            elif name.startswith("runs."):
                b.runs[name[5:]] = read_records(body, run_key)
            elif name != "evidence":
                setattr(b, name, read_records(body))
        form(all(len(o) > 32 and o[32] in (1, 2, 3) for o in b.openings),
             "kind")
        form(claims.well_formed(b.holds, b.shredded), "claims")
        form(all(33 <= len(n) <= 32 + 4096 for n in b.notes), "notes")
        for j in b.joins:
            timeline.decode_join(j)
        return b
    except Refused as e:
        raise Form(str(e)) from None


# Judging ----------------------------------------------------------------------------

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


class Key:
    """An S: whose, which statement first bore it."""

    def __init__(self, pk, agency, ks_seq):
        self.pk, self.agency, self.ks_seq = pk, agency, ks_seq


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


class Judge:
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
        self.check_seen(run.seen)
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

    def check_seen(self, seen):
        log, size = seen[:32], int.from_bytes(seen[32:40], "big")
        root = self.roots_seen.get((log, size))
        if root is not None and root != seen[40:72]:
            self.say("seen-contradicts")

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
