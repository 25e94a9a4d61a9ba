"""What every cluster offers to the lab toolkit, whichever it is.

Law: shapes only, and the wall's clock; nothing here knows one particular cluster. A lab asks a cluster for access
(a kubeconfig and a context) and for its clock, never for its kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Progress = Callable[[str], None]
"""Told, in a few words, what is being done now."""

State = Literal["running", "stopped", "crashed", "unfinished", "unreachable"]


def silent(_: str) -> None:
    """A Progress that says nothing."""


@dataclass(frozen=True)
class Options:
    """What `up` may be told. `nodes` None leaves it to the cluster; `speed` is cluster seconds per wall second."""

    nodes: int | None = None
    clock: Literal["real", "stepped"] = "real"
    speed: float = 1.0
    seed: int | None = None


DEFAULTS = Options()


@dataclass(frozen=True)
class Status:
    """How a cluster is; `detail` is a sentence for people."""

    state: State
    detail: str
    server: str = ""
    already: bool = False
    """`up` found it running and left it alone."""


@dataclass(frozen=True)
class Access:
    """How to reach a cluster: a kubeconfig (or several, as in $KUBECONFIG) and the context to use in it."""

    kubeconfig: str
    context: str


@dataclass(frozen=True)
class Tick:
    """The clock after a move; `passed` is the cluster seconds that went by. Zero and None where a cluster does not tell
    the rest: `revision` is the store's, `waiting` counts kubectl's open watches and streams, `busy` every request whose
    answer is not complete, watches left out; `watched` counts the watches that kubectl has opened so far, `told` what
    may have woken it, `traffic` what may have woken any client; `before` is the revision at which a step began."""

    now: float
    passed: float = 0.0
    revision: int | None = None
    waiting: int = 0
    busy: int = 0
    watched: int = 0
    traffic: int = 0
    before: int | None = None
    told: int = 0


class Clock(Protocol):
    """A cluster's time, in seconds since the epoch."""

    stepped: bool
    """Time stands still between calls."""
    jumps: bool
    """`advance` takes no time of the learner's."""
    speed: float
    """Cluster seconds per wall second while time flows by itself."""

    def tick(self) -> Tick:
        """Where the clock is now; moves nothing."""
        ...

    def step(self, most: float, since: Tick | None = None) -> Tick:
        """Let time pass until something may have happened, at most `most` seconds; a clock that stands still moves only
        if no client was answered `since`."""
        ...

    def advance(self, seconds: float) -> Tick:
        """Let exactly `seconds` pass, as fast as the cluster can."""
        ...

    def close(self) -> None:
        """Nobody will ask any more."""
        ...


class Cluster(Protocol):
    """One cluster that labs can run on."""

    @property
    def kind(self) -> str:
        """practice, kind or current."""
        ...

    @property
    def name(self) -> str:
        """Its name among its kind."""
        ...

    def up(self, options: Options, progress: Progress = silent) -> Status:
        """Make it usable; finding it usable is success.

        Raises:
            KubelabError: it cannot be; says why and what to do.
        """
        ...

    def down(self, progress: Progress = silent) -> Status:
        """Remove what `up` made, and nothing else."""
        ...

    def status(self) -> Status:
        """How it is, without changing anything."""
        ...

    def access(self) -> Access:
        """How to reach it; only valid while it runs."""
        ...

    def clock(self) -> Clock:
        """Its time; only valid while it runs."""
        ...


class WallClock:
    """The clock of every cluster whose time nobody can move."""

    stepped = False
    jumps = False
    speed = 1.0

    def __init__(
        self, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep, poll: float = 0.25
    ) -> None:
        self._now, self._sleep, self._poll = now, sleep, poll

    def tick(self) -> Tick:
        """What time it is."""
        return Tick(self._now())

    def step(self, most: float, since: Tick | None = None) -> Tick:
        """Wait for a moment, at most `most` seconds."""
        return self.advance(min(most, self._poll))

    def advance(self, seconds: float) -> Tick:
        """Wait for all of it."""
        before = self._now()
        self._sleep(max(0.0, seconds))
        return Tick(self._now(), self._now() - before)

    def close(self) -> None:
        """There is nothing to give up."""
