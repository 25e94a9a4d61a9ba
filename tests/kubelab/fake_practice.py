"""Stands in for `python -m tinykube`: the same arguments, ready line, kubeconfig and control endpoints, over HTTP.

Environment: FAKE_DIE="reason" ends before being ready; FAKE_MUTE=1 never gets ready.
"""

import argparse
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--state", type=Path)
parser.add_argument("--name")
parser.add_argument("--nodes", type=int, default=1)
parser.add_argument("--clock", default="real")
parser.add_argument("--speed", type=float, default=1.0)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--while-stdin-open", action="store_true")
options = parser.parse_args()
NOW = [1000.0]
TIMERS = [1002.0, 1005.5, 1060.0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Authorization") != "Bearer secret":
            return self.answer(401, {"message": "Unauthorized"})
        return self.answer(200, self.clock())

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path.endswith("/shutdown"):
            self.answer(200, {})
            threading.Thread(target=server.shutdown).start()
            return
        if "advance" in body:
            NOW[0] += body["advance"]
        else:
            timers = [t for t in TIMERS if t > NOW[0]]
            NOW[0] = min([NOW[0] + body["step"], *timers])
        self.answer(200, self.clock())

    def clock(self):
        return {"mode": options.clock, "now": NOW[0], "speed": options.speed, "waiting": 0, "revision": 7}

    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


if os.environ.get("FAKE_DIE"):
    sys.exit(os.environ["FAKE_DIE"])
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
kubeconfig = {
    "current-context": options.name,
    "contexts": [{"name": options.name, "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
    "users": [{"name": "u", "user": {"token": "secret"}}],
}
(options.state / "kubeconfig").write_text(json.dumps(kubeconfig))
if options.while_stdin_open:
    threading.Thread(target=lambda: (os.read(0, 1), server.shutdown()), daemon=True).start()
if os.environ.get("FAKE_MUTE"):
    time.sleep(60)
print(json.dumps({"ready": True}), flush=True)
server.serve_forever(poll_interval=0.02)
