"""Sets of fields: their wire form, and where two objects differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube.api.patch import fieldset, shape

POD = shape.of_kind("v1/Pod")

steps = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
paths = st.lists(steps, min_size=1, max_size=4).map(tuple)


@given(fields=st.sets(paths, max_size=12))
def test_the_wire_form_can_be_read_back(fields):
    assert fieldset.decode(fieldset.encode(fields)) == fields


def test_a_member_with_members_below_is_marked_by_a_dot():
    fields = {("f:metadata", "f:labels"), ("f:metadata", "f:labels", "f:app")}
    assert fieldset.encode(fields) == {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("f:spec", "f:replicas"), ".spec.replicas"),
        (("f:spec", "f:containers", 'k:{"name":"web"}', "f:image"), '.spec.containers[name="web"].image'),
        (("f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'), '.ports[containerPort=80,protocol="TCP"]'),
        (("f:finalizers", 'v:"x/y"'), '.finalizers[="x/y"]'),
    ],
)
def test_paths_are_shown_as_in_conflicts(path, shown):
    assert fieldset.show(path) == shown


def pod(**container):
    return {"metadata": {"labels": {"a": "1"}}, "spec": {"containers": [{"name": "m", **container}]}}


def test_all_fields_of_an_object():
    obj = pod(ports=[{"containerPort": 80}], command=["a", "b"], resources={})
    obj["metadata"]["finalizers"] = ["x"]
    container = ("f:spec", "f:containers", 'k:{"name":"m"}')
    port = (*container, "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}')
    assert fieldset.of(obj, POD) == {
        ("f:metadata", "f:labels", "f:a"),
        ("f:metadata", "f:finalizers", 'v:"x"'),
        container,
        (*container, "f:name"),
        (*container, "f:command"),
        (*container, "f:resources"),
        port,
        (*port, "f:containerPort"),
    }


def test_a_difference_names_what_was_added_changed_and_removed():
    old, new = pod(image="1", command=["a"]), pod(image="2", env=[{"name": "E", "value": "v"}])
    found = fieldset.compare(old, new, POD)
    container = ("f:spec", "f:containers", 'k:{"name":"m"}')
    env = (*container, "f:env", 'k:{"name":"E"}')
    assert found.modified == {(*container, "f:image")}
    assert found.removed == {(*container, "f:command")}
    assert found.added == {(*container, "f:env"), env, (*env, "f:name"), (*env, "f:value")}


containers = st.fixed_dictionaries(
    {},
    optional={
        "image": st.sampled_from("xy"),
        "command": st.lists(st.sampled_from("pq"), max_size=2),
        "env": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from("EF")}, optional={"value": st.sampled_from("vw")}),
            max_size=2,
            unique_by=lambda e: e["name"],
        ),
    },
)


@given(one=containers, other=containers)
def test_differences_mirror_each_other(one, other):
    there, back = fieldset.compare(pod(**one), pod(**other), POD), fieldset.compare(pod(**other), pod(**one), POD)
    assert (there.added, there.modified, there.removed) == (back.removed, back.modified, back.added)
    assert not any(fieldset.compare(pod(**one), pod(**one), POD))
    assert not there.added & there.removed
