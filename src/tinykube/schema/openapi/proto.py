"""An OpenAPI v3 document as protobuf, for clients that ask for it before they send `fieldValidation`.

Law: pure. Only paths, their operations, parameter names and extensions are written: no client of this server reads
more of this form, and a component that is missing here is in the JSON form.

Models github.com/google/gnostic-models/openapiv3/OpenAPIv3.proto.
"""

from __future__ import annotations

import json
from typing import Any

from tinykube.errors import Obj
from tinykube.schema.openapi import gnostic

CONTENT_TYPE = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"
# What clients write in Accept; the @ is not allowed in an answer's Content-Type.
ACCEPTED = (CONTENT_TYPE, CONTENT_TYPE.replace("v3.v1.0", "v3@v1.0"))
PACKAGE = "openapi.v3"
METHODS = ("get", "put", "post", "delete", "patch")

# Message to fields: number, name, type; a star marks a repeated one.
MESSAGES: gnostic.Messages = {
    "Document": [(1, "openapi", "string"), (2, "info", "Info"), (4, "paths", "Paths")],
    "Info": [(1, "title", "string"), (6, "version", "string")],
    "Paths": [(1, "path", "*NamedPathItem")],
    "NamedPathItem": [(1, "name", "string"), (2, "value", "PathItem")],
    "PathItem": [
        *((4, "get", "Operation"), (5, "put", "Operation"), (6, "post", "Operation"), (7, "delete", "Operation")),
        *((10, "patch", "Operation"), (13, "parameters", "*ParameterOrReference")),
    ],
    "Operation": [
        *((1, "tags", "*string"), (3, "description", "string"), (5, "operation_id", "string")),
        *((6, "parameters", "*ParameterOrReference"), (13, "specification_extension", "*NamedAny")),
    ],
    "ParameterOrReference": [(1, "parameter", "Parameter")],
    "Parameter": [
        *((1, "name", "string"), (2, "in", "string"), (3, "description", "string"), (4, "required", "bool")),
    ],
    "NamedAny": [(1, "name", "string"), (2, "value", "Any")],
    "Any": [(2, "yaml", "string")],
}


def encode(document: Obj) -> bytes:
    """The protobuf form of a document that `openapi.document` made."""
    made = gnostic.message(PACKAGE, "Document", MESSAGES)
    made.openapi = document["openapi"]
    made.info.title, made.info.version = document["info"]["title"], document["info"]["version"]
    for path, item in document["paths"].items():
        named = made.paths.path.add(name=path)
        for method in METHODS:
            if method in item:
                _operation(getattr(named.value, method), item[method])
        _parameters(named.value.parameters, item.get("parameters", ()))
    return made.SerializeToString(deterministic=True)


def _operation(message: Any, operation: Obj) -> None:
    message.tags.extend(operation.get("tags", ()))
    message.description = operation.get("description", "")
    message.operation_id = operation.get("operationId", "")
    _parameters(message.parameters, operation.get("parameters", ()))
    for name, value in operation.items():
        if name.startswith("x-"):
            message.specification_extension.add(name=name).value.yaml = json.dumps(value) + "\n"


def _parameters(messages: Any, parameters: Any) -> None:
    for each in parameters:
        made = messages.add().parameter
        made.name, made.description, made.required = each["name"], each["description"], each.get("required", False)
        setattr(made, "in", each["in"])
