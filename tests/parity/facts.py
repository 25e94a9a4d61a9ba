"""Facts of a run, masked so that two runs can be compared: what kubectl printed, how objects lived and ended, events.

A recording is plain JSON:
    steps    what was done; for kubectl steps its exit code and its output as masked, sorted lines
    finals   the leaves of the final objects ("deployments.apps/web.spec.replicas = 3"), with how often each occurs
    lives    for each object's masked name, the sequences of states that objects of that name went through
    events   "Pod/web Normal Started Container started", with how often
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

Obj = dict[str, Any]
SAFE = "bcdf-hj-np-tv-z2-9"

MASKS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
        (r"(containerd|practice)[a-z-]*://[0-9a-zA-Z]+", "CID"),
        (r"sha256:[0-9a-f]{8,}", "SHA"),
        (r"\b[\w./-]+@SHA", "SHA"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)", "TIME"),
        (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
        (r"\[?\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]?", "TIME"),
        (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(/\d+)?\b", "IP"),
        (r"resourceVersion: \"?\d+\"?", "resourceVersion: RV"),
        (r"\b3[0-2]\d{3}\b", "NODEPORT"),
        (r"\b([a-z][a-z0-9-]*?)-2\d{7}\b", r"\1-MINUTE"),  # first: without 0, 1 and 3 it would pass for a hash
        (rf"\b([a-z][a-z0-9-]*?)-[{SAFE}]{{8,10}}-[{SAFE}]{{5}}\b", r"\1-HASH-RAND"),
        (rf"\b([a-z][a-z0-9-]*?)-[{SAFE}]{{8,10}}\b", r"\1-HASH"),
        (rf"pod-template-hash(=|: ?\"?|\":\")[{SAFE}]{{8,10}}", r"pod-template-hash\1HASH"),
        (rf"\b([a-z][a-z0-9-]*?(?:-MINUTE|-\d+)?)-[{SAFE}]{{5}}\b", r"\1-RAND"),
        (r"\bkube-api-access-[a-z0-9]{5}\b", "kube-api-access-RAND"),
        (r"\b\d+d\d+h\b|\b\d+h\d+m\b|\b\d+m\d+s\b|\b\d+[smhd]\b|<invalid>|<unknown>", "AGE"),
        (r"\((x\d+) over AGE\)", "(xN over AGE)"),
        (r"AGE \(xN over AGE\)", "AGE"),
        (r"AGE \(AGE ago\)", "AGE ago"),
        (r"(in|after) \d+(\.\d+)?m?s\b", r"\1 DUR"),
        (r"\(DUR including waiting\)", ""),
        (r"(?i)node/[\w.-]+|\bnode-\d+\b|\bpractice-[a-z0-9-]+\b", "NODE"),
    )
]

NEWER = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"( deleted) from \S+ namespace$", r"\1"),
        (r"^(?:ConfigMapOptional: <nil>|Optional: false)$", "OPTIONAL"),
        (r"^((?:Normal|Warning) .*?)spec\.\w+\{[^}]*\}: ", r"\1"),
        (r"^Warning: .* Rolling back will not update .*", ""),
    )
]
"""What newer kubectls word otherwise than the one that the recordings were made with."""

VARYING = frozenset(
    [
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "managedFields",
        "startTime",
        "startedAt",
        "finishedAt",
        "lastTransitionTime",
        "lastUpdateTime",
        "lastProbeTime",
        "lastScheduleTime",
        "lastSuccessfulTime",
        "completionTime",
        "containerID",
        "imageID",
        "podIP",
        "podIPs",
        "hostIP",
        "hostIPs",
        "clusterIP",
        "clusterIPs",
        "nodeName",
        "nodePort",
        "addresses",
        "deletionTimestamp",
        "generateName",
        "holderIdentity",
        "kubectl.kubernetes.io/last-applied-configuration",
        "endpoints.kubernetes.io/last-change-trigger-time",
        "allocatedResources",
        "user",
        "observedGeneration",
    ]
)
"""Fields that differ between any two runs of the real cluster."""


def mask(text: str) -> str:
    """Replace what differs between any two runs by its kind: UID, TIME, IP, HASH …"""
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


def lines(output: str) -> list[str]:
    """A command's output as masked lines, sorted, columns folded."""
    return sorted(x for x in (re.sub(r"\s+", " ", mask(line)).strip() for line in output.splitlines()) if x)


def said(step: Obj) -> list[str]:
    """A step's lines, in words that every kubectl uses."""
    found = []
    for line in step.get("lines", ()):
        for pattern, replacement in NEWER:
            line = pattern.sub(replacement, line)
        found.append(line)
    return sorted(line for line in found if line)


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Every leaf below an object as `path = value`, the varying ones left out."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            if key not in VARYING:
                yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{_tag(inner, i)}]")
    else:
        yield f"{path} = {mask(str(value))}" if value not in ({}, []) else f"{path} = {json.dumps(value)}"


def _tag(item: Any, position: int) -> str:
    named = item.get("name") or item.get("type") or item.get("key") if isinstance(item, dict) else None
    return mask(str(named or position))


def finals(objects: dict[str, list[Obj]]) -> Counter[str]:
    """The leaves of the final objects by resource."""
    found: Counter[str] = Counter()
    for resource, items in objects.items():
        for item in items:
            found.update(leaves(item, f"{resource}/{mask(item['metadata']['name'])}"))
    return found


def project(obj: Obj) -> Obj:
    """What a state of an object is, for the purpose of comparing lives."""
    meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    shown: Obj = {
        "deleting": meta.get("deletionTimestamp") and meta.get("deletionGracePeriodSeconds", True),
        "finalizers": meta.get("finalizers"),
        "owner": [f"{ref['kind']}/{ref['name']}" for ref in meta.get("ownerReferences") or ()],
    }
    if shown["deleting"] is None:
        del shown["deleting"]
    if obj["kind"] == "Pod":
        shown |= _pod(spec, status)
    elif obj["kind"] == "EndpointSlice":
        ends = [[*(e.get("addresses") or []), e.get("conditions", {})] for e in obj.get("endpoints") or []]
        shown |= {"endpoints": sorted(ends, key=str), "ports": obj.get("ports")}
    else:
        shown |= _workload(meta, spec, status)
    return {key: value for key, value in shown.items() if value not in (None, {}, [])}


def _pod(spec: Obj, status: Obj) -> Obj:
    statuses = {
        field: {c["name"]: _container(c) for c in status[field]}
        for field in ("initContainerStatuses", "containerStatuses")
        if status.get(field)
    }
    return {
        "node": spec.get("nodeName"),
        "phase": status.get("phase"),
        "reason": status.get("reason"),
        "conditions": _conditions(status),
        **statuses,
    }


def _container(status: Obj) -> Obj:
    return {
        "state": _state(status.get("state"), ("reason", "exitCode", "message", "signal")),
        "last": _state(status.get("lastState"), ("reason", "exitCode")),
        "ready": status.get("ready"),
        "started": status.get("started"),
        "restarts": status.get("restartCount"),
    }


def _state(state: Obj | None, keep: Iterable[str]) -> Obj:
    return {name: {k: v for k, v in inner.items() if k in keep} for name, inner in (state or {}).items()}


def _conditions(status: Obj) -> Obj:
    return {
        c["type"]: c["status"] + (f"/{c['reason']}" if c.get("reason") else "") for c in status.get("conditions") or ()
    }


def _workload(meta: Obj, spec: Obj, status: Obj) -> Obj:
    shown = {k: v for k, v in status.items() if not k.endswith("Time")}
    if "conditions" in status:
        shown["conditions"] = _conditions(status)
    return {
        "generation": meta.get("generation"),
        "want": spec.get("replicas"),
        "status": shown,
        "revision": (meta.get("annotations") or {}).get("deployment.kubernetes.io/revision"),
    }


UNWATCHED = ("Event", "ConfigMap", "Secret", "Service")


def lives(changes: Iterable[Obj]) -> dict[str, list[list[str]]]:
    """For each object's masked name the sequences of its distinct states. A change is {type, kind, name, is}."""
    sequences: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        if change["kind"] in UNWATCHED:
            continue
        gone = "DELETED" if change["type"] == "DELETED" else ""
        state = mask(json.dumps({"type": gone, **change["is"]}, sort_keys=True))
        sequence = sequences[change["kind"], change["name"]]
        if not sequence or sequence[-1] != state:
            sequence.append(state)
    groups: dict[str, list[list[str]]] = defaultdict(list)
    for (kind, name), sequence in sequences.items():
        groups[f"{kind}/{mask(name)}"].append(sequence)
    return {key: sorted(group, key=lambda s: (len(s), s)) for key, group in groups.items()}


def event_project(event: Obj) -> Obj:
    """An event as what, about which object, and why."""
    about = event.get("involvedObject", {})
    field = f" {about['fieldPath']}" if about.get("fieldPath") else ""
    return {
        "on": f"{about.get('kind')}/{about.get('name')}{field}",
        "type": event.get("type"),
        "reason": event.get("reason"),
        "message": event.get("message"),
    }


def events(changes: Iterable[Obj]) -> Counter[str]:
    """The events of a run, each as one masked line."""
    last = {c["name"]: c["is"] for c in changes if c["kind"] == "Event" and c["type"] != "DELETED"}
    return Counter(mask(f"{e.get('on')} {e.get('type')} {e.get('reason')} {e.get('message')}") for e in last.values())
