import pytest
from tests.tinykube.api.validation.pipeline import stored

from tinykube.api.validation import warnings

SURPRISE = "which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"
HOSTNAME = f"metadata.name: this is used in the Pod's hostname, {SURPRISE}"
POD_NAMES = f"metadata.name: this is used in Pod names and hostnames, {SURPRISE}"
CASES = [
    ("name: a.b", "containers: [{name: a, image: b}]", [HOSTNAME]),
    (
        "name: p",
        "containers: [{name: a, image: b, env: [{name: A, value: x}, {name: A, value: y}]}]",
        ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ),
    ("name: p", "containers: [{name: a, image: b, env: [{name: A, value: x}, {name: A, value: $(A)y}]}]", []),
    (
        "name: p",
        "nodeSelector: {beta.kubernetes.io/os: linux}, containers: [{name: a, image: b}]",
        ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ),
    (
        "name: p",
        "containers: [{name: a, image: b, resources: {requests: {memory: 500m}}}]",
        [
            'spec.containers[0].resources.requests[memory]: fractional byte value "500m" is invalid, must be an '
            "integer",
        ],
    ),
    (
        "name: p",
        "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a}], affinity: {podAffinity: {"
        "preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: {topologyKey: a}}]}}, "
        "containers: [{name: a, image: b}]",
        [
            "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
            "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm."
            "labelSelector: a null labelSelector results in matching no pod",
        ],
    ),
    (
        "name: p",
        "terminationGracePeriodSeconds: -1, containers: [{name: a, image: b}]",
        ["spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"],
    ),
]

C = "containers: [{name: a, image: b}]"
HIDES = 'hides previous definition of "A", which may be dropped when using apply'
PORTS = "containers: [{name: a, image: b, ports: [{containerPort: 80}]}, {name: c, image: b, ports: [{containerPort: 80"
ITEMS = "items: [{key: a, path: d}, {key: b, path: d/e}]"
CASES += [
    (
        "name: p",
        "containers: [{name: a, image: b, env: [{name: A, value: x}, {name: A, value: $(A)}, "
        "{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]",
        [f"spec.containers[0].env[1]: {HIDES}", f"spec.containers[0].env[2]: {HIDES}"],
    ),
    (
        "name: p",
        f"{PORTS}}}]}}]",
        ["spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]"],
    ),
    (
        "name: p",
        f"{PORTS}, hostPort: 8080}}]}}]",
        ["spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]"],
    ),
    (
        "name: p",
        "containers: [{name: a, image: b, ports: [{containerPort: 80, hostIP: 10.0.0.1}]}]",
        [
            "spec.containers[0].ports[0]: hostIP set without hostPort: "
            "{Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}"
        ],
    ),
    (
        "name: p",
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        f"[{{matchExpressions: [{{key: beta.kubernetes.io/os, operator: Exists}}]}}]}}}}}}, {C}",
        [
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]."
            'matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead'
        ],
    ),
    (
        "name: p",
        f"volumes: [{{name: v, configMap: {{name: c, {ITEMS}}}}}, {{name: w, projected: {{sources: [{{secret: "
        f"{{name: s, items: [{{key: a, path: x}}]}}}}, {{downwardAPI: {{items: [{{path: x, fieldRef: "
        f"{{fieldPath: metadata.name}}}}]}}}}]}}}}], {C}",
        [
            'volume "v" (ConfigMap "c"): overlapping paths: "d/e" with "d"',
            'volume "w" (Projected DownwardAPI): overlapping paths: "x" with "x"',
        ],
    ),
    (
        "name: p",
        f"imagePullSecrets: [{{name: a}}, {{}}, {{name: a}}], hostAliases: [{{ip: 1.1.1.1}}, {{ip: 1.1.1.1}}], {C}",
        [
            'spec.hostAliases[1].ip: duplicate ip "1.1.1.1"',
            'spec.imagePullSecrets[2].name: duplicate name "a"',
            'spec.imagePullSecrets[1].name: invalid empty name ""',
        ],
    ),
]


@pytest.mark.parametrize(("meta", "spec", "expected"), CASES)
def test_pods(meta, spec, expected):
    kind_key, obj = stored(f"apiVersion: v1\nkind: Pod\nmetadata: {{{meta}}}\nspec: {{{spec}}}\n")
    assert warnings(kind_key, obj) == expected


def test_templates_are_looked_at_when_they_change():
    kind_key, obj = stored(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: "
        "{spec: {nodeSelector: {beta.kubernetes.io/arch: x}, containers: [{name: a, image: b}]}}}\n"
    )
    expected = (
        'spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch"'
    )
    assert warnings(kind_key, obj) == [f"{expected} instead"]
    assert warnings(kind_key, obj, obj) == []


def test_endpoints_are_on_their_way_out():
    assert warnings("v1/Endpoints", {"metadata": {}}) == [
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    ]


POD = "template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}"


@pytest.mark.parametrize(
    ("kind", "name", "rest", "expected"),
    [
        ("apps/v1 Deployment", "a.b", f"spec: {{{POD}}}", [POD_NAMES]),
        ("apps/v1 ReplicaSet", "a.b", f"spec: {{{POD}}}", [POD_NAMES]),
        ("batch/v1 Job", "a.b", f"spec: {{{POD}}}", [POD_NAMES]),
        ("batch/v1 CronJob", "a.b", f"spec: {{jobTemplate: {{spec: {{{POD}}}}}}}", [POD_NAMES]),
        (
            "apps/v1 StatefulSet",
            "s",
            f"spec: {{revisionHistoryLimit: -1, {POD}}}",
            [
                "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is "
                "recommended"
            ],
        ),
        (
            "v1 Service",
            "s",
            "spec: {ports: [{port: 80}], externalIPs: [1.2.3.4], externalName: a.b, trafficDistribution: PreferClose}",
            [
                "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
                'spec.externalName is ignored when spec.type is not "ExternalName"',
                'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
            ],
        ),
        (
            "v1 Service",
            "s",
            "spec: {ports: [{port: 80}], clusterIP: None, sessionAffinity: ClientIP}",
            ["spec.SessionAffinity is ignored for headless services"],
        ),
        (
            "v1 PersistentVolumeClaim",
            "c",
            "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 500m}}}",
            ['spec.resources.requests[storage]: fractional byte value "500m" is invalid, must be an integer'],
        ),
        (
            "v1 PersistentVolume",
            "v",
            "spec: {hostPath: {path: /x}, persistentVolumeReclaimPolicy: Recycle}",
            [
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the "
                "recommended approach is to use dynamic provisioning."
            ],
        ),
        ("v1 Namespace", "n, labels: {a: b}", "", []),
        (
            "networking.k8s.io/v1 NetworkPolicy",
            "n",
            "spec: {}",
            [
                "network policies have no effect in the practice cluster, where every Pod reaches every other; a kind "
                "cluster enforces them"
            ],
        ),
        (
            "networking.k8s.io/v1 Ingress",
            "i, annotations: {kubernetes.io/ingress.class: nginx}",
            "spec: {}",
            ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"],
        ),
    ],
)
def test_other_kinds(kind, name, rest, expected):
    version, _, kind = kind.partition(" ")
    kind_key, obj = stored(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n")
    assert warnings(kind_key, obj) == expected
