"""What "pod/web", "deploy/web" and "pods" mean in one namespace: paths, and the objects at them.

Law: reads and deletes by target; decides nothing about time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelab import manifests
from kubelab.connection import Connection, Obj
from kubelab.discovery import Discovery, ResourceType
from kubelab.errors import KubelabError, Refused
from kubelab.resources import Resource, Resources


class Targets:
    """The objects of one namespace (and those that belong to none), by the names kubectl gives them."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self.connection, self.namespace = connection, namespace
        self.discovery = Discovery(connection)

    def split(self, target: str) -> tuple[ResourceType, str]:
        """The resource, and the name or "".

        Raises:
            KubelabError: the cluster serves no such resource.
        """
        return self.discovery.split(target)

    def path(self, target: str) -> str:
        """The API path of one object.

        Raises:
            KubelabError: `target` names a resource, but no object.
        """
        kind, name = self.split(target)
        if not name:
            raise KubelabError(f"{target!r} names no object.", f'Such as "{kind.singular}/web".')
        return kind.path(self.namespace, name)

    def paths(self, target: str | Path | Obj) -> list[str]:
        """The API paths of one object ("pod/web"), or of all in a manifest (a path, text, or an object)."""
        if isinstance(target, str) and "\n" not in target and not target.endswith((".yaml", ".yml", ".json")):
            return [self.path(target)]
        return [self._path_of(obj) for obj in manifests.read(target)]

    def get(self, target: str) -> Resource:
        """One object.

        Raises:
            Refused: there is none.
        """
        return Resource(self.connection.get(self.path(target)))

    def find(self, target: str) -> Resource | None:
        """One object, or None."""
        found = self.try_path("GET", self.path(target))
        return None if found is None else Resource(found)

    def list(self, target: str, selector: str = "", fields: str = "") -> Resources:
        """All objects of a resource, or of a category such as "all", that the selectors select."""
        kinds = self.discovery.in_category(target) or [self.discovery.find(target)]
        return Resources(found for kind in kinds for found in self._list(kind, selector, fields))

    def _list(self, kind: ResourceType, selector: str, fields: str) -> Resources:
        answer = self.connection.get(kind.path(self.namespace), labelSelector=selector, fieldSelector=fields)
        head = {"apiVersion": kind.api_version, "kind": kind.kind}
        return Resources(Resource({**head, **item}) for item in answer.get("items") or [])

    def events(self, target: str = "") -> Resources:
        """The namespace's events, or those about one resource or one object (gone: about its name)."""
        fields = ""
        if target:
            kind, name = self.split(target)
            fields = f"involvedObject.kind={kind.kind}" + (f",involvedObject.name={name}" if name else "")
            if name and kind.kind != "Node" and (found := self.find(target)):  # a kubelet knows its node by name only
                fields += f",involvedObject.uid={found['metadata']['uid']}"  # not its predecessor's of the same name
        return self.list("events", fields=fields)

    def try_path(self, method: str, path: str, body: Any = None) -> Obj | None:
        """Ask for the object at `path`, or delete it; None if there is none."""
        try:
            return self.connection.json(method, path, None, body)
        except Refused as refusal:
            if refusal.code == 404:
                return None
            raise

    def _path_of(self, obj: Obj) -> str:
        kind = self.discovery.of(obj)
        metadata = obj.get("metadata") or {}
        return kind.path(metadata.get("namespace") or self.namespace, metadata.get("name", ""))
