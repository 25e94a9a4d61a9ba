"""Ingress, IngressClass and NetworkPolicy.

Law: pure.

Models pkg/apis/networking/validation/validation.go.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from tinykube.api.validation import field, metadata, names, selectors
from tinykube.api.validation.field import Causes
from tinykube.api.validation.paths import domain_prefixed
from tinykube.errors import Obj

_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_NOT_IN_PATHS = ("//", "/./", "/../", "%2f", "%2F")
_NOT_LAST_IN_PATHS = ("/..", "/.")
_CLASS = "kubernetes.io/ingress.class"


# -- Ingress -------------------------------------------------------------------------------------------------


def ingress_create(obj: Obj) -> Causes:
    """A new Ingress: the old annotation and the field must agree."""
    causes = ingress(obj)
    old, new = ((obj.get("metadata") or {}).get("annotations") or {}).get(_CLASS), obj["spec"].get("ingressClassName")
    if old is not None and new is not None and old != new:
        detail = "must match `ingressClassName` when both are specified"
        causes.append(field.invalid(f"annotations.{_CLASS}", old, detail))
    return causes


def ingress(obj: Obj) -> Causes:
    """Ingress."""
    causes = metadata.check(obj, names.dns_subdomain)
    spec = obj.get("spec") or {}
    rules, name = spec.get("rules"), spec.get("ingressClassName")
    if not rules and spec.get("defaultBackend") is None:
        causes.append(field.invalid("spec", rules, "either `defaultBackend` or `rules` must be specified"))
    if spec.get("defaultBackend") is not None:
        causes += _backend(spec["defaultBackend"], "spec.defaultBackend")
    for index, rule in enumerate(rules or ()):
        causes += _rule(rule, f"spec.rules[{index}]")
    for index, tls in enumerate(spec.get("tls") or ()):
        causes += _tls(tls, f"spec.tls[{index}]")
    return causes + (field.each_invalid("spec.ingressClassName", name, names.dns_subdomain(name)) if name else [])


def _rule(rule: Obj, path: str) -> Causes:
    host, http = rule.get("host") or "", rule.get("http")
    causes: Causes = []
    if host:
        if names.is_address(host):
            causes.append(field.invalid(f"{path}.host", host, "must be a DNS name, not an IP address"))
        causes += _host(host, f"{path}.host")
    if http is None:
        return causes
    if not http.get("paths"):
        causes.append(field.required(f"{path}.http.paths"))
    for index, entry in enumerate(http.get("paths") or ()):
        causes += _http_path(entry, f"{path}.http.paths[{index}]")
    return causes


def _host(host: str, path: str) -> Causes:
    check = names.wildcard_subdomain if "*" in host else names.dns_subdomain
    return field.each_invalid(path, host, check(host))


def _tls(tls: Obj, path: str) -> Causes:
    causes = [c for n, host in enumerate(tls.get("hosts") or ()) for c in _host(host, f"{path}.hosts[{n}]")]
    secret = tls.get("secretName")
    return causes + (field.each_invalid(f"{path}.secretName", secret, names.dns_subdomain(secret)) if secret else [])


def _http_path(entry: Obj, path: str) -> Causes:
    kind, where = entry.get("pathType"), entry.get("path") or ""
    if kind is None:
        return [field.required(f"{path}.pathType", "pathType must be specified")]
    causes: Causes = []
    if kind not in _PATH_TYPES:
        causes.append(field.not_supported(f"{path}.pathType", kind, _PATH_TYPES))
    elif not where.startswith("/") and (where or kind != "ImplementationSpecific"):
        causes.append(field.invalid(f"{path}.path", where, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        banned = [f"must not contain '{part}'" for part in _NOT_IN_PATHS if part in where]
        banned += [f"cannot end with '{end}'" for end in _NOT_LAST_IN_PATHS if where.endswith(end)]
        causes += field.each_invalid(f"{path}.path", where, banned)
    return causes + _backend(entry.get("backend") or {}, f"{path}.backend")


def _backend(backend: Obj, path: str) -> Causes:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        return [field.invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return [field.required(f"{path}.resource.{name}") for name in ("kind", "name") if not resource.get(name)]
    if service is None:
        return [field.required(path, "resource or service backend is required")]
    name = service.get("name") or ""
    causes = field.each_invalid(f"{path}.service.name", name, names.dns_label(name)) if name else []
    causes += [] if name else [field.required(f"{path}.service.name")]
    return causes + _backend_port(service.get("port") or {}, path)


def _backend_port(port: Obj, path: str) -> Causes:
    name, number = port.get("name"), port.get("number")
    if name and number:
        return [field.invalid(path, "", "cannot set both port name & port number")]
    if name:
        return field.each_invalid(f"{path}.service.port.name", name, names.port_name(name))
    if number:
        return field.each_invalid(f"{path}.service.port.number", number, names.port_number(number))
    return [field.required(path, "port name or number is required")]


def ingress_class(obj: Obj) -> Causes:
    """IngressClass: the controller's name has a domain before it."""
    causes = metadata.check(obj, names.dns_subdomain, namespaced=False)
    found, path = (obj.get("spec") or {}).get("controller") or "", "spec.controller"
    if not found:
        return [*causes, field.required(path)]
    return causes + domain_prefixed(found, path)


# -- NetworkPolicy -------------------------------------------------------------------------------------------


def network_policy(obj: Obj) -> Causes:
    """NetworkPolicy."""
    causes = metadata.check(obj, names.dns_subdomain)
    spec = obj.get("spec") or {}
    causes += selectors.label_selector(spec.get("podSelector") or {}, "spec.podSelector")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            path = f"spec.{direction}[{index}]"
            for position, port in enumerate(rule.get("ports") or ()):
                causes += _policy_port(port, f"{path}.ports[{position}]")
            for position, peer in enumerate(rule.get(side) or ()):
                causes += _peer(peer, f"{path}.{side}[{position}]")
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        detail = "may not specify more than two policyTypes"
        return [*causes, field.invalid("spec.policyTypes", types, detail)]
    for index, kind in enumerate(types):
        if kind not in ("Ingress", "Egress"):
            causes.append(field.not_supported(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress")))
    return causes


def _policy_port(found: Obj, path: str) -> Causes:
    protocol, port, end = found.get("protocol"), found.get("port"), found.get("endPort")
    causes: Causes = []
    if protocol is not None and protocol not in ("TCP", "UDP", "SCTP"):
        causes.append(field.not_supported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP")))
    if isinstance(port, int):
        causes += field.each_invalid(f"{path}.port", port, names.port_number(port))
        if end is not None and end < port:
            causes.append(field.invalid(f"{path}.endPort", end, "must be greater than or equal to `port`"))
        return causes + (field.each_invalid(f"{path}.endPort", end, names.port_number(end)) if end is not None else [])
    if end is not None:
        state = "specified" if port is None else "numeric"
        detail = f"may not be specified when `port` is {'not ' if port is None else 'non-'}{state}"
        causes.append(field.invalid(f"{path}.endPort", end, detail))
    return causes + (field.each_invalid(f"{path}.port", port, names.port_name(port)) if port is not None else [])


def _peer(peer: Obj, path: str) -> Causes:
    causes: Causes = []
    kinds = [kind for kind in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(kind) is not None]
    for kind in kinds:
        if kind == "ipBlock":
            causes += _ip_block(peer[kind], f"{path}.ipBlock")
        else:
            causes += selectors.label_selector(peer[kind], f"{path}.{kind}")
    if not kinds:
        causes.append(field.required(path, "must specify a peer"))
    elif len(kinds) > 1 and "ipBlock" in kinds:
        causes.append(field.forbidden(path, "may not specify both ipBlock and another peer"))
    return causes


def _ip_block(block: Obj, path: str) -> Causes:
    whole = block.get("cidr") or ""
    if not whole:
        return [field.required(f"{path}.cidr")]
    causes = field.each_invalid(f"{path}.cidr", whole, names.cidr(whole))
    outer = _range(whole)
    for index, part in enumerate(block.get("except") or () if outer is not None else ()):
        causes += field.each_invalid(f"{path}.except[{index}]", part, names.cidr(part))
        inner = _range(part)
        if inner is not None and not (inner.version == outer.version and inner != outer and inner.subnet_of(outer)):
            causes.append(field.invalid(f"{path}.except[{index}]", part, "must be a strict subset of `cidr`"))
    return causes


def _range(text: str) -> Any:
    """The addresses of a block, whatever bits are set beyond its prefix; None for what is no block."""
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None
