"""Desk to desk: how many notices a second, and how soon one is delivered.

usage: talk.py WORLD [--notices N] [--idle N]; the world's relay and agents
run.  Everything goes through the agents' JSON API, as a case system's does.
Figures: per_s from the first send accepted to the last `delivered` receipt
settled at the sender, THREADS desks at once; p50_ms and p99_ms from a send
accepted to its receipt settled, one at a time on the idle system.
"""
import argparse
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fault"))
from world import Api, wait_for  # noqa: E402

THREADS = 20
CASES = 40
TEXT = "x" * 360


def open_cases(a, b, request):
    ids = []
    for n in range(CASES):
        request["request_ref"] = f"BENCH-{n}"
        ids.append(a.post("/v1/cases", request)["case_id"])
    for case in ids:
        wait_for("the case at B", lambda c=case: b.call("GET", f"/v1/cases/{c}")[0] == 200)
        ack = {"head": 1, "authority": "Bench", "handler_ref": "1",
               "decision_by": "2030-01-01T00:00:00Z"}
        head = b.post(f"/v1/cases/{case}/ack", ack)["n"]
        b.post(f"/v1/cases/{case}/decide", {"head": head, "outcome": "accepted", "scope": "all"})
    return ids


def status(head):
    return {"head": head, "phase": "no_change", "measures": TEXT, "next_step": "next",
            "next_date": "2030-01-01T00:00:00Z"}


def send_many(path, cases, notices):
    api = Api(path)
    heads = {c: api.get(f"/v1/cases/{c}")["head"] for c in cases}
    for n in range(notices):
        case = cases[n % len(cases)]
        heads[case] = api.post(f"/v1/cases/{case}/status", status(heads[case]))["n"]


def undelivered(api):
    return sum(p["undelivered"] + p["unsealed"] for p in api.get("/v1/status")["pairs"])


def throughput(path, cases, notices):
    api = Api(path)
    share = [cases[i::THREADS] for i in range(THREADS)]
    threads = [threading.Thread(target=send_many, args=(path, s, notices // THREADS))
               for s in share]
    began = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    accepted = time.monotonic()
    wait_for("every receipt", lambda: undelivered(api) == 0, 120, 0.01)
    done = time.monotonic()
    return notices / (done - began), notices / (accepted - began)


def one(api, case, head):
    """Milliseconds from the accepted send to its receipt settled."""
    cursor = api.get("/v1/watch")["cursor"]
    sent = time.monotonic()
    message = api.post(f"/v1/cases/{case}/status", status(head))
    while not message["evidence"].get("delivered"):
        cursor = api.get(f"/v1/watch?after={cursor}&wait_ms=5000")["cursor"]
        message = api.get(f"/v1/messages/{message['id']}")
    return (time.monotonic() - sent) * 1000, message["n"]


def latency(api, cases, count):
    times = []
    heads = {c: api.get(f"/v1/cases/{c}")["head"] for c in cases}
    for n in range(count):
        case = cases[n % len(cases)]
        ms, heads[case] = one(api, case, heads[case])
        times.append(ms)
    times.sort()
    return times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("world")
    parser.add_argument("--notices", type=int, default=2000)
    parser.add_argument("--idle", type=int, default=200)
    args = parser.parse_args()
    with open(os.path.join(os.path.dirname(__file__), "../../examples/request.en.json")) as f:
        request = json.load(f)
    request.pop("attachments", None)
    path_b = f"{args.world}/b/api.sock"
    a, b = Api(f"{args.world}/a/api.sock"), Api(path_b)
    cases = open_cases(a, b, request)
    wait_for("an idle system", lambda: undelivered(b) == 0 and undelivered(a) == 0)
    p50, p99 = latency(b, cases, args.idle)
    per_s, accepted = throughput(path_b, cases, args.notices)
    json.dump({"per_s": per_s, "accepted_per_s": accepted, "p50_ms": p50, "p99_ms": p99,
               "notices": args.notices, "idle": args.idle}, sys.stdout)
    print()


main()
