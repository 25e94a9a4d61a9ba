"""What the server says of itself: groups, versions, resources, its own version, and the root paths.

Law: documents made from the resource table; nothing is asked of the store.

Models k8s.io/apiserver/pkg/endpoints/discovery (legacy.go, aggregated) and pkg/version.
"""

from __future__ import annotations

from functools import cache

from tinykube.api import resources
from tinykube.api.resources import Resource, Subresource
from tinykube.objects import Obj

VERSION: Obj = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "tinykube",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "none",
    "compiler": "CPython",
    "platform": "practice/any",
}

AGGREGATED = "APIGroupDiscoveryList"


@cache
def _groups() -> dict[str, list[str]]:
    """Group name to its versions, preferred first."""
    out: dict[str, list[str]] = {}
    for resource in resources.served():
        versions = out.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)
    return out


def _in(group: str, version: str) -> list[Resource]:
    return [r for r in resources.served() if (r.group, r.version) == (group, version)]


# -- aggregated ----------------------------------------------------------------------------------------------


@cache
def aggregated(core: bool) -> Obj:
    """`/api` (core) or `/apis` as one apidiscovery.k8s.io/v2 document."""
    names = [g for g in _groups() if (g == "") == core]
    return {
        "kind": AGGREGATED,
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [_aggregated_group(name) for name in names],
    }


def _aggregated_group(name: str) -> Obj:
    versions = [
        {"version": v, "resources": [_aggregated_resource(r) for r in _in(name, v)], "freshness": "Current"}
        for v in _groups()[name]
    ]
    return {"metadata": {"name": name} if name else {}, "versions": versions}


def _aggregated_resource(resource: Resource) -> Obj:
    out: Obj = {
        "resource": resource.name,
        "responseKind": {"group": "", "version": "", "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        out["shortNames"] = list(resource.short_names)
    if resource.categories:
        out["categories"] = list(resource.categories)
    if resource.subresources:
        out["subresources"] = [_aggregated_subresource(resource, s) for s in resource.subresources]
    return out


def _aggregated_subresource(resource: Resource, sub: Subresource) -> Obj:
    group, version, kind = _foreign(resource, sub)
    return {
        "subresource": sub.name,
        "responseKind": {"group": group, "version": version, "kind": kind},
        "verbs": list(sub.verbs),
    }


def _foreign(resource: Resource, sub: Subresource) -> tuple[str, str, str]:
    """Group, version and kind of a subresource; group and version are empty when they are the resource's own."""
    group_version, _, kind = sub.kind_key.rpartition("/")
    if group_version == resource.group_version:
        return "", "", kind
    group, _, version = group_version.rpartition("/")
    return group, version, kind


# -- legacy --------------------------------------------------------------------------------------------------


def legacy_core(address: str) -> Obj:
    """`/api`."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


@cache
def legacy_groups() -> Obj:
    """`/apis`."""
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [_group(name) for name in _groups() if name],
    }


def _group(name: str) -> Obj:
    versions = [{"groupVersion": f"{name}/{v}", "version": v} for v in _groups()[name]]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def legacy_group(name: str) -> Obj | None:
    """`/apis/GROUP`, or None."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)} if name and name in _groups() else None


@cache
def legacy_resources(group: str, version: str) -> Obj | None:
    """`/api/v1` or `/apis/GROUP/VERSION`, or None."""
    found = _in(group, version)
    if not found:
        return None
    listed = [entry for resource in found for entry in _legacy_entries(resource)]
    head: Obj = {"kind": "APIResourceList"} | ({"apiVersion": "v1"} if group else {})
    return {**head, "groupVersion": found[0].group_version, "resources": listed}


def _legacy_entries(resource: Resource) -> list[Obj]:
    main: Obj = {
        "name": resource.name,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        main["shortNames"] = list(resource.short_names)
    if resource.categories:
        main["categories"] = list(resource.categories)
    return [main, *(_legacy_subresource(resource, sub) for sub in resource.subresources)]


def _legacy_subresource(resource: Resource, sub: Subresource) -> Obj:
    group, version, kind = _foreign(resource, sub)
    out: Obj = {
        "name": f"{resource.name}/{sub.name}",
        "singularName": "",
        "namespaced": resource.namespaced,
    }
    if version:
        out |= {"group": group, "version": version}
    return {**out, "kind": kind, "verbs": list(sub.verbs)}


def root_paths() -> Obj:
    """`/`: where there is something to read."""
    paths = ["/api", "/api/v1", "/apis"]
    for name, versions in _groups().items():
        if name:
            paths += [f"/apis/{name}", *(f"/apis/{name}/{v}" for v in versions)]
    return {"paths": [*paths, "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]}
