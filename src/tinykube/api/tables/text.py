"""Small texts that cells are made of: ages, selectors, lists cut short.

Law: pure. `now` is in seconds since the epoch.

Models k8s.io/apimachinery/pkg/util/duration/duration.go and pkg/apis/meta/v1/helpers.go (FormatLabelSelector).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tinykube.errors import Obj
from tinykube.objects import meta, parse_time

NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400


def human_duration(seconds: float) -> str:
    """A duration in at most two units: 119s, 2m, 9m59s, 179m, 7h59m, 47h, 7d23h, 729d, 7y364d."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _two(whole, _YEAR, "y", _DAY, "d")
    return f"{whole // _YEAR}y"


def _two(whole: int, big: int, big_unit: str, small: int, small_unit: str) -> str:
    rest = whole % big // small
    return f"{whole // big}{big_unit}{rest}{small_unit}" if rest else f"{whole // big}{big_unit}"


def since(time: str | None, now: float) -> str:
    """How long ago an RFC 3339 time was."""
    return human_duration(now - parse_time(time)) if time else UNKNOWN


def age(obj: Obj, now: float) -> str:
    """The object's age."""
    return since(meta(obj).get("creationTimestamp"), now)


def labels(found: Mapping[str, str] | None) -> str:
    """A map of labels as `a=b,c=d`."""
    return ",".join(f"{k}={v}" for k, v in sorted((found or {}).items())) or NONE


def selector(found: Obj | None) -> str:
    """A LabelSelector as kubectl takes it on the command line."""
    return selector_text(found) or NONE


def selector_text(found: Obj | None) -> str:
    """A LabelSelector as text, empty when it selects everything or nothing."""
    parts = [(k, f"{k}={v}") for k, v in ((found or {}).get("matchLabels") or {}).items()]
    parts += [(e["key"], _expression(e)) for e in (found or {}).get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(parts))


def _expression(found: Obj) -> str:
    key, operator = found["key"], found["operator"]
    if operator in ("Exists", "DoesNotExist"):
        return key if operator == "Exists" else f"!{key}"
    return f"{key} {operator.lower()} ({','.join(sorted(found.get('values') or ()))})"


def containers(spec: Obj) -> tuple[str, str]:
    """The names and the images of a Pod spec's containers."""
    found = spec.get("containers") or []
    return ",".join(c.get("name", "") for c in found), ",".join(c.get("image", "") for c in found)


def first_of(items: Sequence[str], limit: int = 3) -> str:
    """At most `limit` items, and how many more there are."""
    text = ",".join(items[:limit])
    return f"{text} + {len(items) - limit} more..." if len(items) > limit else text


def condition_is_true(conditions: Iterable[Obj] | None, kind: str) -> bool:
    """Whether the first condition of that type is true."""
    return next((c.get("status") == "True" for c in conditions or () if c.get("type") == kind), False)
