"""Paths as strings: taking them apart and putting them together, without looking at any tree.

Models path resolution's textual part, path_resolution(7).
"""

from __future__ import annotations


def split(path: str) -> list[str]:
    """The components of a path, without empty ones and `.`; `..` stays: what it means depends on links."""
    return [part for part in path.split("/") if part and part != "."]


def join(directory: str, path: str) -> str:
    """`path` as seen from `directory`."""
    if path.startswith("/"):
        return path
    return f"{directory}{path}" if directory.endswith("/") else f"{directory}/{path}"


def normal(path: str) -> str:
    """An absolute path without `.`, `..` and double slashes, as a shell's logical `cd` computes it."""
    parts: list[str] = []
    for part in split(path):
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return "/" + "/".join(parts)


def basename(path: str) -> str:
    """The last component; `/` for the root."""
    return path.rstrip("/").rpartition("/")[2] or ("/" if path else "")
