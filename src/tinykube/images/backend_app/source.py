"""Finding and loading the one source of backend-app: `labs/images/backend-app/app.py`.

Law: the file is read as it is, from the package's data when tinykube is installed from a wheel, else from the
repository; nothing of it is copied here.

Models the `COPY app.py .` of its Dockerfile.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

MODULE = "tinykube.images.backend_app.app"
PACKAGED = Path(__file__).with_name("app.py")  # pyproject.toml's force-include puts it there
IN_REPOSITORY = Path(__file__).parents[4] / "labs" / "images" / "backend-app" / "app.py"


def path() -> Path:
    """Where the source is.

    Raises:
        FileNotFoundError: neither in the package nor in the repository.
    """
    for candidate in (PACKAGED, IN_REPOSITORY):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"backend-app's source is missing: expected {PACKAGED} or {IN_REPOSITORY}")


@cache
def app() -> ModuleType:
    """The source as a module: `Backend`, `Answer`, `BROKEN_VERSION`."""
    spec = importlib.util.spec_from_file_location(MODULE, path())
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[MODULE] = importlib.util.module_from_spec(spec)  # dataclasses look it up there
    spec.loader.exec_module(module)
    return module
