"""Pod Security admission: labels, refusals and warnings in upstream's words, and each check of the two standards."""

import pytest
from tests.tinykube.api.examples import deployment, pod

from tinykube.api.pod_security import policy
from tinykube.api.pod_security.standards import LATEST, complaints
from tinykube.client import MERGE_PATCH, Options

ENFORCE, WARN = "pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn"
GOOD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
LACKS = (
    'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), '
    'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
    '"Localhost")'
)
IN_SHORT = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"


def container(name="main", **fields):
    return {"name": name, "image": "busybox:1.36", **fields}


def good(name="p"):
    return pod(name, containers=[container(securityContext=GOOD)])


@pytest.fixture
def label(api):
    """Label the namespace `default`; the warnings."""

    def label(**labels):
        options = Options()
        prefixed = {f"pod-security.kubernetes.io/{k.replace('_', '-')}": v for k, v in labels.items()}
        api.patch("namespaces", None, "default", {"metadata": {"labels": prefixed}}, MERGE_PATCH, options=options)
        return options.warnings

    return label


# -- Pods ----------------------------------------------------------------------------------------------------


def test_a_pod_is_refused_for_all_that_it_lacks(api, label, refusal):
    label(enforce="restricted")
    status = refusal(api.create, "pods", "default", pod())
    assert (status["code"], status["reason"]) == (403, "Forbidden")
    assert status["message"] == f'pods "p" is forbidden: violates PodSecurity "restricted:latest": {LACKS}'
    assert api.create("pods", "default", good())["metadata"]["name"] == "p"


def test_a_standard_that_only_warns_lets_the_pod_pass(api, label):
    label(warn="restricted", warn_version="v1.36")
    options = Options()
    api.create("pods", "default", pod(), options=options)
    assert options.warnings == [f'would violate PodSecurity "restricted:v1.36": {LACKS}']


def test_what_is_refused_is_not_warned_of_as_well(api, label, refusal):
    label(enforce="baseline", warn="restricted")
    options = Options()
    refusal(api.create, "pods", "default", pod(hostPID=True), options=options)
    assert options.warnings == []
    api.create("pods", "default", pod(), options=options)
    assert options.warnings == [f'would violate PodSecurity "restricted:latest": {LACKS}']


def test_a_deployment_is_taken_with_a_warning_where_its_pods_would_not_be(api, label):
    label(enforce="baseline")
    options = Options()
    made = deployment()
    made["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    api.create("deployments.apps", "default", made, options=options)
    assert options.warnings == [
        'would violate PodSecurity "baseline:latest": privileged (container "web" must not set '
        "securityContext.privileged=true)"
    ]
    options = Options()
    api.patch("deployments.apps", "default", "web", {"metadata": {"labels": {"a": "b"}}}, MERGE_PATCH, options=options)
    assert len(options.warnings) == 1
    options = Options()
    scaled = {"spec": {"replicas": 5}}
    api.patch("deployments.apps", "default", "web", scaled, MERGE_PATCH, subresource="scale", options=options)
    assert options.warnings == []


def test_a_pod_that_is_there_may_be_changed_where_it_does_not_matter(api, label, refusal):
    api.create("pods", "default", pod())
    label(enforce="restricted")
    api.patch("pods", "default", "p", {"metadata": {"labels": {"a": "b"}}}, MERGE_PATCH)
    image = {"spec": {"containers": [container(image="nginx:1.27")]}}
    status = refusal(api.patch, "pods", "default", "p", image, "application/strategic-merge-patch+json")
    assert status["message"].startswith('pods "p" is forbidden: violates PodSecurity "restricted:latest": ')


def test_a_container_for_debugging_is_looked_at_too(api, label, refusal):
    label(enforce="restricted")
    api.create("pods", "default", good())
    body = {"spec": {"ephemeralContainers": [container("debugger", securityContext={**GOOD, "runAsNonRoot": False})]}}
    status = refusal(
        api.patch, "pods", "default", "p", body, "application/strategic-merge-patch+json",
        subresource="ephemeralcontainers",
    )  # fmt: skip
    assert status["message"].endswith(
        'runAsNonRoot != true (container "debugger" must not set securityContext.runAsNonRoot=false)'
    )


# -- namespaces ----------------------------------------------------------------------------------------------


def test_labels_that_are_none_are_refused(api, label, refusal):
    status = refusal(label, enforce="strict", warn_version="1.30")
    path = "metadata.labels[pod-security.kubernetes.io"
    assert status["code"] == 422
    assert status["message"] == (
        f'Namespace "default" is invalid: [{path}/enforce]: Invalid value: "strict": must be one of privileged, '
        f'baseline, restricted, {path}/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]'
    )
    made = {"metadata": {"name": "n", "labels": {ENFORCE: "strict"}}}
    assert refusal(api.create, "namespaces", None, made)["code"] == 422


def test_who_labels_a_namespace_is_told_of_the_pods_in_it(api, label):
    for name in ("b", "a"):
        api.create("pods", "default", pod(name))
    api.create("pods", "default", good("c"))
    api.create("pods", "default", pod("d", hostNetwork=True))
    title = 'existing pods in namespace "default" violate the new PodSecurity enforce level'
    assert label(enforce="restricted") == [
        f'{title} "restricted:latest"',
        f"a (and 1 other pod): {IN_SHORT}",
        f"d: host namespaces, {IN_SHORT}",
    ]
    assert label(warn="restricted") == []
    assert label(enforce="baseline") == []
    assert label(enforce_version="v1.30") == [f'{title} "baseline:v1.30"', "d: host namespaces"]
    assert label(enforce="privileged") == []


def test_of_one_owners_pods_one_comes_first(api, label):
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u", "controller": True}
    for name in ("a", "b", "c"):
        made = pod(name)
        if name != "c":
            made["metadata"]["ownerReferences"] = [owner]
        api.create("pods", "default", made)
    assert label(enforce="restricted")[1] == f"a (and 2 other pods): {IN_SHORT}"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "privileged:latest"),
        ({ENFORCE: "baseline"}, "baseline:latest"),
        ({ENFORCE: "baseline", f"{ENFORCE}-version": "v1.20"}, "baseline:v1.20"),
        ({ENFORCE: "baseline", f"{WARN}-version": "v1.20"}, "baseline:v1.20"),
        ({ENFORCE: "restricted", WARN: "privileged"}, "privileged:latest"),
        ({WARN: "nonsense"}, "privileged:latest"),
    ],
)
def test_without_a_label_of_its_own_a_warning_is_given_of_what_is_enforced(labels, expected):
    assert str(policy(labels)["warn"]) == expected


# -- the standards -------------------------------------------------------------------------------------------


def found(level, spec, version=LATEST, **annotations):
    whole = {"metadata": {"annotations": annotations}, "spec": {"containers": [container()], **spec}}
    return [str(complaint) for complaint in complaints(level, version, whole)]


def inside(**context):
    return {"containers": [container(securityContext=context)]}


def with_pod(**context):
    return {"securityContext": context}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ""),
        (
            {"hostNetwork": True, "hostIPC": True},
            "host namespaces (hostNetwork=true, hostIPC=true)",
        ),
        (
            {"volumes": [{"name": "a", "hostPath": {"path": "/"}}, {"name": "b", "hostPath": {"path": "/"}}]},
            'hostPath volumes (volumes "a", "b")',
        ),
        (
            {"containers": [container(ports=[{"containerPort": 1, "hostPort": 80}])]},
            'hostPort (container "main" uses hostPort 80)',
        ),
        (
            {
                "containers": [container(ports=[{"containerPort": 1, "hostPort": 80}])],
                "initContainers": [container("first", ports=[{"containerPort": 1, "hostPort": 443}])],
            },
            'hostPort (containers "first", "main" use hostPorts 443, 80)',
        ),
        (
            {"containers": [container(livenessProbe={"httpGet": {"host": "1.2.3.4", "port": 1}})]},
            'probe or lifecycle host (container "main" uses probe or lifecycle host "1.2.3.4")',
        ),
        (
            {"containers": [container(lifecycle={"preStop": {"tcpSocket": {"host": "a"}}})]},
            'probe or lifecycle host (container "main" uses probe or lifecycle host "a")',
        ),
        (inside(privileged=True), 'privileged (container "main" must not set securityContext.privileged=true)'),
        (
            inside(capabilities={"add": ["SYS_ADMIN", "CHOWN", "NET_RAW"]}),
            'non-default capabilities (container "main" must not include "NET_RAW", "SYS_ADMIN" in '
            "securityContext.capabilities.add)",
        ),
        (
            inside(procMount="Unmasked"),
            'procMount (container "main" must not set securityContext.procMount to "Unmasked")',
        ),
        ({"hostUsers": False, **inside(procMount="Unmasked")}, ""),
        (
            {**with_pod(seLinuxOptions={"type": "x", "user": "u"}), **inside(seLinuxOptions={"role": "r"})},
            'seLinuxOptions (pod and container "main" set forbidden securityContext.seLinuxOptions: type "x"; user may '
            "not be set; role may not be set)",
        ),
        (with_pod(seLinuxOptions={"type": "container_engine_t"}), ""),
        (
            with_pod(seccompProfile={"type": "Unconfined"}),
            'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            with_pod(appArmorProfile={"type": "Unconfined"}),
            'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
        ),
        (
            with_pod(sysctls=[{"name": "net.ipv4.tcp_rmem"}, {"name": "kernel.msgmax"}, {"name": "a.b"}]),
            "forbidden sysctls (kernel.msgmax, a.b)",
        ),
        (
            inside(windowsOptions={"hostProcess": True}),
            'hostProcess (container "main" must not set securityContext.windowsOptions.hostProcess=true)',
        ),
    ],
)
def test_baseline(spec, expected):
    assert ", ".join(found("baseline", spec)) == expected


def test_profiles_in_annotations_count():
    key = "container.apparmor.security.beta.kubernetes.io/main"
    assert found("baseline", {}, **{key: "unconfined"}) == [f'forbidden AppArmor profile ({key}="unconfined")']
    assert found("baseline", {}, **{key: "localhost/x"}) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (inside(**GOOD), ""),
        (
            inside(**{**GOOD, "capabilities": {"drop": ["NET_RAW"], "add": ["CHOWN", "NET_BIND_SERVICE"]}}),
            'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]; container '
            '"main" must not include "CHOWN" in securityContext.capabilities.add)',
        ),
        (
            {
                **inside(**GOOD),
                "volumes": [
                    {"name": "c", "configMap": {"name": "c"}},
                    {"name": "h", "hostPath": {"path": "/"}},
                    {"name": "n", "nfs": {"server": "s", "path": "/"}},
                ],
            },
            'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")',
        ),
        (
            {**with_pod(runAsNonRoot=False, runAsUser=0), **inside(**{**GOOD, "runAsNonRoot": False})},
            'runAsNonRoot != true (pod and container "main" must not set securityContext.runAsNonRoot=false), '
            "runAsUser=0 (pod must not set runAsUser=0)",
        ),
        (
            {**with_pod(seccompProfile={"type": "RuntimeDefault"}), **inside(**{**GOOD, "seccompProfile": None})},
            "",
        ),
        (
            inside(**{**GOOD, "seccompProfile": {"type": "Unconfined"}}),
            'seccompProfile (container "main" must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        ({"hostUsers": False, **inside(**{**GOOD, "runAsNonRoot": None, "runAsUser": 0})}, ""),
        (
            {"os": {"name": "windows"}},
            'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
        ),
    ],
)
def test_restricted(spec, expected):
    assert ", ".join(found("restricted", spec)) == expected


@pytest.mark.parametrize(
    ("version", "spec", "expected"),
    [
        (7, inside(runAsNonRoot=True), ""),
        (21, inside(runAsNonRoot=True, allowPrivilegeEscalation=False, seccompProfile={"type": "Localhost"}), ""),
        (22, inside(**{**GOOD, "runAsUser": 0}), ""),
        (23, inside(**{**GOOD, "runAsUser": 0}), 'runAsUser=0 (container "main" must not set runAsUser=0)'),
        (33, {"containers": [container(securityContext=GOOD, startupProbe={"httpGet": {"host": "h"}})]}, ""),
    ],
)
def test_a_standard_of_long_ago_asks_for_less(version, spec, expected):
    assert ", ".join(found("restricted", spec, version)) == expected
