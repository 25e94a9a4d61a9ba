"""Limit ranges: what containers get that ask for nothing, and what nobody may go beyond.

Law: pure functions on a Pod or claim and the namespace's LimitRange objects. Refusals are raised as 403 Forbidden,
all of them at once, in the plug-in's words.

Models plugin/pkg/admission/limitranger/admission.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tinykube import errors, podresources
from tinykube.errors import Obj
from tinykube.objects import name, quantity

ANNOTATION = "kubernetes.io/limit-ranger"


class _Asked(NamedTuple):
    """What one thing (a container, a Pod, a claim) asks for."""

    kind: str
    requests: Obj
    limits: Obj


def fill_pod(pod: Obj, ranges: Iterable[Obj]) -> None:
    """Give containers the default requests and limits that they leave out, and note it in an annotation."""
    said = [text for item in _items(ranges) if item.get("type") == "Container" for text in _fill(pod["spec"], item)]
    if said:
        meta = pod["metadata"]
        meta["annotations"] = {
            **(meta.get("annotations") or {}),
            ANNOTATION: f"LimitRanger plugin set: {'; '.join(said)}",
        }


def check_pod(pod: Obj, ranges: Iterable[Obj]) -> None:
    """Check every bound.

    Raises:
        ApiError: 403, a container or the Pod as a whole is out of bounds.
    """
    broken = [
        text
        for item in _items(ranges)
        for asked in _asked(pod["spec"], item.get("type", ""))
        for text in _bounds(item, asked)
    ]
    _refuse("pods", pod, broken)


def check_claim(claim: Obj, ranges: Iterable[Obj]) -> None:
    """Check the size of a PersistentVolumeClaim.

    Raises:
        ApiError: 403, it is too small or too large.
    """
    requests = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    asked = _Asked("PersistentVolumeClaim", requests, {})
    broken = [
        text
        for item in _items(ranges)
        if item.get("type") == "PersistentVolumeClaim"
        for text in _storage_bounds(item, asked)
    ]
    _refuse("persistentvolumeclaims", claim, broken)


def _items(ranges: Iterable[Obj]) -> Iterator[Obj]:
    for found in ranges:
        yield from (found.get("spec") or {}).get("limits") or ()


def _refuse(resource: str, obj: Obj, broken: list[str]) -> None:
    if broken:
        unique = list(dict.fromkeys(broken))
        why = unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"
        raise errors.forbidden(resource, name(obj), why)


# -- defaults ------------------------------------------------------------------------------------------------


def _fill(spec: Obj, item: Obj) -> Iterator[str]:
    for kind, title in (("containers", "container"), ("initContainers", "init container")):
        for container in spec.get(kind) or ():
            resources = container.setdefault("resources", {})
            for field, source, word in (
                ("requests", "defaultRequest", "request"),
                ("limits", "default", "limit"),
            ):
                added = _merge(resources, field, item.get(source) or {})
                if added:
                    yield f"{', '.join(added)} {word} for {title} {container.get('name') or ''}"


def _merge(resources: Obj, field: str, defaults: Obj) -> list[str]:
    present = resources.get(field) or {}
    added = sorted(n for n in defaults if n not in present)
    if added:
        resources[field] = {**present, **{n: defaults[n] for n in added}}
    return added


# -- bounds --------------------------------------------------------------------------------------------------


def _asked(spec: Obj, kind: str) -> Iterator[_Asked]:
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    if kind == "Container":
        for container in containers:
            resources = container.get("resources") or {}
            yield _Asked("Container", resources.get("requests") or {}, resources.get("limits") or {})
    elif kind == "Pod":
        yield _Asked("Pod", podresources.asked(spec, "requests"), podresources.asked(spec, "limits"))


def _bounds(item: Obj, asked: _Asked) -> Iterator[str]:
    for resource, least in sorted((item.get("min") or {}).items()):
        yield from _minimum(resource, least, asked)
    for resource, most in sorted((item.get("max") or {}).items()):
        yield from _maximum(resource, most, asked)
    for resource, ratio in sorted((item.get("maxLimitRequestRatio") or {}).items()):
        yield from _ratio(resource, ratio, asked)


def _minimum(resource: str, least: Any, asked: _Asked) -> Iterator[str]:
    start = f"minimum {resource} usage per {asked.kind} is {least}"
    request, limit = asked.requests.get(resource), asked.limits.get(resource)
    if request is None:
        yield f"{start}.  No request is specified"
    elif quantity(request) < quantity(least):
        yield f"{start}, but request is {request}"
    elif limit is not None and quantity(limit) < quantity(least):
        yield f"{start}, but limit is {limit}"


def _maximum(resource: str, most: Any, asked: _Asked) -> Iterator[str]:
    start = f"maximum {resource} usage per {asked.kind} is {most}"
    request, limit = asked.requests.get(resource), asked.limits.get(resource)
    if limit is None:
        yield f"{start}.  No limit is specified"
    elif quantity(limit) > quantity(most):
        yield f"{start}, but limit is {limit}"
    elif request is not None and quantity(request) > quantity(most):
        yield f"{start}, but request is {request}"


def _ratio(resource: str, ratio: Any, asked: _Asked) -> Iterator[str]:
    start = f"{resource} max limit to request ratio per {asked.kind} is {ratio}"
    request, limit = asked.requests.get(resource), asked.limits.get(resource)
    if request is None or quantity(request) == 0:
        yield f"{start}, but no request is specified or request is 0"
    elif limit is None or quantity(limit) == 0:
        yield f"{start}, but no limit is specified or limit is 0"
    elif quantity(limit) / quantity(request) > quantity(ratio):
        yield f"{start}, but provided ratio is {quantity(limit) / quantity(request):.6f}"


def _storage_bounds(item: Obj, asked: _Asked) -> Iterator[str]:
    request = asked.requests.get("storage", "0")
    least, most = (item.get("min") or {}).get("storage"), (item.get("max") or {}).get("storage")
    if least is not None and quantity(request) < quantity(least):
        yield f"minimum storage usage per PersistentVolumeClaim is {least}, but request is {request}"
    if most is not None and quantity(request) > quantity(most):
        yield f"maximum storage usage per PersistentVolumeClaim is {most}, but request is {request}"
