"""What a Pod asks for and what a node has left: CPU, memory, ephemeral storage, Pods and extended resources.

Law: pure functions; CPU in millicores, everything else in whole units (bytes for memory).

Models k8s.io/component-helpers/resource/helpers.go and k8s.io/kubernetes pkg/scheduler/framework/types.go (NodeInfo).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from tinykube import objects, placement
from tinykube.objects import Obj
from tinykube.podresources import pod_level

Amounts = Counter[str]

DEFAULT_CPU, DEFAULT_MEMORY = 100, 200 * 1024 * 1024
"""What a container without requests counts for when nodes are scored."""


def amount(resource: str, text: str) -> int:
    """A quantity in the unit that resource is counted in."""
    return objects.millicores(text) if resource == "cpu" else objects.whole(text)


def amounts(quantities: Obj | None) -> Amounts:
    """A resource list, such as a container's requests, in numbers."""
    return Counter({name: amount(name, text) for name, text in (quantities or {}).items()})


def _requests(container: Obj, *, defaults: bool) -> Amounts:
    given = amounts(objects.dig(container, "resources", "requests"))
    if defaults:
        given = Counter({"cpu": DEFAULT_CPU, "memory": DEFAULT_MEMORY}) | given if not given else _fill(given)
    return given


def _fill(given: Amounts) -> Amounts:
    return Counter({"cpu": DEFAULT_CPU, "memory": DEFAULT_MEMORY} | given)


def pod_requests(pod: Obj, *, defaults: bool = False) -> Amounts:
    """What a Pod needs: its containers together, or its greediest init container if that is more.

    Sidecars (init containers that restart always) run beside the rest and beside the init containers after them. What
    the Pod states for itself replaces the sum.
    `defaults` counts containers without requests as if they asked for a little, as the scores do.
    """
    spec = pod["spec"]
    main: Amounts = Counter()
    for container in spec.get("containers") or ():
        main += _requests(container, defaults=defaults)
    sidecars: Amounts = Counter()
    peak: Amounts = Counter()
    for container in spec.get("initContainers") or ():
        wanted = _requests(container, defaults=defaults)
        if container.get("restartPolicy") == "Always":
            sidecars += wanted
            peak |= sidecars
        else:
            peak |= sidecars + wanted
    needed = (main + sidecars) | peak
    needed.update({name: amount(name, text) - needed[name] for name, text in pod_level(spec, "requests").items()})
    return needed + amounts(spec.get("overhead"))


def picky(pod: Obj) -> bool:
    """Whether the Pod says anything about other Pods."""
    affinity = pod["spec"].get("affinity") or {}
    return bool(affinity.get("podAffinity") or affinity.get("podAntiAffinity"))


@dataclass
class NodeInfo:
    """A node and the Pods on it, with their requests added up."""

    node: Obj
    pods: dict[str, Obj] = field(default_factory=dict)
    picky: dict[str, Obj] = field(default_factory=dict)
    """The Pods that say something about other Pods; most clusters have few."""
    owners: Counter[str] = field(default_factory=Counter)
    """How many Pods each controller has here that are to stay, by the controller's UID."""
    requested: Amounts = field(default_factory=Counter)
    scored: Amounts = field(default_factory=Counter)
    ports: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The node's name."""
        return objects.name(self.node)

    @cached_property
    def allocatable(self) -> Amounts:
        """status.allocatable in numbers."""
        return amounts(objects.dig(self.node, "status", "allocatable"))

    def renewed(self, node: Obj) -> NodeInfo:
        """The same Pods on a newer version of the node."""
        return NodeInfo(node, self.pods, self.picky, self.owners, self.requested, self.scored, self.ports)

    def add(self, pod: Obj) -> None:
        """Count a Pod in, replacing an earlier version of it."""
        uid = objects.uid(pod)
        known = self.pods.get(uid)
        if known is not None and known["spec"] == pod["spec"] and _staying(known) == _staying(pod):
            self.pods[uid] = pod
            if uid in self.picky:
                self.picky[uid] = pod
            return
        self.remove(pod)
        self.pods[uid] = pod
        if picky(pod):
            self.picky[uid] = pod
        self.owners.update(_staying(pod))
        self.requested.update(pod_requests(pod))
        self.scored.update(pod_requests(pod, defaults=True))
        self.ports.update(placement.host_ports(pod))

    def remove(self, pod: Obj) -> None:
        """Count a Pod out, if it is counted."""
        known = self.pods.pop(objects.uid(pod), None)
        if known is not None:
            self.picky.pop(objects.uid(pod), None)
            self.owners.subtract(_staying(known))
            self.requested.subtract(pod_requests(known))
            self.scored.subtract(pod_requests(known, defaults=True))
            self.ports.subtract(placement.host_ports(known))

    def without(self, victims: Iterable[Obj]) -> NodeInfo:
        """The node as it would be without some of its Pods."""
        gone = {objects.uid(pod) for pod in victims}
        rest = NodeInfo(self.node)
        for uid, pod in self.pods.items():
            if uid not in gone:
                rest.add(pod)
        return rest


def _staying(pod: Obj) -> list[str]:
    """The UID of the controller of a Pod that is to stay."""
    ref = None if objects.deleting(pod) else objects.controller_of(pod)
    return [ref["uid"]] if ref else []
