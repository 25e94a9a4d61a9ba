"""A container's environment: literals, references, whole ConfigMaps and Secrets, and the Services of its namespace.

Law: pure functions; ConfigMaps and Secrets are looked up through the functions that the caller passes in.

Models pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), pkg/kubelet/envvars/envvars.go and
third_party/forked/golang/expansion/expand.go.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tinykube import objects
from tinykube.node.fields import field_value, resource_value
from tinykube.objects import Obj, dig

Lookup = Callable[[str], Obj | None]
_REFERENCE = re.compile(r"\$(\$|\(([^()$]*)\))")


class ConfigError(Exception):
    """The container cannot be configured; the text becomes the message of CreateContainerConfigError."""


def expand(text: str, known: Mapping[str, str]) -> str:
    """Replace `$(NAME)` by its value; `$$` is a dollar sign, and an unknown `$(NAME)` stays as it is."""

    def value(found: re.Match[str]) -> str:
        return "$" if found[1] == "$" else known.get(found[2], found[0])

    return _REFERENCE.sub(value, text)


def references(text: str) -> set[str]:
    """The names that `expand` would look up."""
    return {found[2] for found in _REFERENCE.finditer(text) if found[1] != "$"}


@dataclass
class Sources:
    """Where an environment comes from besides the container's own spec."""

    pod: Obj
    """With addresses filled in (`fields.with_runtime_fields`)."""
    config_map: Lookup
    secret: Lookup
    allocatable: Obj
    services: Mapping[str, str]


def environment(container: Obj, sources: Sources) -> dict[str, str]:
    """The variables that the container starts with, besides its image's.

    Raises:
        ConfigError: a ConfigMap, a Secret or a key of one is missing and not optional.
    """
    env: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        env |= _from_source(source, sources)
    for variable in container.get("env") or ():
        value = _value(variable, container, sources, env)
        if value is not None:
            env[variable["name"]] = value
    return {k: v for k, v in sources.services.items() if k not in env} | env


def _value(variable: Obj, container: Obj, sources: Sources, known: dict[str, str]) -> str | None:
    origin = variable.get("valueFrom")
    if not origin:
        return expand(str(variable.get("value") or ""), {**sources.services, **known})
    if ref := origin.get("fieldRef"):
        return field_value(sources.pod, ref["fieldPath"])
    if ref := origin.get("resourceFieldRef"):
        return resource_value(sources.pod, ref, container, sources.allocatable)
    if ref := origin.get("configMapKeyRef"):
        return _key(ref, "configmap", sources.config_map, sources.pod)
    if ref := origin.get("secretKeyRef"):
        return _key(ref, "secret", sources.secret, sources.pod)
    raise ConfigError(f"environment variable {variable['name']} uses a source that is not supported here")


def _key(ref: Obj, kind: str, lookup: Lookup, pod: Obj) -> str | None:
    found = lookup(ref.get("name") or "")
    optional = bool(ref.get("optional"))
    if found is None:
        return None if optional else _missing(f'{kind} "{ref.get("name")}" not found')
    data = texts(found)
    if ref["key"] in data:
        return data[ref["key"]]
    if optional:
        return None
    kind_name = "ConfigMap" if kind == "configmap" else "Secret"
    return _missing(f"couldn't find key {ref['key']} in {kind_name} {objects.namespace(pod)}/{ref.get('name')}")


def _missing(message: str) -> str | None:
    raise ConfigError(message)


def texts(holder: Obj) -> dict[str, str]:
    """The data of a ConfigMap or a Secret as text."""
    if holder.get("kind") == "Secret":
        decoded = {k: base64.b64decode(v or "") for k, v in (holder.get("data") or {}).items()}
        return {k: v.decode("utf-8", "replace") for k, v in decoded.items()}
    return dict(holder.get("data") or {})


def _from_source(source: Obj, sources: Sources) -> dict[str, str]:
    kind, field, lookup = (
        ("configmap", "configMapRef", sources.config_map)
        if source.get("configMapRef")
        else ("secret", "secretRef", sources.secret)
    )
    ref = source.get(field) or {}
    found = lookup(ref.get("name") or "")
    if found is None:
        if not ref.get("optional"):
            _missing(f'{kind} "{ref.get("name")}" not found')
        return {}
    return {(source.get("prefix") or "") + key: value for key, value in texts(found).items()}


# -- services ------------------------------------------------------------------------------------------------


def service_variables(services: Iterable[Obj], namespace: str, links: bool) -> dict[str, str]:
    """Variables that tell a container of `namespace` where Services are.

    The API's own Service always; with `links` (the Pod's enableServiceLinks) those of its namespace too.
    """
    env: dict[str, str] = {}
    for service in sorted(services, key=objects.key):
        own = objects.namespace(service) == namespace and links
        if own or objects.key(service) == "default/kubernetes":
            env |= _variables_of(service)
    return env


def _variables_of(service: Obj) -> dict[str, str]:
    ip = dig(service, "spec", "clusterIP", default="")
    ports = dig(service, "spec", "ports", default=[])
    if not ports or ip in ("", "None"):
        return {}
    prefix = objects.name(service).upper().replace("-", "_")
    env = {f"{prefix}_SERVICE_HOST": ip, f"{prefix}_SERVICE_PORT": str(ports[0]["port"])}
    for port in ports:
        if port.get("name"):
            env[f"{prefix}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}"] = str(port["port"])
    first = ports[0]
    env[f"{prefix}_PORT"] = f"{first.get('protocol', 'TCP').lower()}://{ip}:{first['port']}"
    for port in ports:
        env |= _docker_link(prefix, ip, port)
    return env


def _docker_link(prefix: str, ip: str, port: Obj) -> dict[str, str]:
    protocol, number = port.get("protocol", "TCP"), port["port"]
    base = f"{prefix}_PORT_{number}_{protocol.upper()}"
    return {
        base: f"{protocol.lower()}://{ip}:{number}",
        f"{base}_PROTO": protocol.lower(),
        f"{base}_PORT": str(number),
        f"{base}_ADDR": ip,
    }
