"""Strategic merge patch: keyed lists, primitives, and every directive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube.api.patch import shape
from tinykube.api.patch.merge import PatchError, PatchFailed
from tinykube.api.patch.strategic import strategic_merge
from tinykube.objects import copy

POD, DEPLOYMENT = shape.of_kind("v1/Pod"), shape.of_kind("apps/v1/Deployment")


def containers(*items):
    return {"spec": {"containers": list(items)}}


def metadata(**fields):
    return {"metadata": fields}


def labels(**found):
    return metadata(labels=found)


A1, A2, B1, C1 = ({"name": n, "image": f"{n}:{v}"} for n, v in [("a", 1), ("a", 2), ("b", 1), ("c", 1)])


@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        # elements are merged by their key; new ones come first, as the documentation of kubectl patch shows
        (containers(A1, B1), containers(A2), containers(A2, B1)),
        (containers(A1), containers(B1), containers(B1, A1)),
        (containers(A1, B1), containers({"name": "b", "image": None}), containers(A1, {"name": "b"})),
        # directives on elements
        (containers(A1, B1), containers({"name": "a", "$patch": "delete"}), containers(B1)),
        (containers(A1, B1), containers(C1, {"$patch": "replace"}), containers(C1)),
        (containers(A1), containers({"$patch": "replace"}), containers()),
        # the order that the patch asks for; what only the server knows stays near its neighbours
        (
            containers(A1, B1, C1),
            {"spec": {"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}]}},
            containers(B1, C1, A1),
        ),
        (
            containers(A1, B1),
            {"spec": {"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}], "containers": [C1]}},
            containers(C1, A1, B1),
        ),
        # maps
        (labels(a="1"), labels(b="2"), labels(a="1", b="2")),
        (labels(a="1"), labels(a=None), labels()),
        (labels(a="1"), labels(**{"$patch": "replace", "b": "2"}), labels(b="2")),
        (labels(a="1"), labels(**{"$patch": "delete"}), labels()),
        # primitive lists merge as sets, unless something is to be deleted
        (metadata(finalizers=["x"]), metadata(finalizers=["y", "x"]), metadata(finalizers=["y", "x"])),
        (
            metadata(finalizers=["x", "y"]),
            metadata(**{"$deleteFromPrimitiveList/finalizers": ["x"]}),
            metadata(finalizers=["y"]),
        ),
        # lists without a merge strategy are replaced
        (
            containers({"name": "a", "command": ["x", "y"]}),
            containers({"name": "a", "command": ["z"]}),
            containers({"name": "a", "command": ["z"]}),
        ),
        # nulls and directives in what is new are not stored
        (
            {},
            containers({"name": "a", "image": None, "env": [{"name": "X", "$patch": "delete"}]}),
            containers({"name": "a", "env": []}),
        ),
    ],
)  # fmt: skip
def test_a_patch_merges(original, patch, result):
    before = copy(original), copy(patch)
    assert strategic_merge(original, patch, POD) == result
    assert (original, patch) == before


def test_retained_keys_drop_the_rest():
    original = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert strategic_merge(original, patch, DEPLOYMENT) == {"spec": {"strategy": {"type": "Recreate"}}}


@pytest.mark.parametrize(
    "patch",
    [
        {"spec": {"$setElementOrder/containers": "a"}},
        {"metadata": {"labels": {"$retainKeys": ["a"], "b": "c"}}},
        {"metadata": {"labels": {"$retainKeys": "a"}}},
    ],
)
def test_what_is_no_strategic_merge_patch_is_an_error(patch):
    with pytest.raises(PatchError):
        strategic_merge({**containers(A1), "metadata": {"labels": {"x": "y"}}}, patch, POD)


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (
            containers({"image": "x", "tty": True}),
            "map: map[image:x tty:true] does not contain declared merge key: name",
        ),
        (
            containers({"name": "a", "$patch": "explode"}),
            "unknown patch type: explode in map: map[$patch:explode name:a]",
        ),
        ({"spec": {"$patch": "explode"}}, "unknown patch type: explode in map: map[]"),
    ],
)
def test_what_the_server_cannot_carry_out_is_shown_as_go_shows_it(patch, words):
    with pytest.raises(PatchFailed) as refused:
        strategic_merge(containers(A1), patch, POD)
    assert str(refused.value) == words


items = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcd")}, optional={"image": st.sampled_from("xyz")}),
    max_size=4,
    unique_by=lambda item: item["name"],
)


@given(original=items, patch=items)
def test_patching_twice_is_patching_once(original, patch):
    once = strategic_merge(containers(*original), containers(*patch), POD)
    assert strategic_merge(once, containers(*patch), POD) == once


@given(original=items, patch=items)
def test_elements_are_neither_lost_nor_doubled(original, patch):
    merged = strategic_merge(containers(*original), containers(*patch), POD)["spec"]["containers"]
    names = [item["name"] for item in merged]
    assert len(names) == len(set(names))
    assert set(names) == {item["name"] for item in [*original, *patch]}
    wanted = [item["name"] for item in patch]
    assert [n for n in names if n in wanted] == wanted


@given(original=items, order=st.permutations("abcd"))
def test_the_order_asked_for_is_the_order_given(original, order):
    patch = {"spec": {"$setElementOrder/containers": [{"name": n} for n in order]}}
    merged = strategic_merge(containers(*original), patch, POD)["spec"]["containers"]
    assert sorted(merged, key=str) == sorted(original, key=str)
    assert [c["name"] for c in merged] == [n for n in order if n in {c["name"] for c in original}]
