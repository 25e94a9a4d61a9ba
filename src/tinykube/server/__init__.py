"""The API server's transport: HTTPS on the loopback interface, watch streams and WebSockets.

Law: transport only. Who asks is established here; what is answered is made by `api.http`. After `stop` no port, task
or key file is left.

Models k8s.io/apiserver/pkg/server/secure_serving.go and pkg/authentication.
"""

from tinykube.server.server import Server

__all__ = ["Server"]
