"""Resources and kinds: which plural serves which kind, in which group and version.

Law: pure look-ups over the recorded discovery; nothing here knows what is stored.

A resource goes by `plural` or `plural.group` (`pods`, `deployments.apps`), a kind by `v1/Pod` or `apps/v1/Deployment`.

Models the RESTMapper of k8s.io/apimachinery/pkg/api/meta and the server's discovery documents.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tinykube.schema import lookup, tables


@dataclass(frozen=True, slots=True)
class Subresource:
    """A path below an object, such as pods/exec: `kind_key` is what it takes or returns."""

    name: str
    kind_key: str
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """One served resource."""

    group: str
    version: str
    name: str
    kind: str
    namespaced: bool
    singular: str
    verbs: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()

    @property
    def group_version(self) -> str:
        """`v1` for the core group, else `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def key(self) -> str:
        """The resource string: `pods`, `deployments.apps`."""
        return f"{self.name}.{self.group}" if self.group else self.name

    @property
    def kind_key(self) -> str:
        """`v1/Pod`, `apps/v1/Deployment`."""
        return f"{self.group_version}/{self.kind}"

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of that name, if there is one."""
        return next((s for s in self.subresources if s.name == name), None)


@functools.cache
def all_resources() -> tuple[Resource, ...]:
    """Every served resource, groups and versions in the server's order of preference."""
    return tuple(
        _resource(group["metadata"].get("name", ""), version["version"], row)
        for path in ("/api", "/apis")
        for group in tables.discovery()[path]["items"]
        for version in group["versions"]
        for row in version["resources"]
    )


@functools.cache
def _by_key() -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for each in all_resources():
        found.setdefault(each.key, each)
        found[f"{each.name}.{each.version}.{each.group}"] = each
    return found


@functools.cache
def _by_kind() -> dict[str, Resource]:
    return {each.kind_key: each for each in all_resources()}


def resource(key: str) -> Resource | None:
    """The resource of a string `plural[.group]` (preferred version) or `plural.version.group`; None if not served."""
    return _by_key().get(key)


def of_kind(kind_key: str) -> Resource | None:
    """The resource that serves a kind; None for lists, options and unknown kinds."""
    return _by_kind().get(kind_key)


def group_versions() -> list[str]:
    """`v1`, `apps/v1`, …: all that is served, in order."""
    return list(dict.fromkeys(each.group_version for each in all_resources()))


def in_group_version(group_version: str) -> list[Resource]:
    """The resources of one group version, in the order of discovery."""
    return [each for each in all_resources() if each.group_version == group_version]


def known(kind_key: str) -> bool:
    """Does the schema have this kind at all, served or not?"""
    return kind_key in lookup.by_kind()


def kind_key(obj: dict) -> str:
    """The kind_key that an object claims with its apiVersion and kind."""
    return f"{obj.get('apiVersion', '')}/{obj.get('kind', '')}"


def _resource(group: str, version: str, row: dict) -> Resource:
    return Resource(
        group=group,
        version=version,
        name=row["resource"],
        kind=row["responseKind"]["kind"],
        namespaced=row["scope"] == "Namespaced",
        singular=row["singularResource"],
        verbs=tuple(row["verbs"]),
        short_names=tuple(row.get("shortNames", ())),
        categories=tuple(row.get("categories", ())),
        subresources=tuple(_subresource(group, version, sub) for sub in row.get("subresources", ())),
    )


def _subresource(group: str, version: str, row: dict) -> Subresource:
    kind = row["responseKind"]
    if kind["version"]:
        group, version = kind["group"], kind["version"]
    return Subresource(row["subresource"], _kind_key(group, version, kind["kind"]), tuple(row["verbs"]))


def _kind_key(group: str, version: str, kind: str) -> str:
    return "/".join(filter(None, (group, version, kind)))
