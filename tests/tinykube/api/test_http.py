"""The API over HTTP without a transport: routes, bodies, forms, refusals."""

import json

import pytest
import yaml
from tests.tinykube.api.examples import config_map, deployment, pod

from tinykube.api.http import Http
from tinykube.api.messages import Request
from tinykube.client import JSON_PATCH
from tinykube.client import MERGE_PATCH as MERGE

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


NESTING = json.dumps(
    [{"op": "add", "path": "/x", "value": {}}]
    + [{"op": "copy", "from": "/x", "path": f"/x{'/x' * n}"} for n in range(1, 120)]
).encode()
"""A flat patch that nests its result ever more deeply."""


@pytest.fixture
def http(api):
    return Http(api)


@pytest.fixture
def send(http):
    async def send(method, path, body=None, *, headers=None, user=None, **query):
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        found = {"content-type": "application/json", "user-agent": "test/1", **(headers or {})}
        who = {} if user is None else {"user": user, "groups": ("system:authenticated",)}
        request = Request(method, path, {k: [str(v)] for k, v in query.items()}, found, raw, **who)
        return await http.handle(request)

    return send


def content(response):
    return json.loads(response.body)


async def test_an_object_is_posted_got_put_patched_and_deleted(send):
    made = await send("POST", CONFIG_MAPS, config_map("c"))
    assert made.status == 201
    assert content(await send("GET", f"{CONFIG_MAPS}/c")) == content(made)
    put = await send("PUT", f"{CONFIG_MAPS}/c", {**content(made), "data": {"k": "2"}})
    assert (put.status, content(put)["data"]) == (200, {"k": "2"})
    merge = {"content-type": "application/merge-patch+json"}
    patched = await send("PATCH", f"{CONFIG_MAPS}/c", {"data": {"l": "3"}}, headers=merge)
    assert content(patched)["data"] == {"k": "2", "l": "3"}
    deleted = await send("DELETE", f"{CONFIG_MAPS}/c")
    assert content(deleted)["status"] == "Success"
    assert content(deleted)["details"] == {"name": "c", "kind": "configmaps", "uid": content(made)["metadata"]["uid"]}
    assert (await send("GET", f"{CONFIG_MAPS}/c")).status == 404


async def test_bodies_may_be_yaml_and_answers_too(send):
    headers = {"content-type": "application/yaml", "accept": "application/yaml"}
    made = await send("POST", CONFIG_MAPS, yaml.safe_dump(config_map("c")).encode(), headers=headers)
    assert made.content_type == "application/yaml"
    assert yaml.safe_load(made.body)["data"] == {"k": "v"}


@pytest.mark.parametrize(
    ("validation", "status", "warnings"),
    [("Strict", 400, 0), ("Warn", 201, 1), ("Ignore", 201, 0), ("", 201, 1), ("Sometimes", 422, 0)],
)
async def test_unknown_fields_are_met_as_asked(send, validation, status, warnings):
    response = await send("POST", CONFIG_MAPS, {**config_map(), "foo": 1}, fieldValidation=validation)
    assert response.status == status
    found = [v for k, v in response.headers if k == "Warning"]
    assert found == ['299 - "unknown field \\"foo\\""'] * warnings


async def test_a_refusal_comes_with_what_was_warned_of_before_it(send):
    response = await send("POST", CONFIG_MAPS, {**config_map("UPPER"), "foo": 1}, fieldValidation="Warn")
    assert response.status == 422
    assert ("Warning", '299 - "unknown field \\"foo\\""') in response.headers


async def test_what_is_there_already_is_not_warned_of(send):
    spec = {"terminationGracePeriodSeconds": -1, "containers": [{"name": "a", "image": "busybox"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    answers = [await send("POST", "/api/v1/namespaces/default/pods", pod) for _ in range(2)]
    assert [(one.status, "Warning" in dict(one.headers)) for one in answers] == [(201, True), (409, False)]


async def test_dry_runs_store_nothing(send):
    assert (await send("POST", CONFIG_MAPS, config_map("c"), dryRun="All")).status == 201
    assert (await send("GET", f"{CONFIG_MAPS}/c")).status == 404
    await send("POST", CONFIG_MAPS, config_map("c"))
    await send("DELETE", f"{CONFIG_MAPS}/c", {"dryRun": ["All"]})
    assert (await send("GET", f"{CONFIG_MAPS}/c")).status == 200


async def test_lists_tables_and_metadata_are_forms_of_the_same(send):
    await send("POST", CONFIG_MAPS, config_map("c"))
    listed = content(await send("GET", CONFIG_MAPS))
    assert (listed["kind"], len(listed["items"])) == ("ConfigMapList", 1)
    table = content(await send("GET", CONFIG_MAPS, headers={"accept": TABLE}))
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"] == ["c", 1, "0s"] or table["rows"][0]["cells"] == ["c", "1", "0s"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    whole = content(await send("GET", CONFIG_MAPS, headers={"accept": TABLE}, includeObject="Object"))
    assert whole["rows"][0]["object"]["data"] == {"k": "v"}
    bare = content(await send("GET", CONFIG_MAPS, headers={"accept": TABLE}, includeObject="None"))
    assert "object" not in bare["rows"][0]
    accept = {"accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
    partial = content(await send("GET", CONFIG_MAPS, headers=accept))
    assert partial["kind"] == "PartialObjectMetadataList"
    assert set(partial["items"][0]) == {"kind", "apiVersion", "metadata"}


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/api/v1/widgets", 404, "the server could not find the requested resource"),
        ("GET", "/api/v1/pods/p", 404, "the server could not find the requested resource"),
        ("GET", f"{CONFIG_MAPS}/nope", 404, 'configmaps "nope" not found'),
        ("PATCH", CONFIG_MAPS, 405, "the server does not allow this method on the requested resource"),
        ("POST", f"{CONFIG_MAPS}/c", 405, "the server does not allow this method on the requested resource"),
        ("DELETE", "/api/v1/namespaces", 405, "the server does not allow this method on the requested resource"),
        ("GET", "/api/v1/bindings", 405, "the server does not allow this method on the requested resource"),
        ("BREW", CONFIG_MAPS, 405, "the server does not allow this method on the requested resource"),
        ("POST", "/version", 405, "the server does not allow this method on the requested resource"),
    ],
)
async def test_what_is_not_there_is_a_status(send, method, path, status, message):
    response = await send(method, path)
    assert (response.status, content(response)["message"]) == (status, message)


async def test_outside_the_api_it_is_a_plain_404(send):
    response = await send("GET", "/nope")
    assert (response.status, response.body) == (404, b"404 page not found\n")


@pytest.mark.parametrize(
    ("headers", "method", "path", "body", "status"),
    [
        ({"content-type": "text/html"}, "POST", CONFIG_MAPS, b"<p>", 415),
        ({"content-type": "text/html"}, "PATCH", f"{CONFIG_MAPS}/c", b"{}", 415),
        ({"accept": "text/html"}, "GET", CONFIG_MAPS, None, 406),
        ({}, "POST", CONFIG_MAPS, b"{", 400),
        ({}, "POST", CONFIG_MAPS, b"", 400),
        ({}, "POST", CONFIG_MAPS, b"[]", 400),
        ({}, "POST", CONFIG_MAPS, {"apiVersion": "v1", "kind": "Pod"}, 400),
        ({"content-type": "application/json-patch+json"}, "PATCH", f"{CONFIG_MAPS}/c", b"nonsense", 400),
        ({}, "DELETE", f"{CONFIG_MAPS}/c", b"nonsense", 400),
        ({}, "GET", f"{CONFIG_MAPS}?", None, 404),
        ({}, "POST", CONFIG_MAPS, b'{"a":' * 10_000, 400),
        ({}, "POST", CONFIG_MAPS, b'{"data":' * 300 + b"1" + b"}" * 300, 400),
        ({"content-type": MERGE}, "PATCH", f"{CONFIG_MAPS}/c", b'{"a":' * 300 + b"1" + b"}" * 300, 400),
        ({"content-type": JSON_PATCH}, "PATCH", f"{CONFIG_MAPS}/c", NESTING, 400),
    ],
)
async def test_what_cannot_be_understood_is_the_clients_fault(send, headers, method, path, body, status):
    await send("POST", CONFIG_MAPS, config_map("c"))
    response = await send(method, path, body, headers=headers)
    assert response.status == status


async def test_who_applies_says_who_that_is(send):
    headers = {"content-type": "application/apply-patch+yaml"}
    response = await send("PATCH", f"{CONFIG_MAPS}/c", config_map("c"), headers=headers)
    expected = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
    assert content(response)["message"] == expected


async def test_an_object_that_etcd_would_not_take_is_refused(send):
    big = {"metadata": {"name": "x", "annotations": {}}, "rules": [{"verbs": ["v" * 1000]} for _ in range(1700)]}
    response = await send("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", big)
    assert content(response)["message"] == "etcdserver: request is too large"


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/ping"])
async def test_health_is_ok(send, path):
    assert (await send("GET", path)).body == b"ok"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/readyz", b"[+]ping ok\n[+]log ok\n[+]etcd ok\nreadyz check passed\n"),
        ("/livez/etcd", b"[+]etcd ok\nlivez check passed\n"),
    ],
)
async def test_health_is_told_in_full_on_request(send, path, told):
    assert (await send("GET", path, verbose="")).body == told


async def test_documents(send):
    assert content(await send("GET", "/version"))["gitVersion"] == "v1.36.2"
    assert "/api/v1" in content(await send("GET", "/"))["paths"]
    assert content(await send("GET", "/api"))["versions"] == ["v1"]
    assert content(await send("GET", "/apis"))["kind"] == "APIGroupList"
    assert content(await send("GET", "/apis/apps"))["kind"] == "APIGroup"
    assert content(await send("GET", "/apis/apps/v1"))["kind"] == "APIResourceList"
    assert content(await send("GET", "/api/v1"))["groupVersion"] == "v1"
    accept = {"accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"}
    found = await send("GET", "/apis", headers=accept)
    assert found.content_type.endswith("as=APIGroupDiscoveryList")
    assert content(found)["kind"] == "APIGroupDiscoveryList"
    index = content(await send("GET", "/openapi/v3"))
    assert content(await send("GET", "/openapi/v3/apis/apps/v1"))["openapi"].startswith("3.")
    assert "apis/apps/v1" in index["paths"]
    assert (await send("GET", "/openapi/v3/apis/nope/v1")).status == 404
    assert (await send("GET", "/openapi/v2")).status == 406


async def test_deprecated_resources_warn(send):
    response = await send("GET", "/api/v1/namespaces/default/endpoints")
    words = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    assert response.headers == [("Warning", f'299 - "{words}"')]


async def test_a_pod_is_returned_by_its_deletion(send):
    await send("POST", "/api/v1/namespaces/default/pods", pod())
    assert content(await send("DELETE", "/api/v1/namespaces/default/pods/p"))["kind"] == "Pod"


async def test_deletion_options_may_be_in_the_query(send):
    await send("POST", "/apis/apps/v1/namespaces/default/deployments", deployment())
    path = "/apis/apps/v1/namespaces/default/deployments/web"
    left = content(await send("DELETE", path, propagationPolicy="Foreground"))
    assert left["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert (await send("DELETE", path, orphanDependents="maybe")).status == 200


async def test_one_event_has_two_shapes(send):
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
        "message": "hello",
    }
    assert (await send("POST", "/api/v1/namespaces/default/events", event)).status == 201
    found = content(
        await send("GET", "/apis/events.k8s.io/v1/namespaces/default/events", fieldSelector="regarding.name=p")
    )
    assert found["items"][0]["note"] == "hello"


# -- who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        (
            "GET",
            "/api/v1/namespaces/default/pods",
            'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"',
        ),
        (
            "GET",
            "/apis/apps/v1/namespaces/default/deployments/web",
            'deployments.apps "web" is forbidden: User "ann" cannot get resource "deployments" in API group "apps" '
            'in the namespace "default"',
        ),
        (
            "DELETE",
            "/api/v1/nodes",
            'nodes is forbidden: User "ann" cannot deletecollection resource "nodes" in API group "" '
            "at the cluster scope",
        ),
    ],
)
async def test_who_has_no_role_is_forbidden(send, method, path, message):
    response = await send(method, path, user="ann")
    assert (response.status, content(response)["message"]) == (403, message)


async def test_the_administrator_may_act_as_somebody_else(send):
    headers = {"impersonate-user": "ann"}
    response = await send("GET", "/api/v1/namespaces/default/pods", headers=headers)
    assert response.status == 403
    headers = {"impersonate-user": "ann", "impersonate-group": "system:masters"}
    assert (await send("GET", "/api/v1/namespaces/default/pods", headers=headers)).status == 200
    response = await send("GET", "/api/v1/namespaces/default/pods", user="bob", headers=headers)
    assert content(response)["message"].startswith('users "ann" is forbidden: User "bob" cannot impersonate')


async def test_an_error_of_the_servers_own_is_told_and_logged(send, api, caplog):
    api.store.list = None
    response = await send("GET", CONFIG_MAPS)
    assert (response.status, content(response)["reason"]) == (500, "InternalError")
    assert "TypeError" in caplog.text
