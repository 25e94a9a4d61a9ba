"""Disruption controller: how many Pods of each PodDisruptionBudget may be evicted now.

Law: the budget is counted against what the Pods' controllers want, so that Pods that are missing count as disrupted.
The eviction API reads status.disruptionsAllowed and takes from it; this controller fills it up again.

Models k8s.io/kubernetes pkg/controller/disruption/disruption.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import pods, resources, status
from tinykube.controllers.base import Controller
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "poddisruptionbudgets.policy"
EVICTION_TIMEOUT = 120.0
"""Seconds after which an eviction that did not lead to a deletion is forgotten."""

_SCALED = {
    "ReplicationController": "replicationcontrollers",
    "ReplicaSet": "replicasets.apps",
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
}


class DisruptionController(Controller):
    """Keeps the status of PodDisruptionBudgets."""

    name = "disruption-controller"
    component = "controllermanager"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.budgets = self.watch_own(RESOURCE)
        self.pods = self.watch("pods", self._pod_seen, self._pod_updated, self._pod_seen)
        self._owners = {kind: self.informer(resource) for kind, resource in _SCALED.items()}

    def _pod_seen(self, pod: Obj) -> None:
        for budget in self.budgets.in_namespace(objects.namespace(pod)):
            if objects.matches(budget["spec"].get("selector"), objects.labels(pod)):
                self.enqueue(budget)

    def _pod_updated(self, old: Obj, new: Obj) -> None:
        if objects.labels(old) != objects.labels(new):
            self._pod_seen(old)
        self._pod_seen(new)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Count healthy and expected Pods, and what that allows."""
        budget = self.budgets.by_key(key)
        if budget is None:
            return
        selector = budget["spec"].get("selector")
        found = self.pods.in_namespace(objects.namespace(budget))
        mine = [p for p in found if objects.matches(selector, objects.labels(p))]
        if not mine:
            self.events.event(budget, "Normal", "NoPods", "No matching pods found")
        try:
            expected, desired = self._limits(budget, mine)
        except LookupError as unknown:
            self._fail_safe(budget, str(unknown.args[0]))
            return
        self._note_unmanaged(budget, mine)
        evicted = self._still_evicting(budget, mine)
        healthy = sum(pods.ready(p) and not objects.deleting(p) and objects.name(p) not in evicted for p in mine)
        self._report(budget, expected, desired, healthy, evicted)
        if evicted:
            self.queue.add_after(key, EVICTION_TIMEOUT)

    def _limits(self, budget: Obj, mine: list[Obj]) -> tuple[int, int]:
        """(expected Pods, Pods that have to stay healthy)."""
        spec = budget["spec"]
        if spec.get("maxUnavailable") is not None:
            expected = self._expected(budget, mine)
            missing = objects.int_or_percent(spec["maxUnavailable"], expected, round_up=True)
            return expected, max(0, expected - missing)
        minimum = spec.get("minAvailable")
        if minimum is None:
            return 0, 0
        if isinstance(minimum, int):
            return len(mine), minimum
        expected = self._expected(budget, mine)
        return expected, objects.int_or_percent(minimum, expected, round_up=True)

    def _expected(self, budget: Obj, mine: list[Obj]) -> int:
        """What the controllers of these Pods want together; Pods without one are not counted on."""
        owners = [owner for pod in mine if (owner := self._root(pod)) is not None]
        return sum({objects.uid(owner): owner["spec"].get("replicas", 0) for owner in owners}.values())

    def _note_unmanaged(self, budget: Obj, mine: list[Obj]) -> None:
        absolute = isinstance(budget["spec"].get("minAvailable"), int)
        if not absolute and any(objects.controller_of(pod) is None for pod in mine):
            selector = _as_go_prints(budget["spec"].get("selector") or {})
            self.events.event(budget, "Warning", "UnmanagedPods", _UNMANAGED.format(selector=selector))

    def _root(self, pod: Obj) -> Obj | None:
        """The Pod's controller, or the controller of that one; None for a Pod without any.

        Raises:
            LookupError: the controller is gone, or is of a kind that has no scale, such as a DaemonSet.
        """
        owner = None
        ref = objects.controller_of(pod)
        while ref is not None and ref["kind"] in self._owners:
            found = self._owners[ref["kind"]].get(objects.namespace(pod), ref["name"])
            if found is None or objects.uid(found) != ref["uid"]:
                break
            owner, ref = found, objects.controller_of(found)
        if owner is None and ref is not None:
            raise LookupError(_why_not(pod, ref))
        return owner

    def _still_evicting(self, budget: Obj, mine: list[Obj]) -> dict[str, str]:
        """Evictions that the API has granted and whose Pods are not being deleted yet."""
        waiting = {objects.name(p) for p in mine if not objects.deleting(p)}
        noted = objects.dig(budget, "status", "disruptedPods", default={})
        now = self.clock.now()
        return {
            name: time
            for name, time in noted.items()
            if name in waiting and objects.parse_time(time) + EVICTION_TIMEOUT > now
        }

    def _report(self, budget: Obj, expected: int, desired: int, healthy: int, evicted: dict[str, str]) -> None:
        allowed = max(0, healthy - desired) if expected > 0 else 0
        before, generation = budget.get("status") or {}, objects.meta(budget).get("generation", 0)
        reason = "SufficientPods" if allowed else "InsufficientPods"
        counted = {
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "disruptionsAllowed": allowed,
            "observedGeneration": generation,
            "conditions": self._conditions(before, generation, reason),
            **({"disruptedPods": evicted} if evicted else {}),
        }
        status.write(self.client, RESOURCE, budget, counted)

    def _fail_safe(self, budget: Obj, why: str) -> None:
        """What may go cannot be told: nothing may."""
        message = f"Failed to calculate the number of expected pods: {why}"
        self.events.event(budget, "Warning", "CalculateExpectedPodCountFailed", message)
        before = budget.get("status") or {}
        empty = {"currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
        conditions = self._conditions(before, before.get("observedGeneration", 0), "SyncFailed", why)
        counted = {**empty, **before, "disruptionsAllowed": 0, "conditions": conditions}
        status.write(self.client, RESOURCE, budget, counted)

    def _conditions(self, before: Obj, generation: int, reason: str, message: str = "") -> list[Obj]:
        old = status.find(before.get("conditions") or [], "DisruptionAllowed")
        observed = {"observedGeneration": generation} if generation else {}
        new = status.simple(
            "DisruptionAllowed", reason == "SufficientPods", reason, message, self.clock.now(), **observed
        )
        if old is not None and old["status"] == new["status"]:
            new["lastTransitionTime"] = old["lastTransitionTime"]
        return [*status.without(before.get("conditions") or [], "DisruptionAllowed"), new]


def _why_not(pod: Obj, ref: Obj) -> str:
    resource = resources.of_reference(ref)
    if resource is None or ref["kind"] in _SCALED:
        return f'found no controllers for pod "{objects.name(pod)}"'
    return f"{resource} does not implement the scale subresource"


_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the "
    "status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these "
    'pods please set ".spec.minAvailable" field of the PDB to an integer value.'
)


def _as_go_prints(selector: Obj) -> str:
    """A label selector in Go's %v form."""
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    parts = [
        f"Key:{e['key']},Operator:{e['operator']},Values:[{' '.join(e.get('values') or ())}],"
        for e in selector.get("matchExpressions") or ()
    ]
    listed = "".join(f"LabelSelectorRequirement{{{part}}}," for part in parts)
    requirements = f"[]LabelSelectorRequirement{{{listed}}}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:{requirements},}}"
