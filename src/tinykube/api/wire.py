"""Objects on the wire: the media type a client wants, times as its own clock understands them, and bytes.

Law: nothing here decides what is answered, only how it looks. Times are shifted by whole seconds on the way out and
back on the way in, so that a client that compares them with its own clock computes the right ages.

Models k8s.io/apiserver/pkg/endpoints/handlers/negotiation and responsewriters.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import yaml

from tinykube import errors, schema
from tinykube.api.messages import Request
from tinykube.objects import Obj

JSON, YAML = "application/json", "application/yaml"

MAX_DEPTH = 100
"""Levels of nesting that a body may have; the deepest kind of the API needs a fifth of that."""

_VERSIONS = {
    "Table": "v1",
    "PartialObjectMetadata": "v1",
    "PartialObjectMetadataList": "v1",
    "APIGroupDiscoveryList": "v2",
}
_OBJECT_KINDS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


@dataclass(frozen=True)
class Wanted:
    """The chosen media type, and what the object should be turned into (`as=`), if anything."""

    media_type: str = JSON
    kind: str = ""
    version: str = ""
    group: str = ""
    pretty: bool = False


def negotiate(request: Request, *, kinds: tuple[str, ...] = _OBJECT_KINDS) -> Wanted:
    """The first thing that a client accepts and this server has. `kinds`: what may be asked for with `as=`.

    Raises:
        errors.ApiError: NotAcceptable.
    """
    accept = request.headers.get("accept", "")
    pretty = request.flag("pretty") or (not request.param("pretty") and request.agent in ("curl", "Wget", "Mozilla"))
    clauses = [c for c in accept.split(",") if c.strip()] or [JSON]
    for clause in clauses:
        media, *parameters = (part.strip() for part in clause.split(";"))
        values = dict(p.split("=", 1) for p in parameters if "=" in p)
        media = JSON if media in ("*/*", "application/*") else media
        if media not in (JSON, YAML) or values.get("as", "") not in ("", *kinds):
            continue
        if values.get("as") and values.get("v") != _VERSIONS[values["as"]]:
            continue
        return Wanted(media, values.get("as", ""), values.get("v", ""), values.get("g", ""), pretty)
    raise _not_acceptable()


def _not_acceptable() -> errors.ApiError:
    message = f"only the following media types are accepted: {JSON}, {YAML}"
    return errors.ApiError(errors.status(406, "NotAcceptable", message))


def encode(value: Any, wanted: Wanted) -> bytes:
    """Bytes of the chosen media type."""
    if wanted.media_type == YAML:
        return yaml.safe_dump(value, sort_keys=True, allow_unicode=True).encode()
    if wanted.pretty:
        return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def check_depth(value: Any) -> None:
    """Refuse what is nested more deeply than any object of the API.

    Raises:
        errors.ApiError: BadRequest.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise errors.bad_request("exceeded max depth")


# -- times ---------------------------------------------------------------------------------------------------


class Shift:
    """Moves the times of objects by `seconds()`, the whole seconds between this clock and the clients'."""

    def __init__(self, seconds: Callable[[], int] = lambda: 0) -> None:
        self.seconds = seconds

    def out(self, obj: Obj) -> Obj:
        """An object as clients should see it; the object itself when there is nothing to move."""
        return _moved(obj, self.seconds())

    def back(self, kind_key: str, obj: Obj) -> Obj:
        """A client's object, or a patch shaped like one, in the cluster's own time."""
        seconds = self.seconds()
        if not seconds or not isinstance(obj, dict):
            return obj
        return schema.map_times(kind_key, obj, lambda text: shifted(text, -seconds))


def _moved(obj: Obj, seconds: int) -> Obj:
    if not seconds:
        return obj
    items = obj.get("items")
    if isinstance(items, list):
        return {**obj, "items": [_moved(item, seconds) for item in items]}
    return _move_one(obj, seconds)


def _move_one(obj: Obj, seconds: int) -> Obj:
    def change(text: str) -> str:
        return shifted(text, seconds)

    if obj.get("kind") == "PartialObjectMetadata":
        moved = schema.map_times("v1/ConfigMap", {"metadata": obj["metadata"]}, change)
        return {**obj, "metadata": moved["metadata"]}
    return schema.map_times(f"{obj.get('apiVersion', '')}/{obj.get('kind', '')}", obj, change)


NEVER = ("0001-01-01", "1970-01-01")
"""The zeros of Go's and of Unix' time: what did not happen, such as the start of a container that could not start."""


@lru_cache(maxsize=4096)
def shifted(text: str, seconds: int) -> str:
    """An RFC 3339 time moved by whole seconds, written as precisely as before; anything else is left alone."""
    if text.startswith(NEVER):
        return text
    head, dot, fraction = text.removesuffix("Z").partition(".")
    if not text.endswith("Z"):
        return _shifted_zone(text, seconds)
    try:
        moved = datetime.strptime(head, "%Y-%m-%dT%H:%M:%S") + timedelta(seconds=seconds)  # noqa: DTZ007
    except (ValueError, OverflowError):
        return text
    return f"{moved:%Y-%m-%dT%H:%M:%S}{dot}{fraction}Z"


def _shifted_zone(text: str, seconds: int) -> str:
    try:
        moved = datetime.fromisoformat(text) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return text
    return moved.isoformat()
