"""Ephemeral containers: started once in a Pod that runs, never again, and counted nowhere.

Law: pure functions of the spec and of what was observed.

Models pkg/kubelet/kuberuntime/kuberuntime_manager.go (EphemeralContainersToStart) and kubelet_pods.go.
"""

from __future__ import annotations

from tinykube.node.observed import PodView
from tinykube.objects import Obj


def ephemeral(pod: Obj) -> list[Obj]:
    """The Pod's ephemeral containers."""
    return list(pod["spec"].get("ephemeralContainers") or ())


def to_start(pod: Obj, seen: PodView) -> list[Obj]:
    """Those that have not been started yet."""
    return [container for container in ephemeral(pod) if seen.find(container["name"]) is None]


def field_of(pod: Obj, name: str) -> str:
    """Where in the Pod a container is, as events say it."""
    for kind in ("initContainers", "ephemeralContainers"):
        if name in {container["name"] for container in pod["spec"].get(kind) or ()}:
            return f"spec.{kind}{{{name}}}"
    return f"spec.containers{{{name}}}"
