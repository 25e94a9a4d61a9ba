"""Eviction: deleting a Pod only if its disruption budget can spare it.

Law: reads budgets, takes one disruption from the budget that covers the Pod, then deletes like any DELETE.

Models pkg/registry/core/pod/storage/eviction.go.
"""

from __future__ import annotations

from tinykube import errors, objects
from tinykube.api.registry import Registry
from tinykube.api.resources import Resource, find
from tinykube.client import Options
from tinykube.objects import Obj, dig

BUDGETS = "poddisruptionbudgets.policy"
_REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
_ENDED = ("Succeeded", "Failed")


def evict(
    registry: Registry, resource: Resource, namespace: str | None, name: str, request: Obj, options: Options
) -> Obj:
    """Delete a Pod on behalf of an Eviction.

    Raises:
        errors.ApiError: NotFound; TooManyRequests when the budget does not allow it.
    """
    pod = registry.get(resource, namespace, name)
    if not _needs_no_budget(pod):
        _take_disruption(registry, pod, options)
    registry.delete(resource, namespace, name, request.get("deleteOptions") or {}, options)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def _needs_no_budget(pod: Obj) -> bool:
    return dig(pod, "status", "phase") in (*_ENDED, "Pending") or objects.deleting(pod)


def _take_disruption(registry: Registry, pod: Obj, options: Options) -> None:
    budgets = [
        budget
        for budget in registry.store.list(BUDGETS, objects.namespace(pod))
        if objects.matches(dig(budget, "spec", "selector"), objects.labels(pod))
    ]
    if len(budgets) > 1:
        raise errors.internal(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
    if not budgets:
        return
    budget = budgets[0]
    if dig(budget, "status", "disruptionsAllowed", default=0) <= 0:
        raise _too_many(budget)

    def spend(stored: Obj) -> Obj:
        now = objects.rfc3339(registry.clock.now())
        stored["status"]["disruptionsAllowed"] -= 1
        disrupted = {**(stored["status"].get("disruptedPods") or {}), objects.name(pod): now}
        stored["status"]["disruptedPods"] = disrupted
        return stored

    registry.update(find(BUDGETS), objects.namespace(pod), objects.name(budget), spend, options, subresource="status")


def _too_many(budget: Obj) -> errors.ApiError:
    wanted = dig(budget, "status", "desiredHealthy", default=0)
    healthy = dig(budget, "status", "currentHealthy", default=0)
    message = f"The disruption budget {objects.name(budget)} needs {wanted} healthy pods and has {healthy} currently"
    return errors.too_many_requests(_REFUSED, causes=[{"reason": "DisruptionBudget", "message": message}])
