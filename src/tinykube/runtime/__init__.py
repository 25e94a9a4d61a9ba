"""The container runtime: programs on the cluster's clock, in containers with their own files, processes and network.

What the node sees
    `Container(spec, clock, host, log)` makes a container from a `ContainerSpec` (an `Image` plus what the Pod adds);
    `start()` runs it or raises `StartError` with runc's words; `signal(n)`, `stop()` and `kill()` do what the CRI's
    calls do; `await wait()` or `when_finished(callback)` tell its end, `exit_code`, `oom_killed`, `reason`,
    `started_at` and `finished_at` how it was. `exec(argv, tty=, stdin=)` gives an `ExecSession`: `write`,
    `close_stdin`, `async for stream, data in session`, `await output()`, `exit_code`. `log(stream, line)` is called for
    each line that the container prints, newline included (a part of a line has none).
    `Network` holds one `Host` per Pod and one for the node; its hooks `rewrite` and `dns` make Services work.
    `http.request(host, address, port, ...)` is how the node probes. Volumes are `nodes.Directory` trees that are
    mounted into as many containers as share them; `FileSystem(tree, clock)` gives the node hands to fill one.
    `ImageStore.find(reference)` gives an `Image` or None.

What a program sees
    `async def main(process: Process) -> int`. It reads `process.argv`, `env`, `cwd`; `process.open(path, mode)`,
    `process.fs`; writes with `process.out` and `process.err`; waits with `process.sleep`, on streams, or on the
    network through `process.host`; handles signals with `process.on_signal`; accounts for its memory with
    `process.charge` and for computing with `await process.spend`. It returns its exit status. An `OSError` that it does
    not catch ends it with a message and status 1. It never blocks, never reads the wall clock, and it must wait for
    something in every endless loop (`spend` counts).

Law
    One asyncio loop, no threads; nothing outside of `runtime` is imported but the clock.

Models containerd with runc, and as much of the Linux kernel as containers notice.
"""

from tinykube.runtime.container import Container, ContainerSpec, Mount, StartError
from tinykube.runtime.filesystem import FileSystem
from tinykube.runtime.images import Image, ImageStore
from tinykube.runtime.network import Host, Network
from tinykube.runtime.process import Process
from tinykube.runtime.session import ExecSession

__all__ = [
    "Container",
    "ContainerSpec",
    "ExecSession",
    "FileSystem",
    "Host",
    "Image",
    "ImageStore",
    "Mount",
    "Network",
    "Process",
    "StartError",
]
