"""Patches on stored objects: from a patch body to the wanted object, and on through an update.

Law: the patch itself is pure (`patch/`); here are the words for what cannot be applied, and the decoding of the result.

Models k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
"""

from __future__ import annotations

import json
from typing import Any

from tinykube import errors
from tinykube.api import applying, subresources
from tinykube.api.patch import convert, merge, shape, strategic
from tinykube.api.patch.merge import PatchError, PatchFailed, PatchRefused, go_format
from tinykube.api.registry import Registry
from tinykube.api.resources import Resource
from tinykube.api.wire import check_depth
from tinykube.client import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, Options
from tinykube.errors import Cause
from tinykube.objects import Obj
from tinykube.schema import decoder

MEDIA_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)


def patch(
    registry: Registry,
    resource: Resource,
    namespace: str | None,
    name: str,
    body: Any,
    media_type: str,
    subresource: str | None,
    options: Options,
) -> Obj:
    """Apply a patch to an object or to one of its subresources.

    Raises:
        errors.ApiError: BadRequest, Conflict, Invalid, NotFound, UnsupportedMediaType.
    """
    if media_type not in MEDIA_TYPES:
        raise unsupported(media_type)
    kind_key = subresources.kind_key(resource, subresource)
    if media_type == APPLY_PATCH:
        return applying.apply_object(registry, resource, namespace, name, body, subresource, options)

    def change(old: Obj) -> Obj:
        return _decoded(kind_key, _patched(kind_key, old, body, media_type), body, media_type, options)

    return subresources.update(registry, resource, namespace, name, subresource, change, options)


def unsupported(media_type: str) -> errors.ApiError:
    """415: not one of the four."""
    accepted = ", ".join(MEDIA_TYPES)
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    return errors.ApiError(errors.status(415, "UnsupportedMediaType", message))


def _patched(kind_key: str, old: Obj, body: Any, media_type: str) -> Any:
    try:
        if media_type == JSON_PATCH:
            return merge.json_patch(old, body)
        if not isinstance(body, dict):
            raise PatchError(f"json: cannot unmarshal {_go_kind(body)} into Go value of type map[string]interface {{}}")
        if media_type == MERGE_PATCH:
            return merge.merge(old, body)
        return strategic.strategic_merge(old, body, shape.of_kind(kind_key))
    except PatchRefused as error:
        raise errors.ApiError(errors.status(422, "Invalid", str(error))) from error
    except PatchFailed as error:
        raise errors.ApiError(errors.status(500, "", str(error))) from error
    except PatchError as error:
        raise errors.bad_request(str(error)) from error


def _go_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "number"


def _decoded(kind_key: str, patched: Any, body: Any, media_type: str, options: Options) -> Obj:
    """The patched object as its kind, or a refusal that shows the patch."""
    if not isinstance(patched, dict):
        raise _invalid_patch(
            json.dumps(patched), "json: cannot unmarshal into Go value of type map[string]interface {}"
        )
    check_depth(patched)
    if media_type == STRATEGIC_MERGE_PATCH and (why := convert.problem(patched, shape.of_kind(kind_key))):
        raise _invalid_patch(go_format(body), why)
    read = decoder.unmarshal(kind_key, patched)
    shown = go_format(body) if media_type == STRATEGIC_MERGE_PATCH else json.dumps(patched, separators=(",", ":"))
    if read.error:
        raise _invalid_patch(shown, read.error)
    if read.strict and options.field_validation == "Strict":
        raise _invalid_patch(shown, decoder.strict_error(read.strict))
    if options.field_validation == "Warn":
        options.warnings.extend(read.strict)
    version, kind = kind_key.rsplit("/", 1)
    if (read.object.get("apiVersion"), read.object.get("kind")) != (version, kind):
        raise errors.bad_request(
            f"the API version in the data ({read.object.get('apiVersion', '')}) does not match the expected API "
            f"version ({version})"
        )
    return read.object


def _invalid_patch(shown: str, why: str) -> errors.ApiError:
    text = json.dumps(shown) if not shown.startswith("map[") else f'"{shown}"'
    return errors.invalid("", "", "", [Cause("FieldValueInvalid", "patch", f"Invalid value: {text}: {why}")])
