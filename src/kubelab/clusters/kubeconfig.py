"""What a kubeconfig says: contexts, servers, credentials.

Law: reads files, opens no connection. Merges the files of $KUBECONFIG as client-go does: the first to name a thing
wins (k8s.io/client-go/tools/clientcmd/loader.go).
"""

from __future__ import annotations

import base64
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from kubelab.errors import ClusterUnavailable

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader; written in C where it can be, for the long keys in these files."""
_LOOPBACK = {"localhost", "0.0.0.0", "kubernetes.docker.internal", "host.docker.internal"}


def default_paths() -> str:
    """What kubectl would read: $KUBECONFIG, else ~/.kube/config."""
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")


@dataclass(frozen=True)
class Kubeconfig:
    """The merged content of one or more kubeconfig files."""

    paths: str
    current: str
    contexts: dict[str, dict[str, Any]]
    clusters: dict[str, dict[str, Any]]
    users: dict[str, dict[str, Any]]

    def cluster(self, context: str) -> dict[str, Any]:
        """The cluster entry of `context`, empty if there is none."""
        return self.clusters.get(self.contexts.get(context, {}).get("cluster", ""), {})

    def user(self, context: str) -> dict[str, Any]:
        """The user entry of `context`, empty if there is none."""
        return self.users.get(self.contexts.get(context, {}).get("user", ""), {})

    def server(self, context: str) -> str:
        """The API server's URL."""
        return str(self.cluster(context).get("server", ""))

    def is_local(self, context: str) -> bool:
        """Whether the server is this machine."""
        host = urlsplit(self.server(context)).hostname or ""
        return host in _LOOPBACK or _is_loopback(host)


def load(paths: str) -> Kubeconfig:
    """Read and merge `paths` (one file, or several separated as in $PATH).

    Raises:
        ClusterUnavailable: no file is there, or one is not a kubeconfig.
    """
    merged = Kubeconfig(paths, "", {}, {}, {})
    current = ""
    existing = [Path(one).expanduser() for one in paths.split(os.pathsep) if one and Path(one).expanduser().exists()]
    if not existing:
        raise ClusterUnavailable(
            f"There is no kubeconfig at {paths}.",
            "Start a cluster with `kubelab up`, or name a file with --kubeconfig.",
        )
    for path in existing:
        document = _read(path)
        current = current or document.get("current-context") or ""
        for kind, table in (("contexts", merged.contexts), ("clusters", merged.clusters), ("users", merged.users)):
            for name, entry in _named(document, kind, path):
                table.setdefault(name, _absolute(entry, path.parent))
    return Kubeconfig(paths, current, merged.contexts, merged.clusters, merged.users)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ClusterUnavailable(
            f"{path} cannot be read as a kubeconfig: {error}", "Mend the file or name another."
        ) from error
    if not isinstance(document, dict):
        raise ClusterUnavailable(f"{path} is not a kubeconfig.", "Mend the file or name another with --kubeconfig.")
    return document


def _named(document: dict[str, Any], kind: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        for entry in document.get(kind) or []:
            yield entry["name"], dict(entry.get(kind[:-1]) or {})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ClusterUnavailable(
            f"{path} is not a kubeconfig: its {kind} are no list of named entries.", "Mend the file or name another."
        ) from error


def _absolute(entry: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Paths in a kubeconfig are relative to the file they stand in."""
    files = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
    return {key: str(directory / value) if key in files and value else value for key, value in entry.items()}


def bearer_headers(user: dict[str, Any]) -> dict[str, str]:
    """The Authorization header of a user with a token, else none."""
    token = user.get("token")
    if not token and user.get("tokenFile"):
        token = Path(user["tokenFile"]).read_text(encoding="utf-8").strip()
    return {"Authorization": f"Bearer {token}"} if token else {}


def tls_context(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    """TLS as the kubeconfig asks for it: its authority trusted, its client certificate shown."""
    data = cluster.get("certificate-authority-data")
    context = ssl.create_default_context(
        cafile=cluster.get("certificate-authority"), cadata=base64.b64decode(data).decode() if data else None
    )
    certificate, key = user.get("client-certificate"), user.get("client-key")
    if certificate and key:
        context.load_cert_chain(certificate, key)
    elif user.get("client-certificate-data") and user.get("client-key-data"):
        _load_chain_data(context, user["client-certificate-data"], user["client-key-data"])
    return context


def _load_chain_data(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """The ssl module takes files only; this one is private and gone again at once."""
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64decode(certificate) + b"\n" + base64.b64decode(key))
        context.load_cert_chain(path)
    finally:
        os.unlink(path)
