"""OpenAPI v3, one document per group version, as kubectl and other clients read it.

Law: pure data, built on first request and kept; callers must not change it.

What is served: `/openapi/v3` (the index), `/openapi/v3/api/v1` and `/openapi/v3/apis/GROUP/VERSION`, as JSON and as
protobuf (`document_protobuf`). Before it creates or applies anything, kubectl looks there for `fieldValidation`: 1.29
and later in a v3 document, 1.27 and 1.28 in `/openapi/v2` as protobuf. So `/openapi/v2` is served in that form alone
(`v2.document_protobuf`), with no more than those clients look up; a request for its JSON gets 406.

Models k8s.io/kube-openapi/pkg/handler3 and the documents in api/openapi-spec/v3.
"""

from __future__ import annotations

import functools
import hashlib
import json

from tinykube.errors import Obj
from tinykube.schema import descriptions, kinds, lookup, tables
from tinykube.schema.openapi import components, names, paths, proto, v2

__all__ = ["document", "document_hash", "document_json", "document_protobuf", "index", "proto", "v2"]

COMMON = ["meta.v1.APIResourceList", "meta.v1.DeleteOptions", "meta.v1.Patch", "meta.v1.Status", "meta.v1.WatchEvent"]


def index() -> Obj:
    """The body of `/openapi/v3`: where each document is, with a hash that changes when it does."""
    return {"paths": {path: {"serverRelativeURL": _url(path)} for path in sorted(_served())}}


def document(group_version: str) -> Obj:
    """The OpenAPI v3 document of `v1`, `apps/v1`, or of its path `api/v1`, `apis/apps/v1`.

    Raises:
        KeyError: no such group version is served.
    """
    found = group_version.removeprefix("apis/").removeprefix("api/").strip("/")
    if found not in kinds.group_versions():
        raise KeyError(group_version)
    return _document(found)


@functools.lru_cache(maxsize=64)
def document_json(group_version: str) -> bytes:
    """The same document as JSON text, compact. Raises KeyError as `document` does."""
    return json.dumps(document(group_version), separators=(",", ":")).encode()


@functools.lru_cache(maxsize=64)
def document_protobuf(group_version: str) -> bytes:
    """The same document as `proto.CONTENT_TYPE`, as far as kubectl reads it there: paths and operations.

    Raises:
        KeyError: no such group version is served.
    """
    return proto.encode(document(group_version))


def document_hash(group_version: str) -> str:
    """The hash that the index gives for a group version; it identifies the document for caches."""
    return _hash(_path(group_version))


def _served() -> list[str]:
    return [_path(gv) for gv in kinds.group_versions()]


def _path(group_version: str) -> str:
    return ("apis/" if "/" in group_version else "api/") + group_version


def _url(path: str) -> str:
    return f"/openapi/v3/{path}?hash={_hash(path)}"


@functools.cache
def _hash(path: str) -> str:
    """The tables and the client's texts decide what a document says: they are hashed, so that none need be built."""
    return hashlib.sha512(path.encode() + _tables_digest()).hexdigest().upper()


@functools.cache
def _tables_digest() -> bytes:
    shown = [tables.definitions(), tables.enums(), tables.discovery(), tables.descriptions(), descriptions.client()]
    return hashlib.sha512(json.dumps(shown, sort_keys=True).encode()).digest()


@functools.cache
def _document(group_version: str) -> Obj:
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.2"},
        "paths": paths.paths(group_version),
        "components": {
            "schemas": {names.full_name(name): components.schema(name) for name in _definitions(group_version)},
            "securitySchemes": {
                "BearerToken": {
                    "description": "Bearer Token authentication",
                    "in": "header",
                    "name": "authorization",
                    "type": "apiKey",
                }
            },
        },
    }


def _definitions(group_version: str) -> list[str]:
    """Every definition that the document's operations lead to, in order."""
    roots = [lookup.by_kind()[key] for key in paths.kind_keys(group_version)]
    return sorted(components.reachable(roots + COMMON))
