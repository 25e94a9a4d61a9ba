"""Telling when a program has nothing left to do but wait for others.

Law: looks at the process and its children from outside, as the operating system shows them. On Linux every thread is
asleep and none has run between two looks; elsewhere the processor time and context switches of the processes stand
still over several looks.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Hashable
from pathlib import Path

import psutil

_LOOK = 0.001 if sys.platform == "linux" else 0.01
_LOOKS = 2 if sys.platform == "linux" else 4


def wait_until_quiet(pid: int, most: float = 0.5, still: float = 0.0) -> bool:
    """Wait until the process is quiet or gone; False if it is still busy after `most` seconds of the wall.

    It has to stand still for `still` seconds: give it some when it may just have been woken.
    """
    since = time.monotonic()
    end = since + most
    last: Hashable = None
    same = 0
    while time.monotonic() < end:
        seen = _look(pid)
        if seen is None:
            return True
        busy, trace = seen
        same = same + 1 if trace == last and not busy else 0
        if not same:
            since = time.monotonic()
        if same >= _LOOKS and time.monotonic() - since >= still:
            return True
        last = trace
        time.sleep(_LOOK)
    return False


def _look(pid: int) -> tuple[bool, Hashable] | None:
    """Whether anything runs right now, and a trace that changes whenever something has run; None if it is gone."""
    try:
        return _look_at_threads(pid) if sys.platform == "linux" else _look_at_processes(pid)
    except (OSError, psutil.Error, ValueError, IndexError):
        return None if not psutil.pid_exists(pid) else (True, time.monotonic())


def _look_at_threads(pid: int) -> tuple[bool, Hashable] | None:
    busy, trace = False, []
    for one in _family(pid):
        for task in os.listdir(f"/proc/{one}/task"):
            fields = Path(f"/proc/{one}/task/{task}/stat").read_text().rsplit(")", 1)[1].split()
            if fields[0] == "Z" and one == pid:
                return None
            busy = busy or fields[0] in "RDW"
            switches = Path(f"/proc/{one}/task/{task}/status").read_text().split("voluntary_ctxt_switches:")[1:]
            trace.append((task, *(part.split()[0] for part in switches)))
    return busy, tuple(trace)


def _family(pid: int) -> list[int]:
    """The process and its descendants; kubectl may be a wrapper or run plugins."""
    family = [pid]
    for one in family:
        for task in os.listdir(f"/proc/{one}/task"):
            children = Path(f"/proc/{one}/task/{task}/children")
            if children.exists():
                family += [int(child) for child in children.read_text().split()]
    return family


def _look_at_processes(pid: int) -> tuple[bool, Hashable] | None:
    main = psutil.Process(pid)
    if main.status() == psutil.STATUS_ZOMBIE:
        return None
    trace = []
    for one in [main, *main.children(recursive=True)]:
        times, switches = one.cpu_times(), one.num_ctx_switches()
        trace.append((one.pid, times.user, times.system, switches.voluntary, switches.involuntary))
    return False, tuple(trace)
