"""Lifecycle hooks: postStart and preStop, by command, HTTP request or sleep.

Law: a hook runs in, or against, its container; what it prints is not kept.

Models pkg/kubelet/lifecycle/handlers.go.
"""

from __future__ import annotations

from tinykube.clock import Clock
from tinykube.node.instance import Instance
from tinykube.objects import Obj
from tinykube.runtime import http
from tinykube.runtime.container import StartError
from tinykube.runtime.network import Host


class HookError(Exception):
    """The hook failed; the text says how."""


async def run_hook(hook: Obj, instance: Instance, host: Host, pod_ip: str, clock: Clock) -> None:
    """Run one handler to its end.

    Raises:
        HookError: it could not be run, or failed.
    """
    if "exec" in hook:
        await _exec(hook["exec"].get("command") or [], instance)
    elif "httpGet" in hook:
        await _http(hook["httpGet"], instance, host, pod_ip)
    elif "sleep" in hook:
        await clock.sleep(float(hook["sleep"].get("seconds", 0)))
    else:
        raise HookError("invalid handler: no exec, httpGet or sleep")


async def _exec(command: list[str], instance: Instance) -> None:
    try:
        session = instance.container.exec(command)
    except StartError as problem:
        raise HookError(str(problem)) from None
    try:
        code = await session.wait()
    finally:
        if session.exit_code is None:
            session.kill()
    if code:
        raise HookError(f"command '{' '.join(command)}' exited with {code}")


async def _http(get: Obj, instance: Instance, host: Host, pod_ip: str) -> None:
    port = port_number(get["port"], instance.spec)
    headers = [(h["name"], h["value"]) for h in get.get("httpHeaders") or ()]
    try:
        answer = await http.request(host, get.get("host") or pod_ip, port, get.get("path") or "/", headers=headers)
    except OSError as problem:
        raise HookError(str(problem)) from None
    if answer.status >= 400:
        raise HookError(f"HTTP status code {answer.status}")


def port_number(port: int | str, container: Obj) -> int:
    """A port by number or by its name in the container.

    Raises:
        HookError: the container has no port of that name.
    """
    if isinstance(port, int) or port.isdigit():
        return int(port)
    for known in container.get("ports") or ():
        if known.get("name") == port:
            return int(known["containerPort"])
    raise HookError(f"couldn't find port: {port!r} in container: {container['name']}")
