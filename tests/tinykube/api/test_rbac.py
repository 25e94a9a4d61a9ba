"""Roles and bindings: who may do what."""

import pytest

from tinykube.api import rbac
from tinykube.api.rbac import Request

RBAC = "rbac.authorization.k8s.io"
ACCOUNT = "system:serviceaccount:default:robot"


@pytest.fixture
def granted(api):
    """A Role in `default` for the account robot and for ann, a ClusterRole for the group ops."""
    rules = [
        {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]},
        {"verbs": ["update"], "apiGroups": ["apps"], "resources": ["*/scale"]},
        {"verbs": ["delete"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["old"]},
    ]
    api.create(f"roles.{RBAC}", "default", {"metadata": {"name": "reader"}, "rules": rules})
    subjects = [
        {"kind": "ServiceAccount", "name": "robot", "namespace": "default"},
        {"kind": "User", "apiGroup": RBAC, "name": "ann"},
    ]
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "reader"}
    binding = {"metadata": {"name": "reader"}, "roleRef": ref, "subjects": subjects}
    api.create(f"rolebindings.{RBAC}", "default", binding)
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    subjects = [{"kind": "Group", "apiGroup": RBAC, "name": "ops"}]
    api.create(f"clusterrolebindings.{RBAC}", None, {"metadata": {"name": "ops"}, "roleRef": ref, "subjects": subjects})
    return api


@pytest.mark.parametrize(
    ("user", "groups", "verb", "attributes", "allowed"),
    [
        ("root", ("system:masters",), "delete", {"resource": "nodes"}, True),
        ("ann", (), "get", {"resource": "pods", "namespace": "default"}, True),
        ("ann", (), "get", {"resource": "pods", "subresource": "log", "namespace": "default"}, True),
        ("ann", (), "get", {"resource": "pods", "namespace": "other"}, False),
        ("ann", (), "list", {"resource": "pods"}, False),
        ("ann", (), "delete", {"resource": "pods", "namespace": "default"}, False),
        (ACCOUNT, (), "list", {"resource": "pods", "namespace": "default"}, True),
        ("system:serviceaccount:other:robot", (), "list", {"resource": "pods", "namespace": "default"}, False),
        (
            "ann", (), "update",
            {"group": "apps", "resource": "deployments", "subresource": "scale", "namespace": "default"}, True,
        ),
        ("ann", (), "update", {"group": "apps", "resource": "deployments", "namespace": "default"}, False),
        ("ann", (), "delete", {"resource": "secrets", "name": "old", "namespace": "default"}, True),
        ("ann", (), "delete", {"resource": "secrets", "name": "new", "namespace": "default"}, False),
        ("bob", ("ops",), "list", {"group": "apps", "resource": "deployments"}, True),
        ("bob", ("ops",), "get", {"resource": "secrets", "namespace": "default"}, False),
        ("bob", (), "get", {"path": "/version"}, True),
        ("bob", (), "get", {"path": "/apis/apps"}, True),
        ("bob", (), "get", {"path": "/metrics"}, False),
        ("bob", (), "create", {"group": "authorization.k8s.io", "resource": "selfsubjectaccessreviews"}, True),
    ],
)  # fmt: skip
def test_rules_reach_their_subjects(granted, user, groups, verb, attributes, allowed):
    assert rbac.allowed(granted.store, Request(user, groups, verb, **attributes)) is allowed


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (
            {"resource": "pods", "namespace": "default"},
            'User "bob" cannot get resource "pods" in API group "" in the namespace "default"',
        ),
        (
            {"group": "apps", "resource": "deployments", "subresource": "scale"},
            'User "bob" cannot get resource "deployments/scale" in API group "apps" at the cluster scope',
        ),
        ({"path": "/metrics"}, 'User "bob" cannot get path "/metrics"'),
    ],
)
def test_refusals_say_who_cannot_do_what_where(api, attributes, words):
    assert rbac.refusal(api.store, Request("bob", (), "get", **attributes)) == words


def test_refusals_name_the_roles_that_a_binding_grants_and_that_are_not_there(api):
    for kind in ("Role", "ClusterRole"):
        ref = {"apiGroup": RBAC, "kind": kind, "name": "gone"}
        subjects = [{"kind": "User", "apiGroup": RBAC, "name": "bob"}]
        binding = {"metadata": {"name": kind.lower()}, "roleRef": ref, "subjects": subjects}
        api.create(f"rolebindings.{RBAC}", "default", binding)
    request = Request("bob", (), "list", resource="pods", namespace="default")
    assert rbac.refusal(api.store, request) == (
        'User "bob" cannot list resource "pods" in API group "" in the namespace "default": RBAC: '
        f'[clusterrole.{RBAC} "gone" not found, role.{RBAC} "gone" not found]'
    )
