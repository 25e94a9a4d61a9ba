"""Hashes in names: the ones that a real v1.36 cluster gave to the same templates."""

import pytest

from tinykube.controllers import gohash

PROBE = {"failureThreshold": 3, "periodSeconds": 1, "successThreshold": 1, "timeoutSeconds": 1}
PROBE |= {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}}


def template(name, image, *, ready=True, annotations=None, grace=2, **container):
    main = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        **container,
    }
    if ready:
        main |= {"ports": [{"containerPort": 80, "protocol": "TCP"}], "readinessProbe": PROBE}
    metadata = {"labels": {"app": name}} | ({"annotations": annotations} if annotations else {})
    spec = {
        "containers": [main],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": grace,
    }
    return {"metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (template("web", "nginx:1.27"), "784fd946dd"),
        (template("web", "nginx:1.28"), "7bc6475f6f"),
        (template("web", "nginx:1.29"), "7b7fbb8f6b"),
        (template("web", "example.invalid/none:2"), "5d85688f8d"),
        (template("a", "nginx:1.27", ready=False), "779cc7c697"),
        (template("b", "nginx:1.27", ready=False), "74586f5b4f"),
        (template("c", "nginx:1.27", ready=False), "74d4775df7"),
        (
            template("web", "nginx:1.28", annotations={"kubectl.kubernetes.io/restartedAt": "2026-11-23T04:37:02Z"}),
            "5f4d6b8677",
        ),
    ],
)
def test_a_template_hashes_as_recorded(made, expected):
    assert gohash.template_hash(made, None) == expected


def test_a_daemon_sets_revision_hashes_its_template():
    made = template("agent", "busybox:1.36", ready=False, grace=1, command=["sh", "-c", "sleep 1000"])
    made["spec"]["containers"][0]["name"] = "a"
    assert gohash.template_hash(made, None) == "7bf4976c5b"


def test_a_stateful_sets_revision_hashes_its_json():
    made = template("db", "nginx:1.27", ready=False, grace=1, readinessProbe=PROBE)
    data = {"spec": {"template": {**made, "$patch": "replace"}}}
    assert gohash.revision_hash(data, 0) == "75455bbbd8"


def test_a_collision_changes_the_hash():
    made = template("web", "nginx:1.27")
    assert len({gohash.template_hash(made, n) for n in (None, 0, 1, 2)}) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100m", "value:(int64)100 scale:(resource.Scale)-3} d:X s:(string)100m Format:(resource.Format)DecimalSI"),
        ("1", "value:(int64)1 scale:(resource.Scale)0} d:X s:(string)1 Format:(resource.Format)DecimalSI"),
        ("64Mi", "value:(int64)67108864 scale:(resource.Scale)0} d:X s:(string) Format:(resource.Format)BinarySI"),
        ("50Mi", "value:(int64)52428800 scale:(resource.Scale)0} d:X s:(string)50Mi Format:(resource.Format)BinarySI"),
        ("1.5", "value:(int64)15 scale:(resource.Scale)-1} d:X s:(string) Format:(resource.Format)DecimalSI"),
    ],
)
def test_a_quantity_keeps_its_text_where_that_is_canonical(text, expected):
    shown = gohash.printed("resource.Quantity", text, typed=False)
    assert expected.replace("d:X", "d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>}") in shown


def test_pointers_slices_and_maps_print_as_spew_does():
    assert gohash.printed("*int64", None) == "(*int64)<nil>"
    assert gohash.printed("*int64", 2) == "(*int64)2"
    assert gohash.printed("[]string", ["a", "b"]) == "([]string)[a b]"
    assert gohash.printed("map[string]string", {"b": "2", "a": "1"}) == "(map[string]string)map[a:1 b:2]"
    assert gohash.printed("v1.Capabilities", {"drop": ["ALL"]}) == (
        "(v1.Capabilities){Add:([]v1.Capability)<nil> Drop:([]v1.Capability)[ALL]}"
    )
