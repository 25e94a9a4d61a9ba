"""OpenAPI as protobuf, v3 and v2: what kubectl looks up there is there."""

import json

from tinykube.schema import openapi
from tinykube.schema.openapi import gnostic, proto, v2


def extension(values):
    return {each.name: json.loads(each.value.yaml) for each in values}


def test_v3_carries_patch_operations_with_their_kind_and_parameters():
    document = gnostic.message(proto.PACKAGE, "Document", proto.MESSAGES)
    document.ParseFromString(openapi.document_protobuf("apps/v1"))
    paths = {each.name: each.value for each in document.paths.path}
    patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"].patch
    kind = extension(patch.specification_extension)["x-kubernetes-group-version-kind"]
    assert kind == {"group": "apps", "kind": "Deployment", "version": "v1"}
    assert "fieldValidation" in [each.parameter.name for each in patch.parameters]


def test_v2_carries_the_patch_operations_of_every_group():
    document = gnostic.message(v2.PACKAGE, "Document", v2.MESSAGES)
    document.ParseFromString(v2.document_protobuf())
    paths = {each.name: each.value for each in document.paths.path}
    assert document.swagger == "2.0"
    for path in ("/api/v1/nodes/{name}", "/apis/batch/v1/namespaces/{namespace}/jobs/{name}"):
        names = [
            each.parameter.non_body_parameter.query_parameter_sub_schema.name for each in paths[path].patch.parameters
        ]
        assert "fieldValidation" in names
        assert "x-kubernetes-group-version-kind" in extension(paths[path].patch.vendor_extension)


def test_answers_are_of_a_valid_media_type_whatever_clients_accept():
    for form in (proto, v2):
        assert "@" not in form.CONTENT_TYPE
        assert form.CONTENT_TYPE in form.ACCEPTED
        assert any("@" in each for each in form.ACCEPTED)
