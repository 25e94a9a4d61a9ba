"""Telling when a program has nothing left to do but wait for others.

Law: looks at the process and its children from outside, as the operating system shows them. On Linux every thread is
asleep and none has run between two looks; elsewhere the processor time and context switches of the processes stand
still over several looks.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Hashable, Iterator

import psutil

_LINUX = sys.platform == "linux"
_LOOK = 0.001 if _LINUX else 0.01
_LOOK_AT_BUSY = 0.002 if _LINUX else 0.01
_LOOKS = 2 if _LINUX else 4


def wait_until_quiet(pid: int, most: float = 5.0, still: float = 0.0) -> bool:
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
        time.sleep(max(_LOOK, still / 10) if same else _LOOK_AT_BUSY)
    return False


def is_gone(pid: int) -> bool:
    """Whether the process has ended, even if its last threads are still being cleared away."""
    return _look(pid) is None


def _look(pid: int) -> tuple[bool, Hashable] | None:
    """Whether anything runs right now, and a trace that changes whenever something has run; None if it is gone."""
    try:
        return _look_at_threads(pid) if _LINUX else _look_at_processes(pid)
    except (OSError, psutil.Error, ValueError, IndexError):
        return None if not psutil.pid_exists(pid) else (True, time.monotonic())


def _look_at_threads(pid: int) -> tuple[bool, Hashable] | None:
    """Asked hundreds of times a second: plain reads of the files in /proc, and none too many."""
    trace: list[Hashable] = []
    for one in _family(pid):
        for task in os.listdir(f"/proc/{one}/task"):
            state = _read(f"/proc/{one}/task/{task}/stat").rpartition(b") ")[2][:1]
            if state == b"Z" and one == pid:
                return None
            if state in (b"R", b"D", b"W"):
                return True, None
            trace.append((task, _runs(f"/proc/{one}/task/{task}")))
    return False, tuple(trace)


def _runs(task: str) -> bytes:
    """How long, or how often, the thread has run; kernels without schedstat count its switches."""
    try:
        return _read(f"{task}/schedstat")
    except FileNotFoundError:
        return _read(f"{task}/status").partition(b"voluntary_ctxt_switches:")[2]


def _family(pid: int) -> Iterator[int]:
    """The process and its descendants; kubectl may be a wrapper or run plugins."""
    yield pid
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError):  # as on kernels that do not list children
            for child in _read(f"/proc/{pid}/task/{task}/children").split():
                yield from _family(int(child))


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 8192)
    finally:
        os.close(file)


def _look_at_processes(pid: int) -> tuple[bool, Hashable] | None:
    main = psutil.Process(pid)
    if main.status() == psutil.STATUS_ZOMBIE:
        return None
    trace = []
    for one in [main, *main.children(recursive=True)]:
        times, switches = one.cpu_times(), one.num_ctx_switches()
        trace.append((one.pid, times.user, times.system, switches.voluntary, switches.involuntary))
    return False, tuple(trace)
