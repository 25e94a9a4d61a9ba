"""A pytest plugin: every notebook that nbval runs gets a state directory, and so a practice cluster, of its own.

`make test` loads it with `-p tests.labs.isolation`. nbval starts a notebook's kernel in the environment of the
process, so the variables are set before the first cell and what a notebook left running is taken down after its last.
Where that can be, the kernels and their clusters start warm.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbval.kernel
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import kernels
from notebooks import take_down
from tests.labs import warm

_current: dict[str, Path] = {}
_warm: list[subprocess.Popen] = []
_ready: list[bool] = []


def pytest_configure(config):
    """While pytest looks for the notebooks, the kernels' process imports what they need."""
    nbval.kernel.KernelManager = kernels.KernelManager
    runs_notebooks = hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)
    if sys.platform == "linux" and runs_notebooks:
        start_warming()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before the first cell of a notebook: a fresh, empty state directory."""
    if item.path.suffix != ".ipynb" or _current.get("notebook") == item.path:
        return
    _end()
    if _warm:
        await_warmth()
    home = Path(tempfile.mkdtemp(prefix="kubelab-"))
    _current.update(notebook=item.path, home=home)
    os.environ.update(KUBELAB_HOME=str(home), TMPDIR=str(home))
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def pytest_sessionfinish():
    _end()
    cool_down()


def warm_up():
    """Start the process that forks kernels, have Jupyter start them there, and return when it can."""
    start_warming()
    await_warmth()


def start_warming():
    """Start the process that forks kernels, and have Jupyter start them there."""
    place = Path(tempfile.mkdtemp(prefix="kubelab-kernels-"))
    path = str(place / "socket")
    process = subprocess.Popen(
        [sys.executable, warm.__file__, "serve", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    _warm.append(process)
    argv = [*warm.command(path, "kernel"), "-f", "{connection_file}"]
    spec = place / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = f"{place}{os.pathsep}{os.environ.get('JUPYTER_PATH', '')}".rstrip(os.pathsep)


def await_warmth():
    """Return when the process can fork kernels."""
    if not _ready:
        if _warm[-1].stdout.readline() != b"ready\n":
            raise RuntimeError("The process that is to fork the kernels has ended; standard error says why.")
        _ready.append(True)


def cool_down():
    """End that process."""
    _ready.clear()
    while _warm:
        with _warm.pop() as process:
            process.stdin.close()
        shutil.rmtree(Path(process.args[-1]).parent, ignore_errors=True)


def _end():
    home = _current.get("home")
    if home is not None:
        take_down({**os.environ, "KUBELAB_HOME": str(home)})
        shutil.rmtree(home, ignore_errors=True)
        _current.clear()
