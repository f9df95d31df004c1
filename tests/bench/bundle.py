"""How fast and in how much memory casewire-audit judges a bundle.

Makes a bundle of runs of 64 once, then in every round measures the bare
Ed25519 rate and `casewire-audit verify` one after the other, both by the
processor time they were given, so a busy machine slows both alike.  Prints
one JSON object.  With --at-least it is a test: the median ratio must reach
it, the verifier must get by in what audit/EVIDENCE.md says it needs, and
must show its progress on a terminal and only there.
"""
import argparse
import json
import os
import pty
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BYTES_A_MESSAGE = 96        # EVIDENCE.md section 8: 64, and a run's share
BYTES_APART = 6 << 20       # the process itself, whatever it judges


def run(args, data_max=None):
    """Exit code, seconds of processor time, wall seconds, peak KiB, stderr."""
    def cap():
        if data_max is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (data_max, data_max))
    began = time.monotonic()
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=told, preexec_fn=cap)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        return (child.returncode, used.ru_utime + used.ru_stime, wall, used.ru_maxrss,
                told.read().decode())


def verify(bin_dir, path, *more, data_max=None):
    return run([f"{bin_dir}/casewire-audit", "verify", path, "--charter", f"{path}.charter",
                *more], data_max)


def one_round(bin_dir, path, envelopes):
    bare = float(subprocess.run([f"{bin_dir}/bench-verify-rate", "0.5"], check=True,
                                capture_output=True, text=True).stdout)
    code, cpu, wall, peak, told = verify(bin_dir, path)
    if code != 0 or told:
        sys.exit(f"bundle: verify ended with {code}: {told}")
    return {"verify_per_s": envelopes / cpu, "bare_per_s": bare, "ratio": envelopes / cpu / bare,
            "cpu_s": cpu, "wall_s": wall, "peak_kib": peak}


def check_memory(bin_dir, path, envelopes):
    """The bound holds for both forms; below the file's size it says so."""
    size = os.path.getsize(path)
    bound = size + BYTES_A_MESSAGE * envelopes + BYTES_APART
    for form in ([], ["--json"]):
        code, *_, told = verify(bin_dir, path, *form, data_max=bound)
        if code != 0:
            sys.exit(f"bundle: verify {form} needs more than {bound} bytes: {told}")
    code, *_, told = verify(bin_dir, path, data_max=size)
    if code == 0 or "memory" not in told:
        sys.exit(f"bundle: within {size} bytes verify ended with {code}: {told}")
    return bound


def check_progress(bin_dir, path):
    """On a terminal, past a second, one line on stderr that is gone at the end.

    The child is held for a second while it judges, so that a small bundle
    takes long enough; when that is, is tried.
    """
    for delay in (0.03, 0.05, 0.08, 0.12, 0.2, 0.02, 0.3):
        outer, inner = pty.openpty()
        child = subprocess.Popen([f"{bin_dir}/casewire-audit", "verify", path], stderr=inner,
                                 stdout=subprocess.DEVNULL)
        os.close(inner)
        time.sleep(delay)
        child.send_signal(signal.SIGSTOP)
        time.sleep(1.1)
        child.send_signal(signal.SIGCONT)
        shown = b""
        try:
            while part := os.read(outer, 4096):
                shown += part
        except OSError:         # the terminal's other end is closed
            pass
        os.close(outer)
        child.wait()
        if shown:
            break
    lines = shown.decode().split("\r")
    if not re.match(r"judging: \d+ %, \d+ a second, \d+ s left", lines[1] if shown else "") or \
            lines[-2].strip() != "":
        sys.exit(f"bundle: on a terminal verify shows {shown!r}")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("work", help="a folder; bundle.zip is made there unless it is there")
    p.add_argument("--bin", required=True)
    p.add_argument("--envelopes", type=int, default=50000)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--at-least", type=float, help="fail below so many times the bare rate")
    a = p.parse_args()
    path = f"{a.work}/bundle.zip"
    if not os.path.exists(path):
        subprocess.run([f"{a.bin}/bench-bundle-make", path, str(a.envelopes)], check=True)
    rows = [one_round(a.bin, path, a.envelopes) for _ in range(a.rounds)]
    out = {k: statistics.median(r[k] for r in rows) for k in rows[0]}
    out.update(envelopes=a.envelopes, bytes=os.path.getsize(path), rounds=a.rounds,
               ratio_min=min(r["ratio"] for r in rows), ratio_max=max(r["ratio"] for r in rows))
    if a.at_least is not None:
        check_progress(a.bin, path)
        out["memory_bound_bytes"] = check_memory(a.bin, path, a.envelopes)
    print(json.dumps(out, indent=1))
    if a.at_least is not None and out["ratio"] < a.at_least:
        sys.exit(f"bundle: {out['ratio']:.1f} x the bare rate, at least {a.at_least} is needed")


main()
