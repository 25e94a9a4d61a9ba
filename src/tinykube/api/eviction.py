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
    _mark(registry, resource, pod, options)
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
    if not objects.condition_true(pod, "Ready") and _spares_unready(budget):
        return
    if dig(budget, "status", "observedGeneration", default=0) < objects.meta(budget).get("generation", 0):
        raise _too_many(f"The disruption budget {objects.name(budget)} is still being processed by the server.")
    if dig(budget, "status", "disruptionsAllowed", default=0) <= 0:
        raise _too_many(_shortage(budget))

    def spend(stored: Obj) -> Obj:
        now = objects.rfc3339(registry.clock.now())
        stored["status"]["disruptionsAllowed"] -= 1
        disrupted = {**(stored["status"].get("disruptedPods") or {}), objects.name(pod): now}
        stored["status"]["disruptedPods"] = disrupted
        return stored

    registry.update(find(BUDGETS), objects.namespace(pod), objects.name(budget), spend, options, subresource="status")


def _spares_unready(budget: Obj) -> bool:
    """Whether a Pod that is not ready may go without being counted (unhealthyPodEvictionPolicy)."""
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    wanted = dig(budget, "status", "desiredHealthy", default=0)
    return 0 < wanted <= dig(budget, "status", "currentHealthy", default=0)


def _shortage(budget: Obj) -> str:
    name, found = objects.name(budget), objects.condition(budget, "DisruptionAllowed") or {}
    if found.get("reason") == "SyncFailed":
        why = f"it failed sync: {found.get('message', '')}"
        return f"The disruption budget {name} does not allow evicting pods currently because {why}"
    wanted = dig(budget, "status", "desiredHealthy", default=0)
    healthy = dig(budget, "status", "currentHealthy", default=0)
    return f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"


def _too_many(cause: str) -> errors.ApiError:
    return errors.too_many_requests(_REFUSED, causes=[{"reason": "DisruptionBudget", "message": cause}])


def _mark(registry: Registry, resource: Resource, pod: Obj, options: Options) -> None:
    """Say on the Pod why it has to go, so that a Job may forgive it."""
    condition = {
        "type": "DisruptionTarget",
        "observedGeneration": objects.meta(pod).get("generation", 1),
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastTransitionTime": objects.rfc3339(registry.clock.now()),
    }

    def mark(stored: Obj) -> Obj:
        status = stored.setdefault("status", {})
        others = [c for c in status.get("conditions") or () if c["type"] != condition["type"]]
        return {**stored, "status": {**status, "conditions": [*others, condition]}}

    if not objects.deleting(pod):
        registry.update(resource, objects.namespace(pod), objects.name(pod), mark, options, subresource="status")
