"""The node's own say: a Pod that was bound here past the scheduler, and does not fit, is refused.

Law: pure; the decision is made once, before the Pod's first sync.

Models pkg/kubelet/lifecycle/predicate.go, pkg/kubelet/sysctl/allowlist.go and pkg/kubelet/kubelet.go (rejectPod).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tinykube import objects
from tinykube.objects import Obj, dig, millicores, whole
from tinykube.podresources import asked

_SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
}  # fmt: skip
_COUNT = {"cpu": millicores, "memory": whole, "ephemeral-storage": whole}


class Refusal(NamedTuple):
    """Why a Pod may not run here, such as OutOfcpu."""

    reason: str
    message: str


def admit(pod: Obj, others: Iterable[Obj], allocatable: Obj, labels: Callable[[], dict[str, str]]) -> Refusal | None:
    """Why the Pod does not fit beside `others` on a node with those labels; None if it does."""
    if refusal := _sysctls(pod["spec"]):
        return refusal
    selector = pod["spec"].get("nodeSelector")
    if selector and not objects.matches_labels(selector, labels()):
        words = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
        return Refusal("NodeAffinity", words)
    neighbors = list(others)
    capacity = whole(allocatable["pods"])
    if len(neighbors) >= capacity:
        return _out_of("pods", 1, len(neighbors), capacity)
    wanted = _requests(pod)
    for name, count in _COUNT.items():
        if name not in wanted:
            continue
        used = sum(count(amount) for other in neighbors if (amount := _requests(other).get(name)))
        asked, there = count(wanted[name]), count(allocatable[name])
        if asked > there - used:
            return _out_of(name, asked, used, there)
    return None


def _sysctls(spec: Obj) -> Refusal | None:
    """Kernel settings that are not safe for the node's other Pods are forbidden."""
    for setting in dig(spec, "securityContext", "sysctls", default=()):
        name = setting["name"].replace("/", ".")
        if name not in _SAFE_SYSCTLS:
            return Refusal("SysctlForbidden", f'forbidden sysctl: "{name}" not allowlisted')
        if name.startswith("net.") and spec.get("hostNetwork"):
            return Refusal("SysctlForbidden", f'forbidden sysctl: "{name}" not allowed with host net enabled')
    return None


def _requests(pod: Obj) -> Obj:
    return asked(pod["spec"], "requests")


def _out_of(name: str, asked: int, used: int, capacity: int) -> Refusal:
    words = f"Node didn't have enough resource: {name}, requested: {asked}, used: {used}, capacity: {capacity}"
    return Refusal(f"OutOf{name}", words)


def refused_status(pod: Obj, refusal: Refusal, now: float) -> Obj:
    """The status of a Pod that was refused `now`, in seconds since the epoch."""
    return {
        "startTime": objects.rfc3339(now),
        "phase": "Failed",
        "reason": refusal.reason,
        "message": f"Pod was rejected: {refusal.message}",
        "qosClass": dig(pod, "status", "qosClass", default="BestEffort"),
        "observedGeneration": dig(pod, "metadata", "generation", default=1),
        "conditions": [c for c in dig(pod, "status", "conditions", default=[]) if c["type"] == "PodScheduled"],
    }
