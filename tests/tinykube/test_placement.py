"""Node selectors, node affinity, taints and tolerations."""

import pytest

from tinykube import placement

NODE = {"metadata": {"name": "n1", "labels": {"disk": "ssd", "cores": "8"}}, "spec": {}}


def pod(**spec):
    return {"metadata": {"name": "p"}, "spec": spec}


def required(*terms):
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}


def expressions(*rows):
    return {"matchExpressions": [{"key": k, "operator": o, "values": list(v)} for k, o, *v in rows]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, True),
        ({"nodeSelector": {"disk": "ssd"}}, True),
        ({"nodeSelector": {"disk": "hdd"}}, False),
        ({"affinity": required(expressions(("disk", "In", "ssd", "nvme")))}, True),
        ({"affinity": required(expressions(("disk", "NotIn", "ssd")))}, False),
        ({"affinity": required(expressions(("gpu", "Exists")))}, False),
        ({"affinity": required(expressions(("gpu", "DoesNotExist")))}, True),
        ({"affinity": required(expressions(("cores", "Gt", "4")))}, True),
        ({"affinity": required(expressions(("cores", "Lt", "8")))}, False),
        ({"affinity": required(expressions(("disk", "Gt", "4")))}, False),
        ({"affinity": required(expressions(("gpu", "Exists")), expressions(("disk", "Exists")))}, True),
        ({"affinity": required({})}, False),
        ({"nodeSelector": {"disk": "hdd"}, "affinity": required(expressions(("disk", "Exists")))}, False),
    ],
)
def test_which_nodes_a_pod_allows(spec, expected):
    assert placement.node_selected(pod(**spec), NODE) is expected


def test_a_pod_that_names_its_nodes():
    by_name = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
    assert placement.named_nodes(pod(affinity=required(by_name))) == {"n1"}
    assert placement.named_nodes(pod(affinity=required(by_name, expressions(("disk", "Exists"))))) is None
    assert placement.named_nodes(pod()) is None


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({"key": "a", "operator": "Equal", "value": "1", "effect": "NoSchedule"}, True),
        ({"key": "a", "value": "1"}, True),
        ({"key": "a", "value": "2"}, False),
        ({"key": "a", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "a", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "b", "operator": "Exists"}, False),
        ({"value": "1"}, False),
    ],
)
def test_which_toleration_covers_which_taint(toleration, expected):
    taint = {"key": "a", "value": "1", "effect": "NoSchedule"}
    assert placement.tolerates(toleration, taint) is expected


def test_only_taints_of_the_asked_effects_count():
    taints = [{"key": "a", "effect": "PreferNoSchedule"}, {"key": "b", "effect": "NoExecute"}]
    tainted = {**NODE, "spec": {"taints": taints}}
    assert placement.untolerated(pod(), tainted, ("NoSchedule", "NoExecute")) == [taints[1]]
    tolerant = pod(tolerations=[{"key": "b", "operator": "Exists"}])
    assert placement.untolerated(tolerant, tainted, ("NoSchedule", "NoExecute")) == []


def test_preferred_terms_add_up():
    preferred = [
        {"weight": 10, "preference": expressions(("disk", "Exists"))},
        {"weight": 5, "preference": expressions(("gpu", "Exists"))},
        {"weight": 1, "preference": expressions(("cores", "Gt", "4"))},
    ]
    found = pod(affinity={"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}})
    assert placement.preferred_weight(found, NODE) == 11
