#!/usr/bin/python3
"""make_vectors: write tests/vectors/*.json, the worked examples of casewire/1.

Deterministic: the cast's keys come from names.  No test calls this; it
overwrites nothing unless told --force.  Every file: story, source section,
and cases; a case has name, story, op (what to do), in, and either out or
refuse (+ status).  Values are hex, integers, or (text_*) plain text; lists
of hashes are one hex string, end to end.
"""

import json
import os
import sys

from cast import *
from casewire_py import (base, charter, content, err, keys, note, opencase,
                         statement, wire)
from casewire_py.base import H, label, u16, u32, u64

GROUPS = {}


def group(name, source, story):
    def deco(fn):
        GROUPS[name] = (source, story, fn)
        return fn
    return deco


def hexed(d):
    return {k: (v.hex() if isinstance(v, bytes) else v) for k, v in d.items()}


def good(name, story, op, in_, out, shows=None):
    """shows: values on the way, for whoever debugs; an implementation that
    never lets them out need not."""
    case = {"name": name, "story": story, "op": op, "in": hexed(in_),
            "out": hexed(out)}
    if shows:
        case["shows"] = hexed(shows)
    return case


def bad(name, story, op, in_, refuse):
    return {"name": name, "story": story, "op": op, "in": hexed(in_),
            "refuse": refuse, "status": err.STATUS[refuse]}


def flip(data, at, mask=1):
    b = bytearray(data)
    b[at] ^= mask
    return bytes(b)


def put(data, at, what):
    return data[:at] + what + data[at + len(what):]


# ---------------------------------------------------------------- names

@group("names", "PROTOCOL.md Notation, sections 1, 2, 5, 8",
       "How keys, agencies, logs and channels get their short names. Each is "
       "SHA-256 over a label with its NUL and the key, so a name of one kind "
       "can never be taken for another.")
def names():
    yield good("kid", "The look-up hint of A's signing key.", "kid",
               {"key": S_A.pk}, {"id": keys.kid(S_A.pk)})
    yield good("agency", "An agency is named by its root key.", "agency",
               {"root": ROOT_A.pk}, {"id": keys.agency(ROOT_A.pk)})
    yield good("log id", "A log is named by its log key, in full.", "log_id",
               {"key": RELAY_LOG.pk}, {"hash": LOG_ID})
    for d in (0, 1):
        for lane, what in enumerate(("notices", "emergency", "files")):
            yield good("channel %d/%d" % (d, lane),
                       "Party %s's lane of %s." % ("ab"[d], what), "channel",
                       {"pair_id": PAIR_ID, "direction": d, "lane": lane},
                       {"id": keys.channel(PAIR_ID, d, lane)})
    yield good("ed25519 seed", "A root made from a 32-byte seed; libsodium's "
               "own key pair.", "ed25519", {"seed": seed("root one")},
               {"public": signer("root one").pk})
    yield good("good point", "An ordinary key passes enrolment.",
               "check_ed25519", {"key": S_A.pk}, {})
    yield bad("small order Ed25519", "The point of order 2: with it a "
              "signature could hold for many messages.", "check_ed25519",
              {"key": bytes([0xec] + [0xff] * 30 + [0x7f])}, "point")
    yield bad("identity Ed25519", "The neutral element.", "check_ed25519",
              {"key": bytes([1]) + bytes(31)}, "point")
    mixed = keys.nb.crypto_core_ed25519_add(
        S_A.pk, bytes([0xec] + [0xff] * 30 + [0x7f]))
    yield bad("mixed order Ed25519", "A's key plus the point of order 2: on "
              "the curve, outside the prime group.", "check_ed25519",
              {"key": mixed}, "point")
    yield good("good X25519", "An ordinary key passes.", "check_x25519",
               {"key": I_A.pk}, {})
    yield bad("zero X25519", "All zeros: every shared secret would be zero.",
              "check_x25519", {"key": bytes(32)}, "point")
    yield bad("small order X25519", "The point of order 8 of Curve25519.",
              "check_x25519", {"key": bytes.fromhex(
                  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f"
                  "49b800")}, "point")
    yield bad("X25519 not canonical", "p + 9 is 9 in other clothes.",
              "check_x25519", {"key": (2 ** 255 - 10).to_bytes(32, "little")},
              "point")
    yield bad("X25519 top bit", "The unused bit set.", "check_x25519",
              {"key": I_A.pk[:31] + bytes([I_A.pk[31] | 0x80])}, "point")
    yield bad("short key", "31 bytes are no key.", "check_ed25519",
              {"key": S_A.pk[:31]}, "key_length")


@group("merkle", "PROTOCOL.md Notation, 13.1; RFC 6962, RFC 9162",
       "Trees: the same shape over the envelopes of a run, the fields of a "
       "message and the statements of a log. A path has exactly the length "
       "that index and size demand.")
def merkle():
    ls = [base.leaf_hash(b"entry %d" % i) for i in range(13)]
    yield good("empty", "No leaf: the hash of nothing.", "merkle_root",
               {"leaves": b""}, {"root": base.merkle_root([])})
    yield good("leaf", "One entry, hashed with 0x00 in front.", "leaf_hash",
               {"entry": b"entry 0"}, {"hash": ls[0]})
    for n in (1, 2, 3, 5, 8, 13):
        root = base.merkle_root(ls[:n])
        yield good("root of %d" % n, "%d leaves." % n, "merkle_root",
                   {"leaves": b"".join(ls[:n])}, {"root": root})
        for i in sorted({0, n // 2, n - 1}):
            path = base.merkle_path(ls[:n], i)
            yield good("path %d of %d" % (i, n), "From the leaf upward.",
                       "merkle_included",
                       {"leaf": ls[i], "index": i, "size": n, "root": root,
                        "path": b"".join(path)},
                       {"length": len(path)})
    n, i = 13, 6
    root, path = base.merkle_root(ls), b"".join(base.merkle_path(ls, i))
    d = {"leaf": ls[i], "index": i, "size": n, "root": root, "path": path}
    yield bad("path too short", "One hash missing.", "merkle_included",
              {**d, "path": path[:-32]}, "path_length")
    yield bad("path too long", "One hash too many.", "merkle_included",
              {**d, "path": path + ls[0]}, "path_length")
    yield bad("index outside", "No leaf 13 in a tree of 13.",
              "merkle_included", {**d, "index": 13}, "proof")
    yield bad("another leaf", "The path of another leaf.", "merkle_included",
              {**d, "leaf": ls[7]}, "proof")
    yield bad("flipped path", "One bit of the path.", "merkle_included",
              {**d, "path": flip(path, 5)}, "proof")
    for m, n in ((1, 2), (3, 7), (4, 8), (6, 13), (8, 13), (13, 13), (0, 5)):
        pr = base.consistency_proof(ls[:n], m)
        yield good("consistent %d to %d" % (m, n), "The log only grew.",
                   "merkle_consistent",
                   {"size1": m, "root1": base.merkle_root(ls[:m]), "size2": n,
                    "root2": base.merkle_root(ls[:n]), "path": b"".join(pr)},
                   {})
    pr = base.consistency_proof(ls, 6)
    d = {"size1": 6, "root1": base.merkle_root(ls[:6]), "size2": 13,
         "root2": base.merkle_root(ls), "path": b"".join(pr)}
    yield bad("rewritten log", "The old tree had another leaf.",
              "merkle_consistent", {**d, "root1": base.merkle_root(ls[1:7])},
              "proof")
    yield bad("consistency too short", "A hash is missing.",
              "merkle_consistent", {**d, "path": d["path"][:-32]},
              "path_length")
    yield bad("consistency too long", "A hash too many.", "merkle_consistent",
              {**d, "path": d["path"] + ls[0]}, "path_length")


@group("hkdf", "PROTOCOL.md Notation; RFC 5869 with SHA-512",
       "HKDF-SHA-512, which the crypto library lacks, and HMAC-SHA-512.")
def hkdf():
    for name, salt, ikm, info, length in (
            ("short", b"salt", b"key material", b"info", 32),
            ("two blocks", bytes(32), bytes(range(96)), label("chain"), 100),
            ("no info", seed("salt"), seed("ikm"), b"", 64)):
        prk = base.extract(salt, ikm)
        yield good(name, "Extract, then expand to %d bytes." % length, "hkdf",
                   {"salt": salt, "ikm": ikm, "info": info, "length": length},
                   {"prk": prk, "okm": base.expand(prk, info, length)})


# ---------------------------------------------------------------- statements

@group("keys", "PROTOCOL.md sections 1, 13.2",
       "Key statements: what a root says about its working keys, each naming "
       "the hash of the one before.")
def keys_group():
    ks1 = key_statement()
    d = statement.decode_keys(ks1)
    yield good("first", "Agency A's first statement: S, I, T, custodian.",
               "keys", {"root": ROOT_A.pk, "relay": 0, "data": ks1},
               {"kid": d["kid"], "agency": d["agency"], "ks_seq": 1,
                "previous": d["previous"], "not_before": d["not_before"],
                "not_after": d["not_after"], "key_count": 4,
                "hash": H(d["statement"]), "revocation_count": 0})
    new = sorted([(1, signer("signing a next").pk), (2, dh("id a next").pk),
                  (3, T_A.pk), (5, K_A.pk)])
    revs = sorted([(S_A.kid, 2, [(LOG_ID, 41)]),
                   (keys.kid(signer("old").pk), 1, [])])
    ks2 = key_statement(2, H(d["statement"]), new, revs)
    yield good("second, revoking", "S was stolen: good below log index 41, "
               "disputed from there to this statement, refused after. The "
               "other key names no log: cut 0 everywhere.", "keys",
               {"root": ROOT_A.pk, "relay": 0, "data": ks2},
               {"ks_seq": 2, "previous": H(d["statement"]),
                "revocation_count": 2, "key_count": 4,
                "hash": H(ks2[:-64])})
    yield good("succession", "ks_seq + 1 with the right previous hash.",
               "keys_follow", {"root": ROOT_A.pk, "old": ks1, "new": ks2}, {})
    yield bad("wrong previous", "Right number, other history.", "keys_follow",
              {"root": ROOT_A.pk, "old": ks1, "new": key_statement(2, seed("other"), new)},
              "key_seq")
    yield bad("skips one", "ks_seq 3 after 1.", "keys_follow",
              {"root": ROOT_A.pk, "old": ks1, "new": key_statement(3, H(d["statement"]), new)},
              "key_seq")
    yield bad("root equivocation", "Two statements of one ks_seq.",
              "keys_follow", {"root": ROOT_A.pk, "old": ks1,
                              "new": key_statement(keys_=sorted(
                                  [(1, signer("x").pk), (2, I_A.pk),
                                   (3, T_A.pk)]))}, "root_equivocation")
    relay = RELAY_ROOT.statement(statement.encode_keys(
        RELAY_ROOT.pk, 1, bytes(32), T0, T0 + 365 * 86400000,
        sorted([(1, RELAY_S.pk), (3, RELAY_T.pk), (4, RELAY_LOG.pk)])))
    yield good("relay", "A relay: S, T and one log key, no I.", "keys",
               {"root": RELAY_ROOT.pk, "relay": 1, "data": relay},
               {"ks_seq": 1, "key_count": 3, "hash": H(relay[:-64])})

    def refuse(name, story, data, why, root=ROOT_A.pk):
        return bad(name, story, "keys",
                   {"root": root, "relay": 0, "data": data}, why)

    def signed(at, what):
        return ROOT_A.statement(put(ks1[:-64], at, what))
    lab = len(label("keys"))
    base_keys = [(1, S_A.pk), (2, I_A.pk), (3, T_A.pk), (5, K_A.pk)]
    small_x = bytes(32)
    small_e = bytes([0xec] + [0xff] * 30 + [0x7f])
    yield refuse("bad signature", "One bit of the signature.",
                 flip(ks1, -1), "signature")
    yield refuse("another root", "Signed by a root that is not this one's.",
                 ks1, "key_foreign", ROOT_B.pk)
    yield refuse("truncated", "Cut inside the first label.", ks1[:9],
                 "magic")
    yield refuse("another kind", "A prekey's label.",
                 label("prekey") + ks1[lab:], "magic")
    yield refuse("layout version", "u16 2 is not known.",
                 signed(lab + 16, u16(2)), "version")
    yield refuse("ks_seq 0", "Sequences start at 1.",
                 signed(lab + 34, u64(0)), "key_seq")
    yield refuse("first with previous", "ks_seq 1 has no predecessor.",
                 key_statement(1, seed("x")), "key_seq")
    yield refuse("no time", "not_after before not_before.",
                 signed(lab + 74, u64(T0 + 10 ** 12)), "key_expired")
    yield refuse("keys out of order", "Types ascending, then keys.",
                 key_statement(keys_=[base_keys[1], base_keys[0]] +
                               base_keys[2:]), "encoding")
    yield refuse("key twice", "The same transport key twice.",
                 key_statement(keys_=base_keys[:3] + base_keys[2:]),
                 "encoding")
    yield refuse("unknown type", "Type 6.", key_statement(
        keys_=base_keys + [(6, K_A.pk)]), "encoding")
    yield refuse("identity alone", "I comes with its S: a kid names both.",
                 key_statement(keys_=base_keys[1:]), "count")
    yield refuse("two signing keys", "One S at a time.", key_statement(
        keys_=sorted([(1, S_A.pk), (1, S_B.pk)]) + base_keys[1:]), "count")
    yield refuse("no keys", "k = 0.", key_statement(keys_=[]), "count")
    yield refuse("relay for a party", "A relay's statement under a root that "
                 "the charter names as a party.",
                 key_statement(keys_=[(1, S_A.pk), (3, T_A.pk),
                                      (4, RELAY_LOG.pk)]), "key_foreign")
    yield refuse("five transports", "At most four.", key_statement(
        keys_=base_keys[:2] + sorted((3, dh("t%d" % i).pk)
                                     for i in range(5))), "count")
    yield refuse("agency with a log key", "Only a relay keeps a log.",
                 key_statement(keys_=base_keys[:3] + [(4, RELAY_LOG.pk)]),
                 "count")
    yield bad("agency for a relay", "An agency's statement under a relay's "
              "root.", "keys",
              {"root": RELAY_ROOT.pk, "relay": 1, "data":
               RELAY_ROOT.statement(statement.encode_keys(
                   RELAY_ROOT.pk, 1, bytes(32), T0, T0 + 10,
                   [(1, RELAY_S.pk), (2, I_A.pk), (3, T_A.pk)]))},
              "key_foreign")
    yield refuse("small order S", "A signing key of order 2.",
                 key_statement(keys_=[(1, small_e)] + base_keys[1:]),
                 "point")
    yield refuse("small order I", "An all-zero DH key.", key_statement(
        keys_=[base_keys[0], (2, small_x)] + base_keys[2:]), "point")
    yield refuse("revocation reason", "Reason 4 does not exist.",
                 key_statement(revocations=[(S_B.kid, 4, [])]), "code")
    yield refuse("revocations out of order", "kids ascending.",
                 key_statement(revocations=sorted(
                     [(S_B.kid, 1, []), (S_A.kid, 1, [])], reverse=True)),
                 "encoding")
    yield refuse("revoked twice", "One kid, two revocations.",
                 key_statement(revocations=[(S_B.kid, 1, []),
                                            (S_B.kid, 2, [])]), "encoding")
    yield refuse("cut twice", "One log, two cuts.", key_statement(
        revocations=[(S_B.kid, 1, [(LOG_ID, 3), (LOG_ID, 4)])]), "encoding")
    yield refuse("trailing", "A byte before the signature.",
                 ROOT_A.statement(ks1[:-64] + b"\0"), "trailing")
    yield refuse("statement cut", "Ends inside the key list.",
                 ROOT_A.statement(ks1[:-64][:-40]), "truncated")


@group("standing", "PROTOCOL.md section 1: revocation is by log index",
       "What a revoked kid signed is good below the cut, disputed up to the "
       "revoking statement, refused from there on. Nobody's clock counts.")
def standing():
    for i, cut, r, word in ((0, 41, 60, "good"), (40, 41, 60, "good"),
                            (41, 41, 60, "disputed"),
                            (59, 41, 60, "disputed"),
                            (60, 41, 60, "refused"), (9, 0, 60, "disputed"),
                            (99, 0, 60, "refused")):
        cuts = [(LOG_ID, cut)] if cut else []
        ks1 = key_statement()
        ks2 = key_statement(2, H(ks1[:-64]), sorted(
            [(1, signer("signing a next").pk), (2, dh("id a next").pk),
             (3, T_A.pk)]), [(S_A.kid, 2, cuts)])
        assert word == statement.standing(i, cut, r)
        yield good("index %d, cut %d, revoked at %d" % (i, cut, r),
                   "S_A is revoked by a statement at %d; what it signed at "
                   "%d is %s." % (r, i, word), "standing",
                   {"root": ROOT_A.pk, "old": ks1, "new": ks2,
                    "kid": S_A.kid, "log_id": LOG_ID, "index": i,
                    "revoked_at": r}, {"text_standing": word})


@group("statements", "PROTOCOL.md sections 1, 3, 6, 7, 8, 13.2",
       "Prekey, officer certificate, recovery, receipt and prior statements: "
       "label | kid | body, then 64 bytes of signature.")
def statements():
    def refuse(op, name, story, data, why, key=S_B.pk):
        return bad(name, story, op, {"key": key, "data": data}, why)
    # prekey
    pk = S_B.statement(statement.encode_prekey(S_B.pk, PAIR_ID, 7, P_B.pk))
    lab = len(label("prekey"))
    yield good("prekey", "B's prekey 7 for this pair, signed by its S.",
               "prekey", {"key": S_B.pk, "data": pk},
               {"kid": S_B.kid, "pair_id": PAIR_ID, "prekey_id": 7,
                "P": P_B.pk})
    yield refuse("prekey", "prekey id 0", "Ids start at 1.",
                 S_B.statement(put(pk[:-64], lab + 48, u64(0))), "seq")
    yield refuse("prekey", "prekey small order", "P = 0.", S_B.statement(
        statement.encode_prekey(S_B.pk, PAIR_ID, 7, bytes(32))), "point")
    yield refuse("prekey", "prekey flipped", "One bit of P.",
                 flip(pk, lab + 60), "signature")
    yield refuse("prekey", "prekey of another", "A verifies with the wrong "
                 "key: another kid.", pk, "kid_unknown", S_A.pk)
    yield refuse("prekey", "prekey trailing", "A byte too many.",
                 S_B.statement(pk[:-64] + b"\0"), "trailing")
    yield refuse("prekey", "prekey short", "A byte too few.",
                 S_B.statement(pk[:-65]), "truncated")
    # officer
    info = bytes.fromhex("0a04667261756412086472616674696e671a024c69")
    oc = K_A.statement(statement.encode_officer(
        K_A.pk, seed("officer id")[:16], O_A.pk, T0, T0 + 86400000, 0, info))
    lab = len(label("officer"))
    yield good("officer certificate", "A custodian vouches for an officer's "
               "key; desk, roles and name are protobuf.", "officer",
               {"key": K_A.pk, "data": oc},
               {"kid": K_A.kid, "officer": seed("officer id")[:16],
                "O": O_A.pk, "not_before": T0, "not_after": T0 + 86400000,
                "revoked": 0, "info": info})
    yield refuse("officer", "officer revoked 2", "0 or 1.", K_A.statement(
        put(oc[:-64], lab + 80, b"\2")), "code", K_A.pk)
    yield refuse("officer", "officer info too long", "1,025 bytes.",
                 K_A.statement(oc[:-64 - len(info)] + bytes(1025)),
                 "too_big", K_A.pk)
    # officer's signature on a message
    fields = [(1, b"outline"), (2, b"body"), (3, b"sigs"), (6, bytes(32))]
    msg = content.officer_message(PAIR_ID, 0, 2, fields)
    yield good("officer signs", "The releaser's signature covers all fields "
               "but the signatures, and case, pair, direction, role.",
               "officer_message",
               {"pair_id": PAIR_ID, "direction": 0, "role": 2, "seed":
                seed("officer a"), "fields": content.encode_fields(fields)},
               {"message": msg, "sig": O_A.sign(msg)})
    # recovery
    lanes = [(12, seed("head 0"), 15), (0, bytes(32), 1),
             (3, seed("head 2"), 4)]
    rc = ROOT_A.statement(statement.encode_recovery(
        ROOT_A.pk, PAIR_ID, 0, 9, 77, 1, lanes))
    lab = len(label("recovery"))
    yield good("recovery", "A's root names the branch: lane 0 goes on at 15 "
               "after 12 (13 and 14 are declared lost), lane 1 never spoke, "
               "lane 2 goes on without loss.", "recovery",
               {"key": ROOT_A.pk, "data": rc},
               {"kid": ROOT_A.kid, "pair_id": PAIR_ID, "direction": 0,
                "incarnation": u32(9) + u32(77), "reason": 1,
                "old_seq_0": 12, "old_env_0": seed("head 0"),
                "next_seq_0": 15, "old_seq_1": 0, "old_env_1": bytes(32),
                "next_seq_1": 1, "old_seq_2": 3, "old_env_2": seed("head 2"),
                "next_seq_2": 4})
    for name, story, at, what, why in (
            ("recovery direction", "2 is no direction.", 48, b"\2",
             "code"),
            ("recovery reason", "Reason 9.", 57, u16(9), "code"),
            ("recovery start 0", "Start counts begin at 1.", 49, u32(0),
             "incarnation"),
            ("recovery goes back", "next_seq must be above old_seq.",
             59 + 40, u64(12), "seq"),
            ("recovery head without seq", "old_seq 0 with an env_id.",
             59 + 48 + 8, seed("z"), "encoding")):
        yield refuse("recovery", name, story, ROOT_A.statement(
            put(rc[:-64], lab + at, what)), why, ROOT_A.pk)
    # receipts
    env = seed("an envelope")
    lab = len(label("receipt"))

    def receipt(who, event, reason, index=5, first=3, last=8):
        return who.statement(statement.encode_receipt(
            who.pk, event, reason, CH_AB, first, last, env, LOG_ID, index,
            T0 + 5000))
    for name, story, who, event, reason, index in (
            ("refused", "The relay says why not; not logged.", RELAY_S, 2,
             103, statement.NO_INDEX),
            ("fetched", "Sent to the recipient's transport key.", RELAY_S, 3,
             0, 5),
            ("delivered", "Opened and durable: one signature for seq 3 to 8.",
             S_B, 4, 0, 5),
            ("undecryptable", "The prekey is gone.", S_B, 5, 67, 5),
            ("expired", "No `delivered` within keep.", RELAY_S, 6, 170, 5)):
        yield good("receipt " + name, story, "receipt",
                   {"key": who.pk, "data": receipt(who, event, reason,
                                                   index)},
                   {"kid": who.kid, "event": event, "reason": reason,
                    "channel": CH_AB, "first_seq": 3, "last_seq": 8,
                    "env_id": env, "log_id": LOG_ID,
                    "index": u64(index), "time_ms": T0 + 5000})
    for name, story, args, why in (
            ("receipt submitted", "`submitted` has no statement: it is the "
             "inclusion proof.", (S_B, 1, 0), "code"),
            ("receipt taken on", "7 is reserved.", (S_B, 7, 0), "code"),
            ("receipt delivered with reason", "Good news has no reason.",
             (S_B, 4, 60), "encoding"),
            ("receipt undecryptable without reason", "Bad news has one.",
             (S_B, 5, 0), "encoding"),
            ("receipt expired, other reason", "Only 170.", (S_B, 6, 60),
             "encoding"),
            ("receipt delivered, not logged", "Index 2^64-1 is for refused.",
             (S_B, 4, 0, statement.NO_INDEX), "encoding"),
            ("receipt refused, logged", "A refusal has no index.",
             (S_B, 2, 103, 5), "encoding"),
            ("receipt backwards", "first_seq above last_seq.",
             (S_B, 4, 0, 5, 9, 8), "seq"),
            ("receipt seq 0", "Sequences start at 1.", (S_B, 4, 0, 5, 0, 8),
             "seq")):
        yield refuse("receipt", name, story, receipt(*args), why)
    yield refuse("receipt", "receipt flipped", "One bit of the env_id.",
                 flip(receipt(S_B, 4, 0), lab + 60), "signature")
    # prior
    cp = note.sign_checkpoint(note.origin("relay.example", LOG_ID), 4,
                              seed("root"), RELAY_LOG).encode()
    pr = RELAY_S.statement(statement.encode_prior(RELAY_S.pk, cp))
    yield good("prior", "Entry 1 of a new log: the old log's last "
               "checkpoint.", "prior", {"key": RELAY_S.pk, "data": pr},
               {"kid": RELAY_S.kid, "note": cp})
    yield refuse("prior", "prior trailing", "len says less than there is.",
                 RELAY_S.statement(pr[:-64] + b"\n"), "trailing", RELAY_S.pk)


# ---------------------------------------------------------------- charter

@group("charter", "PROTOCOL.md sections 2, 13.3",
       "The charter: the text both roots sign, its id, and the twelve words "
       "two people read to each other. data is the text, hex.")
def charter_group():
    sig_msg = charter.sig_message(CHARTER_ID)
    c = charter.parse(CHARTER_BYTES)
    yield good("charter 0", "Two agencies, one relay, one witness.",
               "charter", {"data": CHARTER_BYTES, "text": CHARTER},
               {"charter_id": CHARTER_ID, "number": 0,
                "root_a": ROOT_A.pk, "root_b": ROOT_B.pk, "copies": 1,
                "text_name_a": c["a"][1], "text_name_b": c["b"][1],
                "relay_count": 1, "witness_count": 1, "quorum": 1,
                "heartbeat": 300, "keep": 30, "size": 65536,
                "from_ms": c["from_ms"], "until_ms": c["until_ms"]})
    ws = charter.words(CHARTER_ID)
    yield good("words", "What is compared aloud: indices into the list, as "
               "four digits.", "words", {"charter_id": CHARTER_ID},
               {"text_words": " ".join("%04d" % w for w in ws)})
    yield good("qr", "What the QR code holds.", "qr",
               {"charter_id": CHARTER_ID},
               {"text_qr": charter.qr_text(CHARTER_ID)})
    yield good("signature of a", "charter.a.sig, 64 bytes.", "charter_sig",
               {"root": ROOT_A.pk, "charter_id": CHARTER_ID,
                "sig": ROOT_A.sign(sig_msg)}, {"message": sig_msg})
    yield bad("signature of b by a", "A signed the file named for b.",
              "charter_sig", {"root": ROOT_B.pk, "charter_id": CHARTER_ID,
                              "sig": ROOT_A.sign(sig_msg)}, "signature")
    renewal = (CHARTER.replace("number 0", "number 1")
               .replace("pair -", "pair " + CHARTER_ID.hex())
               .replace("replaces -", "replaces " + CHARTER_ID.hex()))
    c1 = charter.charter_id(renewal.encode())
    yield good("renewal", "Number 1 names the pair and what it replaces.",
               "charter", {"data": renewal.encode(), "text": renewal},
               {"charter_id": c1, "number": 1, "pair_id": PAIR_ID,
                "replaces": CHARTER_ID})
    full = CHARTER.replace(
        "relay %s" % RELAY_ROOT.pk.hex(),
        "relay %s relay-two_B tcp://host.example:443\nrelay %s"
        % (signer("relay two").pk.hex(), RELAY_ROOT.pk.hex())).replace(
        "copies 1", "copies 2").replace("suite 1\n", "suite 1\nsuite 2\n")
    yield good("two relays", "Two copies, two suites, a name in place of an address.",
               "charter", {"data": full.encode(), "text": full},
               {"charter_id": charter.charter_id(full.encode()),
                "copies": 2, "relay_count": 2})

    def swap(old, new):
        assert old in CHARTER
        return CHARTER.replace(old, new, 1)
    ra, rb = ROOT_A.pk.hex(), ROOT_B.pk.hex()
    many = "".join("clock c%d 1 1 1\n" % i for i in range(62))
    for name, story, text in (
            ("empty", "No line at all.", ""),
            ("no final LF", "The last line does not end.", CHARTER[:-1]),
            ("CR LF", "A mail program touched it.",
             CHARTER.replace("\n", "\r\n")
             .replace("\r", "", 1)),
            ("blank line", "Between number and pair.",
             swap("number 0\n", "number 0\n\n")),
            ("trailing space", "After 300.", swap("300\n", "300 \n")),
            ("two spaces", "Words are parted by one.",
             swap("keep 30", "keep  30")),
            ("tab", "No tabs.", swap("keep 30", "keep\t30")),
            ("unknown line", "A word the grammar does not know.",
             swap("keep 30\n", "keep 30\ncolour red\n")),
            ("repeated line", "keep twice.",
             swap("keep 30\n", "keep 30\nkeep 30\n")),
            ("missing line", "No heartbeat.", swap("heartbeat 300\n", "")),
            ("out of order", "keep before heartbeat.",
             swap("heartbeat 300\nkeep 30\n", "keep 30\nheartbeat 300\n")),
            ("a not below b", "The roots in the wrong order.",
             CHARTER.replace(ra, "x").replace(rb, ra).replace("x", rb)),
            ("one root twice", "a = b.", swap(rb, ra)),
            ("upper-case root", "Lower-case hex only.",
             swap(ra, ra.upper())),
            ("short root", "63 digits.", swap(ra, ra[:-1])),
            ("number with zero", "Leading zero.",
             swap("number 0", "number 00")),
            ("pair at number 0", "Only a renewal names a pair.",
             swap("pair -", "pair " + CHARTER_ID.hex())),
            ("renewal without pair", "number 1, pair -.",
             swap("number 0", "number 1")),
            ("no name", "a has no name.",
             swap(" Ministry of Public Security", "")),
            ("long name", "65 bytes.",
             swap("Ministry of Public Security", "x" * 65)),
            ("suites descending", "Ascending; the first is the floor.",
             swap("suite 1\n", "suite 2\nsuite 1\n")),
            ("copies 0", "Each run goes to one relay at least.",
             swap("copies 1", "copies 0")),
            ("copies above relays", "Two copies, one relay.",
             swap("copies 1", "copies 2")),
            ("relay without endpoint", "A relay must be reachable.",
             swap(" tcp://127.0.0.1:5570", "")),
            ("relay over http", "tcp only.",
             swap("tcp://127.0.0.1", "http://127.0.0.1")),
            ("port 65536", "No such port.", swap(":5570", ":65536")),
            ("port 0", "No such port.", swap(":5570", ":0")),
            ("relay name", "A stem is part of a C2SP key name: no +.",
             swap("relay.example", "relay+example")),
            ("relay name long", "65 bytes.",
             swap("relay.example", "r" * 65)),
            ("two endpoints", "One address a relay.",
             swap(":5570", ":5570 tcp://h:1")),
            ("relay twice", "Two relays of one root.",
             swap("witness", "relay %s other tcp://h:1\nwitness" %
                  RELAY_ROOT.pk.hex())),
            ("quorum above witnesses", "Two of one.",
             swap("quorum 1", "quorum 2")),
            ("heartbeat 0", "Never.", swap("heartbeat 300", "heartbeat 0")),
            ("keep 0", "Nothing would be kept.", swap("keep 30", "keep 0")),
            ("size no bucket", "60,000 is none.",
             swap("size 65536", "size 60000")),
            ("from after until", "A charter of no days.",
             swap("until 2027", "until 2025")),
            ("no such day", "30 February.",
             swap("from 2026-12-01", "from 2026-02-30")),
            ("local time", "UTC only, said by Z.",
             swap("from 2026-12-01T00:00:00Z", "from 2026-12-01T00:00:00")),
            ("clock of two values", "U2 missing.",
             swap("clock ack 604800 86400 3600", "clock ack 604800 86400")),
            ("clock twice", "ack twice.",
             swap("clock decision ", "clock ack ")),
            ("clock name", "Upper case.", swap("clock ack", "clock ACK")),
            ("clock in days", "Seconds only.",
             swap("clock ack 604800", "clock ack 7d")),
            ("tier without time", "A tier's times are all given.",
             swap("tier 1 86400", "tier 1 -")),
            ("sign none", "A release is signed by one at least.",
             swap("sign ack 1", "sign ack 0")),
            ("sign twice", "ack twice.", swap("sign request", "sign ack")),
            ("clock zero", "0 seconds.", swap("604800 86400", "0 86400")),
            ("tier order", "1 then 1.",
             swap("sign request", "tier 1 1 1 1 1 1 1\nsign request")),
            ("sign three", "Two officers at most.",
             swap("sign ack 1", "sign ack 3")),
            ("sign before clock", "clock, tier, sign.",
             swap("clock ack 604800 86400 3600\n", "") +
             "clock ack 604800 86400 3600\n"),
    ):
        yield bad(name, story, "charter",
                  {"data": text.encode(), "text": text}, "charter")
    text = swap("casewire/1", "casewire/2")
    yield bad("another version", "casewire/2.", "charter",
              {"data": text.encode(), "text": text}, "version")
    yield bad("not UTF-8", "A Latin-1 name.", "charter",
              {"data": CHARTER_BYTES.replace(b"Public", b"P\xfcblic")},
              "charter")
    yield bad("over 64 KiB", "65,537 bytes.", "charter",
              {"data": (CHARTER + many * 80)[:65536].encode() + b"\n"},
              "too_big")
    weak = bytes([0xec] + [0xff] * 30 + [0x7f]).hex()
    text = swap("relay " + RELAY_ROOT.pk.hex(), "relay " + weak)
    yield bad("weak relay root", "A root of order 2.", "charter",
              {"data": text.encode(), "text": text}, "point")


@group("psk", "PROTOCOL.md section 2, 3.",
       "The courier PSK: 32 bytes from each side, carried by hand, and a "
       "ratchet that forgets a day at midnight UTC.")
def psk():
    a, b = seed("courier a"), seed("courier b")
    p0 = keys.psk_first(CHARTER_ID, a, b)
    yield good("day 0", "PSK_0.", "psk_first",
               {"charter_id": CHARTER_ID, "a": a, "b": b}, {"psk": p0})
    for d in (1, 2, 30, 364):
        yield good("day %d" % d, "%d steps of the ratchet." % d, "psk_at",
                   {"psk": p0, "day": d}, {"psk": keys.psk_at(p0, d)})
    yield bad("one half twice", "Both couriers carried the same half.",
              "psk_first", {"charter_id": CHARTER_ID, "a": a, "b": a},
              "key_foreign")
    yield good("roles", "a and b exchanged give another PSK.", "psk_first",
               {"charter_id": CHARTER_ID, "a": b, "b": a},
               {"psk": keys.psk_first(CHARTER_ID, b, a)})


@group("epoch", "PROTOCOL.md section 3",
       "How a message key comes about: three Diffie-Hellmans, the day's PSK, "
       "and a transcript hash of who speaks to whom under which charter. The "
       "sender's and the receiver's secrets give the same CK_0.")
def epoch():
    p0 = keys.psk_first(CHARTER_ID, seed("courier a"), seed("courier b"))
    for name, p, d in (("without PSK", None, 0),
                       ("with the PSK of day 5", keys.psk_at(p0, 5), 5)):
        ep = Epoch("epoch " + name, p, d)
        common = {"charter_id": CHARTER_ID, "S_X": S_A.pk, "I_X": I_A.pk,
                  "I_Y": I_B.pk, "channel": CH_AB, "E": ep.e.pk,
                  "prekey_id": 7, "P_Y": P_B.pk, "psk_day": d,
                  "psk": p or bytes(32)}
        out = {"th": ep.th, "ck0": ep.ck0}
        yield good("sender, " + name, "X holds e and its identity key.",
                   "epoch_send", {**common, "e": ep.e.sk, "i_X": I_A.sk}, {},
                   out)
        rdh = keys.epoch_receiver(ep.e.pk, I_A.pk, I_B, P_B)
        assert rdh == ep.dhs
        yield good("receiver, " + name, "Y holds its identity key and the "
                   "prekey.", "epoch_receive",
                   {**common, "i_Y": I_B.sk, "p_Y": P_B.sk}, {},
                   {**out, "dh1": rdh[0], "dh2": rdh[1], "dh3": rdh[2]})
        hidden = ("channel", "E", "prekey_id", "psk_day")
        for env in sealed(ep, 3)[::2] + [sealed(ep, 1, 4096, 4095)[0]]:
            seq = env.h.seq
            yield good("receive seq %d, %s" % (seq, name), "The whole way "
                       "from the received bytes to the fields: n = %d." %
                       env.h.n, "receive",
                       {**{k: v for k, v in common.items()
                           if k not in hidden},
                        "i_Y": I_B.sk, "p_Y": P_B.sk, "data": env.encode()},
                       {"fields": content.encode_fields(fields_for(seq)),
                        "kf": keys.chain_keys(ep.ck0, env.h.n)[1]})
        env = sealed(ep, 1)[0]
        wrong = {**{k: v for k, v in common.items() if k not in hidden},
                 "i_Y": I_B.sk, "p_Y": P_B.sk, "data": env.encode()}
        if not p:
            h = wire.replace(env.h, psk_day=1)
            yield bad("receive a day without PSK", "psk_day is 0 where no "
                      "courier went.", "receive",
                      {**wrong, "data": h.encode() + env.ct}, "key_foreign")
        for what, key, value in (
                ("charter", "charter_id", seed("another charter")),
                ("signing key", "S_X", S_B.pk),
                ("identity", "I_X", dh("someone").pk),
                ("PSK", "psk", seed("another psk"))):
            yield bad("receive under another %s, %s" % (what, name),
                      "The transcript or a secret differs, so every key "
                      "does.", "receive", {**wrong, key: value}, "decrypt")
        for n in (0, 1, 2, 100, 4095):
            ke, kf = keys.chain_keys(ep.ck0, n)
            yield good("keys %d, %s" % (n, name), "Encryption and disclosure "
                       "key of envelope n = %d." % n, "chain_keys",
                       {"ck0": ep.ck0, "n": n}, {"ke": ke, "kf": kf})
        ck1 = keys.chain_step(ep.ck0)[2]
        yield good("step, " + name, "CK_1.", "chain_next", {"ck": ep.ck0},
                   {"ck": ck1})
        yield bad("small order E, " + name, "E = 0 would make dh1 and dh2 "
                  "zero.", "epoch_receive",
                  {**common, "E": bytes(32), "i_Y": I_B.sk, "p_Y": P_B.sk},
                  "point")
        yield bad("small order P, " + name, "P = 0.", "epoch_send",
                  {**common, "P_Y": bytes(32), "e": ep.e.sk, "i_X": I_A.sk},
                  "point")


# ---------------------------------------------------------------- content

@group("fields", "PROTOCOL.md sections 4, 13.4",
       "The fields of a message, their padding, salts, leaves and the "
       "commitment C that stands in the signed header.")
def fields_group():
    kf = seed("disclosure key")
    sets = [("one", [(1, b"outline")]),
            ("three", fields_for(2)),
            ("empty values", [(1, b""), (2, b""), (9, b"")]),
            ("64 fields", [(t, bytes([t])) for t in range(1, 65)]),
            ("unknown tags", [(1, b"o"), (0x7fff, b"from the future")])]
    for name, fs in sets:
        data = content.encode_fields(fs)
        plain = content.pad(data)
        yield good("fields " + name, "k = %d." % len(fs), "commit",
                   {"fields": data, "kf": kf},
                   {"k": len(fs), "bucket": len(plain),
                    "salts": b"".join(content.salts(kf, len(fs))),
                    "leaves": b"".join(content.leaves(fs, kf)),
                    "C": content.commitment(fs, kf)})
        yield good("padded " + name, "0x80, then zeros to the bucket.",
                   "unpad", {"plain": plain}, {"fields": data})
    for b, nxt in zip(content.BUCKETS, content.BUCKETS[1:] + [None]):
        yield good("bucket %d full" % b, "%d bytes of fields are the most "
                   "for it." % (b - 1), "bucket", {"length": b - 1},
                   {"bucket": b})
        if nxt:
            yield good("bucket %d over" % b, "One more byte, next bucket.",
                       "bucket", {"length": b}, {"bucket": nxt})
    yield bad("over the largest", "65,536 bytes leave no room for 0x80.",
              "bucket", {"length": 65536}, "too_big")

    def f(*fs):
        return content.encode_fields(fs)
    for name, story, data, why in (
            ("tag twice", "Strictly ascending.", f((1, b"a"), (2, b"b"),
                                                   (2, b"c")), "field_order"),
            ("tags descending", "2 after 3.", f((1, b""), (3, b""),
                                                (2, b"")), "field_order"),
            ("no outline", "f_0 is always tag 1.", f((2, b"x")),
             "field_order"),
            ("tag 0", "No such tag.", f((0, b"x")), "field_order"),
            ("tag 0x8000", "Reserved.", f((1, b""), (0x8000, b"")),
             "field_order"),
            ("no field", "k is at least 1.", b"", "field_count"),
            ("65 fields", "k is at most 64.",
             f(*[(t, b"") for t in range(1, 66)]), "field_count"),
            ("value past the end", "len says 9, 8 are there.",
             f((1, b"12345678"))[:2] + u32(9) + b"12345678", "truncated"),
            ("head cut", "Five bytes of a head.", f((1, b"a")) +
             u16(2) + bytes(3), "truncated"),
            ("huge len", "4 GiB claimed.", u16(1) + u32(0xffffffff),
             "truncated")):
        yield bad("fields " + name, story, "parse_fields", {"fields": data},
                  why)
    data = f((1, b"outline"))
    for name, story, plain, why in (
            ("not a bucket", "513 bytes.", content.pad(data) + b"\0",
             "padding"),
            ("empty", "Nothing.", b"", "padding"),
            ("all zeros", "No 0x80.", bytes(512), "padding"),
            ("wrong marker", "0x40 instead.", data + b"\x40" +
             bytes(511 - len(data)), "padding"),
            ("next bucket", "768 where 512 would do: length would leak "
             "choice.", content.pad(data) + bytes(256), "padding")):
        yield bad("pad " + name, story, "unpad", {"plain": plain}, why)


@group("openings", "PROTOCOL.md sections 4, 13.4",
       "Showing one field, or one message, to an auditor and nothing else.")
def openings():
    kf = seed("disclosure key")
    fs = [(1, b"outline"), (2, b"body"), (3, b"sigs"), (4, b"link"),
          (6, seed("again"))]
    C = content.commitment(fs, kf)
    for i in range(5):
        data = content.open_field(fs, kf, i)
        yield good("field %d" % i, "Field %d of 5." % i, "open_field",
                   {"C": C, "data": data},
                   {"i": i, "tag": fs[i][0], "value": fs[i][1]})
        yield good("make field %d" % i, "What the discloser makes.",
                   "make_opening", {"fields": content.encode_fields(fs),
                                    "kf": kf, "i": i}, {"data": data})
    one = [(1, b"alone")]
    yield good("only field", "k = 1: no path.", "open_field",
               {"C": content.commitment(one, kf),
                "data": content.open_field(one, kf, 0)},
               {"i": 0, "tag": 1, "value": b"alone"})
    d = content.open_field(fs, kf, 1)
    for name, story, data, why in (
            ("value changed", "One bit of the value.", flip(d, 11),
             "commitment"),
            ("salt changed", "One bit of the salt.", flip(d, 10 + 4),
             "commitment"),
            ("path changed", "One bit of the path.", flip(d, -1),
             "commitment"),
            ("path short", "One hash missing.", d[:-32], "path_length"),
            ("path long", "One hash too many.", d + bytes(32),
             "path_length"),
            ("path and a byte", "Not a whole hash.", d + b"\0",
             "path_length"),
            ("other index", "Same field said to be number 2.",
             put(d, 0, u16(2)), "commitment"),
            ("index before", "Field 3 said to be number 2.",
             put(content.open_field(fs, kf, 3), 0, u16(2)), "commitment"),
            ("other count", "k = 6 (path as long).", put(d, 2, u16(6)),
             "commitment"),
            ("index outside", "i = 5 of 5.", put(d, 0, u16(5)), "proof"),
            ("k 0", "No fields.", put(d, 2, u16(0)), "field_count"),
            ("k 65", "Too many.", put(d, 2, u16(65)), "field_count"),
            ("other tag", "The body sold as officer signatures.",
             put(d, 4, u16(3)), "commitment"),
            ("tag 0x8000", "Reserved.", put(d, 4, u16(0x8000)),
             "field_order"),
            ("outline elsewhere", "Tag 1 is field 0 alone.",
             put(d, 4, u16(1)), "field_order"),
            ("cut", "Ends in the value.", d[:12], "truncated")):
        yield bad("field " + name, story, "open_field",
                  {"C": C, "data": data}, why)
    m = content.open_message(fs, kf)
    yield good("message", "K_f and the fields without pad.", "open_message",
               {"C": C, "data": m}, {"fields": content.encode_fields(fs)})
    for name, story, data, why in (
            ("other key", "One bit of K_f.", flip(m, 0), "commitment"),
            ("value changed", "One bit of the outline.", flip(m, 42),
             "commitment"),
            ("cut", "A byte missing.", m[:-1], "truncated"),
            ("more", "A byte too many.", m + b"\0", "trailing"),
            ("tag twice", "Fields do not parse.", kf + u32(14) +
             content.encode_fields([(1, b"a"), (1, b"b")]), "field_order")):
        yield bad("message " + name, story, "open_message",
                  {"C": C, "data": data}, why)


# ---------------------------------------------------------------- envelopes

def header_out(h):
    return {"charter": h.charter, "channel": h.channel, "kid": h.kid,
            "start": h.start, "rand": h.rand, "seq": h.seq, "prev": h.prev,
            "E": h.E, "prekey_id": h.prekey_id, "psk_day": h.psk_day,
            "n": h.n, "C": h.C, "created_ms": h.created_ms,
            "keep_ms": h.keep_ms, "ack_seq": h.ack_seq,
            "ack_env": h.ack_env, "ct_len": h.ct_len}


@group("envelope", "PROTOCOL.md sections 5, 13.5",
       "The envelope: 232 bytes of header, signed by way of its run, and the "
       "ciphertext. op `header` decodes a header alone; `open` has the keys "
       "of one envelope and must give the fields back.")
def envelope():
    ep = Epoch()
    e1, e2 = sealed(ep, 2)
    yield good("first header", "seq 1, n 0, no prev, nothing acked.",
               "header", {"data": e1.head}, header_out(e1.h))
    yield good("second header", "prev is the env_id of the first.", "header",
               {"data": e2.head}, header_out(e2.h))
    h = wire.replace(e2.h, ack_seq=4, ack_env=seed("acked"), keep_ms=86400000,
                     charter=2, psk_day=9)
    yield good("acknowledging header", "All of the peer's lane up to 4 is "
               "settled; keep a day.", "header", {"data": h.encode()},
               header_out(h))
    for name, env in (("first", e1), ("second", e2)):
        yield good("env_id " + name, "From header and H(CT) alone.",
                   "env_id", {"header": env.head, "hct": env.hct},
                   {"env_id": env.id})
    for n, env in ((0, e1), (1, e2)):
        ke, kf = keys.chain_keys(ep.ck0, n)
        fs = content.encode_fields(fields_for(n + 1))
        yield good("seal %d" % (n + 1), "All but C and ct_len is given: the "
                   "same bytes must come out.", "seal",
                   {"header": wire.replace(env.h, C=bytes(32),
                                           ct_len=0).encode(),
                    "ke": ke, "kf": kf, "fields": fs},
                   {"data": env.encode(), "C": env.h.C, "env_id": env.id})
        yield good("open %d" % (n + 1), "And back.", "open",
                   {"ke": ke, "kf": kf, "data": env.encode()},
                   {"fields": fs})
    ke, kf = keys.chain_keys(ep.ck0, 0)
    big = wire.seal(header(ep, 1, bytes(32), 0), ke, kf,
                    [(1, b"o"), (5, bytes(65000))])
    yield good("largest", "A file chunk in the largest bucket.", "env_id",
               {"header": big.head, "hct": big.hct}, {"env_id": big.id})

    for name, story, at, what, why in (
            ("magic", "CWE2.", 3, b"2", "magic"),
            ("version", "Version 2.", 4, b"\2", "version"),
            ("suite", "Suite 2 is kept, not spoken.", 5, b"\2", "suite"),
            ("reserved", "The last four bytes are zero.", 231, b"\1",
             "reserved"),
            ("bucket", "ct_len 529.", 224, u32(529), "bucket"),
            ("ct_len zero", "No ciphertext.", 224, u32(0), "bucket"),
            ("ct_len huge", "4 GiB.", 224, u32(0xffffffff), "bucket"),
            ("seq 0", "Sequences start at 1.", 48, u64(0), "seq"),
            ("seq 2^64-1", "No seq could follow.", 48, u64(2 ** 64 - 1),
             "seq"),
            ("start 0", "Start counts begin at 1.", 40, u32(0),
             "incarnation"),
            ("prekey 0", "Ids start at 1.", 120, u64(0), "epoch"),
            ("n 4096", "An epoch has 4,096 envelopes.", 132, u32(4096),
             "epoch"),
            ("first with prev", "seq 1 comes after nothing.", 56,
             seed("p"), "prev"),
            ("ack without env", "ack_seq 3, ack_env zeros.", 184, u64(3),
             "encoding"),
            ("ack env without seq", "ack_seq 0, an env_id.", 192, seed("q"),
             "encoding")):
        yield bad("header " + name, story, "header",
                  {"data": put(e1.head, at, what)}, why)
    yield bad("header short", "231 bytes.", "header",
              {"data": e1.head[:-1]}, "truncated")
    yield bad("header long", "233 bytes.", "header",
              {"data": e1.head + b"\0"}, "trailing")

    def refuse(name, story, data, why, k=(ke, kf)):
        return bad("open " + name, story, "open",
                   {"ke": k[0], "kf": k[1], "data": data}, why)
    d = e1.encode()
    for region, at in (("charter number", 7), ("channel", 8), ("kid", 24),
                       ("random", 47), ("seq", 48 + 6), ("E", 88),
                       ("prekey_id", 126), ("psk_day", 131), ("n", 135),
                       ("C", 136), ("C's tail", 167), ("created", 175),
                       ("keep", 183), ("ciphertext", 232),
                       ("ciphertext tail", 600), ("tag", -1)):
        yield refuse("flipped in " + region, "One bit; header is associated "
                     "data, C the nonce.", flip(d, at, 2), "decrypt")
    yield refuse("wrong key", "The next envelope's K_e.", d, "decrypt",
                 (keys.chain_keys(ep.ck0, 1)[0], kf))
    yield refuse("truncated", "A byte of the tag is missing.", d[:-1],
                 "truncated")
    yield refuse("trailing", "A byte too many.", d + b"\0", "trailing")
    # A sender who commits to one thing and encrypts another
    honest = fields_for(1)
    lie = [(1, honest[0][1]), (2, b"something else")]
    C = content.commitment(honest, kf)
    for name, story, plain, why in (
            ("another plaintext", "C commits to other fields: a signature "
             "for two stories.", content.pad(content.encode_fields(lie)),
             "commitment"),
            ("larger bucket", "Padded further than needed.",
             content.pad(content.encode_fields(honest)) + bytes(256),
             "padding"),
            ("tag twice", "Well encrypted, badly formed.",
             content.pad(content.encode_fields([(1, b"a"), (1, b"b")])),
             "field_order")):
        h = wire.replace(e1.h, C=C, ct_len=len(plain) + 16)
        head = h.encode()
        ct = wire.nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
            plain, head, C[:24], ke)
        yield refuse(name, story, head + ct, why)
    yield refuse("wrong disclosure key", "K_f of another envelope.", d,
                 "commitment", (ke, keys.chain_keys(ep.ck0, 1)[1]))


def run_of(count, seen=wire.NO_SEEN, **kw):
    return wire.Run(seen, sealed(Epoch(), count, **kw)).sign(S_A)


def resigned(run, envs):
    return wire.Run(run.seen, envs).sign(S_A)


@group("run", "PROTOCOL.md sections 5, 13.5",
       "A run: what an endpoint signs. op `run` decodes the container and "
       "verifies with key; `bare` the same with H(CT) in place of CT; "
       "`single` one envelope with its path. out.entry is the log entry "
       "(statement and signature), out.leaf its leaf hash.")
def run_group():
    cosig = u64(1796083300) + seed("a signature") * 2
    seen = wire.seen_of(LOG_ID, 42, seed("log root"), cosig)
    yield good("seen", "What a run quotes of the newest checkpoint.", "seen",
               {"log_id": LOG_ID, "size": 42, "root": seed("log root"),
                "cosignature": cosig}, {"seen": seen})
    for n, sn in ((1, wire.NO_SEEN), (2, seen), (3, seen), (5, seen)):
        run = run_of(n, sn)
        out = {"size": n, "first_seq": 1, "kid": S_A.kid, "channel": CH_AB,
               "incarnation": run.envs[0].h.incarnation(), "seen": sn,
               "root": run.root(), "statement": run.statement(),
               "env_ids": b"".join(e.id for e in run.envs),
               "entry": run.entry(), "leaf": base.leaf_hash(run.entry())}
        yield good("run of %d" % n, "%d envelope(s), one signature." % n,
                   "run", {"key": S_A.pk, "data": run.encode()}, out)
        yield good("bare run of %d" % n, "The same after pruning: same "
                   "root, same entry.", "bare",
                   {"key": S_A.pk, "data": run.bare()}, out)
        for i in sorted({0, n - 1}):
            yield good("single %d of %d" % (i, n), "One envelope and its "
                       "path.", "single", {"key": S_A.pk,
                                           "data": run.single(i)},
                       {"index": i, "size": n, "seq": 1 + i,
                        "env_id": run.envs[i].id, "root": run.root()})
    later = run_of(2, seen, first_seq=9, first_n=8)
    yield good("later run", "seq 9 and 10, n 8 and 9.", "run",
               {"key": S_A.pk, "data": later.encode()},
               {"size": 2, "first_seq": 9, "root": later.root(),
                "leaf": base.leaf_hash(later.entry())})
    two_epochs = sealed(Epoch(), 2)
    two_epochs += sealed(Epoch("epoch 2"), 1, 3, 0, two_epochs[-1].id)
    run = wire.Run(seen, two_epochs).sign(S_A)
    yield good("two epochs", "A new E starts again at n = 0.", "run",
               {"key": S_A.pk, "data": run.encode()},
               {"size": 3, "first_seq": 1, "root": run.root()})

    r3 = run_of(3, seen)
    d = r3.encode()
    el = 232 + r3.envs[0].h.ct_len

    def refuse(name, story, data, why, op="run", key=S_A.pk):
        return bad(name, story, op, {"key": key, "data": data}, why)
    yield refuse("no envelope", "size 0.", put(d, 0, u16(0)), "count")
    yield refuse("1,025 envelopes", "Over the limit, whatever follows.",
                 put(d, 0, u16(1025)), "count")
    yield refuse("says two", "Size 2, three there.", put(d, 0, u16(2)),
                 "trailing")
    yield refuse("says four", "Size 4, three there: the signature is taken "
                 "for a header.", put(d, 0, u16(4)), "truncated")
    yield refuse("cut", "Inside the signature.", d[:-1], "truncated")
    yield refuse("trailing", "A byte too many.", d + b"\0", "trailing")
    for region, at in (("seen", 10), ("signature", -3),
                       ("first ciphertext", 106 + 240),
                       ("last ciphertext", 106 + 3 * el - 1),
                       ("last header's C", 106 + 2 * el + 140),
                       ("last header's time", 106 + 2 * el + 175)):
        why = "prev" if region == "first ciphertext" else "signature"
        yield refuse("flipped in " + region, "Everything is signed by way "
                     "of the root; inside, the chain breaks first.",
                     flip(d, at), why)
    yield refuse("another agency's key", "Signed by B for A's channel.",
                 wire.Run(seen, r3.envs).sign(S_B).encode(), "signature")
    yield refuse("looked up as B", "The kid is not B's.", d, "kid_unknown",
                 key=S_B.pk)
    e = r3.envs
    yield refuse("swapped", "Envelopes 1 and 2 exchanged, signed again.",
                 resigned(r3, [e[1], e[0], e[2]]).encode(), "seq")
    yield refuse("hole", "Envelope 2 left out.",
                 resigned(r3, [e[0], e[2]]).encode(), "seq")

    def second(**kw):
        ke, kf = keys.chain_keys(Epoch().ck0, 1)
        env = wire.seal(wire.replace(e[1].h, **kw), ke, kf, fields_for(2))
        return resigned(r3, [e[0], env]).encode()
    for name, story, kw, why in (
            ("mixed channels", "Lane 1 inside lane 0.",
             {"channel": keys.channel(PAIR_ID, 0, 1)}, "channel"),
            ("mixed keys", "Two kids in a run.", {"kid": S_B.kid},
             "key_foreign"),
            ("mixed incarnations", "A restart inside a run.", {"start": 4},
             "incarnation"),
            ("mixed randoms", "A clone inside a run.", {"rand": 5},
             "incarnation"),
            ("wrong prev", "The chain does not hold.", {"prev": seed("w")},
             "prev"),
            ("n repeated", "Two envelopes under one key.", {"n": 0},
             "epoch"),
            ("n jumps", "n rises with seq.", {"n": 2}, "epoch"),
            ("prekey changes", "Constant within one E.", {"prekey_id": 8},
             "epoch"),
            ("day changes", "Constant within one E.", {"psk_day": 1},
             "epoch"),
            ("charter changes", "Constant within one E.", {"charter": 1},
             "epoch"),
            ("new E at n 1", "A new epoch starts at 0.",
             {"E": dh("epoch 2").pk}, "epoch")):
        yield refuse(name, story, second(**kw), why)
    ke, kf = keys.chain_keys(Epoch("epoch 2").ck0, 0)
    h1 = wire.replace(e[0].h, charter=1)
    first = wire.seal(h1, *keys.chain_keys(Epoch().ck0, 0), fields_for(1))
    back = wire.seal(header(Epoch("epoch 2"), 2, first.id, 0), ke, kf,
                     fields_for(2))
    yield refuse("charter goes back", "A new epoch under an older charter "
                 "number.", resigned(r3, [first, back]).encode(),
                 "charter_number")
    s = r3.single(1)
    yield refuse("single index outside", "3 of 3.", put(s, 0, u16(3)),
                 "proof", "single")
    yield refuse("single size 0", "No run.", put(s, 2, u16(0)), "count",
                 "single")
    yield refuse("single path flipped", "One bit of the path.",
                 flip(s, 108), "signature", "single")
    yield refuse("single path short", "One hash missing: what follows is "
                 "read from the wrong place.", s[:108] + s[140:], "magic",
                 "single")
    yield refuse("single path long", "One hash too many.",
                 s[:108] + bytes(32) + s[108:], "magic", "single")
    yield refuse("single ciphertext", "One bit of CT.", flip(s, -1),
                 "signature", "single")
    yield refuse("single before 1", "Index 2, seq 2: the run would start at "
                 "seq 0.", put(s[:108] + s[140:], 0, u16(2)), "seq",
                 "single")
    b = r3.bare()
    yield refuse("bare flipped hash", "One bit of the last H(CT).",
                 flip(b, -65), "signature", "bare")
    yield refuse("bare as full", "A bare run is not guessed: read with CT it "
                 "ends too soon or is another.", b, "truncated", "run")


# ---------------------------------------------------------------- order

@group("channel", "PROTOCOL.md sections 6, 13.5",
       "What a receiver of one channel accepts: `known` and then `next` are "
       "envelopes, header || H(CT), end to end, fed in that order.")
def channel_group():
    e = sealed(Epoch(), 4)
    alt = sealed(Epoch(), 1, 2, 1, e[0].id, [(1, b"another second")])[0]
    restart = sealed(Epoch("epoch 2"), 1, 3, 0, e[1].id)[0]

    def restarted(**kw):
        ke, kf = keys.chain_keys(Epoch("epoch 2").ck0, 0)
        return wire.seal(wire.replace(restart.h, **kw), ke, kf, fields_for(3))

    def case(maker, name, story, known, new, res):
        return maker(name, story, "accept",
                     {"channel": CH_AB,
                      "known": b"".join(x.bare() for x in known),
                      "next": new.bare()}, res)
    yield case(good, "first", "seq 1 after nothing.", [], e[0], {"gap": 0})
    yield case(good, "second", "prev fits.", e[:1], e[1], {"gap": 0})
    yield case(good, "gap", "3 after 1: taken, the gap shown.", e[:1], e[2],
               {"gap": 1})
    yield case(good, "gap filled", "2 after 1 and 3.", [e[0], e[2]], e[1],
               {"gap": 0})
    yield case(good, "restart", "A higher start count, a new epoch.", e[:2],
               restarted(start=4), {"gap": 0})
    yield case(bad, "replay", "The same envelope again.", e[:2], e[1],
               "duplicate")
    yield case(bad, "fork", "Another envelope at seq 2: equivocation.",
               e[:2], alt, "fork")
    yield case(bad, "fork by prev", "3 does not follow the 2 that came.",
               [e[0], alt], e[2], "fork")
    yield case(bad, "re-targeted", "An envelope of another channel.", e[:1],
               sealed(Epoch(chan=CH_BA), 1)[0], "channel")
    yield case(bad, "prekey goes back", "A sender never returns to an older "
               "prekey.", e[:2], restarted(start=4, prekey_id=6), "epoch")
    yield case(bad, "start count fell", "An older incarnation speaks.",
               e[:2], restarted(start=2), "incarnation")
    yield case(bad, "clone", "Same start count, another random part.",
               e[:2], restarted(rand=1), "clone")


# ---------------------------------------------------------------- notes

@group("note", "PROTOCOL.md sections 8, 13.6; C2SP signed-note, "
       "tlog-checkpoint, tlog-cosignature",
       "A relay's checkpoint and a witness's cosignature under it.")
def note_group():
    org = note.origin("relay.example", LOG_ID)
    cp = note.sign_checkpoint(org, 42, seed("log root"), RELAY_LOG)
    both, cosig = note.cosign(cp, "witness.example/w1", WITNESS, 1796083300)
    d = {"text_origin": org, "key": RELAY_LOG.pk, "witness": WITNESS.pk,
         "text_witness": "witness.example/w1"}
    yield good("origin", "Relay name and eight digits of the log's id.",
               "origin", {"text_name": "relay.example", "log_id": LOG_ID},
               {"text_origin": org})
    yield good("make checkpoint", "Ed25519 is deterministic: the same "
               "bytes.", "make_checkpoint",
               {"text_origin": org, "size": 42, "root": seed("log root"),
                "seed": seed("relay log")}, {"text_note": cp})
    yield good("make cosignature", "What the witness adds.", "cosign",
               {"text_note": cp, "text_witness": "witness.example/w1",
                "seed": seed("witness"), "time": 1796083300},
               {"text_note": both, "cosignature": cosig})
    yield good("checkpoint", "Signed by the log alone.", "checkpoint",
               {**d, "text_note": cp},
               {"size": 42, "root": seed("log root"), "cosigned": 0})
    yield good("cosigned", "And by a witness.", "checkpoint",
               {**d, "text_note": both},
               {"size": 42, "root": seed("log root"), "cosigned": 1,
                "cosignature": cosig})
    other = note.cosign(cp, "stranger.example", signer("stranger"), 1)[0]
    yield good("unknown line", "A line of a key we do not know is skipped.",
               "checkpoint", {**d, "text_note": other},
               {"size": 42, "root": seed("log root"), "cosigned": 0})
    lines = cp.split("\n")

    def text(ls):
        return "\n".join(ls)
    for name, story, n, why in (
            ("other size", "43 under a signature for 42.",
             cp.replace("\n42\n", "\n43\n"), "signature"),
            ("leading zero", "042.", cp.replace("\n42\n", "\n042\n"),
             "syntax"),
            ("no signature", "Text alone.", text(lines[:3]) + "\n\n",
             "count"),
            ("extension line", "We know three lines.",
             text(lines[:3] + ["more"] + lines[3:]), "syntax"),
            ("short root", "31 bytes.", cp.replace(
                lines[2], note.base64.b64encode(bytes(31)).decode()),
             "syntax"),
            ("bad base64", "Not the canonical form.",
             cp.replace(lines[2], lines[2][:-2] + "=="), "syntax"),
            ("hyphen", "A signature line starts with an em dash.",
             cp.replace(note.DASH, "- "), "syntax"),
            ("no final LF", "The last line does not end.", cp[:-1],
             "syntax"),
            ("other origin", "A checkpoint of another log.",
             note.sign_checkpoint("other/00000000", 42, seed("log root"),
                                  RELAY_LOG), "key_foreign"),
            ("only a stranger", "The log's own line is missing.",
             text(lines[:4]) + "\n" + other.split("\n")[-2] + "\n",
             "signature"),
            ("bad cosignature", "A known witness, a wrong time.",
             cp + note.sig_line("witness.example/w1", note.key_id(
                 "witness.example/w1", 4, WITNESS.pk),
                 u64(1796083301) + cosig[8:]), "signature")):
        assert n != cp
        yield bad(name, story, "checkpoint", {**d, "text_note": n}, why)


# ----------------------------------------------------------- one entry

@group("tlog_proof", "EVIDENCE.md section 7; C2SP tlog-proof",
       "That one entry stands in a log, for whoever knows its key alone.")
def tlog_proof_group():
    entries = [b"entry %d" % i for i in range(7)]
    ls = [base.leaf_hash(e) for e in entries]
    org = note.origin("relay.example", LOG_ID)
    cp = note.sign_checkpoint(org, 7, base.merkle_root(ls), RELAY_LOG)
    cosigned = note.cosign(cp, "witness.example/w1", WITNESS, 1796083300)[0]
    b64 = lambda b: note.base64.b64encode(b).decode()

    def proof(index, checkpoint=cp, entry=None, path=None, first=None):
        path = base.merkle_path(ls, index) if path is None else path
        extra = entries[index] if entry is None else entry
        return "%s\n%sindex %d\n%s\n%s" % (
            first or "c2sp.org/tlog-proof@v1",
            "extra %s\n" % b64(extra) if extra else "", index,
            "".join(b64(h) + "\n" for h in path), checkpoint)
    d = {"text_origin": org, "key": RELAY_LOG.pk}

    def shown(index):
        return {"index": index, "size": 7, "root": base.merkle_root(ls),
                "extra": entries[index],
                "path": b"".join(base.merkle_path(ls, index))}
    for index, story in ((0, "The first of seven."), (3, "In the middle."),
                         (6, "The last: its path is shorter.")):
        yield good("entry %d" % index, story, "tlog_proof",
                   {**d, "text_proof": proof(index)}, shown(index))
    yield good("cosigned", "A witness's line changes nothing here.",
               "tlog_proof", {**d, "text_proof": proof(3, cosigned)},
               shown(3))
    one = base.leaf_hash(entries[0])
    yield good("alone", "A log of one entry has no path.", "tlog_proof",
               {**d, "text_proof": proof(0, note.sign_checkpoint(
                   org, 1, one, RELAY_LOG), path=[])},
               {"index": 0, "size": 1, "root": one, "extra": entries[0],
                "path": b""})
    whole = proof(3)
    for name, story, text, why in (
            ("another entry", "Not what was logged.",
             proof(3, entry=b"entry 4"), "proof"),
            ("another index", "The path of 3 said to be of 2.",
             whole.replace("index 3", "index 2"), "proof"),
            ("past the end", "The log had seven.",
             whole.replace("index 3", "index 7"), "proof"),
            ("a hash less", "", proof(3, path=base.merkle_path(
                ls, 3)[:-1]), "path_length"),
            ("a hash more", "", proof(3, path=base.merkle_path(ls, 3) +
                                      [ls[0]]), "path_length"),
            ("another log's", "Its key did not sign this.",
             proof(3, note.sign_checkpoint(org, 7, base.merkle_root(ls),
                                           signer("a stranger"))),
             "signature"),
            ("another root", "Signed, but of another tree.",
             proof(3, note.sign_checkpoint(org, 7, seed("log root"),
                                           RELAY_LOG)), "proof"),
            ("no entry", "Then nobody can make the leaf.",
             proof(3, entry=b""), "incomplete"),
            ("version 2", "", proof(3, first="c2sp.org/tlog-proof@v2"),
             "magic"),
            ("leading zero", "", whole.replace("index 3", "index 03"),
             "syntax"),
            ("no index", "", whole.replace("index 3\n", ""), "syntax"),
            ("padding bits set", "Not the canonical base64.",
             whole.replace(b64(entries[3]), b64(entries[3])[:-2] + "N="),
             "syntax"),
            ("a short hash", "31 bytes.",
             whole.replace(b64(ls[2]), b64(ls[2][:31])), "syntax")):
        assert text != whole, name
        yield bad(name, story, "tlog_proof", {**d, "text_proof": text}, why)


@group("dossier", "PROTOCOL.md section 16",
       "What a review counts, as the one text both sides reach.")
def dossier_group():
    head = ("casewire/1 dossier\npair %s\nfrom 2026-01-01T00:00:00Z\n"
            "until 2026-07-01T00:00:00Z\nas_of 2026-07-15T08:00:00.250Z\n"
            % seed("pair").hex())
    one, two = sorted((seed("m1").hex(), seed("m2").hex()))
    whole = head + (
        "count a requests handed_over 2\n%s\n%s\n"
        "count a ack late 1\n%s\ncount b leads given 1\n%s\n"
        "time a ack 2 3600000 3605000 7200000 -\n"
        "open a %s %s u1 ACKED none 2026-06-30T23:59:59Z\nend\n"
        % (one, two, one, two, seed("case")[:16].hex(), two))

    def shown(text, entries, times, opens):
        return {"digest": hashlib.sha256(text.encode()).digest(),
                "entries": entries, "times": times, "opens": opens}
    yield good("nothing", "A period in which nothing was said.", "dossier",
               {"text_dossier": head + "end\n"},
               shown(head + "end\n", 0, 0, 0))
    yield good("two requests", "One acknowledged late, one still open; the "
               "slowest answer is not bounded.", "dossier",
               {"text_dossier": whole}, shown(whole, 4, 1, 1))
    for name, story, text, why in (
            ("version 2", "", whole.replace("/1", "/2", 1), "version"),
            ("wrong order", "Messages ascend.", whole.replace(
                one + "\n" + two, two + "\n" + one, 1), "encoding"),
            ("one twice", "A set holds each once.", whole.replace(
                one + "\n" + two, one + "\n" + one, 1), "encoding"),
            ("one short", "Two were promised.", whole.replace(
                one + "\n" + two, one, 1), "syntax"),
            ("no end", "Cut off.", whole[:-4], "syntax"),
            ("a line more", "Nothing stands behind the end.", whole + "x\n",
             "syntax")):
        assert text != whole, name
        yield bad(name, story, "dossier", {"text_dossier": text}, why)


@group("book", "PROTOCOL.md section 11",
       "Secrets at rest: XChaCha20-Poly1305 under the book key, nonce in "
       "front, the place as associated data, so that no value can be moved.")
def book():
    key, nonce = seed("book key"), seed("nonce")[:24]
    d = {"key": key, "text_table": "message", "text_column": "body_key",
         "row": 7, "data": keys.book_seal(key, nonce, "message", "body_key",
                                          7, seed("body key"))}
    yield good("value", "A content key in row 7.", "book_open", d,
               {"secret": seed("body key")},
               {"ad": keys.book_ad("message", "body_key", 7)})
    for what, k, v in (("row", "row", 8), ("table", "text_table", "mail"),
                       ("column", "text_column", "body")):
        yield bad("another " + what, "Moved, it does not open.", "book_open",
                  {**d, k: v}, "decrypt")
    yield bad("split name", "message + body_key is not messageb + ody_key.",
              "book_open", {**d, "text_table": "messageb",
                            "text_column": "ody_key"}, "decrypt")
    yield bad("short", "No room for nonce and tag.", "book_open",
              {**d, "data": bytes(39)}, "truncated")


@group("heartbeat", "PROTOCOL.md sections 6, 13.4",
       "The link field of a HEARTBEAT and the root over open cases.")
def heartbeat():
    own = [(5, seed("h0")), (0, bytes(32)), (2, seed("h2"))]
    peer = [(7, seed("p0")), (1, seed("p1")), (0, bytes(32))]
    cases = sorted([(seed("case %d" % i)[:16], seed("ha %d" % i),
                     seed("hb %d" % i)) for i in range(3)])
    ls = [content.open_case_leaf(*c) for c in cases]
    root = base.merkle_root(ls)
    yield good("open cases", "Three cases, sorted by id.", "case_root",
               {"cases": b"".join(b"".join(c) for c in cases)},
               {"leaves": b"".join(ls), "root": root})
    yield good("no open case", "The empty tree.", "case_root",
               {"cases": b""}, {"leaves": b"", "root": base.merkle_root([])})
    link = content.encode_link(seed("ks own"), seed("ks peer"), 7, 9, own,
                               peer, 6, 0, 3, 3, root)
    yield good("link", "370 bytes.", "link", {"data": link},
               {"own_ks": seed("ks own"), "peer_ks": seed("ks peer"),
                "prekey_own": 7, "prekey_peer": 9, "own_seq_0": 5,
                "own_env_0": seed("h0"), "own_seq_2": 2, "peer_seq_0": 7,
                "peer_env_1": seed("p1"), "floor_prekey": 6,
                "floor_charter": 0, "floor_day": 3, "open_cases": 3,
                "root": root})
    yield bad("link head of nothing", "seq 0 with an env_id.", "link",
              {"data": put(link, 80 + 40 + 8, seed("x"))}, "encoding")
    yield bad("link root of nothing", "No open case, but a root.", "link",
              {"data": put(link, 334, u32(0))}, "encoding")
    yield bad("link short", "369 bytes.", "link", {"data": link[:-1]},
              "truncated")
    yield bad("link long", "371 bytes.", "link", {"data": link + b"\0"},
              "trailing")


@group("opencase", "PROTOCOL.md sections 6, 13.4",
       "One open case of a heartbeat, shown to an auditor: what b had said "
       "and had of a in it when it signed. `link` is the heartbeat's field "
       "4, `direction` its sender's (0 = from a).")
def opencases():
    cases = sorted((seed("case %d" % i)[:16], seed("ha %d" % i),
                    bytes(32) if i == 2 else seed("hb %d" % i))
                   for i in range(5))
    ls = [content.open_case_leaf(*c) for c in cases]
    heads = [(9, seed("h0")), (2, seed("h1")), (0, bytes(32))]

    def link(n, root):
        return content.encode_link(seed("ks own"), seed("ks peer"), 7, 9,
                                   heads, heads, 6, 0, 3, n, root)

    whole = link(5, base.merkle_root(ls))

    def shown(i, direction, **other):
        c, a, b = cases[i]
        own, peer = (a, b) if direction == 0 else (b, a)
        d = dict(case_id=c, own=own, peer=peer, index=i,
                 path=base.merkle_path(ls, i))
        d.update(other)
        return {"link": whole, "direction": direction,
                "data": opencase.encode(**d)}

    for i in range(5):
        for direction in (0, 1):
            c, a, b = cases[i]
            own, peer = (a, b) if direction == 0 else (b, a)
            yield good("case %d from %s" % (i, "ab"[direction]),
                       "Leaf %d of 5; the leaf holds a's head first, the "
                       "opening its signer's." % i, "open_case",
                       shown(i, direction),
                       {"case_id": c, "own": own, "peer": peer, "index": i})
    one = content.open_case_leaf(*cases[0])
    yield good("only case", "One open case: no path.", "open_case",
               {"link": link(1, one), "direction": 0,
                "data": opencase.encode(*cases[0], 0, [])},
               {"case_id": cases[0][0], "own": cases[0][1],
                "peer": cases[0][2], "index": 0})
    good1 = shown(1, 1)
    d = good1["data"]
    for name, story, data, why in (
            ("cut", "Ends in the index.", d[:83], "truncated"),
            ("half a hash", "A byte missing.", d[:-1], "path_length"),
            ("path short", "One hash missing.", d[:-32], "path_length"),
            ("path long", "One hash too many.", d + bytes(32),
             "path_length"),
            ("64 hashes", "More than any tree has.",
             d[:84] + bytes(64 * 32), "path_length"),
            ("beyond", "Index 5 of 5.", put(d, 80, u32(5)), "count"),
            ("other index", "The same path said to be of leaf 0.",
             put(d, 80, u32(0)), "root"),
            ("other case", "One bit of the case_id.", flip(d, 0), "root"),
            ("word left out", "The signer's newest message hidden.",
             put(d, 16, bytes(32)), "root"),
            ("sides changed over", "a's word as b's.",
             d[:16] + d[48:80] + d[16:48] + d[80:], "root"),
            ("path changed", "One bit.", flip(d, -1), "root")):
        yield bad(name, story, "open_case", {**good1, "data": data}, why)
    yield bad("from the other side", "The leaf is a's first.", "open_case",
              {**good1, "direction": 0}, "root")
    yield bad("fewer cases", "The link counts two.", "open_case",
              {**shown(4, 1), "link": link(2, base.merkle_root(ls))},
              "count")
    yield bad("no case", "The link counts none.", "open_case",
              {**good1, "link": link(0, H(b""))}, "count")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    out = os.path.join(here, "..", "vectors")
    force = "--force" in sys.argv[1:]
    wanted = [a for a in sys.argv[1:] if a != "--force"] or list(GROUPS)
    for name in wanted:
        source, story, fn = GROUPS[name]
        path = os.path.join(out, name + ".json")
        if os.path.exists(path) and not force:
            print("kept", name, "(--force overwrites)")
            continue
        doc = {"story": story, "source": source, "cases": list(fn())}
        seen = [c["name"] for c in doc["cases"]]
        assert len(set(seen)) == len(seen), name
        with open(path, "w", encoding="utf-8") as f:
            json.dump(doc, f, indent=1, ensure_ascii=False)
            f.write("\n")
        print("wrote", name, len(seen))


if __name__ == "__main__":
    main()
