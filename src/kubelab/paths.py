"""Where things are: the private state directory, the programs, the repository's labs.

Law: finds and creates directories, runs nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import platformdirs
import psutil

from kubelab.errors import KubelabError, ToolMissing

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
"""Names that name a directory beside others, and with which a node's name can begin."""
_TRIES = 40 if os.name == "nt" else 1
_OR_PRACTICE = "The practice cluster needs none of this: `kubelab up`."
_HOW_TO_GET = {
    "kubectl": "`make setup` installs it beside the notebooks; by hand: https://kubernetes.io/docs/tasks/tools/",
    "docker": f"Install Docker (https://docs.docker.com/get-docker/) or Podman. {_OR_PRACTICE}",
    "podman": f"Install Podman (https://podman.io/docs/installation) or Docker. {_OR_PRACTICE}",
    "kind": f"Install kind (https://kind.sigs.k8s.io/docs/user/quick-start/#installation). {_OR_PRACTICE}",
}


def home() -> Path:
    """The directory for everything that must survive a restart; $KUBELAB_HOME moves it."""
    chosen = os.environ.get("KUBELAB_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_state_dir("kubelab", appauthor=False))


def of_cluster(kind: str, name: str) -> Path:
    """The directory of one cluster, which is removed with it.

    Raises:
        KubelabError: `name` is not one; it might lead to a directory that is none of ours.
    """
    if not _NAME.fullmatch(name):
        raise KubelabError(
            f"{name!r} cannot name a cluster.", "Use up to 40 small letters, digits and dashes, such as labs-2."
        )
    return home() / "clusters" / kind / name


def private_directory(path: Path) -> Path:
    """Create `path` so that only its user can look inside.

    Raises:
        KubelabError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            path.chmod(0o700)
    except OSError as error:
        raise KubelabError(
            f"The directory {path} cannot be used ({error.strerror}).",
            "Set KUBELAB_HOME to a directory that you can write to.",
        ) from error
    return path


def scratch() -> Path:
    """A private directory for this process; what processes that have ended left of theirs is removed first."""
    place = private_directory(home() / "scratch")
    for left in place.iterdir():
        owner = left.name.partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=place))


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` with `text`, so that a reader sees the old or the new one whole, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _replace(temporary: str, path: Path) -> None:
    """Windows refuses as long as somebody has the old file open, to read it or to look for viruses."""
    for left in reversed(range(_TRIES)):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            if not left:
                raise
            time.sleep(0.05)


def program(name: str) -> str | None:
    """The full path of `name`: beside this Python first (the virtual environment), then on PATH."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    return beside or shutil.which(name)


def need_program(name: str) -> str:
    """The full path of `name`.

    Raises:
        ToolMissing: it is not installed; says how to get it.
    """
    found = program(name)
    if found is None:
        raise ToolMissing(f"{name} is not installed, or not on PATH.", _HOW_TO_GET.get(name, ""))
    return found


def repository() -> Path | None:
    """The directory that holds `labs/`: where this package came from, else from the working directory upwards. Code of
    another repository that somebody happens to stand in is not run."""
    here = Path.cwd()
    for place in (*Path(__file__).resolve().parents, here, *here.parents):
        if (place / "labs").is_dir() and (place / "book").is_dir():
            return place
    return None
