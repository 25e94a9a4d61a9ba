"""Creating and deleting Pods on behalf of an owner, and saying so in events.

Models k8s.io/kubernetes pkg/controller/controller_utils.go (RealPodControl, slowStartBatch).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tinykube import objects
from tinykube.client import Client
from tinykube.controllers.expectations import Expectations
from tinykube.errors import ApiError
from tinykube.events import Recorder
from tinykube.objects import Obj

BURST = 500
"""Most Pods created or deleted in one reconcile."""


class PodControl:
    """Creates and deletes Pods; each success and failure becomes an event on the owner."""

    def __init__(self, client: Client, events: Recorder) -> None:
        self._client, self._events = client, events

    def create(self, pod: Obj, owner: Obj) -> Obj:
        """Create a Pod. Raises ApiError, after an event on the owner."""
        try:
            created = self._client.create("pods", pod)
        except ApiError as refused:
            if not namespace_terminating(refused):
                self._events.event(owner, "Warning", "FailedCreate", f"Error creating: {refused}")
            raise
        self._events.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {objects.name(created)}")
        return created

    def delete(self, pod: Obj, owner: Obj) -> None:
        """Delete a Pod; one that is gone already is fine. Raises ApiError, after an event on the owner."""
        name = objects.name(pod)
        try:
            self._client.delete("pods", objects.namespace(pod), name, uid=objects.uid(pod))
        except ApiError as refused:
            if refused.code == 404:
                raise
            self._events.event(owner, "Warning", "FailedDelete", f"Error deleting: {refused}")
            raise
        self._events.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name}")


def namespace_terminating(refused: ApiError) -> bool:
    """Whether creation failed because the namespace is being deleted: nothing to retry then."""
    causes = objects.dig(refused.status, "details", "causes", default=())
    return any(c.get("reason") == "NamespaceTerminating" for c in causes)


def slow_start(count: int, create: Callable[[int], None]) -> int:
    """Call `create` for 0..count-1 in batches of 1, 2, 4, …, stopping after a batch with an error.

    So a Pod that the API refuses is not sent hundreds of times at once.

    Returns:
        How many calls succeeded.

    Raises:
        ApiError: the first error; its `created` attribute is the number that succeeded.
    """
    done = succeeded = 0
    batch = 1
    while done < count:
        size = min(batch, count - done)
        first_error: ApiError | None = None
        for index in range(done, done + size):
            try:
                create(index)
                succeeded += 1
            except ApiError as refused:
                first_error = first_error or refused
        if first_error is not None:
            raise SlowStartStopped(first_error, succeeded)
        done += size
        batch *= 2
    return succeeded


class SlowStartStopped(ApiError):
    """A creation failed: the rest was not tried."""

    def __init__(self, cause: ApiError, succeeded: int) -> None:
        super().__init__(cause.status)
        self.succeeded = succeeded


def delete_all(
    control: PodControl, victims: Iterable[Obj], owner: Obj, expectations: Expectations, key: str
) -> ApiError | None:
    """Delete Pods that are expected to go; return the first error other than that one is gone."""
    first: ApiError | None = None
    for pod in victims:
        try:
            control.delete(pod, owner)
        except ApiError as refused:
            expectations.deleted(key, objects.uid(pod))
            if refused.code != 404:
                first = first or refused
    return first
