"""What every test of the toolkit gets: a state directory of its own, and clusters that are fakes."""

import sys
from pathlib import Path

import pytest

from kubelab import connecting
from kubelab.clusters.practice import Practice
from kubelab.lab import Lab

FAKE_PRACTICE = (sys.executable, str(Path(__file__).parent / "fake_practice.py"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No test sees or touches the user's own state, kubeconfig or cluster choice."""
    directory = tmp_path / "home"
    monkeypatch.setenv("KUBELAB_HOME", str(directory))
    for variable in ("CLUSTER", "KUBELAB_CLUSTER", "KUBECONFIG", "KUBELAB_ALLOW_CONTEXT"):
        monkeypatch.delenv(variable, raising=False)
    return directory


@pytest.fixture
def practice():
    """A practice cluster whose process is a fake; removed at the end whatever the test did."""
    cluster = Practice("fake", command=FAKE_PRACTICE)
    yield cluster
    cluster.down()


@pytest.fixture
def lab():
    """A lab on a real practice cluster, which the tests of this process share; its namespace is new."""
    with Lab("example") as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def no_cluster_left():
    """The shared practice cluster ends with the tests."""
    yield
    connecting.release()
