"""Whatever is sent to whatever is served, the server answers, and never with an error of its own.

Requests are made from the published schema: every resource, verb and media type, with bodies whose fields mostly have
their types and sometimes do not.
"""

import asyncio
import json
import os
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tinykube.api.examples import bind, config_map, deployment, pod, service

from tinykube.api import ApiServer, resources
from tinykube.api.http import Http
from tinykube.api.messages import Request
from tinykube.clock import Clock
from tinykube.schema import lookup
from tinykube.store import Store

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "120"))
DEPTH = 5

names = st.sampled_from(["p", "c", "web", "default", "new", "Bad_Name", "x" * 70, "a.b", ""])
junk = st.sampled_from(
    [None, True, 0, -1, 2**31, 2**63, 1.5, "", "x", "10.0.0.1", "ü", [], {}, [None], {"a": None}, [[]]]
)
texts = st.sampled_from(
    ["", "a", "b", "TCP", "None", "Always", "ClusterIP", "10.96.0.9", "a/b", "Bad_Name!", "{}", "$(X)"]
)
plain = {
    "string": texts,
    "bytes": st.sampled_from(["", "YQ==", "*"]),
    "int32": st.sampled_from([0, 1, -1, 80, 70000, 2**31 - 1]),
    "int64": st.sampled_from([0, 1, -1, 2**62]),
    "double": st.sampled_from([0, 0.5, -1]),
    "bool": st.booleans(),
    "quantity": st.sampled_from(["1", "100m", "64Mi", "-1", "x", 1, 0.5, ""]),
    "intstr": st.sampled_from([0, 1, -1, "25%", "x", "101%", "http"]),
    "time": st.sampled_from(["2026-01-01T00:00:00Z", "noon", ""]),
    "microtime": st.sampled_from(["2026-01-01T00:00:00.000001Z", "noon"]),
    "raw": junk,
}


@st.composite
def values(draw, kind, depth=DEPTH):
    """A value that is mostly of the type `kind`."""
    if draw(st.integers(0, 14)) == 0:
        return draw(junk)
    if kind.kind in plain:
        return draw(plain[kind.kind])
    if depth == 0:
        return [] if kind.kind == "list" else {}
    if kind.kind == "list":
        return draw(st.lists(values(kind.item, depth - 1), max_size=2))
    if kind.kind == "map":
        return draw(st.dictionaries(texts, values(kind.item, depth - 1), max_size=2))
    return draw(structs(kind.ref, depth))


@st.composite
def structs(draw, definition, depth=DEPTH):
    """An object of a definition: required fields nearly always, a few others."""
    fields = lookup.definition(definition).fields
    required = [n for n, f in fields.items() if f.required and draw(st.integers(0, 9))]
    others = draw(st.lists(st.sampled_from(sorted(fields)), max_size=4)) if fields else []
    return {n: draw(values(fields[n].type, depth - 1)) for n in dict.fromkeys([*required, *others])}


@st.composite
def objects(draw, resource):
    """A whole object that claims to be of the resource's kind."""
    made = draw(structs(lookup.by_kind()[resource.kind_key]))
    made |= {"apiVersion": resource.group_version, "kind": resource.kind}
    if draw(st.integers(0, 9)):
        made["metadata"] = {**(made["metadata"] if isinstance(made.get("metadata"), dict) else {}), "name": draw(names)}
    return made


MEDIA = [
    "application/json", "application/yaml", "application/merge-patch+json", "application/strategic-merge-patch+json",
    "application/json-patch+json", "application/apply-patch+yaml", "application/vnd.kubernetes.protobuf",
]  # fmt: skip
OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "test", "copy", "move"]),
     "path": st.sampled_from(["", "/spec", "/metadata/name", "/metadata/labels/x", "/spec/containers/0", "/spec/x/y"])},
    optional={"value": junk, "from": st.sampled_from(["/spec", "/nope", ""])},
)  # fmt: skip


WRITES = [m for m in MEDIA if m != "application/vnd.kubernetes.protobuf"]
EXISTING = [("pods", "p"), ("pods", "web"), ("configmaps", "c"), ("services", "web"), ("deployments.apps", "web")]
KEPT = [r for r in resources.served() if resources.stored(r)]
POPULAR = [resources.find(k) for k in ("pods", "services", "deployments.apps", "jobs.batch", "cronjobs.batch")]


def base(resource, namespace="default"):
    """The path of a resource's collection."""
    root = f"/apis/{resource.group_version}" if resource.group else "/api/v1"
    return f"{root}/namespaces/{namespace}/{resource.name}" if resource.namespaced else f"{root}/{resource.name}"


@st.composite
def creations(draw):
    """An object posted where its kind belongs."""
    resource = draw(st.sampled_from(POPULAR) | st.sampled_from(KEPT))
    body = json.dumps(draw(objects(resource)))
    query = draw(st.sampled_from([{}, {"fieldValidation": ["Ignore"]}, {"dryRun": ["All"]}]))
    headers = {"content-type": draw(st.sampled_from(["application/json", "application/yaml"]))}
    return Request("POST", base(resource), query, headers, body.encode())


@st.composite
def changes(draw):
    """A patch or a replacement of something that is there, or of its subresource."""
    key, name = draw(st.sampled_from(EXISTING))
    resource = resources.find(key)
    subs = [s.name for s in resource.subresources if {"patch", "update"} & set(s.verbs)]
    sub = draw(st.sampled_from(["", "", *(f"/{s}" for s in subs)]))
    media = draw(st.sampled_from(WRITES))
    body = draw(st.lists(OPERATION, max_size=3)) if "json-patch" in media else draw(objects(resource))
    if isinstance(body, dict) and draw(st.booleans()):
        body["metadata"] = {"name": name}
    method = "PATCH" if "patch" in media else "PUT"
    query = {"fieldManager": ["fuzz"], "force": ["true"]} if "apply" in media else {}
    return Request(method, f"{base(resource)}/{name}{sub}", query, {"content-type": media}, json.dumps(body).encode())


@st.composite
def anything(draw):
    """Any method on any path of anything that is served, with any of the query's parameters."""
    resource = draw(st.sampled_from(resources.served()))
    path = base(resource, draw(st.sampled_from(["default", "default", "nope"])))
    if draw(st.booleans()):
        path += f"/{draw(names)}"
        if draw(st.booleans()):
            subs = [s.name for s in resource.subresources] or ["status"]
            path += f"/{draw(st.sampled_from([*subs, 'nope']))}{draw(st.sampled_from(['', '/', '/x']))}"
    method = draw(st.sampled_from(["GET", "GET", "POST", "PUT", "PATCH", "DELETE"]))
    media = draw(st.sampled_from(MEDIA))
    body = draw(objects(resource)) if draw(st.booleans()) else draw(junk)
    chosen = draw(st.lists(st.sampled_from(sorted(QUERY)), max_size=3, unique=True))
    query = {name: [draw(st.sampled_from(QUERY[name]))] for name in chosen}
    accept = draw(st.sampled_from(["", "application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io"]))
    headers = {"content-type": media, "accept": accept, "user-agent": "fuzz"}
    return Request(method, path, query, headers, json.dumps(body).encode() if method != "GET" else b"")


def requests():
    """A request to something that is served."""
    return creations() | changes() | anything()


QUERY = {
    "labelSelector": ["a=b", "a in (", "!", "a>1"],
    "fieldSelector": ["metadata.name=p", "spec.x=1", "="],
    "limit": ["1", "-1", "x"],
    "continue": ["x", "e30", "eyJydiI6MSwic3RhcnQiOiJhIn0"],
    "resourceVersion": ["0", "1", "-1", "x", "999999"],
    "resourceVersionMatch": ["Exact", "NotOlderThan", "x"],
    "watch": ["true"],
    "sendInitialEvents": ["true", "false"],
    "allowWatchBookmarks": ["true"],
    "timeoutSeconds": ["0", "1", "x"],
    "dryRun": ["All", "x"],
    "fieldManager": ["me", ""],
    "fieldValidation": ["Strict", "Warn", "Ignore"],
    "force": ["true"],
    "includeObject": ["Object", "None", "x"],
    "propagationPolicy": ["Foreground", "Orphan", "x"],
    "gracePeriodSeconds": ["0", "-1", "x"],
    "container": ["main", "x"],
    "command": ["true"],
    "stdout": ["true"],
    "tailLines": ["-1", "x"],
    "pretty": ["true"],
}


def world():
    """A server with one of each that requests may meet."""
    api = ApiServer(Store(), Clock(), random.Random(3))
    api.bootstrap()
    api.create("serviceaccounts", "default", {"metadata": {"name": "default"}})
    for name in ("p", "web"):
        api.create("pods", "default", pod(name))
    bind(api)
    api.create("configmaps", "default", config_map("c"))
    api.create("services", "default", service())
    api.create("deployments.apps", "default", deployment())
    return api


MEANT = (b"does not answer", b"does not contain declared merge key", b"unknown patch type")
"""Internal errors that a real server answers with, too."""


async def answer(api, request):
    """Send a request and read a little of its answer."""
    response = await Http(api).handle(request)
    if response.stream is not None:
        await response.stream.aclose()
    return response


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(sent=st.lists(requests(), min_size=1, max_size=4))
def test_no_request_makes_the_server_fail(sent):
    async def run():
        api = world()
        for request in sent:
            response = await answer(api, request)
            told = f"{request.method} {request.path} {dict(request.query)} {request.headers} {request.body!r}"
            meant = any(words in response.body for words in MEANT)
            assert response.status != 500 or meant, f"{told}\n{response.body!r}"

    asyncio.run(run())
