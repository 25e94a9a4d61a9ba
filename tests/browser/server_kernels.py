"""The kernels of the JupyterLab under test: a busy machine does not take their ports away."""

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from kernels import OwnSockets

CONFIGURATION = f"""
import sys
sys.path[:0] = [{__file__.rpartition("tests")[0] + "tools"!r}, {__file__.rpartition("server_kernels")[0]!r}]
c.AsyncMappingKernelManager.kernel_manager_class = "server_kernels.KernelManager"
"""
"""JupyterLab's settings, as its configuration file has them."""


class KernelManager(OwnSockets, ServerKernelManager):
    """JupyterLab's, with sockets that nobody else can take."""
