"""What a container may use, and what it has used: memory in bytes, processor time in seconds.

Law: programs say what they use (`charge`, `spend`); nothing is measured on the real machine. Memory beyond the limit
calls `out_of_memory`, which kills the whole container. Processor time is virtual: a program that has computed for a
while waits on the clock for as long as that work takes within the limit, so that time moves on, and others run, even
while it spins. Processes that run beside their parents take turns to start, so that a fork bomb has to wait, too.

Models Linux's control groups (mm/memcontrol.c, kernel/sched/core.c) as kubelet sets them up: memory.oom.group is on.
"""

from __future__ import annotations

from collections.abc import Callable

BASE_MEMORY = 256 * 1024  # what any process takes
QUANTUM = 0.020  # seconds of processor time after which a process waits for the clock
SPINNING_AFTER = 0.5  # seconds of nothing but computing
LONGEST_WAIT = 1.0  # seconds that one payment may take
MOST_STRETCH = 1000.0
MOST_PROCESSES = 1024  # what kubelet is told with podPidsLimit
SPAWN = 0.0005  # seconds that starting a process takes
CROWDED = 10.0  # how much longer it takes for each second that others wait for their start


class Cgroup:
    """Limits and use of one container. `memory_limit` in bytes and `cpu_limit` in cores; None is unlimited."""

    def __init__(self, memory_limit: int | None = None, cpu_limit: float | None = None) -> None:
        self.memory_limit, self.cpu_limit = memory_limit, cpu_limit
        self.memory = 0
        self.peak = 0
        self.cpu_seconds = 0.0
        self.out_of_memory: Callable[[], None] = lambda: None
        self._free_at = self._next_start = 0.0

    def charge(self, count: int) -> None:
        """Take `count` more bytes, or give them back if negative."""
        self.memory += count
        if count > 0:
            self.peak = max(self.peak, self.memory)
            if self.memory_limit is not None and self.memory > self.memory_limit:
                self.out_of_memory()

    def delay(self, now: float, work: float) -> float:
        """Book `work` seconds of processor time at `now`; return after how many seconds it will be done."""
        self.cpu_seconds += work
        if not self.cpu_limit:
            return work
        self._free_at = max(now, self._free_at) + work / self.cpu_limit
        return max(work, self._free_at - now)

    def queue(self, now: float) -> float:
        """Book the start of a process at `now`; return after how many seconds it gets its turn."""
        wait = max(0.0, self._next_start - now)
        self._next_start = now + wait + SPAWN * (1 + CROWDED * wait)
        return wait


class Meter:
    """One process' computing. A process that does nothing else for long is slowed down step by step.

    The slowing ("stretch") keeps an endless loop cheap to simulate: after a second of spinning each of its steps
    counts for more and more processor time, up to a thousand times as much.
    """

    __slots__ = ("debt", "longest", "paid_until", "since", "stretch")

    def __init__(self, cgroup: Cgroup) -> None:
        self.longest = LONGEST_WAIT * min(1.0, cgroup.cpu_limit or 1.0)
        self.debt = 0.0
        self.stretch = 1.0
        self.since = self.paid_until = float("-inf")

    def inherit(self, parent: Meter) -> None:
        """Go on as slowly as the parent: nobody escapes by forking."""
        self.since, self.paid_until, self.stretch = parent.since, parent.paid_until, parent.stretch

    def add(self, work: float) -> bool:
        """Note `work` seconds of computing; True when the process should now pay for it."""
        self.debt += work * self.stretch
        return self.debt >= min(QUANTUM * self.stretch, self.longest)

    def pay(self, cgroup: Cgroup, now: float) -> float:
        """Book what is owed; return how many seconds to wait on the clock."""
        debt, self.debt = self.debt, 0.0
        if now > self.paid_until + QUANTUM:  # it has waited for something else in between
            self.since, self.stretch = now, 1.0
        delay = cgroup.delay(now, debt)
        self.paid_until = now + delay
        if self.paid_until - self.since > SPINNING_AFTER:
            self.stretch = min(self.stretch * 2, MOST_STRETCH)
        return delay
