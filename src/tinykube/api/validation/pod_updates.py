"""Pods on update: nearly everything about a running Pod is fixed.

Law: pure.

Models pkg/apis/core/validation/validation.go (ValidatePodUpdate, ValidatePodStatusUpdate).
"""

from __future__ import annotations

from tinykube.api.validation import diff, field, metadata, pods, scheduling
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj
from tinykube.objects import copy

_UPDATABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)"
)


def update(new: Obj, old: Obj) -> Causes:
    """An update of a Pod through its main resource."""
    causes = metadata.check_update(new, old) + pods.metadata_and_spec(new)
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    for kind in ("containers", "initContainers"):
        found = _images(spec.get(kind) or [], before.get(kind) or [], f"spec.{kind}")
        causes += found
        if any(c.reason == "FieldValueForbidden" for c in found):
            return causes
    found = _deadline(spec, before)
    causes += found
    if found and spec.get("activeDeadlineSeconds") is not None:
        return causes
    causes += _tolerations(spec.get("tolerations") or [], before.get("tolerations") or [])
    causes += _gates(spec.get("schedulingGates") or [], before.get("schedulingGates") or [])
    return causes + _fixed(spec, before)


def _images(new: list[Obj], old: list[Obj], path: str) -> Causes:
    if len(new) != len(old):
        return [field.forbidden(path, "pod updates may not add or remove containers")]
    causes: Causes = []
    for index, container in enumerate(new):
        image = container.get("image") or ""
        causes += [] if image else [field.required(f"{path}[{index}].image")]
        if image != image.strip():
            detail = "must not have leading or trailing whitespace"
            causes.append(field.invalid(f"{path}[{index}].image", image, detail))
    return causes


def _deadline(spec: Obj, before: Obj) -> Causes:
    path, new, old = (
        "spec.activeDeadlineSeconds",
        spec.get("activeDeadlineSeconds"),
        before.get("activeDeadlineSeconds"),
    )
    if new is None:
        return (
            [field.invalid(path, None, "must not update from a positive integer to nil value")]
            if old is not None
            else []
        )
    if not 0 <= new <= pods.MAX_INT32:
        return [field.invalid(path, new, field.in_range(0, pods.MAX_INT32))]
    if old is not None and old < new:
        return [field.invalid(path, new, "must be less than or equal to previous value")]
    return []


def _tolerations(new: list[Obj], old: list[Obj]) -> Causes:
    def bare(toleration: Obj) -> Obj:
        return {k: v for k, v in toleration.items() if k != "tolerationSeconds"}

    kept = [bare(t) for t in new]
    if any(bare(t) not in kept for t in old):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        return [field.forbidden("spec.tolerations", detail)]
    return scheduling.tolerations(new, "spec.tolerations")


def _gates(new: list[Obj], old: list[Obj]) -> Causes:
    known = {g.get("name") for g in old}
    return [
        field.forbidden(
            f"spec.schedulingGates[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'",
        )
        for index, gate in enumerate(new)
        if gate.get("name") not in known
    ]


def _fixed(spec: Obj, before: Obj) -> Causes:
    """Whatever else has changed is refused, and shown."""
    munged = copy(spec)
    for kind in ("containers", "initContainers"):
        for container, old in zip(munged.get(kind) or (), before.get(kind) or (), strict=True):
            container["image"] = old.get("image")
    allowed = ["activeDeadlineSeconds", "schedulingGates", "tolerations"]
    if (before.get("terminationGracePeriodSeconds") or 0) < 0 and munged.get("terminationGracePeriodSeconds") == 1:
        allowed.append("terminationGracePeriodSeconds")
    causes: Causes = []
    if before.get("schedulingGates"):
        causes += _gated(munged, before)
        allowed += ["nodeSelector", "affinity"]
    for name in allowed:
        munged.pop(name, None)
        if name in before:
            munged[name] = before[name]
    if munged == before:
        return causes
    detail = f"pod updates may not change fields other than {_UPDATABLE}\n{diff.pod_spec(before, munged)}"
    return [*causes, field.forbidden("spec", detail)]


def _gated(spec: Obj, before: Obj) -> Causes:
    """A Pod that is not yet to be scheduled may still be narrowed down to fewer nodes."""
    new, old = spec.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
    if any(new.get(k) != v for k, v in old.items()):
        return [field.invalid("spec.nodeSelector", new, detail)]
    return []


# -- status --------------------------------------------------------------------------------------------------


def update_status(new: Obj, old: Obj) -> Causes:
    """An update of a Pod's status."""
    causes = metadata.check_update(new, old)
    status, before = new.get("status") or {}, old.get("status") or {}
    causes += field.immutable("status.qosClass", status.get("qosClass") or "", before.get("qosClass") or "")
    spec = old.get("spec") or {}
    sidecars = {c["name"] for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"}
    for kind in ("containerStatuses", "initContainerStatuses"):
        causes += _transitions(status.get(kind) or [], before.get(kind) or [], spec, sidecars, f"status.{kind}")
    return causes


def _transitions(new: list[Obj], old: list[Obj], spec: Obj, sidecars: set[str], path: str) -> Causes:
    """A container that has ended for good may not run again."""
    policy = spec.get("restartPolicy")
    if policy == "Always":
        return []
    found = {s.get("name"): s for s in new}
    causes: Causes = []
    for index, status in enumerate(old):
        ended, name = (status.get("state") or {}).get("terminated"), status.get("name")
        if not ended or name not in found or name in sidecars:
            continue
        if policy == "OnFailure" and ended.get("exitCode", 0) != 0:
            continue
        if not (found[name].get("state") or {}).get("terminated") and not _own_policy(spec, name):
            detail = "may not be transitioned to non-terminated state"
            causes.append(field.forbidden(f"{path}[{index}].state", detail))
    return causes


def _own_policy(spec: Obj, name: str | None) -> bool:
    """Whether the container has a restart policy of its own, which then decides."""
    everyone = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return any(c.get("name") == name and c.get("restartPolicy") for c in everyone)
