"""OpenAPI documents: complete in themselves, and with what clients look for."""

import json

import pytest

from tinykube.schema import kinds, openapi

GROUP_VERSIONS = kinds.group_versions()
POD = "io.k8s.api.core.v1.Pod"


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def test_the_index_names_a_document_for_each_group_version():
    paths = openapi.index()["paths"]
    assert len(paths) == len(GROUP_VERSIONS)
    assert (
        paths["apis/apps/v1"]["serverRelativeURL"]
        == f"/openapi/v3/apis/apps/v1?hash={openapi.document_hash('apps/v1')}"
    )
    assert "api/v1" in paths


@pytest.mark.parametrize("group_version", GROUP_VERSIONS)
def test_every_reference_resolves(group_version):
    document = openapi.document(group_version)
    used = {ref.removeprefix("#/components/schemas/") for ref in references(document)}
    assert used <= set(document["components"]["schemas"])


@pytest.mark.parametrize("group_version", GROUP_VERSIONS)
def test_operations_have_names_of_their_own_and_declare_their_path_parameters(group_version):
    document = openapi.document(group_version)
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, item in document["paths"].items():
        declared = {p["name"] for p in item.get("parameters", ()) if p["in"] == "path"}
        assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}, path


@pytest.mark.parametrize("path", ["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"])
def test_patch_says_what_kubectl_apply_looks_for(path):
    patch = openapi.document("apps/v1")["paths"][path]["patch"]
    assert {"fieldValidation", "fieldManager", "dryRun", "force"} == {p["name"] for p in patch["parameters"]}
    assert set(patch["requestBody"]["content"]) == {
        "application/apply-patch+yaml",
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
    }
    assert patch["x-kubernetes-action"] == "patch"
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "kind": "Deployment", "version": "v1"}


@pytest.mark.parametrize(
    ("method", "path", "operation_id"),
    [
        ("get", "/api/v1/pods", "listCoreV1PodForAllNamespaces"),
        ("get", "/api/v1/namespaces/{namespace}/pods", "listCoreV1NamespacedPod"),
        ("post", "/api/v1/namespaces/{namespace}/pods", "createCoreV1NamespacedPod"),
        ("delete", "/api/v1/namespaces/{namespace}/pods", "deleteCoreV1CollectionNamespacedPod"),
        ("put", "/api/v1/namespaces/{namespace}/pods/{name}/status", "replaceCoreV1NamespacedPodStatus"),
        ("get", "/api/v1/namespaces/{namespace}/pods/{name}/log", "readCoreV1NamespacedPodLog"),
        ("post", "/api/v1/namespaces/{namespace}/pods/{name}/exec", "connectCoreV1PostNamespacedPodExec"),
        ("post", "/api/v1/namespaces/{namespace}/pods/{name}/eviction", "createCoreV1NamespacedPodEviction"),
        ("get", "/api/v1/nodes/{name}", "readCoreV1Node"),
        ("delete", "/api/v1/namespaces/{name}", "deleteCoreV1Namespace"),
    ],
)
def test_paths_and_operations_have_the_real_names(method, path, operation_id):
    assert openapi.document("v1")["paths"][path][method]["operationId"] == operation_id


def test_namespaces_cannot_be_deleted_as_a_collection():
    assert "delete" not in openapi.document("v1")["paths"]["/api/v1/namespaces"]


def test_a_component_says_what_merging_and_validating_need():
    schemas = openapi.document("v1")["components"]["schemas"]
    assert schemas[POD]["x-kubernetes-group-version-kind"] == [{"group": "", "kind": "Pod", "version": "v1"}]
    spec = schemas["io.k8s.api.core.v1.PodSpec"]
    assert spec["required"] == ["containers"]
    containers = spec["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert containers["x-kubernetes-list-map-keys"] == ["name"]
    assert containers["items"]["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.core.v1.Container"}]
    policy = spec["properties"]["restartPolicy"]
    assert policy["enum"] == ["Always", "Never", "OnFailure"]
    assert policy["description"].endswith('Possible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`')
    port = schemas["io.k8s.api.core.v1.ContainerPort"]["properties"]["containerPort"]
    assert (port["type"], port["format"], port["default"]) == ("integer", "int32", 0)
    assert schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]["format"] == "int-or-string"


def test_documents_go_by_group_version_or_path():
    assert openapi.document("apis/apps/v1") is openapi.document("apps/v1")
    assert openapi.document("api/v1") is openapi.document("v1")
    assert json.loads(openapi.document_json("batch/v1")) == openapi.document("batch/v1")
    for unknown in ("apps/v2", "example.com/v1", "", "api"):
        with pytest.raises(KeyError):
            openapi.document(unknown)
