"""The difference of two Pod specs as the API server prints it when it refuses an update.

Law: pure text. Changed fields with two unchanged ones around them; longer unchanged runs are counted.

Models the report of github.com/google/go-cmp (cmp.Diff) on the internal types.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from tinykube.api.validation.golang import Field, described, fields, go_name, internal_spec
from tinykube.errors import Obj
from tinykube.objects import quantity

_CONTEXT = 2
"""Unchanged fields shown on each side of a changed one."""


class _Line(NamedTuple):
    """One record of the report: `mark` is '-', '+' or ' ', `value` one line, or lines of a nested record."""

    mark: str
    key: str
    value: str | list[str]


def pod_spec(old: Obj, new: Obj) -> str:
    """The difference between two Pod specs, as text of several lines."""
    return report("PodSpec", internal_spec(old), internal_spec(new))


def report(struct: str, old: Obj, new: Obj) -> str:
    """The difference between two values of an internal struct."""
    return "\n".join([f"  core.{struct}{{", *_struct(struct, old, new, 1), "  }", ""])


# -- records -------------------------------------------------------------------------------------------------


def _struct(struct: str, old: Obj, new: Obj, depth: int) -> list[str]:
    known = fields(struct)
    return _records([(f.go, _pick(f, old), _pick(f, new), f) for f in known], "field", depth)


def _pick(field: Field, obj: Obj) -> Any:
    """A field's value; an embedded struct's own fields where it is embedded."""
    if field.kind != "~":
        return obj.get(field.json)
    return {f.json: obj[f.json] for f in fields(field.struct) if f.json in obj}


def _records(items: list[tuple[str, Any, Any, Field]], word: str, depth: int) -> list[str]:
    changed = [old != new for _, old, new, _ in items]
    lines: list[_Line] = []
    skipped = 0
    for index, (key, old, new, field) in enumerate(items):
        if not any(changed[max(0, index - _CONTEXT) : index + _CONTEXT + 1]):
            skipped += 1
            continue
        lines += _ellipsis(skipped, word)
        skipped = 0
        lines += _record(key, old, new, field, depth) if changed[index] else [_Line(" ", key, text(field, old))]
    return _laid_out([*lines, *_ellipsis(skipped, word)], depth)


def _ellipsis(count: int, word: str) -> list[_Line]:
    return [_Line(" ", "", f"... // {count} identical {word}{'s' if count > 1 else ''}")] if count else []


def _record(key: str, old: Any, new: Any, field: Field, depth: int) -> list[_Line]:
    if isinstance(old, dict) and isinstance(new, dict) and (described(field.struct) or field.kind in ("m", "q")):
        return [_Line(" ", key, _nested(field, old, new, depth))]
    if isinstance(old, list) and isinstance(new, list) and described(field.struct):
        return [_Line(" ", key, [f"[]core.{field.struct}{{", *_items(field, old, new, depth + 1), "}"])]
    return [_Line("-", key, text(field, old, typed=True)), _Line("+", key, text(field, new, typed=True))]


def _nested(field: Field, old: Obj, new: Obj, depth: int) -> list[str]:
    if field.kind in ("m", "q"):
        item = Field("", "", "Q" if field.kind == "q" else "s", "")
        prefix = "s" if field.kind == "q" else ""
        items = [(prefix + json.dumps(k), old.get(k), new.get(k), item) for k in sorted({*old, *new})]
        return [f"{_map_type(field)}{{", *_map_records(items, depth + 1), "}"]
    pointer = "&" if field.kind == "*" else ""
    return [f"{pointer}core.{field.struct}{{", *_struct(field.struct, old, new, depth + 1), "}"]


def _map_records(items: Iterable[tuple[str, Any, Any, Field]], depth: int) -> list[str]:
    lines: list[_Line] = []
    for key, old, new, field in items:
        if old == new:
            lines.append(_Line(" ", key, text(field, old)))
            continue
        lines += [_Line("-", key, text(field, old))] if old is not None else []
        lines += [_Line("+", key, text(field, new))] if new is not None else []
    return _laid_out(lines, depth)


def _items(field: Field, old: list[Any], new: list[Any], depth: int) -> list[str]:
    """The items of a list: changed ones in place, then those that were removed or added at its end."""
    item = Field("", "", "", field.struct)
    lines: list[_Line] = []
    for before, after in zip(old, new, strict=False):
        if before == after:
            lines.append(_Line(" ", "", text(item, before)))
        else:
            lines.append(_Line(" ", "", ["{", *_struct(field.struct, before, after, depth + 1), "}"]))
    lines += [_Line("-", "", text(item, gone)) for gone in old[len(new) :]]
    lines += [_Line("+", "", text(item, added)) for added in new[len(old) :]]
    return _laid_out(lines, depth)


def _laid_out(lines: list[_Line], depth: int) -> list[str]:
    """Records as lines of text, the values of neighboring keys aligned."""
    found: list[str] = []
    tabs = "\t" * depth
    for index, line in enumerate(lines):
        if isinstance(line.value, list):
            head, *inner, tail = line.value
            found += [f"  {tabs}{line.key + ': ' if line.key else ''}{head}", *inner, f"  {tabs}{tail},"]
        elif line.key:
            padding = " " * (_key_width(lines, index) - len(line.key))
            found.append(f"{line.mark} {tabs}{line.key}: {padding}{line.value},")
        else:
            comma = "" if line.value.startswith("...") else ","
            found.append(f"{line.mark} {tabs}{line.value}{comma}")
    return found


def _key_width(lines: list[_Line], index: int) -> int:
    """The longest key among the one-line records around `index` that touch it."""

    def aligned(line: _Line) -> bool:
        return bool(line.key) and isinstance(line.value, str)

    first = last = index
    while first > 0 and aligned(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and aligned(lines[last + 1]):
        last += 1
    return max(len(line.key) for line in lines[first : last + 1])


# -- values --------------------------------------------------------------------------------------------------


def text(field: Field, value: Any, *, typed: bool = False) -> str:
    """A value in Go's notation on one line. `typed` names the types of lists and maps, as for changed values."""
    if value is None:
        return {"s": '""', "i": "0", "b": "false", "v": "0"}.get(field.kind, "nil" if field.kind else "{}")
    if isinstance(value, list):
        items = ", ".join(text(Field("", "", "", field.struct), v) for v in value)
        return f"{_list_type(field, value) if typed else ''}{{{items}}}"
    if field.kind == "Q":
        return _quantity(str(value))
    pointer = "&" if field.kind == "*" else ""
    if isinstance(value, dict):
        return f"{pointer}{_type(field) if typed else ''}{{{_inside(field, value)}}}"
    return pointer + json.dumps(value, ensure_ascii=False)


def _quantity(written: str) -> str:
    """A quantity as Go holds it: a number, its decimal scale, and the text it was read from."""
    number, scale = quantity(written), 0
    if number % 1:
        number, scale = number * 1000, -3
    kind = "BinarySI" if written.endswith("i") else "DecimalSI"
    scaled = f", scale: {scale}" if scale else ""
    read = "" if kind == "BinarySI" else f" s: {json.dumps(written)},"
    return f'{{i: {{value: {int(number)}{scaled}}},{read} Format: "{kind}"}}'


def _inside(field: Field, value: Obj) -> str:
    if field.kind == "q":
        return ", ".join(f"s{json.dumps(k)}: {_quantity(str(v))}" for k, v in sorted(value.items()))
    if field.kind == "m":
        return ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(value.items()))
    if described(field.struct):
        parts = [(f, _pick(f, value)) for f in fields(field.struct)]
        return ", ".join(f"{f.go}: {text(f, v)}" for f, v in parts if v or (v == {} and f.kind == "*"))
    plain = Field("", "", "", "any")
    return ", ".join(f"{go_name(k)}: {text(plain, v)}" for k, v in value.items())


def _list_type(field: Field, value: list[Any]) -> str:
    if described(field.struct):
        return f"[]core.{field.struct}"
    return "[]string" if all(isinstance(v, str) for v in value) else ""


def _map_type(field: Field) -> str:
    return "map[string]string" if field.kind == "m" else "core.ResourceList"


def _type(field: Field) -> str:
    if field.kind in ("m", "q"):
        return _map_type(field)
    return f"core.{field.struct}" if described(field.struct) else ""
