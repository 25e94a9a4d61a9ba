"""A DaemonSet's Pods: on which nodes they belong, how they are made, and which of them are outdated.

Law: pure functions.

Models k8s.io/kubernetes pkg/controller/daemon/util/daemonset_util.go and update.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinykube import objects, placement
from tinykube.controllers import history, pods
from tinykube.objects import Obj

GENERATION = "deprecated.daemonset.template.generation"
POD_GENERATION = "pod-template-generation"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

Works = Callable[[Obj], bool]
"""Whether a Pod is available."""


def _toleration(name: str, effect: str) -> Obj:
    return {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": effect}


TOLERATIONS = (
    _toleration("not-ready", "NoExecute"),
    _toleration("unreachable", "NoExecute"),
    _toleration("disk-pressure", "NoSchedule"),
    _toleration("memory-pressure", "NoSchedule"),
    _toleration("pid-pressure", "NoSchedule"),
    _toleration("unschedulable", "NoSchedule"),
)
"""A daemon belongs on its node whatever state that is in."""


def build(daemon_set: Obj, node: str, text: str) -> Obj:
    """The Pod for a node; `text` is the hash of the revision it is made from."""
    pod = pods.from_template(daemon_set["spec"]["template"], daemon_set)
    labels = pod["metadata"].setdefault("labels", {})
    if GENERATION in objects.annotations(daemon_set):
        labels[POD_GENERATION] = objects.annotations(daemon_set)[GENERATION]
    labels[history.REVISION_HASH] = text
    _tolerate(pod)
    _pin(pod, node)
    return pod


def _tolerate(pod: Obj) -> None:
    tolerations = pod["spec"].setdefault("tolerations", [])
    extra = (_toleration("network-unavailable", "NoSchedule"),) if pod["spec"].get("hostNetwork") else ()
    for toleration in (*TOLERATIONS, *extra):
        same = ("key", "operator", "effect")
        if not any(all(t.get(f) == toleration[f] for f in same) for t in tolerations):
            tolerations.append(dict(toleration))


def _pin(pod: Obj, node: str) -> None:
    """Let the required node affinity name the node, and nothing else."""
    by_name = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    affinity = pod["spec"].setdefault("affinity", {})
    node_affinity = affinity.setdefault("nodeAffinity", {})
    terms = objects.dig(node_affinity, _REQUIRED, "nodeSelectorTerms", default=[{}])
    pinned = [{**term, "matchFields": by_name} for term in terms]
    node_affinity[_REQUIRED] = {"nodeSelectorTerms": pinned}


def target(pod: Obj) -> str:
    """The node the Pod is on, or is meant for."""
    if pod["spec"].get("nodeName"):
        return pod["spec"]["nodeName"]
    return min(placement.named_nodes(pod) or {""})


def belongs(daemon_set: Obj, node: Obj) -> tuple[bool, bool]:
    """(whether a Pod should run on the node, whether one that is there may stay)."""
    pod = build(daemon_set, objects.name(node), "")
    wanted = daemon_set["spec"]["template"]["spec"].get("nodeName")
    if wanted not in (None, "", objects.name(node)) or not placement.node_selected(pod, node):
        return False, False
    if placement.untolerated(pod, node, ("NoSchedule", "NoExecute")):
        return False, not placement.untolerated(pod, node, ("NoExecute",))
    return True, True


def updated(pod: Obj, text: str) -> bool:
    """Whether the Pod was made from the revision with that hash."""
    return objects.labels(pod).get(history.REVISION_HASH) == text


def _limit(daemon_set: Obj, field: str, wanted: int, default: int) -> int:
    value = objects.dig(daemon_set, "spec", "updateStrategy", "rollingUpdate", field, default=default)
    return objects.int_or_percent(value, wanted, round_up=True)


def surges(daemon_set: Obj) -> bool:
    """Whether new Pods start before old ones go."""
    strategy = daemon_set["spec"]["updateStrategy"]
    return strategy["type"] == "RollingUpdate" and _limit(daemon_set, "maxSurge", 100, 0) > 0


def doubles(daemon_set: Obj, running: list[Obj], text: str, now: float) -> list[Obj]:
    """The Pods too many on one node: all but the oldest; when surging, the old one once the new one is available."""
    if len(running) <= 1:
        return []
    if not surges(daemon_set):
        return sorted(running, key=lambda p: pods.phase(p) != "Running")[1:]
    new = [p for p in running if updated(p, text)]
    old = [p for p in running if not updated(p, text)]
    minimum = daemon_set["spec"].get("minReadySeconds", 0)
    replaced = bool(new and old) and (not pods.ready(old[0]) or pods.available(new[0], minimum, now))
    return new[1:] + (old if replaced else old[1:])


@dataclass(frozen=True)
class Step:
    """What a rolling update does next: Pods to delete, and nodes that get a new Pod beside the old one."""

    victims: list[Obj]
    nodes: list[str]


def step(daemon_set: Obj, by_node: dict[str, list[Obj]], text: str, wanted: int, now: float) -> Step:
    """The next step on all nodes; `wanted` is how many Pods there should be."""
    take = _surge if surges(daemon_set) else _replace
    staying = {name: [p for p in by_node[name] if not objects.deleting(p)] for name in sorted(by_node)}
    minimum = daemon_set["spec"].get("minReadySeconds", 0)
    return take(daemon_set, staying, text, wanted, lambda pod: pods.available(pod, minimum, now))


def _replace(daemon_set: Obj, by_node: dict[str, list[Obj]], text: str, wanted: int, works: Works) -> Step:
    """Delete outdated Pods: those that do not work at once, others as far as maxUnavailable allows."""
    missing = 0
    broken: list[Obj] = []
    candidates: list[Obj] = []
    for here in by_node.values():
        if len(here) != 1:
            missing += 1
        elif updated(here[0], text):
            missing += not works(here[0])
        elif works(here[0]):
            candidates.append(here[0])
        else:
            broken.append(here[0])
            missing += 1
    room = max(0, _limit(daemon_set, "maxUnavailable", wanted, 1) - missing)
    return Step(broken + candidates[:room], [])


def _surge(daemon_set: Obj, by_node: dict[str, list[Obj]], text: str, wanted: int, works: Works) -> Step:
    """Start new Pods beside outdated ones, beside working ones only as far as maxSurge allows."""
    surging = 0
    broken: list[str] = []
    candidates: list[str] = []
    for name, here in by_node.items():
        new = [p for p in here if updated(p, text)]
        if len(here) > 1:
            surging += not any(map(works, new))
        elif here and not new:
            (candidates if works(here[0]) else broken).append(name)
    room = max(0, _limit(daemon_set, "maxSurge", wanted, 0) - surging)
    return Step([], broken + candidates[:room])
