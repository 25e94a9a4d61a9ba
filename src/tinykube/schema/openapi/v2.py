"""The OpenAPI v2 document as protobuf: just enough for kubectl before 1.29.

Law: pure, built once. Those clients look up, in this form only, whether the PATCH operation of a kind takes
`fieldValidation`; without an answer they refuse to create anything. Paths, PATCH operations and their query parameters
are written, definitions are not: the clients have Go types for every kind served here.

Models github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from tinykube.errors import Obj
from tinykube.schema import kinds
from tinykube.schema.openapi import gnostic, paths

CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
# What clients write in Accept; the @ is not allowed in an answer's Content-Type.
ACCEPTED = (CONTENT_TYPE, CONTENT_TYPE.replace("v2.v1.0", "v2@v1.0"))
PACKAGE = "openapi.v2"
MESSAGES: gnostic.Messages = {
    "Document": [(1, "swagger", "string"), (2, "info", "Info"), (8, "paths", "Paths")],
    "Info": [(1, "title", "string"), (2, "version", "string")],
    "Paths": [(2, "path", "*NamedPathItem")],
    "NamedPathItem": [(1, "name", "string"), (2, "value", "PathItem")],
    "PathItem": [(8, "patch", "Operation")],
    "Operation": [
        *((5, "operation_id", "string"), (8, "parameters", "*ParametersItem")),
        (13, "vendor_extension", "*NamedAny"),
    ],
    "ParametersItem": [(1, "parameter", "Parameter")],
    "Parameter": [(2, "non_body_parameter", "NonBodyParameter")],
    "NonBodyParameter": [(3, "query_parameter_sub_schema", "QueryParameterSubSchema")],
    "QueryParameterSubSchema": [(2, "in", "string"), (3, "description", "string"), (4, "name", "string")],
    "NamedAny": [(1, "name", "string"), (2, "value", "Any")],
    "Any": [(2, "yaml", "string")],
}


@functools.cache
def document_protobuf() -> bytes:
    """The body of `/openapi/v2` for a client that accepts one of `ACCEPTED`; it is of `CONTENT_TYPE`."""
    made = gnostic.message(PACKAGE, "Document", MESSAGES)
    made.swagger = "2.0"
    made.info.title, made.info.version = "Kubernetes", "v1.36.2"
    for group_version in kinds.group_versions():
        for path, item in paths.paths(group_version).items():
            if "patch" in item:
                _patch(made.paths.path.add(name=path).value.patch, item["patch"])
    return made.SerializeToString(deterministic=True)


def _patch(message: Any, operation: Obj) -> None:
    message.operation_id = operation["operationId"]
    for each in operation.get("parameters", ()):
        query = message.parameters.add().parameter.non_body_parameter.query_parameter_sub_schema
        query.name, query.description = each["name"], each["description"]
        setattr(query, "in", "query")
    for name, value in operation.items():
        if name.startswith("x-"):
            message.vendor_extension.add(name=name).value.yaml = json.dumps(value) + "\n"
