"""Scenario 75: keys change while two agencies talk."""

import json
import os
import shutil

from setting import scene

import party
from casewire_py import keys, statement
from casewire_py.err import STATUS
from speaker import Speaker, outline
from world import (check, open_accepted, send_status, texts, undelivered,
                   wait_for)


class Talk:
    """One case each way; every word heard once, in order."""

    def __init__(self, world):
        self.world = world
        self.case = {"a": open_accepted(world, "b", "a", "asked-by-b"),
                     "b": open_accepted(world, "a", "b", "asked-by-a")}
        self.said = {"a": [], "b": []}

    def say(self, side, text):
        send_status(self.world, side, self.case[side], text)
        self.said[side].append(text)

    def heard(self, text="both"):
        """Both say text, and all that was said is heard."""
        for side in "ab":
            self.say(side, text)
        for side, other in ("ab", "ba"):
            wait_for("everything of %s to be delivered (%s)" % (side, text),
                     lambda: not undelivered(self.world, side), 30, 0.1)
            got = texts(self.world, other, self.case[side])
            check(got == self.said[side], "%s has %s" % (other, got))


def keys_tool(world, side, *args):
    return json.loads(world.tool(
        "casewire-keys", "--json", *args, "--dir", world.at(side, "keys"),
        "--root", world.at("offline", side, "root.key"),
        "--passphrase-file", world.at("passphrase")))


def again(world, side):
    check(world.stop(side) == [0], "SIGTERM of " + side)
    world.start(side)


def new_signing_keys(world, talk):
    """B's, while mail sealed to the old ones is on its way; then A's."""
    world.stop("b")
    talk.say("a", "sealed to the old keys")
    wait_for("the relay to have it", lambda: all(
        "submitted" in m["evidence"] for m in undelivered(world, "a")))
    keys_tool(world, "b", "rotate", "endpoint")
    world.start("b")
    talk.heard("after B's new keys")
    keys_tool(world, "a", "rotate", "endpoint")
    again(world, "a")
    talk.heard("after A's new keys")


def new_transport_key(world, talk):
    """A's: stated first, used when the relay knows it."""
    keys_tool(world, "a", "rotate", "transport")
    again(world, "a")
    talk.heard("with the old transport key, the new one stated")
    world.stop("a")
    os.replace(world.at("a", "keys", "transport.next.key"),
               world.at("a", "keys", "transport.key"))
    world.start("a")
    talk.heard("with the new transport key")


def stolen(world, talk):
    """B's signing key is stolen and revoked; who holds it is refused."""
    os.makedirs(world.at("thief"))
    shutil.copytree(world.at("b", "keys"), world.at("thief", "keys"))
    thief = Speaker(world, "thief", "a")
    status = world.api("b").get("/v1/status")["relays"][0]
    keys_tool(world, "b", "revoke", thief.S.kid.hex(), "--reason", "stolen",
              "--cut", "%s:%d" % (status["log_id"], status["log_size"]))
    again(world, "b")
    talk.heard("after the revocation")
    world.stop("b")             # the thief has its transport key too
    with_head(thief)
    thief.prekey = {"prekey_id": 1, "P": keys.Dh(os.urandom(32)).pk}
    client = thief.client()
    (refused, _, _), = client.submit([thief.run(thief.envelope(
        [(1, outline(os.urandom(16), 6))], start=1000))])
    client.close()
    check(refused == STATUS["key_revoked"], "the thief is answered %d" %
          refused)
    world.start("b")
    talk.heard("after the thief")


def with_head(speaker):
    """Go on where the relay says the channel stands."""
    client = speaker.client()
    for head in client.hello().hello.heads:
        if head.channel == speaker.channel():
            speaker.heads[0] = (head.last_seq, head.last_env_id)
    client.close()


def renewed(world, talk):
    """The next charter of the pair, installed while both run."""
    new = world.at("charter-1")
    os.makedirs(new)
    world.tool("casewire-keys", "charter", "renew",
               world.at("charter", "charter"), "--days", "400", "--relay",
               world.at("relay", "root.pub") + "=tcp://127.0.0.1:%d" %
               world.port, "--heartbeat", "120", "--out",
               os.path.join(new, "charter"))
    for side in "ab":
        world.tool("casewire-keys", "charter", "sign",
                   os.path.join(new, "charter"), "--root",
                   world.at("offline", side, "root.key"),
                   "--passphrase-file", world.at("passphrase"))
    world.tool("casewire-relay", "--home", world.at("relay"), "admit", new)
    world.casewire("a", "charter", "install", new)
    talk.say("a", "renewed at A alone")     # waits for B's operator
    talk.say("b", "of the charter before")
    world.casewire("b", "charter", "install", new)
    talk.heard("renewed at both")
    for side in "ab":
        charter = world.api(side).get("/v1/charters")["charters"][0]
        check(charter["number"] == 1 and charter["heartbeat_s"] == 120,
              "%s holds %s" % (side, charter))
        again(world, side)
    talk.heard("after a restart of both")


def keys_change(world):
    world.make()
    first = party.load(world.at("charter", "charter"))
    world.start("relay", "a", "b")
    talk = Talk(world)
    talk.heard("at first")
    new_signing_keys(world, talk)
    new_transport_key(world, talk)
    stolen(world, talk)
    renewed(world, talk)
    for side in "ab":
        code, said = world.doctor(side)
        codes = {a["code"] for a in said["alarms"]}
        check(code == 0 and codes == {"key_revoked"},   # of the theft
              "doctor of %s: %s" % (side, said["alarms"]))
        bundle = world.at(side + ".zip")
        world.api(side, 60).post("/v1/export", {"path": bundle,
                                                "level": "sealed"})
        world.tool("casewire-audit", "verify", bundle, "--charter",
                   keys.H(keys.label("charter"), first).hex())
    check(not any(world.stop("a", "b", "relay")), "SIGTERM")
    world.tool("casewire-relay", "--home", world.at("relay"), "check",
               "--full")


scene("75-keys", keys_change)
