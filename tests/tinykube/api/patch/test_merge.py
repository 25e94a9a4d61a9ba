"""JSON patch and JSON merge patch."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube.api.patch.merge import PatchError, PatchRefused, json_patch, merge
from tinykube.objects import copy

scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
maps = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [  # RFC 7386, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_as_in_the_rfc(original, patch, result):
    assert merge(original, patch) == result


@given(original=maps, patch=maps)
def test_merging_twice_is_merging_once_and_changes_no_input(original, patch):
    before = copy(original), copy(patch)
    once = merge(original, patch)
    assert merge(once, patch) == once
    assert (original, patch) == before


def nothing_null(value):
    if isinstance(value, dict):
        return all(nothing_null(v) for v in value.values())
    return value is not None


@given(original=maps, patch=maps.filter(nothing_null))
def test_what_a_merge_patch_says_is_what_the_result_says(original, patch):
    result = merge(original, patch)
    assert merge(result, patch) == result
    assert all(k in result for k in patch)


def test_json_patch_applies_in_order():
    operations = [
        {"op": "test", "path": "/spec/replicas", "value": 1},
        {"op": "add", "path": "/spec/list/-", "value": "b"},
        {"op": "replace", "path": "/spec/replicas", "value": 2},
        {"op": "remove", "path": "/spec/list/0"},
    ]
    original = {"spec": {"replicas": 1, "list": ["a"]}}
    assert json_patch(original, operations) == {"spec": {"replicas": 2, "list": ["b"]}}
    assert original == {"spec": {"replicas": 1, "list": ["a"]}}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "test", "path": "/a", "value": 2}],
        [{"op": "remove", "path": "/nope"}],
        [{"op": "replace", "path": "/nope/x", "value": 1}],
        [{"op": "add", "path": "/a/b", "value": 1}],
        [{"op": "fly", "path": "/a"}],
        [{"path": "/a"}],
        [{"op": "add", "path": "/a"}],
        [{"op": "add", "path": 5, "value": 1}],
        [{"op": "add", "path": "no-slash", "value": 1}],
        [{"op": "add", "path": "/b", "value": 1}] * 10_001,
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(operations):
    with pytest.raises(PatchRefused):
        json_patch({"a": 1}, operations)


@pytest.mark.parametrize("operations", [{}, "x", [1], None])
def test_what_is_no_json_patch_is_an_error(operations):
    with pytest.raises(PatchError):
        json_patch({}, operations)


@given(original=maps, operations=st.lists(st.dictionaries(st.sampled_from(["op", "path", "value", "from"]), values)))
def test_any_list_of_objects_applies_or_is_refused(original, operations):
    with contextlib.suppress(PatchRefused):
        json_patch(original, operations)
