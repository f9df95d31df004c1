"""lies: bytes changed on the way, and what a peer should not have signed."""

import os
import time

import test_agent as ta
from casewire_py import content, keys, note, statement, wire
from casewire_py.base import H, leaf_hash, merkle_root
from scene import flip, lie, on_items


@lie
def flipped_ciphertext(s):
    """The relay changes a bit of a message on its way."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run":
            it.run = flip(it.run, 400)
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.stays()
    s.expect("proof", "signature", "prev")


@lie
def run_of_somebody_else(s):
    """A run signed by a stranger, truly in the log."""
    env, run = s.decision()
    stranger = keys.Signer(H(b"stranger"))
    s.liar.add_run(wire.Run(run.seen, run.envs).sign(stranger))
    s.stays()
    s.expect("signature")


@lie
def wrong_proof(s):
    """An item whose path leads nowhere."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run" and it.path:
            it.path[0] = H(b"nowhere")
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.stays()
    s.expect("proof")


@lie
def short_proof(s):
    """A path with a hash too few."""
    _, run = s.decision()

    def change(it):
        if it.WhichOneof("what") == "run" and it.path:
            del it.path[-1]
    s.liar.spoil = on_items(change)
    s.liar.add_run(run)
    s.stays()
    s.expect("path_length", "proof")


@lie
def unsigned_checkpoint(s):
    """A checkpoint signed by another key."""
    _, run = s.decision()
    key = keys.Signer(H(b"another log key"))

    def spoil(rep):
        if rep.HasField("fetch") and rep.fetch.items:
            rep.fetch.checkpoint = note.sign_checkpoint(
                s.liar.origin, len(s.liar.entries),
                merkle_root(s.liar.entries), key).encode()
        return rep
    s.liar.spoil = spoil
    s.liar.add_run(run)
    s.stays()


@lie
def split_view(s):
    """Two logs: the same size, another root, both signed."""
    _, run = s.decision()
    index = s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")

    def spoil(rep):
        if rep.HasField("fetch") and not rep.fetch.items:
            with s.liar.lock:
                s.liar.entries[1] = leaf_hash(b"another history")
                it = rep.fetch.items.add(channel=s.b.chan(True, 0),
                                         index=index, run=run.encode())
                it.path.extend(s.liar.path(index))
                rep.fetch.checkpoint = s.liar.checkpoint()
        return rep
    s.liar.spoil = spoil
    s.expect("log_split", seconds=15)


@lie
def rewritten_history(s):
    """The log grows, but not out of what A saw of it."""
    _, run = s.decision()
    with s.liar.lock:
        s.liar.entries[1] = leaf_hash(b"another history")
        s.liar.add_run(run)
    s.expect("log_split", seconds=15)


@lie
def another_lane(s):
    """B's notice handed over as an emergency."""
    _, run = s.decision()
    s.liar.offer(s.b.chan(True, 1), "run", run.encode(), run.entry())
    s.stays()


@lie
def own_mail_back(s):
    """A's own run handed to it as B's."""
    own = s.liar.submitted[0]
    s.liar.offer(s.b.chan(True, 0), "run", own.encode(), own.entry())
    s.stays()


@lie
def replay(s):
    """B's ACK once more, under a new index: nothing happens twice."""
    before = len(ta.a("case", "show", s.case)["messages"])
    run = wire.Run(wire.NO_SEEN, [s.ack]).sign(s.b.S)
    s.liar.add_run(run)
    s.stays()
    after = ta.a("case", "show", s.case)["messages"]
    assert len(after) == before, "the ACK is there twice"
    _, run = s.decision()
    s.goes_on(run)


@lie
def omission(s):
    """The relay keeps one message back; the next one shows the gap."""
    env, run = s.decision()
    after = s.say("STATUS", env.id, s.words.Status(
        measures="m", next_step="n",
        next_date_ms=int(time.time() * 1000) + 10 ** 8),
        outcome=s.words.COLLECTING)
    s.stays()
    lanes = s.alarms()[1]["pairs"][0]["lanes"]
    assert lanes[0]["gap"], "no gap is shown"
    s.liar.add_run(run)
    ta.state(s.case, "IN_PROGRESS")
    ta.await_it("`delivered` for both", lambda: (4, 0) in
                s.receipts_of(env) and (4, 0) in s.receipts_of(after))


@lie
def fork(s):
    """B signs two messages under one number."""
    env, run = s.decision()
    s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")
    s.b.sent[0].pop()			# B forgets, on purpose
    s.say("STATUS", s.ack.id, s.words.Status(
        measures="m", next_step="n", next_date_ms=10 ** 13),
        outcome=s.words.COLLECTING)
    s.expect("fork")
    assert s.alarms()[1]["pairs"][0]["lanes"][0]["stopped"]
    s.stays("ACCEPTED")


@lie
def two_stories(s):
    """B commits to one text and encrypts another."""
    env, run = s.decision()
    honest = [(1, b"x"), (2, b"one story")]
    ep, prekey_id, base_n, ck0, _ = s.b.epochs[0]
    ke, kf = keys.chain_keys(ck0, env.h.n)
    plain = content.pad(content.encode_fields([(1, b"x"), (2, b"two")]))
    h = wire.replace(env.h, C=content.commitment(honest, kf),
                     ct_len=len(plain) + 16)
    ct = wire.nb.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, h.encode(), h.C[:24], ke)
    bad = wire.Envelope(h.encode(), h, ct)
    s.liar.add_run(wire.Run(wire.NO_SEEN, [bad]).sign(s.b.S))
    s.refused(bad, (5, 60))		# and no word which check failed


@lie
def field_twice(s):
    """Well encrypted, but a tag stands twice."""
    env, run = s.decision()
    ep, prekey_id, base_n, ck0, _ = s.b.epochs[0]
    bad = wire.seal(env.h, *keys.chain_keys(ck0, env.h.n),
                    [(1, b"x"), (1, b"y")])
    s.liar.add_run(wire.Run(wire.NO_SEEN, [bad]).sign(s.b.S))
    s.refused(bad, (5, 39))	# a form, not a key: its own status


@lie
def unknown_prekey(s):
    """Sealed to a prekey A never had."""
    env, run = s.decision()
    ke, kf = os.urandom(32), os.urandom(32)
    bad = wire.seal(wire.replace(env.h, prekey_id=10 ** 6, n=0,
                                 E=keys.Dh(os.urandom(32)).pk), ke, kf,
                    [(1, b"x")])
    s.liar.add_run(wire.Run(wire.NO_SEEN, [bad]).sign(s.b.S))
    s.refused(bad, (5, 67))


@lie
def forged_delivered(s):
    """The relay says `delivered` in B's place."""
    s.b.claim_lost = False
    ta.a("case", "withdraw", s.case, "--reason", "a mistake")
    run = ta.await_it("the withdrawal", lambda: next(
        (r for r in s.liar.submitted
         if r.envs[0].h.channel == s.b.chan(False, 0) and
         r.envs[-1].h.seq > s.req.h.seq), None))
    st = s.liar.S.statement(statement.encode_receipt(
        s.liar.S.pk, 4, 0, s.b.chan(False, 0), run.envs[-1].h.seq,
        run.envs[-1].h.seq, run.envs[-1].id, s.liar.log_id,
        s.liar.heads[s.b.chan(False, 0)][1], int(time.time() * 1000)))
    s.liar.offer(s.b.chan(False, 0), "statement", st, st)
    time.sleep(1.5)
    ms = ta.a("case", "show", s.case)["messages"]
    mine = [m for m in ms if m["type"] == "withdraw"][0]
    assert not mine["evidence"].get("delivered"), mine["evidence"]


@lie
def submit_without_proof(s):
    """The relay says it has it, and proves nothing."""
    def spoil(rep):
        if rep.HasField("submit"):
            for p in list(rep.submit.runs):
                del p.path[:]
                p.index += 1000
        return rep
    s.liar.spoil = spoil
    n = len(s.liar.submitted)
    ta.a("case", "withdraw", s.case, "--reason", "a mistake")
    ta.await_it("the submission", lambda: len(s.liar.submitted) > n)
    time.sleep(1)
    ms = ta.a("case", "show", s.case)["messages"]
    mine = [m for m in ms if m["type"] == "withdraw"][0]
    assert not mine["evidence"].get("submitted"), mine["evidence"]


@lie
def rubbish(s):
    """Replies that are no replies; then the truth."""
    _, run = s.decision()
    count = [0]

    def spoil(rep):
        count[0] += 1
        return [b"", b"\xff" * 100, os.urandom(5000)][count[0] % 3]
    s.liar.spoil = spoil
    time.sleep(3)
    assert count[0] > 0, "A asked nothing"
    s.goes_on(run, 60)


@lie
def head_from_nowhere(s):
    """HELLO shows a head of A's channel that A never signed."""
    own = s.liar.heads[s.b.chan(False, 0)][0]
    fake = wire.Run(own.seen, own.envs)
    fake.sig = bytes(64)
    ta.sh(ta.TOP + "/tests/world.sh", "stop", ta.W, "a")

    def spoil(rep):
        if rep.HasField("hello"):
            for h in rep.hello.heads:
                h.statement = h.statement[:-64] + bytes(64)
                h.last_seq += 0
        return rep
    s.liar.spoil = spoil
    ta.sh(ta.TOP + "/tests/world.sh", "start", ta.W, "a")
    s.expect("signature", "verify", "rollback", "log")
    _, run = s.decision()
    s.liar.spoil = None
    s.liar.add_run(run)
    ta.state(s.case, "ACCEPTED")
