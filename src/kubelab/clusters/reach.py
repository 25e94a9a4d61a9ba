"""Whether anything listens at a server's address. One connection attempt, nothing said over it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit


def answers(server: str, timeout: float = 3.0) -> bool:
    """Whether `server` (a URL) accepts a connection within `timeout` seconds."""
    address = urlsplit(server)
    port = address.port or (443 if address.scheme == "https" else 80)
    if not address.hostname:
        return False
    try:
        socket.create_connection((address.hostname, port), timeout=timeout).close()
        return True
    except OSError:
        return False
