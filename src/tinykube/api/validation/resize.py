"""Resizing: what may change of a running Pod's resources.

Law: pure. Only CPU and memory can be changed, never taken away, and the Pod keeps its quality-of-service class.

Models pkg/apis/core/validation/validation.go (ValidatePodResize) and pkg/registry/core/pod/strategy.go
(dropNonResizeUpdates).
"""

from __future__ import annotations

from tinykube.api.validation import diff, field, metadata, pods
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj
from tinykube.objects import copy, dig
from tinykube.podresources import qos_class

RESIZABLE = ("cpu", "memory")
_KINDS, _PARTS = ("containers", "initContainers"), ("limits", "requests")


def only_resources(pod: Obj, wanted: Obj) -> Obj:
    """`pod` with the resources, and the resize policies, that `wanted` gives its containers."""
    resized = copy(pod)
    for kind in _KINDS:
        asked = {c.get("name"): c for c in dig(wanted, "spec", kind, default=())}
        for container in resized["spec"].get(kind) or ():
            _take(container, asked.get(container["name"], container))
    return resized


def _take(container: Obj, asked: Obj) -> None:
    for name in ("resources", "resizePolicy"):
        container.pop(name, None)
        if name in asked:
            container[name] = copy(asked[name])


def update(new: Obj, old: Obj) -> Causes:
    """An update of a Pod through its subresource `resize`."""
    causes = metadata.check_update(new, old) + pods.metadata_and_spec(new)
    before = dig(old, "status", "qosClass") or qos_class(old["spec"])
    if before != qos_class(new["spec"]):
        detail = "Pod QOS Class may not change as a result of resizing"
        causes.append(field.invalid("spec", before, detail))
    causes += _removed(new["spec"], old["spec"])
    return causes + _others_changed(new["spec"], old["spec"])


def _removed(spec: Obj, before: Obj) -> Causes:
    causes: Causes = []
    for kind in _KINDS:
        for index, (new, old) in enumerate(zip(spec.get(kind) or (), before.get(kind) or (), strict=True)):
            for part in reversed(_PARTS):
                kept = dig(new, "resources", part, default={})
                if any(name not in kept for name in dig(old, "resources", part, default={})):
                    path = f"spec.{kind}[{index}].resources.{part}"
                    causes.append(field.forbidden(path, f"resource {part} cannot be removed"))
    return causes


def _others_changed(spec: Obj, before: Obj) -> Causes:
    rest = copy(spec)
    for kind in _KINDS:
        for new, old in zip(rest.get(kind) or (), before.get(kind) or (), strict=True):
            if kind == "containers" or old.get("restartPolicy") == "Always":
                _put_back(new, old)
    if rest == before:
        return []
    detail = f"only cpu and memory resources are mutable\n{diff.pod_spec(before, rest)}"
    return [field.forbidden("spec", detail)]


def _put_back(container: Obj, old: Obj) -> None:
    """CPU and memory as they were: what then still differs is something else."""
    resources = {part: _with_old(dig(container, "resources", part), dig(old, "resources", part)) for part in _PARTS}
    container["resources"] = {part: amounts for part, amounts in resources.items() if amounts}
    if not container["resources"] and "resources" not in old:
        del container["resources"]


def _with_old(amounts: Obj | None, old: Obj | None) -> Obj:
    if not old:
        return {}
    others = {name: amount for name, amount in (amounts or {}).items() if name not in RESIZABLE}
    return others | {name: old[name] for name in RESIZABLE if name in old}
