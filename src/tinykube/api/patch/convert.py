"""Why a patched object cannot become its kind, in the words used for strategic merge patches.

Law: pure. Those patches are made on unstructured maps, whose conversion into Go structs has words of its own.

Models k8s.io/apimachinery/pkg/runtime/converter.go (FromUnstructured).
"""

from __future__ import annotations

from typing import Any

from tinykube.api.patch.shape import Shape

_NUMBERS = ("int32", "int64", "double")
_GO_KINDS = {"int32": "int32", "int64": "int64", "double": "float64", "string": "string", "bool": "bool"}


def problem(value: Any, shape: Shape) -> str:
    """The first value that does not fit its type; empty when all do."""
    kind = shape.type.kind if shape.type is not None else ""
    if value is None or not kind:
        return ""
    if kind in ("struct", "map", "list"):
        return _container_problem(value, kind, shape)
    if kind in _GO_KINDS and not _fits(value, kind):
        return _scalar_problem(value, kind)
    return ""


def _container_problem(value: Any, kind: str, shape: Shape) -> str:
    if kind == "list":
        if not isinstance(value, list):
            return f"cannot restore slice from {_go_kind(value)}"
        return next(filter(None, (problem(item, shape.items) for item in value)), "")
    if not isinstance(value, dict):
        return f"cannot restore {kind} from{':' if kind == 'struct' else ''} {_go_kind(value)}"
    return next(filter(None, (problem(item, shape.field(key)) for key, item in value.items())), "")


def _fits(value: Any, kind: str) -> bool:
    if kind in _NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str) if kind == "string" else isinstance(value, bool)


def _scalar_problem(value: Any, kind: str) -> str:
    if kind == "string" and isinstance(value, int) and not isinstance(value, bool):
        return "cannot convert int64 to string"
    return f"unrecognized type: {_GO_KINDS[kind]}"


def _go_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "map"
    return "slice" if isinstance(value, list) else "int64"
