"""client: a casewire/1 endpoint's side of the wire (section 9).

DEALER over CURVE, one protobuf Request or Reply a frame.  Checks what a
careful endpoint checks of every answer: the checkpoint's signature, and for
each item its inclusion in it.
"""

import zmq

from . import keys, note
from .base import check_included, leaf_hash
from .err import need


class Client:
    def __init__(self, pb, endpoint, server_key, transport, origin, log_pk,
                 timeout_ms=5000):
        self.pb, self.origin, self.log_pk = pb, origin, log_pk
        self.log_id = keys.log_id(log_pk)
        self.ticket = 0
        self.sock = zmq.Context.instance().socket(zmq.DEALER)
        self.sock.setsockopt(zmq.LINGER, 0)
        self.sock.setsockopt(zmq.RCVTIMEO, timeout_ms)
        self.sock.setsockopt(zmq.SNDTIMEO, timeout_ms)
        self.sock.setsockopt(zmq.CURVE_SERVERKEY, server_key)
        self.sock.setsockopt(zmq.CURVE_PUBLICKEY, transport.pk)
        self.sock.setsockopt(zmq.CURVE_SECRETKEY, transport.sk)
        self.sock.connect(endpoint)

    def close(self):
        self.sock.close()

    def send_raw(self, frame):
        self.sock.send(frame)

    def ask(self, kind, **body):
        """The Reply to one Request; zmq.Again if nothing comes."""
        self.ticket += 1
        req = self.pb.Request(ticket=self.ticket)
        getattr(req, kind).SetInParent()
        for k, v in body.items():
            field = getattr(getattr(req, kind), k)
            if isinstance(v, list):
                field.extend(v)
            else:
                setattr(getattr(req, kind), k, v)
        self.sock.send(req.SerializeToString())
        return self.reply()

    def reply(self):
        while True:
            reply = self.pb.Reply()
            reply.ParseFromString(self.sock.recv())
            if reply.ticket == self.ticket:
                return reply

    def checkpoint(self, raw):
        """(size, root) of a checkpoint this relay's log signed."""
        size, root, _ = note.verify(raw, self.origin, self.log_pk)
        return size, root

    def hello(self):
        reply = self.ask("hello", version=1, suite=1, software="python")
        if reply.status == 0:
            need(reply.hello.log_id == self.log_id, "log_split")
            if reply.hello.checkpoint:
                self.checkpoint(reply.hello.checkpoint)
        return reply

    def submit(self, runs=(), statements=()):
        """Per item (status, index, refusal); every 0 is proved included."""
        reply = self.ask("submit", runs=[r.encode() if hasattr(r, "encode")
                                         else r for r in runs],
                         statements=list(statements))
        need(reply.status == 0, "fail", "status %d" % reply.status)
        out = []
        entries = [r.entry() if hasattr(r, "entry") else None for r in runs]
        entries += list(statements)
        placed = list(reply.submit.runs) + list(reply.submit.statements)
        need(len(placed) == len(entries), "count")
        for p, entry in zip(placed, entries):
            if p.status == 0:
                size, root = self.checkpoint(reply.submit.checkpoint)
                check_included(leaf_hash(entry), p.index, size,
                               list(p.path), root)
            out.append((p.status, p.index, p.refusal))
        return out

    def inclusions(self, size, indexes):
        """(status, paths) of many entries in the tree of that size."""
        log = self.pb.Log(inclusions=self.pb.Log.Inclusions(
            size=size, indexes=indexes))
        reply = self.send_log(log)
        return reply.status, [list(p.hashes) for p in reply.log.paths]

    def cosigned(self):
        """The notes of our charters' witnesses, as sent."""
        reply = self.send_log(self.pb.Log(cosigned=True))
        need(reply.status == 0, "fail", "status %d" % reply.status)
        return list(reply.log.notes)

    def send_log(self, log):
        self.ticket += 1
        self.sock.send(self.pb.Request(ticket=self.ticket,
                                       log=log).SerializeToString())
        return self.reply()

    def fetch(self, channels, after=None, wait_ms=0, entry_of=None):
        """Items, each proved included; entry_of(item) gives the leaf."""
        cursors = [self.pb.Cursor(channel=c, from_start=after is None,
                                  after=after or 0) for c in channels]
        reply = self.ask("fetch", cursors=cursors, max_bytes=900000,
                         wait_ms=wait_ms)
        need(reply.status == 0, "fail", "status %d" % reply.status)
        if reply.fetch.items:
            size, root = self.checkpoint(reply.fetch.checkpoint)
        for it in reply.fetch.items:
            check_included(leaf_hash(entry_of(it)), it.index, size,
                           list(it.path), root)
        return list(reply.fetch.items)
