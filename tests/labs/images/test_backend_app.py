"""backend-app: what it answers, and that it starts, serves and stops as a program of its own."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests import ports

SOURCE = Path(__file__).parents[3] / "labs/images/backend-app/app.py"


@pytest.fixture(scope="module")
def app():
    spec = importlib.util.spec_from_file_location("backend_app", SOURCE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["backend_app"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def backend(app):
    clock = [1000.0]
    made = app.Backend({"APP_VERSION": "1.1.0", "DB_URL": "jdbc:x", "DB_PASSWORD": "secret"}, lambda: clock[0], "pod-1")
    made.clock = clock
    return made


@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [
        ("GET", "/", 200, "backend-app 1.1.0 on pod-1\n"),
        ("GET", "/version", 200, "1.1.0\n"),
        ("GET", "/health", 200, '{"status": "UP"}\n'),
        ("GET", "/nowhere", 404, "no such page: GET /nowhere\n"),
        ("POST", "/", 404, "no such page: POST /\n"),
    ],
)
def test_answers(backend, method, target, status, body):
    answer = backend.handle(method, target)
    assert (answer.status, answer.body) == (status, body)


def test_the_password_is_never_shown(backend):
    shown = json.loads(backend.handle("GET", "/config").body)
    assert shown == {"DB_URL": "jdbc:x", "DB_USERNAME": None, "DB_PASSWORD": "******"}


def test_it_fails_on_demand_for_a_while_and_recovers(backend):
    backend.handle("POST", "/fail?seconds=30")
    assert backend.handle("GET", "/health").status == 503
    backend.clock[0] += 31
    assert backend.handle("GET", "/health").status == 200
    backend.handle("POST", "/fail")
    backend.clock[0] += 1e6
    assert backend.handle("GET", "/health").status == 503
    backend.handle("POST", "/recover")
    assert backend.handle("GET", "/health").status == 200


def test_the_broken_version_is_never_well(app):
    answer = app.Backend({"APP_VERSION": app.BROKEN_VERSION}, lambda: 0.0).handle("GET", "/health")
    assert (answer.status, json.loads(answer.body)["reason"]) == (503, "no driver for the database")


def test_while_shutting_down_it_answers_but_is_not_well(backend):
    backend.stop()
    assert backend.handle("GET", "/").status == 200
    assert backend.handle("GET", "/health").status == 503


@pytest.mark.parametrize(
    ("target", "delay"),
    [("/slow?seconds=2.5", 2.5), ("/slow", 1.0), ("/slow?seconds=-4", 0.0), ("/slow?seconds=x", 1.0)],
)
def test_slow_answers_wait(backend, target, delay):
    assert backend.handle("GET", target).delay == delay


def test_requests_are_counted(backend):
    for _ in range(3):
        backend.handle("GET", "/")
    assert backend.handle("GET", "/metrics").body == "requests=4;healthy=yes\n"


@pytest.fixture
def served():
    port = ports.own()
    env = {**os.environ, "APP_VERSION": "1.1.0", "START_SECONDS": "0", "PORT": str(port)}
    process = subprocess.Popen([sys.executable, SOURCE], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "backend-app 1.1.0 starting\n"
    assert "listening on port" in process.stdout.readline()
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM; the image is Linux")
def test_as_a_program_it_serves_and_leaves_politely(served):
    process, url = served
    with urllib.request.urlopen(f"{url}/version", timeout=60) as answer:
        assert answer.read() == b"1.1.0\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert process.stdout.read() == "received SIGTERM, shutting down\nbye\n"


def test_as_a_program_it_can_be_made_to_crash(served):
    process, url = served
    with urllib.request.urlopen(urllib.request.Request(f"{url}/crash", method="POST"), timeout=60) as answer:
        assert answer.read() == b"crashing\n"
    assert process.wait(60) == 1
