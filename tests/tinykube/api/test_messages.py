"""Paths taken apart, and options read from queries."""

import pytest

from tinykube.api.messages import Request, target, write_options


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/api/v1/pods", ("pods", None, "", "", "")),
        ("/api/v1/namespaces", ("namespaces", None, "", "", "")),
        ("/api/v1/namespaces/n", ("namespaces", None, "n", "", "")),
        ("/api/v1/namespaces/n/status", ("namespaces", None, "n", "status", "")),
        ("/api/v1/namespaces/n/finalize", ("namespaces", None, "n", "finalize", "")),
        ("/api/v1/namespaces/n/pods", ("pods", "n", "", "", "")),
        ("/api/v1/namespaces/n/pods/p", ("pods", "n", "p", "", "")),
        ("/api/v1/namespaces/n/pods/p/log", ("pods", "n", "p", "log", "")),
        ("/apis/apps/v1/namespaces/n/deployments/d/scale", ("deployments.apps", "n", "d", "scale", "")),
        ("/api/v1/namespaces/n/pods/p:80/proxy", ("pods", "n", "p:80", "proxy", "")),
        ("/api/v1/namespaces/n/pods/p:80/proxy/", ("pods", "n", "p:80", "proxy", "/")),
        ("/api/v1/namespaces/n/services/s/proxy/a/b/", ("services", "n", "s", "proxy", "/a/b/")),
        ("/api/v1/nodes/x/status", ("nodes", None, "x", "status", "")),
    ],
)
def test_a_path_means_a_resource(path, found):
    goal = target(path)
    assert (goal.resource.key, goal.namespace, goal.name, goal.subresource, goal.rest) == found


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/widgets",
        "/api/v2/pods",
        "/apis/apps/v1/pods",
        "/apis/nope.example/v1/things",
        "/api/v1/namespaces/n/nodes/x",
        "/api/v1/pods/p",
        "/api/v1/namespaces/n/pods/p/nope",
        "/api/v1/namespaces/n/pods/p/log/more",
        "/healthz",
        "/",
    ],
)
def test_some_paths_mean_nothing(path):
    assert target(path) is None


def test_options_come_from_the_query():
    query = {"dryRun": ["All"], "fieldManager": ["me"], "fieldValidation": ["Strict"], "force": ["true"]}
    options = write_options(Request("PATCH", "/", query, user="ann", groups=("g",)), "PatchOptions")
    assert (options.dry_run, options.field_manager, options.field_validation, options.force) == (
        True,
        "me",
        "Strict",
        True,
    )
    assert (options.user, options.groups) == ("ann", ("g",))


def test_a_client_without_a_field_manager_is_its_program():
    headers = {"user-agent": "kubectl/v1.32.4 (linux/amd64)"}
    options = write_options(Request("POST", "/", headers=headers), "CreateOptions")
    assert (options.field_manager, options.field_validation) == ("kubectl", "Warn")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"dryRun": ["yes"]}, 'dryRun: Unsupported value: ["yes"]: supported values: "All"'),
        (
            {"fieldValidation": ["Maybe"]},
            'fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
        ),
        ({"fieldManager": ["x" * 129]}, "fieldManager: Too long: may not be more than 128 bytes"),
    ],
)
def test_options_that_are_none_are_invalid(refusal, query, words):
    status = refusal(write_options, Request("POST", "/", query), "CreateOptions")
    assert status["message"] == f'CreateOptions.meta.k8s.io "" is invalid: {words}'


def test_a_number_must_be_one(refusal):
    assert Request("GET", "/", {"limit": ["5"]}).number("limit") == 5
    assert Request("GET", "/").number("limit") is None
    assert refusal(Request("GET", "/", {"limit": ["five"]}).number, "limit")["code"] == 400
