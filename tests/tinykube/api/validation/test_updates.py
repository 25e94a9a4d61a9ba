"""What an update may not change, and how it is said."""

import pytest
from tests.tinykube.api.validation.pipeline import changed

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {serviceAccountName: s, containers: [{name: a, image: b}]}\n"
)
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}
"""
STATEFUL = DEPLOYMENT.replace("Deployment", "StatefulSet")
JOB = """apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nimmutable: true\ndata: {a: eA==}\n"
CLAIM = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
"""
BINDING = """apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {kind: Role, name: r}
"""


def put(path, value):
    """A change of one field."""

    def change(obj):
        *parents, last = path
        for step in parents:
            obj = obj[step]
        obj[last] = value

    return change


def drop(path):
    def change(obj):
        for step in path[:-1]:
            obj = obj[step]
        del obj[path[-1]]

    return change


MAIN = ("spec", "containers", 0)
REFUSED = {
    "no resource version": (
        POD,
        drop(("metadata", "resourceVersion")),
        ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
    ),
    "another name": (
        POD,
        put(("metadata", "name"), "q"),
        ['metadata.name: Invalid value: "q": field is immutable'],
    ),
    "another container": (
        POD,
        put(("spec", "containers"), [{"name": "a", "image": "b"}, {"name": "c", "image": "d"}]),
        ["spec.containers: Forbidden: pod updates may not add or remove containers"],
    ),
    "changed toleration": (
        POD,
        put(("spec", "tolerations"), []),
        ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"],
    ),
    "new scheduling gate": (
        POD,
        put(("spec", "schedulingGates"), [{"name": "g"}]),
        ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"],
    ),
    "deployment selector": (
        DEPLOYMENT,
        put(("spec", "selector"), {"matchLabels": {"a": "c"}}),
        [
            'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
            'spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
        ],
    ),
    "stateful set service": (
        STATEFUL,
        put(("spec", "serviceName"), "other"),
        [
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
            "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' "
            "are forbidden"
        ],
    ),
    "job completions": (
        JOB,
        put(("spec", "completions"), 3),
        ["spec.completions: Invalid value: 3: field is immutable"],
    ),
    "cluster IP": (
        SERVICE,
        put(("spec", "clusterIP"), "10.96.0.99"),
        ['spec.clusterIPs[0]: Invalid value: ["10.96.0.99"]: may not change once set'],
    ),
    "immutable secret": (
        SECRET,
        put(("data", "a"), "eQ=="),
        ["data: Forbidden: field is immutable when `immutable` is set"],
    ),
    "secret made mutable again": (
        SECRET,
        put(("immutable",), False),
        ["immutable: Forbidden: field is immutable when `immutable` is set"],
    ),
    "secret type": (
        SECRET.replace("immutable: true\n", ""),
        put(("type",), "x/y"),
        ['type: Invalid value: "x/y": field is immutable'],
    ),
    "role of a binding": (
        BINDING,
        put(("roleRef", "name"), "other"),
        [
            'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot '
            "change roleRef"
        ],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    manifest, change, expected = REFUSED[name]
    assert changed(manifest, change) == expected


ALLOWED = {
    "image": (POD, put((*MAIN, "image"), "c")),
    "deadline": (POD, put(("spec", "activeDeadlineSeconds"), 5)),
    "labels": (POD, put(("metadata", "labels"), {"a": "b"})),
    "deployment template": (DEPLOYMENT, put(("spec", "template", "spec", "hostPID"), True)),
    "stateful set replicas": (STATEFUL, put(("spec", "replicas"), 3)),
    "job parallelism": (JOB, put(("spec", "parallelism"), 3)),
    "service type": (SERVICE, put(("spec", "type"), "ExternalName")),
    "claim's volume": (CLAIM, put(("spec", "volumeName"), "v")),
}


@pytest.mark.parametrize("name", [n for n in ALLOWED if n != "service type"])
def test_allowed(name):
    assert changed(*ALLOWED[name]) == []


def test_a_deadline_only_gets_shorter():
    manifest = POD.replace("spec: {", "spec: {activeDeadlineSeconds: 10, ")
    path = "spec.activeDeadlineSeconds: Invalid value:"
    assert changed(manifest, put(("spec", "activeDeadlineSeconds"), 20)) == [
        f"{path} 20: must be less than or equal to previous value"
    ]
    assert changed(manifest, drop(("spec", "activeDeadlineSeconds")))[0] == (
        f"{path} null: must not update from a positive integer to nil value"
    )


UPDATABLE = (
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def test_a_changed_command_is_shown_as_a_difference():
    first, *difference = changed(POD, put((*MAIN, "command"), ["sh"]))[0].splitlines()
    assert first == UPDATABLE
    assert difference == [
        "@@ -111,7 +111,9 @@",
        "   {",
        '    "Name": "a",',
        '    "Image": "b",',
        '-   "Command": null,',
        '+   "Command": [',
        '+    "sh"',
        "+   ],",
        '    "Args": null,',
        '    "WorkingDir": "",',
        '    "Ports": null,',
    ]


def test_a_jobs_template_is_shown_as_it_would_have_been():
    (cause,) = changed(JOB, put(("spec", "template", "spec", "containers", 0, "image"), "c"))
    assert cause.startswith('spec.template: Invalid value: {"labels":{"batch.kubernetes.io/controller-uid":')
    assert '"Containers":[{"Name":"a","Image":"c","Command":null,"Args":null,"WorkingDir":"","Ports":null,' in cause
    assert cause.endswith("}: field is immutable")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("nodeSelector",), {"a": "b"}),
        (("containers", 0, "resources"), {"requests": {"cpu": "1"}}),
    ],
)
def test_a_suspended_job_may_be_told_where_to_run_and_with_what(path, value):
    manifest = JOB.replace("spec: {template", "spec: {suspend: true, template")
    assert changed(manifest, put(("spec", "template", "spec", *path), value)) == []
    assert changed(JOB, put(("spec", "template", "spec", *path), value)) != []


def test_a_claim_says_what_changed():
    lines = changed(CLAIM, put(("spec", "accessModes"), ["ReadOnlyMany"]))[0].splitlines()
    assert lines[1:7] == [
        "@@ -1,6 +1,6 @@",
        " {",
        '  "AccessModes": [',
        '-  "ReadWriteOnce"',
        '+  "ReadOnlyMany"',
        "  ],",
    ]
