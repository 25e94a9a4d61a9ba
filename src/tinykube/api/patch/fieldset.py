"""Sets of fields: which parts of an object somebody owns, and in which parts two objects differ.

Law: pure functions. A path is a tuple of steps `f:NAME`, `k:{"key":value}` (an element of a keyed list) or `v:VALUE`
(an element of a set); a set of fields is a Python set of paths. `encode` and `decode` turn it into FieldsV1 and back.

Models sigs.k8s.io/structured-merge-diff/fieldpath (Set, PathElement) and typed (Compare, ToFieldSet).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tinykube.api.patch.shape import GRANULAR, MAP, SET, Shape
from tinykube.objects import Obj

Path = tuple[str, ...]
Fields = set[Path]

MISSING: Any = object()
"""Stands for a value that is not there, as null is a value."""

KEY_DEFAULTS = {"protocol": "TCP"}
"""Keys of keyed lists that have a default, so that an element may leave them out."""


class Difference(NamedTuple):
    """Where a second object differs from a first."""

    added: Fields
    modified: Fields
    removed: Fields


# -- the wire form -------------------------------------------------------------------------------------------


def encode(fields: Iterable[Path]) -> Obj:
    """A set of fields as FieldsV1: nested maps, with "." where a map with children is owned itself."""
    root: Obj = {}
    members = sorted(fields)
    for path in members:
        node = root
        for step in path:
            node = node.setdefault(step, {})
    for path in members:
        node = root
        for step in path:
            node = node[step]
        if node:
            node["."] = {}
    return root


def decode(tree: Any) -> Fields:
    """The set of fields that FieldsV1 stands for; what is no FieldsV1 is an empty set."""
    return set(_members(tree, ())) if isinstance(tree, dict) else set()


def _members(node: Obj, path: Path) -> Iterator[Path]:
    for step, child in node.items():
        if step == ".":
            yield path
        elif not child or not isinstance(child, dict):
            yield (*path, step)
        else:
            yield from _members(child, (*path, step))


def show(path: Path) -> str:
    """A path as conflict messages print it: `.spec.containers[name="web"].image`."""
    return "".join(_show_step(step) for step in path)


def _show_step(step: str) -> str:
    sort, _, text = step.partition(":")
    if sort == "f":
        return f".{text}"
    if sort == "k":
        pairs = (f"{k}={json.dumps(v, separators=(',', ':'))}" for k, v in json.loads(text).items())
        return f"[{','.join(pairs)}]"
    return f"[={text}]"


# -- steps ---------------------------------------------------------------------------------------------------


def list_steps(items: list[Any], shape: Shape) -> dict[str, Any]:
    """The elements of a keyed or set-like list by their step. Of duplicates the last counts."""
    return {step_of(item, shape): item for item in items}


def step_of(item: Any, shape: Shape) -> str:
    """The step to one element of a keyed or set-like list."""
    if shape.topology == SET or not isinstance(item, dict):
        return f"v:{json.dumps(item, separators=(',', ':'), sort_keys=True)}"
    keys = {k: item.get(k, KEY_DEFAULTS.get(k)) for k in sorted(shape.map_keys)}
    found = {k: v for k, v in keys.items() if v is not None}
    return f"k:{json.dumps(found, separators=(',', ':'))}"


def is_container(value: Any, shape: Shape) -> bool:
    """Whether a value is made of parts that have owners of their own."""
    if isinstance(value, dict):
        return shape.topology == GRANULAR
    if isinstance(value, list):
        return shape.topology in (SET, MAP)
    return False


def children(value: Any, shape: Shape) -> dict[str, tuple[Any, Shape]]:
    """The parts of a container by step, each with its shape; nothing for null and missing values."""
    if isinstance(value, dict):
        return {f"f:{k}": (v, shape.field(k)) for k, v in value.items()}
    if isinstance(value, list):
        return {step: (item, shape.items) for step, item in list_steps(value, shape).items()}
    return {}


# -- sets of whole objects -----------------------------------------------------------------------------------


def of(value: Any, shape: Shape, path: Path = ()) -> Fields:
    """All fields that an object sets."""
    found: Fields = set()
    _collect(value, shape, path, found)
    return found


def _collect(value: Any, shape: Shape, path: Path, found: Fields) -> None:
    if not is_container(value, shape):
        found.add(path)
        return
    for step, (child, inner) in children(value, shape).items():
        here = (*path, step)
        _collect(child, inner, here, found)
        plain_key = step.startswith("f:") and shape.fields is None
        if plain_key or step.startswith("k:") or child in ({}, None):
            found.add(here)
    if path and value == []:
        found.add(path)


def compare(old: Any, new: Any, shape: Shape) -> Difference:
    """In which fields `new` differs from `old`."""
    difference = Difference(set(), set(), set())
    _compare(old, new, shape, (), difference)
    return difference


def _compare(old: Any, new: Any, shape: Shape, path: Path, out: Difference) -> None:
    if old is not MISSING and new is not MISSING and old == new:
        return
    if not _comparable(old, new, shape):
        _compare_leaf(old, new, path, out)
        return
    before, after = children(old, shape), children(new, shape)
    for step in {**before, **after}:
        inner = (after.get(step) or before[step])[1]
        left, right = before.get(step, (MISSING,))[0], after.get(step, (MISSING,))[0]
        _compare(left, right, inner, (*path, step), out)
    if old is MISSING and path:
        out.added.add(path)
    elif new is MISSING and path:
        out.removed.add(path)


def _comparable(old: Any, new: Any, shape: Shape) -> bool:
    """Whether both sides are containers of one kind; a missing or null side takes the other's form."""
    sides = [side for side in (old, new) if side is not MISSING and side is not None]
    same_kind = len({type(side) for side in sides}) == 1
    return same_kind and all(is_container(side, shape) for side in sides)


def _compare_leaf(old: Any, new: Any, path: Path, out: Difference) -> None:
    if old is MISSING:
        out.added.add(path)
    elif new is MISSING:
        out.removed.add(path)
    else:
        out.modified.add(path)
