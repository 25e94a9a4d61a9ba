"""An API server on a stopped clock, with a namespace and a service account to put Pods into."""

import random

import pytest

from tinykube.api import ApiServer
from tinykube.clock import EPOCH, Clock
from tinykube.errors import ApiError
from tinykube.store import Store


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(clock):
    """Bootstrapped, with the service accounts that a controller would make."""
    server = ApiServer(Store(), clock, random.Random(7))
    server.bootstrap()
    for namespace in ("default", "kube-system"):
        server.create("serviceaccounts", namespace, {"metadata": {"name": "default"}})
    return server


@pytest.fixture
def refusal():
    """Call something that must be refused; the Status it was refused with."""

    def refused(call, *args, **kwargs):
        with pytest.raises(ApiError) as raised:
            call(*args, **kwargs)
        return raised.value.status

    return refused


assert EPOCH == 1_767_225_600.0  # 2026-01-01: the times in these tests are written out
