"""How controllers, the scheduler and the node reach the API: a client, and the shape of what it talks to.

Law: the only door to the API for everything inside the cluster. Calls are plain function calls that return shared,
read-only objects (`objects.copy` before a change) and raise `errors.ApiError`; only watches are asynchronous.

Models k8s.io/client-go/kubernetes (typed clients) and pkg/kubelet/server for the node's side.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tinykube import objects
from tinykube.objects import Obj

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Options:
    """What a write carries besides the object (metav1.CreateOptions, UpdateOptions, PatchOptions)."""

    user: str = "system:admin"
    groups: tuple[str, ...] = ("system:masters",)
    dry_run: bool = False
    field_manager: str = ""
    field_validation: str = "Ignore"
    force: bool = False
    warnings: list[str] = field(default_factory=list, compare=False)
    """Filled by the API with what the client should be warned about."""


class Events(Protocol):
    """A watch: an asynchronous stream of (type, object) that can be closed."""

    def __aiter__(self) -> AsyncIterator[tuple[str, Obj]]: ...
    def poll(self) -> list[tuple[str, Obj]]:
        """What has arrived, without waiting."""
        ...

    def close(self) -> None:
        """End the stream."""
        ...


class Api(Protocol):
    """What `tinykube.api.ApiServer` offers. `resource` is `plural` or `plural.group`, such as "jobs.batch"."""

    def create(
        self,
        resource: str,
        namespace: str | None,
        obj: Obj,
        *,
        subresource: str | None = None,
        name: str | None = None,
        options: Options = ...,
    ) -> Obj: ...
    def get(self, resource: str, namespace: str | None, name: str, *, subresource: str | None = None) -> Obj: ...
    def list(
        self,
        resource: str,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        continue_: str = "",
        resource_version: str = "",
    ) -> Obj: ...
    def watch(
        self,
        resource: str,
        namespace: str | None = None,
        *,
        resource_version: str = "",
        label_selector: str = "",
        field_selector: str = "",
    ) -> Events: ...
    def update(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        obj: Obj,
        *,
        subresource: str | None = None,
        options: Options = ...,
    ) -> Obj: ...
    def patch(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        patch: Any,
        patch_type: str,
        *,
        subresource: str | None = None,
        options: Options = ...,
    ) -> Obj: ...
    def delete(
        self, resource: str, namespace: str | None, name: str, options: Obj | None = None, *, user: Options = ...
    ) -> Obj: ...


@dataclass(frozen=True)
class HttpAnswer:
    """A response that came out of a Pod through the API's proxy."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ExecSession(Protocol):
    """A command running in a container on behalf of a client."""

    async def write_stdin(self, data: bytes) -> None:
        """Feed the command's standard input; empty data ends it."""
        ...

    def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """(1, stdout bytes) and (2, stderr bytes) as they come, until the command ends."""
        ...

    async def wait(self) -> int:
        """The exit code."""
        ...

    def kill(self) -> None:
        """The client went away."""
        ...


class PortStream(Protocol):
    """A TCP connection to a port inside a Pod."""

    async def read(self) -> bytes:
        """Some bytes, or none once the Pod sends no more."""
        ...

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises OSError when the Pod reads no more."""
        ...

    def finish(self) -> None:
        """The client sends no more."""
        ...

    def close(self) -> None:
        """The client went away."""
        ...


class PortForward(Protocol):
    """The ports of one Pod, on behalf of a client."""

    async def connect(self, port: int) -> PortStream:
        """A connection to a port on the Pod's localhost. Raises ConnectionError with the words for the client."""
        ...


class KubeletApi(Protocol):
    """What the API server asks of a node, for log, exec, attach, portforward and proxy (pkg/kubelet/server/server.go).

    Every method raises `errors.ApiError` with the kubelet's words when the container cannot serve it.
    """

    def logs(self, namespace: str, pod: str, container: str, options: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Log bytes. Options: follow, previous, timestamps (bool); tailLines, sinceSeconds, limitBytes (int);
        sinceTime (seconds since the epoch)."""
        ...

    async def exec(
        self, namespace: str, pod: str, container: str, argv: list[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        """Start a command in a running container."""
        ...

    async def attach(self, namespace: str, pod: str, container: str, *, stdin: bool, tty: bool) -> ExecSession:
        """Join a running container's standard streams."""
        ...

    async def port_forward(self, namespace: str, pod: str) -> PortForward:
        """Make ready to connect to ports of the Pod."""
        ...

    async def http(
        self, namespace: str, pod: str, port: int, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> HttpAnswer:
        """Send an HTTP request to a port of the Pod, from the node."""
        ...


class Client:
    """Typed-by-resource access to the API as one user, such as the replicaset-controller."""

    def __init__(self, api: Api, user: str = "system:admin") -> None:
        self.api = api
        self.options = Options(user=user, field_manager=user.rpartition(":")[2])

    def get(self, resource: str, namespace: str, name: str) -> Obj:
        """One object. Raises ApiError NotFound."""
        return self.api.get(resource, namespace or None, name)

    def list(
        self, resource: str, namespace: str | None = None, *, label_selector: str = "", field_selector: str = ""
    ) -> list[Obj]:
        """The objects of a namespace, or of all (None)."""
        found = self.api.list(resource, namespace, label_selector=label_selector, field_selector=field_selector)
        return found["items"]

    def create(self, resource: str, obj: Obj) -> Obj:
        """Create an object in its own namespace. Raises ApiError AlreadyExists, Invalid, Forbidden."""
        return self.api.create(resource, objects.namespace(obj) or None, obj, options=self.options)

    def create_sub(self, resource: str, subresource: str, namespace: str, name: str, obj: Obj) -> Obj:
        """Create through a subresource, such as `binding` or `eviction` of a Pod."""
        return self.api.create(
            resource, namespace or None, obj, subresource=subresource, name=name, options=self.options
        )

    def update(self, resource: str, obj: Obj) -> Obj:
        """Replace an object's spec and metadata. Raises ApiError Conflict if it has changed since it was read."""
        return self._update(resource, obj, None)

    def update_status(self, resource: str, obj: Obj) -> Obj:
        """Replace an object's status, nothing else."""
        return self._update(resource, obj, "status")

    def _update(self, resource: str, obj: Obj, subresource: str | None) -> Obj:
        return self.api.update(
            resource,
            objects.namespace(obj) or None,
            objects.name(obj),
            obj,
            subresource=subresource,
            options=self.options,
        )

    def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        patch: Any,
        *,
        patch_type: str = MERGE_PATCH,
        subresource: str | None = None,
    ) -> Obj:
        """Change part of an object; a merge patch unless told otherwise."""
        return self.api.patch(
            resource, namespace or None, name, patch, patch_type, subresource=subresource, options=self.options
        )

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        grace_period: int | None = None,
        propagation: str | None = None,
    ) -> Obj:
        """Delete an object; `uid` makes sure that it is still the one that was seen. `grace_period` in seconds."""
        body: Obj = {"kind": "DeleteOptions", "apiVersion": "v1"}
        if uid:
            body["preconditions"] = {"uid": uid}
        if grace_period is not None:
            body["gracePeriodSeconds"] = grace_period
        if propagation:
            body["propagationPolicy"] = propagation
        return self.api.delete(resource, namespace or None, name, body, user=self.options)
