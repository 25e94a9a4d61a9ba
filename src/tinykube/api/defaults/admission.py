"""What the built-in admission plug-ins add to objects on creation.

Law: in place; everything looked up (accounts, classes) is handed in, random letters come from the cluster's own
generator. Refusals are raised as 403 Forbidden, in the plug-ins' words.

Models plugin/pkg/admission/{defaulttolerationseconds,serviceaccount,priority,runtimeclass,storage}.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from tinykube import errors
from tinykube.errors import Obj
from tinykube.objects import dig, meta, name, namespace, random_suffix

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_UNREACHABLE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_SYSTEM_CLASSES = {"system-cluster-critical": 2000000000, "system-node-critical": 2000001000}


def default_tolerations(pod: Obj) -> None:
    """Let the Pod stay 300 seconds on a node that is not ready or unreachable, unless it says otherwise."""
    tolerations = pod["spec"].setdefault("tolerations", [])
    for key in _UNREACHABLE:
        if not any(_tolerates(t, key) for t in tolerations):
            tolerations.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})


def _tolerates(toleration: Obj, key: str) -> bool:
    return toleration.get("key") in (key, None, "") and toleration.get("effect") in ("NoExecute", None, "")


def service_account_name(pod: Obj) -> str:
    """Name the Pod's service account, `default` where it names none; the name is returned to be looked up."""
    spec = pod["spec"]
    spec["serviceAccountName"] = spec["serviceAccount"] = spec.get("serviceAccountName") or "default"
    return spec["serviceAccountName"]


def service_account(pod: Obj, account: Obj | None, rng: random.Random) -> None:
    """Mount the service account's token into the Pod's containers and take over its image pull secrets.

    Raises:
        ApiError: 403, there is no such account.
    """
    wanted = service_account_name(pod)
    if account is None:
        why = f'error looking up service account {namespace(pod)}/{wanted}: serviceaccount "{wanted}" not found'
        raise errors.forbidden("pods", name(pod), why)
    if _automounts(pod, account):
        _mount_token(pod["spec"], rng)
    if not pod["spec"].get("imagePullSecrets") and account.get("imagePullSecrets"):
        pod["spec"]["imagePullSecrets"] = [dict(s) for s in account["imagePullSecrets"]]


def _automounts(pod: Obj, account: Obj) -> bool:
    for holder in (pod["spec"], account):
        if holder.get("automountServiceAccountToken") is not None:
            return bool(holder["automountServiceAccountToken"])
    return True


def _mount_token(spec: Obj, rng: random.Random) -> None:
    bare = [
        c
        for c in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
        if not any(m.get("mountPath") == TOKEN_PATH for m in c.get("volumeMounts") or ())
    ]
    if not bare:
        return
    names = [str(v.get("name") or "") for v in spec.get("volumes") or ()]
    volume = next((n for n in names if n.startswith("kube-api-access-")), "")
    if not volume:
        volume = f"kube-api-access-{random_suffix(rng)}"
        spec.setdefault("volumes", []).append(token_volume(volume))
    for container in bare:
        container.setdefault("volumeMounts", []).append({"name": volume, "readOnly": True, "mountPath": TOKEN_PATH})


SERVICE_CA = "openshift-service-ca.crt"


def token_volume(volume_name: str) -> Obj:
    """The projected volume with the token, the cluster's CA certificate and the Pod's namespace.

    Its last source is an addition of the distribution whose recordings this cluster is held against; a plain
    Kubernetes has the first three.
    """
    own_namespace = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [own_namespace]}},
        {"configMap": {"name": SERVICE_CA, "items": [{"key": "service-ca.crt", "path": "service-ca.crt"}]}},
    ]
    return {"name": volume_name, "projected": {"defaultMode": 0o644, "sources": sources}}


def priority(pod: Obj, classes: Iterable[Obj]) -> None:
    """Resolve the Pod's priority class into a number.

    Raises:
        ApiError: 403, there is no such class, or the Pod sets a number that is not the class's.
    """
    spec = pod["spec"]
    found = _priority_class(pod, {name(c): c for c in classes})
    value, policy = (0, "PreemptLowerPriority") if found is None else (found["value"], found["preemptionPolicy"])
    if spec.get("priority") is not None and spec["priority"] != value:
        why = (
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
            f"priority admission controller computed {value} from the given PriorityClass name"
        )
        raise errors.forbidden("pods", name(pod), why)
    spec["priority"] = value
    if not spec.get("preemptionPolicy"):
        spec["preemptionPolicy"] = policy


def _priority_class(pod: Obj, classes: dict[str, Obj]) -> Obj | None:
    spec = pod["spec"]
    wanted = spec.get("priorityClassName")
    if not wanted:
        found = min((c for c in classes.values() if c.get("globalDefault")), key=lambda c: c["value"], default=None)
        if found is not None:
            spec["priorityClassName"] = name(found)
        return found
    if wanted in classes:
        return classes[wanted]
    if wanted in _SYSTEM_CLASSES:
        return {"value": _SYSTEM_CLASSES[wanted], "preemptionPolicy": "PreemptLowerPriority"}
    raise errors.forbidden("pods", name(pod), f"no PriorityClass with name {wanted} was found")


def runtime_class(pod: Obj, classes: Iterable[Obj]) -> None:
    """Take over what the Pod's runtime class says of overhead and nodes.

    Raises:
        ApiError: 403, there is no such class, or the Pod contradicts it.
    """
    spec = pod["spec"]
    found: Obj = {}
    if wanted := spec.get("runtimeClassName"):
        found = next((one for one in classes if name(one) == wanted), {})
        if not found:
            raise _rejected(pod, f'RuntimeClass "{wanted}" not found')
    overhead, scheduling = dig(found, "overhead", "podFixed"), found.get("scheduling") or {}
    if spec.get("overhead") and spec["overhead"] != overhead:
        matching = "Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        raise _rejected(
            pod, matching if overhead else "Pod Overhead set without corresponding RuntimeClass defined Overhead"
        )
    if overhead:
        spec["overhead"] = dict(overhead)
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        own = spec.setdefault("nodeSelector", {}).setdefault(key, value)
        if own != value:
            conflict = f"runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}"
            raise errors.forbidden("pods", name(pod), f"conflict: {conflict}")
    tolerations = spec.setdefault("tolerations", [])
    tolerations += [one for one in scheduling.get("tolerations") or () if one not in tolerations]


def _rejected(pod: Obj, why: str) -> errors.ApiError:
    return errors.forbidden("pods", name(pod), f"pod rejected: {why}")


def claim_defaults(claim: Obj, classes: Iterable[Obj]) -> None:
    """Give a claim the default storage class (the newest of several) and protect it from deletion while in use."""
    finalizers = claim["metadata"].setdefault("finalizers", [])
    if "kubernetes.io/pvc-protection" not in finalizers:
        finalizers.append("kubernetes.io/pvc-protection")
    if claim["spec"].get("storageClassName") is not None:
        return
    defaults = [c for c in classes if (meta(c).get("annotations") or {}).get(_DEFAULT_CLASS) == "true"]
    if defaults:
        newest = max(defaults, key=lambda c: (c["metadata"].get("creationTimestamp") or "", name(c)))
        claim["spec"]["storageClassName"] = name(newest)


def protect_volume(volume: Obj) -> None:
    """Protect a persistent volume from deletion while a claim is bound to it."""
    finalizers = volume["metadata"].setdefault("finalizers", [])
    if "kubernetes.io/pv-protection" not in finalizers:
        finalizers.append("kubernetes.io/pv-protection")
