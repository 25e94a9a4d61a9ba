"""A Pod's own DNS configuration and hosts file entries.

Law: pure.

Models pkg/apis/core/validation/validation.go (validatePodDNSConfig, ValidateHostAliases).
"""

from __future__ import annotations

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj


def config(found: Obj | None, policy: str | None, path: str) -> Causes:
    """dnsConfig, which dnsPolicy None needs."""
    servers = (found or {}).get("nameservers") or []
    if policy == "None" and found is None:
        return [field.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
    if policy == "None" and not servers:
        detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        return [field.required(f"{path}.nameservers", detail)]
    if found is None:
        return []
    causes: Causes = []
    if len(servers) > 3:
        causes.append(field.invalid(f"{path}.nameservers", servers, "must not have more than 3 nameservers"))
    for index, server in enumerate(servers):
        causes += field.each_invalid(f"{path}.nameservers[{index}]", server, names.ip_address(server))
    causes += _searches(found.get("searches") or [], f"{path}.searches")
    for index, option in enumerate(found.get("options") or ()):
        if not option.get("name"):
            causes.append(field.required(f"{path}.options[{index}]", "must not be empty"))
    return causes


def _searches(searches: list[str], path: str) -> Causes:
    causes: Causes = []
    if len(searches) > 32:
        causes.append(field.invalid(path, searches, "must not have more than 32 search paths"))
    if len(" ".join(searches)) > 2048:
        detail = "must not have more than 2048 characters (including spaces) in the search list"
        causes.append(field.invalid(path, searches, detail))
    for index, search in enumerate(searches):
        if search != ".":
            bare = search.removesuffix(".")
            causes += field.each_invalid(f"{path}[{index}]", bare, names.search_domain(bare))
    return causes


def host_aliases(found: list[Obj], path: str) -> Causes:
    """hostAliases: addresses and the names they get."""
    causes: Causes = []
    for index, alias in enumerate(found):
        ip = alias.get("ip") or ""
        causes += field.each_invalid(f"{path}[{index}].ip", ip, names.ip_address(ip))
        for position, name in enumerate(alias.get("hostnames") or ()):
            here = f"{path}[{index}].hostnames[{position}]"
            causes += field.each_invalid(here, name, names.dns_subdomain(name))
    return causes
