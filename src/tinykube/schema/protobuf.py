"""Kubernetes' protobuf on the wire: bytes to plain objects and back.

Law: pure; only `ApiError` comes out. `kubectl create deployment` and its kin send these bodies and do not fall back
to JSON; newer clients ask for such answers first. A body is the four bytes `k8s\\0` and a runtime.Unknown with the
object's apiVersion, kind and its own message in `raw`.

Models k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import DecodeError

from tinykube import errors
from tinykube.errors import Obj
from tinykube.schema import decoder, lookup, messages, values

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
_TIME_START = "0001-01-01T00:00:00Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Go structs embedded in others: a message of their own in protobuf, fields of the outer object in JSON.
INLINE = frozenset(
    {
        "ephemeralContainerCommon",
        "handler",
        "ingressRuleValue",
        "localObjectReference",
        "persistentVolumeSource",
        "volumeSource",
    }
)
# Field names that generated.proto spells in its own way.
JSON_NAMES = {"uID": "uid", "aPIGroup": "apiGroup"}
PROTO_NAMES = {
    "k8s.io.api.authentication.v1.BoundObjectReference": {"uid": "uID"},
    "k8s.io.api.networking.v1.IngressClassParametersReference": {"apiGroup": "aPIGroup"},
}


def knows(kind_key: str) -> bool:
    """Can objects of this kind travel as protobuf here?"""
    name = lookup.by_kind().get(kind_key)
    return name is not None and messages.known(name)


def decode(data: bytes) -> Obj:
    """The object in a protobuf body, as plain JSON data with apiVersion and kind.

    Zero values that Go's JSON would leave out are left out.

    Raises:
        ApiError: 400; the bytes are no such message, or of a kind without one.
    """
    if data[:4] != MAGIC:
        raise errors.bad_request(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        )
    try:
        return _envelope(data[4:])
    except (DecodeError, ValueError, RecursionError, OverflowError) as error:
        raise errors.bad_request(f"the body is no protobuf message of the Kubernetes API: {error}") from error


def encode(obj: Obj) -> bytes:
    """The protobuf body of an object.

    Raises:
        ApiError: 406; its kind has no recorded message.
    """
    kind_key = f"{obj.get('apiVersion', '')}/{obj.get('kind', '')}"
    if not knows(kind_key):
        message = f"{kind_key} has no protobuf form; ask for application/json"
        raise errors.ApiError(errors.status(406, "NotAcceptable", message))
    made = _build(messages.message_class(messages.full_name(lookup.by_kind()[kind_key])), obj)
    envelope = messages.message_class(messages.UNKNOWN)()
    envelope.typeMeta.apiVersion, envelope.typeMeta.kind = obj["apiVersion"], obj["kind"]
    envelope.raw = made.SerializeToString()
    envelope.contentEncoding = envelope.contentType = ""
    return MAGIC + envelope.SerializeToString()


# -- message to object ---------------------------------------------------------------------------------------


def _envelope(data: bytes) -> Obj:
    envelope = messages.message_class(messages.UNKNOWN)()
    envelope.ParseFromString(data)
    kind_key = f"{envelope.typeMeta.apiVersion}/{envelope.typeMeta.kind}"
    if not knows(kind_key):
        why = f"no protobuf message is known for kind {kind_key.lstrip('/') or '(none)'}; send application/json"
        raise errors.bad_request(why)
    message = messages.message_class(messages.full_name(lookup.by_kind()[kind_key]))()
    message.ParseFromString(envelope.raw)
    read = decoder.unmarshal(kind_key, _object(message))
    if read.error:
        raise decoder.cannot_handle(kind_key, kind_key, read.error)
    return {"apiVersion": envelope.typeMeta.apiVersion, "kind": envelope.typeMeta.kind, **read.object}


def _object(message: Any) -> Obj:
    made: Obj = {}
    for field, value in message.ListFields():
        if field.name in INLINE and field.message_type:
            made |= _object(value)
        elif _is_map(field):
            made[field.name] = {key: _value(field.message_type.fields_by_name["value"], value[key]) for key in value}
        elif field.is_repeated:
            made[field.name] = [_value(field, each) for each in value]
        else:
            made[JSON_NAMES.get(field.name, field.name)] = _value(field, value)
    return made


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _value(field: Any, value: Any) -> Any:
    if field.message_type is None:
        return values.encode_base64(value) if isinstance(value, bytes) else value
    special = _FROM_MESSAGE.get(field.message_type.full_name.removeprefix(messages.MACHINERY))
    if special:
        return special(value)
    return list(value.items) if field.message_type.name in _LISTS else _object(value)


def _read_time(message: Any) -> str | None:
    return _text(message.seconds) if message.ByteSize() else None


def _read_micro_time(message: Any) -> str | None:
    if not message.ByteSize():
        return None
    return _text(message.seconds)[:-1] + f".{message.nanos // 1000:06d}Z"


def _text(seconds: int) -> str:
    moment = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)
    return moment.isoformat(timespec="seconds") + "Z"


def _read_raw(data: bytes) -> Any:
    if data[:4] == MAGIC:
        return _envelope(data[4:])
    return json.loads(data) if data else None


_LISTS = {"ExtraValue", "Verbs"}
_FROM_MESSAGE: dict[str, Any] = {
    "api.resource.Quantity": lambda message: message.string,
    "util.intstr.IntOrString": lambda message: message.strVal if message.type else message.intVal,
    "apis.meta.v1.Time": _read_time,
    "apis.meta.v1.MicroTime": _read_micro_time,
    "apis.meta.v1.FieldsV1": lambda message: _read_raw(message.Raw),
    "runtime.RawExtension": lambda message: _read_raw(message.raw),
}

# -- object to message ---------------------------------------------------------------------------------------


def _build(message_class: Any, obj: Obj) -> Any:
    message = message_class()
    _fill(message, obj)
    return message


def _fill(message: Any, obj: Obj) -> None:
    renamed = PROTO_NAMES.get(message.DESCRIPTOR.full_name, {})
    for field in message.DESCRIPTOR.fields:
        if field.name in INLINE and field.message_type:
            inner = {k: v for k, v in obj.items() if k in field.message_type.fields_by_name}
            if inner:
                _fill(getattr(message, field.name), inner)
    for name, value in obj.items():
        field = message.DESCRIPTOR.fields_by_name.get(renamed.get(name, name))
        if field is not None and value is not None:
            _set(message, field, value)


def _set(message: Any, field: Any, value: Any) -> None:
    target = getattr(message, field.name)
    if _is_map(field):
        entry = field.message_type.fields_by_name["value"]
        for key, each in value.items():
            if entry.message_type:
                _put(target[key], entry, each)
            else:
                target[key] = _plain(entry, each)
    elif field.is_repeated:
        for each in value:
            if field.message_type:
                _put(target.add(), field, each)
            else:
                target.append(_plain(field, each))
    elif field.message_type:
        target.SetInParent()
        _put(target, field, value)
    else:
        setattr(message, field.name, _plain(field, value))


def _plain(field: Any, value: Any) -> Any:
    return values.decode_base64(value) if field.type == field.TYPE_BYTES else value


def _put(message: Any, field: Any, value: Any) -> None:
    special = _INTO_MESSAGE.get(field.message_type.full_name.removeprefix(messages.MACHINERY))
    if special:
        special(message, value)
    elif field.message_type.name in _LISTS:
        message.items.extend(value)
    elif value is not None:
        _fill(message, value)


def _put_quantity(message: Any, value: Any) -> None:
    message.string = str(value)


def _put_int_or_string(message: Any, value: Any) -> None:
    message.type = int(isinstance(value, str))
    message.intVal = 0 if message.type else value
    message.strVal = value if message.type else ""


def _put_time(message: Any, value: str | None) -> None:
    if value and value != _TIME_START:
        moment = values.time(value)
        message.seconds, message.nanos = int(moment.timestamp() // 1), moment.microsecond * 1000


def _put_fields(message: Any, value: Any) -> None:
    message.Raw = json.dumps(value, separators=(",", ":")).encode()


def _put_raw(message: Any, value: Any) -> None:
    message.raw = json.dumps(value, separators=(",", ":")).encode()


_INTO_MESSAGE: dict[str, Any] = {
    "api.resource.Quantity": _put_quantity,
    "util.intstr.IntOrString": _put_int_or_string,
    "apis.meta.v1.Time": _put_time,
    "apis.meta.v1.MicroTime": _put_time,
    "apis.meta.v1.FieldsV1": _put_fields,
    "runtime.RawExtension": _put_raw,
}
