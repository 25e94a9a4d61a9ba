"""The hashes in names: pod-template-hash and controller-revision-hash, letter by letter as the real ones.

Law: pure. The real hash is FNV-32 over the text that Go's spew library prints for the template, types and all; so this
prints the same text. A learner finds the same `web-784fd946dd` here and on any other cluster of this version.

Models k8s.io/kubernetes pkg/controller/controller_utils.go (ComputeHash), pkg/util/hash/hash.go and
pkg/controller/history/controller_history.go (HashControllerRevision).
"""

from __future__ import annotations

import json
import re
from typing import Any

from tinykube import objects
from tinykube.controllers import gostructs
from tinykube.objects import Obj

_NO_TIME = "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"
_QUANTITY = re.compile(r"([+-]?)0*(\d*)(?:\.(\d*))?([A-Za-z]*)")
_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def template_hash(template: Obj, collisions: int | None) -> str:
    """The pod-template-hash of a Pod template."""
    value = _fnv32a(printed("v1.PodTemplateSpec", template).encode())
    if collisions is not None:
        value = _fnv32a(collisions.to_bytes(8, "little"), value)
    return objects.safe_encode(str(value))


def revision_hash(data: Obj, collisions: int | None) -> str:
    """The hash in the name of a StatefulSet's ControllerRevision: over the revision's JSON."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    probe = "" if collisions is None else str(collisions)
    return objects.safe_encode(str(_fnv32((text + probe).encode())))


def _fnv32a(data: bytes, value: int = 0x811C9DC5) -> int:
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def _fnv32(data: bytes, value: int = 0x811C9DC5) -> int:
    for byte in data:
        value = (value * 0x01000193) & 0xFFFFFFFF ^ byte
    return value


def printed(type_: str, value: Any, *, typed: bool = True) -> str:
    """The value as spew prints it with `%#v`; elements of slices and maps do not repeat their type."""
    shown = f"({type_})" if typed else ""
    if type_.startswith("*"):
        if value is None:
            return f"{shown}<nil>"
        return (shown or "<*>") + printed(type_[1:], value, typed=False)
    if type_.startswith(("[]", "map[")) or type_ == "v1.ResourceList":
        return shown + ("<nil>" if value is None else _collection(type_, value))
    return shown + _plain(type_, value)


def _collection(type_: str, value: Any) -> str:
    if type_.startswith("[]"):
        return f"[{' '.join(printed(type_[2:], item, typed=False) for item in value)}]"
    of = "resource.Quantity" if type_ == "v1.ResourceList" else "string"
    return f"map[{' '.join(f'{k}:{printed(of, v, typed=False)}' for k, v in sorted(value.items()))}]"


def _plain(type_: str, value: Any) -> str:
    if type_ == "v1.Time":
        return _NO_TIME
    if type_ == "intstr.IntOrString":
        return _int_or_string(value)
    if type_ == "resource.Quantity":
        return _quantity(str(value)) if value is not None else _amount(0, 0, "", "")
    fields = gostructs.fields(type_.removeprefix("v1."))
    if fields is not None:
        return _struct(fields, value or {})
    if type_ in ("int32", "int64"):
        return str(value or 0)
    if type_ == "bool":
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, sort_keys=True)


def _struct(fields: tuple[gostructs.Field, ...], value: Obj) -> str:
    parts = (f"{f.name}:{printed(f.type, value.get(f.json) if f.json else value)}" for f in fields)
    return "{" + " ".join(parts) + "}"


def _int_or_string(value: Any) -> str:
    if isinstance(value, int):
        return f"{{Type:(intstr.Type)0 IntVal:(int32){value} StrVal:(string)}}"
    return f"{{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string){value or ''}}}"


def _quantity(text: str) -> str:
    """A resource.Quantity after parsing: it keeps its text only where that is in canonical form."""
    found = _QUANTITY.fullmatch(text)
    if found is None or found[4] not in {**_SUFFIXES, **_BINARY}:
        return text
    sign, whole, fraction, suffix = found[1], found[2] or "0", found[3] or "", found[4]
    digits = whole + fraction
    number = int(digits) * (-1 if sign == "-" else 1)
    if suffix in _BINARY:
        exponent = _BINARY[suffix]
        kept = text if int(digits) & 0x07 else ""
        return _amount(number << exponent, 0, kept, "BinarySI")
    scale = _SUFFIXES[suffix] - len(fraction)
    canonical = scale % 3 == 0 and not digits.endswith("000") and not digits.startswith("0")
    return _amount(number, scale, text if canonical else "", "DecimalSI")


def _amount(value: int, scale: int, text: str, form: str) -> str:
    number = f"{{value:(int64){value} scale:(resource.Scale){scale}}}"
    exact = "{Dec:(*inf.Dec)<nil>}"
    return (
        f"{{i:(resource.int64Amount){number} d:(resource.infDecAmount){exact} "
        f"s:(string){text} Format:(resource.Format){form}}}"
    )
