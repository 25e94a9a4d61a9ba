"""How long a Job waits after its Pods have failed: ten seconds, doubling, at most ten minutes.

Law: failures since the last success count; the wait runs from the moment the last of them ended.

Models k8s.io/kubernetes pkg/controller/job/backoff_utils.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinykube import objects
from tinykube.controllers import job_indexes
from tinykube.objects import Obj

FIRST, LONGEST = 10.0, 600.0


@dataclass(frozen=True)
class Record:
    """Failures in a row, and when the last of them ended (seconds since the epoch)."""

    failures: int = 0
    last: float = 0.0

    def after(self, succeeded: Iterable[Obj], failed: Iterable[Obj]) -> Record:
        """The record with Pods that have ended since."""
        last_success = max(map(finished_at, succeeded), default=None)
        times = sorted(map(finished_at, failed))
        if last_success is None:
            return Record(self.failures + len(times), times[-1] if times else self.last)
        later = [t for t in times if t > last_success]
        return Record(len(later), later[-1] if later else 0.0)

    def wait(self, now: float) -> float:
        """Seconds until the next Pod may be created."""
        return _wait(self.failures, self.last, now)


def index_wait(failed: Obj | None, now: float) -> float:
    """Seconds until the index of this failed Pod may be tried again; each index of its own waits on its own."""
    return _wait(job_indexes.all_failures_of(failed) + 1, finished_at(failed), now) if failed else 0.0


def _wait(failures: int, last: float, now: float) -> float:
    if failures == 0:
        return 0.0
    delay = min(FIRST * 2.0 ** min(failures - 1, 30), LONGEST)
    return max(0.0, last + delay - now)


def finished_at(pod: Obj) -> float:
    """When the Pod's last container ended; else when it stopped being ready, was deleted, or was created."""
    statuses = objects.dig(pod, "status", "containerStatuses", default=[])
    ends = [objects.dig(s, "state", "terminated", "finishedAt") for s in statuses]
    if ends and all(ends):
        return max(map(objects.parse_time, ends))
    ready, metadata = objects.condition(pod, "Ready"), objects.meta(pod)
    if ready is not None and ready["status"] == "False" and ready.get("lastTransitionTime"):
        return objects.parse_time(ready["lastTransitionTime"])
    if objects.deleting(pod):
        return objects.parse_time(metadata["deletionTimestamp"]) - metadata.get("deletionGracePeriodSeconds", 0)
    return objects.parse_time(metadata.get("creationTimestamp"))
