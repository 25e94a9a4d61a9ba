"""TTL-after-finished controller: deletes Jobs some time after they have ended.

Law: the Job is looked up in the API itself before it is deleted, and its Pods go first.

Models k8s.io/kubernetes pkg/controller/ttlafterfinished/ttlafterfinished_controller.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import resources
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "jobs.batch"


def ended_at(job: Obj) -> float | None:
    """When the Job became Complete or Failed (seconds since the epoch), or None."""
    for kind in ("Complete", "Failed"):
        if objects.condition_true(job, kind):
            return objects.parse_time((objects.condition(job, kind) or {}).get("lastTransitionTime"))
    return None


class TtlController(Controller):
    """Deletes finished Jobs after spec.ttlSecondsAfterFinished."""

    name = "ttl-after-finished-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.jobs = self.watch(RESOURCE, self._seen, lambda _, new: self._seen(new))

    def _seen(self, job: Obj) -> None:
        if "ttlSecondsAfterFinished" in job["spec"] and ended_at(job) is not None and not objects.deleting(job):
            self.enqueue(job)

    def reconcile(self, key: str) -> None:
        """Delete the Job if its time is over, or come back when it is."""
        left = self._seconds_left(self.jobs.by_key(key))
        if left is None:
            return
        if left > 0:
            self.queue.add_after(key, left)
            return
        namespace, name = objects.split_key(key)
        try:
            fresh = self.client.get(RESOURCE, namespace, name)
        except ApiError as refused:
            if refused.code != 404:
                raise
            return
        left = self._seconds_left(fresh)
        if left is not None and left <= 0:
            resources.delete_if_there(self.client, RESOURCE, fresh, propagation="Foreground")

    def _seconds_left(self, job: Obj | None) -> float | None:
        if job is None or objects.deleting(job):
            return None
        ended, limit = ended_at(job), job["spec"].get("ttlSecondsAfterFinished")
        return None if ended is None or limit is None else ended + limit - self.clock.now()
