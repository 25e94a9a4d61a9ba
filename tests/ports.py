"""Ports for programs that have to be told theirs."""

import itertools
import os

import labs

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FIRST = itertools.cycle(range(18000 + 100 * _WORKER, 18100 + 100 * _WORKER))


def own() -> int:
    """A port that is free now, and that nobody takes before the program has: systems hand out higher ones to those who
    ask for any, and tests side by side have a hundred each."""
    return labs.free_port(next(_FIRST))
