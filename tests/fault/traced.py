"""traced: a process under strace, stopped at one system call of its own.

A *step* is one call that leaves something behind, on the disk or on the wire:
(call, n) is the n-th such call of whichever thread gets there first, as
strace counts them.  A recording run tells the steps there are; one more run a
step kills the process on its way into that call, so that everything before it
is done and nothing of it; or lets the call fail.  Between two steps nothing
changes outside the process, so all its moments are met.
"""

import os
import re
import signal
import subprocess
import time

CALLS = ("openat pwrite64 pwritev write writev fdatasync fsync ftruncate "
         "rename renameat renameat2 link linkat unlink unlinkat mkdir "
         "sendto sendmsg").split()
SYNCS = ("fdatasync", "fsync")
STARTS = re.compile(r"^(\d+) +(\w+)\((.*)$")
FILE = re.compile(r'^(?:AT_FDCWD<[^>]*>, )?(?:\d+<(.*?)>(?:[,)]| <unf)|'
                  r'"([^"]*)")')
TEMPORARY = re.compile(r"\.[A-Za-z0-9]{6}$")


class Event:
    """A call as strace wrote it: of which thread, its n, and where."""

    def __init__(self, thread, call, n, text, place):
        self.thread, self.call, self.n = thread, call, n
        self.text, self.place = text, place

    def went_in(self):
        """False: it was killed on its way in."""
        return not (self.text.endswith(" = ?") or
                    "<unfinished" in self.text)

    def __repr__(self):
        return "%s %d of %s" % (self.call, self.n, self.place)


class Traced:
    """command under strace; its calls in the file log."""

    def __init__(self, command, home, port, log, diag, inject=None):
        self.home, self.port, self.log = os.path.realpath(home), port, log
        self.exe = os.path.realpath(command[0])
        words = ["strace", "-f", "-yy", "-qq", "-o", log,
                 "-s", "8", "-e", "trace=" + ",".join(CALLS), "-e",
                 "signal=none"]
        if inject:
            words += ["-e", "inject=%s:%s:when=%d" % (
                inject[0], inject[2], inject[1])]
        if os.path.exists(log):
            os.unlink(log)
        with open(diag, "ab") as out:
            self.proc = subprocess.Popen(
                words + command, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True)

    def alive(self):
        return self.proc.poll() is None

    def pid(self):
        """Of the traced process, once it is there: strace has children of
        its own before."""
        path = "/proc/%d/task/%d/children" % (self.proc.pid, self.proc.pid)
        end = time.monotonic() + 10
        while time.monotonic() < end and self.alive():
            try:
                with open(path) as f:
                    found = f.read().split()
                for pid in found:
                    if os.readlink("/proc/%s/exe" % pid) == self.exe:
                        return int(pid)
            except OSError:
                pass            # ended meanwhile
            time.sleep(0.01)
        return None

    def send(self, signo):
        pid = self.pid() if self.alive() else None
        if pid:
            try:
                os.kill(pid, signo)
            except ProcessLookupError:
                pass

    def kill(self):
        """Whatever is left of it; the exit code as strace passes it on."""
        self.send(signal.SIGKILL)
        return self.proc.wait(20)

    def lines(self):
        """How much is written: a mark to tell what came after it."""
        with open(self.log, errors="replace") as f:
            return sum(1 for _ in f)

    def place(self, call, args):
        """Where a call goes: a file of the home, a client, or None."""
        m = FILE.match(args)
        if not m:
            return None
        if call.startswith("send"):
            mine = "TCP:[127.0.0.1:%d->" % self.port
            return "a client" if (m.group(1) or "").startswith(mine) else None
        if call == "openat" and "O_CREAT" not in args:
            return None
        path = m.group(1) or m.group(2) or ""
        if path.startswith("anon_inode") or ":[" in path:
            return None
        path = os.path.realpath(path)
        if path == self.home:
            return "the folder"
        if not path.startswith(self.home + "/"):
            return None
        return TEMPORARY.sub(".new", os.path.relpath(path, self.home))

    def events(self, after=0):
        """Every call begun after that many lines, in its order."""
        count, found = {}, []
        with open(self.log, errors="replace") as f:
            for i, line in enumerate(f):
                m = STARTS.match(line.rstrip("\n"))
                if not m or m.group(2) not in CALLS:
                    continue
                key = m.group(1), m.group(2)
                count[key] = count.get(key, 0) + 1
                if i >= after:
                    found.append(Event(key[0], key[1], count[key],
                                       m.group(3),
                                       self.place(key[1], m.group(3))))
        return found

    def steps(self, after=0):
        """[(call, n, place)] that can be stopped at behind that many lines."""
        late = {(e.thread, e.call, e.n) for e in self.events(after)}
        met, out = set(), []
        for e in self.events():
            if (e.call, e.n) in met:
                continue        # another thread was there before
            met.add((e.call, e.n))
            if e.place and (e.thread, e.call, e.n) in late:
                out.append((e.call, e.n, e.place))
        return out

    def struck(self, call, n):
        """The event an injection met, or None: it was not reached."""
        for e in self.events():
            if (e.call, e.n) == (call, n):
                return e
        return None
