"""Compute resources: names, quantities, requests against limits.

Law: pure. Quantities are in canonical form (defaults ran before).

Models pkg/apis/core/validation/validation.go (validateResourceRequirements, ValidateResourceQuantityValue) and
pkg/apis/core/helper/helpers.go.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj
from tinykube.objects import quantity

_STANDARD_CONTAINER = ("cpu", "memory", "ephemeral-storage")
_OBJECT_COUNTS = (
    "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
)  # fmt: skip
_STANDARD = (*_STANDARD_CONTAINER, "storage", "requests.cpu", "requests.memory", "requests.storage",
             "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
             *_OBJECT_COUNTS)  # fmt: skip
COMPUTE_QUOTA = (
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu",
    "limits.memory", "limits.ephemeral-storage",
)  # fmt: skip
QUOTA = (*COMPUTE_QUOTA, "requests.storage", *_OBJECT_COUNTS)


def amount(text: Any) -> Decimal:
    """A quantity as a number; zero for what the decoder should have refused."""
    try:
        return quantity(text)
    except ValueError:
        return Decimal(0)


def huge_pages(name: str) -> bool:
    """Whether the resource is memory in huge pages."""
    return name.startswith("hugepages-")


def _native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def overcommittable(name: str) -> bool:
    """Whether a limit may exceed the request."""
    return _native(name) and not huge_pages(name)


def resource_name(name: str, path: str) -> Causes:
    """A resource name: a standard one, or qualified by a domain."""
    found = field.each_invalid(path, name, names.qualified_name(name))
    if found:
        return found
    if "/" not in name and name not in _STANDARD and not _prefixed(name):
        return [field.invalid(path, name, "must be a standard resource type or fully qualified")]
    return []


def _prefixed(name: str) -> bool:
    return huge_pages(name) or name.startswith("requests.hugepages-")


def container_resource_name(name: str, path: str) -> Causes:
    """A resource that a container can ask for."""
    found = resource_name(name, path)
    if "/" not in name:
        if name not in _STANDARD_CONTAINER and not huge_pages(name):
            found.append(field.invalid(path, name, "must be a standard resource for containers"))
    elif not _native(name) and (name.startswith("requests.") or names.qualified_name(f"requests.{name}")):
        found.append(field.invalid(path, name, "doesn't follow extended resource name standard"))
    return found


def pod_resource_name(name: str, path: str) -> Causes:
    """A resource that a Pod as a whole can ask for."""
    found = resource_name(name, path)
    if not found and name not in ("cpu", "memory") and not huge_pages(name):
        found.append(field.not_supported(path, name, ("cpu", "hugepages-", "memory")))
    return found


def value(name: str, text: Any, path: str) -> Causes:
    """The amount of one resource."""
    found: Causes = []
    if amount(text) < 0:
        found.append(field.invalid(path, str(text), "must be greater than or equal to 0"))
    whole = name in _OBJECT_COUNTS or not _native(name)
    if whole and amount(text) % 1 != 0:
        found.append(field.invalid(path, str(text), "must be an integer"))
    return found


def _whole_pages(name: str, text: Any, path: str) -> Causes:
    """An amount of huge pages is a number of pages."""
    if not huge_pages(name):
        return []
    page = amount(name.partition("-")[2])
    if page > 0 and amount(text) % page == 0:
        return []
    return [field.invalid(path, str(text), f"{text} is not positive integer multiple of {name}")]


def requirements(
    found: Obj | None, path: str, name_check: Callable[[str, str], Causes] = container_resource_name
) -> Causes:
    """ResourceRequirements: names, amounts, and requests within limits."""
    found = found or {}
    limits, requests = found.get("limits") or {}, found.get("requests") or {}
    causes: Causes = []
    for name, text in sorted(limits.items()):
        causes += name_check(name, f"{path}.limits[{name}]") + value(name, text, f"{path}.limits[{name}]")
        causes += _whole_pages(name, text, f"{path}.limits[{name}]")
    for name, text in sorted(requests.items()):
        causes += name_check(name, f"{path}.requests[{name}]") + value(name, text, f"{path}.requests[{name}]")
        causes += _within_limit(name, text, limits, path)
        causes += _whole_pages(name, text, f"{path}.requests[{name}]")
    asked = {*limits, *requests}
    if any(huge_pages(n) for n in asked) and not asked & {"cpu", "memory"}:
        causes.append(field.forbidden(path, "HugePages require cpu or memory"))
    return causes


def _within_limit(name: str, text: Any, limits: Obj, path: str) -> Causes:
    if name not in limits:
        if overcommittable(name):
            return []
        return [field.required(f"{path}.limits", "Limit must be set for non overcommitable resources")]
    limit = limits[name]
    if not overcommittable(name) and amount(text) != amount(limit):
        return [field.invalid(f"{path}.requests", str(text), f"must be equal to {name} limit of {limit}")]
    if amount(text) > amount(limit):
        return [field.invalid(f"{path}.requests", str(text), f"must be less than or equal to {name} limit of {limit}")]
    return []
