"""Definitions and fields: what each part of an API object may hold.

Law: pure look-ups over `tables`; no object is read or changed here.

Definitions go by their short name: `core.v1.Pod`, `apps.v1.DeploymentSpec`, `meta.v1.ObjectMeta`. A kind goes by its
`kind_key`: `v1/Pod`, `apps/v1/Deployment`.

Models the types of staging/src/k8s.io/api/*/*/types.go as published in api/openapi-spec.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from tinykube.schema import tables

SCALAR_GO_TYPES = {"string": "string", "int32": "int32", "int64": "int64", "bool": "bool", "double": "float64"}
SPECIAL_GO_TYPES = {
    "bytes": "[]uint8",
    "quantity": "resource.Quantity",
    "intstr": "intstr.IntOrString",
    "time": "v1.Time",
    "microtime": "v1.MicroTime",
    "raw": "runtime.RawExtension",
}


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is.

    `kind` is one of string, int32, int64, bool, double, bytes, quantity, intstr, time, microtime, raw (any JSON),
    list, map or struct. `item` is the element type of a list or map, `ref` the definition of a struct, or the name
    of one whose content is raw.
    """

    kind: str
    item: Type | None = None
    ref: str = ""
    go: str = ""

    @property
    def go_type(self) -> str:
        """The Go type as decoding errors name it: `int32`, `v1.PodSpec`, `[]v1.Container`."""
        if self.go:
            return self.go
        if self.kind == "struct":
            return ".".join(self.ref.split(".")[-2:])
        if self.item is not None:
            return ("[]" if self.kind == "list" else "map[string]") + self.item.go_type
        return SCALAR_GO_TYPES.get(self.kind) or SPECIAL_GO_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a definition, with what merging, decoding and documents need to know of it.

    `patch_strategy` is what x-kubernetes-patch-strategy says: "", "merge", "retainKeys" or "merge,retainKeys".
    `list_type` is "", "atomic", "set" or "map" (by `list_map_keys`); `map_type` "", "atomic" or "granular".
    `omit_zero` says that a zero value ("", 0, false, [], {}) equals an absent one and is not kept.
    """

    name: str
    type: Type
    required: bool = False
    patch_strategy: str = ""
    merge_key: str = ""
    list_type: str = ""
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""
    omit_zero: bool = False

    @property
    def enum(self) -> dict[str, str]:
        """The values allowed, alphabetically, and what each means; empty when the schema names none."""
        kind = self.type.item if self.type.kind == "list" and self.type.item else self.type
        return tables.enums().get(kind.go, {})


@dataclass(frozen=True, slots=True)
class Definition:
    """A named structure of the API. `kind_keys` are the kinds it is the body of, `map_type` is atomic for some."""

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    kind_keys: tuple[str, ...] = ()
    map_type: str = ""

    @property
    def go_name(self) -> str:
        """The Go struct's name without its package: `PodSpec`."""
        return self.name.rsplit(".", 1)[1]


@functools.cache
def definition(name: str) -> Definition:
    """The definition of that short name. Raises KeyError for an unknown one."""
    table = tables.definitions()[name]
    package = name.rsplit(".", 1)[0]
    fields = {f: _field(f, code, package) for f, code in table["f"].items()}
    return Definition(name, fields, tuple(table.get("gvk", ())), table.get("map", ""))


@functools.cache
def by_kind() -> dict[str, str]:
    """kind_key to definition name, for every kind that this server knows, lists and options included."""
    return {key: name for name, table in tables.definitions().items() for key in table.get("gvk", ())}


def of_kind(kind_key: str) -> Definition:
    """The definition of a kind such as `apps/v1/Deployment`. Raises KeyError for an unknown one."""
    return definition(by_kind()[kind_key])


def field_at(kind_key: str, *path: str) -> Field | None:
    """The field at a path of JSON names; list and map elements are stepped into without a name.

    `field_at("v1/Pod", "spec", "containers", "ports")`; None when the schema has no such field.
    """
    found: Field | None = None
    current: Definition | None = of_kind(kind_key)
    for name in path:
        found = current.fields.get(name) if current else None
        if found is None:
            return None
        current = struct_of(found.type)
    return found


def struct_of(kind: Type) -> Definition | None:
    """The definition that a type holds, directly or as the element of lists and maps; None for plain values."""
    while kind.item is not None:
        kind = kind.item
    return definition(kind.ref) if kind.kind == "struct" else None


def walk(kind_key: str) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Every path and field under a kind, depth first; a definition is not entered again inside itself."""
    yield from _walk(of_kind(kind_key), (), frozenset())


def _walk(root: Definition, path: tuple[str, ...], seen: frozenset[str]) -> Iterator[tuple[tuple[str, ...], Field]]:
    for each in root.fields.values():
        yield (*path, each.name), each
        inner = struct_of(each.type)
        if inner is not None and inner.name not in seen:
            yield from _walk(inner, (*path, each.name), seen | {root.name, inner.name})


def _field(name: str, code: str, package: str) -> Field:
    kind, *marks = code.split(" ")
    values = dict(mark.split(":", 1) for mark in marks if ":" in mark)
    parsed = _type(kind, package, values.get("go", ""))
    required = "req" in marks
    return Field(
        name=name,
        type=parsed,
        required=required,
        patch_strategy=values.get("ps", ""),
        merge_key=values.get("mk", ""),
        list_type=values.get("list", ""),
        list_map_keys=tuple(values["keys"].split(",")) if "keys" in values else (),
        map_type=values.get("map", ""),
        omit_zero=not required and _omits(parsed, marks),
    )


def _omits(kind: Type, marks: list[str]) -> bool:
    if kind.kind in ("string", "bytes"):
        return "ptr" not in marks
    return kind.kind in ("list", "map") or "plain" in marks


def _type(code: str, package: str, go: str) -> Type:
    if code[:2] in ("[]", "{}"):
        kind = "list" if code[0] == "[" else "map"
        inner = go[2:] if go[:2] in ("[]", "{}") else ""
        return Type(kind, _type(code[2:], package, inner), go="" if inner else go)
    if code[0] == "#":
        target = code[1:]
        return Type("struct", ref=target if "." in target else f"{package}.{target}")
    kind, _, ref = code.partition("@")
    return Type(kind, ref=ref, go=go)
