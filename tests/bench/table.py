"""Joins the rounds of run.sh: JSON on stdout, a table on stderr.

Every figure is the median over the rounds with its spread, and beside it the
ratio to the machine's limit that bounds it, taken round by round.
"""
import json
import statistics
import sys


def load(work, kind, n):
    with open(f"{work}/{kind}.{n}") as f:
        return json.load(f)


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def main():
    rounds, work = int(sys.argv[1]), sys.argv[2]
    limits = [load(work, "limits", n + 1) for n in range(rounds)]
    relay = [load(work, "relay", n + 1) for n in range(rounds)]
    talk = [load(work, "talk", n + 1) for n in range(rounds)]
    bundle = [load(work, "bundle", n + 1) for n in range(rounds)]

    out = {"rounds": rounds, "limits": {}, "figures": {}}
    for name in limits[0]:
        out["limits"][name + "_p50_us"] = spread([r[name]["p50_us"] for r in limits])

    def figure(name, values, unit, ratios, against):
        out["figures"][name] = {
            "unit": unit, **spread(values), "ratio": spread(ratios), "against": against,
        }

    def rate(name, rows, key, limit):
        values = [r[key] for r in rows]
        ratios = [v * l[limit]["p50_us"] / 1e6 for v, l in zip(values, limits)]
        figure(name, values, "envelopes/s", ratios, f"one {limit} an envelope")

    rate("seal, runs of 64", relay, "seal_per_s", "sign")
    rate("open, runs of 64", relay, "open_per_s", "verify")
    rate("relay accepts durably", relay, "accept_per_s", "verify")
    rate("relay delivers", relay, "deliver_per_s", "verify")
    rate("end to end, desk to delivered", talk, "per_s", "fdatasync")
    for key in ("p50_ms", "p99_ms"):
        values = [r[key] for r in talk]
        ratios = [v * 1000 / (8 * l["fdatasync"]["p50_us"] + 6 * l["curve_round_trip"]["p50_us"])
                  for v, l in zip(values, limits)]
        figure(f"idle, send to delivered, {key[:3]}", values, "ms", ratios,
               "8 fdatasync + 6 CURVE round trips")

    figure(f"audit a bundle of {bundle[0]['envelopes']:,}", [r["verify_per_s"] for r in bundle],
           "envelopes/s", [r["ratio"] for r in bundle], "bare Ed25519 rate of its own round")
    figure("audit, memory beside the file",
           [(r["peak_kib"] * 1024 - r["bytes"]) / r["envelopes"] for r in bundle],
           "bytes an envelope", [r["peak_kib"] * 1024 / r["bytes"] for r in bundle], "the file")

    json.dump(out, sys.stdout, indent=1)
    print()
    for name, v in out["limits"].items():
        print(f"limit   {name:34} {v['median']:10.1f}   ({v['min']:.1f} to {v['max']:.1f})",
              file=sys.stderr)
    for name, v in out["figures"].items():
        print(f"figure  {name:34} {v['median']:10.1f} {v['unit']:12} ({v['min']:.1f} to {v['max']:.1f})"
              f"   {v['ratio']['median']:.2f} x {v['against']}", file=sys.stderr)


main()
