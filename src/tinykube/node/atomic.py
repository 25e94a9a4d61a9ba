"""Writing the files of a volume so that readers see all of the old ones or all of the new.

Law: the files live in a directory with a time in its name; `..data` points to it, and every visible name points
through `..data`. An update makes a new directory and moves `..data`.

Models pkg/volume/util/atomic_writer.go.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tinykube.node.payload import Payload
from tinykube.runtime.nodes import Directory, File, Symlink

DATA = "..data"


def write(volume: Directory, files: Payload, now: float) -> bool:
    """Make the volume show `files`; return whether anything changed. `now`: seconds since the epoch."""
    if DATA in volume.entries and _shown(volume) == _wanted(files):
        return False
    second = datetime.fromtimestamp(now, UTC).strftime("..%Y_%m_%d_%H_%M_%S.")
    moment = f"{second}{round(now % 1 * 1e6) % 10**6 * 1000:09d}"
    fresh = Directory(mtime=now)
    for path, entry in files.items():
        _put(fresh, path.split("/"), File(entry.data, entry.mode, mtime=now), now)
    visible: dict[str, File | Directory | Symlink] = {moment: fresh, DATA: Symlink(moment, mtime=now)}
    visible |= {name: Symlink(f"{DATA}/{name}", mtime=now) for name in fresh.entries}
    volume.entries = dict(visible)
    volume.mtime = now
    return True


def _put(directory: Directory, path: list[str], file: File, now: float) -> None:
    for name in path[:-1]:
        below = directory.entries.setdefault(name, Directory(mtime=now))
        assert isinstance(below, Directory)
        directory = below
    directory.entries[path[-1]] = file


def _wanted(files: Payload) -> dict[str, bytes]:
    return {path: entry.data for path, entry in files.items()}


def _shown(volume: Directory) -> dict[str, bytes]:
    link = volume.entries[DATA]
    assert isinstance(link, Symlink)
    current = volume.entries[link.target]
    assert isinstance(current, Directory)
    found: dict[str, bytes] = {}
    _collect(current, "", found)
    return found


def _collect(directory: Directory, prefix: str, found: dict[str, bytes]) -> None:
    for name, node in directory.entries.items():
        if isinstance(node, Directory):
            _collect(node, f"{prefix}{name}/", found)
        elif isinstance(node, File):
            found[prefix + name] = bytes(node.data)
