"""Definitions and fields, against facts of the published API."""

import pytest

from tinykube.schema import lookup, tables


@pytest.mark.parametrize(
    ("kind_key", "path", "kind", "go_type"),
    [
        ("v1/Pod", "metadata", "struct", "v1.ObjectMeta"),
        ("v1/Pod", "metadata.labels", "map", "map[string]string"),
        ("v1/Pod", "metadata.creationTimestamp", "time", "v1.Time"),
        ("v1/Pod", "spec.containers", "list", "[]v1.Container"),
        ("v1/Pod", "spec.restartPolicy", "string", "v1.RestartPolicy"),
        ("v1/Pod", "spec.containers.ports.containerPort", "int32", "int32"),
        ("v1/Pod", "spec.containers.resources.limits", "map", "v1.ResourceList"),
        ("v1/Pod", "spec.containers.securityContext.capabilities.add", "list", "[]v1.Capability"),
        ("v1/Secret", "data", "map", "map[string][]uint8"),
        ("v1/Service", "spec.ports.targetPort", "intstr", "intstr.IntOrString"),
        ("apps/v1/Deployment", "spec.replicas", "int32", "int32"),
        ("autoscaling/v2/HorizontalPodAutoscaler", "spec.behavior", "struct", "v2.HorizontalPodAutoscalerBehavior"),
        ("coordination.k8s.io/v1/Lease", "spec.renewTime", "microtime", "v1.MicroTime"),
        ("v1/Pod", "metadata.managedFields.fieldsV1", "raw", "runtime.RawExtension"),
        (
            "apiextensions.k8s.io/v1/CustomResourceDefinition",
            "spec.versions.schema.openAPIV3Schema.default",
            "raw",
            None,
        ),
    ],
)
def test_a_field_has_the_type_of_the_api(kind_key, path, kind, go_type):
    field = lookup.field_at(kind_key, *path.split("."))
    assert field is not None
    assert field.type.kind == kind
    assert go_type is None or field.type.go_type == go_type


@pytest.mark.parametrize(
    ("path", "merge_key", "strategy", "list_type", "keys"),
    [
        ("spec.containers", "name", "merge", "map", ("name",)),
        ("spec.containers.ports", "containerPort", "merge", "map", ("containerPort", "protocol")),
        ("spec.containers.env", "name", "merge", "map", ("name",)),
        ("spec.containers.args", "", "", "atomic", ()),
        ("spec.volumes", "name", "merge,retainKeys", "map", ("name",)),
        ("spec.tolerations", "", "", "atomic", ()),
        ("metadata.finalizers", "", "merge", "set", ()),
        ("metadata.ownerReferences", "uid", "merge", "map", ("uid",)),
    ],
)
def test_lists_say_how_they_merge(path, merge_key, strategy, list_type, keys):
    field = lookup.field_at("v1/Pod", *path.split("."))
    found = (field.merge_key, field.patch_strategy, field.list_type, field.list_map_keys)
    assert found == (merge_key, strategy, list_type, keys)


def test_an_unknown_field_is_none_and_an_unknown_kind_an_error():
    assert lookup.field_at("v1/Pod", "spec", "conatiners") is None
    assert lookup.field_at("v1/Pod", "spec", "nodeName", "deeper") is None
    with pytest.raises(KeyError):
        lookup.of_kind("v1/Pods")


def test_enums_are_in_alphabetical_order_and_reach_into_lists():
    assert list(lookup.field_at("v1/Pod", "spec", "restartPolicy").enum) == ["Always", "Never", "OnFailure"]
    modes = lookup.field_at("v1/PersistentVolumeClaim", "spec", "accessModes").enum
    assert list(modes) == ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
    assert lookup.field_at("v1/Pod", "spec", "nodeName").enum == {}


@pytest.mark.parametrize(
    ("path", "omitted"),
    [
        ("spec.nodeName", True),
        ("spec.hostNetwork", True),
        ("spec.terminationGracePeriodSeconds", False),
        ("spec.automountServiceAccountToken", False),
        ("spec.runtimeClassName", False),
        ("spec.containers", False),
        ("spec.initContainers", True),
        ("spec.nodeSelector", True),
        ("spec.securityContext", False),
        ("spec.containers.livenessProbe.periodSeconds", True),
    ],
)
def test_zero_values_are_dropped_where_go_does(path, omitted):
    assert lookup.field_at("v1/Pod", *path.split(".")).omit_zero is omitted


def test_walk_visits_every_field_and_ends_in_recursive_types():
    paths = [".".join(path) for path, _ in lookup.walk("apiextensions.k8s.io/v1/CustomResourceDefinition")]
    assert "spec.versions.schema.openAPIV3Schema.properties" in paths
    assert len(paths) == len(set(paths)) < 500


def test_every_definition_can_be_read_and_refers_only_to_known_ones():
    for name in tables.definitions():
        for field in lookup.definition(name).fields.values():
            assert field.type.go_type
            lookup.struct_of(field.type)


def test_every_go_enum_is_used_by_some_field():
    used = {
        kind.go
        for name in tables.definitions()
        for field in lookup.definition(name).fields.values()
        for kind in (field.type, field.type.item)
        if kind is not None
    }
    assert set(tables.enums()) <= used
