"""Defaults of the workload kinds of group apps.

Law: in place; what is set stays.

Models pkg/apis/apps/v1/defaults.go.
"""

from __future__ import annotations

from tinykube.api.defaults.core import claim
from tinykube.api.defaults.pods import put, template
from tinykube.errors import Obj


def deployment(obj: Obj) -> None:
    """apps/v1 Deployment: rolling update with a quarter more and a quarter fewer Pods."""
    spec = obj.setdefault("spec", {})
    template(spec)
    put(spec, "replicas", 1)
    strategy = spec.setdefault("strategy", {})
    put(strategy, "type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.get("rollingUpdate") or {}
        put(rolling, "maxUnavailable", "25%")
        put(rolling, "maxSurge", "25%")
        strategy["rollingUpdate"] = rolling
    put(spec, "revisionHistoryLimit", 10)
    put(spec, "progressDeadlineSeconds", 600)


def replica_set(obj: Obj) -> None:
    """apps/v1 ReplicaSet."""
    spec = obj.setdefault("spec", {})
    template(spec)
    put(spec, "replicas", 1)


def daemon_set(obj: Obj) -> None:
    """apps/v1 DaemonSet: one Pod at a time is replaced."""
    spec = obj.setdefault("spec", {})
    template(spec)
    update = spec.setdefault("updateStrategy", {})
    put(update, "type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        rolling = update.get("rollingUpdate") or {}
        put(rolling, "maxUnavailable", 1)
        put(rolling, "maxSurge", 0)
        update["rollingUpdate"] = rolling
    put(spec, "revisionHistoryLimit", 10)


def stateful_set(obj: Obj) -> None:
    """apps/v1 StatefulSet: one Pod after the other, claims kept."""
    spec = obj.setdefault("spec", {})
    template(spec)
    put(spec, "podManagementPolicy", "OrderedReady")
    update = spec.setdefault("updateStrategy", {})
    if not update.get("type"):
        update["type"] = "RollingUpdate"
        update["rollingUpdate"] = update.get("rollingUpdate") or {}
    if update["type"] == "RollingUpdate" and update.get("rollingUpdate") is not None:
        put(update["rollingUpdate"], "partition", 0)
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    put(retention, "whenDeleted", "Retain")
    put(retention, "whenScaled", "Retain")
    spec["persistentVolumeClaimRetentionPolicy"] = retention
    put(spec, "replicas", 1)
    put(spec, "revisionHistoryLimit", 10)
    for found in spec.get("volumeClaimTemplates") or ():
        found.update(apiVersion="v1", kind="PersistentVolumeClaim")
        claim(found)
