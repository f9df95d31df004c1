"""party: speak to a relay as an agency would, keys opened from its files.

For tests that must do what our own programs never do.  Uses the independent
Python implementation (tests/interop); the caller has that on sys.path.
"""

import contextlib
import importlib
import os
import subprocess
import sys
import tempfile

from casewire_py import client, keyfile, keys, note, statement

HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = os.path.join(HERE, "..", "..", "proto", "schema", "relay.proto")


def messages():
    """relay.proto as a Python module."""
    if "relay_pb2" not in sys.modules:
        with tempfile.TemporaryDirectory() as made:
            subprocess.run(["protoc", "--proto_path=" +
                            os.path.dirname(PROTO), "--python_out=" + made,
                            PROTO], check=True)
            sys.path.insert(0, made)
            importlib.import_module("relay_pb2")
            sys.path.remove(made)
    return sys.modules["relay_pb2"]


def load(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def open_keys(path, passphrase):
    """{type: secret} of a key file, newest age."""
    f = keyfile.decode(load(path))
    secrets = keyfile.open_with(f, keyfile.PASSPHRASE, passphrase)
    return {t: s for t, age, s in reversed(secrets)}


def passphrase(world):
    return load(world.at("passphrase")).rstrip(b"\n")


class Relay:
    """What a party knows of a relay of a world."""

    def __init__(self, world, name="relay"):
        d = statement.decode_keys(load(world.at(name, "keys.1")))
        ks = dict(d["keys"])
        self.s, self.t, self.log = ks[1], ks[3], ks[4]
        self.log_id = keys.log_id(self.log)
        self.origin = note.origin(name, self.log_id)
        self.endpoint = "tcp://127.0.0.1:%d" % (
            world.port + world.relays.index(name))

    def client(self, transport, timeout_ms=5000):
        return client.Client(messages(), self.endpoint, self.t, transport,
                             self.origin, self.log, timeout_ms)


@contextlib.contextmanager
def session(world, side, name="relay"):
    """A session at a relay under side's own transport key."""
    own = open_keys(world.at(side, "keys", "transport.key"),
                    passphrase(world))
    c = Relay(world, name).client(keys.Dh(own[statement.T]))
    try:
        yield c
    finally:
        c.close()
