"""Asking a container whether it is well: by command, HTTP request or TCP connection.

Law: one question, one answer; counting and consequences are the prober's. Words are Go's, as events show them.

Models pkg/kubelet/prober/prober.go and pkg/probe/{exec,http,tcp}.
"""

from __future__ import annotations

import errno
import random
from typing import NamedTuple

from tinykube.clock import Clock
from tinykube.node.hooks import HookError, port_number
from tinykube.node.instance import Instance
from tinykube.node.starting import go_duration
from tinykube.objects import Obj
from tinykube.runtime import http
from tinykube.runtime.container import StartError
from tinykube.runtime.network import Host

EXEC_FAILED = "rpc error: code = Unknown desc = failed to exec in container: failed to start exec "
MOST_OUTPUT = 10 * 1024
_HEADERS = [("User-Agent", "kube-probe/1.36"), ("Accept", "*/*"), ("Connection", "close")]


class Answer(NamedTuple):
    """`passed` is None when the probe itself went wrong and says nothing about the container."""

    passed: bool | None
    words: str


PASSED = Answer(True, "")


class Prober:
    """Asks. `host` is the node's network: probes come from the kubelet."""

    def __init__(self, clock: Clock, rng: random.Random, host: Host) -> None:
        self._clock, self._rng, self._host = clock, rng, host

    async def ask(self, probe: Obj, instance: Instance, ip: str) -> Answer:
        """Run one probe of a container."""
        timeout = float(probe.get("timeoutSeconds") or 1)
        try:
            if "exec" in probe:
                return await self._exec(probe["exec"].get("command") or [], instance, timeout)
            if "httpGet" in probe:
                return await self._http(probe["httpGet"], instance, ip, timeout)
            if "tcpSocket" in probe:
                return await self._tcp(probe["tcpSocket"], instance, ip, timeout)
            return await self._grpc(probe.get("grpc") or {}, ip, timeout)
        except HookError as problem:
            return Answer(None, str(problem))

    async def _exec(self, command: list[str], instance: Instance, timeout: float) -> Answer:
        try:
            session = instance.container.exec(command)
        except StartError as problem:
            id_ = f"{self._rng.getrandbits(256):064x}"
            return Answer(None, f'{EXEC_FAILED}"{id_}": {problem}: unknown')
        timed_out = False

        def give_up() -> None:
            nonlocal timed_out
            timed_out = True
            session.kill()

        timer = self._clock.call_later(timeout, give_up)
        try:
            code, out, err = await session.output()
        finally:
            timer.cancel()
            if session.exit_code is None:
                session.kill()
        if timed_out:
            return Answer(False, f'command timed out: "{" ".join(command)}" timed out after {go_duration(timeout)}')
        return PASSED if code == 0 else Answer(False, (out + err)[:MOST_OUTPUT].decode("utf-8", "replace"))

    async def _http(self, get: Obj, instance: Instance, ip: str, timeout: float) -> Answer:
        host, port = get.get("host") or ip, port_number(get["port"], instance.spec)
        scheme, path = (get.get("scheme") or "HTTP").lower(), get.get("path") or "/"
        path = path if path.startswith("/") else f"/{path}"
        url = f'Get "{scheme}://{host}:{port}{path}": '
        if scheme == "https":
            return Answer(False, url + "http: server gave HTTP response to HTTPS client")
        own = {h["name"].lower() for h in get.get("httpHeaders") or ()}
        headers = [h for h in _HEADERS if h[0].lower() not in own]
        headers += [(h["name"], h["value"]) for h in get.get("httpHeaders") or ()]
        try:
            answer = await http.request(self._host, host, port, path, headers=headers, timeout=timeout)
        except OSError as problem:
            return Answer(False, url + _http_words(problem, host, port))
        if 200 <= answer.status < 400:
            return PASSED
        return Answer(False, f"HTTP probe failed with statuscode: {answer.status}")

    async def _tcp(self, socket: Obj, instance: Instance, ip: str, timeout: float) -> Answer:
        host, port = socket.get("host") or ip, port_number(socket["port"], instance.spec)
        try:
            await self._host.reach(host, port, timeout)
        except OSError as problem:
            return Answer(False, _dial_words(problem, host, port))
        return PASSED

    async def _grpc(self, grpc: Obj, ip: str, timeout: float) -> Answer:
        port = int(grpc.get("port") or 0)
        wait = go_duration(timeout)
        try:
            await self._host.reach(ip, port, timeout)
        except OSError:
            return Answer(
                False, f'timeout: failed to connect service "{ip}:{port}" within {wait}: context deadline exceeded'
            )
        return Answer(False, f"timeout: health rpc did not complete within {wait} (no program here speaks gRPC)")


def _dial_words(problem: OSError, host: str, port: int) -> str:
    where = f"dial tcp {host}:{port}: "
    if problem.errno == errno.ETIMEDOUT:
        return where + "i/o timeout"
    return where + f"connect: {(problem.strerror or str(problem)).lower()}"


def _http_words(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.ETIMEDOUT or isinstance(problem, TimeoutError):
        return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    if problem.errno == errno.ECONNRESET:
        return "EOF"
    return _dial_words(problem, host, port)
