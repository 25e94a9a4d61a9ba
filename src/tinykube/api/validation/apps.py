"""Deployment, ReplicaSet, DaemonSet, StatefulSet, ControllerRevision.

Law: pure.

Models pkg/apis/apps/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinykube.api.validation import field, metadata, names, pods, selectors
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

_STATEFUL_FIXED = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_STATEFUL_FREE = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip


# -- shared --------------------------------------------------------------------------------------------------


def _selector(spec: Obj, kind: str) -> Causes:
    """A selector that selects something, but not everything."""
    found = spec.get("selector")
    if found is None:
        return [field.required("spec.selector")]
    causes = selectors.label_selector(found, "spec.selector")
    if selectors.empty(found):
        detail = f"empty selector is invalid for {kind}"
        causes.append(field.invalid("spec.selector", selectors.ordered(found), detail))
    return causes


def _chosen(spec: Obj, template: Callable[[], Causes], complaint: str = "invalid label selector") -> Causes:
    """A selector that can be evaluated selects the template, and only then is the template looked at."""
    found = spec.get("selector")
    if not selectors.usable(found):
        return [field.invalid("spec.selector", selectors.ordered(found), complaint)]
    labels = selectors.template_labels(found, spec.get("template") or {}, "spec.template")
    return ([] if selectors.empty(found) else labels) + template()


def _replicated(spec: Obj) -> Causes:
    return _chosen(spec, lambda: _template(spec) + _always_restarted(spec, "ReplicaSet"))


def _always_restarted(spec: Obj, kind: str) -> Causes:
    pod = (spec.get("template") or {}).get("spec") or {}
    path = "spec.template.spec"
    causes: Causes = []
    if pod.get("restartPolicy") != "Always":
        causes.append(field.not_supported(f"{path}.restartPolicy", pod.get("restartPolicy") or "", ("Always",)))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        causes.append(field.forbidden(f"{path}.activeDeadlineSeconds", detail))
    return causes


def _template(spec: Obj) -> Causes:
    return pods.template(spec.get("template") or {}, "spec.template")


def amount(value: Any, path: str) -> Causes:
    """A number or a percentage, neither below zero."""
    if isinstance(value, str):
        return field.each_invalid(path, value, names.percent(value))
    return field.non_negative(path, value)


def at_most_all(value: Any, path: str) -> Causes:
    """A percentage of at most 100."""
    if isinstance(value, str) and not names.percent(value) and int(value[:-1]) > 100:
        return [field.invalid(path, value, "must not be greater than 100%")]
    return []


def _number(value: Any) -> int:
    """The number before the percent sign, or the number; 0 for what is neither."""
    if isinstance(value, str):
        return int(value[:-1]) if not names.percent(value) else 0
    return value or 0


def _fixed_selector(new: Obj, old: Obj) -> Causes:
    found, before = new["spec"].get("selector"), old["spec"].get("selector")
    return field.immutable("spec.selector", selectors.ordered(found), selectors.ordered(before))


# -- Deployment ----------------------------------------------------------------------------------------------


def deployment(obj: Obj) -> Causes:
    """A new Deployment."""
    return metadata.check(obj, names.dns_subdomain) + _deployment_spec(obj["spec"])


def deployment_update(new: Obj, old: Obj) -> Causes:
    """A changed Deployment: its selector stays."""
    return metadata.check_update(new, old) + _deployment_spec(new["spec"]) + _fixed_selector(new, old)


def _deployment_spec(spec: Obj) -> Causes:
    causes = field.non_negative("spec.replicas", spec.get("replicas"))
    causes += _selector(spec, "deployment") + _replicated(spec)
    causes += _deployment_strategy(spec.get("strategy") or {}, "spec.strategy")
    causes += field.non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    causes += field.non_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        causes += field.non_negative("spec.progressDeadlineSeconds", deadline)
        if deadline <= (spec.get("minReadySeconds") or 0):
            detail = "must be greater than minReadySeconds"
            causes.append(field.invalid("spec.progressDeadlineSeconds", deadline, detail))
    return causes


def _deployment_strategy(strategy: Obj, path: str) -> Causes:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "Recreate":
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [field.forbidden(f"{path}.rollingUpdate", detail)] if rolling is not None else []
    if kind != "RollingUpdate":
        shown = {"Type": kind, "RollingUpdate": _go_rolling(rolling)}
        return [field.not_supported(path, shown, ("Recreate", "RollingUpdate"))]
    if rolling is None:
        return [field.required(f"{path}.rollingUpdate", "this should be defaulted and never be nil")]
    return _rolling_deployment(rolling, f"{path}.rollingUpdate")


def _go_rolling(rolling: Obj | None) -> Obj | None:
    if rolling is None:
        return None
    return {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}


def _rolling_deployment(rolling: Obj, path: str) -> Causes:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    causes = amount(unavailable, f"{path}.maxUnavailable") + amount(surge, f"{path}.maxSurge")
    if _number(unavailable) == 0 and _number(surge) == 0:
        causes.append(field.invalid(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return causes + at_most_all(unavailable, f"{path}.maxUnavailable")


# -- ReplicaSet ----------------------------------------------------------------------------------------------


def replica_set(obj: Obj) -> Causes:
    """A new ReplicaSet."""
    return metadata.check(obj, names.dns_subdomain) + _replica_set_spec(obj["spec"])


def replica_set_update(new: Obj, old: Obj) -> Causes:
    """A changed ReplicaSet: its selector stays."""
    return metadata.check_update(new, old) + _replica_set_spec(new["spec"]) + _fixed_selector(new, old)


def _replica_set_spec(spec: Obj) -> Causes:
    causes = field.non_negative("spec.replicas", spec.get("replicas"))
    causes += field.non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    return causes + _selector(spec, "deployment") + _replicated(spec)  # upstream's word here, too


def replication_controller(obj: Obj) -> Causes:
    """ReplicationController: its selector is a plain map of labels."""
    causes, spec = metadata.check(obj, names.dns_subdomain), obj.get("spec") or {}
    causes += field.non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    wanted = spec.get("selector") or {}
    causes += [] if wanted else [field.required("spec.selector")]
    causes += field.non_negative("spec.replicas", spec.get("replicas"))
    if spec.get("template") is None:
        return [*causes, field.required("spec.template")]
    if wanted:
        causes += selectors.template_labels({"matchLabels": wanted}, spec["template"], "spec.template")
    return causes + _template(spec) + _always_restarted(spec, "ReplicationController")


# -- DaemonSet -----------------------------------------------------------------------------------------------


def daemon_set(obj: Obj) -> Causes:
    """A new DaemonSet."""
    return metadata.check(obj, names.dns_subdomain) + _daemon_set_spec(obj["spec"])


def daemon_set_update(new: Obj, old: Obj) -> Causes:
    """A changed DaemonSet: its selector stays."""
    return metadata.check_update(new, old) + _daemon_set_spec(new["spec"]) + _fixed_selector(new, old)


def _daemon_set_spec(spec: Obj) -> Causes:
    found = spec.get("selector")
    causes = selectors.label_selector(found, "spec.selector")
    if not selectors.empty(found):
        causes += selectors.template_labels(found, spec.get("template") or {}, "spec.template")
    else:
        detail = "empty selector is invalid for daemonset"
        causes.append(field.invalid("spec.selector", selectors.ordered(found), detail))
    causes += _template(spec) + _always_restarted(spec, "DaemonSet")
    causes += field.non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    causes += _daemon_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    return causes + field.non_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _daemon_strategy(strategy: Obj, path: str) -> Causes:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        shown = {"Type": kind, "RollingUpdate": _go_rolling(rolling)}
        return [field.not_supported(path, shown, ("RollingUpdate", "OnDelete"))]
    if rolling is None:
        return [field.required(f"{path}.rollingUpdate")]
    return _rolling_daemon(rolling, f"{path}.rollingUpdate")


def _rolling_daemon(rolling: Obj, path: str) -> Causes:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    has_unavailable, has_surge = _number(unavailable) != 0, _number(surge) != 0
    causes: Causes = []
    if has_surge and has_unavailable:
        detail = "may not be set when maxUnavailable is non-zero"
        causes.append(field.invalid(f"{path}.maxSurge", surge, detail))
    elif not has_surge and not has_unavailable:
        causes.append(field.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    for name, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        causes += amount(value, f"{path}.{name}") + at_most_all(value, f"{path}.{name}")
    return causes


# -- StatefulSet ---------------------------------------------------------------------------------------------


def stateful_set(obj: Obj) -> Causes:
    """A new StatefulSet."""
    return metadata.check(obj, names.dns_label) + _stateful_spec(obj["spec"])


def stateful_set_update(new: Obj, old: Obj) -> Causes:
    """A changed StatefulSet: only a few fields of its spec may change."""
    causes = metadata.check_update(new, old) + _stateful_spec(new["spec"])

    def kept(spec: Obj) -> Obj:
        return {k: v for k, v in spec.items() if k not in _STATEFUL_FREE}

    if kept(new["spec"]) != kept(old["spec"]):
        causes.append(field.forbidden("spec", _STATEFUL_FIXED))
    return causes


def _stateful_spec(spec: Obj) -> Causes:
    policy = spec.get("podManagementPolicy") or ""
    causes: Causes = []
    if not policy:
        causes.append(field.required("spec.podManagementPolicy"))
    elif policy not in ("OrderedReady", "Parallel"):
        causes.append(field.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    causes += _stateful_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    causes += _retention(spec.get("persistentVolumeClaimRetentionPolicy") or {})
    causes += field.non_negative("spec.replicas", spec.get("replicas"))
    causes += field.non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    causes += field.non_negative("spec.ordinals.start", (spec.get("ordinals") or {}).get("start"))
    service = spec.get("serviceName")
    if service:
        causes += field.each_invalid("spec.serviceName", service, names.dns_label(service))
    causes += _selector(spec, "statefulset")
    claims = [
        {"name": (c.get("metadata") or {}).get("name") or "", "persistentVolumeClaim": {"claimName": "claim"}}
        for c in spec.get("volumeClaimTemplates") or ()
    ]
    causes += _chosen(spec, lambda: pods.template(spec.get("template") or {}, "spec.template", claims), "")
    return causes + _always_restarted(spec, "StatefulSet")


def _stateful_strategy(strategy: Obj, path: str) -> Causes:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if not kind:
        return [field.required(path)]
    if kind == "OnDelete":
        if rolling is None:
            return []
        shown = {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}
        return [field.invalid(f"{path}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")]
    if kind == "RollingUpdate":
        return field.non_negative(f"{path}.rollingUpdate.partition", (rolling or {}).get("partition"))
    shown = {"Type": kind, "RollingUpdate": None}
    return [field.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'")]


def _retention(policy: Obj) -> Causes:
    path, modes = "spec.persistentVolumeClaimRetentionPolicy", ("Retain", "Delete")
    return [
        field.not_supported(f"{path}.{name}", policy.get(name) or "", modes)
        for name in ("whenDeleted", "whenScaled")
        if policy.get(name) not in modes
    ]


# -- ControllerRevision --------------------------------------------------------------------------------------


def revision(obj: Obj) -> Causes:
    """A new ControllerRevision."""
    causes = metadata.check(obj, names.dns_subdomain)
    if obj.get("data") is None:
        causes.append(field.required("data", "data is mandatory"))
    return causes + field.non_negative("revision", obj.get("revision"))


def revision_update(new: Obj, old: Obj) -> Causes:
    """A changed ControllerRevision: its data stay."""
    return metadata.check_update(new, old) + revision(new) + field.immutable("data", new.get("data"), old.get("data"))
