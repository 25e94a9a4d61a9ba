"""Paths in file systems as fields: relative, without steps backwards.

Law: pure.

Models pkg/apis/core/validation/validation.go (validateLocalDescendingPath and its relatives).
"""

from __future__ import annotations

from tinykube.api.validation import field
from tinykube.api.validation.field import Causes

FILE_MODE = "must be a number between 0 and 0777 (octal), both inclusive"


def no_backsteps(text: str, path: str) -> Causes:
    """No element is `..`."""
    return [field.invalid(path, text, "must not contain '..'")] if ".." in text.split("/") else []


def descending(text: str, path: str) -> Causes:
    """Relative, and never above where it starts."""
    found = [field.invalid(path, text, "must be a relative path")] if text.startswith("/") else []
    return found + no_backsteps(text, path)


def not_reserved(text: str, path: str) -> Causes:
    """As `descending`, and not one of the kubelet's own `..data` entries."""
    found = descending(text, path)
    if text.startswith("..") and not text.startswith("../") and text != "..":
        found.append(field.invalid(path, text, "must not start with '..'"))
    return found


def file_mode(mode: int | None, path: str) -> Causes:
    """Permission bits; absent is fine."""
    return [field.invalid(path, mode, FILE_MODE)] if mode is not None and not 0 <= mode <= 0o777 else []
