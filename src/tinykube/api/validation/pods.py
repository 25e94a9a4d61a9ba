"""Pods and Pod templates on creation.

Law: pure. All errors of an object in one answer, in upstream's order.

Models pkg/apis/core/validation/validation.go (ValidatePodCreate, ValidatePodSpec, ValidatePodTemplateSpec).
"""

from __future__ import annotations

import re

from tinykube import podresources
from tinykube.api.validation import containers, dns, field, metadata, names, resources, scheduling, security, volumes
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

MAX_INT32 = 2**31 - 1
_MAX_HOSTNAME = 64
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_MIRROR = "kubernetes.io/config.mirror"


def create(pod: Obj) -> Causes:
    """A new Pod."""
    causes = metadata_and_spec(pod)
    spec = pod.get("spec") or {}
    if spec.get("ephemeralContainers"):
        causes.append(field.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        causes.append(field.forbidden("spec.nodeName", detail))
    return causes


def metadata_and_spec(pod: Obj) -> Causes:
    """What holds for a Pod on creation and on every update."""
    causes = metadata.check(pod, names.dns_subdomain)
    spec = pod.get("spec") or {}
    causes += own_annotations(pod.get("metadata") or {}, spec, "metadata.annotations")
    causes += pod_spec(spec, "spec", of_pod=True)
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            image = container.get("image") or ""
            if image != image.strip():
                detail = "must not have leading or trailing whitespace"
                causes.append(field.invalid(f"spec.{kind}[{index}].image", image, detail))
    return causes


def own_annotations(meta: Obj, spec: Obj, path: str) -> Causes:
    """Annotations that mean something to Pods."""
    found = meta.get("annotations") or {}
    causes: Causes = []
    if _MIRROR in found and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        causes.append(field.invalid(f"{path}[{_MIRROR}]", found[_MIRROR], detail))
    cost = found.get(_DELETION_COST)
    if cost is not None and not (re.fullmatch(r"-?(0|[1-9]\d*)", cost) and -(2**31) <= int(cost) <= MAX_INT32):
        causes.append(field.invalid(f"{path}[{_DELETION_COST}]", cost, "must be a 32bit integer"))
    return causes


def template(found: Obj, path: str, extra_volumes: list[Obj] | None = None) -> Causes:
    """A PodTemplateSpec. `extra_volumes` are mounted, but made elsewhere (a StatefulSet's claims)."""
    meta, spec = found.get("metadata") or {}, found.get("spec") or {}
    if extra_volumes:
        own = [v for v in spec.get("volumes") or () if v.get("name") not in {e["name"] for e in extra_volumes}]
        spec = {**spec, "volumes": [*own, *extra_volumes]}
    causes = metadata.labels(meta.get("labels"), f"{path}.labels")
    causes += metadata.check_annotations(meta.get("annotations"), f"{path}.annotations")
    causes += own_annotations(meta, spec, f"{path}.annotations")
    causes += pod_spec(spec, f"{path}.spec", of_pod=False)
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        causes.append(field.forbidden(f"{path}.spec.ephemeralContainers", detail))
    return causes


def pod_spec(spec: Obj, path: str, *, of_pod: bool) -> Causes:
    """A PodSpec. `of_pod` tells a Pod's own from a template's."""
    grace = spec.get("terminationGracePeriodSeconds")
    causes = [] if grace is not None else [field.required(f"{path}.terminationGracePeriodSeconds")]
    good, found = volumes.volumes(spec.get("volumes") or [], f"{path}.volumes", of_pod=of_pod)
    causes += found
    around = containers.Around(good, grace, spec.get("restartPolicy") or "")
    mains, inits = spec.get("containers") or [], spec.get("initContainers") or []
    causes += containers.main(mains, around, f"{path}.containers")
    causes += containers.init(inits, mains, around, f"{path}.initContainers")
    causes += _pod_resources(spec, f"{path}.resources")
    causes += _host_network(spec, path, of_pod=of_pod)
    causes += field.one_of(f"{path}.restartPolicy", spec.get("restartPolicy"), containers.RESTART_POLICIES)
    causes += field.one_of(f"{path}.dnsPolicy", spec.get("dnsPolicy"), _DNS_POLICIES)
    causes += metadata.labels(spec.get("nodeSelector"), f"{path}.nodeSelector")
    causes += security.pod(spec.get("securityContext"), spec, f"{path}.securityContext")
    causes += scheduling.affinity(spec.get("affinity"), f"{path}.affinity")
    causes += dns.config(spec.get("dnsConfig"), spec.get("dnsPolicy"), f"{path}.dnsConfig")
    causes += scheduling.readiness_gates(spec.get("readinessGates") or [], f"{path}.readinessGates")
    causes += scheduling.gates(spec.get("schedulingGates") or [], f"{path}.schedulingGates")
    spread = spec.get("topologySpreadConstraints") or []
    causes += scheduling.topology_spread(spread, f"{path}.topologySpreadConstraints")
    causes += _host_users(spec, path) + _hostname_override(spec, path)
    return causes + _rest(spec, path) + _files_of_variables(spec, path)


def _pod_resources(spec: Obj, path: str) -> Causes:
    found = spec.get("resources")
    if not found:
        return []
    causes: Causes = []
    if found.get("claims"):
        causes.append(field.forbidden(f"{path}.claims", "claims may not be set for Resources at pod-level"))
    causes += resources.requirements(found, path, resources.pod_resource_name) + _enough(spec, found, path)
    for index, container in enumerate(spec.get("containers") or ()):
        for name, text in sorted(((container.get("resources") or {}).get("limits") or {}).items()):
            limit = (found.get("limits") or {}).get(name)
            if limit is not None and resources.amount(text) > resources.amount(limit):
                detail = f"must be less than or equal to pod limits of {limit}"
                causes.append(field.invalid(f"{path}.containers[{index}][{name}].limits", str(text), detail))
    return causes


def _enough(spec: Obj, found: Obj, path: str) -> Causes:
    """What the Pod asks for as a whole covers what its containers ask for together."""
    together = podresources.asked({**spec, "resources": None, "overhead": None}, "requests")
    return [
        field.invalid(
            f"{path}.requests[{name}]",
            str(text),
            f"must be greater than or equal to aggregate container requests of {together[name]}",
        )
        for name, text in sorted((found.get("requests") or {}).items())
        if name in together and resources.amount(together[name]) > resources.amount(text)
    ]


def _host_users(spec: Obj, path: str) -> Causes:
    """A Pod with users of its own shares no other namespaces with its node."""
    if spec.get("hostUsers") is not False:
        return []
    shown = {"hostNetwork": "hostNetwork", "hostPID": "HostPID", "hostIPC": "HostIPC"}
    shared = [shown[name] for name in shown if spec.get(name)]
    devices = [
        f"{kind}[{index}].volumeDevices"
        for kind in ("initContainers", "containers")
        for index, container in enumerate(spec.get(kind) or ())
        if container.get("volumeDevices")
    ]
    return [field.forbidden(f"{path}.{name}", "when `hostUsers` is false") for name in (*shared, *devices)]


def _hostname_override(spec: Obj, path: str) -> Causes:
    name, here = spec.get("hostnameOverride"), f"{path}.hostnameOverride"
    if name is None:
        return []
    causes = [
        field.forbidden(here, f"may not be specified when {other} is true")
        for other in ("setHostnameAsFQDN", "hostNetwork")
        if spec.get(other)
    ]
    causes += [field.too_long(here, _MAX_HOSTNAME)] if len(name) > _MAX_HOSTNAME else []
    return causes + field.each_invalid(here, name, names.dns_subdomain(name))


def _files_of_variables(spec: Obj, path: str) -> Causes:
    """Files of variables lie in volumes that the Pod's own containers fill."""
    found = {volume.get("name"): volume for volume in spec.get("volumes") or ()}
    causes: Causes = []
    for kind in ("initContainers", "containers"):
        for c, container in enumerate(spec.get(kind) or ()):
            for e, variable in enumerate(container.get("env") or ()):
                ref = (variable.get("valueFrom") or {}).get("fileKeyRef")
                if ref is None:
                    continue
                here, name = f"{path}.{kind}[{c}].env[{e}].valueFrom.fileKeyRef.volumeName", ref.get("volumeName") or ""
                if name not in found:
                    causes.append(field.not_found(here, name))
                elif found[name].get("emptyDir") is None:
                    causes.append(field.invalid(here, name, "referenced volume must be of type emptyDir"))
    return causes


def _host_network(spec: Obj, path: str, *, of_pod: bool) -> Causes:
    causes: Causes = []
    for c, container in enumerate(spec.get("containers") or () if spec.get("hostNetwork") else ()):
        for p, port in enumerate(container.get("ports") or ()):
            host = port.get("hostPort") or 0
            if (of_pod or host) and host != port.get("containerPort"):
                detail = "must match `containerPort` when `hostNetwork` is true"
                causes.append(field.invalid(f"{path}.containers[{c}].ports[{p}].hostPort", host, detail))
    return causes


_NAMED = (
    ("serviceAccountName", names.dns_subdomain),
    ("nodeName", names.dns_subdomain),
)
_LABELS = (("hostname", names.dns_label), ("subdomain", names.dns_label))
_CLASSES = (("priorityClassName", names.dns_subdomain), ("runtimeClassName", names.dns_subdomain))


def _rest(spec: Obj, path: str) -> Causes:
    causes = _checked(spec, _NAMED, path)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MAX_INT32:
        detail = field.in_range(1, MAX_INT32)
        causes.append(field.invalid(f"{path}.activeDeadlineSeconds", deadline, detail))
    causes += _checked(spec, _LABELS, path)
    causes += scheduling.tolerations(spec.get("tolerations") or [], f"{path}.tolerations")
    causes += dns.host_aliases(spec.get("hostAliases") or [], f"{path}.hostAliases")
    causes += _checked(spec, _CLASSES, path)
    policy = spec.get("preemptionPolicy")
    if policy is not None:
        causes += field.one_of(f"{path}.preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))
    if spec.get("overhead"):
        causes += resources.requirements({"limits": spec["overhead"]}, f"{path}.overhead")
    if spec.get("os") is not None:
        causes += _operating_system(spec["os"].get("name") or "", f"{path}.os")
    return causes


def _operating_system(name: str, path: str) -> Causes:
    if not name:
        return [field.required(f"{path}.name")]
    return [] if name in ("linux", "windows") else [field.not_supported(path, name, ("linux", "windows"))]


def _checked(spec: Obj, fields: tuple[tuple[str, names.NameCheck], ...], path: str) -> Causes:
    return [
        cause
        for name, check in fields
        if spec.get(name)
        for cause in field.each_invalid(f"{path}.{name}", spec[name], check(spec[name]))
    ]
