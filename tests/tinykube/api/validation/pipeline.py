"""From a manifest to the causes of its refusal, as the API runs it: defaults, admission, strategy, validation."""

import random

import yaml

from tinykube.api import allocation
from tinykube.api.defaults import admission, default, strategy
from tinykube.api.validation import validate_create, validate_update
from tinykube.objects import copy

CLUSTER_SCOPED = {"Namespace", "Node", "PersistentVolume", "StorageClass", "PriorityClass", "ClusterRole"}


def stored(manifest):
    """The object as it would be validated. `manifest` is YAML text or a dict."""
    obj = yaml.safe_load(manifest) if isinstance(manifest, str) else copy(manifest)
    kind_key = f"{obj['apiVersion']}/{obj['kind']}"
    meta = obj.setdefault("metadata", {})
    if obj["kind"] not in CLUSTER_SCOPED:
        meta.setdefault("namespace", "default")
    meta.setdefault("uid", "11111111-2222-4333-8444-555555555555")
    default(kind_key, obj)
    if kind_key == "v1/Pod":
        admission.default_tolerations(obj)
        admission.priority(obj, [])
        if obj["spec"].get("containers"):
            admission.service_account(obj, {}, random.Random(1))
    strategy.prepare_for_create(kind_key, obj)
    return kind_key, obj


def created(manifest):
    """The causes, as text, for which creating the manifest is refused."""
    kind_key, obj = stored(manifest)
    return [str(c) for c in validate_create(kind_key, obj)]


def changed(manifest, change):
    """The causes, as text, for which `change` (a function on the object) is refused after creation."""
    kind_key, old = stored(manifest)
    if kind_key == "v1/Service":
        assert allocation.allocate(old, None, [], random.Random(1)) == []
    old["metadata"]["resourceVersion"] = "1"
    new = copy(old)
    change(new)
    default(kind_key, new)
    strategy.prepare_for_update(kind_key, new, old)
    return [str(c) for c in validate_update(kind_key, new, old)]
