"""The real kubectl reads our documents: explain, and the check before apply."""

import http.server
import json
import os
import subprocess
import threading

import pytest

from tinykube.schema import openapi, tables
from tinykube.schema.openapi import v2

pytestmark = pytest.mark.kubectl

DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
NOT_FOUND = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
MANIFEST = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}})


class Handler(http.server.BaseHTTPRequestHandler):
    """Discovery, OpenAPI, and a store that takes everything it is given."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, media, text):
        self.send_response(code)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path in tables.discovery():
            self.answer(200, DISCOVERY, json.dumps(tables.discovery()[path]).encode())
        elif path == "/openapi/v3":
            self.answer(200, "application/json", json.dumps(openapi.index()).encode())
        elif path.startswith("/openapi/v3/"):
            self.answer(200, "application/json", openapi.document_json(path.removeprefix("/openapi/v3/")))
        elif path == "/openapi/v2":
            self.answer(200, v2.CONTENT_TYPE, v2.document_protobuf())
        else:
            self.answer(404, "application/json", json.dumps(NOT_FOUND).encode())

    def do_POST(self):
        self.server.asked.append(self.path)
        self.answer(201, "application/json", self.rfile.read(int(self.headers["Content-Length"])))


@pytest.fixture(scope="module")
def server():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    made.asked = []
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def run(kubectl, server, tmp_path):
    def run(*args, stdin=None):
        command = [kubectl, "--server", f"http://127.0.0.1:{server.server_port}", *args]
        env = {**os.environ, "HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")}
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=env, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_explain_reads_like_the_real_thing(run):
    shown = run("explain", "pod.spec.containers.livenessProbe")
    assert shown.startswith(
        "KIND:       Pod\nVERSION:    v1\n\nFIELD: livenessProbe <Probe>\n\n\nDESCRIPTION:\n    Periodic probe of"
    )
    assert "  exec\t<ExecAction>\n    Exec specifies a command to execute in the container.\n" in shown
    names = [line.split("\t")[0].strip() for line in shown.split("FIELDS:\n")[1].splitlines() if "\t<" in line]
    assert names == sorted(names)
    assert len(names) == 10


def test_explain_shows_the_values_of_an_enum(run):
    shown = run("explain", "pod.spec.containers.imagePullPolicy")
    assert "ENUM:\n    Always\n    IfNotPresent\n    Never\n" in shown
    assert '     - `"Always"` means that kubelet always attempts to pull the latest image.\n' in shown


def test_explain_recursive_goes_all_the_way_down(run):
    shown = run("explain", "deployment", "--recursive")
    assert "GROUP:      apps\nKIND:       Deployment\n" in shown
    assert "\n            containerPort\t<integer> -required-\n" in shown
    assert "\n        maxSurge\t<IntOrString>\n" in shown


def test_apply_finds_field_validation(run, server):
    assert run("apply", "-f", "-", stdin=MANIFEST) == "configmap/c created\n"
    assert "fieldValidation=Strict" in server.asked[-1]
