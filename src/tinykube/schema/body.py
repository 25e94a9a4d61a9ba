"""Request bodies: JSON, YAML or protobuf in, a typed object out.

Law: bytes in, object and warnings out; the only error is `ApiError`, in the words of a real API server.

Models k8s.io/apiserver/pkg/endpoints/handlers (create.go, rest.go: transformDecodeError) and
k8s.io/apimachinery/pkg/runtime/serializer.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple

import yaml

from tinykube import errors
from tinykube.errors import ApiError, Obj
from tinykube.schema import decoder, lookup, protobuf, values
from tinykube.schema.decoder import Pairs

JSON = "application/json"
YAML = ("application/yaml", "application/apply-patch+yaml", "application/x-yaml", "text/yaml")
SCHEME = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"


# The anonymous struct that a serializer first reads every body into.
TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'


class Decoded(NamedTuple):
    """The object, with apiVersion and kind filled in, and the warnings to send as headers."""

    object: Obj
    warnings: list[str]


def read(data: bytes, kind_key: str, content_type: str = JSON, field_validation: str = "Strict") -> Decoded:
    """Read a request body that should hold a `kind_key` such as `apps/v1/Deployment`.

    `field_validation` is as in `decoder.decode`; protobuf knows no unknown fields.

    Raises:
        ApiError: 400 for what cannot be read, or is of another kind; 415 never (the caller knows its media types).
    """
    media = content_type.partition(";")[0].strip().lower()
    duplicates: list[str] = []
    if media == protobuf.CONTENT_TYPE:
        obj = protobuf.decode(data)
    else:
        obj, duplicates = _parse(data, media, kind_key)
    claimed = _claimed(obj, kind_key)
    _check_kind(claimed, kind_key)
    warnings = _typed(obj, kind_key, field_validation, duplicates)
    obj["apiVersion"], obj["kind"] = kind_key.rsplit("/", 1)
    return Decoded(obj, warnings)


def parse(data: bytes, media: str = JSON) -> Any:
    """The plain value in a JSON or YAML text, for patches and other bodies without a kind.

    Raises:
        ApiError: 400, with the reader's words.
    """
    try:
        value, _ = _value(data, media)
    except ValueError as error:
        raise errors.bad_request(str(error)) from error
    return decoder.plain(value)


def _parse(data: bytes, media: str, kind_key: str) -> tuple[Obj, list[str]]:
    try:
        value, duplicates = _value(data, media)
    except ValueError as error:
        raise _unrecognized(f"couldn't get version/kind; json parse error: {error}", data, kind_key) from error
    if value is None:
        value = {}
    if not isinstance(value, dict):
        why = f"json: cannot unmarshal {values.kind_of(value)} into Go value of type {TYPE_META}"
        raise _unrecognized(f"couldn't get version/kind; json parse error: {why}", data, kind_key)
    for name in ("apiVersion", "kind"):
        if not isinstance(value.get(name) or "", str):
            why = f"json: cannot unmarshal {values.kind_of(value[name])} into Go struct field .{name} of type string"
            raise _unrecognized(f"couldn't get version/kind; json parse error: {why}", data, kind_key)
    return value, duplicates


def _unrecognized(why: str, data: bytes, kind_key: str) -> ApiError:
    shown = data[:30]
    summary = shown.hex() if any(b > 0x7E or (b < 0x20 and b not in b"\t\r\n") for b in shown) else _go_text(shown)
    if len(data) > 30:
        summary += " ..."
    kind = kind_key.rsplit("/", 1)[1]
    return errors.bad_request(f"the object provided is unrecognized (must be of type {kind}): {why} ({summary})")


def _go_text(shown: bytes) -> str:
    return values.quote(shown.decode("ascii")) if shown else ""


def _claimed(obj: Obj, expected: str) -> str:
    """The kind that the body says it is; what it leaves out is what the request's path says."""
    api_version, kind = expected.rsplit("/", 1)
    return f"{obj.get('apiVersion') or api_version}/{obj.get('kind') or kind}"


def _check_kind(claimed: str, expected: str) -> None:
    if claimed == expected:
        return
    version, kind = claimed.rsplit("/", 1)
    wanted_version, wanted = expected.rsplit("/", 1)
    if claimed not in lookup.by_kind():
        why = f'no kind "{kind}" is registered for version "{version}" in scheme "{SCHEME}"'
        raise decoder.cannot_handle(claimed, expected, why)
    if kind == wanted:
        raise errors.bad_request(
            f"the API version in the data ({version}) does not match the expected API version ({wanted_version})"
        )
    internal = lookup.by_kind()[expected].split(".")[0]
    why = f"converting ({version.rsplit('/', 1)[-1]}.{kind}) to ({internal}.{wanted}): unknown conversion"
    raise decoder.cannot_handle(claimed, expected, why)


def _typed(obj: Obj, kind_key: str, field_validation: str, duplicates: list[str]) -> list[str]:
    if duplicates and field_validation == "Strict":
        raise decoder.cannot_handle(kind_key, kind_key, decoder.strict_error(duplicates))
    warnings = decoder.decode(kind_key, obj, field_validation)
    return [*duplicates, *warnings] if field_validation == "Warn" else warnings


# -- text ----------------------------------------------------------------------------------------------------


def _value(data: bytes, media: str) -> tuple[Any, list[str]]:
    """The value and, for YAML, its duplicate keys (JSON's are found while decoding, with their paths).

    Raises:
        ValueError: with Go's words for the JSON, go-yaml's for the YAML.
    """
    if media in YAML and data.lstrip()[:1] != b"{":
        return _yaml_value(data)
    return _json_value(data), []


def _json_value(data: bytes) -> Any:
    text = data.decode("utf-8", "replace")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_number, parse_int=_int, parse_constant=_constant
        )
        return _mended(value) if _SURROGATE.search(text) else value
    except json.JSONDecodeError as error:
        raise ValueError(_go_syntax_error(error)) from error
    except RecursionError as error:
        raise ValueError("exceeded max depth") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    double = Pairs(made)
    double.pairs = pairs
    return double


def _int(text: str) -> int | values.Number:
    return int(text) if len(text) < 20 else _number(text)


def _number(text: str) -> values.Number:
    number = values.Number(text)
    if math.isinf(number):
        raise ValueError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return number


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _mended(value: Any) -> Any:
    """Half of a surrogate pair is no character: Go reads U+FFFD in its place."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(each) for each in value]
    if isinstance(value, dict):
        return _object([(_mended(k), _mended(v)) for k, v in value.items()])
    return value


def _constant(text: str) -> Any:
    raise ValueError(f"invalid character {_char(text[0])} looking for beginning of value")


_SYNTAX = [
    ("Expecting property name", "looking for beginning of object key string"),
    ("Expecting ':'", "after object key"),
    ("Extra data", "after top-level value"),
    ("Invalid control character", "in string literal"),
    ("Invalid \\", "in string escape code"),
    ("Illegal trailing comma before end of object", "looking for beginning of object key string"),
]


def _go_syntax_error(error: json.JSONDecodeError) -> str:
    text, at = error.doc, error.pos
    if error.msg.startswith("Invalid \\"):
        at += 1
    if at >= len(text) or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    where = next((words for start, words in _SYNTAX if error.msg.startswith(start)), "looking for beginning of value")
    if error.msg.startswith("Expecting ','"):
        where = "after object key:value pair" if _inside_object(text[:at]) else "after array element"
    return f"invalid character {_char(text[at])} {where}"


def _inside_object(before: str) -> bool:
    """Is the innermost bracket that is still open before this point a brace?"""
    depth = 0
    for char in reversed(re.sub(r'"(?:[^"\\]|\\.)*"', '""', before)):
        depth += (char in "]}") - (char in "[{")
        if depth < 0:
            return char == "{"
    return False


def _char(char: str) -> str:
    return "'\\''" if char == "'" else "'\"'" if char == '"' else "'" + values.quote(char)[1:-1] + "'"


class _Loader(yaml.SafeLoader):
    """YAML as go-yaml turns it into JSON: dates stay text, keys become strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _yaml_value(data: bytes) -> tuple[Any, list[str]]:
    duplicates: list[str] = []
    try:
        loader = _Loader(data)
        try:
            node = loader.get_single_node()
            _find_duplicates(node, duplicates)
            value = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
        return _jsonable(value), duplicates
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise ValueError(_yaml_error(error)) from error


def _find_duplicates(node: Any, found: list[str]) -> None:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen if isinstance(key.value, str) else False:
                found.append(f"key {values.quote(key.value)} already set in map")
            if isinstance(key.value, str):
                seen.add(key.value)
            _find_duplicates(value, found)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _find_duplicates(value, found)


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(k): _jsonable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_jsonable(v) for v in value]
    if isinstance(value, bytes):
        return values.encode_base64(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _yaml_error(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"yaml: line {mark.line + 1}: {problem}" if mark else f"yaml: {problem}"
