"""Protobuf messages of OpenAPI documents, from short tables.

Law: descriptors only. Models github.com/google/gnostic-models, whose messages OpenAPI documents travel in.
"""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

Messages = dict[str, list[tuple[int, str, str]]]
"""Message to fields: number, name, type; a star marks a repeated one."""

_SCALARS = {"string": FieldDescriptorProto.TYPE_STRING, "bool": FieldDescriptorProto.TYPE_BOOL}
_pools: dict[str, descriptor_pool.DescriptorPool] = {}


def message(package: str, name: str, messages: Messages) -> Any:
    """A new, empty message of a package that consists of these messages."""
    if package not in _pools:
        _pools[package] = _pool(package, messages)
    return _class(package, name)()


@functools.cache
def _class(package: str, name: str) -> Any:
    return message_factory.GetMessageClass(_pools[package].FindMessageTypeByName(f"{package}.{name}"))


def _pool(package: str, messages: Messages) -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name=package, package=package, syntax="proto3")
    for name, fields in messages.items():
        made = file.message_type.add(name=name)
        for number, field, kind in fields:
            _field(made.field.add(name=field, number=number), kind, package)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _field(field: Any, kind: str, package: str) -> None:
    field.label = FieldDescriptorProto.LABEL_REPEATED if kind[0] == "*" else FieldDescriptorProto.LABEL_OPTIONAL
    kind = kind.lstrip("*")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{package}.{kind}"
