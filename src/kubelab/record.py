"""Recordings: what changed in a namespace, and which requests were served, on one time line.

Law: `Recording`, `Change` and `Request` are plain data, all that figures need. Collecting watches the namespace from
outside, as any client can; times are cluster seconds since the recording began.
"""

from __future__ import annotations

import bisect
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from kubelab.clusters.base import Tick
from kubelab.connection import Connection, Obj, Stream
from kubelab.discovery import ResourceType
from kubelab.errors import ClusterUnavailable, KubelabError
from kubelab.labclock import LabClock

KINDS = (
    "pods",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "services",
    "endpointslices.discovery.k8s.io",
    "events",
)
_CATCH_UP = 10.0
_PAUSE = 0.2
"""Wall seconds before a watch that has ended is opened again."""


@dataclass(frozen=True)
class Change:
    """One change of one object, `t` cluster seconds after the recording began."""

    t: float
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Obj

    def __repr__(self) -> str:
        return f"{self.t:7.2f}s {self.type:8} {self.object.get('kind', '').lower()}/{self.object['metadata']['name']}"


@dataclass(frozen=True)
class Request:
    """One request: `ok` if it was served; `status` is the HTTP code, 0 if nothing answered."""

    t: float
    ok: bool
    status: int
    target: str
    text: str = ""


@dataclass
class Recording:
    """What happened. `t0` is when it began (cluster seconds since the epoch), `duration` how long it took.

    Objects that were there at the beginning are `ADDED` at 0.
    """

    t0: float
    changes: list[Change] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    duration: float = 0.0

    @property
    def served(self) -> int:
        """How many requests were served."""
        return sum(request.ok for request in self.requests)

    @property
    def failed(self) -> int:
        """How many requests were not."""
        return len(self.requests) - self.served

    def of(self, kind: str, name: str = "") -> list[Change]:
        """The changes of one kind ("Pod"), or of one object."""
        return [
            one
            for one in self.changes
            if one.object.get("kind") == kind and name in ("", one.object["metadata"]["name"])
        ]

    def __repr__(self) -> str:
        counts = f"{len(self.changes)} changes in {self.duration:.0f} s"
        return counts + (f"; requests: {self.served} served, {self.failed} failed" if self.requests else "")


class _Reply(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def ok(self) -> bool: ...
    @property
    def text(self) -> str: ...


@contextmanager
def recording(
    connection: Connection, clock: LabClock, namespace: str, kinds: Sequence[ResourceType]
) -> Iterator[Recording]:
    """Record the namespace while the block runs; the recording is complete after the block."""
    watches = [_Watch(connection, kind, namespace) for kind in kinds]
    with ExitStack() as ends:
        for watch in watches:
            ends.callback(watch.stop)
            watch.start()
        times = _Times(clock)
        made = Recording(times.t0)
        try:
            with clock.listening(times.note):
                yield made
                made.duration = clock.tick().now - made.t0
            for watch in watches:
                watch.catch_up()
        finally:
            ends.close()
            made.changes = _changes(watches, times)


def _changes(watches: Sequence[_Watch], times: _Times) -> list[Change]:
    found = [(times.of(seen), seen) for watch in watches for seen in watch.seen]
    found.sort(key=lambda one: (one[0], one[1].revision))
    return [Change(t, seen.type, seen.object) for t, seen in found]


@contextmanager
def requesting(
    clock: LabClock, made: Recording, target: str, ask: Callable[[], _Reply], every: float
) -> Iterator[None]:
    """Ask every `every` cluster seconds while the block runs, and note each answer in the recording."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        open_: list[Future[None]] = []

        def request(instant: float) -> None:
            open_[:] = [one for one in open_ if not one.done()]
            open_.append(pool.submit(_ask, ask, instant - made.t0, target, made.requests))
            if clock.stepped:
                clock.let_answer(*open_)

        with clock.every(every, request):
            yield
    made.requests.sort(key=lambda one: one.t)


def _ask(ask: Callable[[], _Reply], t: float, target: str, into: list[Request]) -> None:
    try:
        reply = ask()
    except ClusterUnavailable as error:
        into.append(Request(t, False, 0, target, str(error)))
    else:
        into.append(Request(t, reply.ok, reply.status, target, reply.text))


@dataclass(frozen=True)
class _Seen:
    """A change as it arrived."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Obj
    arrived: float
    """Wall seconds (monotonic); 0 for what was there at the beginning."""
    revision: int


class _Times:
    """When a change happened. A cluster whose clock stands still tells its revision after every move: a change belongs
    to the first instant whose revision reaches it. Elsewhere a change happened when it arrived."""

    def __init__(self, clock: LabClock) -> None:
        tick = clock.tick()
        self.t0, self._speed = tick.now, clock.speed
        self._exact = clock.stepped and tick.revision is not None
        self._marks: list[tuple[float, float]] = []
        """(revision, instant), or (wall seconds, instant) where time flows."""
        self.note(tick)

    def note(self, tick: Tick) -> None:
        """The clock was read or moved."""
        mark = float(tick.revision or 0) if self._exact else time.monotonic()
        if not self._marks or mark > self._marks[-1][0]:
            self._marks.append((mark, tick.now))

    def of(self, seen: _Seen) -> float:
        """Cluster seconds since the recording began."""
        if seen.arrived == 0:
            return 0.0
        if self._exact:
            place = bisect.bisect_left(self._marks, (seen.revision, 0.0))
            instant = self._marks[min(place, len(self._marks) - 1)][1]
        else:
            wall, instant = self._marks[max(0, bisect.bisect_right(self._marks, (seen.arrived, 0.0)) - 1)]
            instant += (seen.arrived - wall) * self._speed
        return max(0.0, instant - self.t0)


class _Watch:
    """One resource of the namespace, listed and then watched by a thread."""

    def __init__(self, connection: Connection, kind: ResourceType, namespace: str) -> None:
        self.seen: list[_Seen] = []
        self._connection, self._kind, self._path = connection, kind, kind.path(namespace)
        self._stream: Stream | None = None
        self._from, self._stopped = "", threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        """List what is there, then watch from there on."""
        listed = self._connection.get(self._path)
        for item in listed.get("items") or []:
            self.seen.append(_Seen("ADDED", self._named(item), 0, _revision(item)))
        self._from = listed["metadata"]["resourceVersion"]
        self._stream = self._open()
        self._thread.start()

    def _open(self) -> Stream:
        return self._connection.stream(self._path, watch=True, resourceVersion=self._from)

    def catch_up(self) -> None:
        """Wait until everything that is so now has been seen."""
        now = {item["metadata"]["uid"]: _revision(item) for item in self._connection.get(self._path).get("items") or []}
        end = time.monotonic() + _CATCH_UP
        while not self._has(now) and time.monotonic() < end and self._thread.is_alive():
            time.sleep(0.005)

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if (stream := self._stream) is not None:
            stream.close()
            self._thread.join(timeout=5)

    def _has(self, now: dict[str, int]) -> bool:
        """Whether the last thing seen of each object is its present revision, or its deletion."""
        last: dict[str, _Seen] = {}
        for seen in list(self.seen):
            last[seen.object["metadata"]["uid"]] = seen
        alive = {uid: seen.revision for uid, seen in last.items() if seen.type != "DELETED"}
        return all(alive.get(uid, -1) >= revision for uid, revision in now.items()) and set(alive) <= set(now)

    def _read(self) -> None:
        """Follow the watch; one that a server or a proxy ends is taken up where it broke off."""
        while self._stream is not None:
            for line in self._stream:
                self._note(line)
            try:
                self._stream = None if self._stopped.wait(_PAUSE) else self._open()
            except KubelabError:
                return
            if self._stopped.is_set() and self._stream is not None:  # it ended while the watch was taken up again
                self._stream.close()
                return

    def _note(self, line: bytes) -> None:
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError:
            return  # empty, or cut off in the middle
        if event["type"] in ("ADDED", "MODIFIED", "DELETED"):
            item = self._named(event["object"])
            self.seen.append(_Seen(event["type"], item, time.monotonic(), _revision(item)))
            self._from = item["metadata"]["resourceVersion"]

    def _named(self, item: Obj) -> Obj:
        """Items of a list carry neither kind nor version."""
        return {"apiVersion": self._kind.api_version, "kind": self._kind.kind, **item}


def _revision(item: Obj) -> int:
    version = str(item["metadata"].get("resourceVersion", ""))
    return int(version) if version.isdigit() else 0
