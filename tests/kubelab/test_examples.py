"""The examples in the docstrings, run; and every public name has one."""

import doctest
import inspect

import pytest

import kubelab
from kubelab import checks, quiz, viz, widgets
from kubelab.lab import Lab
from tests.kubelab.viz.batch import nightly, retries
from tests.kubelab.viz.recorded import answers, load

WITHOUT = {"close", "now", "terminal", "stop_recording", "followers"}
"""Shown by the examples of their neighbors."""
READY = """
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: "nginx:1.27"}]}}
"""


def examples(*objects, **names):
    finder, parser = doctest.DocTestFinder(recurse=False), doctest.DocTestParser()
    found = []
    for one in objects:
        if isinstance(one, property):
            found.append(parser.get_doctest(inspect.getdoc(one), dict(names), "property", None, 0))
        else:
            found += finder.find(one, globs=names)
    return [test for test in found if test.examples]


def run(test):
    wrong = []
    doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test, out=wrong.append, clear_globs=False)
    return "".join(wrong)


def methods(kind):
    return [kind, *(one for name, one in vars(kind).items() if not name.startswith("_"))]


@pytest.mark.kubectl
def test_a_labs_examples_run(lab, kubectl):
    lab.apply(READY)
    lab.wait_until("pod/web", "Ready")
    names = {"lab": lab, "widgets": widgets}
    shown = [*methods(Lab), widgets.cluster, widgets.editor]
    assert "".join(run(test) for test in examples(*shown, **names)) == ""


@pytest.mark.parametrize("name", [name for name, one in vars(Lab).items() if not name.startswith("_")])
def test_every_method_of_a_lab_has_an_example(name):
    if name in WITHOUT:
        return
    document = inspect.getdoc(getattr(Lab, name)) or ""
    assert ">>> " in document


@pytest.mark.parametrize("test", examples(quiz.Quiz, quiz.Questions, **vars(quiz)), ids=lambda test: test.name)
def test_a_quizs_examples_run(test):
    assert run(test) == ""


@pytest.mark.parametrize("name", [name for name in viz.__all__ if name.islower()])
def test_every_figures_example_runs(name):
    update = load("rollout-surge-1-unavailable-0", answers(12, 0.2))
    names = {
        "viz": viz,
        "update": update,
        "crashes": load("pod-crashloops"),
        "healing": load("replicaset-heals-and-scales"),
        "retries": retries(),
        "nightly": nightly(),
    }
    (test,) = examples(getattr(viz, name), **names)
    assert run(test) == ""


@pytest.mark.parametrize("module", [kubelab, checks, viz, widgets])
def test_every_public_name_is_there_and_says_what_it_is(module):
    for name in module.__all__:
        assert inspect.getdoc(getattr(module, name)), name
