"""Run a practice cluster as a process of its own: `python -m tinykube --state DIR`.

Prints one line of JSON once it can be used, then serves until it is told to stop (SIGTERM, SIGINT, or a request to
/practice/shutdown). Everything it writes is under DIR, private to the user, and its keys are gone when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path

from tinykube.cluster import Cluster
from tinykube.server import Server


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="tinykube", description="Run a practice cluster.")
    parser.add_argument("--state", type=Path, required=True, help="directory for the kubeconfig and the keys")
    parser.add_argument("--name", default="practice", help="name of the cluster, and prefix of its nodes' names")
    parser.add_argument("--nodes", type=int, default=1, help="number of nodes (default: %(default)s)")
    parser.add_argument("--clock", choices=("real", "stepped"), default="real", help="how time moves")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds of the cluster per second of the wall")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same names and addresses")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--while-stdin-open", action="store_true", help="end with whoever holds standard input")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    """Boot the cluster and its server, and wait to be told to stop."""
    done = asyncio.Event()
    start = {"start": time.time()} if options.clock == "real" else {}
    cluster = Cluster(options.name, options.nodes, options.seed, **start)
    server = Server(cluster.api, cluster.clock, options.state, options.port, name=options.name, on_shutdown=done.set)
    await cluster.start()
    await cluster.clock.advance(1)  # nodes become Ready
    await server.start()
    flow = asyncio.create_task(_flow(cluster, options))
    _stop_on_signals(done)
    if options.while_stdin_open:
        _stop_with_stdin(done)
    ready = {"ready": True, "pid": os.getpid(), "url": server.url, "kubeconfig": str(server.kubeconfig)}
    print(json.dumps(ready), flush=True)
    await done.wait()
    flow.cancel()
    await server.stop()
    await cluster.stop()


async def _flow(cluster: Cluster, options: argparse.Namespace) -> None:
    if options.clock == "real":
        await cluster.clock.follow_wall(options.speed)


def _stop_on_signals(done: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers on its event loop
            asyncio.get_running_loop().add_signal_handler(number, done.set)


def _stop_with_stdin(done: asyncio.Event) -> None:
    """End when the process that holds the other end has ended, however it did; a thread waits, as on any system."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(done.set)

    threading.Thread(target=wait, daemon=True).start()


def main() -> int:
    """Entry point; returns the exit code."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments()))
    return 0
