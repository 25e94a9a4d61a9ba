"""Pods that want to be near or far from other Pods: Pod (anti-)affinity and topology spread constraints.

Law: pure functions over a Pod and the snapshot of nodes. A topology domain is all nodes that share a label's value.

Models k8s.io/kubernetes pkg/scheduler/framework/plugins/interpodaffinity and podtopologyspread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from tinykube import objects, placement
from tinykube.objects import Obj
from tinykube.scheduler.resources import NodeInfo, picky

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

NamespaceLabels = Callable[[str], dict[str, str]]


def terms(pod: Obj, kind: str, when: str) -> list[Obj]:
    """The terms of `podAffinity` or `podAntiAffinity`, required or preferred."""
    return objects.dig(pod, "spec", "affinity", kind, when, default=[])


def term_selects(term: Obj, owner: Obj, other: Obj, namespace_labels: NamespaceLabels) -> bool:
    """Whether an affinity term of `owner` is about the Pod `other`."""
    if not _in_scope(term, owner, objects.namespace(other), namespace_labels):
        return False
    labels = objects.labels(other)
    wanted = {
        **{key: objects.labels(owner)[key] for key in term.get("matchLabelKeys") or () if key in objects.labels(owner)}
    }
    return objects.matches(term.get("labelSelector"), labels) and objects.matches_labels(wanted, labels)


def _in_scope(term: Obj, owner: Obj, namespace: str, namespace_labels: NamespaceLabels) -> bool:
    listed, selector = term.get("namespaces") or (), term.get("namespaceSelector")
    if not listed and selector is None:
        return namespace == objects.namespace(owner)
    return namespace in listed or objects.matches(selector, namespace_labels(namespace))


class PodAffinity:
    """One Pod's required terms, and other Pods' against it, counted over the whole cluster once."""

    def __init__(self, pod: Obj, nodes: Iterable[NodeInfo], namespace_labels: NamespaceLabels) -> None:
        self._pod, self._namespace_labels = pod, namespace_labels
        self.near = terms(pod, "podAffinity", REQUIRED)
        self.far = terms(pod, "podAntiAffinity", REQUIRED)
        self._near: list[Counter[str]] = [Counter() for _ in self.near]
        self._far: list[Counter[str]] = [Counter() for _ in self.far]
        self._against: set[tuple[str, str]] = set()
        choosy = bool(self.near or self.far)
        for info in nodes:
            for other in (info.pods if choosy else info.picky).values():
                self._count(info.node, other)

    def _count(self, node: Obj, other: Obj) -> None:
        labels = objects.labels(node)
        for wanted, counts in ((self.near, self._near), (self.far, self._far)):
            for term, counter in zip(wanted, counts, strict=True):
                domain = labels.get(term["topologyKey"])
                if domain is not None and self._selects(term, self._pod, other):
                    counter[domain] += 1
        for term in terms(other, "podAntiAffinity", REQUIRED):
            domain = labels.get(term["topologyKey"])
            if domain is not None and self._selects(term, other, self._pod):
                self._against.add((term["topologyKey"], domain))

    def _selects(self, term: Obj, owner: Obj, other: Obj) -> bool:
        return term_selects(term, owner, other, self._namespace_labels)

    def near_enough(self, node: Obj) -> bool:
        """Whether every required affinity term has a matching Pod in the node's domain.

        The first Pod of a group that wants to be near itself may go anywhere that has the labels.
        """
        labels = objects.labels(node)
        if not all(t["topologyKey"] in labels for t in self.near):
            return False
        if all(counts[labels[t["topologyKey"]]] for t, counts in zip(self.near, self._near, strict=True)):
            return True
        nobody = not any(map(len, self._near))
        return nobody and all(self._selects(t, self._pod, self._pod) for t in self.near)

    def far_enough(self, node: Obj) -> bool:
        """Whether no Pod that the required anti-affinity terms match is in the node's domain."""
        labels = objects.labels(node)
        return not any(counts[labels.get(t["topologyKey"], "")] for t, counts in zip(self.far, self._far, strict=True))

    def welcome(self, node: Obj) -> bool:
        """Whether no Pod in the node's domains has an anti-affinity against this one."""
        labels = objects.labels(node)
        return not any(labels.get(key) == domain for key, domain in self._against)


def preference(pod: Obj, nodes: list[NodeInfo], namespace_labels: NamespaceLabels) -> dict[str, int]:
    """The weight of preferred terms, the Pod's and other Pods' about it, for each node by name."""
    weights: Counter[tuple[str, str]] = Counter()

    def note(term: Obj, weight: int, owner: Obj, other: Obj, node: Obj) -> None:
        domain = objects.labels(node).get(term["topologyKey"])
        if domain is not None and term_selects(term, owner, other, namespace_labels):
            weights[term["topologyKey"], domain] += weight

    choosy = picky(pod)
    for info in nodes:
        for other in (info.pods if choosy else info.picky).values():
            for owner, target in ((pod, other), (other, pod)):
                for kind, sign in (("podAffinity", 1), ("podAntiAffinity", -1)):
                    for preferred in terms(owner, kind, PREFERRED):
                        note(preferred["podAffinityTerm"], sign * preferred["weight"], owner, target, info.node)
            for term in terms(other, "podAffinity", REQUIRED):
                note(term, 1, other, pod, info.node)
    return {
        info.name: sum(
            weight for (key, domain), weight in weights.items() if objects.labels(info.node).get(key) == domain
        )
        for info in nodes
    }


# -- topology spread -----------------------------------------------------------------------------------------


class Spread:
    """One topology spread constraint, with the matching Pods of each domain counted once."""

    def __init__(self, constraint: Obj, pod: Obj, nodes: Iterable[NodeInfo]) -> None:
        self.key: str = constraint["topologyKey"]
        self.max_skew: int = constraint["maxSkew"]
        self._least_domains = constraint.get("minDomains") or 1
        self._selector = _selector(constraint, pod)
        self._self = int(objects.matches(self._selector, objects.labels(pod)))
        self.counts: Counter[str] = Counter()
        for info in nodes:
            if self.key in objects.labels(info.node) and _eligible(constraint, pod, info.node):
                self.counts[objects.labels(info.node)[self.key]] += self._matching(pod, info)

    def _matching(self, pod: Obj, info: NodeInfo) -> int:
        return sum(
            objects.namespace(p) == objects.namespace(pod)
            and not objects.deleting(p)
            and objects.matches(self._selector, objects.labels(p))
            for p in info.pods.values()
        )

    def skew(self, node: Obj) -> int:
        """By how much the node's domain would exceed the emptiest one, with the Pod on it."""
        least = min(self.counts.values(), default=0) if len(self.counts) >= self._least_domains else 0
        return self.counts[objects.labels(node)[self.key]] + self._self - least


def _selector(constraint: Obj, pod: Obj) -> Obj:
    selector = constraint.get("labelSelector") or {"matchExpressions": [{"key": "\0", "operator": "Exists"}]}
    keys = [k for k in constraint.get("matchLabelKeys") or () if k in objects.labels(pod)]
    wanted = {**(selector.get("matchLabels") or {}), **{k: objects.labels(pod)[k] for k in keys}}
    return {**selector, "matchLabels": wanted}


def _eligible(constraint: Obj, pod: Obj, node: Obj) -> bool:
    """Whether the node's domain counts: by default only nodes that the Pod's node affinity allows do."""
    if constraint.get("nodeAffinityPolicy", "Honor") == "Honor" and not placement.node_selected(pod, node):
        return False
    honor_taints = constraint.get("nodeTaintsPolicy", "Ignore") == "Honor"
    return not (honor_taints and placement.untolerated(pod, node, ("NoSchedule", "NoExecute")))


def spreads(pod: Obj, when: str, nodes: list[NodeInfo]) -> list[Spread]:
    """The Pod's topology spread constraints for `whenUnsatisfiable`: DoNotSchedule or ScheduleAnyway."""
    constraints = pod["spec"].get("topologySpreadConstraints") or ()
    return [Spread(c, pod, nodes) for c in constraints if c["whenUnsatisfiable"] == when]
