"""Server-side apply on stored objects: checks of the request, then create or update by what `patch.apply` plans.

Law: reads the live object, has the plan made, and hands it to the registry.

Models the applyPatcher of k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
"""

from __future__ import annotations

from typing import Any

from tinykube import errors, objects
from tinykube.api import subresources
from tinykube.api.patch import apply, shape, typed
from tinykube.api.patch.managed import Writer
from tinykube.api.registry import Registry
from tinykube.api.resources import Resource
from tinykube.client import Options
from tinykube.errors import Cause
from tinykube.objects import Obj
from tinykube.schema import decoder


def apply_object(
    registry: Registry,
    resource: Resource,
    namespace: str | None,
    name: str,
    config: Any,
    subresource: str | None,
    options: Options,
) -> Obj:
    """Apply a configuration; create the object when it is not there.

    Raises:
        errors.ApiError: BadRequest, Conflict, Invalid.
    """
    config = _checked(resource, namespace, name, config, subresource, options)
    writer = Writer(
        options.field_manager, resource.group_version, objects.rfc3339(registry.clock.now()), subresource or ""
    )
    live = registry.store.get(registry.key(resource, namespace, name))
    if live is None and subresource is None:
        return _create(registry, resource, namespace, config, writer, options)

    def change(old: Obj) -> Obj:
        try:
            planned = apply.plan(resource.kind_key, old, config, writer, options.force)
        except apply.Conflicts as conflicts:
            raise conflicts.error() from None
        return _typed(resource, namespace, name, planned)

    return subresources.update(registry, resource, namespace, name, subresource, change, options, record=False)


def _checked(
    resource: Resource, namespace: str | None, name: str, config: Any, subresource: str | None, options: Options
) -> Obj:
    if subresource == "scale":
        raise errors.bad_request("apply of the scale subresource is not served here: patch or replace it instead")
    if not options.field_manager:
        cause = Cause("FieldValueRequired", "fieldManager", "Required value: is required for apply patch")
        raise errors.invalid("PatchOptions", "meta.k8s.io", "", [cause])
    if not isinstance(config, dict):
        raise errors.bad_request("error decoding YAML: the applied configuration must be an object")
    version = config.get("apiVersion")
    if version != resource.group_version:
        raise errors.bad_request(
            "Incorrect version specified in apply patch. "
            f"Specified patch version: {version or ''}, expected: {resource.group_version}"
        )
    if objects.meta(config).get("managedFields"):
        raise errors.bad_request("metadata.managedFields must be nil")
    if found := typed.problems(config, shape.of_kind(resource.kind_key)):
        raise _not_typed(resource, namespace, name, found)
    metadata = {**objects.meta(config), "name": objects.meta(config).get("name") or name}
    return {**config, "metadata": metadata}


def _not_typed(resource: Resource, namespace: str | None, name: str, problems: list[str]) -> errors.ApiError:
    """The real server sends these words as an unclassified 500; the client is at fault, so here it is a 400."""
    where = _which(resource, namespace, name)
    why = problems[0] if len(problems) == 1 else "errors:\n" + "\n".join(f"  {p}" for p in problems)
    return errors.ApiError(errors.status(400, "", f"failed to create typed patch object ({where}): {why}"))


def _create(
    registry: Registry, resource: Resource, namespace: str | None, config: Obj, writer: Writer, options: Options
) -> Obj:
    if uid := objects.uid(config):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise errors.conflict(resource.key, objects.name(config), why)
    made = apply.new_object(resource.kind_key, config, writer)
    _typed(resource, namespace, objects.name(made), made)
    return registry.create(resource, namespace, made, options, record=False)


def _typed(resource: Resource, namespace: str | None, name: str, made: Obj) -> Obj:
    """The object, if it can be read as one of its kind: text that is no quantity shows only here (a 400, as above)."""
    if error := decoder.unmarshal(resource.kind_key, made).error:
        message = f"failed to convert new object ({_which(resource, namespace, name)}) to proper version: {error}"
        raise errors.ApiError(errors.status(400, "", message))
    return made


def _which(resource: Resource, namespace: str | None, name: str) -> str:
    """An object as the field manager names it; Go prints the empty group of core kinds as well."""
    version = resource.group_version if "/" in resource.group_version else f"/{resource.group_version}"
    return f"{namespace or ''}/{name}; {version}, Kind={resource.kind}"
