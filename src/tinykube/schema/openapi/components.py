"""Schemas of definitions: the components of an OpenAPI document.

Law: pure data; `schema` is built once for each definition. Descriptions come from `descriptions`, and the values of
an enum are listed below the description of its field, as the real server does.

Models k8s.io/kube-openapi/pkg/builder3 and pkg/generators (enum.go).
"""

from __future__ import annotations

import functools
from typing import Any

from tinykube.errors import Obj
from tinykube.schema import descriptions, lookup
from tinykube.schema.lookup import Definition, Field, Type
from tinykube.schema.openapi import names

_PLAIN: dict[str, Obj] = {
    "string": {"type": "string"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "bool": {"type": "boolean"},
    "double": {"type": "number", "format": "double"},
    "bytes": {"type": "string", "format": "byte"},
}
_ZERO = {"string": "", "int32": 0, "int64": 0, "bool": False, "double": 0}
_SHARED = {
    "quantity": "pkg.api.resource.Quantity",
    "intstr": "pkg.util.intstr.IntOrString",
    "time": "meta.v1.Time",
    "microtime": "meta.v1.MicroTime",
}
_COMPONENTS: dict[str, Obj] = {
    "pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "pkg.util.intstr.IntOrString": {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    "meta.v1.Time": {"format": "date-time", "type": "string"},
    "meta.v1.MicroTime": {"format": "date-time", "type": "string"},
    "meta.v1.FieldsV1": {"type": "object"},
    "meta.v1.Patch": {"type": "object"},
    "pkg.runtime.RawExtension": {"type": "object"},
}


def reachable(roots: list[str]) -> set[str]:
    """The definitions that these lead to, themselves included."""
    found: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        if name in lookup.tables.definitions():
            todo += [target for each in lookup.definition(name).fields.values() if (target := _target(each.type))]
    return found


def _target(kind: Type) -> str:
    while kind.item is not None:
        kind = kind.item
    return _SHARED.get(kind.kind, kind.ref)


@functools.cache
def schema(name: str) -> Obj:
    """The schema of one definition, descriptions included."""
    text = descriptions.of_definition(name)
    if name in _COMPONENTS or name not in lookup.tables.definitions():
        return ({"description": text} if text else {}) | _COMPONENTS.get(name, {"type": "object"})
    definition = lookup.definition(name)
    made: Obj = {"description": text} if text else {}
    made["type"] = "object"
    if definition.fields:
        made["properties"] = {f.name: _property(definition, f) for f in definition.fields.values()}
    required = [f.name for f in definition.fields.values() if f.required]
    if required:
        made["required"] = required
    if definition.map_type:
        made["x-kubernetes-map-type"] = definition.map_type
    if definition.kind_keys:
        made["x-kubernetes-group-version-kind"] = [names.gvk(key) for key in definition.kind_keys]
    return made


def _property(definition: Definition, field: Field) -> Obj:
    made = dict(_schema(field.type, in_container=False))
    text = _description(definition, field)
    if text:
        made["description"] = text
    if field.enum:
        _add_enum(made, field)
    if field.required and field.type.kind in _ZERO:
        made["default"] = _ZERO[field.type.kind]
    elif field.type.kind == "struct" and definition.kind_keys and field.name in ("metadata", "spec", "status"):
        made["default"] = {}
    return made | _extensions(field)


def _add_enum(made: Obj, field: Field) -> None:
    if "items" in made:
        made["items"] = {**made["items"], "enum": list(field.enum)}
    else:
        made["enum"] = list(field.enum)


def _description(definition: Definition, field: Field) -> str:
    text = descriptions.of_field(definition.name, field.name)
    if not field.enum:
        return text
    values = [f' - `"{value}"`' + (f" {meaning}" if meaning else "") for value, meaning in field.enum.items()]
    return "\n".join([text, "", "Possible enum values:", *values])


def _schema(kind: Type, *, in_container: bool = True) -> Obj:
    if kind.kind == "list" and kind.item:
        return {"type": "array", "items": _schema(kind.item)}
    if kind.kind == "map" and kind.item:
        return {"type": "object", "additionalProperties": _schema(kind.item)}
    if kind.kind in _PLAIN:
        zero = {"default": _ZERO[kind.kind]} if in_container and kind.kind in _ZERO else {}
        return _PLAIN[kind.kind] | zero
    target = _target(kind)
    if not target:
        return {"type": "object"}
    reference: Obj = {"allOf": [names.reference(target)]}
    return reference | {"default": {}} if in_container and kind.kind == "struct" else reference


def _extensions(field: Field) -> Obj:
    made: dict[str, Any] = {
        "x-kubernetes-list-map-keys": list(field.list_map_keys),
        "x-kubernetes-list-type": field.list_type,
        "x-kubernetes-map-type": field.map_type,
        "x-kubernetes-patch-merge-key": field.merge_key,
        "x-kubernetes-patch-strategy": field.patch_strategy,
    }
    return {name: value for name, value in made.items() if value}
