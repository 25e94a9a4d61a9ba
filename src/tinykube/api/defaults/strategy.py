"""What a kind's registry does to an object just before it is validated and stored.

Law: in place, no I/O. Users cannot write status through the main resource; the generation counts changes of the
desired state; a Job without a selector of its own gets one that only its Pods match.

Models pkg/registry/*/*/strategy.go and apiserver's pkg/registry/rest/{create,update}.go.
"""

from __future__ import annotations

from tinykube.api.defaults import batch, services
from tinykube.api.defaults.wire import always_written
from tinykube.errors import Obj
from tinykube.objects import copy, dig
from tinykube.podresources import qos_class

WITH_GENERATION = {
    "v1/Pod", "v1/ReplicationController", "apps/v1/Deployment", "apps/v1/ReplicaSet", "apps/v1/StatefulSet",
    "apps/v1/DaemonSet", "batch/v1/Job", "batch/v1/CronJob", "policy/v1/PodDisruptionBudget",
    "networking.k8s.io/v1/Ingress", "networking.k8s.io/v1/IngressClass", "networking.k8s.io/v1/NetworkPolicy",
    "discovery.k8s.io/v1/EndpointSlice", "scheduling.k8s.io/v1/PriorityClass",
}  # fmt: skip
WITH_STATUS = {
    "v1/Pod", "v1/Service", "v1/Namespace", "v1/Node", "v1/PersistentVolume", "v1/PersistentVolumeClaim",
    "v1/ReplicationController", "v1/ResourceQuota", "apps/v1/Deployment", "apps/v1/ReplicaSet",
    "apps/v1/StatefulSet", "apps/v1/DaemonSet", "batch/v1/Job", "batch/v1/CronJob",
    "autoscaling/v1/HorizontalPodAutoscaler", "autoscaling/v2/HorizontalPodAutoscaler",
    "policy/v1/PodDisruptionBudget", "networking.k8s.io/v1/Ingress",
}  # fmt: skip
_NOT_SPEC = ("apiVersion", "kind", "metadata", "status")
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_UID, _NAME = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"


# -- create --------------------------------------------------------------------------------------------------


def prepare_for_create(kind_key: str, obj: Obj) -> None:
    """Make `obj` what a new object of its kind is: generation 1, an empty or initial status.

    It expects metadata.name and metadata.uid to be set (a Job's selector is made of them).
    """
    if kind_key in WITH_GENERATION:
        obj["metadata"]["generation"] = 1
    else:
        obj["metadata"].pop("generation", None)
    if kind_key in WITH_STATUS and kind_key != "v1/Node":
        obj["status"] = _initial_status(kind_key, obj)
    _drop_what_is_off(kind_key, obj)
    if kind_key == "batch/v1/Job":
        _generate_job_selector(obj)
    elif kind_key == "apps/v1/DaemonSet":
        _set_template_generation(obj, 1)
    elif kind_key == "apps/v1/StatefulSet":
        _drop_max_unavailable(obj)
    elif kind_key == "v1/Namespace":
        _keep_namespace_finalizer(obj)
    elif kind_key == "v1/Service":
        services.normalize_cluster_ips(obj)
    always_written(kind_key, obj)


_POD_SPECS = {"v1/Pod": ("spec",), "v1/PodTemplate": ("template", "spec"),
              "batch/v1/CronJob": ("spec", "jobTemplate", "spec", "template", "spec")}  # fmt: skip


def _drop_what_is_off(kind_key: str, obj: Obj) -> None:
    """Fields of Pods whose feature gates are off: they are known, and taken out without a word."""
    spec = dig(obj, *_POD_SPECS.get(kind_key, ("spec", "template", "spec")))
    if not isinstance(spec, dict):
        return
    spec.pop("schedulingGroup", None)
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(kind) or ():
            lifecycle = container.get("lifecycle") or {}
            if lifecycle.pop("stopSignal", None) is not None and not lifecycle:
                del container["lifecycle"]


def _initial_status(kind_key: str, obj: Obj) -> Obj:
    if kind_key == "v1/Pod":
        return _pod_status(obj["spec"], obj["metadata"].get("creationTimestamp"))
    if kind_key == "v1/Namespace":
        return {"phase": "Active"}
    if kind_key in ("v1/PersistentVolume", "v1/PersistentVolumeClaim"):
        return {"phase": "Pending"}
    return {}


def _pod_status(spec: Obj, created: str | None) -> Obj:
    status: Obj = {"phase": "Pending", "qosClass": qos_class(spec)}
    if spec.get("schedulingGates"):
        gated = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": created,
            "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
        }
        status["conditions"] = [gated]
    return status


def _keep_namespace_finalizer(obj: Obj) -> None:
    finalizers = obj.setdefault("spec", {}).setdefault("finalizers", [])
    if "kubernetes" not in finalizers:
        finalizers.append("kubernetes")


def _generate_job_selector(obj: Obj) -> None:
    """Select the Job's own Pods by its UID, unless the user asked to select by hand."""
    spec = obj["spec"]
    template = spec.setdefault("template", {}).setdefault("metadata", {})
    uid, name = obj["metadata"].get("uid", ""), obj["metadata"].get("name", "")
    if not spec.get("manualSelector"):
        labels = template.setdefault("labels", {})
        for key, value in (("job-name", name), (_NAME, name), ("controller-uid", uid), (_UID, uid)):
            labels.setdefault(key, value)
        selector = spec.get("selector") or {}
        spec["selector"] = selector
        selector["matchLabels"] = {**(selector.get("matchLabels") or {})}
        selector["matchLabels"].setdefault(_UID, uid)
    batch.labels_from_template(obj)


def _drop_max_unavailable(obj: Obj) -> None:
    """The feature gate MaxUnavailableStatefulSet is off in v1.36: the field is taken and not kept."""
    rolling = (obj["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    rolling.pop("maxUnavailable", None)


def _set_template_generation(obj: Obj, number: int) -> None:
    meta = obj["metadata"]
    meta["annotations"] = {**(meta.get("annotations") or {}), TEMPLATE_GENERATION: str(number)}


# -- update --------------------------------------------------------------------------------------------------


def prepare_for_update(kind_key: str, new: Obj, old: Obj) -> None:
    """Carry over what an update of the main resource cannot change, and count the change."""
    keep_metadata(new, old)
    if kind_key in WITH_STATUS:
        new["status"] = copy(old.get("status") or {})
    if kind_key == "v1/Service":
        services.drop_type_dependent(new, old)
        services.normalize_cluster_ips(new, old)
    elif kind_key == "apps/v1/DaemonSet":
        _count_template(new, old)
    elif kind_key == "apps/v1/StatefulSet":
        _drop_max_unavailable(new)
    elif kind_key == "v1/Namespace":
        new["spec"] = copy(old.get("spec") or {})
    _drop_what_is_off(kind_key, new)
    if kind_key in WITH_GENERATION and _desired_changed(kind_key, new, old):
        new["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1
    always_written(kind_key, new)


def keep_metadata(new: Obj, old: Obj) -> None:
    """Metadata that only the server writes: taken over from the stored object where the update leaves it out."""
    meta, before = new["metadata"], old["metadata"]
    for field in ("uid", "creationTimestamp", "namespace"):
        if not meta.get(field) and before.get(field):
            meta[field] = before[field]
    _take_over(meta, before, "generation")
    if before.get("deletionTimestamp"):
        _take_over(meta, before, "deletionTimestamp")
        if meta.get("deletionGracePeriodSeconds") is None:
            _take_over(meta, before, "deletionGracePeriodSeconds")
    meta.pop("selfLink", None)


def _take_over(meta: Obj, before: Obj, field: str) -> None:
    if before.get(field) is None:
        meta.pop(field, None)
    else:
        meta[field] = before[field]


def _desired_changed(kind_key: str, new: Obj, old: Obj) -> bool:
    changed = any(new.get(k) != old.get(k) for k in {*new, *old} if k not in _NOT_SPEC)
    if kind_key == "apps/v1/Deployment":
        return changed or (new["metadata"].get("annotations") or {}) != (old["metadata"].get("annotations") or {})
    return changed


def _count_template(new: Obj, old: Obj) -> None:
    count = int((old["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION) or 1)
    changed = new["spec"].get("template") != old["spec"].get("template")
    _set_template_generation(new, count + 1 if changed else count)


def prepare_for_status_update(kind_key: str, new: Obj, old: Obj) -> None:
    """Keep everything but the status (and, as upstream, labels and annotations) as stored."""
    keep_metadata(new, old)
    for field in {*new, *old} - set(_NOT_SPEC):
        if field in old:
            new[field] = copy(old[field])
        else:
            new.pop(field)
    if kind_key == "v1/Pod":
        new["metadata"]["ownerReferences"] = copy(old["metadata"].get("ownerReferences") or [])
        if not new["metadata"]["ownerReferences"]:
            del new["metadata"]["ownerReferences"]
        _keep_qos(new.setdefault("status", {}), old.get("status") or {})
    elif kind_key == "apps/v1/Deployment":
        _keep_labels(new["metadata"], old["metadata"])
    always_written(kind_key, new)


def _keep_qos(status: Obj, before: Obj) -> None:
    if not status.get("qosClass") and before.get("qosClass"):
        status["qosClass"] = before["qosClass"]


def _keep_labels(meta: Obj, before: Obj) -> None:
    """A Deployment's status update cannot change its labels (deploymentStatusStrategy)."""
    meta.pop("labels", None)
    if before.get("labels"):
        meta["labels"] = dict(before["labels"])
