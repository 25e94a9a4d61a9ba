"""The labs run on any cluster: they never ask which one it is, and what they run is on the list that it is given."""

import re

import nbformat
import pytest

from kubelab import images
from tests.conftest import ROOT

MISSING_ON_PURPOSE = {
    "nginx:1.72", "nginx:27.1", "nginx:no-such-version", "ngimx:1.27", "busybocks:1.36", "backend-app:1.10.0",
}  # fmt: skip
SOURCES = [path for path in sorted(ROOT.glob("labs/[0-9]*/**/*.*")) if path.suffix in (".yaml", ".py", ".ipynb")]
IMAGE = re.compile(r"\b(?:nginx|ngimx|busybox|busybocks|backend-app):[\w-]+(?:\.[\w-]+)*")
OURS = re.compile(r"""image["']?: *f?["']?backend-app:.{,140}""", re.DOTALL)
KEPT = re.compile(r"imagePullPolicy\W+IfNotPresent")
ASKS = re.compile(r"tinykube|kubelab\.clusters|kubelab\.connecting|\bCLUSTER\b|\bpractice-|\.stepped|\.jumps|KUBELAB_")


INSIDE = "18-inside"
"""Reads the practice cluster's code and runs it in the notebook, so it has to name tinykube. It uses no cluster at all,
and prints the same whichever was chosen."""


def text(path):
    """What a file says; of a notebook, its cells without their outputs."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_image_is_on_the_list_or_missing_on_purpose(path):
    known = {image.name for image in images.load(ROOT / "labs/images/images.yaml")}

    assert set(IMAGE.findall(text(path))) - known - MISSING_ON_PURPOSE == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_own_image_is_never_looked_for_in_a_registry(path):
    assert [found for found in OURS.findall(text(path)) if not KEPT.search(found)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_lab_asks_which_cluster_it_is_on(path):
    own = {"tinykube"} if INSIDE in path.parts else set()

    assert set(ASKS.findall(text(path))) - own == set()


def test_the_lab_that_names_the_practice_clusters_code_uses_no_cluster():
    assert "Lab(" not in text(ROOT / "labs" / INSIDE / "lab.ipynb")
