"""Which resources a cluster serves, and where: "deploy", "Deployment" and "deployments.apps" are one.

Law: asks the API server's discovery once; decides as kubectl does (k8s.io/client-go/restmapper): plural, singular,
short name or kind, in any case; the core group first, then the server's order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from kubelab.connection import Connection, Obj
from kubelab.errors import KubelabError

_ACCEPT = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)


@dataclass(frozen=True)
class ResourceType:
    """One served resource."""

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool
    verbs: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """As in a manifest."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As kubectl prints it in front of a name: "pod", "deployment.apps"."""
        return f"{self.singular}.{self.group}" if self.group else self.singular

    def path(self, namespace: str | None, name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of one object, or of something below it."""
        parts = ["/apis/" + self.api_version if self.group else "/api/" + self.version]
        parts += [f"namespaces/{quote(namespace)}"] if self.namespaced and namespace else []
        parts += [self.plural, *([quote(name, safe="")] if name else []), *([subresource] if subresource else [])]
        return "/".join(parts)

    def is_called(self, name: str) -> bool:
        """Whether `name` (lower case, perhaps with ".group") means this resource."""
        bare, _, group = name.partition(".")
        names = (self.plural, self.singular, self.kind.lower(), *self.short_names)
        return bare in names and group in ("", self.group, f"{self.version}.{self.group}")


class Discovery:
    """The resources of one cluster, asked for when first needed and again when one is not known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._types: list[ResourceType] = []

    def find(self, name: str) -> ResourceType:
        """The resource called `name`.

        Raises:
            KubelabError: the cluster serves no such resource.
        """
        wanted = name.lower()
        found = self._look(lambda one: one.is_called(wanted))
        if found is None:
            raise KubelabError(
                f"The cluster has no resource called {name!r}.", "`%kubectl api-resources` lists what it has."
            )
        return found

    def of(self, obj: Obj) -> ResourceType:
        """The resource that an object or manifest belongs to.

        Raises:
            KubelabError: no such kind in that version, in kubectl's words.
        """
        kind, version = obj.get("kind", ""), obj.get("apiVersion", "")
        found = self._look(lambda one: one.kind == kind and one.api_version == version)
        if found is None:
            raise KubelabError(f'no matches for kind "{kind}" in version "{version}"', "Check apiVersion and kind.")
        return found

    def split(self, target: str) -> tuple[ResourceType, str]:
        """What "pod/web", "deploy/web" or "pods" means: the resource, and the name or ""."""
        kind, _, name = target.partition("/")
        return self.find(kind), name

    def in_category(self, name: str) -> list[ResourceType]:
        """The resources of a category, such as "all"; none if there is no such category."""
        return [one for one in self.all() if name in one.categories]

    def all(self) -> list[ResourceType]:
        """Every resource the cluster serves."""
        if not self._types:
            self._types = list(_ask(self._connection))
        return self._types

    def _look(self, matches: Callable[[ResourceType], bool]) -> ResourceType | None:
        found = next((one for one in self.all() if matches(one)), None)
        if found is None:
            self._types = []
            found = next((one for one in self.all() if matches(one)), None)
        return found


def _ask(connection: Connection) -> Iterable[ResourceType]:
    for root in ("/api", "/apis"):
        answer = connection.request("GET", root, headers={"Accept": _ACCEPT})
        document = _json(answer.body)
        if document.get("kind") == "APIGroupDiscoveryList":
            yield from _aggregated(document)
        elif root == "/api":
            yield from _legacy(connection, "", "v1", "/api/v1")
        else:
            for group in document.get("groups") or []:
                version = group["preferredVersion"]["version"]
                yield from _legacy(connection, group["name"], version, f"/apis/{group['name']}/{version}")


def _aggregated(document: Obj) -> Iterable[ResourceType]:
    for group in document.get("items") or []:
        for version in group.get("versions") or []:
            for one in version.get("resources") or []:
                yield ResourceType(
                    group.get("metadata", {}).get("name", ""),
                    version["version"],
                    one["resource"],
                    one.get("singularResource") or one["resource"].removesuffix("s"),
                    one.get("responseKind", {}).get("kind", ""),
                    one.get("scope") == "Namespaced",
                    tuple(one.get("verbs") or ()),
                    tuple(one.get("shortNames") or ()),
                    tuple(one.get("categories") or ()),
                )


def _legacy(connection: Connection, group: str, version: str, path: str) -> Iterable[ResourceType]:
    for one in connection.get(path).get("resources") or []:
        if "/" not in one["name"]:
            yield ResourceType(
                group,
                version,
                one["name"],
                one.get("singularName") or one["kind"].lower(),
                one["kind"],
                bool(one.get("namespaced")),
                tuple(one.get("verbs") or ()),
                tuple(one.get("shortNames") or ()),
                tuple(one.get("categories") or ()),
            )


def _json(body: bytes) -> Obj:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
