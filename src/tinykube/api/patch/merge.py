"""JSON patch (RFC 6902) and JSON merge patch (RFC 7386).

Law: pure functions on JSON data; the original is never changed. A patch that cannot be applied raises `PatchError`
with the words for the client.

Models github.com/evanphx/json-patch as k8s.io/apiserver/pkg/endpoints/handlers/patch.go (jsonPatcher) uses it.
"""

from __future__ import annotations

from typing import Any

import jsonpatch
import jsonpointer

from tinykube import objects

MAX_OPERATIONS = 10_000
"""Operations a JSON patch may hold."""


class PatchError(ValueError):
    """The patch is no patch at all (the client's bad request)."""


class PatchFailed(ValueError):
    """The patch is well formed, and the server has no way to carry it out: upstream answers with an internal error."""


class PatchRefused(ValueError):
    """The patch is well formed and does not fit the object, for instance a `test` that failed."""


def merge(original: Any, patch: Any) -> Any:
    """Apply a JSON merge patch: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return objects.copy(patch)
    merged = dict(original) if isinstance(original, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def json_patch(original: Any, operations: Any) -> Any:
    """Apply a JSON patch.

    Raises:
        PatchError: not a list of operations.
        PatchRefused: an operation does not apply.
    """
    if not isinstance(operations, list) or not all(isinstance(op, dict) for op in operations):
        raise PatchError("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    if len(operations) > MAX_OPERATIONS:
        raise PatchRefused(f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}")
    try:
        return jsonpatch.JsonPatch(operations).apply(original)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, IndexError) as error:
        raise PatchRefused("the server rejected our request due to an error in our request") from error


def go_format(value: Any) -> str:
    """A value as Go's `%+v` prints it, which is how patches are shown in refusals."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{go_format(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_format(v) for v in value) + "]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
