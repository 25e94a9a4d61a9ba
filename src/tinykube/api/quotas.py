"""Quota admission: refuses what would exceed a ResourceQuota, and charges what does not.

Law: the last plug-in. `charge` decides for all quotas of the namespace first and returns the quotas as they are
afterwards; the registry stores them together with the object.

Models k8s.io/apiserver pkg/admission/plugin/resourcequota/controller.go (CheckRequest).
"""

from __future__ import annotations

from collections.abc import Iterable

from tinykube import errors, objects, quantities, quota
from tinykube.objects import Obj, dig, quantity
from tinykube.podresources import Amounts

_ON_UPDATE = frozenset({"services", "persistentvolumeclaims"})
"""Resources whose changes can use more than their creation did."""


def charge(quotas: Iterable[Obj], resource: str, new: Obj, old: Obj | None, now: float) -> list[Obj]:
    """The namespace's quotas that change when `new` takes the place of `old` (None: is created).

    Raises:
        errors.ApiError: Forbidden: a quota is exceeded, or wants something stated that is not.
    """
    if old is not None and resource not in _ON_UPDATE:
        return []
    concerned = [q for q in quotas if _limits(q, resource) and quota.concerns(q, resource, new)]
    for found in concerned:
        _check_stated(found, resource, new)
    taken = quota.usage(resource, new, now)
    if old is not None:
        taken = quota.difference(taken, quota.usage(resource, old, now))
    return [changed for found in concerned if (changed := _charged(found, resource, new, taken)) is not found]


def _limits(found: Obj, resource: str) -> list[str]:
    """The names of the quota, as far as its controller has seen them, that the resource counts towards."""
    return [name for name in dig(found, "status", "hard", default={}) if quota.counted(resource, name)]


def _check_stated(found: Obj, resource: str, new: Obj) -> None:
    names = _limits(found, resource)
    if resource == "pods" and (missing := quota.unstated(new, names)):
        raise _refused(resource, new, f"failed quota: {objects.name(found)}: must specify {missing}")
    if not all(name in dig(found, "status", "used", default={}) for name in names):
        why = f"status unknown for quota: {objects.name(found)}, resources: {','.join(sorted(names))}"
        raise _refused(resource, new, why)


def _charged(found: Obj, resource: str, new: Obj, taken: Amounts) -> Obj:
    hard, used = found["status"]["hard"], found["status"]["used"]
    asked = {name: text for name, text in taken.items() if name in hard and quantity(text)}
    if not asked:
        return found
    after = quantities.total([used, asked])
    over = [name for name in sorted(asked) if quantity(after[name]) > quantity(hard[name])]
    if over:
        parts = (("requested", asked), ("used", used), ("limited", hard))
        listed = ", ".join(f"{word}: {','.join(f'{n}={of[n]}' for n in over)}" for word, of in parts)
        raise _refused(resource, new, f"exceeded quota: {objects.name(found)}, {listed}")
    return {**found, "status": {**found["status"], "used": after}}


def _refused(resource: str, obj: Obj, why: str) -> errors.ApiError:
    return errors.forbidden(resource, objects.name(obj), why)
