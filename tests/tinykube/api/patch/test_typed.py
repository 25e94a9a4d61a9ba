"""Merging an applied configuration, and taking fields back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube.api.patch import fieldset, shape, typed
from tinykube.objects import copy

POD = shape.of_kind("v1/Pod")


def pod(*containers, **metadata):
    return {"metadata": metadata, "spec": {"containers": list(containers)}}


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        ("ab", "b", "ab"),
        ("ab", "c", "abc"),
        ("ab", "ca", "cab"),
        ("abc", "cb", "acb"),
        ("", "ba", "ba"),
        ("ab", "", "ab"),
    ],
)
def test_elements_keep_their_places_and_the_configuration_its_order(live, config, merged):
    def listed(names):
        return pod(*({"name": n} for n in names))

    assert typed.merge(listed(live), listed(config), POD) == {**listed(merged)}


def test_sets_are_united_and_atomic_lists_replaced():
    live = pod({"name": "a", "command": ["x"], "image": "i"}, finalizers=["p"])
    config = pod({"name": "a", "command": ["y", "z"]}, finalizers=["q"])
    merged = typed.merge(live, config, POD)
    assert merged["metadata"]["finalizers"] == ["p", "q"]
    assert merged["spec"]["containers"] == [{"name": "a", "command": ["y", "z"], "image": "i"}]


def test_what_is_taken_back_leaves_no_empty_shell():
    value = pod({"name": "a", "env": [{"name": "E", "value": "v"}]}, labels={"a": "b"})
    env = ("f:spec", "f:containers", 'k:{"name":"a"}', "f:env", 'k:{"name":"E"}')
    doomed = {env, (*env, "f:name"), (*env, "f:value"), ("f:metadata", "f:labels", "f:a")}
    assert typed.remove(value, doomed, POD) == {"spec": {"containers": [{"name": "a"}]}}


containers = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abc")}, optional={"image": st.sampled_from("xyz")}),
    max_size=3,
    unique_by=lambda c: c["name"],
)


@given(live=containers, config=containers)
def test_after_merging_everything_configured_holds(live, config):
    before = copy(live), copy(config)
    merged = typed.merge(pod(*live), pod(*config), POD)
    assert typed.merge(merged, pod(*config), POD) == merged
    assert fieldset.of(pod(*config), POD) <= fieldset.of(merged, POD) | {("f:metadata",), ("f:spec", "f:containers")}
    assert fieldset.of(pod(*live), POD) <= fieldset.of(merged, POD) | {("f:metadata",), ("f:spec", "f:containers")}
    assert (live, config) == before


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"spec": {"foo": 1}}, [".spec.foo: field not declared in schema"]),
        (
            pod({"name": "a", "bar": 1}),
            ['.spec.containers[name="a"].bar: field not declared in schema'],
        ),
        (
            pod({"name": "a", "env": [{"name": "E"}, {"name": "E"}]}),
            ['.spec.containers[name="a"].env: duplicate entries for key [name="E"]'],
        ),
        (
            pod({"image": "i"}),
            ['.spec.containers: element 0: associative list with keys has an element that omits key field "name"'],
        ),
        ({"spec": {"hostname": 5}}, [".spec.hostname: expected string, got &{5}"]),
        ({"spec": {"priority": "high"}}, ['.spec.priority: expected numeric (int or float), got &{"high"}']),
        ({"spec": []}, [".spec: expected map, got &{[]}"]),
        ({"spec": {"containers": {}}}, [".spec.containers: expected list, got &{{}}"]),
        (pod({"name": "a", "image": "i"}, labels={"a": "b"}), []),
    ],
)
def test_what_is_not_of_its_type_is_named(config, words):
    assert typed.problems(config, POD) == words
