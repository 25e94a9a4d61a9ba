"""kubelab: what a notebook of "Kubernetes, Hands On" imports.

Law: the public names, each from the module that it lives in, imported when it is first used; nothing else is here.

`from kubelab import Lab` and `lab = Lab("02-first-pod")` give a notebook a cluster, a namespace of its own, and the
magics `%kubectl`, `%%apply` and `%fast_forward`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubelab.checks import exercises
    from kubelab.errors import ClusterUnavailable, KubelabError, NotAManifest, Refused, TimedOut, ToolMissing
    from kubelab.lab import Lab
    from kubelab.quiz import Quiz, right, wrong
    from kubelab.record import Change, Recording, Request
    from kubelab.resources import Events, Resource, Resources

_HOME = {
    "Lab": "lab",
    "Recording": "record",
    "Change": "record",
    "Request": "record",
    "Resource": "resources",
    "Resources": "resources",
    "Events": "resources",
    "KubelabError": "errors",
    "ClusterUnavailable": "errors",
    "NotAManifest": "errors",
    "Refused": "errors",
    "TimedOut": "errors",
    "ToolMissing": "errors",
    "Quiz": "quiz",
    "right": "quiz",
    "wrong": "quiz",
    "exercises": "checks",
}

__all__ = [
    "Change",
    "ClusterUnavailable",
    "Events",
    "KubelabError",
    "Lab",
    "NotAManifest",
    "Quiz",
    "Recording",
    "Refused",
    "Request",
    "Resource",
    "Resources",
    "TimedOut",
    "ToolMissing",
    "exercises",
    "load_ipython_extension",
    "right",
    "wrong",
]


def __getattr__(name: str) -> Any:
    """Import on first use: the `kubelab` command needs none of this, and the official client takes a second to load."""
    if name in _HOME:
        return getattr(importlib.import_module(f"kubelab.{_HOME[name]}"), name)
    raise AttributeError(f"module 'kubelab' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext kubelab` makes the magics known before there is a lab."""
    from kubelab.magics import load_ipython_extension as load

    load(shell)
