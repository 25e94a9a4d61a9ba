"""What each verb reads from a request and how it answers.

Law: from bytes to an `ApiServer` call and back to bytes; no rules of its own.

Models k8s.io/apiserver/pkg/endpoints/handlers (create.go, get.go, update.go, patch.go, delete.go).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tinykube import errors, objects
from tinykube.api import conversion, present, streams, subresources
from tinykube.api.apiserver import ApiServer
from tinykube.api.messages import Request, Response, Target, write_options
from tinykube.api.patching import MEDIA_TYPES, unsupported
from tinykube.api.wire import Shift, Wanted, check_depth, encode, negotiate
from tinykube.client import APPLY_PATCH, JSON_PATCH, Options
from tinykube.errors import Cause
from tinykube.objects import Obj
from tinykube.schema import body as bodies

OBJECT_LIMIT = 1_572_864
"""Bytes that etcd takes in one request."""

_BODY_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_DEPRECATED = {
    "endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    "componentstatuses": "v1 ComponentStatus is deprecated in v1.19+",
}


class Verbs:
    """The verbs on resources and on the subresources that are kept in the store."""

    def __init__(self, api: ApiServer, shift: Shift) -> None:
        self.api, self.shift = api, shift
        self.streams = streams.Streams(api, shift)
        self._verbs: dict[str, Callable[[Target, Request, Wanted], Response]] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    def perform(self, verb: str, target: Target, request: Request) -> Response:
        """Do what the request asks.

        Raises:
            errors.ApiError: any refusal.
        """
        response = self._verbs[verb](target, request, negotiate(request))
        if warning := _DEPRECATED.get(target.resource.key):
            response.headers.append(warning_header(warning))
        return response

    # -- reading ---------------------------------------------------------------------------------------------

    def _get(self, target: Target, request: Request, wanted: Wanted) -> Response:
        stored = conversion.stored_as(target.resource)
        found = self.api.get(stored, target.namespace, target.name, subresource=target.subresource or None)
        return self._answer(found, target, request, wanted)

    def _list(self, target: Target, request: Request, wanted: Wanted) -> Response:
        found = self.api.list(
            conversion.stored_as(target.resource),
            target.namespace,
            label_selector=request.param("labelSelector"),
            field_selector=conversion.field_selector(target.resource, request.param("fieldSelector")),
            limit=request.number("limit") or 0,
            continue_=request.param("continue"),
            resource_version=request.param("resourceVersion"),
            resource_version_match=request.param("resourceVersionMatch"),
        )
        return self._answer(found, target, request, wanted)

    def _watch(self, target: Target, request: Request, wanted: Wanted) -> Response:
        return self.streams.watch(target, request, wanted)

    # -- writing ---------------------------------------------------------------------------------------------

    def _create(self, target: Target, request: Request, wanted: Wanted) -> Response:
        options = write_options(request, "CreateOptions")
        obj = self._body(target, request, options)
        made = self.api.create(
            conversion.stored_as(target.resource),
            target.namespace,
            obj,
            subresource=target.subresource or None,
            name=target.name or None,
            options=options,
        )
        return self._answer(made, target, request, wanted, 201, options)

    def _update(self, target: Target, request: Request, wanted: Wanted) -> Response:
        options = write_options(request, "UpdateOptions")
        obj = self._body(target, request, options)
        _require_name(target, obj)
        obj["metadata"] = {k: v for k, v in objects.meta(obj).items() if k not in _SERVER_TIMES}
        made = self.api.update(
            conversion.stored_as(target.resource),
            target.namespace,
            target.name,
            obj,
            subresource=target.subresource or None,
            options=options,
        )
        return self._answer(made, target, request, wanted, 200, options)

    def _patch(self, target: Target, request: Request, wanted: Wanted) -> Response:
        options = write_options(request, "PatchOptions")
        media = _media_type(request)
        if media not in MEDIA_TYPES:
            raise unsupported(media)
        if "force" in request.query and media != APPLY_PATCH:
            why = "Forbidden: may not be specified for non-apply patch"
            raise errors.invalid("PatchOptions", "meta.k8s.io", "", [Cause("FieldValueForbidden", "force", why)])
        if media == APPLY_PATCH and not request.param("fieldManager"):
            why = "Required value: is required for apply patch"
            raise errors.invalid("PatchOptions", "meta.k8s.io", "", [Cause("FieldValueRequired", "fieldManager", why)])
        patch = bodies.parse(request.body, media)
        check_depth(patch)
        kind_key = subresources.kind_key(target.resource, target.subresource or None)
        if media != JSON_PATCH:
            patch = conversion.patch_to_stored(target.resource, self.shift.back(kind_key, patch))
        made = self.api.patch(
            conversion.stored_as(target.resource),
            target.namespace,
            target.name,
            patch,
            media,
            subresource=target.subresource or None,
            options=options,
        )
        return self._answer(made, target, request, wanted, 200, options)

    def _delete(self, target: Target, request: Request, wanted: Wanted) -> Response:
        options, user = _delete_options(request)
        stored = conversion.stored_as(target.resource)
        found, gone = self.api.delete_now(stored, target.namespace, target.name, options, user=user)
        if gone and target.resource.key not in _RETURN_DELETED:
            found = _deleted_status(target, found)
        early = not gone and (options.get("orphanDependents") is False)
        return self._answer(found, target, request, wanted, 202 if early else 200, user)

    def _delete_collection(self, target: Target, request: Request, wanted: Wanted) -> Response:
        options, user = _delete_options(request)
        doomed = self.api.delete_collection(
            conversion.stored_as(target.resource),
            target.namespace,
            options,
            label_selector=request.param("labelSelector"),
            field_selector=conversion.field_selector(target.resource, request.param("fieldSelector")),
            user=user,
        )
        return self._answer(doomed, target, request, wanted, 200, user)

    # -- bodies ----------------------------------------------------------------------------------------------

    def _body(self, target: Target, request: Request, options: Options) -> Obj:
        """The object in a request, decoded, in the cluster's own time and in the version it is stored in."""
        media = _media_type(request) or "application/json"
        if media not in _BODY_TYPES:
            accepted = ", ".join(_BODY_TYPES)
            message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
            raise errors.ApiError(errors.status(415, "UnsupportedMediaType", message))
        kind_key = subresources.kind_key(target.resource, target.subresource or None)
        read = bodies.read(request.body, kind_key, media, options.field_validation)
        check_depth(read.object)
        options.warnings.extend(read.warnings)
        if len(request.body) > OBJECT_LIMIT * 0.9 and len(json.dumps(read.object)) > OBJECT_LIMIT:
            raise errors.ApiError(errors.status(500, "", "etcdserver: request is too large"))
        return conversion.to_stored(target.resource, self.shift.back(kind_key, read.object))

    def _answer(
        self,
        found: Obj,
        target: Target,
        request: Request,
        wanted: Wanted,
        status: int = 200,
        options: Options | None = None,
    ) -> Response:
        shown = present.present(found, target, request, wanted, self.api.clock.now())
        response = Response(status, encode(self.shift.out(shown), wanted), wanted.media_type)
        response.headers += warning_headers(options.warnings if options else ())
        return response


_SERVER_TIMES = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")

_RETURN_DELETED = frozenset({
    "pods", "services", "serviceaccounts", "persistentvolumeclaims", "persistentvolumes", "podtemplates",
    "resourcequotas", "podsecuritypolicies",
})  # fmt: skip
"""Resources whose deletion answers with the object; the others answer with a Status."""


def warning_header(text: str) -> tuple[str, str]:
    """A Warning header (RFC 7234) as clients print it."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return "Warning", f'299 - "{quoted}"'


def warning_headers(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Each warning once."""
    return [warning_header(text) for text in dict.fromkeys(texts)]


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _require_name(target: Target, obj: Obj) -> None:
    sent = objects.name(obj)
    if not sent:
        raise errors.bad_request("name must be provided")
    if sent != target.name:
        raise errors.bad_request(f"the name of the object ({sent}) does not match the name on the URL ({target.name})")


def _delete_options(request: Request) -> tuple[Obj, Options]:
    """DeleteOptions from the body or, what is not there, from the query.

    Raises:
        errors.ApiError: BadRequest, Invalid.
    """
    found: dict[str, Any] = {}
    if request.body.strip():
        media = _media_type(request) or "application/json"
        found = bodies.read(request.body, "v1/DeleteOptions", media, "Ignore").object
    for name in ("propagationPolicy", "orphanDependents", "gracePeriodSeconds"):
        if name not in found and request.param(name):
            found[name] = _option(request, name)
    if found.get("dryRun"):
        request = replace(request, query={**request.query, "dryRun": found["dryRun"]})
    return found, write_options(request, "DeleteOptions")


def _option(request: Request, name: str) -> Any:
    if name == "orphanDependents":
        return request.flag(name)
    return request.number(name) if name == "gracePeriodSeconds" else request.param(name)


def _deleted_status(target: Target, found: Obj) -> Obj:
    details = {"name": target.name, "group": target.resource.group, "kind": target.resource.name}
    details["uid"] = objects.uid(found)
    kept = {k: v for k, v in details.items() if v}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": kept}
