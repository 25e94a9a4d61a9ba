"""Reviews: questions that are asked by creating an object and answered in its status, never stored.

Law: reads only. Access questions are answered by `rbac`, questions about tokens by `tokens`.

Models pkg/registry/authorization and pkg/registry/authentication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykube import errors, objects
from tinykube.api import rbac
from tinykube.api.resources import Resource
from tinykube.client import Options
from tinykube.errors import Cause
from tinykube.objects import Obj, dig

if TYPE_CHECKING:
    from tinykube.api.apiserver import ApiServer


def answer(api: ApiServer, resource: Resource, namespace: str | None, review: Obj, options: Options) -> Obj:
    """The review with its status.

    Raises:
        errors.ApiError: Invalid, MethodNotAllowed.
    """
    out = {**objects.copy(review), "apiVersion": resource.group_version, "kind": resource.kind}
    spec = out.setdefault("spec", {})
    if resource.kind == "SelfSubjectAccessReview":
        out["status"] = _access(api, spec, options.user, options.groups)
    elif resource.kind in ("SubjectAccessReview", "LocalSubjectAccessReview"):
        out["status"] = _access(api, spec, spec.get("user", ""), tuple(spec.get("groups") or ()))
    elif resource.kind == "SelfSubjectRulesReview":
        out["status"] = _rules(api, spec, options)
    elif resource.kind == "SelfSubjectReview":
        groups = list(dict.fromkeys([*options.groups, "system:authenticated"]))
        out["status"] = {"userInfo": {"username": options.user, "groups": groups}}
    elif resource.kind == "TokenReview":
        out["status"] = _token(api, spec)
    else:
        raise errors.method_not_allowed()
    out.setdefault("metadata", {})
    return out


def _access(api: ApiServer, spec: Obj, user: str, groups: tuple[str, ...]) -> Obj:
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if bool(asked) == bool(path):
        why = "Required value: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        cause = Cause("FieldValueRequired", "spec.resourceAttributes", why)
        raise errors.invalid("SelfSubjectAccessReview", "authorization.k8s.io", "", [cause])
    if path:
        request = rbac.Request(user, groups, path.get("verb", ""), path=path.get("path", ""))
    else:
        fields = ("verb", "group", "resource", "subresource", "namespace", "name")
        request = rbac.Request(user, groups, **{f: (asked or {}).get(f, "") for f in fields})
    return {"allowed": True} if rbac.allowed(api.store, request) else {"allowed": False}


def _rules(api: ApiServer, spec: Obj, options: Options) -> Obj:
    found = list(rbac.rules(api.store, options.user, options.groups, spec.get("namespace", "")))
    return {
        "resourceRules": [rule for rule in found if not rule.get("nonResourceURLs")],
        "nonResourceRules": [rule for rule in found if rule.get("nonResourceURLs")],
        "incomplete": False,
    }


def _token(api: ApiServer, spec: Obj) -> Obj:
    user = api.tokens.user(str(dig(spec, "token", default="")))
    if user is None:
        return {"authenticated": False, "user": {}, "error": "invalid bearer token"}
    return {"authenticated": True, "user": {"username": user[0], "groups": list(user[1])}}
