"""The node's own server: logs, exec, attach, forwarded ports and requests to Pods, on behalf of the API server.

Law: a mixin of the kubelet that only reads its parts. What it refuses, it refuses in the kubelet's words.

Models pkg/kubelet/server/server.go and kubelet_pods.go (GetKubeletContainerLogs, validateContainerLogStatus).
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from tinykube import errors, objects
from tinykube.client import ExecSession, HttpAnswer, PortForward
from tinykube.clock import Clock
from tinykube.node import logs
from tinykube.node.instance import Instance
from tinykube.node.portforward import SandboxPorts
from tinykube.node.sandbox import READY, RunningPod
from tinykube.node.streams import Attachment, FailedSession, Session
from tinykube.objects import Obj
from tinykube.runtime import http
from tinykube.runtime.container import StartError

if TYPE_CHECKING:
    from tinykube.node.assembly import Parts

EXEC_FAILED = "error executing command in container: failed to exec in container: failed to start exec "


class KubeletServer:
    """`client.KubeletApi` for one node."""

    parts: Parts | None
    name: str
    clock: Clock
    rng: random.Random

    async def logs(self, namespace: str, pod: str, container: str, options: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Log bytes of a container, living or dead."""
        found, running = self._find(namespace, pod)
        instance = self._log_source(found, running, container, bool(options.get("previous")))
        if isinstance(instance, str):
            yield f"unable to retrieve container logs for {instance}".encode()
            return
        async for chunk in logs.read(instance.log, options, self.clock.now()):
            yield chunk

    async def exec(
        self, namespace: str, pod: str, container: str, argv: list[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        """Start a command in a running container."""
        instance = self._running_instance(namespace, pod, container)
        try:
            return Session(instance.container.exec(argv, tty=tty, stdin=stdin))
        except StartError as problem:
            id_ = f"{self.rng.getrandbits(256):064x}"
            return FailedSession(errors.internal(f'{EXEC_FAILED}"{id_}": {problem}: unknown'))

    async def attach(self, namespace: str, pod: str, container: str, *, stdin: bool, tty: bool) -> ExecSession:
        """Join a running container's standard streams."""
        _, running = self._find(namespace, pod)
        instance = running.latest(container)
        if instance is None or not instance.running:
            raise errors.internal(
                f"unable to upgrade connection: container {container} not found in pod {pod}_{namespace}"
            )
        return Attachment(instance, stdin=stdin)

    async def port_forward(self, namespace: str, pod: str) -> PortForward:
        """Make ready to connect to ports inside the Pod."""
        found, running = self._find(namespace, pod)
        if running.state != READY:
            raise errors.internal(f'unable to upgrade connection: pod not found ("{pod}_{namespace}")')
        return SandboxPorts(running, self.clock, on_host=bool(found["spec"].get("hostNetwork")))

    async def http(
        self, namespace: str, pod: str, port: int, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> HttpAnswer:
        """Send an HTTP request to a port of the Pod, from the node."""
        _, running = self._find(namespace, pod)
        if self.parts is None or not running.ip:
            raise errors.internal(f"pod {pod} in namespace {namespace} has no address yet")
        pairs = list(headers.items())
        try:
            answer = await http.request(
                self.parts.host, running.ip, port, path, method=method, headers=pairs, body=body, timeout=30
            )
        except OSError as problem:
            words = (problem.strerror or str(problem)).lower()
            raise _unavailable(
                f"error trying to reach service: dial tcp {running.ip}:{port}: connect: {words}"
            ) from None
        return HttpAnswer(answer.status, dict(answer.headers), answer.body)

    # -- looking things up

    def _find(self, namespace: str, name: str) -> tuple[Obj, RunningPod]:
        if self.parts is None:
            raise errors.internal(f"dial tcp: node {self.name} does not answer")
        for uid in reversed(list(self.parts.workers.uids())):  # a Pod of the same name may still be going
            pod = self.parts.workers.pod(uid)
            if pod is not None and objects.key(pod) == f"{namespace}/{name}":
                return pod, self.parts.runtime.pods.get(uid) or RunningPod(uid)
        raise errors.not_found("pods", name)

    def _running_instance(self, namespace: str, pod: str, container: str) -> Instance:
        _, running = self._find(namespace, pod)
        instance = running.latest(container)
        if instance is None or not instance.running:
            raise errors.internal(f'unable to upgrade connection: container not found ("{container}")')
        return instance

    def _log_source(self, pod: Obj, running: RunningPod, container: str, previous: bool) -> Instance | str:
        """The container whose log it is; only its ID if the container has been removed."""
        where = f'container "{container}" in pod "{objects.name(pod)}"'
        latest = running.latest(container)
        if previous:
            before = self._previous(pod, running, container)
            if before is None:
                raise errors.bad_request(f"previous terminated {where} not found")
            return before
        if latest is not None and (latest.running or latest.ended):
            return latest
        raise errors.bad_request(f"{where} is waiting to start: {self._why_waiting(pod, container)}")

    def _previous(self, pod: Obj, running: RunningPod, container: str) -> Instance | str | None:
        status = self._status(pod, container)
        last = objects.dig(status, "lastState", "terminated", "containerID")
        return running.find(last) or str(last) if last else None

    def _status(self, pod: Obj, container: str) -> Obj:
        known = (self.parts.statuses.get(objects.uid(pod)) if self.parts else None) or pod.get("status") or {}
        parts = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
        return next((s for part in parts for s in known.get(part) or () if s["name"] == container), {})

    def _why_waiting(self, pod: Obj, container: str) -> str:
        reason = objects.dig(self._status(pod, container), "state", "waiting", "reason", default="ContainerCreating")
        if reason == "ErrImagePull":
            return "image can't be pulled"
        if reason == "ImagePullBackOff":
            return "trying and failing to pull image"
        return str(reason)


def _unavailable(message: str) -> errors.ApiError:
    return errors.ApiError(errors.status(503, "ServiceUnavailable", message))
