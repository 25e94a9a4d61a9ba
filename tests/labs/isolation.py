"""A pytest plugin: every notebook that nbval runs gets a state directory, and so a practice cluster, of its own.

`make test` loads it with `-p tests.labs.isolation`. nbval starts a notebook's kernel in the environment of the
process, so the variables are set before the first cell and what a notebook left running is taken down after its last.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from notebooks import take_down

_current: dict[str, Path] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before the first cell of a notebook: a fresh, empty state directory."""
    if item.path.suffix != ".ipynb" or _current.get("notebook") == item.path:
        return
    _end()
    home = Path(tempfile.mkdtemp(prefix="kubelab-"))
    _current.update(notebook=item.path, home=home)
    os.environ.update(KUBELAB_HOME=str(home), TMPDIR=str(home))
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def pytest_sessionfinish():
    _end()


def _end():
    home = _current.get("home")
    if home is not None:
        take_down({**os.environ, "KUBELAB_HOME": str(home)})
        shutil.rmtree(home, ignore_errors=True)
        _current.clear()
