"""Open JupyterLab on a learner's own copies of the labs: `make labs`, `make kind`.

    python tools/labs.py [--cluster practice|kind|current] [--port 8888]

Law: says the address always, and opens it in a browser where there is one. Ctrl-C stops it.
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

import copies
from console import speak_every_language

ROOT = Path(__file__).resolve().parent.parent
MINE = ROOT / "my-labs"
FIRST_LAB = "00-start-here/lab.ipynb"
START_TIMEOUT = 120  # seconds until JupyterLab must answer; the first start takes longest
TEXT_BROWSERS = {"www-browser", "w3m", "lynx", "links", "elinks"}


def free_port(wanted: int) -> int:
    """`wanted`, or the next port after it that nothing listens on."""
    for port in range(wanted, min(wanted + 100, 1 << 16)):
        with socket.socket() as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"No port from {wanted} to {wanted + 99} is free on this machine; name another with --port.")


def browser() -> webbrowser.BaseBrowser | None:
    """A browser with windows, or None: on servers, in containers, over SSH."""
    graphical = os.name == "nt" or sys.platform == "darwin" or os.environ.get("DISPLAY") or shutil.which("wslview")
    if not (graphical or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")):
        return None
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return None
    return None if getattr(found, "name", "") in TEXT_BROWSERS else found


def start(port: int, token: str) -> subprocess.Popen[bytes]:
    """JupyterLab as a child, on the labs' folder; its own chatter only when something is wrong."""
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}", "JUPYTER_TOKEN": token}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--port-retries=0"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={MINE}", "--log-level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return subprocess.Popen(command, env=environment)


def wait_until_it_answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Does JupyterLab answer within START_TIMEOUT seconds?"""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def hand_out() -> None:
    """Bring the learner's copies up to date, and say what was left alone."""
    for kept in copies.refresh(ROOT / "labs", MINE):
        name = kept.relative_to(ROOT).as_posix()
        print(
            f"  There is a newer {kept.name} in the course; {name} is yours and stays as it is. Rename it to get both."
        )


def use(cluster: str) -> bool:
    """Bring the asked-for cluster up, so that the labs find it. The practice cluster is started by the labs."""
    if cluster == "practice":
        return True
    command = "import sys; from kubelab.cli import main; sys.exit(main(sys.argv[1:]))"
    mine = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is the child's to hear: it clears away what it began
    try:
        return subprocess.Popen([sys.executable, "-c", command, "up", "--cluster", cluster]).wait() == 0
    finally:
        signal.signal(signal.SIGINT, mine)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End JupyterLab and its kernels; the hard way after ten seconds."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def serve(port: int) -> int:
    """Start JupyterLab, say where it is, stay until it ends."""
    token = secrets.token_hex(16)
    print("Starting JupyterLab …", flush=True)
    server = start(port, token)
    try:
        if not wait_until_it_answers(port, server):
            print("JupyterLab did not start; its own words are above. `make setup` repairs a broken environment.")
            return 1
        address = f"http://127.0.0.1:{port}/lab/tree/{FIRST_LAB}?token={token}"
        window = browser()
        opened = window is not None and window.open(address)
        print(f"\n  The labs are open{' in your browser' if opened else ''}: {address}")
        print("" if opened else "  No browser could be opened from here: open this address in yours.")
        print("  Ctrl-C here stops them; your work is kept.", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        print("\nStopping JupyterLab.", flush=True)
        return 0
    finally:
        stop(server)


def main() -> int:
    speak_every_language()
    parser = argparse.ArgumentParser(prog="tools/labs.py", description="Open JupyterLab on the labs.")
    parser.add_argument("--cluster", default=os.environ.get("CLUSTER") or "practice")
    parser.add_argument("--port", type=int, default=8888)
    options = parser.parse_args()
    if not use(options.cluster):
        return 1
    try:
        hand_out()
    except OSError as error:
        print(f"Your copies of the labs could not be written: {error}. See that the disk has room for {MINE}.")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    return serve(free_port(options.port))


if __name__ == "__main__":
    sys.exit(main())
