"""Ephemeral containers: what `kubectl debug` adds to a running Pod.

Law: pure. They can be added, and never changed or removed.

Models pkg/apis/core/validation/validation.go (ValidatePodEphemeralContainersUpdate, validateEphemeralContainers).
"""

from __future__ import annotations

from tinykube.api.validation import containers, field, metadata, volumes
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

PATH = "spec.ephemeralContainers"
NOT_HERE = "cannot be set for an Ephemeral Container"
FORBIDDEN = ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resources", "resizePolicy")


def update(new: Obj, old: Obj) -> Causes:
    """An update of a Pod through its subresource `ephemeralcontainers`."""
    causes = metadata.check_update(new, old)
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    causes += _containers(spec)
    found = {c.get("name"): c for c in spec.get("ephemeralContainers") or ()}
    for known in before.get("ephemeralContainers") or ():
        if known["name"] not in found:
            causes.append(field.forbidden(PATH, f'existing ephemeral containers "{known["name"]}" may not be removed'))
        elif found[known["name"]] != known:
            causes.append(field.forbidden(PATH, f'existing ephemeral containers "{known["name"]}" may not be changed'))
    return causes


def _containers(spec: Obj) -> Causes:
    good, _ = volumes.volumes(spec.get("volumes") or [], "spec.volumes")
    around = containers.Around(good, spec.get("terminationGracePeriodSeconds"), spec.get("restartPolicy") or "")
    taken = {c["name"] for kind in ("containers", "initContainers") for c in spec.get(kind) or ()}
    targets = {c["name"] for c in spec.get("containers") or ()} | taken
    causes: Causes = []
    for index, container in enumerate(spec.get("ephemeralContainers") or ()):
        here, name = f"{PATH}[{index}]", container.get("name") or ""
        causes += containers.common(container, around, here)
        causes += [field.duplicate(f"{here}.name", name)] if name in taken else []
        taken.add(name)
        target = container.get("targetContainerName")
        causes += [] if not target or target in targets else [field.not_found(f"{here}.targetContainerName", target)]
        causes += [field.forbidden(f"{here}.{name}", NOT_HERE) for name in FORBIDDEN if container.get(name)]
        causes += [
            field.forbidden(
                f"{PATH}[{index}].volumeMounts[{number}].{name}", "cannot be set for an Ephemeral Container"
            )
            for number, mount in enumerate(container.get("volumeMounts") or ())
            for name in ("subPath", "subPathExpr")
            if mount.get(name)
        ]
    return causes
