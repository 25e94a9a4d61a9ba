"""Protobuf messages of the API, built from the recorded field numbers.

Law: descriptors only; `protobuf` turns them into objects and back. All messages are built once, on first use.

Models the generated.proto files next to staging/src/k8s.io/api/*/*/types.go (proto2, all fields optional).
"""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from tinykube.schema import tables

API, META, MACHINERY = "k8s.io.api.", "k8s.io.apimachinery.pkg.apis.", "k8s.io.apimachinery.pkg."
UNKNOWN = MACHINERY + "runtime.Unknown"

_SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
}


def message_class(full_name: str) -> Any:
    """The message class of `k8s.io.api.core.v1.Pod`. Raises KeyError when no such message was recorded."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(full_name))


def full_name(definition: str) -> str:
    """`core.v1.Pod` -> `k8s.io.api.core.v1.Pod`."""
    return (META if definition.startswith("meta.") else API) + definition


def known(definition: str) -> bool:
    """Was a protobuf message recorded for this definition?"""
    package, name = full_name(definition).rsplit(".", 1)
    return name in tables.messages().get(package, {})


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    """Every package is a file; a file is added after those it refers to."""
    pool = descriptor_pool.DescriptorPool()
    files = {package: _file(package, messages) for package, messages in tables.messages().items()}
    done: set[str] = set()
    for package in files:
        _add(package, files, pool, done)
    return pool


def _add(package: str, files: dict[str, Any], pool: descriptor_pool.DescriptorPool, done: set[str]) -> None:
    if package in done:
        return
    done.add(package)
    for needed in files[package].dependency:
        _add(needed, files, pool, done)
    pool.Add(files[package])


def _file(package: str, messages: dict[str, str]) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name=package, package=package, syntax="proto2")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for row in filter(None, fields.split(";")):
            number, field, kind = row.split(" ", 2)
            _field(message, package, int(number), field, kind)
    used = {_package_of(kind) for m in file.message_type for kind in _references(m)}
    file.dependency.extend(sorted(used - {package}))
    return file


def _field(message: Any, package: str, number: int, name: str, kind: str) -> None:
    if kind.startswith("map<"):
        kind = "repeated ." + _map_entry(message, package, name, kind[4:-1].split(", ")[1])
    repeated = kind.startswith("repeated ")
    field = message.field.add(name=name, number=number)
    field.label = FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
    _set_type(field, kind.removeprefix("repeated "), package)


def _map_entry(message: Any, package: str, name: str, value: str) -> str:
    """Maps travel as repeated entries with key 1 and value 2."""
    entry = message.nested_type.add(name=name[0].upper() + name[1:] + "Entry")
    entry.options.map_entry = True
    for number, (part, kind) in enumerate((("key", "string"), ("value", value)), 1):
        field = entry.field.add(name=part, number=number, label=FieldDescriptorProto.LABEL_OPTIONAL)
        _set_type(field, kind, package)
    return f"{package}.{message.name}.{entry.name}"


def _set_type(field: Any, kind: str, package: str) -> None:
    kind = kind.removeprefix(".")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = "." + (kind if "." in kind else f"{package}.{kind}")


def _references(message: Any) -> list[str]:
    own = [f.type_name for f in message.field if f.type_name]
    return own + [f.type_name for nested in message.nested_type for f in nested.field if f.type_name]


def _package_of(type_name: str) -> str:
    """The package of `.k8s.io.api.core.v1.Pod` or of an entry nested in it."""
    name = type_name.removeprefix(".")
    while name and name not in tables.messages():
        name = name.rpartition(".")[0]
    return name
