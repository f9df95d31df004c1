"""liar: a relay in Python that can lie, for one endpoint at a time.

Speaks section 9 honestly unless told otherwise: `spoil` is called with every
Reply before it goes out and may change it.  Keys come from the relay's own
key file; the log, checkpoints and proofs are real, so that a lie is exactly
what the test wrote and nothing else.  Lets every transport key in: it is no
relay to run.
"""

import threading
import time

import zmq

from casewire_py import keyfile, keys, note, statement, wire
from casewire_py.base import (consistency_proof, leaf_hash, merkle_path,
                              merkle_root)


class Liar:
    def __init__(self, pb, key_file, passphrase, own_statement, name, port,
                 charter_id):
        self.pb, self.cid = pb, charter_id
        sec = {t: s for t, _, s in keyfile.open_with(
            keyfile.decode(key_file), keyfile.PASSPHRASE, passphrase)}
        self.S, self.T = keys.Signer(sec[1]), keys.Dh(sec[3])
        self.log_key = keys.Signer(sec[4])
        self.log_id = keys.log_id(self.log_key.pk)
        self.origin = note.origin(name, self.log_id)
        self.entries, self.items, self.heads = [], {}, {}
        self.keys = {}			# agency -> [key statements]
        self.prekeys = {}		# agency -> newest prekey
        self.lane0 = {}			# agency -> its lane 0
        self.parked = []
        self.spoil = None
        self.withheld = None		# (channel, index, kind, data): true
					# for an item that is not shown
        self.told = []			# sizes of checkpoints sent with items
        self.joined = []		# (first, second) proved in LOG
        self.notes = []			# what witnesses cosigned
        self.refuse_submits = False
        self.submitted = []		# runs the endpoint sent, decoded
        self.lock = threading.RLock()
        self.append(own_statement)
        self.keys[statement.decode_keys(own_statement)["agency"]] = [
            own_statement]
        self.sock = zmq.Context.instance().socket(zmq.ROUTER)
        self.sock.setsockopt(zmq.LINGER, 0)
        self.sock.setsockopt(zmq.CURVE_SERVER, 1)
        self.sock.setsockopt(zmq.CURVE_PUBLICKEY, self.T.pk)
        self.sock.setsockopt(zmq.CURVE_SECRETKEY, self.T.sk)
        self.sock.bind("tcp://127.0.0.1:%d" % port)
        self.end = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        self.end = True
        self.thread.join()
        self.sock.close()

    # The log ---------------------------------------------------------------

    def append(self, entry):
        with self.lock:
            self.entries.append(leaf_hash(entry))
            return len(self.entries) - 1

    def checkpoint(self, leaves=None):
        leaves = self.entries if leaves is None else leaves
        return note.sign_checkpoint(self.origin, len(leaves),
                                    merkle_root(leaves),
                                    self.log_key).encode()

    def path(self, index):
        return merkle_path(self.entries, index)

    def offer(self, channel, kind, data, entry):
        """Log entry and feed data on channel."""
        with self.lock:
            index = self.append(entry)
            self.items.setdefault(channel, []).append((index, kind, data))
            return index

    def add_run(self, run):
        return self.offer(run.envs[0].h.channel, "run", run.encode(),
                          run.entry())

    # Requests ----------------------------------------------------------------

    def serve(self):
        poll = zmq.Poller()
        poll.register(self.sock, zmq.POLLIN)
        while not self.end:
            if poll.poll(50):
                peer, frame = self.sock.recv_multipart()
                req = self.pb.Request()
                req.ParseFromString(frame)
                with self.lock:
                    self.answer(peer, req)
            with self.lock:
                self.unpark()

    def reply(self, peer, rep):
        if self.spoil:
            rep = self.spoil(rep)
        if rep is None:
            return
        raw = rep if isinstance(rep, bytes) else rep.SerializeToString()
        self.sock.send_multipart([peer, raw])

    def answer(self, peer, req):
        rep = self.pb.Reply(ticket=req.ticket)
        what = req.WhichOneof("body")
        if what == "fetch":
            self.parked.append((peer, req, time.time() +
                                min(req.fetch.wait_ms / 1000, 2)))
            return
        getattr(self, "on_" + what)(req, rep)
        self.reply(peer, rep)

    def on_hello(self, req, rep):
        h = rep.hello
        h.version, h.log_id, h.frame_max = 1, self.log_id, 1 << 20
        h.checkpoint = self.checkpoint()
        h.server_time_ms = int(time.time() * 1000)
        for channel, (run, index) in self.heads.items():
            ids = [e.id for e in run.envs]
            h.heads.add(channel=channel, statement=run.entry(),
                        last_env_id=ids[-1], last_seq=run.envs[-1].h.seq,
                        index=index, path=merkle_path(ids, len(ids) - 1))
        h.standings.add(pair_id=self.cid, charter_id=self.cid)

    def on_ping(self, req, rep):
        rep.pong.sent_ms = req.ping.sent_ms
        rep.pong.server_time_ms = int(time.time() * 1000)

    def on_keys(self, req, rep):
        ag = req.keys.agency
        sts = [s for s in self.keys.get(ag, []) if
               statement.decode_keys(s)["ks_seq"] > req.keys.after_ks_seq]
        rep.keys.statements.extend(sts)
        rep.keys.indexes.extend(self.entries.index(leaf_hash(s))
                                for s in sts)
        rep.keys.prekey = self.prekeys.get(ag, b"")

    def on_log(self, req, rep):
        rep.log.checkpoint = self.checkpoint()
        ask = req.log.WhichOneof("ask")
        if ask == "inclusion":
            rep.log.hashes.extend(merkle_path(
                self.entries[:req.log.inclusion.size],
                req.log.inclusion.index))
        elif ask == "consistency":
            c = req.log.consistency
            self.joined.append((c.first, c.second))
            rep.log.hashes.extend(consistency_proof(
                self.entries[:c.second], c.first))
        elif ask == "cosigned":
            rep.log.notes.extend(self.notes)
        elif ask == "inclusions":
            for index in req.log.inclusions.indexes:
                rep.log.paths.add(hashes=merkle_path(
                    self.entries[:req.log.inclusions.size], index))

    def on_submit(self, req, rep):
        if self.refuse_submits:
            rep.status = 10
            return
        placed = []
        for raw in req.submit.runs:
            run = wire.decode_run(raw)
            self.submitted.append(run)
            channel = run.envs[0].h.channel
            index = self.append(run.entry())
            self.heads[channel] = (run, index)
            self.items.setdefault(channel, []).append((index, "own", raw))
            placed.append((rep.submit.runs.add(), index))
        for st in req.submit.statements:
            placed.append((rep.submit.statements.add(),
                           self.take_statement(st)))
        for p, index in placed:
            p.index = index
            p.path.extend(self.path(index))
        rep.submit.checkpoint = self.checkpoint()

    def take_statement(self, st):
        """Log it; feed receipts on their channel, prekeys on the lane 0 of
        whoever owns the S of a known key statement."""
        kind = statement.kind(st)
        if kind == "receipt":
            return self.offer(statement.decode_receipt(st)["channel"],
                              "statement", st, st)
        if leaf_hash(st) in self.entries:
            return self.entries.index(leaf_hash(st))
        if kind != "prekey":
            return self.append(st)
        d = statement.decode_prekey(st)
        for ag, sts in self.keys.items():
            ks = dict(statement.decode_keys(sts[-1])["keys"])
            if keys.kid(ks[1]) == d["kid"]:
                self.prekeys[ag] = st
                return self.offer(self.lane0[ag], "statement", st, st)
        return self.append(st)

    def unpark(self):
        still = []
        for peer, req, until in self.parked:
            rep = self.pb.Reply(ticket=req.ticket)
            rep.fetch.SetInParent()
            for c in req.fetch.cursors:
                for index, kind, data in self.items.get(c.channel, []):
                    if kind == "own" or (not c.from_start and
                                         index <= c.after):
                        continue
                    if self.withheld and self.withheld(c.channel, index,
                                                       kind, data):
                        continue
                    it = rep.fetch.items.add(channel=c.channel, index=index)
                    setattr(it, kind, data)
                    it.path.extend(self.path(index))
            if rep.fetch.items:
                rep.fetch.checkpoint = self.checkpoint()
                self.told.append(len(self.entries))
            if rep.fetch.items or time.time() >= until:
                self.reply(peer, rep)
            else:
                still.append((peer, req, until))
        self.parked = still


class Direct:
    """A Client's face for a party that lives beside the liar."""

    def __init__(self, liar):
        self.liar, self.log_id = liar, liar.log_id

    def hello(self):
        return self.liar.pb.Reply()

    def ask(self, kind, **body):
        assert kind == "keys"
        req = self.liar.pb.Request()
        req.keys.agency = body["agency"]
        rep = self.liar.pb.Reply()
        with self.liar.lock:
            self.liar.on_keys(req, rep)
        return rep

    def submit(self, runs=(), statements=()):
        out = []
        with self.liar.lock:
            for r in runs:
                out.append((0, self.liar.add_run(r), b""))
            for st in statements:
                out.append((0, self.liar.take_statement(st), b""))
        return out

    def fetch(self, channels, after=None, wait_ms=0, entry_of=None):
        items = []
        with self.liar.lock:
            for c in channels:
                for index, kind, data in self.liar.items.get(c, []):
                    if kind == "own" and (after is None or index > after):
                        items.append(self.liar.pb.Item(
                            channel=c, index=index, run=data))
        return items
