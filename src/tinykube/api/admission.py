"""Admission: what the cluster itself demands of, and adds to, an object that is otherwise in order.

Law: `admit_create` completes an object after defaulting and before validation, on the API server's own copy;
`check_create` and `check_update` only refuse or warn, once the object is known to be valid. Reads the store, writes
nothing.
What the plug-ins add is in `defaults.admission`; here is what they look up.

Models plugin/pkg/admission (namespace/lifecycle, limitranger, serviceaccount, defaulttolerationseconds, priority,
runtimeclass, security/podsecurity).
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


def check_create(store: Store, resource: Resource, obj: Obj, warnings: list[str]) -> None:
    """Refuse a valid object that is out of its namespace's bounds, or that nothing here would act on.

    Raises:
        errors.ApiError: Forbidden.
    """
    if why := _left_out(resource, obj):
        raise errors.forbidden(resource.key, objects.name(obj), why)
    _check_limits(store, resource, obj)
    pod_security.admit(store, resource, obj, None, warnings)


def check_update(
    store: Store, resource: Resource, subresource: str | None, new: Obj, old: Obj, warnings: list[str]
) -> None:
    """Refuse a valid change that breaks what the namespace demands.

    Raises:
        errors.ApiError: Forbidden, or Invalid for a namespace's own labels.
    """
    if subresource == "resize":
        _check_limits(store, resource, new)
    if subresource in (None, "ephemeralcontainers"):
        pod_security.admit(store, resource, new, old, warnings)


def _check_limits(store: Store, resource: Resource, obj: Obj) -> None:
    check = {"pods": limits.check_pod, "persistentvolumeclaims": limits.check_claim}.get(resource.key)
    if check:
        check(obj, store.list("limitranges", objects.namespace(obj)))


def _left_out(resource: Resource, obj: Obj) -> str:
    """Why nothing here would act on the object; "" if something would."""
    if resource.key == "runtimeclasses.node.k8s.io" and obj["handler"] != "runc":
        return "the practice cluster's nodes have no other handler than runc: run this on a cluster that has it"
    what = _left_out_of_pods(obj["spec"]) if resource.key == "pods" else NOT_HERE.get(resource.key)
    return f"{what} are not part of the practice cluster: run this on a kind cluster" if what else ""


def _left_out_of_pods(spec: Obj) -> str:
    containers = [*spec["containers"], *(spec.get("initContainers") or ())]
    rules = [rule for container in containers for rule in container.get("restartPolicyRules") or ()]
    if any(rule.get("action") == "RestartAllContainers" for rule in rules):
        return "restarts of all containers of a Pod"
    variables = [variable for container in containers for variable in container.get("env") or ()]
    return "environment variables from files" if any(dig(v, "valueFrom", "fileKeyRef") for v in variables) else ""


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
