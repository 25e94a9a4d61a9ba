"""Recordings of a real Kubernetes v1.36, as `kubelab.record.Recording`s.

The files hold what was seen of each change, compactly; here it becomes API objects again.
"""

import json
from pathlib import Path

from kubelab.record import Change, Recording, Request

FOLDER = Path(__file__).parent / "recordings"
TYPES = {"A": "ADDED", "M": "MODIFIED", "D": "DELETED"}


def load(name, requests=(), sidecars=()):
    """The recording of one scenario; `sidecars` are init containers with `restartPolicy: Always`."""
    rows = json.loads((FOLDER / f"{name}.json").read_text())
    spec = _specs(rows, sidecars)
    changes = [Change(t, TYPES[kind], _object(what, who, seen, spec)) for t, kind, what, who, seen in rows]
    return Recording(0.0, changes, list(requests), changes[-1].t + 1.0)


def _specs(rows, sidecars):
    """The containers of every Pod, from the statuses that were ever seen."""
    found = {}
    for _, _, what, who, seen in rows:
        if what == "Pod":
            spec = found.setdefault(who, {})
            for group, key in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
                if key in seen:
                    always = {"restartPolicy": "Always"}
                    spec[group] = [{"name": name, **(always if name in sidecars else {})} for name in seen[key]]
    return found


def _object(kind, name, seen, specs):
    if kind == "Event":
        return _event(name, seen)
    metadata = {"name": name, "uid": f"uid-{name}"}
    if "deleting" in seen:
        metadata["deletionTimestamp"] = "1970-01-01T00:00:00Z"
    if "owner" in seen:
        owner_kind, owner = seen["owner"][0].split("/")
        metadata["ownerReferences"] = [{"kind": owner_kind, "name": owner, "uid": f"uid-{owner}", "controller": True}]
        if kind == "Pod":
            metadata["labels"] = {"pod-template-hash": owner.rsplit("-", 1)[-1]}
    if "revision" in seen:
        metadata["annotations"] = {"deployment.kubernetes.io/revision": seen["revision"]}
    spec = specs.get(name, {}) if kind == "Pod" else {"replicas": seen.get("want")}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec, "status": _status(kind, seen)}


def _status(kind, seen):
    if kind != "Pod":
        return seen.get("status", {})
    status = {"phase": seen["phase"]}
    status["conditions"] = [{"type": one, "status": value} for one, value in seen.get("conditions", {}).items()]
    for key in ("initContainerStatuses", "containerStatuses"):
        if key in seen:
            status[key] = [
                {"name": name, "state": one["state"], "lastState": one["last"], "ready": one["ready"],
                 "started": one["started"], "restartCount": one["restarts"]}
                for name, one in seen[key].items()
            ]  # fmt: skip
    return status


def _event(name, seen):
    about, _, path = seen["on"].partition(" ")
    kind, who = about.split("/")
    involved = {"kind": kind, "name": who, **({"fieldPath": path} if path else {})}
    told = {key: seen.get(key) for key in ("type", "reason", "message", "count")}
    metadata = {"name": name, "uid": f"uid-{name}"}
    return {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": involved, **told}


def answers(until, every, broken=(), by=("a", "b")):
    """Requests from 0 to `until` seconds; those whose time lies in `broken` (from, to) failed."""
    made = []
    for number in range(int(until / every)):
        t = round(number * every, 3)
        ok = not (broken and broken[0] <= t < broken[1])
        made.append(Request(t, ok, 200 if ok else 503, "service/web", by[number % len(by)] if ok else ""))
    return made
