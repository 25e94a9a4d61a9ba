"""Paths as fields: those in file systems, relative and without steps backwards; and those that begin with a domain.

Law: pure.

Models pkg/apis/core/validation/validation.go (validateLocalDescendingPath and its relatives),
k8s.io/apimachinery/pkg/util/validation/validation.go (IsDomainPrefixedPath).
"""

from __future__ import annotations

import re

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes

_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
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


def domain_prefixed(text: str, path: str) -> Causes:
    """A name that begins with a domain: `acme.io/foo`."""
    domain, _, rest = text.partition("/")
    if not (domain and rest):
        return [field.invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    causes = field.each_invalid(path, domain, names.dns_subdomain(domain))
    if not re.fullmatch(_HTTP_PATH, rest):
        causes.append(field.invalid(path, rest, f"Invalid path (regex used for validation is '{_HTTP_PATH}')"))
    return causes
