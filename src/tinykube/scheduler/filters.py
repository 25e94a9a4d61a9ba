"""Which nodes can take a Pod, and for each that cannot, why.

Law: filters run in the real order and a node's first refusal is the one reported. A refusal that no preemption could
lift is marked `final`.

Models k8s.io/kubernetes pkg/scheduler/framework/plugins (nodeunschedulable, nodename, tainttoleration, nodeaffinity,
nodeports, noderesources, volumebinding, podtopologyspread, interpodaffinity).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinykube import objects, placement
from tinykube.objects import Obj
from tinykube.scheduler import topology, volumes
from tinykube.scheduler.resources import Amounts, NodeInfo, pod_requests
from tinykube.scheduler.topology import NamespaceLabels

UNSCHEDULABLE_TAINT = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


@dataclass(frozen=True)
class Refusal:
    """Why a node cannot take a Pod. `final`: removing Pods from the node would not help."""

    plugin: str
    reasons: tuple[str, ...]
    final: bool = False


class Cycle:
    """One attempt to place one Pod: what the filters have computed about it beforehand."""

    def __init__(
        self, pod: Obj, nodes: list[NodeInfo], namespace_labels: NamespaceLabels, needs: volumes.Needs = volumes.NONE
    ) -> None:
        self.pod, self.nodes, self.volumes = pod, nodes, needs
        self.requests: Amounts = pod_requests(pod)
        self.ports = placement.host_ports(pod)
        self.only_on = placement.named_nodes(pod)
        self.affinity = topology.PodAffinity(pod, nodes, namespace_labels)
        self.spreads = topology.spreads(pod, "DoNotSchedule", nodes)


Filter = Callable[[Cycle, NodeInfo], Refusal | None]


def node_unschedulable(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """A cordoned node takes only Pods that tolerate that."""
    tolerations = cycle.pod["spec"].get("tolerations") or ()
    if not objects.dig(info.node, "spec", "unschedulable") or any(
        placement.tolerates(t, UNSCHEDULABLE_TAINT) for t in tolerations
    ):
        return None
    return Refusal("NodeUnschedulable", ("node(s) were unschedulable",), final=True)


def node_name(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """A Pod that names its node fits only there."""
    if cycle.pod["spec"].get("nodeName") in (None, "", info.name):
        return None
    return Refusal("NodeName", ("node(s) didn't match the requested node name",), final=True)


def taint_toleration(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """Every NoSchedule and NoExecute taint has to be tolerated."""
    if placement.untolerated(cycle.pod, info.node, ("NoSchedule", "NoExecute")):
        return Refusal("TaintToleration", ("node(s) had untolerated taint(s)",), final=True)
    return None


def node_affinity(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """nodeSelector and required node affinity."""
    if placement.node_selected(cycle.pod, info.node):
        return None
    return Refusal("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",), final=True)


def node_ports(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """Host ports are taken once a node."""
    if not placement.clash(cycle.ports, (port for port, count in info.ports.items() if count > 0)):
        return None
    return Refusal("NodePorts", ("node(s) didn't have free ports for the requested pod ports",))


def node_resources(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """Requests have to fit into what is allocatable and not requested yet; final if the empty node is too small."""
    reasons: list[str] = []
    final = False
    if len(info.pods) + 1 > info.allocatable["pods"]:
        reasons.append("Too many pods")
    for resource in sorted(cycle.requests, key=_resource_order):
        wanted = cycle.requests[resource]
        if wanted > 0 and wanted > info.allocatable[resource] - info.requested[resource]:
            reasons.append(f"Insufficient {resource}")
            final = final or wanted > info.allocatable[resource]
    return Refusal("NodeResourcesFit", tuple(reasons), final) if reasons else None


def _resource_order(resource: str) -> tuple[int, str]:
    order = {"cpu": 0, "memory": 1, "ephemeral-storage": 2}
    return order.get(resource, 3), resource


def volume_binding(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """The Pod's volumes have to be within reach."""
    if cycle.volumes.chosen() in ("", info.name) and cycle.volumes.reachable(info.node):
        return None
    return Refusal(volumes.PLUGIN, (volumes.AWAY,), final=True)


def topology_spread(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """No constraint with DoNotSchedule may be skewed further than maxSkew."""
    message = "node(s) didn't match pod topology spread constraints"
    for spread in cycle.spreads:
        if spread.key not in objects.labels(info.node):
            return Refusal("PodTopologySpread", (f"{message} (missing required label)",), final=True)
        if spread.skew(info.node) > spread.max_skew:
            return Refusal("PodTopologySpread", (message,))
    return None


def inter_pod_affinity(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """Required Pod affinity and anti-affinity, the Pod's own and that of Pods already placed."""
    found, plugin = cycle.affinity, "InterPodAffinity"
    if found.near and not found.near_enough(info.node):
        return Refusal(plugin, ("node(s) didn't match pod affinity rules",), final=True)
    if not found.far_enough(info.node):
        return Refusal(plugin, ("node(s) didn't match pod anti-affinity rules",))
    if not found.welcome(info.node):
        return Refusal(plugin, ("node(s) didn't satisfy existing pods anti-affinity rules",))
    return None


FILTERS: tuple[Filter, ...] = (
    node_unschedulable,
    node_name,
    taint_toleration,
    node_affinity,
    node_ports,
    node_resources,
    volume_binding,
    topology_spread,
    inter_pod_affinity,
)


def refusal(cycle: Cycle, info: NodeInfo) -> Refusal | None:
    """Why the node cannot take the Pod, or None if it can."""
    if cycle.only_on is not None and info.name not in cycle.only_on:
        return Refusal("NodeAffinity", ("node(s) didn't satisfy plugin(s) [NodeAffinity]",), final=True)
    return next((found for check in FILTERS if (found := check(cycle, info)) is not None), None)
