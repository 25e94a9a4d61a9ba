"""Node selectors, node affinity, taints and tolerations, host ports: what a Pod says about nodes, and nodes about Pods.

Law: pure functions over a Pod's spec and a Node, shared by the scheduler, the controllers and the nodes.

Models k8s.io/component-helpers/scheduling/corev1 (nodeaffinity, helpers.go) and k8s.io/kubernetes
pkg/scheduler/framework/plugins/nodeaffinity, tainttoleration and nodeports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tinykube import objects
from tinykube.objects import Obj


def node_selected(pod: Obj, node: Obj) -> bool:
    """Whether spec.nodeSelector and the required node affinity allow the node."""
    spec = pod["spec"]
    if not objects.matches_labels(spec.get("nodeSelector"), objects.labels(node)):
        return False
    required = objects.dig(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(term_matches(t, node) for t in required.get("nodeSelectorTerms") or ())


def term_matches(term: Obj, node: Obj) -> bool:
    """Whether a node selector term matches; an empty one matches nothing."""
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    own_fields = {"metadata.name": objects.name(node)}
    return all(_requirement(e, objects.labels(node)) for e in expressions) and all(
        _requirement(f, own_fields) for f in fields
    )


def _requirement(expression: Obj, found: Mapping[str, str]) -> bool:
    key, operator = expression["key"], expression["operator"]
    if operator in ("Gt", "Lt"):
        return key in found and _compare(operator, found[key], (expression.get("values") or ["0"])[0])
    return objects.matches({"matchExpressions": [expression]}, found)


def _compare(operator: str, have: str, limit: str) -> bool:
    try:
        return int(have) > int(limit) if operator == "Gt" else int(have) < int(limit)
    except ValueError:
        return False


def named_nodes(pod: Obj) -> set[str] | None:
    """The nodes a Pod names in every term of its required affinity (as a DaemonSet's Pods do); None for any node."""
    required = objects.dig(
        pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", default={}
    )
    terms = required.get("nodeSelectorTerms") or ()
    names: set[str] = set()
    for term in terms:
        listed = [set(f["values"]) for f in term.get("matchFields") or () if f["operator"] == "In"]
        if not listed:
            return None
        names |= set.intersection(*listed)
    return names if terms else None


def preferred_weight(pod: Obj, node: Obj) -> int:
    """The sum of the weights of the preferred node affinity terms that match."""
    terms = objects.dig(
        pod, "spec", "affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution", default=()
    )
    return sum(t["weight"] for t in terms if term_matches(t["preference"], node))


# -- taints --------------------------------------------------------------------------------------------------


def tolerates(toleration: Obj, taint: Obj) -> bool:
    """Whether one toleration covers one taint."""
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("key") not in (None, "", taint["key"]):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("key")) and toleration.get("value", "") == taint.get("value", "")


def untolerated(pod: Obj, node: Obj, effects: tuple[str, ...]) -> list[Obj]:
    """The node's taints of these effects that the Pod does not tolerate."""
    tolerations = pod["spec"].get("tolerations") or ()
    taints = node.get("spec", {}).get("taints") or ()
    return [t for t in taints if t["effect"] in effects and not any(tolerates(x, t) for x in tolerations)]


# -- host ports ----------------------------------------------------------------------------------------------

Port = tuple[str, str, int]
"""(IP, protocol, port); the IP is 0.0.0.0 for all addresses."""


def host_ports(pod: Obj) -> set[Port]:
    """Every host port that the Pod binds."""
    containers = pod["spec"].get("containers") or ()
    return {
        (port.get("hostIP") or "0.0.0.0", port.get("protocol", "TCP"), port["hostPort"])
        for container in containers
        for port in container.get("ports") or ()
        if port.get("hostPort")
    }


def clash(wanted: Iterable[Port], taken: Iterable[Port]) -> bool:
    """Whether any wanted port is taken: once a protocol and address, and 0.0.0.0 clashes with every address."""
    known = list(taken)
    return any(
        protocol == p and port == n and ("0.0.0.0" in (ip, a) or ip == a)
        for ip, protocol, port in wanted
        for a, p, n in known
    )
