#!/usr/bin/python3
"""relay_sessions: what a relay does with sessions, waiting and leaving.

usage: relay_sessions.py BIN RELAY.PROTO

A waiting FETCH is fed the moment a run is in the log; a newer session of a
transport key ends the older, which is told and not served again; a newer
FETCH ends the one before; a blocked key is turned away in mid session; a full
disk refuses runs and takes receipts; on SIGTERM who waits is told `draining`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "interop"))

import zmq  # noqa: E402
from cast import *  # noqa: E402,F403
from casewire_py import keys, statement  # noqa: E402
from casewire_py.err import STATUS  # noqa: E402
from test_relay import NOW, World, free_port, run_for  # noqa: E402


def ask(client, kind, **body):
    """Send, do not wait; the ticket."""
    client.ticket += 1
    req = client.pb.Request(ticket=client.ticket)
    part = getattr(req, kind)
    part.SetInParent()
    for k, v in body.items():
        if isinstance(v, list):
            getattr(part, k).extend(v)
        else:
            setattr(part, k, v)
    client.sock.send(req.SerializeToString())
    return client.ticket


def next_reply(client):
    reply = client.pb.Reply()
    reply.ParseFromString(client.sock.recv())
    return reply


def wait_on(client, channels, wait_ms=20000):
    cursors = [client.pb.Cursor(channel=c, from_start=True) for c in channels]
    return ask(client, "fetch", cursors=cursors, max_bytes=900000,
               wait_ms=wait_ms)


def fed_at_once(w, pb, a, b):
    quiet = w.chan(0, 1)
    ticket = wait_on(b, [quiet])
    time.sleep(0.3)
    start = time.time()
    run = run_for(w, 1, name="s1", lane=1)
    assert a.submit([run])[0][0] == 0
    reply = next_reply(b)
    took = time.time() - start
    assert reply.ticket == ticket and reply.status == 0
    assert reply.fetch.items[0].run == run.encode()
    assert took < 2, "fed after %.1f s" % took
    # Nothing for a stranger to the channel, at once when not waiting.
    empty = b.fetch([keys.channel(bytes(32), 0, 0)],
                    entry_of=lambda item: b"")
    assert empty == []


def own_run_is_no_news(w, pb, a, b):
    """A sender that waits for receipts is not woken by its own run."""
    first = run_for(w, 1, name="s3")
    (_, index, _), = a.submit([first])
    cursor = pb.Cursor(channel=w.chan(0), after=index)
    ticket = ask(a, "fetch", cursors=[cursor], max_bytes=900000,
                 wait_ms=20000)
    run = run_for(w, 1, 2, 1, first.envs[0].id, "s3")
    (_, index, _), = a.submit([run])
    a.sock.setsockopt(zmq.RCVTIMEO, 300)
    try:
        assert not next_reply(a), "woken by its own run"
    except zmq.Again:
        pass
    a.sock.setsockopt(zmq.RCVTIMEO, 5000)
    rc = S_B.statement(statement.encode_receipt(
        S_B.pk, statement.DELIVERED, 0, w.chan(0), 1, 2, run.envs[0].id,
        w.log_id, index, NOW))
    assert b.submit(statements=[rc])[0][0] == 0
    reply = next_reply(a)
    assert reply.ticket == ticket and reply.fetch.items[0].statement == rc


def newer_fetch(w, pb, b):
    first = wait_on(b, [w.chan(0, 2)])
    second = wait_on(b, [w.chan(0, 2)], 500)
    reply = next_reply(b)
    assert reply.ticket == first and not reply.fetch.items
    reply = next_reply(b)
    assert reply.ticket == second and not reply.fetch.items


def newer_session(w, pb, b):
    wait_on(b, [w.chan(0, 2)])
    time.sleep(0.2)
    newer = w.client(pb, T_B)
    assert newer.hello().status == 0
    told = next_reply(b)
    assert told.ticket == 0 and told.status == STATUS["superseded"]
    assert b.ask("ping", sent_ms=1).status == STATUS["superseded"]
    assert newer.ask("ping", sent_ms=7).pong.sent_ms == 7
    return newer


def blocked(w, pb, b):
    kid = keys.kid(T_B.pk).hex()
    w.run(w.bin, "block", kid, "--home", "r")
    assert b.ask("ping", sent_ms=1).status == STATUS["blocked"]
    w.run(w.bin, "block", "--off", kid, "--home", "r")
    assert b.ask("ping", sent_ms=1).status == 0


def disk_low(w, pb, a, b):
    with open(w.home + "/r/relay.conf", "a") as f:
        f.write("disk-floor = 100\n")
    w.start()
    a, b = w.client(pb, T_A), w.client(pb, T_B)
    run = run_for(w, 1, name="s2", lane=2)
    (status, _, refusal), = a.submit([run])
    assert status == STATUS["disk_low"], status
    told = statement.decode_receipt(refusal)
    statement.verify(told, w.relay_s)
    rc = S_B.statement(statement.encode_receipt(
        S_B.pk, statement.DELIVERED, 0, w.chan(0, 1), 1, 1, bytes(range(32)),
        w.log_id, 3, NOW))
    assert b.submit(statements=[rc])[0][0] == 0, "receipts still fit"
    return a, b


def draining(w, b):
    ticket = wait_on(b, [w.chan(0, 2)])
    time.sleep(0.3)
    w.p.terminate()
    reply = next_reply(b)
    assert reply.ticket == ticket and reply.status == STATUS["draining"]
    assert w.p.wait(10) == 0


def play(w, pb):
    w.start()
    a, b = w.client(pb, T_A), w.client(pb, T_B)
    assert a.hello().status == b.hello().status == 0
    fed_at_once(w, pb, a, b)
    own_run_is_no_news(w, pb, a, b)
    newer_fetch(w, pb, b)
    b2 = newer_session(w, pb, b)
    b.close()
    blocked(w, pb, b2)
    a.close()
    b2.close()
    w.stop()
    a, b = disk_low(w, pb, a, b)
    draining(w, b)
    a.close()
    b.close()


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    bin_dir, proto = map(os.path.abspath, sys.argv[1:])
    home = tempfile.mkdtemp(prefix="casewire-sessions-")
    w = None
    try:
        subprocess.run(["protoc", "--proto_path=" + os.path.dirname(proto),
                        "--python_out=" + home, proto], check=True)
        sys.path.insert(0, home)
        import relay_pb2 as pb
        w = World(home, bin_dir + "/casewire-relay",
                  bin_dir + "/casewire-keys", free_port())
        play(w, pb)
    except BaseException:
        path = os.path.join(home, "diag")
        if os.path.exists(path):
            print(open(path, errors="replace").read()[-2000:])
        raise
    finally:
        if w and getattr(w, "p", None) and w.p.poll() is None:
            w.p.kill()
            w.p.wait()
        shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
