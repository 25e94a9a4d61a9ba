"""kube-apiserver's role: what happens to an object between the request and the store.

Law: synchronous and in-process. `ApiServer` answers plain function calls with shared, read-only objects; `http` puts
the wire's manners on top of it. Only the registry writes to the store.

Models cmd/kube-apiserver and k8s.io/apiserver.
"""

from tinykube.api.apiserver import ApiServer

__all__ = ["ApiServer"]
