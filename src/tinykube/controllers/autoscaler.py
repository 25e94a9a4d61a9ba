"""HorizontalPodAutoscaler controller: keeps a workload between its bounds, and says that it has no metrics.

Law: no metrics server runs here, as on a cluster without add-ons. The bounds minReplicas and maxReplicas are enforced;
for the rest the conditions and events say, in the real words, that the metrics could not be read.

Models k8s.io/kubernetes pkg/controller/podautoscaler/horizontal.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import resources, status
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "horizontalpodautoscalers.autoscaling"
PERIOD = 15.0
"""Seconds between two looks at a workload."""
_MISSING = "the server could not find the requested resource"


class HorizontalController(Controller):
    """Looks at each HorizontalPodAutoscaler every fifteen seconds."""

    name = "horizontal-pod-autoscaler"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.scalers = self.watch(RESOURCE, self.enqueue, lambda _, new: self.enqueue(new))

    def enqueue(self, obj: Obj) -> None:
        """Look at the autoscaler when a period has passed, whatever happens to it."""
        self.queue.add_after(objects.key(obj), PERIOD)

    def reconcile(self, key: str) -> None:
        """Enforce the bounds, and report."""
        scaler = self.scalers.by_key(key)
        if scaler is None:
            return
        self.queue.add_after(key, PERIOD)
        conditions = _Conditions(scaler, self.clock.now())
        scale = self._scale(scaler, conditions)
        if scale is None:
            self._write(scaler, conditions, {})
            return
        current = objects.dig(scale, "spec", "replicas", default=0)
        desired = self._desired(scaler, current, conditions)
        if desired is None:
            self._write_without_metrics(scaler, conditions, current)
            return
        counted: Obj = {"currentReplicas": current, "desiredReplicas": desired, "currentMetrics": None}
        if desired != current:
            self._resize(scaler, scale, desired, conditions)
            counted["lastScaleTime"] = objects.rfc3339(self.clock.now())
        self._write(scaler, conditions, counted)

    def _scale(self, scaler: Obj, conditions: _Conditions) -> Obj | None:
        """The scale of the target, or None with a condition that says why it cannot be read."""
        target = scaler["spec"]["scaleTargetRef"]
        resource = resources.of_reference(target)
        try:
            if resource is None:
                raise ValueError(f'no matches for kind "{target["kind"]}" in group "{target.get("apiVersion", "")}"')
            found = self.client.api.get(resource, objects.namespace(scaler), target["name"], subresource="scale")
        except (ApiError, ValueError) as refused:
            text = f"the HPA controller was unable to get the target's current scale: {refused}"
            conditions.put("AbleToScale", False, "FailedGetScale", text)
            self.events.event(scaler, "Warning", "FailedGetScale", str(refused))
            return None
        text = "the HPA controller was able to get the target's current scale"
        conditions.put("AbleToScale", True, "SucceededGetScale", text)
        return found

    def _desired(self, scaler: Obj, current: int, conditions: _Conditions) -> int | None:
        """How many there should be; None if only metrics could tell."""
        spec = scaler["spec"]
        least, most = spec.get("minReplicas", 1), spec["maxReplicas"]
        if current == 0 and least != 0:
            text = "scaling is disabled since the replica count of the target is zero"
            conditions.put("ScalingActive", False, "ScalingDisabled", text)
            return 0
        if current > most:
            return most
        if current < least:
            return least
        return None

    def _write_without_metrics(self, scaler: Obj, conditions: _Conditions, current: int) -> None:
        """Report that nothing can be computed: what was desired stays as it was, at first 0."""
        metrics = scaler["spec"].get("metrics") or [{"type": "Resource", "resource": {"name": "cpu"}}]
        reason, what, cause = _failure(metrics[0])
        text = f"the HPA was unable to compute the replica count: {cause}"
        conditions.put("ScalingActive", False, reason, text)
        self.events.event(scaler, "Warning", reason, cause)
        self._write(scaler, conditions, {"currentReplicas": current, "currentMetrics": [{"type": ""}] * len(metrics)})
        summary = f"invalid metrics ({len(metrics)} invalid out of {len(metrics)}), first error is: "
        self.events.event(scaler, "Warning", "FailedComputeMetricsReplicas", f"{summary}failed to get {what}: {cause}")

    def _resize(self, scaler: Obj, scale: Obj, desired: int, conditions: _Conditions) -> None:
        target = scaler["spec"]["scaleTargetRef"]
        resource = resources.of_reference(target) or ""
        before = objects.dig(scale, "spec", "replicas", default=0)
        higher = desired > before
        why = (
            "Current number of replicas below Spec.MinReplicas"
            if higher
            else "Current number of replicas above Spec.MaxReplicas"
        )
        wanted = {**scale, "spec": {**scale.get("spec", {}), "replicas": desired}}
        namespace = objects.namespace(scaler)
        self.client.api.update(
            resource, namespace, target["name"], wanted, subresource="scale", options=self.client.options
        )
        text = f"the HPA controller was able to update the target scale to {desired}"
        conditions.put("AbleToScale", True, "SucceededRescale", text)
        self.events.event(scaler, "Normal", "SuccessfulRescale", f"New size: {desired}; reason: {why}")

    def _write(self, scaler: Obj, conditions: _Conditions, counted: Obj) -> None:
        before = {"desiredReplicas": 0, **(scaler.get("status") or {})}
        status.write(self.client, RESOURCE, scaler, {**before, **counted, "conditions": conditions.all})


class _Conditions:
    """The conditions of one autoscaler, as they are being brought up to date."""

    def __init__(self, scaler: Obj, now: float) -> None:
        self.all: list[Obj] = list(objects.dig(scaler, "status", "conditions", default=()))
        self._now = now

    def put(self, kind: str, value: bool, reason: str, message: str) -> None:
        """Set a condition in its place; the time changes only with the status."""
        old = status.find(self.all, kind)
        new = status.simple(kind, value, reason, message, self._now)
        if old is None:
            self.all.append(new)
            return
        if old["status"] == new["status"]:
            new["lastTransitionTime"] = old["lastTransitionTime"]
        self.all[self.all.index(old)] = new


def _failure(metric: Obj) -> tuple[str, str, str]:
    """(reason, what was asked for, why it could not be had)."""
    if metric["type"] in ("Resource", "ContainerResource"):
        name = objects.dig(metric, metric["type"][0].lower() + metric["type"][1:], "name", default="cpu")
        cause = f"failed to get {name} utilization: unable to get metrics for resource {name}: "
        cause += f"unable to fetch metrics from resource metrics API: {_MISSING} (get pods.metrics.k8s.io)"
        return f"FailedGet{metric['type']}Metric", f"{name} resource metric value", cause
    kind = metric["type"]
    field = kind[0].lower() + kind[1:]
    name = objects.dig(metric, field, "metric", "name", default="")
    api = "external.metrics.k8s.io" if kind == "External" else "custom.metrics.k8s.io"
    cause = f"unable to get metric {name}: unable to fetch metrics from {api}: {_MISSING}"
    return f"FailedGet{kind}Metric", f"{name} metric value", cause
