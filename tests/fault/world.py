"""world: real processes on loopback, and the agents' API, for tests.

A World is what tests/world.sh makes: homes of a relay (or two), of agencies
a and b, a charter they signed.  It starts, kills and restarts the programs
and notices when one dies that nobody killed.  Python's standard library only.
"""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
WORLD_SH = os.path.join(HERE, "..", "world.sh")


class Failed(Exception):
    """A check that did not hold; the text says which."""


def check(ok, text):
    if not ok:
        raise Failed(text)


def say(text):
    print(text, flush=True)


def wait_for(what, ready, seconds=20.0, pause=0.05):
    """Until ready() is true; its value.  Failed, naming what, if never."""
    end = time.monotonic() + seconds
    while True:
        value = ready()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed("waited %.0f s for %s" % (seconds, what))
        time.sleep(pause)


def free_ports(n):
    """n neighbouring ports nobody listens on, below the ephemeral range."""
    for _ in range(200):
        first = random.SystemRandom().randrange(10000, 30000)
        held = []
        try:
            for port in range(first, first + n):
                s = socket.socket()
                held.append(s)
                s.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for s in held:
                s.close()
    raise Failed("no free ports")


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Gone(Exception):
    """Nobody answered: whether a write happened is not known."""


class Api:
    """JSON over a unix socket; a connection a call."""

    def __init__(self, path, timeout=10.0):
        self.path, self.timeout = path, timeout

    def call(self, method, path, body=None):
        """(status, answer); Gone when the connection broke."""
        http_ = UnixHttp(self.path, self.timeout)
        try:
            data = None if body is None else json.dumps(body).encode()
            http_.request(method, path, data,
                          {"Content-Type": "application/json"})
            reply = http_.getresponse()
            return reply.status, json.loads(reply.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise Gone("%s %s: %r" % (method, path, e)) from None
        finally:
            http_.close()

    def get(self, path):
        status, answer = self.call("GET", path)
        if status == 503:       # stopping: as good as not there
            raise Gone("GET %s: %s" % (path, answer))
        check(status == 200, "GET %s: %d %s" % (path, status, answer))
        return answer

    def post(self, path, body):
        status, answer = self.call("POST", path, body)
        check(200 <= status < 300,
              "POST %s: %d %s" % (path, status, answer))
        return answer

    def up(self, path):
        try:
            return self.call("GET", path)[0] == 200
        except Gone:
            return False


def children(pid):
    """Processes whose parent is pid."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as f:
                stat = f.read()
        except OSError:
            continue
        after = stat[stat.rindex(")") + 2:].split()
        if int(after[1]) == pid and after[0] != "Z":
            found.append(int(name))
    return found


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            stat = f.read()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] != "Z"


class World:
    def __init__(self, bin_dir, dir_=None, relays=1, env=None):
        self.bin = os.path.abspath(bin_dir)
        self.dir = os.path.abspath(dir_ or tempfile.mkdtemp(prefix="casewire-"))
        self.port = free_ports(relays)
        self.relays = ["relay"] + ["relay%d" % i
                                   for i in range(2, relays + 1)]
        self.env = dict(os.environ, BIN=self.bin, WORLD_RELAYS=str(relays),
                        **(env or {}))
        self.procs = {}
        self.wrap = {}          # name -> words before the command
        self.orphans = []       # links that must end with their agents

    # -- making and files --

    def sh(self, *args):
        done = subprocess.run([WORLD_SH, *args], env=self.env, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        check(done.returncode == 0,
              "world.sh %s: %s" % (" ".join(args), done.stdout))

    def make(self):
        self.sh("make", self.dir, str(self.port))
        return self

    def at(self, *parts):
        return os.path.join(self.dir, *parts)

    def tool(self, *args, want=0, stdin=None):
        """Run one of our programs; its stdout.  want None: any exit."""
        done = subprocess.run([os.path.join(self.bin, args[0]), *args[1:]],
                              text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, input=stdin,
                              timeout=120)
        if want is None:
            return done
        check(done.returncode == want, "%s: exit %d, wanted %d\n%s%s" % (
            " ".join(args), done.returncode, want, done.stdout, done.stderr))
        return done.stdout

    def casewire(self, side, *args, want=0):
        return self.tool("casewire", "--home", self.at(side), *args,
                         want=want)

    def doctor(self, side):
        """(exit code, what doctor --json says)"""
        done = self.casewire(side, "--json", "doctor", want=None)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise Failed("doctor of %s: exit %d, no JSON: %s%s" % (
                side, done.returncode, done.stdout, done.stderr)) from None

    def charter_id(self):
        return self.api("a").get("/v1/charters")["charters"][0]["charter_id"]

    # -- processes --

    def command(self, name):
        if name in self.relays:
            return [os.path.join(self.bin, "casewire-relay"), "run",
                    "--home", self.at(name)]
        return [os.path.join(self.bin, "casewired"), "run", "--home",
                self.at(name), "--passphrase-file", self.at("passphrase")]

    def api(self, name, timeout=10.0):
        if name in self.relays:
            return Api(self.at(name, "control.sock"), timeout)
        return Api(self.at(name, "api.sock"), timeout)

    def is_up(self, name):
        return self.api(name, 5.0).up(
            "/status" if name in self.relays else "/v1/status")

    def spawn(self, name):
        with open(self.at("run", name + ".diag"), "ab") as diag:
            self.procs[name] = subprocess.Popen(
                self.wrap.get(name, []) + self.command(name),
                stdin=subprocess.DEVNULL,
                stdout=diag, stderr=diag, start_new_session=True)

    def start(self, *names):
        for name in names:
            self.spawn(name)
        for name in names:
            self.wait_up(name)

    def wait_up(self, name, seconds=20.0):
        def ready():
            self.check_running()
            return self.is_up(name)
        wait_for(name + " to answer", ready, seconds)

    def check_running(self):
        """Nobody died that was not killed."""
        for name, proc in self.procs.items():
            if proc.poll() is not None:
                raise Failed("%s ended by itself with %d; its diag ends:\n%s"
                             % (name, proc.returncode, self.diag(name)))

    def diag(self, name, lines=12):
        try:
            with open(self.at("run", name + ".diag"), errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError:
            return ""

    def kill(self, name):
        """SIGKILL; "a-link" is the child of a."""
        if name.endswith("-link"):
            for pid in self.links(name[:-5]):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            return
        proc = self.procs.pop(name)
        if name not in self.relays:
            self.orphans += self.links(name)
        proc.kill()
        proc.wait()

    def links(self, side):
        proc = self.procs.get(side)
        return children(proc.pid) if proc else []

    def stop(self, *names, seconds=15):
        """SIGTERM; the exit codes."""
        codes = []
        for name in names:
            self.procs[name].terminate()
        for name in names:
            try:
                codes.append(self.procs[name].wait(seconds))
            except subprocess.TimeoutExpired:
                raise Failed("%s did not end within %d s of SIGTERM" %
                             (name, seconds)) from None
            del self.procs[name]
        return codes

    def check_orphans(self):
        """A link ends with its agent."""
        wait_for("links of killed agents to end", lambda: not any(
            alive(pid) for pid in self.orphans), 10)

    def close(self):
        for name in list(self.procs):
            if self.procs[name].poll() is None:
                self.kill(name)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


# -- the dialogue --------------------------------------------------------------

REQUEST = {
    "kind": "info", "urgency": "U1",
    "requesting": {"name": "Agency", "desk": "Cyber desk",
                   "contact": "duty officer", "phone": "+1 555 0100"},
    "requested_authority": "Peer cyber desk",
    "legal_basis": "bilateral article 3", "channel": "working level",
    "facts": "A fault test.", "law": "Statute 1", "purpose": "testing",
    "assistance": "Say where it stands.", "grounds": "Hosted there.",
    "identifiers": [{"kind": "host", "value": "192.0.2.7",
                     "link": "seen in the log"}],
    "period": {"from": "2026-01-01T00:00:00Z",
               "until": "2026-02-01T00:00:00Z"},
    "confidentiality": "keep", "confidentiality_reason": "open case",
    "wanted_by": "2027-01-01T00:00:00Z", "wanted_by_reason": "hearing",
    "urgency_ground": "suspect may flee",
    "handling": {"code": "H1", "text": "", "use_limits": "this case only"},
    "formalities": [], "related": [], "language": "en", "attachments": [],
}


def request(ref):
    return dict(REQUEST, request_ref=ref)


def status_body(head, text):
    return {"head": head, "phase": "collecting", "measures": text,
            "next_step": "go on", "next_date": "2027-02-01T00:00:00Z"}


def ack_body(head):
    return {"head": head, "authority": "Peer cyber desk",
            "handler_ref": "H-1", "decision_by": "2027-01-15T00:00:00Z"}


def decide_body(head):
    return {"head": head, "outcome": "accepted"}


def error_name(answer):
    """Name of the error in an answer, or ""."""
    return answer.get("error", {}).get("name", "")


def find_case(api, ref):
    for case in api.get("/v1/cases")["cases"]:
        if case.get("request_ref") == ref:
            return case
    return None


def open_accepted(world, requester, responder, ref):
    """A case requested by one side and accepted by the other; its id."""
    case_id = world.api(requester).post("/v1/cases", request(ref))["case_id"]
    api = world.api(responder)
    wait_for("request %s at %s" % (ref, responder),
             lambda: find_case(api, ref))
    for verb, body in (("ack", ack_body), ("decide", decide_body)):
        head = api.get("/v1/cases/" + case_id)["head"]
        api.post("/v1/cases/%s/%s" % (case_id, verb), body(head))
    return case_id


def send_status(world, side, case_id, text):
    """One STATUS; the message."""
    api = world.api(side)
    for _ in range(20):
        head = api.get("/v1/cases/" + case_id)["head"]
        status, answer = api.call("POST", "/v1/cases/%s/status" % case_id,
                                  status_body(head, text))
        if error_name(answer) != "head_moved":
            break
    check(status == 201, "STATUS %s: %d %s" % (text, status, answer))
    return answer


def texts(world, side, case_id, own=False):
    """What STATUS said, in the order of side's book."""
    case = world.api(side).get("/v1/cases/" + case_id)
    return [m["body"]["measures"] for m in case["messages"]
            if m["type"] == "status" and m["own"] == own and "body" in m]


def undelivered(world, side):
    """Own messages of side without a delivered receipt."""
    api, left = world.api(side), []
    for case in api.get("/v1/cases")["cases"]:
        for m in api.get("/v1/cases/" + case["case_id"])["messages"]:
            if m["own"] and "delivered" not in m["evidence"]:
                left.append(m)
    return left


def check_unforked(doctor, side):
    """No channel stopped, no alarm of a fork, a clone or a rollback."""
    told = json.dumps(doctor.get("alarms", []))
    for word in ("fork", "clone", "rollback", "equivocation", "log_split"):
        check(word not in told, "%s raises %s: %s" % (side, word, told))
    check('"stopped": true' not in json.dumps(doctor),
          "a channel of %s stopped" % side)


def check_sanitizers(world):
    """No sanitizer spoke in any diag."""
    for name in os.listdir(world.at("run")):
        with open(world.at("run", name), errors="replace") as f:
            lines = f.readlines()
        for i, line in enumerate(lines):
            check("Sanitizer" not in line and "runtime error:" not in line,
                  "%s: %s" % (name, "".join(lines[i:i + 25])))


def run_in(world, name, body, more=""):
    """A test's main: keep the folder and say where it is if it fails."""
    began = time.monotonic()
    try:
        body()
        world.close()
        check_sanitizers(world)
    except BaseException as e:
        if not isinstance(e, (Failed, Gone)):
            traceback.print_exc()
        world.close()
        say("%s: FAILED: %s" % (name, e))
        say("%s: kept %s %s" % (name, world.dir, more))
        sys.exit(1)
    world.close()
    world.remove()
    say("%s: ok, %.1f s" % (name, time.monotonic() - began))
