"""The Go structs a Pod template is made of: field names, types and their order, as in v1.36.

Law: data. One line a struct; a field without a type is a string, `=` marks an embedded struct, types without a package
are of core/v1. `fields` gives them with their JSON names. `gohash` prints templates by this table.

Models k8s.io/api/core/v1/types.go and k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

_HANDLERS = "Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction"
_CONTAINER = """Name Image Command:[]string Args:[]string WorkingDir Ports:[]ContainerPort EnvFrom:[]EnvFromSource
 Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy
 RestartPolicy:*ContainerRestartPolicy RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount
 VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle
 TerminationMessagePath TerminationMessagePolicy:TerminationMessagePolicy ImagePullPolicy:PullPolicy
 SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY:bool"""
_AFFINITY_TERMS = """RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
 PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm"""
_VOLUMES = """HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs
 PersistentVolumeClaim RBD Flex: Cinder CephFS Flocker DownwardAPI FC AzureFile ConfigMap Vsphere:VirtualDisk Quobyte
 AzureDisk PhotonPersistentDisk Projected Portworx: ScaleIO StorageOS CSI Ephemeral Image"""


def _sources() -> str:
    """The fields of VolumeSource: three of them are not named like their types."""
    odd = {
        "Flex:": "FlexVolume:*FlexVolumeSource",
        "Vsphere:VirtualDisk": "VsphereVolume:*VsphereVirtualDiskVolumeSource",
        "Portworx:": "PortworxVolume:*PortworxVolumeSource",
    }
    return " ".join(odd.get(name, f"{name}:*{name}VolumeSource") for name in _VOLUMES.split())


_STRUCTS = {
    "PodTemplateSpec": "ObjectMeta=metadata:v1.ObjectMeta Spec:PodSpec",
    "ObjectMeta": """Name GenerateName Namespace SelfLink UID:types.UID ResourceVersion Generation:int64
 CreationTimestamp:v1.Time DeletionTimestamp:*v1.Time DeletionGracePeriodSeconds:*int64 Labels:map[string]string
 Annotations:map[string]string OwnerReferences:[]v1.OwnerReference Finalizers:[]string
 ManagedFields:[]v1.ManagedFieldsEntry""",
    "PodSpec": """Volumes:[]Volume InitContainers:[]Container Containers:[]Container
 EphemeralContainers:[]EphemeralContainer RestartPolicy:RestartPolicy TerminationGracePeriodSeconds:*int64
 ActiveDeadlineSeconds:*int64 DNSPolicy:DNSPolicy NodeSelector:map[string]string ServiceAccountName
 DeprecatedServiceAccount AutomountServiceAccountToken:*bool NodeName HostNetwork:bool HostPID:bool HostIPC:bool
 ShareProcessNamespace:*bool SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname
 Subdomain Affinity:*Affinity SchedulerName Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName
 Priority:*int32 DNSConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:*string
 EnableServiceLinks:*bool PreemptionPolicy:*PreemptionPolicy Overhead:ResourceList
 TopologySpreadConstraints:[]TopologySpreadConstraint SetHostnameAsFQDN:*bool OS:*PodOS HostUsers:*bool
 SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements
 HostnameOverride:*string SchedulingGroup:*PodSchedulingGroup""",
    "Container": _CONTAINER,
    "ContainerPort": "Name HostPort:int32 ContainerPort:int32 Protocol:Protocol HostIP",
    "EnvFromSource": "Prefix ConfigMapRef:*ConfigMapEnvSource SecretRef:*SecretEnvSource",
    "ConfigMapEnvSource": "LocalObjectReference=: Optional:*bool",
    "SecretEnvSource": "LocalObjectReference=: Optional:*bool",
    "LocalObjectReference": "Name",
    "EnvVar": "Name Value ValueFrom:*EnvVarSource",
    "EnvVarSource": """FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector
 ConfigMapKeyRef:*ConfigMapKeySelector SecretKeyRef:*SecretKeySelector FileKeyRef:*FileKeySelector""",
    "ObjectFieldSelector": "APIVersion FieldPath",
    "ResourceFieldSelector": "ContainerName Resource Divisor:resource.Quantity",
    "ConfigMapKeySelector": "LocalObjectReference=: Key Optional:*bool",
    "SecretKeySelector": "LocalObjectReference=: Key Optional:*bool",
    "FileKeySelector": "VolumeName Path Key Optional:*bool",
    "ResourceRequirements": "Limits:ResourceList Requests:ResourceList Claims:[]ResourceClaim",
    "ResourceClaim": "Name Request",
    "ContainerResizePolicy": "ResourceName:ResourceName RestartPolicy:ResourceResizeRestartPolicy",
    "ContainerRestartRule": "Action:ContainerRestartRuleAction ExitCodes:*ContainerRestartRuleOnExitCodes",
    "ContainerRestartRuleOnExitCodes": "Operator:ContainerRestartRuleOnExitCodesOperator Values:[]int32",
    "VolumeMount": """Name ReadOnly:bool RecursiveReadOnly:*RecursiveReadOnlyMode MountPath SubPath
 MountPropagation:*MountPropagationMode SubPathExpr""",
    "VolumeDevice": "Name DevicePath",
    "Probe": """ProbeHandler=: InitialDelaySeconds:int32 TimeoutSeconds:int32 PeriodSeconds:int32
 SuccessThreshold:int32 FailureThreshold:int32 TerminationGracePeriodSeconds:*int64""",
    "ProbeHandler": f"{_HANDLERS} GRPC:*GRPCAction",
    "ExecAction": "Command:[]string",
    "HTTPGetAction": "Path Port:intstr.IntOrString Host Scheme:URIScheme HTTPHeaders:[]HTTPHeader",
    "HTTPHeader": "Name Value",
    "TCPSocketAction": "Port:intstr.IntOrString Host",
    "GRPCAction": "Port:int32 Service:*string",
    "SleepAction": "Seconds:int64",
    "Lifecycle": "PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*Signal",
    "LifecycleHandler": f"{_HANDLERS} Sleep:*SleepAction",
    "SecurityContext": """Capabilities:*Capabilities Privileged:*bool SELinuxOptions:*SELinuxOptions
 WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool
 ReadOnlyRootFilesystem:*bool AllowPrivilegeEscalation:*bool ProcMount:*ProcMountType SeccompProfile:*SeccompProfile
 AppArmorProfile:*AppArmorProfile""",
    "Capabilities": "Add:[]Capability Drop:[]Capability",
    "SELinuxOptions": "User Role Type Level",
    "WindowsSecurityContextOptions": """GMSACredentialSpecName:*string GMSACredentialSpec:*string RunAsUserName:*string
 HostProcess:*bool""",
    "SeccompProfile": "Type:SeccompProfileType LocalhostProfile:*string",
    "AppArmorProfile": "Type:AppArmorProfileType LocalhostProfile:*string",
    "PodSecurityContext": """SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions
 RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool SupplementalGroups:[]int64
 SupplementalGroupsPolicy:*SupplementalGroupsPolicy FSGroup:*int64 Sysctls:[]Sysctl
 FSGroupChangePolicy:*PodFSGroupChangePolicy SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile
 SELinuxChangePolicy:*PodSELinuxChangePolicy""",
    "Sysctl": "Name Value",
    "Affinity": "NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAntiAffinity",
    "NodeAffinity": """RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector
 PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm""",
    "NodeSelector": "NodeSelectorTerms:[]NodeSelectorTerm",
    "NodeSelectorTerm": "MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement",
    "NodeSelectorRequirement": "Key Operator:NodeSelectorOperator Values:[]string",
    "PreferredSchedulingTerm": "Weight:int32 Preference:NodeSelectorTerm",
    "PodAffinity": _AFFINITY_TERMS,
    "PodAntiAffinity": _AFFINITY_TERMS,
    "PodAffinityTerm": """LabelSelector:*LabelSelector Namespaces:[]string TopologyKey
 NamespaceSelector:*LabelSelector MatchLabelKeys:[]string MismatchLabelKeys:[]string""",
    "WeightedPodAffinityTerm": "Weight:int32 PodAffinityTerm:PodAffinityTerm",
    "LabelSelector": "MatchLabels:map[string]string MatchExpressions:[]LabelSelectorRequirement",
    "LabelSelectorRequirement": "Key Operator:LabelSelectorOperator Values:[]string",
    "Toleration": "Key Operator:TolerationOperator Value Effect:TaintEffect TolerationSeconds:*int64",
    "HostAlias": "IP Hostnames:[]string",
    "PodDNSConfig": "Nameservers:[]string Searches:[]string Options:[]PodDNSConfigOption",
    "PodDNSConfigOption": "Name Value:*string",
    "PodReadinessGate": "ConditionType:PodConditionType",
    "TopologySpreadConstraint": """MaxSkew:int32 TopologyKey WhenUnsatisfiable:UnsatisfiableConstraintAction
 LabelSelector:*LabelSelector MinDomains:*int32 NodeAffinityPolicy:*NodeInclusionPolicy
 NodeTaintsPolicy:*NodeInclusionPolicy MatchLabelKeys:[]string""",
    "PodOS": "Name:OSName",
    "PodSchedulingGate": "Name",
    "PodResourceClaim": "Name ResourceClaimName:*string ResourceClaimTemplateName:*string",
    "PodSchedulingGroup": "PodGroupName:*string",
    "Volume": "Name VolumeSource=:",
    "VolumeSource": _sources(),
    "HostPathVolumeSource": "Path Type:*HostPathType",
    "EmptyDirVolumeSource": "Medium:StorageMedium SizeLimit:*resource.Quantity",
    "GitRepoVolumeSource": "Repository Revision Directory",
    "SecretVolumeSource": "SecretName Items:[]KeyToPath DefaultMode:*int32 Optional:*bool",
    "ConfigMapVolumeSource": "LocalObjectReference=: Items:[]KeyToPath DefaultMode:*int32 Optional:*bool",
    "KeyToPath": "Key Path Mode:*int32",
    "NFSVolumeSource": "Server Path ReadOnly:bool",
    "PersistentVolumeClaimVolumeSource": "ClaimName ReadOnly:bool",
    "DownwardAPIVolumeSource": "Items:[]DownwardAPIVolumeFile DefaultMode:*int32",
    "DownwardAPIVolumeFile": """Path FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector
 Mode:*int32""",
    "ProjectedVolumeSource": "Sources:[]VolumeProjection DefaultMode:*int32",
    "VolumeProjection": """Secret:*SecretProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*ConfigMapProjection
 ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*ClusterTrustBundleProjection
 PodCertificate:*PodCertificateProjection""",
    "SecretProjection": "LocalObjectReference=: Items:[]KeyToPath Optional:*bool",
    "ConfigMapProjection": "LocalObjectReference=: Items:[]KeyToPath Optional:*bool",
    "DownwardAPIProjection": "Items:[]DownwardAPIVolumeFile",
    "ServiceAccountTokenProjection": "Audience ExpirationSeconds:*int64 Path",
    "CSIVolumeSource": """Driver ReadOnly:*bool FSType:*string VolumeAttributes:map[string]string
 NodePublishSecretRef:*LocalObjectReference""",
    "ImageVolumeSource": "Reference PullPolicy:PullPolicy",
}

_JSON = {
    "DeprecatedServiceAccount": "serviceAccount",
    "DNSPolicy": "dnsPolicy",
    "DNSConfig": "dnsConfig",
    "HTTPGet": "httpGet",
    "HTTPHeaders": "httpHeaders",
    "TCPSocket": "tcpSocket",
    "GRPC": "grpc",
    "TTY": "tty",
    "OS": "os",
    "IP": "ip",
    "UID": "uid",
    "APIVersion": "apiVersion",
    "SELinuxOptions": "seLinuxOptions",
    "SELinuxChangePolicy": "seLinuxChangePolicy",
    "FSGroup": "fsGroup",
    "FSGroupChangePolicy": "fsGroupChangePolicy",
    "FSType": "fsType",
    "GMSACredentialSpecName": "gmsaCredentialSpecName",
    "GMSACredentialSpec": "gmsaCredentialSpec",
    "CSI": "csi",
    "NFS": "nfs",
    "ISCSI": "iscsi",
    "RBD": "rbd",
    "FC": "fc",
    "CephFS": "cephfs",
    "StorageOS": "storageos",
    "GCEPersistentDisk": "gcePersistentDisk",
    "AWSElasticBlockStore": "awsElasticBlockStore",
}
"""JSON names that are not the Go name with a small first letter."""

_BUILT_IN = ("string", "bool", "int32", "int64")


class Field(NamedTuple):
    """A struct's field: its Go name, its Go type, and its JSON name (empty for an embedded struct)."""

    name: str
    type: str
    json: str


@cache
def fields(struct: str) -> tuple[Field, ...] | None:
    """The fields of a struct in their order; None for what is not in the table."""
    listed = _STRUCTS.get(struct)
    return None if listed is None else tuple(map(_field, listed.split()))


def _field(text: str) -> Field:
    name, _, type_ = text.partition(":")
    if "=" in name:
        name, _, json = name.partition("=")
        return Field(name, type_ or f"v1.{name}", json)
    return Field(name, _qualified(type_ or "string"), _JSON.get(name, name[0].lower() + name[1:]))


def _qualified(type_: str) -> str:
    """The type with its package: `*Probe` is `*v1.Probe`."""
    for prefix in ("*", "[]"):
        if type_.startswith(prefix):
            return prefix + _qualified(type_.removeprefix(prefix))
    plain = type_ in _BUILT_IN or type_.startswith("map[") or "." in type_
    return type_ if plain else f"v1.{type_}"
