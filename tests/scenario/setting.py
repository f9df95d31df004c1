"""setting: finds the shared helpers and the programs (BIN, or --bin DIR)."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "fault"),
                os.path.join(HERE, "..", "interop")]

from world import World, run_in


def programs():
    if len(sys.argv) == 3 and sys.argv[1] == "--bin":
        return sys.argv[2]
    if "BIN" in os.environ:
        return os.environ["BIN"]
    sys.exit("usage: %s --bin DIR (or BIN in the environment)" % sys.argv[0])


def scene(name, body, **more):
    """body(world) in a world of its own, kept if it fails."""
    world = World(programs(), **more)
    run_in(world, name, lambda: body(world))
