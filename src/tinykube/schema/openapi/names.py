"""How OpenAPI documents name definitions and kinds.

Models k8s.io/kube-openapi/pkg/util (the reversed package path of a Go type is its name).
"""

from __future__ import annotations

from tinykube.errors import Obj
from tinykube.schema import lookup

REF = "#/components/schemas/"
PREFIXES = {
    "meta": "io.k8s.apimachinery.pkg.apis.",
    "pkg": "io.k8s.apimachinery.",
    "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.",
    "apiregistration": "io.k8s.kube-aggregator.pkg.apis.",
}
API_PREFIX = "io.k8s.api."


def full_name(name: str) -> str:
    """`core.v1.Pod` -> `io.k8s.api.core.v1.Pod`, as documents name it."""
    return PREFIXES.get(name.split(".", 1)[0], API_PREFIX) + name


def reference(name: str) -> Obj:
    """A reference to the definition `core.v1.Pod`."""
    return {"$ref": REF + full_name(name)}


def kind_reference(kind_key: str) -> Obj:
    """A reference to the schema of a kind; any object, for a kind without one."""
    name = lookup.by_kind().get(kind_key)
    return reference(name) if name else {"type": "object"}


def gvk(kind_key: str) -> Obj:
    """`apps/v1/Deployment` as x-kubernetes-group-version-kind."""
    group, version, kind = ("/" + kind_key).rsplit("/", 2)
    return {"group": group.lstrip("/"), "kind": kind, "version": version}
