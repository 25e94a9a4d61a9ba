"""Reviews and tokens: questions answered in the status of what is created."""

import base64
import json

import pytest
from tests.tinykube.api.examples import pod

from tinykube.client import Options

AUTHZ, AUTHN = "authorization.k8s.io", "authentication.k8s.io"


def ask(api, resource, spec=None, namespace=None, **user):
    return api.create(resource, namespace, {"spec": spec or {}}, options=Options(**user))["status"]


@pytest.mark.parametrize(("groups", "allowed"), [(("system:masters",), True), ((), False)])
def test_who_asks_is_told_what_it_may_do(api, groups, allowed):
    spec = {"resourceAttributes": {"verb": "create", "resource": "pods", "namespace": "default"}}
    status = ask(api, f"selfsubjectaccessreviews.{AUTHZ}", spec, user="ann", groups=groups)
    assert status == {"allowed": allowed}


def test_somebody_elses_access_can_be_asked_for(api):
    spec = {"user": "bob", "nonResourceAttributes": {"verb": "get", "path": "/version"}}
    assert ask(api, f"subjectaccessreviews.{AUTHZ}", spec) == {"allowed": True}


@pytest.mark.parametrize(
    "spec", [{}, {"resourceAttributes": {"verb": "get"}, "nonResourceAttributes": {"verb": "get"}}]
)
def test_a_question_must_be_one_question(api, refusal, spec):
    status = refusal(ask, api, f"selfsubjectaccessreviews.{AUTHZ}", spec)
    assert status["code"] == 422


def test_the_rules_of_who_asks_can_be_listed(api):
    status = ask(api, f"selfsubjectrulesreviews.{AUTHZ}", {"namespace": "default"})
    assert status["resourceRules"] == [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
    assert status["nonResourceRules"] == [{"verbs": ["*"], "nonResourceURLs": ["*"]}]


def test_who_asks_is_told_who_it_is(api):
    status = ask(api, f"selfsubjectreviews.{AUTHN}", user="ann", groups=("dev",))
    assert status == {"userInfo": {"username": "ann", "groups": ["dev", "system:authenticated"]}}


@pytest.fixture
def token(api):
    request = {"spec": {"expirationSeconds": 600}}
    made = api.create("serviceaccounts", "default", request, subresource="token", name="default")
    assert made["status"]["expirationTimestamp"] == "2026-01-01T00:10:00Z"
    return made["status"]["token"]


def test_a_token_stands_for_its_account(api, token):
    assert api.tokens.user(token) == (
        "system:serviceaccount:default:default",
        ("system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"),
    )
    status = ask(api, f"tokenreviews.{AUTHN}", {"token": token})
    assert status["user"]["username"] == "system:serviceaccount:default:default"


async def test_a_token_ends_with_its_time(api, clock, token):
    await clock.advance(601)
    assert api.tokens.user(token) is None


def test_a_token_ends_with_its_account(api, token):
    api.delete("serviceaccounts", "default", "default")
    api.create("serviceaccounts", "default", {"metadata": {"name": "default"}})
    assert api.tokens.user(token) is None


def requested(api, **spec):
    return api.create("serviceaccounts", "default", {"spec": spec}, subresource="token", name="default")


def test_a_token_that_is_bound_to_a_pod_dies_with_it(api):
    made = api.create("pods", "default", pod())
    token = requested(api, boundObjectRef={"apiVersion": "v1", "kind": "Pod", "name": "p"})["status"]["token"]
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["kubernetes.io"]["pod"] == {"name": "p", "uid": made["metadata"]["uid"]}
    assert api.tokens.user(token) is not None
    api.delete("pods", "default", "p")
    assert api.tokens.user(token) is None


INVALID = 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value:'


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        ({"expirationSeconds": 5}, 422, f"{INVALID} 5: may not specify a duration less than 10 minutes"),
        (
            {"expirationSeconds": 2**32 + 1},
            422,
            f"{INVALID} 4294967297: may not specify a duration larger than 2^32 seconds",
        ),
        ({"boundObjectRef": {"kind": "Node", "apiVersion": "v1", "name": "n"}}, 404, 'nodes "n" not found'),
        (
            {"boundObjectRef": {"kind": "ConfigMap", "apiVersion": "v1", "name": "n"}},
            400,
            "cannot bind token to object of type /v1, Kind=ConfigMap",
        ),
        (
            {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "other"}},
            400,
            'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
        ),
        (
            {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "x"}},
            409,
            'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (x) does not match the '
            "UID in record. The object might have been deleted and then recreated",
        ),
    ],
)
def test_tokens_that_are_not_made(api, refusal, spec, code, message):
    api.create("serviceaccounts", "default", {"metadata": {"name": "robot"}})
    api.create("pods", "default", pod())
    api.create("pods", "default", pod("other", serviceAccountName="robot"))
    status = refusal(requested, api, **spec)
    assert (status["code"], status["message"]) == (code, message)


@pytest.mark.parametrize("wrong", ["", "x", "a.b.c", "ä.ö.ü"])
def test_what_is_no_token_is_nobody(api, wrong):
    assert api.tokens.user(wrong) is None
    assert ask(api, f"tokenreviews.{AUTHN}", {"token": wrong})["authenticated"] is False


def test_a_forged_token_is_nobody(api, token):
    header, payload, signature = token.split(".")
    assert api.tokens.user(f"{header}.{payload}x.{signature}") is None
