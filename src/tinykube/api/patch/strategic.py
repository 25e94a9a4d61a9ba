"""Strategic merge patch: a merge patch that knows which lists are keyed.

Law: pure functions; neither the original nor the patch is changed. What merges and by which key comes from the
schema's `Shape`. Directives: `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD`,
`$setElementOrder/FIELD`.

Models k8s.io/apimachinery/pkg/util/strategicpatch/patch.go.
"""

from __future__ import annotations

from typing import Any

from tinykube import objects
from tinykube.api.patch.merge import PatchError, PatchFailed, go_format
from tinykube.api.patch.shape import Shape

Map = dict[str, Any]

PATCH = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_PREFIX = "$deleteFromPrimitiveList/"
ORDER_PREFIX = "$setElementOrder/"


def strategic_merge(original: Map, patch: Map, shape: Shape) -> Map:
    """Apply a strategic merge patch to an object of that shape.

    Raises:
        PatchError: a directive that is none.
        PatchFailed: an unknown directive, or a list element without its merge key.
    """
    return _merge_map(objects.copy(original), objects.copy(patch), shape)


def _merge_map(original: Map, patch: Map, shape: Shape) -> Map:
    if PATCH in patch:
        return _directed_map(patch)
    _retain_keys(original, patch)
    _merge_ordered_lists(original, patch, shape)
    for key, value in patch.items():
        deletes = key.startswith(DELETE_PREFIX)
        _merge_field(original, key.removeprefix(DELETE_PREFIX), value, shape, deletes)
    return original


def _directed_map(patch: Map) -> Map:
    directive = patch.pop(PATCH)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    raise PatchFailed(f"unknown patch type: {directive} in map: {go_format(patch)}")


def _retain_keys(original: Map, patch: Map) -> None:
    if RETAIN_KEYS not in patch:
        return
    retained = patch.pop(RETAIN_KEYS)
    if not isinstance(retained, list):
        raise PatchError("invalid patch format of $retainKeys: it must be a list")
    stray = [k for k in patch if not k.startswith("$") and k not in retained]
    if stray:
        raise PatchError("$retainKeys list doesn't contain all present keys in the patch")
    for key in [k for k in original if k not in retained]:
        del original[key]


def _merge_field(original: Map, key: str, value: Any, shape: Shape, deletes: bool) -> None:
    if value is None:
        original.pop(key, None)
        return
    current: Any = original.get(key)
    if type(current) is not type(value) or not isinstance(value, (dict, list)):
        if not deletes:
            original[key] = clean(value)
        return
    field = shape.field(key)
    if isinstance(value, dict):
        original[key] = clean(value) if "replace" in field.strategies else _merge_map(current, value, field)
    elif deletes:
        original[key] = [item for item in current if item not in value]
    elif "merge" in field.strategies:
        original[key] = _merge_list(current, value, field)
    else:
        original[key] = clean(value)


def clean(value: Any) -> Any:
    """A patch's value as it is stored where nothing was before: without nulls and without directives."""
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items() if v is not None and not k.startswith("$")}
    if isinstance(value, list):
        kept = [v for v in value if not (isinstance(v, dict) and v.get(PATCH) == "delete")]
        return [clean(v) for v in kept if not (isinstance(v, dict) and set(v) == {PATCH})]
    return value


# -- lists ---------------------------------------------------------------------------------------------------


def _merge_list(original: list[Any], patch: list[Any], shape: Shape) -> list[Any]:
    if not any(isinstance(item, dict) for item in [*original, *patch]):
        return _ordered(_unique([*original, *patch]), patch, original, None)
    key = shape.merge_key
    if not key:
        raise PatchFailed("cannot merge lists without merge key")
    live = list(original)
    original, patch, replaced = _list_directives(original, patch, key)
    if replaced:
        return [clean(item) for item in patch]
    merged = list(original)
    for item in patch:
        _merge_item(merged, item, key, shape)
    return _ordered(merged, patch, live, key)


def _unique(items: list[Any]) -> list[Any]:
    seen: dict[str, Any] = {}
    for item in items:
        seen.setdefault(repr(item), item)
    return list(seen.values())


def _merge_item(merged: list[Any], item: Any, key: str, shape: Shape) -> None:
    wanted = _key_of(item, key)
    for position, candidate in enumerate(merged):
        if isinstance(candidate, dict) and candidate.get(key) == wanted:
            merged[position] = _merge_map(candidate, item, shape.items)
            return
    merged.append(clean(item))


def _key_of(item: Any, key: str) -> Any:
    if not isinstance(item, dict):
        raise PatchError("invalid patch: a list of objects holds something else")
    if key not in item:
        raise PatchFailed(f"map: {go_format(item)} does not contain declared merge key: {key}")
    return item[key]


def _list_directives(original: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any], bool]:
    """Carry out `$patch` in list elements: what is left of the original and of the patch, and whether to replace."""
    kept, replaced = [], False
    for item in patch:
        directive = item.get(PATCH) if isinstance(item, dict) else None
        if directive is None:
            kept.append(item)
        elif directive == "replace":
            replaced = True
        elif directive == "delete":
            gone = _key_of(item, key)
            original = [o for o in original if not (isinstance(o, dict) and o.get(key) == gone)]
        else:
            raise PatchFailed(f"unknown patch type: {directive} in map: {go_format(item)}")
    return original, kept, replaced


def _merge_ordered_lists(original: Map, patch: Map, shape: Shape) -> None:
    """Merge each list that comes with `$setElementOrder`, and put its elements into that order."""
    for directive in [k for k in patch if k.startswith(ORDER_PREFIX)]:
        name, order = directive.removeprefix(ORDER_PREFIX), patch.pop(directive)
        if not isinstance(order, list):
            raise PatchError(f"invalid value for {directive}: it must be a list")
        changes, current = patch.pop(name, None), original.get(name)
        if not isinstance(current, list):
            current = None
        if changes is None and current is None:
            continue
        field = shape.field(name)
        if current is None or changes is None:
            merged = clean(changes) if current is None else current
        elif "merge" in field.strategies:
            merged = _merge_list(current, changes, field)
        else:
            merged = clean(changes)
        original[name] = _ordered(merged, order, current or [], field.merge_key)


def _ordered(merged: list[Any], patch_order: list[Any], live_order: list[Any], key: str | None) -> list[Any]:
    """Elements named by the patch in the patch's order; the server's own kept near their live neighbours."""

    def ident(item: Any) -> Any:
        return repr(item.get(key)) if key and isinstance(item, dict) else repr(item)

    wanted = {ident(item): n for n, item in reversed(list(enumerate(patch_order)))}
    live = {ident(item): n for n, item in reversed(list(enumerate(live_order)))}
    named = sorted((m for m in merged if ident(m) in wanted), key=lambda m: wanted[ident(m)])
    others = sorted((m for m in merged if ident(m) not in wanted), key=lambda m: live.get(ident(m), len(live)))
    out: list[Any] = []
    while named and others:
        left, right = live.get(ident(others[0])), live.get(ident(named[0]))
        first = left is not None and right is not None and left < right
        out.append((others if first else named).pop(0))
    return out + named + others
