"""Rules that one kind or one feature brings with it, each broken on purpose, and what may not be changed later.

`rules.json` maps a name to a manifest and the causes of its refusal, in the words of upstream's source.
"""

import json
from pathlib import Path

import pytest
from tests.tinykube.api.validation.pipeline import changed, created

CASES = json.loads(Path(__file__).with_name("rules.json").read_text(encoding="utf-8"))
IMMUTABLE = "field is immutable"


def spec_of(api_version, kind, spec):
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"


@pytest.mark.parametrize("name", CASES)
def test_every_reason_is_given(name):
    assert created(CASES[name]["manifest"]) == CASES[name]["causes"]


def put(name, value):
    return lambda obj: obj["spec"].update({name: value})


@pytest.mark.parametrize(
    ("manifest", "change", "causes"),
    [
        (
            spec_of("v1", "ResourceQuota", "{hard: {pods: 1}, scopes: [BestEffort]}"),
            put("scopes", ["NotBestEffort"]),
            [f'spec.scopes: Invalid value: ["NotBestEffort"]: {IMMUTABLE}'],
        ),
        (
            spec_of("v1", "Service", "{type: LoadBalancer, loadBalancerClass: a, ports: [{port: 80}]}"),
            put("loadBalancerClass", "b"),
            ['spec.loadBalancerClass: Invalid value: "b": may not change once set'],
        ),
        (
            spec_of("autoscaling/v2", "HorizontalPodAutoscaler",
                    "{maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}}"),
            put("maxReplicas", 0),
            ["spec.maxReplicas: Invalid value: 0: must be greater than 0",
             "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`"],
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
            "spec: {schedulingGates: [{name: g}], nodeSelector: {a: b}, containers: [{name: a, image: b}]}\n",
            put("nodeSelector", {"a": "c"}),
            ['spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no '
             "mutations or deletions)"],
        ),
    ],
)  # fmt: skip
def test_what_stays_is_not_changed(manifest, change, causes):
    assert changed(manifest, change) == causes


def test_a_volume_stays_where_its_data_are():
    volume = spec_of("v1", "PersistentVolume", "{accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, "
                     "hostPath: {path: /a}}")  # fmt: skip
    (cause,) = changed(volume, put("hostPath", {"path": "/b"}))
    head, *lines = cause.splitlines()
    words = "spec.persistentvolumesource is immutable after creation"
    assert head == f"spec.persistentvolumesource: Forbidden: {words}"
    assert lines == [
        "@@ -2,7 +2,7 @@",
        '  "GCEPersistentDisk": null,',
        '  "AWSElasticBlockStore": null,',
        '  "HostPath": {',
        '-  "Path": "/b",',
        '+  "Path": "/a",',
        '   "Type": ""',
        "  },",
        '  "Glusterfs": null,',
    ]


@pytest.mark.parametrize("value", ["10.0.0.0/8", "2001:db8::/64", "0.0.0.0/0", "10.0.0.1/32"])
def test_a_block_of_addresses_without_bits_beyond_its_prefix_is_fine(value):
    rule = f"{{podSelector: {{}}, egress: [{{to: [{{ipBlock: {{cidr: '{value}'}}}}]}}]}}"
    assert created(spec_of("networking.k8s.io/v1", "NetworkPolicy", rule)) == []
