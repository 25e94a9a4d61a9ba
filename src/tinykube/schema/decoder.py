"""From JSON to a kind's typed object: what is known stays, what has the wrong type is refused, the rest is dropped.

Law: pure; the input is not changed by `unmarshal`. Names are case-sensitive; nulls mean absent; zero values that Go's
`omitempty` would not write are dropped, so "absent" and "zero" are one thing for defaulting and validation. The first
type error wins, as in Go; an error from a type that reads itself (quantity, time, int-or-string) ends the reading.

Models sigs.k8s.io/json (internal/golang/encoding/json/decode.go) and
k8s.io/apimachinery/pkg/runtime/serializer/json.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tinykube import errors
from tinykube.errors import Obj
from tinykube.schema import lookup, values
from tinykube.schema.lookup import Definition, Field, Type

MOST_STRICT_ERRORS = 100
INT_BITS = {"int32": 31, "int64": 63}


class Pairs(dict[str, Any]):
    """A JSON object in which a name came twice; `pairs` has them all in the request's order."""

    pairs: list[tuple[str, Any]]


class Unmarshaled(NamedTuple):
    """The object read; `error` is "" or why it cannot be; `strict` lists unknown and duplicate fields."""

    object: Obj
    error: str
    strict: list[str]


def decode(kind_key: str, obj: Obj, field_validation: str = "Strict") -> list[str]:
    """Read `obj` in place as a kind such as `apps/v1/Deployment`; returns warnings.

    `field_validation`: Strict refuses unknown and duplicate fields, Warn returns a warning for each, Ignore is silent.
    Unknown fields are dropped in any case.

    Raises:
        ApiError: 400, in the words of a real API server.
    """
    read = unmarshal(kind_key, obj)
    error = read.error
    if not error and read.strict and field_validation == "Strict":
        error = strict_error(read.strict)
    if error:
        raise cannot_handle(kind_key, kind_key, error)
    obj.clear()
    obj.update(read.object)
    return read.strict if field_validation == "Warn" else []


def strict_error(found: list[str]) -> str:
    """What is said of unknown and duplicate fields."""
    return "strict decoding error: " + ", ".join(found)


def cannot_handle(kind_key: str, into: str, why: str) -> errors.ApiError:
    """400: a body that claims to be `kind_key` cannot be read as `into`."""
    version, kind = kind_key.rsplit("/", 2)[-2:]
    message = f'{kind} in version "{version}" cannot be handled as a {into.rsplit("/", 1)[1]}: {why}'
    return errors.bad_request(message)


def unmarshal(kind_key: str, obj: Obj) -> Unmarshaled:
    """Read a JSON object as a kind, without raising. Raises KeyError for a kind that the schema does not have."""
    reader = _Reader()
    kind = Type("struct", ref=lookup.by_kind()[kind_key])
    try:
        made = reader.value(kind, obj) or {}
    except _Refused as refused:
        return Unmarshaled({}, refused.args[0], [])
    except RecursionError:
        return Unmarshaled({}, "exceeded max depth", [])
    return Unmarshaled(made, reader.error, reader.strict)


class _Refused(Exception):
    """A type that reads itself found its value wrong."""


class _Reader:
    """One pass over one object. `fields` and `owner` are where errors happen, `path` where strict errors do."""

    def __init__(self) -> None:
        self.error = ""
        self.strict: list[str] = []
        self.fields: list[str] = []
        self.owner = ""
        self.path: list[str] = []

    def struct(self, definition: Definition, value: Any) -> Obj:
        """The fields of a definition; its object was checked to be one."""
        made: Obj = {}
        seen: set[str] = set()
        outer = self.owner
        for name, item in _pairs(value):
            found = definition.fields.get(name)
            if found is None:
                self._note("unknown", name)
                continue
            if name in seen:
                self._note("duplicate", name)
            seen.add(name)
            self.owner = definition.go_name
            self.fields.append(name)
            self.path.append("." + name if self.path else name)
            self._keep(made, found, item)
            self.path.pop()
            self.fields.pop()
            self.owner = outer
        return made

    def _keep(self, made: Obj, field: Field, item: Any) -> None:
        read = None if item is None else self.value(field.type, item)
        if read is None or (field.omit_zero and not read):
            made.pop(field.name, None)
        elif isinstance(read, dict) and isinstance(made.get(field.name), dict):
            made[field.name] |= read
        else:
            made[field.name] = read

    def value(self, kind: Type, value: Any) -> Any:
        """A value of a type; None when it was refused."""
        if kind.kind == "struct" and isinstance(value, dict):
            return self.struct(lookup.definition(kind.ref), value)
        if kind.kind == "map" and kind.item and isinstance(value, dict):
            return self._map(kind.item, value)
        if kind.kind == "list" and kind.item and isinstance(value, list):
            return self._list(kind.item, value)
        if kind.kind in ("struct", "map", "list"):
            return self._wrong(values.kind_of(value), kind.go_type)
        return self._scalar(kind, value)

    def _map(self, item: Type, value: Any) -> Obj:
        made: Obj = {}
        seen: set[str] = set()
        for name, each in _pairs(value):
            if name in seen:
                self._note("duplicate", name)
            seen.add(name)
            self.path.append("." + name if self.path else name)
            made[name] = self._element(item, each)
            self.path.pop()
        return made

    def _list(self, item: Type, value: list[Any]) -> list[Any]:
        made = []
        for index, each in enumerate(value):
            self.path.append(f"[{index}]")
            made.append(self._element(item, each))
            self.path.pop()
        return made

    def _element(self, item: Type, value: Any) -> Any:
        """Null inside a list or map is the zero value of its type."""
        read = None if value is None else self.value(item, value)
        return _ZEROS[item.kind]() if read is None else read

    def _scalar(self, kind: Type, value: Any) -> Any:
        if kind.kind in _SELF_READING:
            return self._self_reading(kind.kind, value)
        given = values.kind_of(value)
        if kind.kind in INT_BITS and given == "number":
            return self._int(kind, value)
        if kind.kind == "bytes" and given == "string":
            return self._bytes(value)
        if given != _GIVEN.get(kind.kind):
            return self._wrong(given, kind.go_type)
        return float(value) if kind.kind == "double" and isinstance(value, values.Number) else value

    def _int(self, kind: Type, value: int | float) -> int | None:
        bound = 1 << INT_BITS[kind.kind]
        if isinstance(value, float) or not -bound <= value < bound:
            return self._wrong("number " + values.number_text(value), kind.go_type)
        return value

    def _bytes(self, value: str) -> str | None:
        try:
            raw = values.decode_base64(value)
        except ValueError as error:
            self.error = self.error or str(error)
            return None
        return values.encode_base64(raw)

    def _self_reading(self, kind: str, value: Any) -> Any:
        if kind == "raw":
            return plain(value)
        if kind == "intstr":
            return value if isinstance(value, str) else self._int_or_refuse(value)
        if kind == "quantity":
            return _quantity(value)
        if not isinstance(value, str):
            raise _Refused(self._type_error(values.kind_of(value), "string"))
        return _time(value, kind)

    def _int_or_refuse(self, value: Any) -> int:
        given = values.kind_of(value)
        if isinstance(value, float) or (given == "number" and not -(1 << 31) <= value < 1 << 31):
            given = "number " + values.number_text(value)
        if given != "number":
            raise _Refused(self._type_error(given, "int32"))
        return value

    def _wrong(self, given: str, wanted: str) -> Any:
        """Keep the first error and read on; the value counts as absent."""
        self.error = self.error or self._type_error(given, wanted)
        return None

    def _type_error(self, given: str, wanted: str) -> str:
        if not self.fields:
            return f"json: cannot unmarshal {given} into Go value of type {wanted}"
        where = f"{self.owner}.{'.'.join(self.fields)}"
        return f"json: cannot unmarshal {given} into Go struct field {where} of type {wanted}"

    def _note(self, what: str, name: str) -> None:
        path = "".join(self.path)
        message = f"{what} field {values.quote(f'{path}.{name}' if path else name)}"
        if message not in self.strict and len(self.strict) < MOST_STRICT_ERRORS:
            self.strict.append(message)


_SELF_READING = frozenset({"raw", "intstr", "quantity", "time", "microtime"})
_GIVEN = {"string": "string", "bool": "bool", "double": "number"}
_ZEROS: dict[str, Any] = {
    "string": str,
    "bytes": str,
    "int32": int,
    "int64": int,
    "bool": bool,
    "double": float,
    "intstr": int,
    "quantity": lambda: "0",
    "time": lambda: None,
    "microtime": lambda: None,
    "raw": lambda: None,
    "list": list,
    "map": dict,
    "struct": dict,
}


def _pairs(value: Any) -> Any:
    return value.pairs if isinstance(value, Pairs) else value.items()


def _quantity(value: Any) -> str:
    given = values.kind_of(value)
    text = value if given == "string" else values.number_text(value) if given == "number" else given
    try:
        return values.quantity(text)
    except ValueError as error:
        raise _Refused(str(error)) from error


def _time(value: str, kind: str) -> str:
    layout = values.RFC3339_MICRO if kind == "microtime" else values.RFC3339
    try:
        moment = values.time(value, layout)
    except ValueError as error:
        raise _Refused(str(error)) from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds" if kind == "microtime" else "seconds") + "Z"


def plain(value: Any) -> Any:
    """Plain dicts, lists and numbers, without the reader's marks."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return float(value) if isinstance(value, values.Number) else value
