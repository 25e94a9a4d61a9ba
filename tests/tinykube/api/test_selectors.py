"""Label and field selectors: what they select, and the words for what they cannot."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube.api import selectors
from tinykube.errors import ApiError

LABELS = {"app": "web", "tier": "front", "n": "5"}
OBJECT = {"metadata": {"labels": LABELS}}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("", True),
        ("app=web", True),
        ("app==web", True),
        ("app = web , tier = front", True),
        ("app=other", False),
        ("app!=web", False),
        ("missing!=x", True),
        ("app", True),
        ("!app", False),
        ("!missing", True),
        ("app in (web, db)", True),
        ("app notin (web,db)", False),
        ("missing notin (x)", True),
        ("missing in (x)", False),
        ("n>4", True),
        ("n<5", False),
        ("app>1", False),
        ("app=web,tier!=front", False),
        ("missing=", False),
        ("missing in (,x)", False),
    ],
)
def test_a_label_selector_selects(text, selected):
    assert selectors.labels(text)(OBJECT) is selected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a b", "found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=b,", "found '', expected: identifier after ','"),
        ("=b", "found '=', expected: identifier"),
        ("a in b", "found 'b' expected: '('"),
        ("a in (b", "found '', expected: ',', or ')'"),
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a>b", "values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"),
    ],
)
def test_what_is_no_label_selector_is_a_bad_request(text, why):
    with pytest.raises(ApiError) as refused:
        selectors.labels(text)
    assert refused.value.code == 400
    assert str(refused.value) == f"unable to parse requirement: {why}"


keys = st.sampled_from(["app", "tier", "example.com/x"])
values = st.sampled_from(["", "web", "front", "a-b.c_d"])
maps = st.dictionaries(keys, values, max_size=3)


@given(found=maps, key=keys, value=values, others=st.lists(values, min_size=1, max_size=3))
def test_each_operator_and_its_opposite_divide_all_objects(found, key, value, others):
    obj = {"metadata": {"labels": found}}
    listed = ",".join(others)
    for one, opposite in [
        (f"{key}={value}", f"{key}!={value}"),
        (key, f"!{key}"),
        (f"{key} in ({listed})", f"{key} notin ({listed})"),
    ]:
        assert selectors.labels(one)(obj) != selectors.labels(opposite)(obj)


@given(first=maps, found=maps)
def test_a_map_of_labels_selects_its_supersets(first, found):
    text = ",".join(f"{k}={v}" for k, v in first.items())
    assert selectors.labels(text)({"metadata": {"labels": found}}) == (first.items() <= found.items())


@given(text=st.text(alphabet="ab=!<>(), in\t", max_size=12))
def test_any_text_is_a_selector_or_a_bad_request(text):
    with contextlib.suppress(ApiError):
        assert selectors.labels(text)({"metadata": {}}) in (True, False)


POD = {
    "metadata": {"name": "p", "namespace": "d"},
    "spec": {"nodeName": "n1", "restartPolicy": "Always"},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("resource", "text", "obj", "selected"),
    [
        ("pods", "status.phase=Running", POD, True),
        ("pods", "status.phase!=Running", POD, False),
        ("pods", "spec.nodeName=n1,metadata.name=p", POD, True),
        ("pods", "spec.nodeName=", {"spec": {}}, True),
        ("pods", "spec.hostNetwork=false", POD, True),
        ("nodes", "spec.unschedulable=false", {"spec": {}}, True),
        ("nodes", "spec.unschedulable=true", {"spec": {"unschedulable": True}}, True),
        ("events", "involvedObject.name=p,reason=Pulled", {"involvedObject": {"name": "p"}, "reason": "Pulled"}, True),
        ("events", "source=kubelet", {"source": {"component": "kubelet"}}, True),
        ("jobs.batch", "status.successful=1", {"status": {"succeeded": 1}}, True),
        ("replicasets.apps", "status.replicas=0", {"status": {}}, True),
        ("configmaps", "metadata.name=p", POD, True),
        ("configmaps", "", POD, True),
    ],
)
def test_a_field_selector_selects(resource, text, obj, selected):
    assert selectors.fields(resource, text)(obj) is selected


@pytest.mark.parametrize(
    ("resource", "text", "why"),
    [
        ("pods", "spec.foo=x", "field label not supported: spec.foo"),
        ("jobs.batch", "spec.foo=x", 'field label "spec.foo" not supported for Job'),
        (
            "deployments.apps",
            "spec.foo=x",
            '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("pods", "nonsense", "invalid selector: 'nonsense'; can't understand 'nonsense'"),
    ],
)
def test_what_is_no_field_selector_is_a_bad_request(resource, text, why):
    with pytest.raises(ApiError) as refused:
        selectors.fields(resource, text)
    assert (refused.value.code, str(refused.value)) == (400, why)
