"""Validation: whether an object may be stored, and if not, every reason at once.

Law: pure functions on plain dicts, no I/O and no clock. Objects have been decoded and defaulted. Paths and messages
are upstream's, word for word, because they are what learners search for.

Models pkg/apis/*/validation/validation.go and the Validate methods of pkg/registry/*/*/strategy.go.
"""

from __future__ import annotations

from tinykube.api.validation.field import Causes
from tinykube.api.validation.kinds import CREATE, STATUS, UPDATE
from tinykube.api.validation.warnings import warnings
from tinykube.errors import Obj

__all__ = ["validate_create", "validate_status_update", "validate_update", "warnings"]


def validate_create(kind_key: str, obj: Obj) -> Causes:
    """Everything that is wrong with a new object. `kind_key` is such as "apps/v1/Deployment" or "v1/Pod"."""
    return CREATE[kind_key](obj) if kind_key in CREATE else []


def validate_update(kind_key: str, new: Obj, old: Obj) -> Causes:
    """Everything that is wrong with changing `old` to `new` through the main resource."""
    return UPDATE[kind_key](new, old) if kind_key in UPDATE else []


def validate_status_update(kind_key: str, new: Obj, old: Obj) -> Causes:
    """Everything that is wrong with changing `old` to `new` through the status subresource."""
    return STATUS[kind_key](new, old) if kind_key in STATUS else []
