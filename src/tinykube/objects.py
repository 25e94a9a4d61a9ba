"""API objects as plain dicts, and the small arithmetic on them.

Law: pure functions, no I/O, no clock. Objects handed out by the store, the API or an informer are shared:
read them, and `copy` before changing anything.

Models k8s.io/apimachinery: pkg/apis/meta/v1, pkg/labels, pkg/api/resource/quantity.go, pkg/util/rand.
"""

import random
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from tinykube.errors import Obj


def copy(value: Any) -> Any:
    """Deep copy of JSON-like data; far quicker than `copy.deepcopy`."""
    if type(value) is dict:
        return {k: copy(v) if type(v) is dict or type(v) is list else v for k, v in value.items()}
    if type(value) is list:
        return [copy(v) if type(v) is dict or type(v) is list else v for v in value]
    return value


def dig(obj: Any, *path: str | int, default: Any = None) -> Any:
    """The value at `path`, or `default` where any step is missing or null."""
    for step in path:
        try:
            obj = obj[step]
        except (KeyError, IndexError, TypeError):
            return default
        if obj is None:
            return default
    return obj


# -- metadata ------------------------------------------------------------------------------------------------


def meta(obj: Obj) -> Obj:
    """The object's metadata (an empty dict when it has none)."""
    return obj.get("metadata") or {}


def name(obj: Obj) -> str:
    """metadata.name, or an empty string."""
    return meta(obj).get("name") or ""


def namespace(obj: Obj) -> str:
    """metadata.namespace; empty for cluster-scoped objects."""
    return meta(obj).get("namespace") or ""


def uid(obj: Obj) -> str:
    """metadata.uid."""
    return meta(obj).get("uid") or ""


def labels(obj: Obj) -> dict[str, str]:
    """metadata.labels (never None)."""
    return meta(obj).get("labels") or {}


def annotations(obj: Obj) -> dict[str, str]:
    """metadata.annotations (never None)."""
    return meta(obj).get("annotations") or {}


def key(obj: Obj) -> str:
    """`namespace/name`, or `name` for cluster-scoped objects: what work queues hold (cache.MetaNamespaceKeyFunc)."""
    return f"{namespace(obj)}/{name(obj)}" if namespace(obj) else name(obj)


def split_key(text: str) -> tuple[str, str]:
    """`namespace/name` back into its parts; the namespace is empty for cluster-scoped keys."""
    first, slash, second = text.partition("/")
    return (first, second) if slash else ("", first)


def deleting(obj: Obj) -> bool:
    """Whether deletion has been asked for (metadata.deletionTimestamp is set)."""
    return bool(meta(obj).get("deletionTimestamp"))


# -- owners --------------------------------------------------------------------------------------------------


def controller_of(obj: Obj) -> Obj | None:
    """The owner reference with `controller: true`, if any (metav1.GetControllerOf)."""
    for ref in meta(obj).get("ownerReferences") or ():
        if ref.get("controller"):
            return dict(ref)
    return None


def controlled_by(obj: Obj, owner: Obj) -> bool:
    """Whether `owner` is the object's controller, by UID."""
    ref = controller_of(obj)
    return ref is not None and ref.get("uid") == uid(owner)


def owner_reference(owner: Obj) -> Obj:
    """A reference to `owner` as its controller writes it (metav1.NewControllerRef)."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name(owner),
        "uid": uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


# -- conditions ----------------------------------------------------------------------------------------------


def condition(obj: Obj, kind: str) -> Obj | None:
    """The status condition of type `kind`, or None."""
    for found in dig(obj, "status", "conditions", default=()):
        if found.get("type") == kind:
            return found
    return None


def condition_true(obj: Obj, kind: str) -> bool:
    """Whether the condition `kind` is present with status "True"."""
    found = condition(obj, kind)
    return found is not None and found.get("status") == "True"


# -- selectors -----------------------------------------------------------------------------------------------


def matches_labels(selector: Mapping[str, str] | None, found: Mapping[str, str]) -> bool:
    """Whether `found` carries every key and value of a plain map selector. An empty map matches everything."""
    return all(found.get(k) == v for k, v in (selector or {}).items())


def matches(selector: Obj | None, found: Mapping[str, str]) -> bool:
    """Whether a LabelSelector object (matchLabels, matchExpressions) selects the labels. None selects nothing."""
    if selector is None:
        return False
    expressions = selector.get("matchExpressions") or ()
    return matches_labels(selector.get("matchLabels"), found) and all(
        _requirement(e["key"], e["operator"], e.get("values") or (), found) for e in expressions
    )


def _requirement(wanted: str, operator: str, values: Iterable[str], found: Mapping[str, str]) -> bool:
    if operator in ("In", "in"):
        return wanted in found and found[wanted] in values
    if operator in ("NotIn", "notin"):
        return wanted not in found or found[wanted] not in values
    if operator == "Exists":
        return wanted in found
    if operator == "DoesNotExist":
        return wanted not in found
    raise ValueError(f"unknown label selector operator {operator!r}")


# -- quantities ----------------------------------------------------------------------------------------------

_SUFFIX = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)|(?=[KMGTPE]i))([A-Za-z]*(?:[-+]?\d+)?)")


def quantity(text: str | int | float) -> Decimal:
    """A resource quantity such as `250m`, `512Mi` or `1e3` as an exact number (cores, bytes, or a count).

    Raises:
        ValueError: the text is no quantity.
    """
    found = _QUANTITY.fullmatch(str(text))
    if not found:
        raise ValueError(f"not a quantity: {text!r}")
    number, suffix = Decimal(found[1] or 0), found[2]  # upstream reads a lone `Mi` as none of them
    if suffix in _BINARY:
        return number * (Decimal(1024) ** _BINARY[suffix])
    if suffix in _SUFFIX:
        return number.scaleb(_SUFFIX[suffix])
    try:
        return Decimal(found[1] + suffix) if suffix[0] in "eE" and len(suffix) > 1 else _no_quantity(text)
    except InvalidOperation:
        return _no_quantity(text)


def _no_quantity(text: Any) -> Decimal:
    raise ValueError(f"not a quantity: {text!r}")


def millicores(text: str | int | float) -> int:
    """A CPU quantity in thousandths of a core, rounded up as the scheduler does (Quantity.MilliValue)."""
    return int((quantity(text) * 1000).to_integral_value(ROUND_CEILING))


def whole(text: str | int | float) -> int:
    """A quantity in whole units (bytes for memory), rounded up (Quantity.Value)."""
    return int(quantity(text).to_integral_value(ROUND_CEILING))


# -- times ---------------------------------------------------------------------------------------------------


def rfc3339(seconds: float) -> str:
    """Seconds since the epoch as `metav1.Time` writes them: whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(seconds: float) -> str:
    """Seconds since the epoch as `metav1.MicroTime` writes them."""
    return datetime.fromtimestamp(round(seconds, 6), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str | None) -> float:
    """Seconds since the epoch of an RFC 3339 time; 0.0 for none.

    Raises:
        ValueError: the text is no RFC 3339 time.
    """
    if not text:
        return 0.0
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# -- names and ids -------------------------------------------------------------------------------------------

ALPHANUMS = "bcdfghjklmnpqrstvwxz2456789"
"""Letters and digits of generated names: no vowels, so no words (k8s.io/apimachinery/pkg/util/rand)."""


def random_suffix(rng: random.Random, length: int = 5) -> str:
    """The random tail of a generated name."""
    return "".join(rng.choices(ALPHANUMS, k=length))


def safe_encode(text: str) -> str:
    """Map a number's digits into the safe alphabet (rand.SafeEncodeString), as pod-template-hash does."""
    return "".join(ALPHANUMS[ord(c) % len(ALPHANUMS)] for c in text)


def new_uid(rng: random.Random) -> str:
    """A version 4 UUID from the cluster's own random numbers."""
    bits = rng.getrandbits(128)
    bits = bits & ~(0xF << 76) | 4 << 76
    bits = bits & ~(0x3 << 62) | 2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def int_or_percent(value: int | str, total: int, *, round_up: bool) -> int:
    """An IntOrString such as 2 or "25%" of `total` (intstr.GetScaledValueFromIntOrPercent).

    Raises:
        ValueError: a string that is no percentage.
    """
    if isinstance(value, int):
        return value
    if not re.fullmatch(r"\d+%", value):
        raise ValueError(f"invalid value for IntOrString: invalid type: string is not a percentage: {value!r}")
    scaled = int(value[:-1]) * total
    return -(-scaled // 100) if round_up else scaled // 100
