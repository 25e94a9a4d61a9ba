"""Defaults of Pods and of Pod templates.

Law: in place; what is set stays. `pod_spec` is shared by every kind that carries a Pod template; what only a Pod
gets (requests from limits, service links) is in `pod`.

Models pkg/apis/core/v1/defaults.go (SetDefaults_Pod, _PodSpec, _Container, _Probe, _Volume).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tinykube.errors import Obj
from tinykube.objects import quantity
from tinykube.quantities import canonical, tidy_field, tidy_list

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_OVERCOMMIT = ("cpu", "memory")


def put(holder: Obj, field: str, value: Any) -> None:
    """Set `field` where it is absent, null, or an empty string."""
    if holder.get(field) is None or holder[field] == "":
        holder[field] = value


def put_number(holder: Obj, field: str, value: int) -> None:
    """Set a field whose zero means "not set"."""
    if not holder.get(field):
        holder[field] = value


def containers(spec: Obj) -> Iterator[Obj]:
    """All containers of a Pod spec: init, main, ephemeral."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from (c for c in spec.get(kind) or () if isinstance(c, dict))


def pod(obj: Obj) -> None:
    """v1.Pod."""
    spec = obj.setdefault("spec", {})
    pod_spec(spec)
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        _requests_from_limits(container)
    _pod_level_resources(spec)
    put(spec, "enableServiceLinks", True)
    if spec.get("hostNetwork"):
        _host_ports(spec)


def template(holder: Obj) -> None:
    """A PodTemplateSpec: `holder` is its parent's spec."""
    pod_template = holder.setdefault("template", {})
    pod_spec(pod_template.setdefault("spec", {}))


def pod_spec(spec: Obj) -> None:
    """v1.PodSpec with its containers and volumes."""
    put(spec, "dnsPolicy", "ClusterFirst")
    put(spec, "restartPolicy", "Always")
    put(spec, "securityContext", {})
    put(spec, "terminationGracePeriodSeconds", 30)
    put(spec, "schedulerName", "default-scheduler")
    _service_account(spec)
    tidy_list(spec.get("overhead"))
    for container in containers(spec):
        _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)


def _service_account(spec: Obj) -> None:
    """The old field mirrors the new one, both ways."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _container(container: Obj) -> None:
    put(container, "imagePullPolicy", pull_policy(container.get("image") or ""))
    put(container, "terminationMessagePath", "/dev/termination-log")
    put(container, "terminationMessagePolicy", "File")
    resources = container.setdefault("resources", {})
    tidy_list(resources.get("limits"))
    tidy_list(resources.get("requests"))
    for port in container.get("ports") or ():
        put(port, "protocol", "TCP")
    for env in container.get("env") or ():
        _value_from(env.get("valueFrom"))
    for name in PROBES:
        if container.get(name):
            probe(container[name])
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _http_get(hook.get("httpGet"))


def pull_policy(image: str) -> str:
    """Always for `:latest` and for an image without a tag or digest, IfNotPresent otherwise."""
    if "@" in image:
        return "IfNotPresent"
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if tag in ("", "latest") else "IfNotPresent"


def probe(found: Obj) -> None:
    """v1.Probe."""
    put_number(found, "timeoutSeconds", 1)
    put_number(found, "periodSeconds", 10)
    put_number(found, "successThreshold", 1)
    put_number(found, "failureThreshold", 3)
    _http_get(found.get("httpGet"))
    if found.get("grpc"):
        found["grpc"].setdefault("service", "")


def _http_get(action: Obj | None) -> None:
    if action is not None:
        put(action, "path", "/")
        put(action, "scheme", "HTTP")


def _value_from(source: Obj | None) -> None:
    if not source:
        return
    if source.get("fieldRef") is not None:
        put(source["fieldRef"], "apiVersion", "v1")
    if source.get("resourceFieldRef") is not None:
        _divisor(source["resourceFieldRef"])


def _divisor(ref: Obj) -> None:
    put(ref, "divisor", "0")
    tidy_field(ref, "divisor")


# -- volumes -------------------------------------------------------------------------------------------------


def _volume(volume: Obj) -> None:
    if not any(value is not None for key, value in volume.items() if key != "name"):
        volume["emptyDir"] = {}
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if isinstance(volume.get(kind), dict):
            put(volume[kind], "defaultMode", 0o644)
    tidy_field(volume.get("emptyDir"), "sizeLimit")
    if isinstance(volume.get("hostPath"), dict):
        volume["hostPath"].setdefault("type", "")
    _downward(volume.get("downwardAPI"))
    for source in (volume.get("projected") or {}).get("sources") or ():
        _downward(source.get("downwardAPI"))
        if source.get("serviceAccountToken") is not None:
            put(source["serviceAccountToken"], "expirationSeconds", 3600)
    claim = ((volume.get("ephemeral") or {}).get("volumeClaimTemplate") or {}).get("spec")
    if claim is not None:
        put(claim, "volumeMode", "Filesystem")
    if isinstance(volume.get("image"), dict):
        put(volume["image"], "pullPolicy", pull_policy(volume["image"].get("reference") or ""))


def _downward(source: Obj | None) -> None:
    for item in (source or {}).get("items") or ():
        _value_from(item)


# -- what only a Pod gets ------------------------------------------------------------------------------------


def _requests_from_limits(container: Obj) -> None:
    """A limit without a request requests the limit."""
    resources = container.get("resources") or {}
    if resources.get("limits"):
        requests = resources.setdefault("requests", {})
        for name, amount in resources["limits"].items():
            requests.setdefault(name, amount)


def _pod_level_resources(spec: Obj) -> None:
    """Requests of the Pod as a whole, from its containers' and from its limits (KEP-2837)."""
    resources = spec.get("resources")
    if not resources:
        return
    tidy_list(resources.get("limits"))
    tidy_list(resources.get("requests"))
    if not resources.get("limits"):
        return
    requests = resources.setdefault("requests", {})
    for name in _OVERCOMMIT:
        total = _total_requests(spec, name)
        if name not in requests and total is not None:
            requests[name] = canonical(f"{total:f}")
    for name, amount in resources["limits"].items():
        requests.setdefault(name, amount)


def _total_requests(spec: Obj, name: str) -> Decimal | None:
    """What the containers request at most at one time: main ones and sidecars together, or the largest init."""
    mains = [_requested(c, name) for c in spec.get("containers") or ()]
    sidecars, peak = Decimal(0), Decimal(0)
    found = [amount for amount in mains if amount is not None]
    for container in spec.get("initContainers") or ():
        amount = _requested(container, name)
        if amount is None:
            continue
        found.append(amount)
        if container.get("restartPolicy") == "Always":
            sidecars += amount
        peak = max(peak, sidecars if container.get("restartPolicy") == "Always" else sidecars + amount)
    return max(peak, sidecars + sum(a for a in mains if a is not None)) if found else None


def _requested(container: Obj, name: str) -> Decimal | None:
    text = ((container.get("resources") or {}).get("requests") or {}).get(name)
    return None if text is None else quantity(text)


def _host_ports(spec: Obj) -> None:
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        for port in container.get("ports") or ():
            put_number(port, "hostPort", port.get("containerPort") or 0)
