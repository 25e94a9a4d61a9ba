"""Admission: what the cluster itself demands of, and adds to, an object that is otherwise in order.

Law: `admit_create` completes an object after defaulting and before validation, on the API server's own copy;
`check_create` and `check_update` only refuse or warn, once the object is known to be valid. Reads the store, writes
nothing.
What the plug-ins add is in `defaults.admission`; here is what they look up.

Models plugin/pkg/admission (namespace/lifecycle, limitranger, serviceaccount, defaulttolerationseconds, priority,
runtimeclass, nodetaint, security/podsecurity).
"""

from __future__ import annotations

import random

from tinykube import errors, objects
from tinykube.api import pod_security
from tinykube.api.defaults import admission as additions
from tinykube.api.defaults import limits
from tinykube.api.resources import Resource
from tinykube.objects import Obj, dig
from tinykube.store import Key, Store

_REMOTE_ADMISSION = "admission webhooks and policies"
NOT_HERE = {
    "customresourcedefinitions.apiextensions.k8s.io": "custom resources",
    "apiservices.apiregistration.k8s.io": "aggregated API servers",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _REMOTE_ADMISSION,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _REMOTE_ADMISSION,
    "mutatingadmissionpolicies.admissionregistration.k8s.io": _REMOTE_ADMISSION,
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": _REMOTE_ADMISSION,
    "validatingadmissionpolicies.admissionregistration.k8s.io": _REMOTE_ADMISSION,
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": _REMOTE_ADMISSION,
    "certificatesigningrequests.certificates.k8s.io": "signed client certificates",
    "deviceclasses.resource.k8s.io": "devices",
    "resourceclaims.resource.k8s.io": "devices",
    "resourceclaimtemplates.resource.k8s.io": "devices",
    "resourceslices.resource.k8s.io": "devices",
}
"""Kinds that are served, because clients look for them, but that nothing here would act on."""
PERMANENT_NAMESPACES = frozenset({"default", "kube-system", "kube-public"})


def admit_create(store: Store, rng: random.Random, resource: Resource, obj: Obj) -> None:
    """Check and complete a new object.

    Raises:
        errors.ApiError: NotFound or Forbidden.
    """
    if resource.namespaced:
        check_namespace(store, resource, obj)
    if resource.key == "pods":
        _admit_pod(store, rng, obj)
    elif resource.key == "persistentvolumeclaims":
        additions.claim_defaults(obj, store.list("storageclasses.storage.k8s.io"))
    elif resource.key == "persistentvolumes":
        additions.protect_volume(obj)
    elif resource.key == "nodes":
        additions.node_taint(obj)


def check_create(store: Store, resource: Resource, obj: Obj, warnings: list[str]) -> None:
    """Refuse a valid object that is out of its namespace's bounds, or that nothing here would act on.

    Raises:
        errors.ApiError: Forbidden.
    """
    if resource.key in NOT_HERE:
        why = f"{NOT_HERE[resource.key]} are not part of the practice cluster: run this on a kind cluster"
        raise errors.forbidden(resource.key, objects.name(obj), why)
    if resource.key == "runtimeclasses.node.k8s.io" and obj["handler"] != "runc":
        why = "the practice cluster's nodes have no other handler than runc: run this on a cluster that has it"
        raise errors.forbidden(resource.key, objects.name(obj), why)
    if resource.key == "pods" and _restarts_all(obj["spec"]):
        why = "restarting all containers of a Pod is not part of the practice cluster: run this on a kind cluster"
        raise errors.forbidden(resource.key, objects.name(obj), why)
    if resource.key in ("pods", "persistentvolumeclaims"):
        check = limits.check_pod if resource.key == "pods" else limits.check_claim
        check(obj, store.list("limitranges", objects.namespace(obj)))
    if resource.key == "pods" and _variables_from_files(obj):
        why = "environment variables from files are not part of the practice cluster: run this on a kind cluster"
        raise errors.forbidden(resource.key, objects.name(obj), why)
    pod_security.admit(store, resource, obj, None, warnings)


def check_update(store: Store, resource: Resource, new: Obj, old: Obj, warnings: list[str]) -> None:
    """Refuse a valid change that breaks what the namespace demands.

    Raises:
        errors.ApiError: Forbidden, or Invalid for a namespace's own labels.
    """
    pod_security.admit(store, resource, new, old, warnings)


def _variables_from_files(pod: Obj) -> bool:
    return any(
        dig(variable, "valueFrom", "fileKeyRef")
        for kind in ("initContainers", "containers")
        for container in pod["spec"].get(kind) or ()
        for variable in container.get("env") or ()
    )


def _restarts_all(spec: Obj) -> bool:
    """Whether the end of one container is to restart all of the Pod's."""
    containers = [*spec["containers"], *(spec.get("initContainers") or ())]
    rules = [rule for container in containers for rule in container.get("restartPolicyRules") or ()]
    return any(rule.get("action") == "RestartAllContainers" for rule in rules)


def _admit_pod(store: Store, rng: random.Random, pod: Obj) -> None:
    limits.fill_pod(pod, store.list("limitranges", objects.namespace(pod)))
    account = additions.service_account_name(pod)
    found = store.get(Key("serviceaccounts", objects.namespace(pod), account))
    additions.service_account(pod, found, rng)
    additions.default_tolerations(pod)
    additions.priority(pod, store.list("priorityclasses.scheduling.k8s.io"))
    additions.runtime_class(pod, store.list("runtimeclasses.node.k8s.io"))


def check_namespace(store: Store, resource: Resource, obj: Obj) -> None:
    """The namespace is there and is not going away.

    Raises:
        errors.ApiError: NotFound, or Forbidden while it terminates.
    """
    space = objects.namespace(obj)
    found = store.get(Key("namespaces", "", space))
    if found is None:
        raise errors.not_found("namespaces", space)
    if not objects.deleting(found):
        return
    why = f"unable to create new content in namespace {space} because it is being terminated"
    error = errors.forbidden(resource.key, objects.name(obj), why)
    message = f"namespace {space} is being terminated"
    cause = {"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}
    error.status.setdefault("details", {})["causes"] = [cause]
    raise error


def admit_delete(resource: Resource, name: str) -> None:
    """Some namespaces stay.

    Raises:
        errors.ApiError: Forbidden.
    """
    if resource.key == "namespaces" and name in PERMANENT_NAMESPACES:
        raise errors.forbidden("namespaces", name, "this namespace may not be deleted")
