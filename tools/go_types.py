"""Facts of the Go API types that the published JSON schema leaves out.

The schema says `string` where Go says `v1.RestartPolicy`, and does not say which optional fields are pointers. Both
show: the first in the words of decoding errors, the second in which zero values survive a round trip through the
server. Taken from staging/src/k8s.io/api/*/*/types.go and apimachinery/pkg/apis/meta/v1/types.go of v1.36.

Keys are `Definition.field`, with the group (`meta`, `apps`, …) in front where it is not `core`.
"""

from __future__ import annotations

# Fields whose Go type is a named string (or a list of them).
GO_TYPES: dict[str, list[str]] = {
    "types.UID": ["ObjectReference.uid", "meta/ObjectMeta.uid", "meta/OwnerReference.uid", "meta/Preconditions.uid"],
    "v1.AppArmorProfileType": ["AppArmorProfile.type"],
    "v1.AzureDataDiskCachingMode": ["AzureDiskVolumeSource.cachingMode"],
    "v1.AzureDataDiskKind": ["AzureDiskVolumeSource.kind"],
    "v1.ClaimResourceStatus": ["{}PersistentVolumeClaimStatus.allocatedResourceStatuses"],
    "v1.ComponentConditionType": ["ComponentCondition.type"],
    "v1.ConditionStatus": [
        "ComponentCondition.status",
        "NamespaceCondition.status",
        "NodeCondition.status",
        "PersistentVolumeClaimCondition.status",
        "PodCondition.status",
        "ReplicationControllerCondition.status",
        "apps/DaemonSetCondition.status",
        "apps/DeploymentCondition.status",
        "apps/ReplicaSetCondition.status",
        "apps/StatefulSetCondition.status",
        "autoscaling/HorizontalPodAutoscalerCondition.status",
        "batch/JobCondition.status",
        "batch/PodFailurePolicyOnPodConditionsPattern.status",
        "meta/Condition.status",
    ],
    "v1.Capability": ["[]Capabilities.add", "[]Capabilities.drop"],
    "v1.ContainerRestartPolicy": ["Container.restartPolicy", "EphemeralContainer.restartPolicy"],
    "v1.DNSPolicy": ["PodSpec.dnsPolicy"],
    "v1.FinalizerName": ["[]NamespaceSpec.finalizers"],
    "v1.HostPathType": ["HostPathVolumeSource.type"],
    "v1.IPFamily": ["[]ServiceSpec.ipFamilies"],
    "v1.IPFamilyPolicy": ["ServiceSpec.ipFamilyPolicy"],
    "v1.LimitType": ["LimitRangeItem.type"],
    "v1.MountPropagationMode": ["VolumeMount.mountPropagation"],
    "v1.NamespaceConditionType": ["NamespaceCondition.type"],
    "v1.NamespacePhase": ["NamespaceStatus.phase"],
    "v1.NodeAddressType": ["NodeAddress.type"],
    "v1.NodeConditionType": ["NodeCondition.type"],
    "v1.NodeInclusionPolicy": [
        "TopologySpreadConstraint.nodeAffinityPolicy",
        "TopologySpreadConstraint.nodeTaintsPolicy",
    ],
    "v1.NodePhase": ["NodeStatus.phase"],
    "v1.NodeSelectorOperator": ["NodeSelectorRequirement.operator"],
    "v1.OSName": ["PodOS.name"],
    "v1.PersistentVolumeAccessMode": [
        "[]PersistentVolumeClaimSpec.accessModes",
        "[]PersistentVolumeClaimStatus.accessModes",
        "[]PersistentVolumeSpec.accessModes",
    ],
    "v1.PersistentVolumeClaimConditionType": ["PersistentVolumeClaimCondition.type"],
    "v1.PersistentVolumeClaimPhase": ["PersistentVolumeClaimStatus.phase"],
    "v1.PersistentVolumeMode": ["PersistentVolumeClaimSpec.volumeMode", "PersistentVolumeSpec.volumeMode"],
    "v1.PersistentVolumePhase": ["PersistentVolumeStatus.phase"],
    "v1.PersistentVolumeReclaimPolicy": [
        "PersistentVolumeSpec.persistentVolumeReclaimPolicy",
        "storage/StorageClass.reclaimPolicy",
    ],
    "v1.PodConditionType": [
        "PodCondition.type",
        "PodReadinessGate.conditionType",
        "batch/PodFailurePolicyOnPodConditionsPattern.type",
    ],
    "v1.PodFSGroupChangePolicy": ["PodSecurityContext.fsGroupChangePolicy"],
    "v1.PodPhase": ["PodStatus.phase"],
    "v1.PodQOSClass": ["PodStatus.qosClass"],
    "v1.PodResizeStatus": ["PodStatus.resize"],
    "v1.PodSELinuxChangePolicy": ["PodSecurityContext.seLinuxChangePolicy"],
    "v1.PreemptionPolicy": ["PodSpec.preemptionPolicy", "scheduling/PriorityClass.preemptionPolicy"],
    "v1.ProcMountType": ["SecurityContext.procMount"],
    "v1.Protocol": [
        "ContainerPort.protocol",
        "EndpointPort.protocol",
        "PortStatus.protocol",
        "ServicePort.protocol",
        "discovery/EndpointPort.protocol",
        "networking/NetworkPolicyPort.protocol",
        "networking/IngressPortStatus.protocol",
    ],
    "v1.PullPolicy": [
        "Container.imagePullPolicy",
        "EphemeralContainer.imagePullPolicy",
        "ImageVolumeSource.pullPolicy",
    ],
    "v1.RecursiveReadOnlyMode": ["VolumeMount.recursiveReadOnly"],
    "v1.ReplicationControllerConditionType": ["ReplicationControllerCondition.type"],
    "v1.ResourceName": ["ContainerResizePolicy.resourceName", "autoscaling/ResourceMetricSource.name"],
    "v1.ResourceQuotaScope": ["[]ResourceQuotaSpec.scopes", "ScopedResourceSelectorRequirement.scopeName"],
    "v1.ResourceResizeRestartPolicy": ["ContainerResizePolicy.restartPolicy"],
    "v1.RestartPolicy": ["PodSpec.restartPolicy"],
    "v1.ScopeSelectorOperator": ["ScopedResourceSelectorRequirement.operator"],
    "v1.SeccompProfileType": ["SeccompProfile.type"],
    "v1.SecretType": ["Secret.type"],
    "v1.ServiceAffinity": ["ServiceSpec.sessionAffinity"],
    "v1.ServiceExternalTrafficPolicy": ["ServiceSpec.externalTrafficPolicy"],
    "v1.ServiceInternalTrafficPolicy": ["ServiceSpec.internalTrafficPolicy"],
    "v1.ServiceType": ["ServiceSpec.type"],
    "v1.Signal": ["Lifecycle.stopSignal", "ContainerStatus.stopSignal"],
    "v1.StorageMedium": ["EmptyDirVolumeSource.medium"],
    "v1.SupplementalGroupsPolicy": ["PodSecurityContext.supplementalGroupsPolicy"],
    "v1.TaintEffect": ["Taint.effect", "Toleration.effect"],
    "v1.TerminationMessagePolicy": [
        "Container.terminationMessagePolicy",
        "EphemeralContainer.terminationMessagePolicy",
    ],
    "v1.TolerationOperator": ["Toleration.operator"],
    "v1.UniqueVolumeName": ["[]NodeStatus.volumesInUse"],
    "v1.UnsatisfiableConstraintAction": ["TopologySpreadConstraint.whenUnsatisfiable"],
    "v1.URIScheme": ["HTTPGetAction.scheme"],
    "v1.DeletionPropagation": ["meta/DeleteOptions.propagationPolicy"],
    "v1.LabelSelectorOperator": ["meta/LabelSelectorRequirement.operator"],
    "v1.ManagedFieldsOperationType": ["meta/ManagedFieldsEntry.operation"],
    "v1.StatusReason": ["meta/Status.reason"],
    "v1.CauseType": ["meta/StatusCause.reason"],
    "v1.DaemonSetConditionType": ["apps/DaemonSetCondition.type"],
    "v1.DaemonSetUpdateStrategyType": ["apps/DaemonSetUpdateStrategy.type"],
    "v1.DeploymentConditionType": ["apps/DeploymentCondition.type"],
    "v1.DeploymentStrategyType": ["apps/DeploymentStrategy.type"],
    "v1.PersistentVolumeClaimRetentionPolicyType": [
        "apps/StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted",
        "apps/StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled",
    ],
    "v1.PodManagementPolicyType": ["apps/StatefulSetSpec.podManagementPolicy"],
    "v1.ReplicaSetConditionType": ["apps/ReplicaSetCondition.type"],
    "v1.StatefulSetConditionType": ["apps/StatefulSetCondition.type"],
    "v1.StatefulSetUpdateStrategyType": ["apps/StatefulSetUpdateStrategy.type"],
    "v1.CompletionMode": ["batch/JobSpec.completionMode"],
    "v1.ConcurrencyPolicy": ["batch/CronJobSpec.concurrencyPolicy"],
    "v1.JobConditionType": ["batch/JobCondition.type"],
    "v1.PodFailurePolicyAction": ["batch/PodFailurePolicyRule.action"],
    "v1.PodFailurePolicyOnExitCodesOperator": ["batch/PodFailurePolicyOnExitCodesRequirement.operator"],
    "v1.PodReplacementPolicy": ["batch/JobSpec.podReplacementPolicy"],
    "v1.AddressType": ["discovery/EndpointSlice.addressType"],
    "v1.PathType": ["networking/HTTPIngressPath.pathType"],
    "v1.PolicyType": ["[]networking/NetworkPolicySpec.policyTypes"],
    "v1.UnhealthyPodEvictionPolicyType": ["policy/PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy"],
    "v1.VolumeBindingMode": ["storage/StorageClass.volumeBindingMode"],
    "v2.HPAScalingPolicyType": ["autoscaling/HPAScalingPolicy.type"],
    "v2.HorizontalPodAutoscalerConditionType": ["autoscaling/HorizontalPodAutoscalerCondition.type"],
    "v2.MetricSourceType": ["autoscaling/MetricSpec.type", "autoscaling/MetricStatus.type"],
    "v2.MetricTargetType": ["autoscaling/MetricTarget.type"],
    "v2.ScalingPolicySelect": ["autoscaling/HPAScalingRules.selectPolicy"],
}

# Maps of quantities are of this Go type when a definition of core/v1 holds them.
RESOURCE_LIST = "v1.ResourceList"

# Optional numbers and booleans that are no pointers: zero and false are the same as not set, and disappear.
PLAIN_SCALARS: list[str] = [
    *(f"Probe.{f}" for f in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds")),
    *("Probe.successThreshold", "Probe.failureThreshold", "ContainerPort.hostPort"),
    *(f"{c}.{f}" for c in ("Container", "EphemeralContainer") for f in ("stdin", "stdinOnce", "tty")),
    *("PodSpec.hostNetwork", "PodSpec.hostPID", "PodSpec.hostIPC", "VolumeMount.readOnly"),
    *(
        f"{v}VolumeSource.readOnly"
        for v in (
            *("AWSElasticBlockStore", "AzureFile", "AzureFilePersistent", "CephFS", "CephFSPersistent", "Cinder"),
            *("CinderPersistent", "CSIPersistent", "FC", "Flex", "FlexPersistent", "GCEPersistentDisk", "Glusterfs"),
            *("ISCSI", "ISCSIPersistent", "NFS", "PersistentVolumeClaim", "Portworx", "Quobyte", "RBD"),
            *("RBDPersistent", "ScaleIO", "ScaleIOPersistent", "StorageOS", "StorageOSPersistent"),
        )
    ),
    *("ServicePort.nodePort", "ServiceSpec.publishNotReadyAddresses", "ServiceSpec.healthCheckNodePort"),
    *("NodeSpec.unschedulable", "Event.count", "ContainerStateTerminated.signal", "meta/ObjectMeta.generation"),
    *(f"apps/{s}Spec.minReadySeconds" for s in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")),
    *("ReplicationControllerSpec.minReadySeconds", "apps/DeploymentSpec.paused"),
    *(
        f"apps/DeploymentStatus.{f}"
        for f in (
            *("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
            "unavailableReplicas",
        )
    ),
    *(
        f"{s}Status.{f}"
        for s in ("apps/ReplicaSet", "ReplicationController")
        for f in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
    ),
    *(
        f"apps/StatefulSetStatus.{f}"
        for f in ("observedGeneration", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    ),
    *(
        f"apps/DaemonSetStatus.{f}"
        for f in ("observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable")
    ),
    *("batch/JobStatus.active", "batch/JobStatus.succeeded", "batch/JobStatus.failed"),
    *("policy/PodDisruptionBudgetStatus.observedGeneration", "scheduling/PriorityClass.globalDefault"),
]

# Optional strings that are pointers: the empty string is a value of its own, and stays.
POINTER_STRINGS: list[str] = [
    *("PersistentVolumeClaimSpec.storageClassName", "PersistentVolumeClaimSpec.volumeAttributesClassName"),
    *(
        "PersistentVolumeClaimSpec.volumeMode",
        "PersistentVolumeSpec.volumeMode",
        "PersistentVolumeSpec.volumeAttributesClassName",
    ),
    *("TypedLocalObjectReference.apiGroup", "TypedObjectReference.apiGroup", "TypedObjectReference.namespace"),
    *("PodSpec.runtimeClassName", "PodSpec.hostnameOverride", "PodSpec.preemptionPolicy", "Container.restartPolicy"),
    *("EphemeralContainer.restartPolicy", "HostPathVolumeSource.type", "GRPCAction.service"),
    *("ServiceSpec.loadBalancerClass", "ServiceSpec.ipFamilyPolicy", "ServiceSpec.internalTrafficPolicy"),
    *("ServicePort.appProtocol", "EndpointPort.appProtocol", "EndpointAddress.nodeName"),
    *("SeccompProfile.localhostProfile", "AppArmorProfile.localhostProfile", "SecurityContext.procMount"),
    *("PodSecurityContext.fsGroupChangePolicy", "PodSecurityContext.supplementalGroupsPolicy"),
    *("VolumeMount.mountPropagation", "VolumeMount.recursiveReadOnly", "CSIVolumeSource.fsType"),
    *("Lifecycle.stopSignal", "PodDNSConfigOption.value", "TopologySpreadConstraint.nodeAffinityPolicy"),
    *("TopologySpreadConstraint.nodeTaintsPolicy", "meta/DeleteOptions.propagationPolicy"),
    *("meta/Preconditions.uid", "meta/Preconditions.resourceVersion"),
    *("batch/JobSpec.completionMode", "batch/JobSpec.managedBy", "batch/JobSpec.podReplacementPolicy"),
    *("batch/CronJobSpec.timeZone", "coordination/LeaseSpec.holderIdentity", "coordination/LeaseSpec.strategy"),
    *("discovery/Endpoint.hostname", "discovery/Endpoint.nodeName", "discovery/Endpoint.zone"),
    *("discovery/EndpointPort.name", "discovery/EndpointPort.protocol", "discovery/EndpointPort.appProtocol"),
    *("networking/IngressSpec.ingressClassName", "networking/HTTPIngressPath.pathType"),
    *("networking/NetworkPolicyPort.protocol", "networking/IngressClassParametersReference.apiGroup"),
    *("networking/IngressClassParametersReference.namespace", "networking/IngressClassParametersReference.scope"),
    *("policy/PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy", "scheduling/PriorityClass.preemptionPolicy"),
    *("storage/StorageClass.reclaimPolicy", "storage/StorageClass.volumeBindingMode"),
    *("autoscaling/HPAScalingRules.selectPolicy",),
]

# Descriptions of types that the published JSON schema holds without one (quantity.go, intstr.go).
VALUE_DESCRIPTIONS = {
    "pkg.util.intstr.IntOrString": (
        "IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and "
        "unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field "
        "that can accept a name or number."
    ),
    "pkg.api.resource.Quantity": "\n\n".join(
        [
            "Quantity is a fixed-point representation of a number. It provides convenient marshaling/unmarshaling in "
            "JSON and YAML, in addition to String() and AsInt64() accessors.",
            "The serialization format is:",
            "``` <quantity>        ::= <signedNumber><suffix>",
            '\t(Note that <suffix> may be empty, from the "" case in <decimalSI>.)',
            "<digit>           ::= 0 | 1 | ... | 9 <digits>          ::= <digit> | <digit><digits> "
            "<number>          ::= <digits> | <digits>.<digits> | <digits>. | .<digits> "
            '<sign>            ::= "+" | "-" <signedNumber>    ::= <number> | <sign><number> '
            "<suffix>          ::= <binarySI> | <decimalExponent> | <decimalSI> "
            "<binarySI>        ::= Ki | Mi | Gi | Ti | Pi | Ei",
            "\t(International System of units; See: http://physics.nist.gov/cuu/Units/binary.html)",
            '<decimalSI>       ::= m | "" | k | M | G | T | P | E',
            "\t(Note that 1024 = 1Ki but 1000 = 1k; I didn't choose the capitalization.)",
            '<decimalExponent> ::= "e" <signedNumber> | "E" <signedNumber> ```',
            "No matter which of the three exponent forms is used, no quantity may represent a number greater than "
            "2^63-1 in magnitude, nor may it have more than 3 decimal places. Numbers larger or more precise will be "
            "capped or rounded up. (E.g.: 0.1m will rounded up to 1m.) This may be extended in the future if we "
            "require larger or smaller quantities.",
            "When a Quantity is parsed from a string, it will remember the type of suffix it had, and will use the "
            "same type again when it is serialized.",
            'Before serializing, Quantity will be put in "canonical form". This means that Exponent/suffix will be '
            "adjusted up or down (with a corresponding increase or decrease in Mantissa) such that:",
            "- No precision is lost - No fractional digits will be emitted - The exponent (or suffix) is as large as "
            "possible.",
            "The sign will be omitted unless the number is negative.",
            "Examples:",
            '- 1.5 will be serialized as "1500m" - 1.5Gi will be serialized as "1536Mi"',
            "Note that the quantity will NEVER be internally represented by a floating point number. That is the "
            "whole point of this exercise.",
            "Non-canonical values will still parse as long as they are well formed, but will be re-emitted in their "
            "canonical form. (So always use canonical form, or don't diff.)",
            "This format is intended to make it difficult to use these numbers without writing some sort of special "
            "handling code in the hopes that that will cause implementors to also use a fixed point implementation.",
        ]
    ),
}
