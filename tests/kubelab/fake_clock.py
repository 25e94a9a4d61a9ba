"""Clocks for tests: one that stands still and has timers, one that flows when somebody sleeps."""

from kubelab.clusters.base import Tick, WallClock


class SteppedClock:
    """Timers are (instant, work); work is done when time reaches them."""

    stepped, jumps, speed = True, True, 1.0

    def __init__(self, now=1000.0):
        self.time = now
        self.timers = []
        self.revision = 1
        self.busy = self.waiting = 0
        self.moves = []

    def at(self, instant, work=lambda: None):
        self.timers.append((instant, work))
        self.timers.sort(key=lambda one: one[0])

    def tick(self):
        return Tick(self.time, 0.0, self.revision, self.waiting, self.busy)

    def step(self, most, since=None):
        before, revision = self.time, self.revision
        goal = min(self.time + most, self.timers[0][0] if self.timers else float("inf"))
        self._reach(goal)
        self.moves.append(("step", goal - before))
        return Tick(self.time, self.time - before, self.revision, self.waiting, self.busy, before=revision)

    def advance(self, seconds):
        self._reach(self.time + seconds)
        self.moves.append(("advance", seconds))
        return Tick(self.time, seconds, self.revision, self.waiting, self.busy)

    def close(self):
        self.closed = True

    def _reach(self, goal):
        while self.timers and self.timers[0][0] <= goal:
            self.time, work = self.timers.pop(0)
            work()
        self.time = goal


class FlowingClock(WallClock):
    """The wall's clock, in a world where only sleeping takes time."""

    def __init__(self, now=5000.0):
        self.time = now
        super().__init__(lambda: self.time, self._pass)

    def _pass(self, seconds):
        self.time += seconds
