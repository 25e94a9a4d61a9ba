"""Objects of other kinds that are refused, and every reason, in upstream's words."""

import pytest
from tests.tinykube.api.validation.pipeline import created

TEMPLATE = "{metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}"
ONCE = "{spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}"


def manifest(api_version, kind, rest, name="x"):
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n"


def apps(kind, rest, name="x"):
    return manifest("apps/v1", kind, f"spec: {{{rest}}}", name)


CASES = {
    "deployment strategy": (
        apps("Deployment", f"strategy: {{type: Foo}}, selector: {{matchLabels: {{a: b}}}}, template: {TEMPLATE}"),
        ['spec.strategy: Unsupported value: {"Type":"Foo","RollingUpdate":null}: supported values: "Recreate", '
         '"RollingUpdate"'],
    ),
    "selector expressions": (
        apps("ReplicaSet", f"selector: {{matchExpressions: [{{key: a, operator: In}}]}}, template: {TEMPLATE}"),
        ["spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
         "'NotIn'",
         'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector'],
    ),
    "replica set selector": (
        apps("ReplicaSet", f"selector: {{}}, template: {TEMPLATE}"),
        ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    ),
    "daemon set": (
        apps("DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}, selector: "
             f"{{matchLabels: {{a: c}}}}, template: {TEMPLATE}"),
        ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
         "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is "
         "non-zero"],
    ),
    "stateful set": (
        apps("StatefulSet", "podManagementPolicy: Foo, updateStrategy: {type: Bar}, selector: {matchLabels: {a: b}}, "
             f"template: {TEMPLATE}"),
        ["spec.podManagementPolicy: Invalid value: \"Foo\": must be 'OrderedReady' or 'Parallel'",
         'spec.updateStrategy: Invalid value: {"Type":"Bar","RollingUpdate":null}: must be \'RollingUpdate\' or '
         "'OnDelete'"],
    ),
    "job": (
        manifest("batch/v1", "Job", f"spec: {{completionMode: Indexed, parallelism: -1, template: {ONCE}}}"),
        ["spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
         "spec.completions: Required value: when completion mode is Indexed"],
    ),
    "job failure policy": (
        manifest("batch/v1", "Job", "spec: {podFailurePolicy: {rules: [{action: Fail}, {action: FailIndex, "
                 "onExitCodes: {operator: In, values: [3, 0], containerName: z}, "
                 "onPodConditions: [{type: A, status: 'Yes'}]}]}, "
                 f"template: {ONCE}}}"),
        ['spec.podFailurePolicy.rules[0].action: Unsupported value: "Fail": supported values: "Count", "FailIndex", '
         '"FailJob", "Ignore"',
         "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
         'spec.podFailurePolicy.rules[1].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be '
         "set",
         'spec.podFailurePolicy.rules[1].onExitCodes.containerName: Invalid value: "z": must be one of the container '
         "or initContainer names in the pod template",
         "spec.podFailurePolicy.rules[1].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
         "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: [3,0]: must be ordered",
         'spec.podFailurePolicy.rules[1].onPodConditions[0].status: Unsupported value: "Yes": supported values: '
         '"False", "True", "Unknown"',
         "spec.podFailurePolicy.rules[1]: Invalid value: specifying both OnExitCodes and OnPodConditions is not "
         "supported"],
    ),
    "security context": (
        manifest("v1", "Pod", "spec: {containers: [{name: a, image: b, securityContext: {privileged: true, "
                 "allowPrivilegeEscalation: false}}]}"),
        ['spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":'
         'null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":'
         'null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot '
         "set `allowPrivilegeEscalation` to false and `privileged` to true"],
    ),
    "names with dots where labels are meant": (
        manifest("v1", "Pod", "spec: {containers: [{name: a.b, image: b}]}"),
        ['spec.containers[0].name: Invalid value: "a.b": must not contain dots'],
    ),
    "volume without a name": (
        manifest("v1", "Pod", "spec: {containers: [{name: a, image: b}], volumes: [{emptyDir: {}}]}"),
        ["spec.volumes[0].name: Required value"],
    ),
    "volume without a source": (
        manifest("v1", "PersistentVolume", "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}"),
        ["spec: Required value: must specify a volume type"],
    ),
    "volume with two sources": (
        manifest("v1", "PersistentVolume", "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], local: "
                 "{path: /a}, nfs: {server: a, path: /b}}"),
        ["spec.local: Forbidden: may not specify more than 1 volume type",
         "spec.nodeAffinity: Required value: Local volume requires node affinity"],
    ),
    "quota scopes": (
        manifest("v1", "ResourceQuota", "spec: {hard: {cpu: 1}, scopes: [BestEffort, NotBestEffort, Odd]}"),
        ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource',
         'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope',
         'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: conflicting scopes'],
    ),
    "limit ratio": (
        manifest("v1", "LimitRange", "spec: {limits: [{type: Pod, maxLimitRequestRatio: {cpu: 500m}}, "
                 "{type: PersistentVolumeClaim}]}"),
        ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
         "spec.limits[1].limits: Required value: either minimum or maximum storage value is required, but neither was "
         "provided"],
    ),
    "storage class": (
        manifest("storage.k8s.io/v1", "StorageClass", "provisioner: a.b/c\nvolumeBindingMode: Later"),
        ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"'],
    ),
    "replication controller": (
        manifest("v1", "ReplicationController", f"spec: {{replicas: -1, selector: {{a: c}}, template: {TEMPLATE}}}"),
        ["spec.replicas: Invalid value: -1: must be greater than or equal to 0",
         'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
    ),
    "job success policy": (
        manifest("batch/v1", "Job", "spec: {completionMode: Indexed, completions: 3, successPolicy: {rules: [{}, "
                 '{succeededCount: 4}, {succeededIndexes: "2,1"}, {succeededIndexes: "0-1", succeededCount: 3}]}, '
                 f"template: {ONCE}}}"),
        ["spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be "
         "specified",
         "spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of "
         "specified completions)",
         'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: '
         "non-increasing order, previous: 2, current: 1",
         "spec.successPolicy.rules[3].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of "
         "indexes in the specified succeededIndexes field)"],
    ),
    "job success policy without indexes": (
        manifest("batch/v1", "Job", f"spec: {{successPolicy: {{rules: [{{succeededCount: 1}}]}}, template: {ONCE}}}"),
        ['spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires '
         "indexed completion mode"],
    ),
    "job indexes that may fail": (
        manifest("batch/v1", "Job", f"spec: {{completionMode: indexed, maxFailedIndexes: 1, template: {ONCE}}}"),
        ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
         'spec.completionMode: Unsupported value: "indexed": supported values: "NonIndexed", "Indexed"'],
    ),
    "indexed job with a name that leaves no room": (
        manifest("batch/v1", "Job", f"spec: {{completionMode: Indexed, completions: 3, template: {ONCE}}}", "a.b"),
        ['metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-2'],
    ),
    "selector that cannot be": (
        apps("Deployment", "selector: {matchExpressions: [{key: a, operator: in, values: [b]}]}, "
             "template: {metadata: {labels: {a: b}}, spec: {}}"),
        ['spec.selector.matchExpressions[0].operator: Invalid value: "in": not a valid selector operator',
         'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"in","values":["b"]}]}: invalid '
         "label selector"],
    ),
    "job with a selector of its own": (
        manifest("batch/v1", "Job", f"spec: {{selector: {{matchLabels: {{a: b}}}}, template: {ONCE}}}"),
        ['spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":'
         '"11111111-2222-4333-8444-555555555555"}}: `selector` not auto-generated',
         'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":'
         '"11111111-2222-4333-8444-555555555555","batch.kubernetes.io/job-name":"x","controller-uid":'
         '"11111111-2222-4333-8444-555555555555","job-name":"x"}: `selector` does not match template `labels`'],
    ),
    "cron job": (
        manifest("batch/v1", "CronJob", "spec: {schedule: '60 * * * *', timeZone: Nowhere/X, concurrencyPolicy: Foo, "
                 "jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b}]}}}}}"),
        ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60',
         'spec.timeZone: Invalid value: "Nowhere/X": unknown time zone Nowhere/X',
         'spec.concurrencyPolicy: Unsupported value: "Foo": supported values: "Allow", "Forbid", "Replace"',
         'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ),
    "cron job with a long name": (
        manifest("batch/v1", "CronJob", f"spec: {{schedule: '@daily', jobTemplate: {{spec: {{template: {ONCE}}}}}}}",
                 "x" * 53),
        [f'metadata.name: Invalid value: "{"x" * 53}": must be no more than 52 characters'],
    ),
    "service": (
        manifest("v1", "Service", "spec: {ports: [{port: 80, targetPort: 99999, nodePort: 30000}], sessionAffinity: "
                 "Foo, clusterIP: abc}"),
        ["spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive",
         'spec.sessionAffinity: Unsupported value: "Foo": supported values: "ClientIP", "None"',
         'spec.clusterIPs[0]: Invalid value: "abc": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
         "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ),
    "service ports": (
        manifest("v1", "Service", "spec: {ports: [{name: a, port: 80}, {name: a, port: 80, protocol: HTTP}, {name: b, "
                 "port: 80}]}"),
        ['spec.ports[1].name: Duplicate value: "a"',
         'spec.ports[1].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
         'spec.ports[2]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,'
         '"NodePort":0}'],
    ),
    "external name": (
        manifest("v1", "Service", "spec: {type: ExternalName}"), ["spec.externalName: Required value"],
    ),
    "headless load balancer": (
        manifest("v1", "Service", "spec: {type: LoadBalancer, clusterIP: None, ports: [{port: 80}]}"),
        ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services"],
    ),
    "tls secret": (
        manifest("v1", "Secret", "type: kubernetes.io/tls"),
        ["data[tls.crt]: Required value", "data[tls.key]: Required value"],
    ),
    "docker secret": (
        manifest("v1", "Secret", "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: 'x'}"),
        ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for '
         "beginning of value"],
    ),
    "config map keys": (
        manifest("v1", "ConfigMap", "data: {..a: x, b: y}\nbinaryData: {b: eA==}"),
        ['data[..a]: Invalid value: "..a": must not start with \'..\'',
         'data[b]: Invalid value: "b": duplicate of key present in binaryData'],
    ),
    "claim": (
        manifest("v1", "PersistentVolumeClaim", "spec: {}"),
        ["spec.accessModes: Required value: at least 1 access mode is required",
         "spec.resources[storage]: Required value"],
    ),
    "autoscaler": (
        manifest("autoscaling/v2", "HorizontalPodAutoscaler", "spec: {minReplicas: 0, maxReplicas: 0, "
                 "scaleTargetRef: {name: d}}"),
        ["spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
         "spec.maxReplicas: Invalid value: 0: must be greater than 0",
         "spec.scaleTargetRef.kind: Required value",
         'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
    ),
    "disruption budget": (
        manifest("policy/v1", "PodDisruptionBudget", "spec: {minAvailable: 1, maxUnavailable: 200%}"),
        ['spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"200%","UnhealthyPodEvictionPolicy":'
         "null}: minAvailable and maxUnavailable cannot be both set",
         'spec.maxUnavailable: Invalid value: "200%": must not be greater than 100%'],
    ),
    "role": (
        manifest("rbac.authorization.k8s.io/v1", "Role", "rules: [{apiGroups: [''], resources: [pods]}, "
                 "{verbs: [get]}]"),
        ["rules[0].verbs: Required value: verbs must contain at least one value",
         "rules[1].apiGroups: Required value: resource rules must supply at least one api group",
         "rules[1].resources: Required value: resource rules must supply at least one resource"],
    ),
    "role binding": (
        manifest("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {kind: Pod, name: p}\n"
                 "subjects: [{kind: ServiceAccount, name: s}]"),
        ['roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
         "subjects[0].namespace: Required value"],
    ),
    "node taints": (
        manifest("v1", "Node", "spec: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]}"),
        ['metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints '
         "must be unique by key and effect pair"],
    ),
    "event of another namespace": (
        manifest("v1", "Event", "involvedObject: {kind: Pod, namespace: elsewhere}"),
        ['involvedObject.namespace: Invalid value: "elsewhere": does not match event.namespace'],
    ),
    "quota": (
        manifest("v1", "ResourceQuota", "spec: {hard: {pods: 1500m, disks: 3}}"),
        ['spec.hard[disks]: Invalid value: "disks": must be a standard resource type or fully qualified',
         'spec.hard[disks]: Invalid value: "disks": must be a standard resource for quota',
         'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
    ),
    "limit range": (
        manifest("v1", "LimitRange", "spec: {limits: [{type: Container, min: {cpu: 2}, max: {cpu: 1}}]}"),
        ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
         'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
         'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1'],
    ),
    "ingress": (
        manifest("networking.k8s.io/v1", "Ingress", "spec: {rules: [{http: {paths: [{path: x, pathType: Prefix, "
                 "backend: {service: {name: s}}}]}}]}"),
        ['spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
         "spec.rules[0].http.paths[0].backend: Required value: port name or number is required"],
    ),
    "priority class": (
        manifest("scheduling.k8s.io/v1", "PriorityClass", "value: 2000000000"),
        ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_reason_is_given(name):
    text, expected = CASES[name]
    assert created(text) == expected


FINE = {
    "stateful set with claims": apps(
        "StatefulSet",
        "serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: "
        "[{name: a, image: b, volumeMounts: [{name: data, mountPath: /d}]}]}}, volumeClaimTemplates: [{metadata: "
        "{name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]",
    ),
    "job with a selector by hand": manifest(
        "batch/v1",
        "Job",
        "spec: {manualSelector: true, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: "
        "{restartPolicy: OnFailure, containers: [{name: a, image: b}]}}}",
    ),
    "headless service without ports": manifest("v1", "Service", "spec: {clusterIP: None}"),
    "role named as people like": manifest(
        "rbac.authorization.k8s.io/v1", "ClusterRole", "rules: []", "'system:My_Role'"
    ),
    "node": manifest("v1", "Node", "status: {capacity: {cpu: 4, memory: 8Gi, pods: 110}}"),
}


@pytest.mark.parametrize("name", FINE)
def test_accepted(name):
    assert created(FINE[name]) == []
