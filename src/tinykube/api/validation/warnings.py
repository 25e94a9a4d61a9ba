"""Warnings: what is allowed and still not meant that way. kubectl prints them as `Warning: …`.

Law: pure; the messages are upstream's, but for what the practice cluster itself does not do.

Models pkg/api/job/warnings.go, pkg/api/service/warnings.go, pkg/api/persistentvolume/util.go,
pkg/api/persistentvolumeclaim/util.go and the strategies below pkg/registry.
"""

from __future__ import annotations

from tinykube.api.validation import names
from tinykube.api.validation.pod_warnings import claim_spec, pod_warnings, selector_term
from tinykube.errors import Obj

_TEMPLATES = {
    "apps/v1/Deployment", "apps/v1/ReplicaSet", "apps/v1/DaemonSet", "apps/v1/StatefulSet", "batch/v1/Job",
    "v1/ReplicationController",
}  # fmt: skip
_NAMING = {"apps/v1/Deployment", "apps/v1/ReplicaSet", "v1/ReplicationController", "batch/v1/Job"}
"""Kinds whose names become the beginnings of Pods' names."""
_NO_POLICIES = (
    "network policies have no effect in the practice cluster, where every Pod reaches every other; a kind cluster "
    "enforces them"
)
_OLD_HINTS = "service.kubernetes.io/topology-aware-hints"
_INGRESS_CLASS = "kubernetes.io/ingress.class"


def warnings(kind_key: str, obj: Obj, old: Obj | None = None) -> list[str]:
    """What to warn about when `obj` is created, or `old` changed to it."""
    if kind_key == "v1/Pod":
        return _hostname(obj) + pod_warnings(obj) if old is None else []
    if kind_key in _TEMPLATES:
        found = _pod_names(obj) if old is None and kind_key in _NAMING else []
        found += _job(obj["spec"], "spec") if kind_key == "batch/v1/Job" else []
        return found + _template(obj, old) + (_history(obj) if kind_key == "apps/v1/StatefulSet" else [])
    if kind_key == "batch/v1/CronJob":
        return _cron_job(obj, old)
    if kind_key == "networking.k8s.io/v1/Ingress":
        return _ingress(obj) if old is None else []
    if kind_key == "networking.k8s.io/v1/NetworkPolicy":
        return [_NO_POLICIES]
    if kind_key == "v1/Endpoints":
        return ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    if kind_key == "v1/Service":
        return _service(obj)
    if kind_key == "v1/PersistentVolumeClaim":
        return _old_class(obj) + claim_spec(obj.get("spec") or {}, "spec")
    if kind_key == "v1/PersistentVolume":
        return _old_class(obj) + _volume(obj.get("spec") or {})
    return []


def _template(obj: Obj, old: Obj | None) -> list[str]:
    if old is not None and obj["metadata"].get("generation") == old["metadata"].get("generation"):
        return []
    return pod_warnings(obj["spec"].get("template") or {}, "spec.template.")


def _hostname(pod: Obj) -> list[str]:
    name = (pod.get("metadata") or {}).get("name") or ""
    messages = names.dns_label(name) if name else []
    return [f"metadata.name: {_HOSTNAME}[{' '.join(messages)}]"] if messages else []


def _pod_names(obj: Obj) -> list[str]:
    """A name that Pods and hosts are named after had better be a DNS label."""
    name = (obj.get("metadata") or {}).get("name") or ""
    messages = names.dns_label(name) if name else []
    return [f"metadata.name: {_POD_NAMES}[{' '.join(messages)}]"] if messages else []


def _history(obj: Obj) -> list[str]:
    if (obj["spec"].get("revisionHistoryLimit") or 0) >= 0:
        return []
    return ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"]


def _ingress(obj: Obj) -> list[str]:
    if _INGRESS_CLASS not in ((obj.get("metadata") or {}).get("annotations") or {}):
        return []
    return [f"annotation \"{_INGRESS_CLASS}\" is deprecated, please use 'spec.ingressClassName' instead"]


def _job(spec: Obj, path: str) -> list[str]:
    high = (spec.get("completions") or 0) > 100_000 and (spec.get("parallelism") or 0) > 10_000
    if spec.get("completionMode") == "Indexed" and high:
        return [
            f"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than "
            "10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
        ]
    return []


def _cron_job(obj: Obj, old: Obj | None) -> list[str]:
    found = _pod_names(obj) if old is None else []
    spec, path = (obj["spec"].get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec"
    return found + _job(spec, path) + pod_warnings(spec.get("template") or {}, f"{path}.template.")


_SURPRISE = "which can result in surprising behavior; a DNS label is recommended: "
_HOSTNAME = f"this is used in the Pod's hostname, {_SURPRISE}"
_POD_NAMES = f"this is used in Pod names and hostnames, {_SURPRISE}"


def _service(service: Obj) -> list[str]:
    spec, found = service.get("spec") or {}, []
    kind, external = spec.get("type"), spec.get("externalIPs")
    headless = spec.get("clusterIP") == "None" and kind == "ClusterIP"
    if _OLD_HINTS in ((service.get("metadata") or {}).get("annotations") or {}):
        found.append(f"annotation {_OLD_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead")
    if headless:
        if spec.get("loadBalancerIP"):
            found.append("spec.loadBalancerIP is ignored for headless services")
        if external:
            found.append("spec.externalIPs is ignored for headless services")
        if spec.get("sessionAffinity") != "None":
            found.append("spec.SessionAffinity is ignored for headless services")
    if external and not headless and kind != "ExternalName":
        found.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    if kind == "ExternalName" and external:
        found.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if kind != "ExternalName" and spec.get("externalName"):
        found.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose":
        found.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return found


# -- storage -------------------------------------------------------------------------------------------------

_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_OLD_SOURCES = {
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "photonPersistentDisk": ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    "scaleIO": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}


def _old_class(obj: Obj) -> list[str]:
    if _OLD_CLASS not in ((obj.get("metadata") or {}).get("annotations") or {}):
        return []
    return [f'metadata.annotations[{_OLD_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead']


def _volume(spec: Obj) -> list[str]:
    found: list[str] = []
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        found.append(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended "
            "approach is to use dynamic provisioning."
        )
    required = (spec.get("nodeAffinity") or {}).get("required") or {}
    for index, term in enumerate(required.get("nodeSelectorTerms") or ()):
        found += selector_term(term, f"spec.nodeAffinity.required.nodeSelectorTerms[{index}]")
    return found + [f"spec.{shown}: {words}" for kind, (shown, words) in _OLD_SOURCES.items() if spec.get(kind)]
