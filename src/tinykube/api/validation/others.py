"""Endpoints, disruption budgets, RBAC, storage, priorities: the kinds that courses touch lightly.

Law: pure.

Models pkg/apis/{core,discovery,policy,rbac,storage,scheduling}/validation/validation.go.
"""

from __future__ import annotations

from tinykube.api.validation import field, metadata, names, selectors
from tinykube.api.validation.apps import amount, at_most_all
from tinykube.api.validation.containers import PROTOCOLS
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

RBAC = "rbac.authorization.k8s.io"


# -- endpoints -----------------------------------------------------------------------------------------------


def endpoints(obj: Obj) -> Causes:
    """v1 Endpoints."""
    causes = metadata.check(obj, names.dns_subdomain)
    for index, subset in enumerate(obj.get("subsets") or ()):
        path = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            causes.append(field.required(path, "must specify `addresses` or `notReadyAddresses`"))
        for kind in ("addresses", "notReadyAddresses"):
            for position, address in enumerate(subset.get(kind) or ()):
                ip = address.get("ip") or ""
                wrong = names.ip_address(ip) + names.endpoint_ip(ip)
                causes += field.each_invalid(f"{path}.{kind}[{position}].ip", ip, wrong)
        for position, port in enumerate(subset.get("ports") or ()):
            here, number = f"{path}.ports[{position}]", port.get("port") or 0
            if not port.get("name") and len(subset["ports"]) > 1:
                causes.append(field.required(f"{here}.name"))
            causes += field.each_invalid(f"{here}.port", number, names.port_number(number))
            causes += field.one_of(f"{here}.protocol", port.get("protocol"), PROTOCOLS)
    return causes


def endpoint_slice(obj: Obj) -> Causes:
    """discovery.k8s.io/v1 EndpointSlice."""
    causes = metadata.check(obj, names.dns_subdomain)
    kinds = ("FQDN", "IPv4", "IPv6")
    causes += field.one_of("addressType", obj.get("addressType"), kinds)
    for index, endpoint in enumerate(obj.get("endpoints") or ()):
        path, addresses = f"endpoints[{index}].addresses", endpoint.get("addresses") or []
        causes += [] if addresses else [field.required(path, "must contain at least 1 address")]
        for position, address in enumerate(addresses if obj.get("addressType") != "FQDN" else ()):
            wrong = names.ip_address(address) or names.endpoint_ip(address)
            causes += field.each_invalid(f"{path}[{position}]", address, wrong)
    for index, port in enumerate(obj.get("ports") or ()):
        causes += field.one_of(f"ports[{index}].protocol", port.get("protocol"), PROTOCOLS)
    return causes


def endpoint_slice_update(new: Obj, old: Obj) -> Causes:
    """A changed EndpointSlice: its address type stays."""
    causes = metadata.check_update(new, old) + endpoint_slice(new)
    return causes + field.immutable("addressType", new.get("addressType"), old.get("addressType"))


# -- disruption -----------------------------------------------------------------------------------------------


def disruption_budget(obj: Obj) -> Causes:
    """PodDisruptionBudget."""
    causes = metadata.check(obj, names.dns_subdomain)
    spec = obj.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {
            "MinAvailable": least,
            "Selector": selectors.ordered(spec.get("selector")),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        causes.append(field.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for name, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            causes += amount(value, f"spec.{name}") + at_most_all(value, f"spec.{name}")
    policy, policies = spec.get("unhealthyPodEvictionPolicy"), ("AlwaysAllow", "IfHealthyBudget")
    if policy is not None and policy not in policies:
        causes.append(field.not_supported("spec.unhealthyPodEvictionPolicy", policy, policies))
    return causes + selectors.label_selector(spec.get("selector"), "spec.selector")


# -- RBAC ----------------------------------------------------------------------------------------------------


def role(obj: Obj, *, namespaced: bool = True) -> Causes:
    """Role."""
    causes = metadata.check(obj, names.path_segment, namespaced=namespaced)
    for index, rule in enumerate(obj.get("rules") or ()):
        causes += _rule(rule, f"rules[{index}]", namespaced=namespaced)
    return causes


def cluster_role(obj: Obj) -> Causes:
    """ClusterRole."""
    return role(obj, namespaced=False)


def _rule(rule: Obj, path: str, *, namespaced: bool) -> Causes:
    causes = [] if rule.get("verbs") else [field.required(f"{path}.verbs", "verbs must contain at least one value")]
    if rule.get("nonResourceURLs"):
        if namespaced:
            detail = "namespaced rules cannot apply to non-resource URLs"
            causes.append(field.invalid(f"{path}.nonResourceURLs", rule["nonResourceURLs"], detail))
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            causes.append(field.invalid(f"{path}.nonResourceURLs", rule["nonResourceURLs"], detail))
        return causes
    if not rule.get("apiGroups"):
        causes.append(field.required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        causes.append(field.required(f"{path}.resources", "resource rules must supply at least one resource"))
    return causes


def role_binding(obj: Obj, *, namespaced: bool = True) -> Causes:
    """RoleBinding."""
    causes = metadata.check(obj, names.path_segment, namespaced=namespaced)
    ref = obj.get("roleRef") or {}
    if ref.get("apiGroup") != RBAC:
        causes.append(field.not_supported("roleRef.apiGroup", ref.get("apiGroup") or "", (RBAC,)))
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    if ref.get("kind") not in kinds:
        causes.append(field.not_supported("roleRef.kind", ref.get("kind") or "", kinds))
    if not ref.get("name"):
        causes.append(field.required("roleRef.name"))
    for index, subject in enumerate(obj.get("subjects") or ()):
        causes += _subject(subject, f"subjects[{index}]")
    return causes


def cluster_role_binding(obj: Obj) -> Causes:
    """ClusterRoleBinding."""
    return role_binding(obj, namespaced=False)


def _subject(subject: Obj, path: str) -> Causes:
    kind, name = subject.get("kind") or "", subject.get("name") or ""
    causes = [] if name else [field.required(f"{path}.name")]
    if kind == "ServiceAccount":
        if name:
            causes += field.each_invalid(f"{path}.name", name, names.dns_subdomain(name))
        if subject.get("apiGroup"):
            causes.append(field.not_supported(f"{path}.apiGroup", subject["apiGroup"], ("",)))
        causes += [] if subject.get("namespace") else [field.required(f"{path}.namespace")]
    elif kind in ("User", "Group"):
        if subject.get("apiGroup") != RBAC:
            causes.append(field.not_supported(f"{path}.apiGroup", subject.get("apiGroup") or "", (RBAC,)))
    else:
        causes.append(field.not_supported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group")))
    return causes


def binding_update(new: Obj, old: Obj) -> Causes:
    """A changed binding: what it binds to stays."""
    causes = metadata.check_update(new, old)
    if (new.get("roleRef") or {}) != (old.get("roleRef") or {}):
        causes.append(field.invalid("roleRef", _go_ref(new.get("roleRef") or {}), "cannot change roleRef"))
    return causes


def _go_ref(ref: Obj) -> Obj:
    return {"APIGroup": ref.get("apiGroup", ""), "Kind": ref.get("kind", ""), "Name": ref.get("name", "")}


# -- storage and scheduling ----------------------------------------------------------------------------------


def storage_class(obj: Obj) -> Causes:
    """StorageClass."""
    causes = metadata.check(obj, names.dns_subdomain, namespaced=False)
    if not obj.get("provisioner"):
        causes.append(field.required("provisioner"))
    causes += field.one_of("reclaimPolicy", obj.get("reclaimPolicy"), ("Delete", "Retain"))
    mode, modes = obj.get("volumeBindingMode"), ("Immediate", "WaitForFirstConsumer")
    return causes + field.one_of("volumeBindingMode", mode, modes)


def priority_class(obj: Obj) -> Causes:
    """PriorityClass: names that start with system- are the system's own."""
    causes = metadata.check(obj, names.dns_subdomain, namespaced=False)
    name, value = (obj.get("metadata") or {}).get("name") or "", obj.get("value") or 0
    if name.startswith("system-"):
        if name not in ("system-node-critical", "system-cluster-critical"):
            detail = "priority class names with 'system-' prefix are reserved for system use only"
            causes.append(field.forbidden("metadata.name", detail))
    elif value > 1_000_000_000:
        detail = "maximum allowed value of a user defined priority is 1000000000"
        causes.append(field.forbidden("value", detail))
    policy = obj.get("preemptionPolicy")
    if policy is not None:
        causes += field.one_of("preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))
    return causes


def priority_class_update(new: Obj, old: Obj) -> Causes:
    """A changed PriorityClass: its value stays."""
    causes = metadata.check_update(new, old)
    if new.get("value") != old.get("value"):
        causes.append(field.forbidden("value", "may not be changed in an update."))
    return causes + field.immutable("preemptionPolicy", new.get("preemptionPolicy"), old.get("preemptionPolicy"))


def lease(obj: Obj) -> Causes:
    """Lease."""
    causes = metadata.check(obj, names.dns_subdomain)
    seconds = (obj.get("spec") or {}).get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        causes.append(field.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
    return causes
