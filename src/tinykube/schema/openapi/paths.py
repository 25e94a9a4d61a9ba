"""The operations of an OpenAPI v3 document: every served path of a group version, with its verbs.

Law: pure data, derived from discovery. kubectl looks for the PATCH operation of a kind with a `fieldValidation`
parameter and a strategic-merge body before it applies anything; fuzzers look at all of it.

Models the routes that k8s.io/apiserver/pkg/endpoints/installer.go registers.
"""

from __future__ import annotations

from collections.abc import Iterator

from tinykube.errors import Obj
from tinykube.schema import kinds, lookup
from tinykube.schema.kinds import Resource
from tinykube.schema.openapi.names import gvk, kind_reference, reference
from tinykube.schema.openapi.parameters import BY_VERB, LOG, NAME, NAMESPACE, PATH, PRETTY

JSON_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
WATCH_TYPES = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
PATCH_TYPES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
META = "meta.v1."
OPTIONS_KINDS = ("exec", "attach", "portforward", "proxy")
METHODS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete", "create": "post"}
ACTIONS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete", "create": "post"}
WORDS = {"get": "read", "update": "replace", "patch": "patch", "delete": "delete", "create": "create"}


def kind_keys(group_version: str) -> list[str]:
    """The kinds that the operations of a group version take and return, lists included."""
    found: dict[str, None] = {}
    for resource in kinds.in_group_version(group_version):
        for key in (resource.kind_key, resource.kind_key + "List", *(s.kind_key for s in resource.subresources)):
            if key in lookup.by_kind():
                found[key] = None
    return list(found)


def paths(group_version: str) -> Obj:
    """Path to path item, for every resource and subresource of a group version."""
    root = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
    made: Obj = {f"{root}/": {"get": _discovery(group_version)}}
    for resource in kinds.in_group_version(group_version):
        for path, item in _resource(root, resource):
            made[path] = item
    return dict(sorted(made.items()))


def _resource(root: str, resource: Resource) -> Iterator[tuple[str, Obj]]:
    scope = "/namespaces/{namespace}" if resource.namespaced else ""
    base = f"{root}{scope}/{resource.name}"
    yield base, _collection(resource)
    if resource.namespaced and "list" in resource.verbs:
        everywhere = _operation(resource, "list", f"list{_tag(resource)}{resource.kind}ForAllNamespaces")
        yield f"{root}/{resource.name}", {"get": everywhere, "parameters": [PRETTY]}
    item = _item(resource)
    if item:
        yield f"{base}/{{name}}", item
    for sub in resource.subresources:
        yield f"{base}/{{name}}/{sub.name}", _subresource(resource, sub.name)
        if sub.name == "proxy":
            yield f"{base}/{{name}}/proxy/{{path}}", _subresource(resource, sub.name, with_path=True)


def _collection(resource: Resource) -> Obj:
    named = f"{'Namespaced' if resource.namespaced else ''}{resource.kind}"
    made: Obj = {}
    if "list" in resource.verbs:
        made["get"] = _operation(resource, "list", f"list{_tag(resource)}{named}")
    if "create" in resource.verbs:
        made["post"] = _operation(resource, "create", f"create{_tag(resource)}{named}")
    if "deletecollection" in resource.verbs:
        made["delete"] = _operation(resource, "deletecollection", f"delete{_tag(resource)}Collection{named}")
    made["parameters"] = ([NAMESPACE] if resource.namespaced else []) + [PRETTY]
    return made


def _item(resource: Resource) -> Obj:
    named = f"{'Namespaced' if resource.namespaced else ''}{resource.kind}"
    made: Obj = {
        METHODS[verb]: _operation(resource, verb, f"{WORDS[verb]}{_tag(resource)}{named}")
        for verb in ("get", "update", "patch", "delete")
        if verb in resource.verbs
    }
    if made:
        made["parameters"] = [NAME, *([NAMESPACE] if resource.namespaced else []), PRETTY]
    return made


def _subresource(resource: Resource, name: str, *, with_path: bool = False) -> Obj:
    sub = resource.subresource(name)
    if sub is None:
        return {}
    named = f"{'Namespaced' if resource.namespaced else ''}{resource.kind}{name.capitalize()}"
    named += "WithPath" if with_path else ""
    made: Obj = {}
    for verb in sub.verbs:
        if name in OPTIONS_KINDS:
            method = METHODS[verb].capitalize()
            made[METHODS[verb]] = _connect(resource, f"connect{_tag(resource)}{method}{named}", sub.kind_key)
        elif name == "log":
            made["get"] = _log(resource, f"read{_tag(resource)}{named}")
        else:
            made[METHODS[verb]] = _operation(resource, verb, f"{WORDS[verb]}{_tag(resource)}{named}", sub.kind_key)
    made["parameters"] = [NAME, *([NAMESPACE] if resource.namespaced else []), *([PATH] if with_path else []), PRETTY]
    return made


# -- one operation -------------------------------------------------------------------------------------------


def _operation(resource: Resource, verb: str, operation_id: str, kind_key: str = "") -> Obj:
    kind_key = kind_key or resource.kind_key
    made: Obj = {
        "description": _DESCRIPTIONS[verb].format(kind=resource.kind),
        "operationId": operation_id,
        "parameters": BY_VERB[verb],
        "responses": _responses(verb, kind_key),
        "tags": [_tag_name(resource)],
        "x-kubernetes-action": {"deletecollection": "deletecollection", "list": "list"}.get(
            verb, ACTIONS.get(verb, verb)
        ),
        "x-kubernetes-group-version-kind": gvk(kind_key),
    }
    body = _body(verb, kind_key)
    if body:
        made["requestBody"] = body
    return {name: value for name, value in made.items() if value != []}


def _connect(resource: Resource, operation_id: str, kind_key: str) -> Obj:
    return {
        "description": f"connect requests to {operation_id.split('Namespaced')[-1]}",
        "operationId": operation_id,
        "responses": {"200": {"description": "OK", "content": {"*/*": {"schema": {"type": "string"}}}}, **_ERRORS},
        "tags": [_tag_name(resource)],
        "x-kubernetes-action": "connect",
        "x-kubernetes-group-version-kind": gvk(kind_key),
    }


def _log(resource: Resource, operation_id: str) -> Obj:
    made = _operation(resource, "get", operation_id)
    text = {"200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    return made | {"description": "read log of the specified Pod", "parameters": LOG, "responses": text | _ERRORS}


def _body(verb: str, kind_key: str) -> Obj:
    if verb in ("create", "update"):
        return {"content": {media: {"schema": kind_reference(kind_key)} for media in JSON_TYPES}, "required": True}
    if verb == "patch":
        patch = {"schema": reference(META + "Patch")}
        return {"content": dict.fromkeys(PATCH_TYPES, patch), "required": True}
    if verb in ("delete", "deletecollection"):
        return {"content": {media: {"schema": reference(META + "DeleteOptions")} for media in JSON_TYPES}}
    return {}


def _responses(verb: str, kind_key: str) -> Obj:
    schema = {
        "list": lambda: kind_reference(kind_key + "List"),
        "delete": lambda: reference(META + "Status"),
        "deletecollection": lambda: reference(META + "Status"),
    }.get(verb, lambda: kind_reference(kind_key))()
    media = JSON_TYPES + WATCH_TYPES if verb == "list" else JSON_TYPES
    answer = {"content": {each: {"schema": schema} for each in media}}
    words = {"create": {"200": "OK", "201": "Created", "202": "Accepted"}, "update": {"200": "OK", "201": "Created"}}
    words |= {"patch": words["update"], "delete": {"200": "OK", "202": "Accepted"}}
    made: Obj = {code: {"description": text, **answer} for code, text in words.get(verb, {"200": "OK"}).items()}
    return made | _ERRORS


def _discovery(group_version: str) -> Obj:
    schema = {"schema": reference(META + "APIResourceList")}
    return {
        "description": "get available resources",
        "operationId": f"get{_camel(group_version)}APIResources",
        "responses": {"200": {"description": "OK", "content": dict.fromkeys(JSON_TYPES, schema)}, **_ERRORS},
        "tags": [_tag_of(group_version)],
    }


def _tag(resource: Resource) -> str:
    return _camel(resource.group_version)


def _camel(group_version: str) -> str:
    """`rbac.authorization.k8s.io/v1` -> `RbacAuthorizationV1`."""
    group, _, version = ("core/" + group_version if "/" not in group_version else group_version).partition("/")
    words = group.removesuffix(".k8s.io").split(".")
    return "".join(word.capitalize() for word in words) + version.capitalize()


def _tag_name(resource: Resource) -> str:
    return _tag_of(resource.group_version)


def _tag_of(group_version: str) -> str:
    group, _, version = ("core/" + group_version if "/" not in group_version else group_version).partition("/")
    return "_".join([group.removesuffix(".k8s.io").replace(".", ""), version])


_DESCRIPTIONS = {
    "get": "read the specified {kind}",
    "list": "list or watch objects of kind {kind}",
    "create": "create a {kind}",
    "update": "replace the specified {kind}",
    "patch": "partially update the specified {kind}",
    "delete": "delete a {kind}",
    "deletecollection": "delete collection of {kind}",
}

_ERRORS: Obj = {
    "401": {"description": "Unauthorized"},
    "default": {"description": "Error", "content": {"application/json": {"schema": reference(META + "Status")}}},
}
