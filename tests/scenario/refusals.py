"""Scenario 60: refusals.  Agency A is Python, B and the relay are real."""

import os
import subprocess
import time

from setting import scene

import party
from casewire_py import charter, content, keys, statement, wire
from casewire_py.base import label, u16, u32
from casewire_py.err import STATUS
from speaker import Speaker, now_ms, outline
from world import check, say, wait_for

import zmq

REGIONS = [                     # of a header: name, offset, status if flipped
    ("magic", 0, "magic"), ("version", 4, "version"), ("suite", 5, "suite"),
    ("charter number", 6, "charter_number"), ("channel", 8, "channel"),
    ("kid", 24, "kid_unknown"), ("start count", 40, "signature"),
    ("random part", 44, "clone"), ("seq", 48, "signature"),
    ("prev", 56, "signature"), ("E", 88, "signature"),
    ("prekey_id", 120, "signature"), ("psk_day", 128, "signature"),
    ("n", 135, "signature"), ("C", 136, "signature"),
    ("created", 168, "signature"), ("keep", 176, "signature"),
    ("ack_seq", 184, "encoding"), ("ack_env", 192, "encoding"),
    ("ct_len", 224, "bucket"), ("zeros", 228, "reserved"),
]


def flip(data, at, mask=1):
    b = bytearray(data)
    b[at] ^= mask
    return bytes(b)


class Stage:
    def __init__(self, world):
        self.world = world
        self.a = Speaker(world, "a", "b")
        self.client = self.a.client()
        wait_for("B's prekey", lambda: self.a.learn_prekey(self.client))

    def entries(self):
        return self.world.api("relay").get("/status")["entries"]

    def runs_taken(self):
        return self.world.api("relay").get("/status")["runs_taken"]

    def refused(self, what, name, run, client=None):
        """By that status, with a signed refusal or none, and not logged."""
        before = self.runs_taken()
        (status, _, refusal), = (client or self.client).submit([run])
        check(status == STATUS[name], "%s: status %d, wanted %d %s" % (
            what, status, STATUS[name], name))
        if refusal:
            d = statement.decode_receipt(refusal)
            statement.verify(d, self.a.relay.s)
            check((d["event"], d["reason"]) == (statement.REFUSED, status),
                  "%s: the refusal says %s" % (what, d))
        check(self.runs_taken() == before, "%s: was logged" % what)

    def taken(self, env, lane=0):
        """The index of a sound run."""
        (status, index, _), = self.client.submit([self.a.run(env)])
        check(status == 0, "a sound run is refused: %d" % status)
        self.a.said(env, lane)
        return index

    def sound(self, lane=0):
        return self.a.envelope([(1, outline(os.urandom(16), 1))], lane)

    def answered(self, seq, event, reason=0):
        wait_for("receipt %d of seq %d" % (event, seq), lambda: seq in
                 self.a.receipts(self.client).get((event, reason), ()))


def regions(stage):
    """A flipped bit in each region of an envelope, and of its run."""
    stage.taken(stage.sound())
    good = stage.a.run(stage.sound()).encode()
    head = 2 + 104
    for name, at, status in REGIONS:
        mask = 2 if name == "suite" else 1
        stage.refused(name, status, flip(good, head + at, mask))
    for name, at, status in (
            ("size of the run", 1, "count"), ("seen", 2 + 40, "signature"),
            ("ciphertext", head + 232 + 9, "signature"),
            ("tag", -65, "signature"), ("signature", -64, "signature"),
            ("end of the signature", -1, "signature")):
        stage.refused(name, status, flip(good, at))
    for cut in (1, 64, 65, 90):
        stage.refused("cut by %d" % cut, "truncated", good[:-cut])
    stage.refused("cut inside the header", "truncated", good[:head + 100])
    stage.refused("a byte behind", "trailing", good + b"\0")
    stage.refused("no envelope", "count", u16(0) + good[2:])


def places(stage, c):
    """Replay, another channel, another agency."""
    a, client = stage.a, stage.client
    env = stage.sound()
    run = a.run(env)
    index = stage.taken(env)
    again = client.submit([run])
    check([(s, i) for s, i, _ in again] == [(0, index)],
          "a replay is not given its first answer: %s" % again)
    stage.refused("replay by another agency", "sender", run, c)
    h = wire.replace(env.h, channel=a.channel(1), seq=1, prev=bytes(32))
    moved = wire.Envelope(h.encode(), h, env.ct)
    stage.refused("an envelope re-targeted to another lane", "signature",
                  wire.Run(wire.NO_SEEN, [moved], run.sig).encode())
    back = wire.replace(env.h, channel=a.channel(own=False))
    stage.refused("an envelope sent back as the peer's", "sender",
                  a.run(wire.Envelope(back.encode(), back, env.ct)).encode())
    other = wire.replace(env.h, seq=env.h.seq + 1, prev=env.id, kid=c.S.kid)
    forged = a.run(wire.Envelope(other.encode(), other, env.ct), signer=c.S)
    stage.refused("a run signed by another agency, by it", "sender",
                  forged.encode(), c)
    stage.refused("a run signed by another agency, by A", "key_foreign",
                  forged.encode())
    twin = a.envelope([(1, outline(os.urandom(16), 2))],
                      after=(env.h.seq - 1, env.h.prev))
    stage.refused("another envelope for a seq", "fork", a.run(twin).encode())
    nowhere = wire.replace(env.h, channel=os.urandom(16))
    stage.refused("a channel nobody has", "channel",
                  a.run(wire.Envelope(nowhere.encode(), nowhere,
                                      env.ct)).encode())


def contents(stage):
    """What only the receiver can see: answered `undecryptable`, not shown,
    and the channel goes on."""
    kf = os.urandom(32)
    fields = [(1, outline(os.urandom(16), 1)), (2, b"one"), (2, b"two")]
    raw = content.encode_fields(fields)
    honest = content.encode_fields(fields[:2])
    C = content.commitment(fields, kf)
    plain = content.pad(honest)
    for what, data, commitment, status in (
            ("a field tag twice", content.pad(raw), C, "field_order"),
            ("no outline", content.pad(content.encode_fields(
                [(2, b"body")])), C, "field_order"),
            ("a field longer than the envelope", content.pad(
                u16(1) + u32(9999) + b"x"), C, "truncated"),
            ("another commitment", plain, os.urandom(32), "signature"),
            ("padding of the wrong bucket", honest + b"\x80" +
             bytes(768 - len(honest) - 1), C, "padding"),
            ("no padding mark", bytes(512), C, "padding")):
        env = stage.a.envelope_of(data, commitment)
        stage.taken(env)
        stage.answered(env.h.seq, statement.UNDECRYPTABLE, STATUS[status])
        say("     %s" % what)
    shown = [c for c in stage.world.api("b").get("/v1/cases")["cases"]]
    check(not shown, "B shows what it could not open: %s" % shown)
    env = stage.sound()
    stage.taken(env)
    stage.answered(env.h.seq, statement.DELIVERED)


def strangers(stage):
    """Wrong keys get no answer, oversize frames no session."""
    relay = stage.a.relay
    unknown = relay.client(keys.Dh(os.urandom(32)), 1200)
    silent("an unknown transport key", unknown)
    wrong = party.Relay(stage.world)
    wrong.t = keys.Dh(os.urandom(32)).pk
    silent("a server that is not the charter's relay",
           wrong.client(stage.a.T, 1200))
    plain = zmq.Context.instance().socket(zmq.DEALER)
    plain.setsockopt(zmq.LINGER, 0)
    plain.setsockopt(zmq.RCVTIMEO, 800)
    plain.connect(relay.endpoint)
    plain.send(b"in clear")
    try:
        plain.recv()
        check(False, "a connection without CURVE is answered")
    except zmq.Again:
        pass
    plain.close()
    check(stage.client.hello().status == 0, "the session is gone")
    stage.client.send_raw(bytes((1 << 20) + 65))
    time.sleep(0.2)
    stage.client.close()
    stage.client = stage.a.client()
    check(stage.client.hello().status == 0, "oversize frames end a service")
    stage.client.send_raw(bytes(1 << 20))
    check(stage.client.hello().status == 0, "zeros end a session")


def silent(what, client):
    try:
        client.hello()
        check(False, what + " is answered")
    except zmq.Again:
        pass
    finally:
        client.close()


class Third:
    """Agency C, admitted with B under another charter, made in Python."""

    def __init__(self, world):
        root = keys.Signer(os.urandom(32))
        self.S, self.I = keys.Signer(os.urandom(32)), keys.Dh(os.urandom(32))
        self.T = keys.Dh(os.urandom(32))
        parts = sorted([(root.pk.hex(), "c"), (party.load(world.at(
            "b", "keys", "root.pub")).split()[0].decode(), "b")])
        text = party.load(world.at("charter", "charter")).decode()
        lines = text.split("\n")
        for i, line in enumerate(lines):
            if line.startswith("a "):
                lines[i] = "a %s %s" % (parts[0][0], "Agency " + parts[0][1])
            elif line.startswith("b "):
                lines[i] = "b %s %s" % (parts[1][0], "Agency " + parts[1][1])
        data = "\n".join(lines).encode()
        os.makedirs(world.at("charter-c"))
        self.write(world.at("charter-c", "charter"), data)
        side = "ab"[parts[0][1] != "c"]
        self.write(world.at("charter-c", "charter.%s.sig" % side), root.sign(
            charter.sig_message(charter.charter_id(data))))
        world.tool("casewire-keys", "charter", "sign", world.at(
            "charter-c", "charter"), "--root", world.at(
                "offline", "b", "root.key"), "--passphrase-file",
            world.at("passphrase"))
        self.write(world.at("c.keys"), root.statement(statement.encode_keys(
            root.pk, 1, bytes(32), now_ms() - 1000, now_ms() + 10 ** 9,
            [(1, self.S.pk), (2, self.I.pk), (3, self.T.pk)])))
        world.tool("casewire-relay", "--home", world.at("relay"), "admit",
                   world.at("charter-c"), "--keys", world.at("c.keys"),
                   "--keys", world.at("b", "keys", "keys.1"))
        self.client = party.Relay(world).client(self.T)

    def write(self, path, data):
        with open(path, "wb") as f:
            f.write(data)

    def submit(self, runs):
        return self.client.submit(runs)


def refusals(world):
    world.make()
    world.start("relay", "b")
    stage = Stage(world)
    for part in (regions, lambda s: places(s, Third(world)), contents,
                 strangers):
        part(stage)
    world.check_running()
    code, said = world.doctor("b")
    check(code == 0, "doctor of B: %s" % said)
    check(world.stop("b", "relay") == [0, 0], "SIGTERM did not end in 0")
    world.tool("casewire-relay", "--home", world.at("relay"), "check",
               "--full")


scene("60-refusals", refusals)
