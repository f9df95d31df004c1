#!/usr/bin/python3
"""test_vectors: the Python side derives every vector again from its `in`.

make_vectors.py wrote the files; this reads them as a stranger would: by op,
from the inputs alone, and holds every value of `out` against its own, or
waits for the very refusal.  Writes nothing.
"""

import glob
import json
import os
import re
import sys

from casewire_py import (base, charter, content, err, keys, note, opencase,
                         dossier, statement, tlog_proof, wire)
from casewire_py.base import H, u32, u64
from casewire_py.err import Refused, need

OPS = {}


def op(fn):
    OPS[fn.__name__[3:]] = fn
    return fn


def chunks(data, n=32):
    assert len(data) % n == 0
    return [data[i:i + n] for i in range(0, len(data), n)]


@op
def op_kid(key):
    return {"id": keys.kid(key)}


@op
def op_agency(root):
    return {"id": keys.agency(root)}


@op
def op_log_id(key):
    return {"hash": keys.log_id(key)}


@op
def op_channel(pair_id, direction, lane):
    return {"id": keys.channel(pair_id, direction, lane)}


@op
def op_accept(channel, known, next):
    ch = wire.Channel(channel)
    for part in chunks(known, 264):
        ch.accept(wire.read_envelope(base.Reader(part), True))
    return {"gap": int(ch.accept(
        wire.read_envelope(base.Reader(next), True)))}


@op
def op_ed25519(seed):
    return {"public": keys.Signer(seed).pk}


@op
def op_check_ed25519(key):
    keys.check_ed25519(key)
    return {}


@op
def op_check_x25519(key):
    keys.check_x25519(key)
    return {}


@op
def op_merkle_root(leaves):
    return {"root": base.merkle_root(chunks(leaves))}


@op
def op_leaf_hash(entry):
    return {"hash": base.leaf_hash(entry)}


@op
def op_merkle_included(leaf, index, size, root, path):
    base.check_included(leaf, index, size, chunks(path), root)
    return {"length": len(path) // 32}


@op
def op_merkle_consistent(size1, root1, size2, root2, path):
    base.check_consistent(size1, root1, size2, root2, chunks(path))
    return {}


@op
def op_hkdf(salt, ikm, info, length):
    prk = base.extract(salt, ikm)
    return {"prk": prk, "okm": base.expand(prk, info, length)}


@op
def op_keys(root, relay, data):
    d = statement.decode_keys(data)
    statement.verify_keys(d, root, bool(relay))
    return {**d, "key_count": len(d["keys"]), "hash": H(d["statement"]),
            "revocation_count": len(d["revocations"])}


@op
def op_keys_follow(root, old, new):
    old, new = statement.decode_keys(old), statement.decode_keys(new)
    for d in (old, new):
        statement.verify_keys(d, root)
    statement.check_succession(old, new)
    return {}


@op
def op_standing(root, old, new, kid, log_id, index, revoked_at):
    op_keys_follow(root, old, new)
    cut = 0
    for rkid, _, cuts in statement.decode_keys(new)["revocations"]:
        if rkid == kid:
            cut = dict(cuts).get(log_id, 0)
            break
    else:
        revoked_at = None
    return {"text_standing": statement.standing(index, cut, revoked_at)}


@op
def op_prekey(key, data):
    d = statement.decode_prekey(data)
    keys.check_x25519(d["P"])
    statement.verify(d, key)
    return d


@op
def op_officer(key, data):
    d = statement.decode_officer(data)
    statement.verify(d, key)
    return d


@op
def op_officer_message(pair_id, direction, role, seed, fields):
    m = content.officer_message(pair_id, direction, role,
                                content.parse_fields(fields))
    return {"message": m, "sig": keys.Signer(seed).sign(m)}


@op
def op_recovery(key, data):
    d = statement.decode_recovery(data)
    statement.verify(d, key)
    d["incarnation"] = u32(d["start"]) + u32(d["rand"])
    for i, (o, e, n) in enumerate(d["lanes"]):
        d.update({"old_seq_%d" % i: o, "old_env_%d" % i: e,
                  "next_seq_%d" % i: n})
    return d


@op
def op_receipt(key, data):
    d = statement.decode_receipt(data)
    statement.verify(d, key)
    return {**d, "index": u64(d["index"])}


@op
def op_prior(key, data):
    d = statement.decode_prior(data)
    statement.verify(d, key)
    return d


@op
def op_charter(data, text=None):
    assert text is None or text.encode() == data
    c = charter.parse(data)
    hexes = {w: bytes.fromhex(c[w]) if c[w] != "-" else bytes(32)
             for w in ("pair", "replaces")}
    return {**c, **hexes, "charter_id": charter.charter_id(data),
            "pair_id": (hexes["pair"] if c["number"] else
                        charter.charter_id(data)),
            "root_a": c["a"][0], "root_b": c["b"][0],
            "text_name_a": c["a"][1], "text_name_b": c["b"][1],
            "relay_count": len(c["relay"]),
            "witness_count": len(c["witness"])}


@op
def op_words(charter_id):
    return {"text_words": " ".join("%04d" % w
                                   for w in charter.words(charter_id))}


@op
def op_qr(charter_id):
    return {"text_qr": charter.qr_text(charter_id)}


@op
def op_charter_sig(root, charter_id, sig):
    m = charter.sig_message(charter_id)
    keys.verify(root, m, sig)
    return {"message": m}


@op
def op_psk_first(charter_id, a, b):
    return {"psk": keys.psk_first(charter_id, a, b)}


@op
def op_psk_at(psk, day):
    return {"psk": keys.psk_at(psk, day)}


def epoch_out(a, dhs):
    th = keys.epoch_th(1, a["charter_id"], a["S_X"], a["I_X"], a["I_Y"],
                       a["channel"], a["E"], a["prekey_id"], a["P_Y"],
                       a["psk_day"])
    return {"th": th, "ck0": keys.epoch_ck0(*dhs, a["psk"], th),
            "dh1": dhs[0], "dh2": dhs[1], "dh3": dhs[2]}


@op
def op_epoch_send(**a):
    e = keys.Dh(a["e"])
    assert e.pk == a["E"]
    return epoch_out(a, keys.epoch_sender(e, keys.Dh(a["i_X"]), a["I_Y"],
                                          a["P_Y"]))


@op
def op_epoch_receive(**a):
    return epoch_out(a, keys.epoch_receiver(
        a["E"], a["I_X"], keys.Dh(a["i_Y"]), keys.Dh(a["p_Y"])))


@op
def op_receive(data, i_Y, p_Y, **a):
    env = wire.decode_envelope(data)
    h = env.h
    need(h.psk_day == 0 or a["psk"] != bytes(32), "key_foreign")
    a.update(channel=h.channel, E=h.E, prekey_id=h.prekey_id,
             psk_day=h.psk_day, i_Y=i_Y, p_Y=p_Y)
    ke, kf = keys.chain_keys(op_epoch_receive(**a)["ck0"], h.n)
    return {"fields": content.encode_fields(wire.open_envelope(env, ke, kf)),
            "kf": kf}


@op
def op_chain_keys(ck0, n):
    ke, kf = keys.chain_keys(ck0, n)
    return {"ke": ke, "kf": kf}


@op
def op_chain_next(ck):
    return {"ck": keys.chain_step(ck)[2]}


@op
def op_commit(fields, kf):
    fs = content.parse_fields(fields)
    return {"k": len(fs), "bucket": content.bucket_for(len(fields)),
            "salts": b"".join(content.salts(kf, len(fs))),
            "leaves": b"".join(content.leaves(fs, kf)),
            "C": content.commitment(fs, kf)}


@op
def op_parse_fields(fields):
    return {"k": len(content.parse_fields(fields))}


@op
def op_unpad(plain):
    data = content.unpad(plain)
    content.parse_fields(data)
    return {"fields": data}


@op
def op_bucket(length):
    return {"bucket": content.bucket_for(length)}


@op
def op_open_field(C, data):
    i, tag, value = content.check_field_opening(data, C)
    return {"i": i, "tag": tag, "value": value}


@op
def op_make_opening(fields, kf, i):
    return {"data": content.open_field(content.parse_fields(fields), kf, i)}


@op
def op_open_message(C, data):
    return {"fields": content.encode_fields(
        content.check_message_opening(data, C))}


@op
def op_header(data):
    return vars(wire.decode_header(data))


@op
def op_env_id(header, hct):
    return {"env_id": wire.env_id(header, hct)}


@op
def op_seal(header, ke, kf, fields):
    r = base.Reader(header)
    r.take(6)
    h = wire.Header(r.u16(), r.take(16), r.take(16), r.u32(), r.u32(),
                    r.u64(), r.take(32), r.take(32), r.u64(), r.u32(),
                    r.u32(), r.take(32), r.u64(), r.u64(), r.u64(),
                    r.take(32), r.u32())
    e = wire.seal(h, ke, kf, content.parse_fields(fields))
    return {"data": e.encode(), "C": e.h.C, "env_id": e.id}


@op
def op_open(data, ke, kf):
    return {"fields": content.encode_fields(
        wire.open_envelope(wire.decode_envelope(data), ke, kf))}


def run_out(run, key):
    run.verify(key)
    h = run.envs[0].h
    return {"size": len(run.envs), "first_seq": h.seq, "kid": h.kid,
            "channel": h.channel, "incarnation": h.incarnation(),
            "seen": run.seen, "root": run.root(),
            "statement": run.statement(), "entry": run.entry(),
            "env_ids": b"".join(e.id for e in run.envs),
            "leaf": H(b"\0" + run.entry())}


@op
def op_run(key, data):
    return run_out(wire.decode_run(data), key)


@op
def op_bare(key, data):
    return run_out(wire.decode_run(data, True), key)


@op
def op_single(key, data):
    e = wire.check_single(data, key)
    index, size = data[0] << 8 | data[1], data[2] << 8 | data[3]
    n = base.path_len(index, size)
    path = chunks(data[108:108 + 32 * n])
    return {"index": index, "size": size, "seq": e.h.seq, "env_id": e.id,
            "root": base.root_from(e.id, index, size, path)}


@op
def op_seen(log_id, size, root, cosignature):
    return {"seen": wire.seen_of(log_id, size, root, cosignature)}


@op
def op_origin(text_name, log_id):
    return {"text_origin": note.origin(text_name, log_id)}


@op
def op_make_checkpoint(text_origin, size, root, seed):
    return {"text_note": note.sign_checkpoint(text_origin, size, root,
                                              keys.Signer(seed))}


@op
def op_cosign(text_note, text_witness, seed, time):
    n, sig = note.cosign(text_note, text_witness, keys.Signer(seed), time)
    return {"text_note": n, "cosignature": sig}


@op
def op_checkpoint(text_origin, key, witness, text_witness, text_note):
    size, root, cosigs = note.verify(text_note.encode(), text_origin, key,
                                     [(witness, text_witness)])
    return {"size": size, "root": root, "cosigned": len(cosigs),
            "cosignature": cosigs.get(text_witness)}


@op
def op_tlog_proof(text_proof, text_origin, key):
    index, size, entry = tlog_proof.verify(text_proof.encode(), text_origin,
                                           key)
    _, _, path, checkpoint = tlog_proof.parse(text_proof.encode())
    return {"index": index, "size": size, "extra": entry,
            "root": note.verify(checkpoint, text_origin, key)[1],
            "path": b"".join(path)}


@op
def op_dossier(text_dossier):
    digest, counters, times, opens = dossier.read(text_dossier.encode())
    return {"digest": digest, "times": len(times), "opens": len(opens),
            "entries": sum(len(ids) for ids in counters.values())}


@op
def op_book_open(key, text_table, text_column, row, data):
    return {"ad": keys.book_ad(text_table, text_column, row),
            "secret": keys.book_open(key, text_table, text_column, row,
                                     data)}


@op
def op_case_root(cases):
    ls = [content.open_case_leaf(c[:16], c[16:48], c[48:])
          for c in chunks(cases, 80)]
    return {"leaves": b"".join(ls), "root": base.merkle_root(ls)}


@op
def op_link(data):
    return content.decode_link(data)


@op
def op_open_case(link, direction, data):
    l = content.decode_link(link)
    o = opencase.decode(data)
    opencase.check(o, direction, l)
    assert opencase.encode(*o) == data
    return dict(zip(("case_id", "own", "peer", "index"), o))


def value(k, v):
    if isinstance(v, str) and not k.startswith("text"):
        return bytes.fromhex(v)
    return v


def check(case):
    """None, or what is wrong."""
    args = {k: value(k, v) for k, v in case["in"].items()}
    try:
        got = OPS[case["op"]](**args)
    except Refused as e:
        if "refuse" not in case:
            return "refused as %s" % e
        if e.name != case["refuse"] or e.status != case["status"]:
            return "refused as %s, not %s" % (e.name, case["refuse"])
        return None
    if "refuse" in case:
        return "accepted, should be refused as " + case["refuse"]
    for k, v in {**case["out"], **case.get("shows", {})}.items():
        g = got.get(k)
        g = g.hex() if isinstance(g, bytes) else g
        if g != v:
            return "%s is %s, not %s" % (k, g, v)
    return None


def check_status_tables(top):
    """PROTOCOL.md section 15, base/err.h and ours are one table."""
    with open(os.path.join(top, "base", "err.h"), encoding="utf-8") as f:
        head = {n.lower(): int(v) for n, v in
                re.findall(r"^\tERR_(\w+) = (\d+),", f.read(), re.M)}
    with open(os.path.join(top, "proto", "PROTOCOL.md"),
              encoding="utf-8") as f:
        doc = {n: int(v) for v, n in
               re.findall(r"^\| (\d+) \| (\w+) \| ", f.read(), re.M)
               if n in head or n in err.STATUS}
    bad = 0
    for name in sorted(set(head) | set(doc) | set(err.STATUS)):
        three = (head.get(name), doc.get(name), err.STATUS.get(name))
        if len(set(three)) != 1:
            print("status %s: err.h, PROTOCOL.md, Python: %s" %
                  (name, three))
            bad += 1
    return bad


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    files = sorted(glob.glob(os.path.join(here, "..", "vectors", "*.json")))
    count, bad = 0, check_status_tables(os.path.join(here, "..", ".."))
    for path in files:
        with open(path, encoding="utf-8") as f:
            doc = json.load(f)
        for case in doc["cases"]:
            count += 1
            wrong = check(case)
            if wrong:
                bad += 1
                print("%s: %s: %s\n    %s" % (os.path.basename(path),
                                              case["name"], wrong,
                                              case["story"]))
    print("%d files, %d cases, %d wrong" % (len(files), count, bad))
    return 1 if bad or count < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
