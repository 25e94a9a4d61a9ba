"""What every test may ask for: programs that a machine may lack, and where the repository is."""

import os
import shutil
import sys
from pathlib import Path

import pytest

import programs

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def pytest_configure(config):
    """Programs that the set-up placed beside this Python are found by everything the tests start."""
    if str(BIN) not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def kubectl():
    """The path of the real kubectl."""
    found = programs.find_kubectl(BIN)
    if not found:
        pytest.skip("kubectl 1.28 or newer is not on this machine; `make setup` gets it")
    return found


@pytest.fixture(scope="session")
def chromium():
    """The path of Chromium or Chrome."""
    found = programs.find_chromium()
    if not found:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    return found


@pytest.fixture(scope="session")
def busybox():
    """The path of a real busybox, to compare our shell and tools with."""
    found = shutil.which("busybox")
    if not found:
        pytest.skip("no busybox on this machine (Debian: apt install busybox-static)")
    return found


def pytest_addoption(parser):
    parser.addoption("--book", type=Path, help="also look at the pages built there (make book does)")
