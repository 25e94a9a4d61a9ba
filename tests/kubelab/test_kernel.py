"""What a notebook meets on a bad day, in a real kernel: each thing is a sentence, and the notebook stays usable."""

import queue

import psutil
import pytest

from kernels import KernelManager

pytestmark = [pytest.mark.kubectl, pytest.mark.timeout(240)]


class Notebook:
    """A kernel, cell by cell."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def send(self, cell):
        """Start a cell."""
        return self.client.execute(cell)

    def outcome(self, asked):
        """Everything that the cell shows, errors as Jupyter shows them."""
        shown = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=120)
            except queue.Empty:
                raise AssertionError(f"the cell does not end; so far: {''.join(shown)}") from None
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return "".join(shown)
            shown.append(content.get("text") or "\n".join(content.get("traceback", [])))
            shown.append(content.get("data", {}).get("text/plain", ""))

    def run(self, cell):
        """Run a cell to its end."""
        return self.outcome(self.send(cell))


@pytest.fixture
def notebook(home, kubectl, monkeypatch):
    """A kernel with a lab, on a practice cluster of its own."""
    monkeypatch.setenv("KUBELAB_HOME", str(home))
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    made = Notebook(manager, client)
    try:
        assert made.run("from kubelab import Lab, widgets\nlab = Lab('bad-day')") == ""
        yield made
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def test_an_interrupted_wait_is_a_sentence(notebook):
    asked = notebook.send("lab.wait_until('pods', lambda pods: print('looking', flush=True), timeout='8000h')")
    while not notebook.client.get_iopub_msg(timeout=60)["content"].get("text", "").startswith("looking"):
        pass
    notebook.manager.interrupt_kernel()
    said = notebook.outcome(asked).replace("looking\n", "").strip()
    assert said == "Interrupted. The cluster goes on as it was; run the cell again, or the next one."
    assert notebook.run("%kubectl create configmap after") == "configmap/after created\n"
    assert notebook.run("lab.find('pod/none') is None") == "True"


def test_a_namespace_that_was_deleted_is_a_sentence_and_a_new_lab_is_the_cure(notebook):
    notebook.run("view = widgets.cluster(lab)")
    notebook.run("%kubectl delete namespace lab-bad-day")
    said = notebook.run("lab.apply('apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: c}\\n')")
    assert said == (
        'Error from server (NotFound): namespaces "lab-bad-day" not found '
        "The lab's namespace is gone: run the notebook from the top."
    )
    assert "not found" in notebook.run("%kubectl create configmap c")
    assert notebook.run("lab = Lab('bad-day')\nprint(lab.kubectl('create configmap c'))") == "configmap/c created\n\n"


def test_a_cluster_that_is_gone_is_a_sentence_and_a_new_lab_is_the_cure(notebook):
    notebook.run("view = widgets.cluster(lab)")
    kernel = psutil.Process(notebook.manager.provisioner.pid)
    clusters = [one for one in kernel.children(recursive=True) if "tinykube" in " ".join(one.cmdline())]
    assert len(clusters) == 1
    clusters[0].kill()
    assert "does not answer" in notebook.run("lab.list('pods')")
    said = notebook.run("%kubectl get pods")
    assert "Traceback" not in said
    assert said != ""
    assert "Traceback" not in notebook.run("view.controls.delete.click()\nview.controls.forward.click()")
    assert "no longer answers" in notebook.run("print(view.said)")
    assert notebook.run("lab = Lab('bad-day')\nprint(lab.kubectl('create configmap c'))") == "configmap/c created\n\n"
