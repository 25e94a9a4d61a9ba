"""How a lab ends: with its notebook, however that ends.

Law: what follows a lab ends before it; a lab that was dropped is not kept alive for its end.
"""

from __future__ import annotations

import atexit
import threading
import weakref
from typing import TYPE_CHECKING

from kubelab.errors import KubelabError

if TYPE_CHECKING:
    from kubelab.lab import Lab


_leaving = threading.Event()


def leaving() -> bool:
    """Whether this process is ending, so that nobody hears what it says to its notebook any more."""
    return _leaving.is_set()


def close_at_exit(lab: Lab) -> None:
    """Also when the kernel is interrupted or restarted."""
    reference = weakref.ref(lab)

    def close() -> None:
        _leaving.set()
        if (still := reference()) is not None:
            try:
                still.close()
            except KubelabError:
                return  # the cluster went first, and the namespace with it

    atexit.register(close)
