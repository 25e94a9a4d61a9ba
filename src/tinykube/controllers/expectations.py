"""What a controller has asked for and not yet seen: the remedy for caches that lag behind.

Law: after creating or deleting Pods a controller must not count again until its informer has shown all of it, or it
would create or delete too many. If something is never seen, the expectations expire.

Models k8s.io/kubernetes pkg/controller/controller_utils.go (UIDTrackingControllerExpectations).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tinykube.clock import Clock

TIMEOUT = 300.0
"""Seconds after which an expectation that was never met is given up."""


@dataclass
class Expected:
    """What is still to be seen for one controller key."""

    since: float
    creations: int = 0
    deletions: set[str] = field(default_factory=set)


class Expectations:
    """Creations (counted) and deletions (by UID) that the informers have yet to show, by controller key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._expected: dict[str, Expected] = {}

    def expect_creations(self, key: str, count: int) -> None:
        """`count` objects are about to be created."""
        self._expected[key] = Expected(self._clock.now(), creations=count)

    def expect_deletions(self, key: str, uids: Iterable[str]) -> None:
        """The objects with these UIDs are about to be deleted."""
        self._expected[key] = Expected(self._clock.now(), deletions=set(uids))

    def expect_more_deletions(self, key: str, uids: Iterable[str]) -> None:
        """Like `expect_deletions`, beside what is expected already."""
        self._expected.setdefault(key, Expected(self._clock.now())).deletions.update(uids)

    def created(self, key: str, count: int = 1) -> None:
        """An informer has shown `count` creations, or they failed."""
        if key in self._expected:
            self._expected[key].creations -= count

    def deleted(self, key: str, uid: str) -> None:
        """An informer has shown that the object is being deleted, or the deletion failed."""
        if key in self._expected:
            self._expected[key].deletions.discard(uid)

    def satisfied(self, key: str) -> bool:
        """Whether everything has been seen, or it has taken too long."""
        expected = self._expected.get(key)
        if expected is None or (expected.creations <= 0 and not expected.deletions):
            return True
        return self._clock.now() - expected.since > TIMEOUT

    def forget(self, key: str) -> None:
        """The controller's object is gone."""
        self._expected.pop(key, None)
