"""Kernels for tests and tools, reached through sockets in the file system where the system has them.

A TCP kernel's five ports are chosen, let go, and taken again once the kernel has started. Where notebooks run side by
side, one kernel in two hundred found that another process had been quicker, and died (jupyter/jupyter_client#487).

Law: knows Jupyter, and nothing of the course.
"""

import os
import shutil
import tempfile

from jupyter_client.connect import ConnectionFileMixin
from jupyter_client.manager import AsyncKernelManager as _AsyncKernelManager
from jupyter_client.manager import KernelManager as _KernelManager
from traitlets import default


class OwnSockets(ConnectionFileMixin):
    """What makes a kernel manager of any kind do so."""

    @default("transport")
    def _files_or_ports(self) -> str:
        return "ipc" if os.name == "posix" else "tcp"

    @default("ip")
    def _where(self) -> str:
        """A directory that only the user can read, with a short name: a socket's path has 107 bytes at most."""
        return os.path.join(tempfile.mkdtemp(prefix="kernel-"), "at") if self.transport == "ipc" else "127.0.0.1"

    def cleanup_ipc_files(self) -> None:
        """Remove the directory as well."""
        super().cleanup_ipc_files()
        if self.transport == "ipc":
            shutil.rmtree(os.path.dirname(self.ip), ignore_errors=True)


class KernelManager(OwnSockets, _KernelManager):
    """jupyter_client's, with sockets that nobody else can take."""


class AsyncKernelManager(OwnSockets, _AsyncKernelManager):
    """jupyter_client's, with sockets that nobody else can take."""
