"""The official Kubernetes client, imported in a third of a second instead of one and a half.

Law: the only place that imports it first. Its dynamic client, which labs do not use, loads a validator and a grammar
of web addresses wherever those happen to be installed; for the moment of this import they are not.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, cast

_OPTIONAL = "kubernetes_validate"
_before: ModuleType | None = sys.modules.get(_OPTIONAL)
if _before is None:
    cast(dict[str, Any], sys.modules)[_OPTIONAL] = None
try:
    from kubernetes import client, config
    from kubernetes.client.exceptions import ApiException
    from kubernetes.stream import ws_client
finally:
    if _before is None:
        del sys.modules[_OPTIONAL]

__all__ = ["ApiException", "client", "config", "ws_client"]
