"""The node's own say: a Pod that was bound here past the scheduler, and does not fit, is refused.

Law: pure; the decision is made once, before the Pod's first sync.

Models pkg/kubelet/lifecycle/predicate.go, pkg/kubelet/sysctl/allowlist.go and pkg/kubelet/kubelet.go (rejectPod).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tinykube import objects, placement
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


def admit(pod: Obj, others: Iterable[Obj], allocatable: Obj, node: Callable[[], Obj]) -> Refusal | None:
    """Why the Pod may not run beside `others` on that node; None if it may."""
    neighbors = list(others)
    return _sysctls(pod["spec"]) or fits(pod, neighbors, allocatable) or _suits(pod, neighbors, node)


def fits(pod: Obj, others: list[Obj], allocatable: Obj) -> Refusal | None:
    """Why there is no room for the Pod beside `others`; None if there is."""
    capacity = whole(allocatable["pods"])
    if len(others) >= capacity:
        return _out_of("pods", 1, len(others), capacity)
    wanted = _requests(pod)
    for name, count in _COUNT.items():
        if name not in wanted:
            continue
        used = sum(count(amount) for other in others if (amount := _requests(other).get(name)))
        asked, there = count(wanted[name]), count(allocatable[name])
        if asked > there - used:
            return _out_of(name, asked, used, there)
    return None


def _suits(pod: Obj, others: list[Obj], node: Callable[[], Obj]) -> Refusal | None:
    spec, ports = pod["spec"], placement.host_ports(pod)
    if (spec.get("nodeSelector") or spec.get("affinity")) and not placement.node_selected(pod, node()):
        return _predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    if ports and placement.clash(ports, (port for other in others for port in placement.host_ports(other))):
        return _predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    if placement.untolerated(pod, node(), ("NoExecute",)):
        return _predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate")
    return None


def _predicate(name: str, why: str) -> Refusal:
    return Refusal(name, f"Predicate {name} failed: {why}")


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
