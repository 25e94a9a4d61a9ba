"""The API server's own view of a Pod: internal Go types, their fields in order, and what their zero values are.

Law: pure data and lookups. Some refusals show an object as Go's encoder prints the internal type, with every field in
the order of the source; this is the part of those types that a Pod is made of.

Models pkg/apis/core/types.go.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from tinykube.errors import Obj

_STRUCTS = {
    "PodSpec": (
        "Volumes:[Volume InitContainers:[Container Containers:[Container EphemeralContainers:[EphemeralContainer "
        "RestartPolicy:s TerminationGracePeriodSeconds:* ActiveDeadlineSeconds:* DNSPolicy:s NodeSelector:m "
        "ServiceAccountName:s AutomountServiceAccountToken:* NodeName:s SecurityContext:*PodSecurityContext "
        "ImagePullSecrets:[LocalObjectReference Hostname:s Subdomain:s SetHostnameAsFQDN:* Affinity:*Affinity "
        "SchedulerName:s Tolerations:[Toleration HostAliases:[HostAlias PriorityClassName:s Priority:* "
        "PreemptionPolicy:* DNSConfig:*PodDNSConfig ReadinessGates:[PodReadinessGate RuntimeClassName:* Overhead:q "
        "EnableServiceLinks:* TopologySpreadConstraints:[TopologySpreadConstraint OS:*PodOS "
        "SchedulingGates:[PodSchedulingGate ResourceClaims:[PodResourceClaim Resources:*ResourceRequirements "
        "HostnameOverride:* SchedulingGroup:*any"
    ),
    "Container": (
        "Name:s Image:s Command:[ Args:[ WorkingDir:s Ports:[ContainerPort EnvFrom:[EnvFromSource Env:[EnvVar "
        "Resources:ResourceRequirements ResizePolicy:[ContainerResizePolicy RestartPolicy:* "
        "RestartPolicyRules:[ContainerRestartRule VolumeMounts:[VolumeMount VolumeDevices:[VolumeDevice "
        "LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle "
        "TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*SecurityContext "
        "Stdin:b StdinOnce:b TTY:b"
    ),
    "EphemeralContainer": "EphemeralContainerCommon:~Container TargetContainerName:s",
    "ResourceRequirements": "Limits:q Requests:q Claims:[any",
    "ContainerResizePolicy": "ResourceName:s RestartPolicy:s",
    "ContainerRestartRule": "Action:s ExitCodes:*ContainerRestartRuleOnExitCodes",
    "ContainerRestartRuleOnExitCodes": "Operator:s Values:[",
    "ContainerPort": "Name:s HostPort:i ContainerPort:i Protocol:s HostIP:s",
    "EnvFromSource": "Prefix:s ConfigMapRef:*EnvSource SecretRef:*EnvSource",
    "EnvSource": "Name:s Optional:*",
    "EnvVar": "Name:s Value:s ValueFrom:*EnvVarSource",
    "EnvVarSource": (
        "FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*KeySelector "
        "SecretKeyRef:*KeySelector FileKeyRef:*FileKeySelector"
    ),
    "ObjectFieldSelector": "APIVersion:s FieldPath:s",
    "ResourceFieldSelector": "ContainerName:s Resource:s Divisor:a",
    "KeySelector": "Name:s Key:s Optional:*",
    "FileKeySelector": "VolumeName:s Path:s Key:s Optional:*",
    "VolumeMount": ("Name:s ReadOnly:b RecursiveReadOnly:* MountPath:s SubPath:s MountPropagation:* SubPathExpr:s"),
    "VolumeDevice": "Name:s DevicePath:s",
    "Probe": (
        "ProbeHandler:~ProbeHandler InitialDelaySeconds:i TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i "
        "FailureThreshold:i TerminationGracePeriodSeconds:*"
    ),
    "ProbeHandler": "Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction GRPC:*GRPCAction",
    "ExecAction": "Command:[",
    "HTTPGetAction": "Path:s Port:v Host:s Scheme:s HTTPHeaders:[HTTPHeader",
    "HTTPHeader": "Name:s Value:s",
    "TCPSocketAction": "Port:v Host:s",
    "GRPCAction": "Port:i Service:*",
    "Lifecycle": "PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*",
    "LifecycleHandler": "Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction Sleep:*SleepAction",
    "SleepAction": "Seconds:i",
    "PodSecurityContext": (
        "HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace:* HostUsers:* SELinuxOptions:*SELinuxOptions "
        "WindowsOptions:*any RunAsUser:* RunAsGroup:* RunAsNonRoot:* SupplementalGroups:[ "
        "SupplementalGroupsPolicy:* FSGroup:* FSGroupChangePolicy:* Sysctls:[Sysctl SeccompProfile:*Profile "
        "AppArmorProfile:*Profile SELinuxChangePolicy:*"
    ),
    "SecurityContext": (
        "Capabilities:*Capabilities Privileged:* SELinuxOptions:*SELinuxOptions WindowsOptions:*any RunAsUser:* "
        "RunAsGroup:* RunAsNonRoot:* ReadOnlyRootFilesystem:* AllowPrivilegeEscalation:* ProcMount:* "
        "SeccompProfile:*Profile AppArmorProfile:*Profile"
    ),
    "Capabilities": "Add:[ Drop:[",
    "SELinuxOptions": "User:s Role:s Type:s Level:s",
    "Profile": "Type:s LocalhostProfile:*",
    "Sysctl": "Name:s Value:s",
    "Affinity": "NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity",
    "NodeAffinity": (
        "RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector "
        "PreferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm"
    ),
    "NodeSelector": "NodeSelectorTerms:[NodeSelectorTerm",
    "NodeSelectorTerm": "MatchExpressions:[NodeSelectorRequirement MatchFields:[NodeSelectorRequirement",
    "NodeSelectorRequirement": "Key:s Operator:s Values:[",
    "PreferredSchedulingTerm": "Weight:i Preference:NodeSelectorTerm",
    "PodAffinity": (
        "RequiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm "
        "PreferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm"
    ),
    "PodAffinityTerm": (
        "LabelSelector:*json Namespaces:[ TopologyKey:s NamespaceSelector:*json MatchLabelKeys:[ MismatchLabelKeys:["
    ),
    "WeightedPodAffinityTerm": "Weight:i PodAffinityTerm:PodAffinityTerm",
    "TopologySpreadConstraint": (
        "MaxSkew:i TopologyKey:s WhenUnsatisfiable:s LabelSelector:*json MinDomains:* NodeAffinityPolicy:* "
        "NodeTaintsPolicy:* MatchLabelKeys:["
    ),
    "PodDNSConfig": "Nameservers:[ Searches:[ Options:[PodDNSConfigOption",
    "PodDNSConfigOption": "Name:s Value:*",
    "PodReadinessGate": "ConditionType:s",
    "PodSchedulingGate": "Name:s",
    "PodResourceClaim": "Name:s ResourceClaimName:* ResourceClaimTemplateName:*",
    "Toleration": "Key:s Operator:s Value:s Effect:s TolerationSeconds:*",
    "HostAlias": "IP:s Hostnames:[",
    "LocalObjectReference": "Name:s",
    "PodOS": "Name:s",
    "Volume": "Name:s VolumeSource:~VolumeSource",
    "VolumeSource": (
        "HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk:*any "
        "AWSElasticBlockStore:*any GitRepo:*any Secret:*SecretVolumeSource NFS:*NFSVolumeSource ISCSI:*any "
        "Glusterfs:*any PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD:*any Quobyte:*any "
        "FlexVolume:*any Cinder:*any CephFS:*any Flocker:*any DownwardAPI:*DownwardAPIVolumeSource FC:*any "
        "AzureFile:*any ConfigMap:*ConfigMapVolumeSource VsphereVolume:*any AzureDisk:*any "
        "PhotonPersistentDisk:*any Projected:*ProjectedVolumeSource PortworxVolume:*any ScaleIO:*any StorageOS:*any "
        "CSI:*any Ephemeral:*any Image:*ImageVolumeSource"
    ),
    "HostPathVolumeSource": "Path:s Type:*",
    "EmptyDirVolumeSource": "Medium:s SizeLimit:*",
    "NFSVolumeSource": "Server:s Path:s ReadOnly:b",
    "ImageVolumeSource": "Reference:s PullPolicy:s",
    "SecretVolumeSource": "SecretName:s Items:[KeyToPath DefaultMode:* Optional:*",
    "ConfigMapVolumeSource": "LocalObjectReference:~LocalObjectReference Items:[KeyToPath DefaultMode:* Optional:*",
    "KeyToPath": "Key:s Path:s Mode:*",
    "DownwardAPIVolumeSource": "Items:[DownwardAPIVolumeFile DefaultMode:*",
    "DownwardAPIVolumeFile": "Path:s FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*",
    "ProjectedVolumeSource": "Sources:[VolumeProjection DefaultMode:*",
    "VolumeProjection": (
        "Secret:*KeyProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*KeyProjection "
        "ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*any PodCertificate:*any"
    ),
    "KeyProjection": "LocalObjectReference:~LocalObjectReference Items:[KeyToPath Optional:*",
    "DownwardAPIProjection": "Items:[DownwardAPIVolumeFile",
    "ServiceAccountTokenProjection": "Audience:s ExpirationSeconds:i Path:s",
    "PersistentVolumeSource": (
        "GCEPersistentDisk:*any AWSElasticBlockStore:*any HostPath:*HostPathVolumeSource Glusterfs:*any "
        "NFS:*NFSVolumeSource RBD:*any Quobyte:*any ISCSI:*any FlexVolume:*any Cinder:*any CephFS:*any FC:*any "
        "Flocker:*any AzureFile:*any VsphereVolume:*any AzureDisk:*any PhotonPersistentDisk:*any PortworxVolume:*any "
        "ScaleIO:*any Local:*LocalVolumeSource StorageOS:*any CSI:*any"
    ),
    "LocalVolumeSource": "Path:s FSType:*",
    "PersistentVolumeClaimSpec": (
        "AccessModes:[ Selector:*json Resources:VolumeResourceRequirements VolumeName:s StorageClassName:* "
        "VolumeMode:* DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference "
        "VolumeAttributesClassName:*"
    ),
    "TypedLocalObjectReference": "APIGroup:* Kind:s Name:s",
    "TypedObjectReference": "APIGroup:* Kind:s Name:s Namespace:*",
    "VolumeResourceRequirements": "Limits:q Requests:q",
    "PersistentVolumeClaimVolumeSource": "ClaimName:s ReadOnly:b",
}
_JSON = {"CephFS": "cephfs", "StorageOS": "storageos"}
_ZERO: dict[str, Any] = {"s": "", "i": 0, "b": False, "v": 0, "a": "0"}
_IN_SECURITY_CONTEXT = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")


class Field(NamedTuple):
    """One field of an internal struct."""

    go: str
    json: str
    kind: str
    """s text, i number, b flag, v number or text, a amount, m map, q amounts, [ list, * pointer, ~ embedded, empty
    struct."""
    struct: str
    """The struct of the value, or of a list's items; empty for plain values, `json` for what is shown as the API has
    it, `any` for one not described here."""


@cache
def fields(struct: str) -> tuple[Field, ...]:
    """The fields of an internal struct, in the order of its source."""
    return tuple(_field(text) for text in _STRUCTS[struct].split())


def _field(text: str) -> Field:
    go, _, code = text.partition(":")
    kind = code[0] if code[0] in "[*~" or len(code) == 1 else ""
    struct = code[1:] if code[0] in "[*~" else ("" if len(code) == 1 else code)
    return Field(go, _JSON.get(go) or json_name(go), kind, struct)


def json_name(go: str) -> str:
    """`DNSPolicy` as `dnsPolicy`, `TTY` as `tty`."""
    run = re.match(r"[A-Z]+(?![a-z])|[A-Z]", go)
    head = run[0] if run else ""
    return head.lower() + go[len(head) :]


def go_name(name: str) -> str:
    """A JSON field name as Go would write it, where nothing better is known."""
    return name[:1].upper() + name[1:]


def described(struct: str) -> bool:
    """Whether the struct's fields are known."""
    return struct in _STRUCTS


def internal_spec(spec: Obj) -> Obj:
    """A PodSpec as the internal type has it: the host's namespaces belong to the security context."""
    found = {k: v for k, v in spec.items() if k not in _IN_SECURITY_CONTEXT}
    host = {k: spec[k] for k in _IN_SECURITY_CONTEXT if k in spec}
    if host or spec.get("securityContext") is not None:
        found["securityContext"] = {**(spec.get("securityContext") or {}), **host}
    return found


# -- JSON ----------------------------------------------------------------------------------------------------


def template(found: Obj) -> Obj:
    """A PodTemplateSpec as Go's JSON encoder shows the internal type."""
    meta = {**(found.get("metadata") or {})}
    for name in ("labels", "annotations"):
        if meta.get(name):
            meta[name] = dict(sorted(meta[name].items()))
    return {**meta, "Spec": encode("PodSpec", internal_spec(found.get("spec") or {}))}


def encode(struct: str, obj: Obj) -> Obj:
    """An object as Go's JSON encoder shows a struct without tags: every field, zero values too."""
    found: Obj = {}
    for field in fields(struct):
        if field.kind == "~":
            found.update(encode(field.struct, obj))
        else:
            found[field.go] = _encoded(field, obj.get(field.json))
    return found


def _encoded(field: Field, value: Any) -> Any:
    if value is None:
        return encode(field.struct, {}) if not field.kind else _ZERO.get(field.kind)
    if isinstance(value, list):
        return [_nested(field.struct, v) for v in value]
    if field.kind in ("m", "q"):
        return dict(sorted(value.items()))
    return _nested(field.struct, value)


def _nested(struct: str, value: Any) -> Any:
    if struct == "json":
        return value
    if isinstance(value, dict):
        return encode(struct, value) if described(struct) else {go_name(k): _nested("", v) for k, v in value.items()}
    return [_nested("", v) for v in value] if isinstance(value, list) else value
