"""Subresources that are plain reads and writes: status, scale, binding, eviction, finalize, token.

Law: each turns into a read or write of the main object by the registry. What goes through to a node (log, exec,
attach, proxy) is in `nodes`.

Models pkg/registry/core/pod/storage/{storage,eviction}.go, pkg/registry/apps/*/storage (ScaleREST) and
pkg/registry/core/serviceaccount/storage/token.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykube import errors, objects
from tinykube.api import eviction
from tinykube.api.registry import Change, Registry
from tinykube.api.resources import Resource
from tinykube.api.validation import resize
from tinykube.client import Options
from tinykube.errors import Cause
from tinykube.objects import Obj, dig

if TYPE_CHECKING:
    from tinykube.api.apiserver import ApiServer

_OWN_SHAPE = (None, "status", "finalize", "approval")


def kind_key(resource: Resource, subresource: str | None) -> str:
    """The kind that travels on a subresource, such as "autoscaling/v1/Scale"."""
    found = resource.subresource(subresource) if subresource else None
    return found.kind_key if found else resource.kind_key


def get(registry: Registry, resource: Resource, namespace: str | None, name: str, subresource: str) -> Obj:
    """Read through a subresource.

    Raises:
        errors.ApiError: NotFound.
    """
    if subresource == "scale" and resource.subresource("scale"):
        return scale_of(_scaled(registry, resource, namespace, name))
    raise errors.not_found(resource.key, name)


def update(
    registry: Registry,
    resource: Resource,
    namespace: str | None,
    name: str,
    subresource: str | None,
    change: Change,
    options: Options,
    *,
    record: bool = True,
) -> Obj:
    """Write through a subresource (None: the object itself).

    Raises:
        errors.ApiError: NotFound, Conflict, Invalid, BadRequest, MethodNotAllowed.
    """
    if subresource == "scale" and resource.subresource("scale"):
        return _update_scale(registry, resource, namespace, name, change, options)
    if subresource == "ephemeralcontainers":
        return registry.update(resource, namespace, name, _ephemeral_only(change), options, subresource=subresource)
    if subresource == "resize":
        return registry.update(resource, namespace, name, _resources_only(change), options, subresource=subresource)
    if subresource not in _OWN_SHAPE:
        raise errors.method_not_allowed()
    return registry.update(resource, namespace, name, change, options, subresource=subresource, record=record)


def create(
    api: ApiServer,
    resource: Resource,
    namespace: str | None,
    name: str,
    subresource: str,
    obj: Obj,
    options: Options,
) -> Obj:
    """Post to a subresource.

    Raises:
        errors.ApiError: NotFound, Conflict, TooManyRequests, MethodNotAllowed.
    """
    if resource.key == "pods" and subresource == "binding":
        return _bind(api.registry, resource, namespace, name, obj, options)
    if resource.key == "pods" and subresource == "eviction":
        return eviction.evict(api.registry, resource, namespace, name, obj, options)
    if resource.key == "serviceaccounts" and subresource == "token":
        return api.tokens.request(api.registry.get(resource, namespace, name), obj)
    raise errors.method_not_allowed()


def _ephemeral_only(change: Change) -> Change:
    """Of what a client wants, only the ephemeral containers."""

    def changed(pod: Obj) -> Obj:
        wanted = change(objects.copy(pod))
        added = dig(wanted, "spec", "ephemeralContainers", default=[])
        meta = {**pod["metadata"], "resourceVersion": dig(wanted, "metadata", "resourceVersion")}
        return {**pod, "metadata": meta, "spec": {**pod["spec"], "ephemeralContainers": added}}

    return changed


def _resources_only(change: Change) -> Change:
    """Of what a client wants, only its containers' resources."""

    def changed(pod: Obj) -> Obj:
        wanted = change(objects.copy(pod))
        resized = resize.only_resources(pod, wanted)
        resized["metadata"]["resourceVersion"] = dig(wanted, "metadata", "resourceVersion")
        return resized

    return changed


# -- scale ---------------------------------------------------------------------------------------------------


def scale_of(obj: Obj) -> Obj:
    """The autoscaling/v1 Scale of a workload."""
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Obj = {"replicas": dig(obj, "status", "replicas", default=0)}
    if selector := selector_text(dig(obj, "spec", "selector", default={})):
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: v for k, v in objects.meta(obj).items() if k in kept},
        "spec": {k: v for k, v in {"replicas": dig(obj, "spec", "replicas", default=0)}.items() if v},
        "status": status,
    }


def selector_text(selector: Obj) -> str:
    """A label selector in the form that `kubectl -l` takes (metav1.LabelSelectorAsSelector)."""
    plain = selector if not {"matchLabels", "matchExpressions"} & set(selector) else selector.get("matchLabels") or {}
    terms = [(k, f"{k}={v}") for k, v in plain.items() if isinstance(v, str)]
    for expression in selector.get("matchExpressions") or ():
        key, operator = expression["key"], expression["operator"]
        values = ",".join(sorted(expression.get("values") or ()))
        written = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        terms.append((key, written[operator]))
    return ",".join(text for _, text in sorted(terms))


def _scaled(registry: Registry, resource: Resource, namespace: str | None, name: str) -> Obj:
    try:
        return registry.get(resource, namespace, name)
    except errors.ApiError as refused:
        if refused.code != 404:
            raise
        plural, dot, group = resource.key.partition(".")
        raise errors.not_found(f"{plural}/scale{dot}{group}", name) from None


def _update_scale(
    registry: Registry, resource: Resource, namespace: str | None, name: str, change: Change, options: Options
) -> Obj:
    _scaled(registry, resource, namespace, name)

    def rescale(old: Obj) -> Obj:
        wanted = change(scale_of(old))
        replicas = dig(wanted, "spec", "replicas", default=0)
        if replicas < 0:
            why = f"Invalid value: {replicas}: must be greater than or equal to 0"
            raise errors.invalid("Scale", "autoscaling", name, [Cause("FieldValueInvalid", "spec.replicas", why)])
        _check_scale_identity(resource, name, wanted, old)
        old["spec"]["replicas"] = replicas
        return old

    return scale_of(registry.update(resource, namespace, name, rescale, options, subresource="scale"))


def _check_scale_identity(resource: Resource, name: str, wanted: Obj, old: Obj) -> None:
    sent = objects.meta(wanted)
    if sent.get("uid") and sent["uid"] != objects.uid(old):
        why = f"Precondition failed: UID in precondition: {sent['uid']}, UID in object meta: {objects.uid(old)}"
        raise errors.conflict(resource.key, name, why)
    if sent.get("resourceVersion") and sent["resourceVersion"] != old["metadata"]["resourceVersion"]:
        raise errors.conflict(resource.key, name, errors.MODIFIED)


# -- binding -------------------------------------------------------------------------------------------------


def _bind(
    registry: Registry, resource: Resource, namespace: str | None, name: str, binding: Obj, options: Options
) -> Obj:
    """Put a Pod on a node: spec.nodeName, the binding's annotations, and the condition PodScheduled."""
    node = dig(binding, "target", "name", default="")
    if not node:
        raise errors.invalid("Binding", "", name, [Cause("FieldValueRequired", "target.name", "Required value")])
    now = objects.rfc3339(registry.clock.now())

    def assign(pod: Obj) -> Obj:
        if objects.deleting(pod):
            raise errors.conflict("pods/binding", name, f"pod {name} is being deleted, cannot be assigned to a host")
        if current := dig(pod, "spec", "nodeName"):
            raise errors.conflict("pods/binding", name, f'pod {name} is already assigned to node "{current}"')
        pod["spec"]["nodeName"] = node
        if extra := objects.annotations(binding):
            pod["metadata"]["annotations"] = {**objects.annotations(pod), **extra}
        conditions = [c for c in dig(pod, "status", "conditions", default=[]) if c["type"] != "PodScheduled"]
        scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
        scheduled["observedGeneration"] = dig(pod, "metadata", "generation", default=1)
        pod.setdefault("status", {})["conditions"] = [*conditions, scheduled]
        pod["status"].pop("nominatedNodeName", None)
        return pod

    registry.update(resource, namespace, name, assign, options, subresource="binding")
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
