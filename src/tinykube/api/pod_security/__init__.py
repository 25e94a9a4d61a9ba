"""Pod Security admission: namespaces' labels say which standard their Pods must keep to, and what is only warned of.

Law: reads the store, writes nothing; what is warned of is added to the caller's list. There is no audit log here, so
the `audit` labels are checked and otherwise have no effect.

Models k8s.io/pod-security-admission/admission/admission.go and api/helpers.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tinykube import errors, objects
from tinykube.api.pod_security.standards import LATEST, complaints
from tinykube.api.resources import Resource
from tinykube.errors import Cause
from tinykube.objects import Obj, dig
from tinykube.store import Key, Store

PREFIX = "pod-security.kubernetes.io/"
LEVELS = ("privileged", "baseline", "restricted")
_MODES = ("enforce", "audit", "warn")
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")
_TEMPLATES = {
    "deployments.apps": ("spec", "template"), "replicasets.apps": ("spec", "template"),
    "daemonsets.apps": ("spec", "template"), "statefulsets.apps": ("spec", "template"),
    "replicationcontrollers": ("spec", "template"), "jobs.batch": ("spec", "template"),
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template"), "podtemplates": ("template",),
}  # fmt: skip
"""Kinds that Pods are made from, and where their template is."""


@dataclass(frozen=True)
class Standard:
    """A level of the standards, as of a version."""

    level: str = LEVELS[0]
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    def complaints(self, pod: Obj) -> list[str]:
        """What this standard has against a Pod, in full."""
        return [str(complaint) for complaint in complaints(self.level, self._minor, pod)]

    def reasons(self, pod: Obj) -> list[str]:
        """The same in a few words."""
        return [complaint.reason for complaint in complaints(self.level, self._minor, pod)]

    @property
    def strictness(self) -> int:
        return LEVELS.index(self.level)

    @property
    def _minor(self) -> int:
        return LATEST if self.version == "latest" else int(self.version.removeprefix("v1."))


# -- labels --------------------------------------------------------------------------------------------------


def policy(labels: Obj) -> dict[str, Standard]:
    """What a namespace's labels ask for: the standard for each mode. What is no level enforces the strictest one."""
    found = {}
    for mode in _MODES:
        level, version = labels.get(f"{PREFIX}{mode}", LEVELS[0]), labels.get(f"{PREFIX}{mode}-version", "latest")
        known = _is_version(version)
        instead = LEVELS[-1] if mode == "enforce" else LEVELS[0]
        found[mode] = Standard(level if level in LEVELS else instead, version if known else "latest")
    enforced = labels.get(f"{PREFIX}enforce") in LEVELS
    if enforced and f"{PREFIX}warn" not in labels and found["enforce"].strictness > found["warn"].strictness:
        version = found["warn" if f"{PREFIX}warn-version" in labels else "enforce"].version
        found["warn"] = Standard(found["enforce"].level, version)
    return found


def label_causes(labels: Obj) -> list[Cause]:
    """What is wrong with a namespace's labels."""
    return list(_label_causes(labels))


def _label_causes(labels: Obj) -> Iterator[Cause]:
    for mode in _MODES:
        for label, fits, words in (
            (f"{PREFIX}{mode}", LEVELS.__contains__, f"must be one of {', '.join(LEVELS)}"),
            (f"{PREFIX}{mode}-version", _is_version, 'must be "latest" or "v1.x"'),
        ):
            if label in labels and not fits(labels[label]):
                why = f'Invalid value: "{labels[label]}": {words}'
                yield Cause("FieldValueInvalid", f"metadata.labels[{label}]", why)


def _is_version(text: str) -> bool:
    return text == "latest" or bool(_VERSION.fullmatch(text))


# -- admission -----------------------------------------------------------------------------------------------


def admit(store: Store, resource: Resource, new: Obj, old: Obj | None, warnings: list[str]) -> None:
    """Look at an object that is about to be stored.

    Raises:
        errors.ApiError: Forbidden for a Pod that breaks its namespace's standard, Invalid for a namespace's labels.
    """
    if resource.key == "namespaces":
        warnings.extend(_namespace(store, new, old))
    elif resource.key == "pods":
        if old is None or _matters(new, old):
            _look_at(store, resource, new, new, warnings)
    elif resource.key in _TEMPLATES and (template := dig(new, *_TEMPLATES[resource.key], default=None)):
        _look_at(store, resource, new, template, warnings)


def _look_at(store: Store, resource: Resource, obj: Obj, pod: Obj, warnings: list[str]) -> None:
    labels = objects.meta(store.get(Key("namespaces", "", objects.namespace(obj))) or {}).get("labels") or {}
    if not any(label.startswith(PREFIX) for label in labels):
        return
    wanted = policy(labels)
    enforced, warned = wanted["enforce"], wanted["warn"]
    if resource.key == "pods" and (found := enforced.complaints(pod)):
        raise errors.forbidden(
            resource.key, objects.name(obj), f'violates PodSecurity "{enforced}": {", ".join(found)}'
        )
    if found := warned.complaints(pod):
        warnings.append(f'would violate PodSecurity "{warned}": {", ".join(found)}')


def _matters(new: Obj, old: Obj) -> bool:
    """Whether an update could make a Pod break a standard that it kept: most of it cannot be changed at all."""

    def shown(pod: Obj) -> list[object]:
        spec = pod.get("spec") or {}
        images = [[c.get("image") for c in spec.get(kind) or ()] for kind in ("initContainers", "containers")]
        notes = dig(pod, "metadata", "annotations", default=None) or {}
        armor = {k: v for k, v in notes.items() if k.startswith("container.apparmor.security.beta.kubernetes.io/")}
        return [images, spec.get("ephemeralContainers") or [], armor]

    return shown(new) != shown(old)


def _namespace(store: Store, new: Obj, old: Obj | None) -> list[str]:
    labels, name = objects.meta(new).get("labels") or {}, objects.name(new)
    causes = label_causes(labels)
    before = objects.meta(old).get("labels") or {} if old is not None else {}
    if causes and (old is None or causes != label_causes(before)):
        raise errors.invalid("Namespace", "", name, causes)
    if old is None:
        return []
    wanted, had = policy(labels)["enforce"], policy(before)["enforce"]
    relaxed = wanted.version == had.version and wanted.strictness <= had.strictness
    return [] if relaxed or wanted.level == LEVELS[0] else _pods(store, name, wanted)


def _pods(store: Store, namespace: str, wanted: Standard) -> list[str]:
    """The Pods that are there already and would be refused; of one owner's Pods, others come first."""
    owners: set[str] = set()
    first: list[Obj] = []
    later: list[Obj] = []
    for pod in store.list("pods", namespace):
        owner = next(
            (str(o.get("uid")) for o in objects.meta(pod).get("ownerReferences") or () if o.get("controller")), ""
        )
        (later if owner and owner in owners else first).append(pod)
        owners.add(owner)
    found: dict[str, list[str]] = {}
    for pod in (*first, *later):
        if reasons := wanted.reasons(pod):
            found.setdefault(", ".join(reasons), []).append(objects.name(pod))
    if not found:
        return []
    title = f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{wanted}"'
    return [title, *sorted(f"{_counted(names)}: {words}" for words, names in found.items())]


def _counted(names: list[str]) -> str:
    others = len(names) - 1
    return f"{names[0]} (and {others} other pod{'s' if others > 1 else ''})" if others else names[0]
