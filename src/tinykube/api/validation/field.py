"""Field errors: the reasons and words with which a value is refused.

Law: pure; each function makes one `Cause`. A path is the JSON path as text (`spec.containers[0].name`).

Models k8s.io/apimachinery/pkg/util/validation/field/errors.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tinykube.errors import Cause

Causes = list[Cause]


def shown(value: Any) -> str:
    """A bad value as Go prints it in an error: quoted text, plain numbers, JSON for the rest.

    Maps are shown in the order they come in: a Go struct keeps its fields' order, a Go map is sorted.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if isinstance(value, str) else escaped(text)


def escaped(text: str) -> str:
    """JSON as Go's encoder writes it, which is safe within HTML."""
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(char, code)
    return text


def _cause(reason: str, path: str, body: str, detail: str) -> Cause:
    return Cause(reason, path, f"{body}: {detail}" if detail else body)


def required(path: str, detail: str = "") -> Cause:
    """The value is missing or empty."""
    return _cause("FieldValueRequired", path, "Required value", detail)


def invalid(path: str, value: Any, detail: str = "") -> Cause:
    """The value is malformed or out of bounds."""
    return _cause("FieldValueInvalid", path, f"Invalid value: {shown(value)}", detail)


def malformed(path: str, detail: str) -> Cause:
    """The value is out of order as a whole, and not worth showing."""
    return _cause("FieldValueInvalid", path, "Invalid value", detail)


def duplicate(path: str, value: Any, detail: str = "") -> Cause:
    """The value must be unique and is not."""
    return _cause("FieldValueDuplicate", path, f"Duplicate value: {shown(value)}", detail)


def not_supported(path: str, value: Any, supported: Iterable[str]) -> Cause:
    """The value is none of an enumeration. `supported` in the order in which it is to be listed."""
    listed = ", ".join(shown(v) for v in supported)
    return _cause("FieldValueNotSupported", path, f"Unsupported value: {shown(value)}", f"supported values: {listed}")


def forbidden(path: str, detail: str) -> Cause:
    """The value is well-formed, but not allowed here."""
    return _cause("FieldValueForbidden", path, "Forbidden", detail)


def not_found(path: str, value: Any, detail: str = "") -> Cause:
    """The value refers to something that is not there."""
    return _cause("FieldValueNotFound", path, f"Not found: {shown(value)}", detail)


def too_long(path: str, limit: int) -> Cause:
    """The value has more than `limit` bytes."""
    return _cause("FieldValueTooLong", path, "Too long", f"may not be more than {limit} bytes")


def too_many(path: str, count: int, limit: int) -> Cause:
    """The list has more than `limit` items."""
    return _cause("FieldValueTooMany", path, f"Too many: {count}", f"must have at most {limit} items")


# -- checks that many kinds share ----------------------------------------------------------------------------


def each_invalid(path: str, value: Any, messages: Iterable[str]) -> Causes:
    """One invalid-value cause for every message that a format check gave."""
    return [invalid(path, value, message) for message in messages]


def non_negative(path: str, value: int | None) -> Causes:
    """A number that may not be below zero; absent is fine."""
    return [invalid(path, value, "must be greater than or equal to 0")] if value is not None and value < 0 else []


def immutable(path: str, new: Any, old: Any) -> Causes:
    """A field that keeps its value for the object's life."""
    return [] if new == old else [invalid(path, new, "field is immutable")]


def one_of(path: str, value: Any, supported: Iterable[str]) -> Causes:
    """An enumeration that must be set."""
    listed = list(supported)
    if not value:
        return [required(path)]
    return [] if value in listed else [not_supported(path, value, listed)]


def in_range(low: int, high: int) -> str:
    """The words for a number outside `low` to `high`, both included."""
    return f"must be between {low} and {high}, inclusive"
