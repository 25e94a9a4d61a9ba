"""The tools' kernels listen on files that only the user can reach, and leave none behind."""

import os
import stat
from pathlib import Path

import pytest

from kernels import KernelManager


@pytest.mark.skipif(os.name != "posix", reason="there are no sockets in the file system here")
def test_a_kernels_channels_are_files_and_go_with_it():
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=100)
        place = Path(manager.ip).parent
        assert sum(stat.S_ISSOCK(one.stat().st_mode) for one in place.iterdir()) == len(manager.ports) == 5
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert not place.exists()
