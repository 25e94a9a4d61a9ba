"""Kernels and practice clusters that start warm, for a suite that starts sixty of each: they are forked from a process
that has imported what they need.

    python warm.py serve SOCKET                       the process that forks
    python warm.py attach SOCKET kernel ARGUMENTS     what Jupyter starts in place of a kernel, and sends its signals to
    python warm.py attach SOCKET cluster ARGUMENTS    what such a kernel starts in place of `python -m tinykube`

Law: each gets the environment, directory, standard streams and arguments that a cold one would have had, and ends with
whoever was started for it; nothing but modules is shared. For systems with fork and enough room: Linux.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback

MODULES = (
    "ipykernel.kernelapp", "ipywidgets", "anywidget", "matplotlib.figure", "matplotlib.backends.backend_svg",
    "kubelab.lab", "kubelab.magics", "kubelab.checks", "kubelab.widgets", "kubelab.viz", "tinykube.serving",
)  # fmt: skip


def serve(path):
    """Import everything, then fork for each that asks, until standard input closes."""
    sys.path.pop(0)  # this file's directory, which a kernel does not have there
    for name in MODULES:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # their ends are for those to notice who wait for them
        _end_with(lambda: os.read(0, 4096))
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _become_what_is_asked_for(connection, path)
            connection.close()


def _end_with(read):
    """End this process when there is no more to read."""

    def wait():
        while read():
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _become_what_is_asked_for(connection, path):
    """What is left of this process is that; the connection tells either side that the other has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    with connection.makefile() as file:
        asked = json.loads(file.readline())
    os.chdir(asked["directory"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    connection.sendall(f"{os.getpid()}\n".encode())
    _end_with(lambda: connection.recv(1))
    code = 1
    try:
        code = {"kernel": _be_a_kernel, "cluster": _be_a_cluster}[asked["what"]](asked["arguments"], path)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code or 0)


def _be_a_kernel(arguments, path):
    from ipykernel.kernelapp import IPKernelApp

    from kubelab.clusters.practice import Practice

    Practice.__init__.__kwdefaults__["command"] = command(path, "cluster")
    IPKernelApp.launch_instance(arguments)


def _be_a_cluster(arguments, _):
    from tinykube.__main__ import main

    sys.argv[:] = ["tinykube", *arguments]
    return main()


def command(path, what):
    """The command line that stands for a kernel or a cluster; its arguments follow."""
    return [sys.executable, "-S", "-E", __file__, "attach", path, what]


def attach(path, what, arguments):
    """Stand for what is asked for: pass signals on to it, and end when it ends."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        asked = {"what": what, "arguments": arguments, "directory": os.getcwd(), "environment": dict(os.environ)}
        socket.send_fds(connection, [b"\0"], [0, 1, 2])  # standard input, output and error
        connection.sendall(json.dumps(asked).encode() + b"\n")
        process = int(connection.makefile().readline())

        def pass_on(number, _):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        while connection.recv(1):
            pass


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        attach(sys.argv[2], sys.argv[3], sys.argv[4:])
