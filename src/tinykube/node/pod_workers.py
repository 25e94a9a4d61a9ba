"""One worker a Pod: it syncs the Pod while it should run, then terminates it, then cleans up after it.

Law: a worker does one thing at a time, and starts the next only with an observation of the Pod that is newer than
its last step. Whatever arrives meanwhile is remembered as a single pending update.

Models pkg/kubelet/pod_workers.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tinykube import objects
from tinykube.clock import Clock, Timer
from tinykube.node.observed import PodView
from tinykube.node.phase import terminal
from tinykube.node.pleg import Pleg
from tinykube.objects import Obj, dig

SYNC, TERMINATING, TERMINATED, FINISHED = "sync", "terminating", "terminated", "finished"
ERROR_BACKOFF, LONGEST_BACKOFF, JITTER = 10.0, 60.0, 0.5
"""Seconds before a failed sync is tried again, at the least; at the most; and how much of it chance adds."""

PICK_UP = 0.01
"""Seconds from an update to its worker's next step: longer than a status takes to the API."""


class SyncError(Exception):
    """A sync did not get the Pod where it should be. `retry_at`: when a back-off ends, in seconds since the epoch."""

    def __init__(self, message: str, retry_at: float | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class PodSyncer(Protocol):
    """The three steps of a Pod's life, done by the kubelet."""

    async def sync_pod(self, pod: Obj, seen: PodView) -> bool:
        """Bring the Pod closer to its spec; return whether it has ended by itself. Raises SyncError."""
        ...

    async def sync_terminating_pod(self, pod: Obj, seen: PodView, grace: float | None) -> None:
        """Stop everything of the Pod."""
        ...

    async def sync_terminated_pod(self, pod: Obj, seen: PodView) -> None:
        """Give back what the Pod held, and say that it is done."""
        ...


@dataclass
class Worker:
    """A Pod's worker and where it stands."""

    pod: Obj
    step: str = SYNC
    termination_requested: bool = False
    grace: float | None = None
    deleted: bool = False
    """The Pod's object no longer exists."""
    pending: bool = False
    last_sync: float = -1.0
    task: asyncio.Task[None] | None = None
    killing: asyncio.Task[None] | None = None
    retry: Timer | None = None
    started_terminating: bool = field(default=False, repr=False)


class PodWorkers:
    """The workers, by Pod UID."""

    def __init__(
        self, clock: Clock, rng: random.Random, pleg: Pleg, syncer: PodSyncer, gone: Callable[[str], None]
    ) -> None:
        self._clock, self._rng, self._pleg, self._syncer, self._gone = clock, rng, pleg, syncer, gone
        self._workers: dict[str, Worker] = {}

    # -- asked by others

    def could_run(self, uid: str) -> bool:
        """Whether containers of the Pod could be running."""
        worker = self._workers.get(uid)
        return worker is not None and worker.step in (SYNC, TERMINATING)

    def terminating(self, uid: str) -> bool:
        """Whether the Pod's containers are being, or have been, stopped for good."""
        worker = self._workers.get(uid)
        return worker is None or worker.termination_requested

    def pod(self, uid: str) -> Obj | None:
        """The Pod that a worker looks after."""
        worker = self._workers.get(uid)
        return worker.pod if worker else None

    def __contains__(self, uid: object) -> bool:
        return uid in self._workers

    def active(self) -> list[Obj]:
        """The Pods whose containers could be running."""
        return [worker.pod for worker in self._workers.values() if worker.step in (SYNC, TERMINATING)]

    def uids(self) -> list[str]:
        """Every Pod that has a worker."""
        return list(self._workers)

    # -- told by others

    def update(self, pod: Obj) -> None:
        """The Pod is new, or changed, or is being deleted."""
        uid = objects.uid(pod)
        worker = self._workers.get(uid)
        if worker is None:
            worker = self._workers[uid] = Worker(pod)
        worker.pod = pod
        if objects.deleting(pod):
            self._request_termination(worker, dig(pod, "metadata", "deletionGracePeriodSeconds"))
        elif terminal(dig(pod, "status", "phase")):
            self._request_termination(worker, None)
        self._poke(worker)

    def end(self, uid: str, grace: float | None = None) -> None:
        """The node itself ends the Pod (eviction, a passed deadline)."""
        worker = self._workers.get(uid)
        if worker is not None:
            self._request_termination(worker, grace)
            self._poke(worker)

    def removed(self, pod: Obj) -> None:
        """The Pod's object is gone: stop what is left of it, and forget it."""
        worker = self._workers.get(objects.uid(pod))
        if worker is None:
            return
        worker.deleted = True
        if worker.step == FINISHED:
            self._forget(worker)
            return
        self._request_termination(worker, dig(pod, "metadata", "deletionGracePeriodSeconds", default=0))
        self._poke(worker)

    def poke(self, uid: str) -> None:
        """Something about the Pod was noticed: sync it."""
        worker = self._workers.get(uid)
        if worker is not None:
            self._poke(worker)

    async def stop(self) -> None:
        """Stop every worker where it stands."""
        tasks = [t for w in self._workers.values() for t in (w.task, w.killing) if t is not None]
        for worker in self._workers.values():
            if worker.retry is not None:
                worker.retry.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._workers.clear()

    # -- the worker

    def _request_termination(self, worker: Worker, grace: float | None) -> None:
        if grace is not None:
            shorter = worker.grace is None or grace < worker.grace
            worker.grace = grace if shorter else worker.grace
            if shorter and worker.killing is not None:
                worker.killing.cancel()  # it starts again, with less time
        worker.termination_requested = True

    def _poke(self, worker: Worker) -> None:
        if worker.step == FINISHED:
            return
        worker.pending = True
        if worker.task is None:
            worker.task = asyncio.create_task(self._work(worker), name=f"pod {objects.key(worker.pod)}")

    async def _work(self, worker: Worker) -> None:
        try:
            while worker.pending and worker.step != FINISHED:
                worker.pending = False
                if worker.retry is not None:
                    worker.retry.cancel()
                await self._clock.sleep(PICK_UP)
                seen = await self._pleg.newer_than(objects.uid(worker.pod), worker.last_sync)
                await self._step(worker, seen)
        finally:
            worker.task = None
        if worker.step == FINISHED and worker.deleted:
            self._forget(worker)

    async def _step(self, worker: Worker, seen: PodView) -> None:
        if worker.termination_requested and worker.step == SYNC:
            worker.step = TERMINATING
        try:
            moved_on = await self._STEPS[worker.step](self, worker, seen)
        except SyncError as problem:
            self._retry_later(worker, problem)
        else:
            if moved_on:
                self._retry_at(worker, self._clock.now())
        worker.last_sync = self._clock.now()

    async def _sync(self, worker: Worker, seen: PodView) -> bool:
        ended = await self._syncer.sync_pod(worker.pod, seen)
        if ended:
            worker.termination_requested = True
            worker.step = TERMINATING
        return ended

    async def _terminate(self, worker: Worker, seen: PodView) -> bool:
        worker.killing = asyncio.ensure_future(self._syncer.sync_terminating_pod(worker.pod, seen, worker.grace))
        try:
            await worker.killing
        except asyncio.CancelledError:
            if worker.killing.cancelled() and not _being_cancelled():
                worker.pending = True
                return False
            worker.killing.cancel()
            raise
        finally:
            worker.killing = None
        worker.step = TERMINATED
        return True

    async def _clean_up(self, worker: Worker, seen: PodView) -> bool:
        await self._syncer.sync_terminated_pod(worker.pod, seen)
        worker.step = FINISHED
        return False

    _STEPS = {SYNC: _sync, TERMINATING: _terminate, TERMINATED: _clean_up}

    def _retry_later(self, worker: Worker, problem: SyncError) -> None:
        wait = ERROR_BACKOFF
        if problem.retry_at is not None:
            wait = min(max(problem.retry_at - self._clock.now(), 0.0), LONGEST_BACKOFF)
        self._retry_at(worker, self._clock.now() + wait * (1 + JITTER * self._rng.random()))

    def _retry_at(self, worker: Worker, when: float) -> None:
        if worker.retry is not None:
            worker.retry.cancel()
        worker.retry = self._clock.call_at(self._pleg.next_tick(when), lambda: self._poke(worker))

    def _forget(self, worker: Worker) -> None:
        uid = objects.uid(worker.pod)
        if self._workers.get(uid) is worker:
            del self._workers[uid]
            with contextlib.suppress(KeyError):
                self._gone(uid)


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
