"""statement: what is signed besides runs (sections 1, 3, 6, 7, 8; 13.2)."""

from dataclasses import dataclass, field

from . import keys
from .base import Reader, H, label, u8, u16, u32, u64
from .err import Refused, need

STATEMENT_MAX = 8192
S, I, T, LOG, CUSTODIAN = 1, 2, 3, 4, 5
NO_INDEX = 2 ** 64 - 1


def split_signed(data, name):
    """(reader behind the label, statement, sig)"""
    need(len(data) <= STATEMENT_MAX, "too_big")
    lab = label(name)
    need(data.startswith(lab), "magic")
    need(len(data) >= len(lab) + 64, "truncated")
    st, sig = data[:-64], data[-64:]
    r = Reader(st)
    r.take(len(lab))
    return r, st, sig


def kind(data):
    for name in ("run", "receipt", "keys", "prekey", "officer", "recovery",
                 "prior"):
        if data.startswith(label(name)):
            return name
    raise Refused("magic")


# Key statement ------------------------------------------------------------------

def encode_keys(root_pk, ks_seq, previous, not_before, not_after, ks,
                revocations=()):
    """ks: [(type, key)]; revocations: [(kid, reason, [(log_id, cut)])]"""
    st = (label("keys") + keys.kid(root_pk) + u16(1) + keys.agency(root_pk) +
          u64(ks_seq) + previous + u64(not_before) + u64(not_after) +
          u8(len(ks)) + b"".join(u8(t) + k for t, k in ks) +
          u8(len(revocations)))
    for k, reason, cuts in revocations:
        st += k + u8(reason) + u8(len(cuts))
        st += b"".join(lid + u64(cut) for lid, cut in cuts)
    return st


def ascending(items):
    return all(a < b for a, b in zip(items, items[1:]))


def decode_keys(data):
    r, st, sig = split_signed(data, "keys")
    d = {"statement": st, "sig": sig, "kid": r.take(16)}
    need(r.u16() == 1, "version")
    d["agency"], d["ks_seq"], d["previous"] = r.take(16), r.u64(), r.take(32)
    need(d["ks_seq"] > 0 and
         (d["ks_seq"] == 1) == (d["previous"] == bytes(32)), "key_seq")
    d["not_before"], d["not_after"] = r.u64(), r.u64()
    need(d["not_before"] < d["not_after"], "key_expired")
    k = r.u8()
    need(1 <= k <= 32, "count")
    ks = [(r.u8(), r.take(32)) for _ in range(k)]
    need(all(1 <= t <= 5 for t, _ in ks) and ascending(ks), "encoding")
    n = {t: sum(1 for x, _ in ks if x == t) for t in range(1, 6)}
    an_agency = n[I] == 1 and n[LOG] == 0
    a_relay = n[I] == 0 and n[LOG] == 1 and n[CUSTODIAN] == 0
    need(n[S] == 1 and 1 <= n[T] <= 4 and (an_agency or a_relay), "count")
    rc = r.u8()
    need(rc <= 64, "count")
    revs = []
    for _ in range(rc):
        rkid, reason, m = r.take(16), r.u8(), r.u8()
        need(m <= 16, "count")
        cuts = [(r.take(32), r.u64()) for _ in range(m)]
        need(1 <= reason <= 3, "code")
        need(ascending([c[0] for c in cuts]), "encoding")
        revs.append((rkid, reason, cuts))
    need(ascending([v[0] for v in revs]), "encoding")
    r.end()
    d["keys"], d["revocations"] = ks, revs
    return d


def verify_keys(d, root_pk, relay=False):
    need(d["kid"] == keys.kid(root_pk) and
         d["agency"] == keys.agency(root_pk), "key_foreign")
    for t, k in d["keys"]:
        need(t != LOG if not relay else t not in (I, CUSTODIAN),
             "key_foreign")
        (keys.check_x25519 if t in (I, T) else keys.check_ed25519)(k)
    keys.verify(root_pk, d["statement"], d["sig"])


def check_succession(old, new):
    """new follows old (None: nothing known yet)."""
    if old is None:
        need(new["ks_seq"] == 1, "key_seq")
        return
    if new["ks_seq"] == old["ks_seq"]:
        need(new["statement"] == old["statement"], "root_equivocation")
        raise Refused("duplicate")
    need(new["ks_seq"] == old["ks_seq"] + 1 and
         new["previous"] == H(old["statement"]), "key_seq")


def standing(index, cut, revoked_at):
    """good, disputed or refused: what a kid signed at index (section 1)."""
    if revoked_at is None or index < cut:
        return "good"
    return "disputed" if index < revoked_at else "refused"


# Officer certificate ---------------------------------------------------------------

def encode_officer(k_pk, officer, O, not_before, not_after, revoked, info):
    return (label("officer") + keys.kid(k_pk) + officer + O +
            u64(not_before) + u64(not_after) + u8(revoked) + info)


def decode_officer(data):
    r, st, sig = split_signed(data, "officer")
    d = {"statement": st, "sig": sig, "kid": r.take(16),
         "officer": r.take(16), "O": r.take(32), "not_before": r.u64(),
         "not_after": r.u64(), "revoked": r.u8()}
    need(d["revoked"] <= 1, "code")
    need(d["not_before"] < d["not_after"], "key_expired")
    d["info"] = r.rest()
    need(len(d["info"]) <= 1024, "too_big")
    return d


# Prekey ----------------------------------------------------------------------------

def encode_prekey(s_pk, pair_id, prekey_id, P):
    return label("prekey") + keys.kid(s_pk) + pair_id + u64(prekey_id) + P


def decode_prekey(data):
    r, st, sig = split_signed(data, "prekey")
    d = {"statement": st, "sig": sig, "kid": r.take(16),
         "pair_id": r.take(32), "prekey_id": r.u64(), "P": r.take(32)}
    r.end()
    need(d["prekey_id"] > 0, "seq")
    return d


# Recovery --------------------------------------------------------------------------

def encode_recovery(root_pk, pair_id, direction, start, rand, reason, lanes):
    """lanes: 3 x (old_seq, old_env, next_seq)"""
    return (label("recovery") + keys.kid(root_pk) + pair_id + u8(direction) +
            u32(start) + u32(rand) + u16(reason) +
            b"".join(u64(o) + e + u64(n) for o, e, n in lanes))


def decode_recovery(data):
    r, st, sig = split_signed(data, "recovery")
    d = {"statement": st, "sig": sig, "kid": r.take(16),
         "pair_id": r.take(32), "direction": r.u8(), "start": r.u32(),
         "rand": r.u32(), "reason": r.u16()}
    d["lanes"] = [(r.u64(), r.take(32), r.u64()) for _ in range(3)]
    r.end()
    need(d["direction"] <= 1 and 1 <= d["reason"] <= 3, "code")
    need(d["start"] > 0, "incarnation")
    for old, env, nxt in d["lanes"]:
        need((old == 0) == (env == bytes(32)), "encoding")
        need(nxt > old, "seq")
    return d


# Receipt ---------------------------------------------------------------------------

REFUSED, FETCHED, DELIVERED, UNDECRYPTABLE, EXPIRED = 2, 3, 4, 5, 6


def encode_receipt(pk, event, reason, channel, first, last, env_id, log_id,
                   index, time_ms):
    return (label("receipt") + keys.kid(pk) + u8(event) + u16(reason) +
            channel + u64(first) + u64(last) + env_id + log_id + u64(index) +
            u64(time_ms))


def decode_receipt(data):
    r, st, sig = split_signed(data, "receipt")
    d = {"statement": st, "sig": sig, "kid": r.take(16), "event": r.u8(),
         "reason": r.u16(), "channel": r.take(16), "first_seq": r.u64(),
         "last_seq": r.u64(), "env_id": r.take(32), "log_id": r.take(32),
         "index": r.u64(), "time_ms": r.u64()}
    r.end()
    ev, reason = d["event"], d["reason"]
    need(2 <= ev <= 6, "code")
    need((reason == 0) == (ev in (FETCHED, DELIVERED)), "encoding")
    need(ev != EXPIRED or reason == 170, "encoding")
    need(1 <= d["first_seq"] <= d["last_seq"], "seq")
    need((d["index"] == NO_INDEX) == (ev == REFUSED), "encoding")
    return d


# Prior -----------------------------------------------------------------------------

def encode_prior(s_pk, note):
    return label("prior") + keys.kid(s_pk) + u32(len(note)) + note


def decode_prior(data):
    r, st, sig = split_signed(data, "prior")
    d = {"statement": st, "sig": sig, "kid": r.take(16)}
    length = r.u32()
    need(length <= 4096, "too_big")
    d["note"] = r.take(length)
    r.end()
    return d


def verify(d, pk):
    need(d["kid"] == keys.kid(pk), "kid_unknown")
    keys.verify(pk, d["statement"], d["sig"])
