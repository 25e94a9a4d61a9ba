"""The one way to write a quantity: `1000m` becomes `1`, `1024Mi` becomes `1Gi`, `0.5` becomes `500m`.

Law: pure functions on strings. The API stores and shows quantities in this form, whatever the manifest said.

Models k8s.io/apimachinery/pkg/api/resource/quantity.go (CanonicalizeBytes) and suffix.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

from tinykube.errors import Obj
from tinykube.objects import quantity

_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
MILLI = Decimal("0.001")
_NANO = Decimal("1e-9")


def canonical(text: str | int | float, *, step: Decimal = _NANO) -> str:
    """The canonical form of a quantity, rounded up to `step` (in whole units).

    Raises:
        ValueError: the text is no quantity.
    """
    written = str(text)
    value = quantity(written)
    value = (value / step).to_integral_value(ROUND_CEILING) * step
    if written.endswith("i") and abs(value) >= 1024:
        return _binary(value)
    return _decimal(value, exponent=written.rstrip("0123456789+-")[-1:] in ("e", "E") and written[-1].isdigit())


def _binary(value: Decimal) -> str:
    """Base 1024, whole units: the largest suffix that leaves a whole number."""
    number, power = int(value.to_integral_value(ROUND_CEILING)), 0
    while number % 1024 == 0 and power < len(_BINARY) - 1:
        number, power = number // 1024, power + 1
    return f"{number}{_BINARY[power]}"


def _decimal(value: Decimal, *, exponent: bool) -> str:
    """Base 1000: the largest suffix that leaves a whole number."""
    if not value:
        return "0"
    power = -9
    number = int(value.scaleb(9))
    while number % 1000 == 0 and power < 18:
        number, power = number // 1000, power + 3
    if exponent:
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_DECIMAL[power]}"


def tidy_list(amounts: Obj | None) -> None:
    """Rewrite a ResourceList (resource name to quantity) in place, rounded up to thousandths.

    Values that are no quantities stay as they are: refusing them is the decoder's and validation's business.
    """
    for name, text in (amounts or {}).items():
        try:
            amounts[name] = canonical(text, step=MILLI)  # type: ignore[index]
        except ValueError:
            continue


def tidy_field(holder: Obj | None, field: str) -> None:
    """Rewrite one quantity field of `holder` in place, where it is set and a quantity."""
    if holder and holder.get(field) is not None:
        try:
            holder[field] = canonical(holder[field])
        except ValueError:
            return


def add(left: str, right: str) -> str:
    """The sum of two quantities, written like the first that is not zero (Quantity.Add)."""
    like = right if not quantity(left) else left
    return _written(quantity(left) + quantity(right), like)


def subtract(left: str, right: str) -> str:
    """What is left of a quantity, written like it."""
    return _written(quantity(left) - quantity(right), right if not quantity(left) else left)


def total(lists: Iterable[dict[str, str]]) -> dict[str, str]:
    """Resource lists added up."""
    out: dict[str, str] = {}
    for amounts in lists:
        for name, text in amounts.items():
            out[name] = add(out[name], text) if name in out else text
    return out


def largest(left: dict[str, str], right: dict[str, str]) -> dict[str, str]:
    """The larger amount of each resource."""
    return {
        name: max((a[name] for a in (left, right) if name in a), key=quantity) for name in left.keys() | right.keys()
    }


def _written(value: Decimal, like: str) -> str:
    """A number in the units, of 1000 or of 1024, that `like` is written in."""
    if like.endswith("i") and value == value.to_integral_value() and value % 1024 == 0:
        return canonical(f"{value / 1024:f}Ki")
    return canonical(f"{value:f}")
