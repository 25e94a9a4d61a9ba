"""What chapter 19 says that the practice cluster leaves out: tried there, and said in these words."""

import pytest

from kubelab import Lab
from tests.book.sources import ROOT, text

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: tried}\nspec:\n  containers: [{name: c, image: IMAGE}]\n"
IMAGE_VOLUME = POD.replace("IMAGE", "'busybox:1.36'") + "  volumes: [{name: v, image: {reference: 'busybox:1.36'}}]\n"
CUSTOM = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: teas.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: teas, singular: tea, kind: Tea}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
HANDLER = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: runsc\n"
RULE = "{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}"
ALL_AGAIN = POD.replace("IMAGE", f"'busybox:1.36', restartPolicy: Never, restartPolicyRules: [{RULE}]")
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: none}\nspec: {podSelector: {}}\n"
TRIED = {
    "custom resources are not part of the practice cluster: run this on a kind cluster": ("apply -f -", CUSTOM),
    "network policies have no effect in the practice cluster": ("apply -f -", POLICY),
    "the practice cluster's nodes have no other handler than runc": ("apply -f -", HANDLER),
    "restarts of all containers of a Pod are not part of the practice cluster": ("apply -f -", ALL_AGAIN),
    "Metrics API not available": ("top pods", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab on a stepped practice cluster of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLUSTER", "practice")
        environment.setenv("KUBELAB_HOME", str(tmp_path_factory.mktemp("home")))
        with Lab("left-out") as made:
            yield made


@pytest.fixture
def chapter():
    """The chapter, its lines joined."""
    return " ".join(text(ROOT / "book/19-real-clusters.md").split())


@pytest.mark.kubectl
@pytest.mark.parametrize("words", TRIED)
def test_it_is_refused_or_warned_of_in_these_words(words, lab, chapter):
    line, manifest = TRIED[words]
    assert words in lab.kubectl(line.format(lab=lab), manifest)
    assert f"`{words}`" in chapter


@pytest.mark.kubectl
@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (POD.replace("IMAGE", "'redis:7'"), "ErrImagePull"),
        (IMAGE_VOLUME, "image volumes are not part of the practice cluster"),
    ],
)
def test_a_pod_that_cannot_run_says_why(manifest, words, lab, chapter):
    lab.delete("pod/tried", grace=0)
    lab.kubectl("apply -f -", manifest)
    lab.wait(10)
    assert words in str(lab.kubectl("describe pod tried"))
    assert f"`{words}`" in chapter


@pytest.mark.kubectl
def test_a_pod_has_its_token_and_finds_nobody_at_the_api_servers_address(lab):
    lab.delete("pod/tried", grace=0)
    lab.kubectl("run tried --image=busybox:1.36 -- sleep 3600")
    lab.wait_until("pod/tried", "Ready")
    asked = "ls /var/run/secrets/kubernetes.io/serviceaccount; nc -w 1 $KUBERNETES_SERVICE_HOST 443"
    said = lab.exec("tried", ["sh", "-c", asked])
    assert "token" in said
    assert "Connection refused" in said.stderr
