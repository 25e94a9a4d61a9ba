"""What patches need to know of a value's type: its fields, and how its lists and maps merge.

Law: a read-only view on the schema, made once per field. `ANY` stands for values the schema says nothing about:
their maps merge key by key and their lists are replaced as a whole.

Models k8s.io/apimachinery/pkg/util/strategicpatch/meta.go (LookupPatchMeta) and
sigs.k8s.io/structured-merge-diff/schema.
"""

from __future__ import annotations

from functools import cache, cached_property

from tinykube.schema import lookup
from tinykube.schema.lookup import Field, Type

ATOMIC, GRANULAR, SET, MAP = "atomic", "granular", "set", "map"
_CONTAINERS = ("list", "map", "struct")


class Shape:
    """The type of one value, with the merge rules of the field that holds it."""

    def __init__(self, type_: Type | None, field: Field | None = None) -> None:
        self.type, self._field = type_, field
        self.strategies = frozenset(field.patch_strategy.split(",")) if field else frozenset()
        self.merge_key = field.merge_key if field else ""
        self.map_keys = field.list_map_keys if field else ()
        self.topology = self._topology()

    def _topology(self) -> str:
        """For lists atomic, set or map; for maps and structs atomic or granular; atomic for anything else known."""
        if self.type is None:
            return GRANULAR
        if self.type.kind not in _CONTAINERS:
            return ATOMIC
        if self.type.kind == "list":
            return (self._field.list_type if self._field else "") or ATOMIC
        own = self._field.map_type if self._field else ""
        definition = lookup.definition(self.type.ref).map_type if self.type.kind == "struct" else ""
        return own or definition or GRANULAR

    @cached_property
    def fields(self) -> dict[str, Shape] | None:
        """A struct's fields by name; None for maps and everything else."""
        if self.type is None or self.type.kind != "struct":
            return None
        return {name: _of_field(self.type.ref, name) for name in lookup.definition(self.type.ref).fields}

    @cached_property
    def items(self) -> Shape:
        """The shape of a list's elements or a map's values."""
        return Shape(self.type.item) if self.type is not None and self.type.item is not None else ANY

    def field(self, name: str) -> Shape:
        """The shape of a struct's field or a map's value; `ANY` when unknown."""
        if self.fields is not None:
            return self.fields.get(name, ANY)
        return self.items


@cache
def _of_field(definition: str, name: str) -> Shape:
    field = lookup.definition(definition).fields[name]
    return Shape(field.type, field)


@cache
def of_kind(kind_key: str) -> Shape:
    """The shape of a whole object such as "apps/v1/Deployment"; `ANY` for a kind that the schema does not have."""
    definition = lookup.by_kind().get(kind_key)
    return Shape(Type("struct", ref=definition)) if definition else ANY


ANY = Shape(None)
