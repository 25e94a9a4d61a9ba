"""The magics, in a real kernel: output as in a terminal, failures that leave the notebook usable, time that moves."""

import nbformat
import pytest
from nbclient import NotebookClient

from kernels import AsyncKernelManager

pytestmark = [pytest.mark.kubectl, pytest.mark.timeout(240)]

POD = """%%apply
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 3
  containers:
    - {name: c, image: "busybox:1.36", command: [sh, -c, "for i in 1 2 3; do echo $i; sleep 2; done; sleep 1000"]}
"""


class Notebook:
    """A notebook that is running: `run` gives the text that a cell shows."""

    def __init__(self, client):
        self.client = client

    def run(self, source):
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        return "".join(_text(output) for output in cell.outputs)


def _text(output):
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return output.data.get("text/plain", "")


@pytest.fixture(scope="module")
def notebook(kubectl):
    client = NotebookClient(
        nbformat.v4.new_notebook(), timeout=200, startup_timeout=200, allow_errors=True, kernel_name="python3",
        kernel_manager_class=AsyncKernelManager,
    )  # fmt: skip
    with client.setup_kernel():
        made = Notebook(client)
        assert made.run("from kubelab import Lab; lab = Lab('magics')") == ""
        yield made
        made.run("lab.close()")


@pytest.fixture
def pod(notebook):
    """A notebook with a running Pod named web; gone afterwards."""
    notebook.run(POD)
    notebook.run("%kubectl wait --for=condition=Ready pod/web --timeout=60s")
    yield notebook
    notebook.run("lab.delete('pod/web', grace=0)")


def test_apply_and_get_print_as_in_a_terminal(notebook):
    assert notebook.run(POD) == "pod/web created\n"
    assert notebook.run("%kubectl get pods").splitlines()[0] == "NAME   READY   STATUS    RESTARTS   AGE"
    notebook.run("lab.delete('pod/web', grace=0)")


FAILURES = [
    ("%kubectl get pod none", 'Error from server (NotFound): pods "none" not found\n'),
    ("%kubectl get pots", 'error: the server doesn\'t have a resource type "pots"\n'),
    (
        "%kubectl frobnicate",
        tuple(f'{error}: unknown command "frobnicate" for "kubectl"\n' for error in ("Error", "error")),
    ),
    ("%kubectl get pods | head", "%kubectl runs kubectl alone, without a shell, so '|' means nothing here. Quote it"),
    ("%kubectl get 'pods", "This command line cannot be read: No closing quotation. Look at its quotes."),
    ("%fast_forward soon", "'soon' is not a duration. Write it as kubectl does: 30s, 5m, 1h30m."),
    (
        "%%apply\nkind: Pod\n  x: 1\n",
        "error: error parsing STDIN: error converting YAML to JSON: yaml: line 2: mapping",
    ),
    ("%%apply\n# nothing yet\n", "There is no manifest in this cell yet.\n"),
    ("%%apply\nkind: ____\n", "Fill in the blanks (____) first.\n"),
    ("lab.get('pod/none')", 'Error from server (NotFound): pods "none" not found'),
    (
        "lab.wait_until('pod/none', 'Ready', timeout=2)",
        "pod/none was not Ready after 2s. Last seen: it does not exist.",
    ),
]


@pytest.mark.parametrize(("cell", "said"), FAILURES)
def test_failures_are_words_and_leave_the_notebook_usable(notebook, cell, said):
    found = notebook.run(cell)
    assert found.startswith(said)
    assert "Traceback" not in found
    assert notebook.run("print(1)") == "1\n"


def test_variables_and_quotes(pod):
    pod.run("name = 'web'")
    assert pod.run("%kubectl get pod {name} -o jsonpath={.status.phase}") == "Running"
    assert pod.run("%kubectl exec {name} -- sh -c 'echo \"$((1+1))\" > /tmp/x; cat /tmp/x | cat'") == "2\n"
    assert pod.run("%kubectl get pod web -o go-template='{{.metadata.name}}'") == "web"


def test_a_cell_is_standard_input(notebook):
    assert (
        notebook.run("%%kubectl create -f - -o name\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n")
        == "configmap/c\n"
    )
    notebook.run("lab.delete('configmap/c')")


def seconds(notebook, cell):
    """What a cell shows, and the cluster seconds that it takes."""
    before = float(notebook.run("print(lab.now)"))
    said = notebook.run(cell)
    return said, float(notebook.run("print(lab.now)")) - before


def test_waiting_commands_end_at_the_same_instant_on_each_run(notebook):
    taken = []
    for _ in range(3):
        notebook.run(POD)
        taken.append(seconds(notebook, "%kubectl wait --for=condition=Ready pod/web --timeout=60s"))
        taken.append(seconds(notebook, "%kubectl delete pod web"))
    words = {said.replace(" from lab-magics namespace", "") for said, _ in taken}  # as newer kubectls say
    assert words == {"pod/web condition met\n", 'pod "web" deleted\n'}
    assert {took for _, took in taken[::2]} <= {1.0, 2.0}
    assert {took for _, took in taken[1::2]} <= {4.0, 5.0}


def test_waiting_for_several_objects_ends_when_the_last_one_is_ready(notebook):
    for name in "abcd":
        notebook.run(POD.replace("name: web", f"name: several-{name}, labels: {{app: several}}"))
    notebook.run("before = lab.now")
    said = notebook.run("%kubectl wait --for=condition=Ready pods -l app=several --timeout=60s")
    assert said == "".join(f"pod/several-{name} condition met\n" for name in "abcd")
    assert float(notebook.run("print(lab.now - before)")) <= 2
    notebook.run("%kubectl delete pods -l app=several --now")


def test_kubectls_own_timeout_is_kept_in_cluster_time(pod):
    said, took = seconds(pod, "%kubectl wait --for=delete pod/web --timeout=2m")
    assert said == "error: timed out waiting for the condition on pods/web\n"
    assert took == 120


def test_a_followed_log_lets_its_time_pass(pod):
    said, took = seconds(pod, "%kubectl --for 8s logs web -f")
    assert said == "1\n2\n3\n"
    assert took == 8


def test_an_endless_command_is_ended_and_says_so(pod):
    said, took = seconds(pod, "%kubectl get pods -w --no-headers")
    assert said.splitlines()[0].split()[:3] == ["web", "1/1", "Running"]
    assert said.splitlines()[-1] == "(ended after 30s; `%kubectl --for 2m …` goes on longer)"
    assert took == 30


def test_exec_lets_its_time_pass(pod):
    assert seconds(pod, "%kubectl exec web -- sleep 20") == ("", 20)


def test_fast_forward_says_how_far(notebook):
    assert seconds(notebook, "%fast_forward 1h30m") == ("1h30m later\n", 5400)


def test_a_missing_kubectl_is_a_sentence(notebook):
    notebook.run("from kubelab import paths; found, paths.program = paths.program, lambda name: None")
    assert notebook.run("%kubectl get pods").startswith("kubectl is not installed, or not on PATH. `make setup`")
    notebook.run("paths.program = found")


def test_an_interruption_leaves_cluster_and_notebook_usable(pod):
    pod.run("lab._clock._clock.stepped = False")  # as on a cluster whose time flows: kubectl waits for real
    pod.run("import _thread, threading; soon = threading.Timer(0.7, _thread.interrupt_main)")
    said = pod.run("soon.start()\n%kubectl wait --for=delete pod/web --timeout=60s")
    pod.run("lab._clock._clock.stepped = True")
    assert said.endswith("(interrupted)\n")
    assert pod.run("%kubectl get pod web -o name") == "pod/web\n"
