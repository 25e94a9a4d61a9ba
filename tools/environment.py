"""The course's `.venv`: made once, found complete ever after.

Law: standard library only. Nothing outside `.venv` is changed, except that as root on Debian the tests' Chromium and
busybox are installed. A stamp in `.venv` holds a hash of what was asked for, so that a second run takes a moment and
an interrupted one is taken up again.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import debian
import programs
from console import SetupError, run, say, speak_every_language

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOG = ROOT / ".setup.log"
ASKED_FOR = ("requirements.txt", "tools/constraints.txt", "pyproject.toml")
FOR_TESTS = ("requirements-dev.txt",)


def main(arguments: list[str]) -> int:
    """Set up; 0 when all is there, 1 when something needed cannot be had (a sentence has said what)."""
    speak_every_language()
    parser = argparse.ArgumentParser(prog="tools/setup.py", description="Set the course up in .venv.")
    parser.add_argument("--tests", action="store_true", help="also what the tests and the book need")
    options = parser.parse_args(arguments)
    try:
        return 0 if set_up(tests=options.tests) else 1
    except SetupError as error:
        say(f"\nThe set-up stopped. {error}")
    except OSError as error:
        say(f"\nThe set-up stopped: {error}. See that the disk has room, and that {ROOT} is yours to write.")
    except KeyboardInterrupt:
        say("\nStopped. Run it again to go on from here.")
    return 1


def set_up(tests: bool) -> bool:
    """Bring `.venv` to what the requirements ask for. Raises SetupError when it cannot."""
    if is_complete(tests) and programs.find_kubectl(BIN):
        compile_sources()
        return True
    started = time.monotonic()
    say(f"Setting up in {VENV} (the first time takes a few minutes; every word is in {LOG.name})")
    make_venv()
    if not is_complete(tests):
        install_packages(tests)
    compile_sources()
    say("Programs")
    complete = programs.get_kubectl(BIN, LOG)
    if tests:
        programs.get_for_tests(LOG)
    say(f"Ready after {time.monotonic() - started:.0f} seconds." if complete else "Not ready: kubectl is missing.")
    return complete


# ---------------------------------------------------------------- stamps


def stamp(tests: bool) -> Path:
    """The file that says: everything that was asked for is installed."""
    return VENV / ("ready-for-tests.stamp" if tests else "ready.stamp")


def fingerprint(tests: bool) -> str:
    """A hash of everything that decides what is installed, and of where and for which Python."""
    digest = hashlib.sha256(f"{VENV} {sys.version_info[:2]}".encode())
    for name in ASKED_FOR + (FOR_TESTS if tests else ()):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_complete(tests: bool) -> bool:
    """Is what was asked for installed? What the tests need includes what a learner needs."""
    kinds = (True,) if tests else (False, True)
    return PYTHON.exists() and any(
        stamp(kind).is_file() and stamp(kind).read_text(encoding="utf-8") == fingerprint(kind) for kind in kinds
    )


# ---------------------------------------------------------------- the virtual environment


def make_venv() -> None:
    """A working `.venv` with pip, by the first way that works on this machine."""
    if venv_works():
        return
    if VENV.exists():
        say("  .venv is there but does not work (its Python is gone, or it was interrupted); making it anew")
        shutil.rmtree(VENV)
    say(f"Python environment, from Python {sys.version_info[0]}.{sys.version_info[1]}")
    for way in (venv_by_itself, venv_by_virtualenv, venv_with_debians_pip):
        try:
            way()
        except (SetupError, OSError, subprocess.SubprocessError) as error:
            with LOG.open("a", encoding="utf-8") as file:
                file.write(f"{way.__name__}: {error}\n")
        if venv_works():
            return
    raise SetupError(
        "This Python can make no virtual environment with pip: it has neither the `venv` module's ensurepip, nor\n"
        "pip, nor virtualenv. Install one of them (Debian, Ubuntu: sudo apt install python3-venv) and run this again."
    )


def venv_works() -> bool:
    """Does `.venv` have the Python that it was made from, and pip?"""
    if not PYTHON.exists():
        return False
    wanted = f"import sys, pip; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    return subprocess.run([PYTHON, "-c", wanted], capture_output=True, check=False).returncode == 0


def venv_by_itself() -> None:
    """The standard library's way."""
    subprocess.run([sys.executable, "-m", "ensurepip", "--version"], capture_output=True, check=True)
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], LOG)


def venv_by_virtualenv() -> None:
    """virtualenv, as it is here, or fetched by this Python's pip into a temporary folder."""
    env = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run([sys.executable, "-m", "virtualenv", "--version"], capture_output=True).returncode != 0:
            say("  this Python has no ensurepip; fetching virtualenv")
            run([sys.executable, "-m", "pip", "install", "--target", folder, "virtualenv"], LOG)
            env["PYTHONPATH"] = folder
        run([sys.executable, "-m", "virtualenv", "--clear", str(VENV)], LOG, env)


def venv_with_debians_pip() -> None:
    """An environment without pip, into which the pip of Debian's wheel package installs itself."""
    if not debian.is_here():
        raise SetupError("There is no apt here.")
    say("  this Python has neither ensurepip nor pip; fetching Debian's pip")
    with tempfile.TemporaryDirectory() as folder:
        debian.unpack("python3-pip-whl", None, Path(folder), LOG)
        wheel = next(Path(folder).glob("usr/share/python-wheels/pip-*.whl"))
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], LOG)
        env = {**os.environ, "PYTHONPATH": str(wheel)}
        run([str(PYTHON), "-m", "pip", "install", "--no-index", str(wheel)], LOG, env)


# ---------------------------------------------------------------- the packages


def install_packages(tests: bool) -> None:
    """The pinned requirements, then the course's own packages in place (editable); stamps when all went well."""
    requirements = "requirements-dev.txt" if tests else "requirements.txt"
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    try:
        say(f"Packages of {requirements}")
        run([*pip, "-r", str(ROOT / requirements)], LOG, shown=pips_progress)
        say("The course's own packages, kubelab and tinykube")
        run([*pip, "--no-deps", "--editable", str(ROOT)], LOG, shown=pips_progress)
    except SetupError as error:
        raise SetupError(
            f"{error}\nIf these lines speak of connections: pip needs to reach a package index (PyPI, or what your\n"
            "pip.conf names). Run this again when it does; what is installed already is kept."
        ) from None
    stamp(tests).write_text(fingerprint(tests), encoding="utf-8")


def compile_sources() -> None:
    """Bytecode of the course's own packages. Some machines forbid Python to write it where it is first needed
    (PYTHONDONTWRITEBYTECODE), and then every kernel and every cluster would compile them again."""
    compileall = [str(PYTHON), "-m", "compileall", "-q", str(ROOT / "src")]
    subprocess.run(compileall, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def pips_progress(line: str) -> str:
    """One of pip's lines in a few words: which package it fetches, how many it installs."""
    word, _, rest = line.strip().partition(" ")
    if word == "Collecting" and rest:
        return f"fetching {rest.split()[0]}"
    if line.startswith("Installing collected packages:"):
        return f"installing {rest.count(',') + 1} packages, which takes a minute"
    return ""
