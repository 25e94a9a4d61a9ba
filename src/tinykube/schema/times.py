"""Where an object holds times, so that they can be shifted on the wire.

Law: look-ups only. Models metav1.Time and metav1.MicroTime wherever api/*/types.go uses them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tinykube.errors import Obj
from tinykube.schema import lookup
from tinykube.schema.lookup import Definition, Type

_TIMES = ("time", "microtime")


@functools.cache
def time_fields(kind_key: str) -> tuple[tuple[str, ...], ...]:
    """Paths of JSON names to every Time and MicroTime field of a kind; lists and maps are stepped into unnamed.

    Raises:
        KeyError: the schema has no such kind.
    """
    return tuple(path for path, field in lookup.walk(kind_key) if field.type.kind in _TIMES)


def map_times(kind_key: str, obj: Obj, change: Callable[[str], str]) -> Obj:
    """A copy of `obj` in which `change` was applied to each time; parts without times are shared, not copied.

    An unknown kind is returned as it is.
    """
    name = lookup.by_kind().get(kind_key)
    return _struct(lookup.definition(name), obj, change) if name else obj


def _struct(definition: Definition, value: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(value, dict):
        return value
    made = None
    for name, item in value.items():
        field = definition.fields.get(name)
        if field is None or not _has_times(field.type):
            continue
        new = _value(field.type, item, change)
        if new is not item:
            made = dict(value) if made is None else made
            made[name] = new
    return value if made is None else made


def _value(kind: Type, value: Any, change: Callable[[str], str]) -> Any:
    if kind.kind in _TIMES:
        return change(value) if isinstance(value, str) else value
    if kind.kind == "list" and kind.item and isinstance(value, list):
        return [_value(kind.item, each, change) for each in value]
    if kind.kind == "map" and kind.item and isinstance(value, dict):
        return {name: _value(kind.item, each, change) for name, each in value.items()}
    return _struct(lookup.definition(kind.ref), value, change) if kind.kind == "struct" else value


@functools.cache
def _has_times(kind: Type) -> bool:
    if kind.kind in _TIMES:
        return True
    inner = lookup.struct_of(kind)
    return inner is not None and any(_leads_to_time(inner, frozenset()))


def _leads_to_time(definition: Definition, seen: frozenset[str]) -> list[bool]:
    found = []
    for field in definition.fields.values():
        kind = field.type
        while kind.item is not None:
            kind = kind.item
        if kind.kind in _TIMES:
            return [True]
        if kind.kind == "struct" and kind.ref not in seen:
            found += _leads_to_time(lookup.definition(kind.ref), seen | {definition.name, kind.ref})
    return [any(found)]
