"""One at a time: locks between processes, such as two `kubelab up` or two notebooks.

Law: a lock ends with whoever holds it, however that ends: the operating system sees to it. Nothing is left of it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kubelab.errors import KubelabError

_PAUSE = 0.02
"""Wall seconds between two tries."""


@contextmanager
def held(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock at `path`, in a directory that is there, while the block runs.

    Raises:
        KubelabError: somebody else held it for `patience` seconds of the wall.
    """
    end = time.monotonic() + patience
    while (file := _take(path)) is None:
        if time.monotonic() > end:
            raise KubelabError(
                f"Another process has held {path} for {patience:.0f} seconds.", "Wait for it, or end it, and try again."
            )
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        _give_back(path, file)


def _take(path: Path) -> BinaryIO | None:
    """The locked file; None if somebody holds it, or has removed it at this very moment."""
    try:
        file = path.open("ab")
    except PermissionError:
        if os.name == "posix":
            raise
        return None  # it is being removed
    try:
        if _lock(file, path):
            return file
    except (BlockingIOError, PermissionError, FileNotFoundError):  # the second is Windows' word for the first
        pass
    file.close()
    return None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO, path: Path) -> bool:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return True  # what is open cannot be removed here

    def _give_back(path: Path, file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        file.close()
        with suppress(OSError):  # the next one has it open already
            path.unlink()

else:
    import fcntl

    def _lock(file: BinaryIO, path: Path) -> bool:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())

    def _give_back(path: Path, file: BinaryIO) -> None:
        path.unlink(missing_ok=True)  # first: who opens it from now on makes another
        file.close()
