"""Lifecycle hooks: postStart and preStop, by command, HTTP request or sleep.

Law: a hook runs in, or against, its container; what it prints is not kept. An HTTP hook that gets an answer has gone
well, whatever the answer says.

Models pkg/kubelet/lifecycle/handlers.go.
"""

from __future__ import annotations

import json

from tinykube.clock import Clock
from tinykube.node.fields import full_name
from tinykube.node.instance import Instance
from tinykube.objects import Obj
from tinykube.runtime import http
from tinykube.runtime.container import StartError
from tinykube.runtime.network import Host

_USER_AGENT = ("User-Agent", "kube-lifecycle/1.36")


class HookError(Exception):
    """The hook failed; the text says how."""


async def run_hook(hook: Obj, pod: Obj, instance: Instance, host: Host, pod_ip: str, clock: Clock) -> None:
    """Run one handler of one of the Pod's containers to its end.

    Raises:
        HookError: it could not be run, or failed.
    """
    where = f'for Container "{instance.name}" in Pod "{full_name(pod)}" failed - error: '
    if "exec" in hook:
        await _exec(hook["exec"].get("command") or [], instance, where)
    elif "httpGet" in hook:
        await _http(hook["httpGet"], instance, host, pod_ip, where)
    elif "sleep" in hook:
        await clock.sleep(float(hook["sleep"].get("seconds", 0)))
    else:
        raise HookError("invalid handler: no exec, httpGet or sleep")


async def _exec(command: list[str], instance: Instance, where: str) -> None:
    head = f"Exec lifecycle hook ([{' '.join(command)}]) {where}"
    try:
        session = instance.container.exec(command)
    except StartError as problem:
        raise HookError(f'{head}{problem}, message: ""') from None
    try:
        code, out, err = await session.output()
    finally:
        if session.exit_code is None:
            session.kill()
    if code:
        said, errors = ((out + err).decode("utf-8", "replace"), err.decode("utf-8", "replace"))
        why = f"command '{' '.join(command)}' exited with {code}: {errors}"
        raise HookError(f"{head}{why}, message: {json.dumps(said, ensure_ascii=False)}")


async def _http(get: Obj, instance: Instance, host: Host, pod_ip: str, where: str) -> None:
    path, address = get.get("path") or "/", get.get("host") or pod_ip
    try:
        port = port_number(get["port"], instance.spec)
    except UnknownPort as unknown:
        raise HookError(f"HTTP lifecycle hook ({path}) {where}{unknown}") from None
    headers = [_USER_AGENT, *((h["name"], h["value"]) for h in get.get("httpHeaders") or ())]
    try:
        await http.request(host, address, port, path, headers=headers)
    except OSError as problem:
        words = (problem.strerror or str(problem)).lower()
        why = f'Get "http://{address}:{port}{path}": dial tcp {address}:{port}: connect: {words}'
        raise HookError(f"HTTP lifecycle hook ({path}) {where}{why}") from None


class UnknownPort(HookError):
    """The container has no port of that name, which is then taken for a number and found to be none."""

    def __init__(self, port: str) -> None:
        super().__init__(f'strconv.Atoi: parsing "{port}": invalid syntax')


def port_number(port: int | str, container: Obj) -> int:
    """A port by number or by its name in the container. Raises UnknownPort."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    for known in container.get("ports") or ():
        if known.get("name") == port:
            return int(known["containerPort"])
    raise UnknownPort(port)
