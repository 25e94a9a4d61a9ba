"""API objects as a notebook shows them: dicts that print as one short line each.

Law: a `Resource` is the object as the API gave it, nothing added; only its printing is ours. Printing is the same on
every run: no ages, no addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import yaml

Obj = dict[str, Any]


class Resource(dict[str, Any]):
    """One API object. It is a dict; `name`, `kind`, `labels` and `yaml()` save typing."""

    @property
    def kind(self) -> str:
        """As in a manifest: "Pod"."""
        return str(self.get("kind", ""))

    @property
    def name(self) -> str:
        """Its name in its namespace."""
        return str(self["metadata"]["name"])

    @property
    def labels(self) -> dict[str, str]:
        """Its labels; empty if it has none."""
        return dict(self["metadata"].get("labels") or {})

    def yaml(self) -> str:
        """The object as YAML, without the managed fields."""
        metadata = {key: value for key, value in self["metadata"].items() if key != "managedFields"}
        return yaml.safe_dump({**self, "metadata": metadata}, sort_keys=False)

    def __repr__(self) -> str:
        told = summary(self)
        return f"{self.kind.lower()}/{self.name}" + (f": {told}" if told else "")


class Resources(list[Resource]):
    """Several API objects; prints one line for each."""

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) if self else "(none)"

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [one.name for one in self]


class Events(list[Resource]):
    """Events in the order in which they happened; prints like `kubectl events`, counting from the first."""

    def __repr__(self) -> str:
        if not self:
            return "(no events)"
        start = _seconds(self[0])
        rows = [("AFTER", "TYPE", "REASON", "OBJECT", "MESSAGE"), *(self._row(one, start) for one in self)]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join("   ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[4]]) for row in rows)

    @staticmethod
    def _row(event: Resource, start: float) -> tuple[str, str, str, str, str]:
        about = event.get("involvedObject") or {}
        times = event.get("count") or (event.get("series") or {}).get("count") or 1
        message = (event.get("message") or "").strip() + (f" (x{times})" if times > 1 else "")
        target = f"{about.get('kind', '').lower()}/{about.get('name', '')}"
        return f"{_seconds(event) - start:.0f}s", event.get("type", ""), event.get("reason", ""), target, message


def in_order(events: Iterable[Obj]) -> Events:
    """Sort events by their last occurrence, then by when the API server stored them."""
    return Events(map(Resource, sorted(events, key=lambda one: (_seconds(one), _stored(one)))))


def _stored(obj: Obj) -> int:
    version = obj["metadata"].get("resourceVersion", "0")
    return int(version) if version.isdigit() else 0


def _seconds(event: Obj) -> float:
    stamp = (
        event.get("lastTimestamp")
        or (event.get("series") or {}).get("lastObservedTime")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
    )
    when = datetime.fromisoformat(stamp.replace("Z", "+00:00")) if stamp else None
    return float(int(when.timestamp())) if when else 0.0  # some fields have microseconds, some have not


def summary(obj: Obj) -> str:
    """What is worth knowing about an object, in a few words."""
    teller = _TELLERS.get(obj.get("kind", ""))
    return teller(obj) if teller else ""


def pod_status(pod: Obj) -> str:
    """The STATUS column of `kubectl get pods` (pkg/printers/internalversion, printPod)."""
    status = pod.get("status") or {}
    reason = _initializing(pod) or _containers(status) or status.get("reason") or status.get("phase") or "Unknown"
    if pod["metadata"].get("deletionTimestamp") and status.get("phase") not in ("Succeeded", "Failed"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return str(reason)


def _initializing(pod: Obj) -> str:
    specs = {one["name"]: one for one in pod["spec"].get("initContainers") or []}
    statuses = (pod.get("status") or {}).get("initContainerStatuses") or []
    for position, one in enumerate(statuses):
        state = one.get("state") or {}
        ended, waits = state.get("terminated"), state.get("waiting") or {}
        sidecar = specs.get(one["name"], {}).get("restartPolicy") == "Always"
        if (ended and ended.get("exitCode") == 0) or (sidecar and one.get("started")):
            continue
        if ended:
            return "Init:" + _ended(ended)
        if waits.get("reason") not in (None, "", "PodInitializing"):
            return "Init:" + waits["reason"]
        return f"Init:{position}/{len(statuses)}"
    return ""


def _containers(status: Obj) -> str:
    reason, running = "", False
    for one in reversed(status.get("containerStatuses") or []):
        state = one.get("state") or {}
        if (state.get("waiting") or {}).get("reason"):
            reason = state["waiting"]["reason"]
        elif state.get("terminated"):
            reason = _ended(state["terminated"])
        elif one.get("ready") and state.get("running"):
            running = True
    if reason == "Completed" and running:
        return "Running" if has_condition(status, "Ready") else "NotReady"
    return reason


def _ended(terminated: Obj) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    return f"Signal:{terminated['signal']}" if terminated.get("signal") else f"ExitCode:{terminated.get('exitCode')}"


def has_condition(status: Obj, kind: str, value: str = "True") -> bool:
    """Whether the status says that condition `kind` is `value`."""
    return any(one["type"] == kind and one["status"] == value for one in status.get("conditions") or [])


def rolled_out(obj: Obj) -> bool:
    """Whether `kubectl rollout status` would say that a Deployment, DaemonSet or StatefulSet is
    (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go); nothing else ever is."""
    status, spec = obj.get("status") or {}, obj.get("spec") or {}
    if status.get("observedGeneration", 0) < obj["metadata"].get("generation", 0):
        return False
    done = {"Deployment": _deployed, "DaemonSet": _on_every_node, "StatefulSet": _in_order}.get(obj.get("kind", ""))
    return done is not None and done(spec, status)


def _deployed(spec: Obj, status: Obj) -> bool:
    updated = status.get("updatedReplicas", 0)
    return spec.get("replicas", 1) <= updated == status.get("replicas", 0) <= status.get("availableReplicas", 0)


def _on_every_node(spec: Obj, status: Obj) -> bool:
    wanted = status.get("desiredNumberScheduled", 0)
    return min(status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)) >= wanted


def _in_order(spec: Obj, status: Obj) -> bool:
    wanted = spec.get("replicas", 1)
    kept = ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition") or 0
    return wanted <= status.get("readyReplicas", 0) and wanted - kept <= status.get("updatedReplicas", 0)


def _tell_pod(pod: Obj) -> str:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    ready, restarts = (
        sum(bool(one.get("ready")) for one in statuses),
        sum(one.get("restartCount", 0) for one in statuses),
    )
    again = f", {restarts} restart{'s' if restarts > 1 else ''}" if restarts else ""
    return f"{pod_status(pod)}, {ready}/{len(pod['spec']['containers'])} ready{again}"


def _tell_replicas(obj: Obj) -> str:
    status, wanted = obj.get("status") or {}, obj["spec"].get("replicas", 1)
    return f"{status.get('readyReplicas', 0)}/{wanted} ready"


def _tell_job(job: Obj) -> str:
    status = job.get("status") or {}
    done = next((one for one in status.get("conditions") or [] if one["status"] == "True"), None)
    counts = f"{status.get('succeeded', 0)}/{job['spec'].get('completions') or 1} succeeded"
    return (
        counts
        + (f", {status['failed']} failed" if status.get("failed") else "")
        + (f", {done['type']}" if done else "")
    )


def _tell_service(service: Obj) -> str:
    ports = ", ".join(f"{one['port']}/{one.get('protocol', 'TCP')}" for one in service["spec"].get("ports") or [])
    return f"{service['spec'].get('type', 'ClusterIP')} {ports}".strip()


_TELLERS = {
    "Pod": _tell_pod,
    "Deployment": _tell_replicas,
    "ReplicaSet": _tell_replicas,
    "StatefulSet": _tell_replicas,
    "Job": _tell_job,
    "Service": _tell_service,
    "CronJob": lambda one: one["spec"]["schedule"] + (", suspended" if one["spec"].get("suspend") else ""),
    "ConfigMap": lambda one: f"{len(one.get('data') or {})} keys",
    "Secret": lambda one: f"{len(one.get('data') or {})} keys",
    "Namespace": lambda one: (one.get("status") or {}).get("phase", ""),
}
