#!/usr/bin/python3
"""test_interop: two implementations against each other.

usage: test_interop.py DRIVER [--examples N] [--seed N]

What either side makes the other accepts; what either mutates both refuse,
and for the same reason.  DRIVER is interop-driver, the C side at the end of
a pipe.  Hypothesis draws fields, lanes, epochs, run sizes, PSKs and the
places to spoil; a failure prints the smallest example it could find.
"""

import json
import os
import random
import subprocess
import sys

from hypothesis import HealthCheck, given, seed as fixed_seed, settings
from hypothesis import strategies as st

import cast
from cast import *
from casewire_py import base, charter, content, keys, note, statement, wire
from casewire_py.base import H, label, u8, u16, u32, u64
from casewire_py.err import STATUS, Refused
from test_vectors import OPS

EXAMPLES = 60


class Driver:
    def __init__(self, path):
        self.p = subprocess.Popen([path], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.asked = 0

    def ask(self, op, **args):
        """(name, out) of the C side; hex becomes bytes both ways."""
        self.asked += 1
        line = {"op": op, "in": {k: v.hex() if isinstance(v, bytes) else v
                                 for k, v in args.items()}}
        self.p.stdin.write(json.dumps(line) + "\n")
        self.p.stdin.flush()
        reply = self.p.stdout.readline()
        assert reply, "the driver died on " + json.dumps(line)
        reply = json.loads(reply)
        assert reply["name"] not in ("bad_line", "no_operation"), reply
        if reply["name"] == "ok":
            assert "note" not in reply, reply["note"]
        return reply["name"], {
            k: bytes.fromhex(v) if isinstance(v, str) and
            not k.startswith("text") else v
            for k, v in reply["out"].items()}


C = None


def python(op, **args):
    """The same question to the Python side."""
    try:
        return "ok", OPS[op](**args)
    except Refused as e:
        return e.name, {}


FORM = range(30, 50)


def same(p, c, loose):
    """Equal names; of bytes cut or grown at random, any name of form (which
    of two broken lengths is met first is nobody's business)."""
    return p == c or (loose and STATUS[p] in FORM and STATUS[c] in FORM)


def both(op, loose=False, **args):
    """Ask both; they must agree on the answer and on every value."""
    p, pout = python(op, **args)
    c, cout = C.ask(op, **args)
    assert same(p, c, loose), "%s: Python says %s, C says %s\n%s" % (
        op, p, c, {k: v.hex() if isinstance(v, bytes) else v
                   for k, v in args.items()})
    for k in set(pout) & set(cout):
        want, got = pout[k], cout[k]
        if isinstance(got, int):	# JSON's integers are signed here
            got %= 2 ** 64
        assert want == got, (op, k, want, got)
    return p, pout


def spoiled(draw, data, others=()):
    """data with something done to it: a bit, a byte, a cut, a splice."""
    how = draw(st.integers(0, 5))
    at = draw(st.integers(0, max(0, len(data) - 1)))
    if how == 0 and data:
        return flip(data, at, 1 << draw(st.integers(0, 7)))
    if how == 1 and data:
        return data[:at] + draw(st.binary(min_size=1, max_size=1)) + \
            data[at + 1:]
    if how == 2:
        return data[:at]
    if how == 3:
        return data + draw(st.binary(min_size=1, max_size=40))
    if how == 4:
        n = draw(st.integers(1, 40))
        return data[:at] + data[at + n:]
    return data[:at] + draw(st.binary(min_size=1, max_size=40)) + data[at:]


def flip(data, at, mask):
    b = bytearray(data)
    b[at] ^= mask
    return bytes(b)


@st.composite
def field_lists(draw, most=6):
    tags = draw(st.lists(st.integers(2, 0x7fff), unique=True, max_size=most))
    sizes = st.one_of(st.integers(0, 60), st.integers(400, 1600))
    return [(t, draw(st.binary(min_size=n, max_size=n))) for t, n in
            zip([1] + sorted(tags), draw(st.lists(sizes, min_size=len(tags) +
                                                  1, max_size=len(tags) + 1)))]


@st.composite
def senders(draw):
    """An epoch of A's: lane, prekey id, PSK or none."""
    psk = draw(st.one_of(st.none(), st.binary(min_size=32, max_size=32)))
    day = draw(st.integers(0, 400)) if psk else 0
    lane = draw(st.integers(0, 2))
    return draw(st.binary(min_size=32, max_size=32)), psk, day, lane, \
        draw(st.integers(1, 2 ** 60))


class AnyEpoch:
    """cast.Epoch with everything drawn."""

    def __init__(self, e, psk, day, lane, prekey_id):
        self.e, self.psk, self.day = keys.Dh(e), psk, day
        self.prekey_id, self.chan = prekey_id, keys.channel(PAIR_ID, 0, lane)
        self.th = keys.epoch_th(1, CHARTER_ID, S_A.pk, I_A.pk, I_B.pk,
                                self.chan, self.e.pk, prekey_id, P_B.pk, day)
        self.ck0 = keys.epoch_ck0(
            *keys.epoch_sender(self.e, I_A, I_B.pk, P_B.pk), psk, self.th)


def receiver_args(psk, data):
    return dict(charter_id=CHARTER_ID, S_X=S_A.pk, I_X=I_A.pk, I_Y=I_B.pk,
                P_Y=P_B.pk, psk=psk or bytes(32), i_Y=I_B.sk, p_Y=P_B.sk,
                data=data)


# What one side makes, the other accepts -----------------------------------

@given(st.data())
def python_seals_c_opens(data):
    draw = data.draw
    ep = AnyEpoch(*draw(senders()))
    first_n = draw(st.integers(0, 4000))
    first = draw(st.integers(1, 2 ** 50))
    fields = draw(field_lists())
    env = sealed(ep, 1, first, first_n, fields=fields)[0]
    name, out = both("receive", **receiver_args(ep.psk, env.encode()))
    assert name == "ok" and out["fields"] == content.encode_fields(fields)
    bad = spoiled(draw, env.encode())
    if bad != env.encode():
        name, _ = both("receive", True, **receiver_args(ep.psk, bad))
        assert name != "ok"


@given(st.data())
def c_sends_python_opens(data):
    draw = data.draw
    _, psk, day, lane, prekey_id = draw(senders())
    chan = keys.channel(PAIR_ID, 0, lane)
    lists = draw(st.lists(field_lists(), min_size=1, max_size=6))
    first = draw(st.integers(1, 2 ** 50))
    args = dict(seed=seed("signing a"), i_X=I_A.sk, psk=psk or bytes(32),
                psk_day=day, charter_id=CHARTER_ID, I_Y=I_B.pk, P_Y=P_B.pk,
                channel=chan, prekey_id=prekey_id, charter=0, start=2,
                rand=draw(st.integers(0, 2 ** 32 - 1)), first_seq=first,
                prev=bytes(32) if first == 1 else seed("prev"),
                created_ms=T0, count=len(lists),
                seen=draw(st.sampled_from([bytes(104), seed("s") * 3 +
                                           bytes(8)])))
    for i, f in enumerate(lists):
        args["fields_%d" % i] = content.encode_fields(f)
    name, out = C.ask("send", **args)
    assert name == "ok", name
    run = wire.decode_run(out["data"])
    run.verify(S_A.pk)
    order = wire.Channel(chan)
    assert run.envs[0].h.seq == first and len(run.envs) == len(lists)
    for env, f in zip(run.envs, lists):
        order.accept(env)
        h = env.h
        dhs = keys.epoch_receiver(h.E, I_A.pk, I_B, P_B)
        th = keys.epoch_th(1, CHARTER_ID, S_A.pk, I_A.pk, I_B.pk, chan, h.E,
                           h.prekey_id, P_B.pk, h.psk_day)
        ke, kf = keys.chain_keys(keys.epoch_ck0(*dhs, psk, th), h.n)
        assert wire.open_envelope(env, ke, kf) == f
    i = draw(st.integers(0, len(lists) - 1))
    name, cut = C.ask("cut", data=out["data"], i=i)
    assert name == "ok"
    assert cut["single"] == run.single(i) and cut["bare"] == run.bare()
    bad = spoiled(draw, out["data"])
    if bad != out["data"]:
        assert both("run", True, key=S_A.pk, data=bad)[0] != "ok"


@given(st.data())
def runs(data):
    """Python's runs, whole, bare and single, sound and spoiled."""
    draw = data.draw
    ep = AnyEpoch(*draw(senders()))
    n = draw(st.integers(1, 9))
    first = draw(st.integers(1, 2 ** 50))
    run = wire.Run(draw(st.binary(min_size=104, max_size=104)),
                   sealed(ep, n, first, draw(st.integers(0, 4000)))).sign(S_A)
    for op, form in (("run", run.encode()), ("bare", run.bare()),
                     ("single", run.single(draw(st.integers(0, n - 1))))):
        assert both(op, key=S_A.pk, data=form)[0] == "ok"
        bad = spoiled(draw, form)
        if bad != form:
            assert both(op, True, key=S_A.pk, data=bad)[0] != "ok"


@given(st.data())
def resigned_runs(data):
    """A liar with the right key: headers changed, then signed again."""
    draw = data.draw
    envs = sealed(AnyEpoch(*draw(senders())), draw(st.integers(1, 4)))
    i = draw(st.integers(0, len(envs) - 1))
    e = envs[i]
    regions = [(0, 4), (4, 1), (5, 1), (6, 2), (8, 16), (24, 16), (40, 8),
               (48, 8), (56, 32), (88, 32), (120, 8), (128, 4), (132, 4),
               (136, 32), (168, 8), (176, 8), (184, 8), (192, 32), (224, 4),
               (228, 4)]
    at, size = draw(st.sampled_from(regions))
    value = draw(st.one_of(st.binary(min_size=size, max_size=size),
                           st.just(bytes(size)), st.just(b"\xff" * size),
                           st.just(bytes(size - 1) + b"\1")))
    head = e.head[:at] + value + e.head[at + size:]
    # Sign what the root would be, whatever the header says now.
    ids = [x.id for x in envs]
    ids[i] = wire.env_id(head, e.hct)
    h0 = envs[0].h
    if i == 0:
        r = base.Reader(head)
        r.take(8)
        chan, kid, inc, seq = r.take(16), r.take(16), r.take(8), r.u64()
    else:
        chan, kid, inc, seq = h0.channel, h0.kid, h0.incarnation(), h0.seq
    stmt = (label("run") + kid + chan + inc + u64(seq) + u16(len(envs)) +
            base.merkle_root(ids) + bytes(104))
    parts = [x.encode() for x in envs]
    parts[i] = head + e.ct
    both("run", key=S_A.pk, data=u16(len(envs)) + bytes(104) +
         b"".join(parts) + S_A.sign(stmt))


@given(st.data())
def openings(data):
    draw = data.draw
    fields, kf = draw(field_lists(12)), draw(st.binary(min_size=32,
                                                       max_size=32))
    com = content.commitment(fields, kf)
    i = draw(st.integers(0, len(fields) - 1))
    name, out = C.ask("make_opening", fields=content.encode_fields(fields),
                      kf=kf, i=i)
    assert name == "ok" and out["data"] == content.open_field(fields, kf, i)
    for op, form in (("open_field", out["data"]),
                     ("open_message", content.open_message(fields, kf))):
        assert both(op, C=com, data=form)[0] == "ok"
        bad = spoiled(draw, form)
        if bad != form:
            assert both(op, True, C=com, data=bad)[0] != "ok"
    both("commit", fields=content.encode_fields(fields), kf=kf)


@given(st.data())
def plaintexts(data):
    """Any bytes as fields or as a padded plaintext: one judgement."""
    draw = data.draw
    fields = content.encode_fields(draw(field_lists()))
    both("parse_fields", fields=spoiled(draw, fields))
    plain = content.pad(fields)
    both("unpad", plain=plain)
    both("unpad", plain=spoiled(draw, plain))
    n = draw(st.sampled_from(content.BUCKETS))
    cut = draw(st.integers(0, n))
    both("unpad", plain=(fields + b"\x80")[:cut].ljust(n, b"\0")[:n])


def statement_bodies(draw):
    """(op, signer, body) of a statement of any kind, sound."""
    kinds = {
        "keys": lambda: (ROOT_A, statement.encode_keys(
            ROOT_A.pk, draw(st.integers(2, 2 ** 40)), seed("previous"), T0,
            T0 + draw(st.integers(1, 2 ** 40)), sorted(
                [(1, S_A.pk), (2, I_A.pk)] +
                [(3, dh("t%d" % i).pk)
                 for i in range(draw(st.integers(1, 4)))] +
                [(5, signer("k%d" % i).pk)
                 for i in range(draw(st.integers(0, 3)))]),
            sorted((seed("r%d" % i)[:16], draw(st.integers(1, 3)), sorted(
                (seed("l%d" % j), draw(st.integers(0, 2 ** 60)))
                for j in range(draw(st.integers(0, 3)))))
                for i in range(draw(st.integers(0, 3)))))),
        "prekey": lambda: (S_B, statement.encode_prekey(
            S_B.pk, PAIR_ID, draw(st.integers(1, 2 ** 60)), P_B.pk)),
        "officer": lambda: (K_A, statement.encode_officer(
            K_A.pk, seed("o")[:16], O_A.pk, T0, T0 +
            draw(st.integers(1, 2 ** 40)), draw(st.integers(0, 1)),
            draw(st.binary(max_size=200)))),
        "recovery": lambda: (ROOT_A, statement.encode_recovery(
            ROOT_A.pk, PAIR_ID, draw(st.integers(0, 1)),
            draw(st.integers(1, 2 ** 32 - 1)), 7,
            draw(st.integers(1, 3)), [
                (0, bytes(32), 1) if draw(st.booleans()) else
                (5, seed("env"), draw(st.integers(6, 2 ** 40)))
                for _ in range(3)])),
        "receipt": lambda: (S_B, statement.encode_receipt(
            S_B.pk, *draw(st.sampled_from([(3, 0), (4, 0), (5, 67),
                                           (6, 170)])), CH_AB, 3,
            draw(st.integers(3, 2 ** 60)), seed("env"), LOG_ID,
            draw(st.integers(0, 2 ** 60)), T0)),
        "prior": lambda: (RELAY_S, statement.encode_prior(
            RELAY_S.pk, draw(st.binary(max_size=300)))),
    }
    op = draw(st.sampled_from(sorted(kinds)))
    return (op,) + kinds[op]()


@given(st.data())
def statements(data):
    """Sound, spoiled, and spoiled then signed again by the right key."""
    draw = data.draw
    op, who, body = statement_bodies(draw)
    key = {"root": who.pk, "relay": 0} if op == "keys" else {"key": who.pk}
    whole = who.statement(body)
    assert both(op, data=whole, **key)[0] == "ok"
    bad = spoiled(draw, whole)
    if bad != whole:
        assert both(op, True, data=bad, **key)[0] != "ok"
    lab = len(label(op))
    again = body[:lab] + spoiled(draw, body[lab:])
    both(op, True, data=who.statement(again), **key)


@given(st.data())
def c_makes_statements(data):
    draw = data.draw
    first = draw(st.integers(1, 2 ** 50))
    event, reason = draw(st.sampled_from([(2, 103), (3, 0), (4, 0), (5, 67),
                                          (6, 170)]))
    name, out = C.ask("make_receipt", seed=seed("signing b"), event=event,
                      reason=reason, channel=CH_AB, first_seq=first,
                      last_seq=first + draw(st.integers(0, 1000)),
                      env_id=seed("e"), log_id=LOG_ID,
                      index=b"\xff" * 8 if event == 2 else u64(first),
                      time_ms=T0)
    assert name == "ok"
    assert both("receipt", key=S_B.pk, data=out["data"])[0] == "ok"
    name, out = C.ask("make_prekey", seed=seed("signing b"), pair_id=PAIR_ID,
                      prekey_id=first, P=P_B.pk)
    assert name == "ok" and out["data"] == S_B.statement(
        statement.encode_prekey(S_B.pk, PAIR_ID, first, P_B.pk))
    ks = [(1, S_A.pk), (2, I_A.pk), (3, T_A.pk), (5, K_A.pk)]
    name, out = C.ask("make_keys", seed=ROOT_SEED[ROOT_A.pk],
                      agency=keys.agency(ROOT_A.pk), ks_seq=1,
                      previous=bytes(32), not_before=T0, not_after=T0 + first,
                      keys=b"".join(u8(t) + k for t, k in
                                    draw(st.permutations(ks))))
    assert name == "ok" and out["data"] == ROOT_A.statement(
        statement.encode_keys(ROOT_A.pk, 1, bytes(32), T0, T0 + first, ks))


ROOT_SEED = {signer(n).pk: seed(n) for n in ("root one", "root two")}


@given(st.data())
def charters(data):
    """A charter text with something done to a line."""
    draw = data.draw
    lines = CHARTER.split("\n")[:-1]
    at = draw(st.integers(1, len(lines) - 1))
    how = draw(st.integers(0, 5))
    if how == 0:
        lines.insert(at, draw(st.sampled_from(lines)))
    elif how == 1:
        del lines[at]
    elif how == 2:
        words = lines[at].split(" ")
        words[draw(st.integers(0, len(words) - 1))] = draw(st.one_of(
            st.integers(0, 10 ** 6).map(str), st.text(max_size=5),
            st.sampled_from(["-", "0", "01", "65536", "512", "x" * 64,
                             "tcp://a:1", "2026-12-01T00:00:00Z",
                             "4294967296", "1", "2"])))
        lines[at] = " ".join(words)
    elif how == 3:
        lines[at], lines[at - 1] = lines[at - 1], lines[at]
    elif how == 4:
        n = draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:n] + draw(st.characters(
            blacklist_categories=("Cs",))) + lines[at][n:]
    text = "\n".join(lines) + ("" if how == 5 else "\n")
    both("charter", data=text.encode())
    both("charter", data=spoiled(draw, CHARTER_BYTES))


@given(st.data())
def notes(data):
    draw = data.draw
    org = note.origin("relay.example", LOG_ID)
    size, root = draw(st.integers(0, 2 ** 60)), draw(
        st.binary(min_size=32, max_size=32))
    t = draw(st.integers(0, 2 ** 40))
    cp = note.sign_checkpoint(org, size, root, RELAY_LOG)
    name, out = C.ask("make_checkpoint", text_origin=org, size=size,
                      root=root, seed=seed("relay log"))
    assert name == "ok" and out["text_note"] == cp
    two, cosig = note.cosign(cp, "witness.example/w1", WITNESS, t)
    name, out = C.ask("cosign", text_note=cp, seed=seed("witness"), time=t,
                      text_witness="witness.example/w1")
    assert name == "ok" and out["text_note"] == two
    args = dict(text_origin=org, key=RELAY_LOG.pk, witness=WITNESS.pk,
                text_witness="witness.example/w1")
    assert both("checkpoint", text_note=two, **args)[1]["cosigned"] == 1
    at = draw(st.integers(0, len(two) - 1))
    ch = draw(st.sampled_from("\n 0aA+/=-\u2014"))
    bad = two[:at] + ch + two[at + draw(st.integers(0, 1)):]
    name, out = both("checkpoint", True, text_note=bad, **args)
    if bad != two and name == "ok":
        # Only a line of a key nobody knows may differ.
        assert (out["size"], out["root"]) == (size, root)
        assert out["cosigned"] == 0
    assert both("seen", log_id=LOG_ID, size=size, root=root,
                cosignature=cosig)[0] == "ok"


@given(st.data())
def trees(data):
    draw = data.draw
    n = draw(st.integers(1, 60))
    ls = [H(u64(i)) for i in range(n)]
    i = draw(st.integers(0, n - 1))
    path = base.merkle_path(ls, i)
    args = dict(leaf=ls[i], index=i, size=n, root=base.merkle_root(ls),
                path=b"".join(path))
    assert both("merkle_included", **args)[0] == "ok"
    both("merkle_included", **{**args, "index": draw(st.integers(0, 70)),
                               "size": draw(st.integers(1, 70))})
    m = draw(st.integers(0, n))
    args = dict(size1=m, root1=base.merkle_root(ls[:m]), size2=n,
                root2=base.merkle_root(ls),
                path=b"".join(base.consistency_proof(ls, m)))
    assert both("merkle_consistent", **args)[0] == "ok"
    both("merkle_consistent", **{**args, "size1": draw(st.integers(0, 70)),
                                 "size2": draw(st.integers(0, 70))})


@given(st.data())
def headers(data):
    draw = data.draw
    ep = AnyEpoch(*draw(senders()))
    head = sealed(ep, 1)[0].head
    both("header", data=head)
    both("header", True, data=spoiled(draw, head))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32,
                                                      max_size=32),
       st.integers(0, 500))
def names_and_psks(a, b, day):
    for op in ("kid", "log_id"):
        both(op, key=a)
    both("channel", pair_id=a, direction=day & 1, lane=day % 3)
    both("check_x25519", key=a)
    both("check_ed25519", key=a)
    name, out = both("psk_first", charter_id=a, a=b, b=a)
    if name == "ok":
        both("psk_at", psk=out["psk"], day=day)


# A few, since each costs 256 MiB and half a second.
@given(st.binary(min_size=32, max_size=32))
def spoken_words(cid):
    both("words", charter_id=cid)


def main():
    global C, EXAMPLES
    args = sys.argv[1:]
    if not args:
        print(__doc__, file=sys.stderr)
        return 2
    C = Driver(args[0])
    if "--examples" in args:
        EXAMPLES = int(args[args.index("--examples") + 1])
    start = (int(args[args.index("--seed") + 1]) if "--seed" in args else
             random.SystemRandom().randrange(2 ** 32))
    print("seed", start, "examples", EXAMPLES)
    failed = 0
    for test in (python_seals_c_opens, c_sends_python_opens, runs,
                 resigned_runs, openings, plaintexts, statements,
                 c_makes_statements, charters, notes, trees, headers,
                 names_and_psks, spoken_words):
        name = test.__name__
        n = 3 if test is spoken_words else EXAMPLES
        test = settings(max_examples=n, deadline=None, database=None,
                        suppress_health_check=list(HealthCheck))(
            fixed_seed(start)(test))
        try:
            test()
            print("ok  ", name)
        except Exception as e:			# a counterexample
            failed += 1
            print("FAIL", name, repr(e)[:4000])
    print("%d questions to the C side, %d properties failed" %
          (C.asked, failed))
    C.p.stdin.close()
    if C.p.wait() != 0:
        print("the driver ended with", C.p.returncode)
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
