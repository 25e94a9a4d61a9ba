"""Merging by type: an applied configuration onto a live object, and taking back what is no longer applied.

Law: pure functions; nothing given in is changed. Structs and maps merge field by field, keyed lists element by element,
sets by union; everything else is replaced.

Models sigs.k8s.io/structured-merge-diff/typed (merge.go, remove.go, validate.go).
"""

from __future__ import annotations

from typing import Any

from tinykube import objects
from tinykube.api.patch import fieldset
from tinykube.api.patch.fieldset import Fields, Path
from tinykube.api.patch.shape import MAP, Shape

_NUMBERS = ("int32", "int64", "double")


def merge(live: Any, config: Any, shape: Shape) -> Any:
    """`live` with everything that `config` says."""
    if not fieldset.is_container(config, shape):
        return objects.copy(config)
    if isinstance(config, dict):
        merged = dict(live) if isinstance(live, dict) else {}
        for key, value in config.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = merge(merged.get(key), value, shape.field(key))
        return merged
    return _merge_list(live if isinstance(live, list) else [], config, shape)


def _merge_list(live: list[Any], config: list[Any], shape: Shape) -> list[Any]:
    """Elements of both lists: the configuration's in its order, the live ones where they were among them."""
    left, right = fieldset.list_steps(live, shape), fieldset.list_steps(config, shape)
    merged: list[Any] = []
    waiting = list(left)
    for step, item in right.items():
        while waiting and waiting[0] != step and (waiting[0] not in right or step in left):
            passed = waiting.pop(0)
            if passed not in right:
                merged.append(left[passed])
        if waiting and waiting[0] == step:
            waiting.pop(0)
        merged.append(merge(left.get(step), item, shape.items) if step in left else objects.copy(item))
    return merged + [left[step] for step in waiting if step not in right]


# -- taking back ---------------------------------------------------------------------------------------------


def remove(value: Any, doomed: Fields, shape: Shape) -> Any:
    """`value` without the fields in `doomed`; containers that lose their last part go too."""
    tree: dict[str, Any] = {}
    for path in doomed:
        _plant(tree, path)
    return _remove(value, tree, shape)


def _plant(tree: dict[str, Any], path: Path) -> None:
    node = tree
    for step in path[:-1]:
        node = node.setdefault(step, {})
    node.setdefault(path[-1], {})[""] = True


def _remove(value: Any, tree: dict[str, Any], shape: Shape) -> Any:
    if not fieldset.is_container(value, shape):
        return value
    kept: list[tuple[str, Any]] = []
    for step, (child, inner) in fieldset.children(value, shape).items():
        below = tree.get(step)
        if below is None:
            kept.append((step, child))
        elif "" not in below:
            rest = _remove(child, below, inner)
            if rest not in (None, {}, []):
                kept.append((step, rest))
    if isinstance(value, list):
        return [child for _, child in kept]
    return {step[2:]: child for step, child in kept}


# -- checking ------------------------------------------------------------------------------------------------


def problems(value: Any, shape: Shape, path: Path = ()) -> list[str]:
    """What keeps a configuration from being of its type, in the words of the real one."""
    if isinstance(value, dict) and shape.fields is not None:
        return _struct_problems(value, shape, path)
    if isinstance(value, list) and shape.topology == MAP:
        return _keyed_problems(value, shape, path)
    if isinstance(value, dict) and (shape.type is None or shape.type.kind != "list"):
        return [p for k, v in value.items() for p in problems(v, shape.items, (*path, f"f:{k}"))]
    return _scalar_problems(value, shape, path)


def _struct_problems(value: dict[str, Any], shape: Shape, path: Path) -> list[str]:
    found: list[str] = []
    for key, child in value.items():
        here = (*path, f"f:{key}")
        if key not in (shape.fields or ()):
            found.append(f"{fieldset.show(here)}: field not declared in schema")
        else:
            found += problems(child, shape.field(key), here)
    return found


def _keyed_problems(value: list[Any], shape: Shape, path: Path) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    for position, item in enumerate(value):
        missing = [
            k for k in shape.map_keys if isinstance(item, dict) and k not in item and k not in fieldset.KEY_DEFAULTS
        ]
        if not isinstance(item, dict) or missing:
            why = "associative list with keys has an element that omits key field"
            found.append(f"{fieldset.show(path)}: element {position}: {why} {[*missing, ''][0]!r}".replace("'", '"'))
            continue
        step = fieldset.step_of(item, shape)
        if step in seen:
            found.append(f"{fieldset.show(path)}: duplicate entries for key {fieldset.show((step,))}")
        seen.add(step)
        found += problems(item, shape.items, (*path, step))
    return found


def _scalar_problems(value: Any, shape: Shape, path: Path) -> list[str]:
    kind = shape.type.kind if shape.type is not None else ""
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in _NUMBERS and value is not None and not numeric:
        return [f"{fieldset.show(path)}: expected numeric (int or float), got {_go(value)}"]
    if kind == "string" and value is not None and not isinstance(value, str):
        return [f"{fieldset.show(path)}: expected string, got {_go(value)}"]
    if kind in ("struct", "map") and value is not None:
        return [f"{fieldset.show(path)}: expected map, got {_go(value)}"]
    if kind == "list" and not isinstance(value, list) and value is not None:
        return [f"{fieldset.show(path)}: expected list, got {_go(value)}"]
    return []


def _go(value: Any) -> str:
    """A value as these messages show it."""
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
    return f"&{{{shown}}}"
