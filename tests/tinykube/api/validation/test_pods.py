"""Pods that are refused, and every reason, in upstream's words."""

import pytest
from tests.tinykube.api.validation.pipeline import created

A = "  containers: [{name: a, image: b}]"
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
QUALIFIED = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


def pod(spec, meta="name: p"):
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{{meta}}}\nspec:\n{spec}\n"


def container(fields):
    return pod(f"  containers: [{{name: a, image: b, {fields}}}]")


CASES = {
    "name of a port": (
        container("ports: [{containerPort: 80, name: THE_PORT}]"),
        [
            'spec.containers[0].ports[0].name: Invalid value: "THE_PORT": must contain only alpha-numeric characters '
            "(a-z, 0-9), and hyphens (-)",
            'spec.containers[0].ports[0].name: Invalid value: "THE_PORT": must contain at least one letter (a-z)',
        ],
    ),
    "ports": (
        container("ports: [{name: web}, {containerPort: 80, name: web}]"),
        [
            "spec.containers[0].ports[0].containerPort: Required value",
            'spec.containers[0].ports[1].name: Duplicate value: "web"',
        ],
    ),
    "host port twice": (
        container("ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]"),
        ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
    ),
    "environment": (
        container("env: [{name: ''}, {name: A=B, value: x}, {name: C, valueFrom: {}}]"),
        [
            "spec.containers[0].env[0].name: Required value",
            'spec.containers[0].env[1].name: Invalid value: "A=B": a valid environment variable name must consist only '
            "of printable ASCII characters other than '='",
            'spec.containers[0].env[2].valueFrom: Invalid value: "": must specify one of: `fieldRef`, '
            "`resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ],
    ),
    "environment from a key without a name": (
        container("env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]"),
        ["spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value"],
    ),
    "environment from a field that only volumes know": (
        container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]"),
        [
            'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported '
            'values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", '
            '"spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
        ],
    ),
    "environment from an unknown resource": (
        container("env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.disk}}}]"),
        [
            "spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "
            '"limits.disk": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", '
            '"requests.cpu", "requests.ephemeral-storage", "requests.memory"'
        ],
    ),
    "environment from nothing": (
        container("envFrom: [{}, {configMapRef: {name: ''}}]"),
        [
            'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
            "spec.containers[0].envFrom[1].configMapRef.name: Required value",
        ],
    ),
    "probe": (
        container("livenessProbe: {httpGet: {path: /, port: 0, scheme: FTP}, periodSeconds: -1}"),
        [
            "spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", '
            '"HTTPS"',
            "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
        ],
    ),
    "exec without a command": (
        container("readinessProbe: {exec: {}}"),
        ["spec.containers[0].readinessProbe.exec.command: Required value"],
    ),
    "sleep longer than the grace period": (
        container("lifecycle: {preStop: {sleep: {seconds: 60}}}"),
        [
            "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than "
            "terminationGracePeriodSeconds (30)"
        ],
    ),
    "resources": (
        container("resources: {requests: {cpu: -1, gpu: 1, nvidia.com/gpu: 1}}"),
        [
            'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
            'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or '
            "fully qualified",
            'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for '
            "containers",
            "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources",
        ],
    ),
    "mounts": (
        container("volumeMounts: [{name: v, mountPath: '', subPath: /x}]").replace(
            "spec:", "spec:\n  volumes: [{name: v}]"
        ),
        [
            "spec.containers[0].volumeMounts[0].mountPath: Required value",
            'spec.containers[0].volumeMounts.subPath: Invalid value: "/x": must be a relative path',
        ],
    ),
    "volumes": (
        pod(
            "  volumes: [{name: v, configMap: {}}, {name: W, hostPath: {path: ''}}, "
            "{name: x, persistentVolumeClaim: {claimName: ''}}, "
            "{name: y, secret: {secretName: s, defaultMode: 9999}}]\n" + A
        ),
        [
            "spec.volumes[0].configMap.name: Required value",
            "spec.volumes[1].hostPath.path: Required value",
            f'spec.volumes[1].name: Invalid value: "W": {LABEL}',
            "spec.volumes[2].persistentVolumeClaim.claimName: Required value",
            "spec.volumes[3].secret.defaultMode: Invalid value: 9999: must be a number between 0 and 0777 (octal), "
            "both inclusive",
        ],
    ),
    "tolerations": (
        pod(
            "  tolerations: [{operator: Equal, value: x}, {key: a, operator: Exists, value: x}, {key: a, effect: F}]\n"
            + A
        ),
        [
            'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which '
            'means "match all values and all keys"',
            "spec.tolerations[1].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'",
            'spec.tolerations[2].effect: Unsupported value: "F": supported values: "NoSchedule", "PreferNoSchedule", '
            '"NoExecute"',
        ],
    ),
    "topology spread": (
        pod("  topologySpreadConstraints: [{maxSkew: 0, topologyKey: '', whenUnsatisfiable: F}]\n" + A),
        [
            "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
            "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
            'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "F": supported values: '
            '"DoNotSchedule", "ScheduleAnyway"',
        ],
    ),
    "node affinity": (
        pod(
            "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: a, operator: In}, {key: b, operator: Is}]}]}}}\n" + A
        ),
        [
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
            ".matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
            '.matchExpressions[1].operator: Invalid value: "Is": not a valid selector operator',
        ],
    ),
    "names": (
        pod("  nodeSelector: {a b: c}\n  hostname: A.b\n  activeDeadlineSeconds: 0\n" + A),
        [
            f'spec.nodeSelector: Invalid value: "a b": {QUALIFIED}',
            "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
            f'spec.hostname: Invalid value: "A.b": {LABEL}',
        ],
    ),
    "dns": (
        pod("  dnsPolicy: None\n" + A),
        ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    ),
    "host network": (
        pod("  hostNetwork: true\n  containers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 81}]}]"),
        [
            "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is "
            "true"
        ],
    ),
    "security context": (
        pod("  securityContext: {runAsUser: -1, seccompProfile: {type: X}}\n" + A),
        [
            "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
            'spec.securityContext.seccompProfile.type: Unsupported value: "X": supported values: "Localhost", '
            '"RuntimeDefault", "Unconfined"',
        ],
    ),
    "long label": (
        pod(A, f"name: p, labels: {{a: {'x' * 64}}}"),
        [f'metadata.labels: Invalid value: "{"x" * 64}": must be no more than 63 bytes'],
    ),
    "finalizer": (
        pod(A, "name: p, finalizers: [foo]"),
        [
            'metadata.finalizers[0]: Invalid value: "foo": name is neither a standard finalizer name nor is it fully '
            "qualified"
        ],
    ),
    "ephemeral containers on creation": (
        pod(A + "\n  ephemeralContainers: [{name: e, image: b}]"),
        ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
    ),
    "everything at once, in order": (
        pod("  restartPolicy: X\n  containers: [{name: A, imagePullPolicy: X}]", "name: P"),
        [
            'metadata.name: Invalid value: "P": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric '
            "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
            "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            f'spec.containers[0].name: Invalid value: "A": {LABEL}',
            "spec.containers[0].image: Required value",
            'spec.containers[0].imagePullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", '
            '"Never"',
            'spec.restartPolicy: Unsupported value: "X": supported values: "Always", "OnFailure", "Never"',
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_reason_is_given(name):
    manifest, expected = CASES[name]
    assert created(manifest) == expected


FINE = {
    "sidecar with probes": pod(
        "  initContainers: [{name: i, image: b, restartPolicy: Always, readinessProbe: {tcpSocket: {port: 1}}}]\n" + A
    ),
    "labels as fields": container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a/b']\"}}}]"),
    "odd environment names": container("env: [{name: my.var-1, value: x}]"),
    "generated name": pod(A, "generateName: p-, name: p-x"),
    "extended resource": container("resources: {limits: {example.com/dongle: 2}}"),
    "projected volume": pod(
        "  volumes: [{name: v, projected: {sources: [{configMap: {name: c}}, "
        "{downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]}}]\n" + A
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_accepted(name):
    assert created(FINE[name]) == []
