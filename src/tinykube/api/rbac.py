"""Role-based access control: what the stored roles and bindings let a user do.

Law: reads roles and bindings, decides, keeps nothing. Members of system:masters may do everything.

Models plugin/pkg/auth/authorizer/rbac/rbac.go and pkg/registry/rbac/validation/rule.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinykube import objects
from tinykube.objects import Obj, dig
from tinykube.store import Key, Store

MASTERS = "system:masters"
_RBAC = "rbac.authorization.k8s.io"

_EVERYBODY: tuple[Obj, ...] = (
    {
        "verbs": ["create"],
        "apiGroups": ["authorization.k8s.io"],
        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    },
    {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]},
    {
        "verbs": ["get"],
        "nonResourceURLs": [
            "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
            "/version", "/version/",
        ],
    },
)  # fmt: skip
"""What every authenticated user may do (the ClusterRoles system:basic-user and system:discovery)."""

_MASTER_RULES: tuple[Obj, ...] = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)


@dataclass(frozen=True)
class Request:
    """What somebody wants to do: a verb on a resource (and subresource), or on a path outside the API."""

    user: str
    groups: tuple[str, ...]
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def target(self) -> str:
        """`resource` or `resource/subresource`, as rules write it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def allowed(store: Store, request: Request) -> bool:
    """Whether any rule that reaches the user covers the request."""
    if MASTERS in request.groups:
        return True
    return any(_covers(rule, request) for rule in rules(store, request.user, request.groups, request.namespace))


def rules(store: Store, user: str, groups: tuple[str, ...], namespace: str) -> Iterator[Obj]:
    """Every rule that reaches a user in a namespace (empty: for the whole cluster)."""
    if MASTERS in groups:
        yield from _MASTER_RULES
        return
    yield from _EVERYBODY
    for binding in _bindings(store, user, groups, namespace):
        yield from dig(_role(store, binding), "rules", default=[])


def _bindings(store: Store, user: str, groups: tuple[str, ...], namespace: str) -> Iterator[Obj]:
    """The bindings that name the user or a group."""
    bindings = store.list(f"clusterrolebindings.{_RBAC}")
    if namespace:
        bindings = bindings + store.list(f"rolebindings.{_RBAC}", namespace)
    for binding in bindings:
        if any(_is_subject(s, user, groups, objects.namespace(binding)) for s in binding.get("subjects") or ()):
            yield binding


def _is_subject(subject: Obj, user: str, groups: tuple[str, ...], namespace: str) -> bool:
    kind, name = subject.get("kind"), subject.get("name")
    if kind == "User":
        return name == user
    if kind == "Group":
        return name in groups
    space = subject.get("namespace") or namespace
    return kind == "ServiceAccount" and user == f"system:serviceaccount:{space}:{name}"


def _role(store: Store, binding: Obj) -> Obj | None:
    """The role that a binding grants, if there is one of that name."""
    ref = binding.get("roleRef") or {}
    if ref.get("kind") == "ClusterRole":
        return store.get(Key(f"clusterroles.{_RBAC}", "", ref.get("name", "")))
    return store.get(Key(f"roles.{_RBAC}", objects.namespace(binding), ref.get("name", "")))


def _covers(rule: Obj, request: Request) -> bool:
    if not _has(rule.get("verbs"), request.verb):
        return False
    if request.path:
        return any(_path_matches(p, request.path) for p in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames")
    return (
        _has(rule.get("apiGroups"), request.group)
        and _resource_matches(rule.get("resources") or (), request)
        and (not names or request.name in names)
    )


def _has(values: list[str] | None, wanted: str) -> bool:
    return bool(values) and ("*" in (values or ()) or wanted in (values or ()))


def _resource_matches(found: list[str] | tuple[str, ...], request: Request) -> bool:
    any_of_subresource = request.subresource and f"*/{request.subresource}" in found
    return "*" in found or request.target in found or bool(any_of_subresource)


def _path_matches(pattern: str, path: str) -> bool:
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def refusal(store: Store, request: Request) -> str:
    """The reason in a Forbidden answer, after "is forbidden: ": who cannot do what, and which roles are not there."""
    user = f'User "{request.user}" cannot {request.verb}'
    if request.path:
        said = f'{user} path "{request.path}"'
    else:
        where = f'in the namespace "{request.namespace}"' if request.namespace else "at the cluster scope"
        said = f'{user} resource "{request.target}" in API group "{request.group}" {where}'
    bindings = _bindings(store, request.user, request.groups, request.namespace)
    missing = list(dict.fromkeys(_not_found(b) for b in bindings if _role(store, b) is None))
    if not missing:
        return said
    return f"{said}: RBAC: " + (missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]")


def _not_found(binding: Obj) -> str:
    ref = binding.get("roleRef") or {}
    return f'{str(ref.get("kind")).lower()}.{_RBAC} "{ref.get("name")}" not found'
