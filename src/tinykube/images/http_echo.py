"""http-echo: answers every request with one text.

Models docker.io/hashicorp/http-echo (main.go, handlers.go).
"""

from __future__ import annotations

from tinykube.images.golang import duration
from tinykube.images.golang.flags import Flag, FlagError, HelpWanted, parse_flags, usage_of
from tinykube.images.golang.program import GoProgram, reply
from tinykube.runtime import http, signals
from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import File
from tinykube.runtime.process import Process

VERSION = "1.0.0"
FLAGS = [
    Flag("listen", ":5678", "address and port to listen"),
    Flag("status-code", 200, "http response code, e.g.: 200"),
    Flag("text", "", "text to put on the webpage"),
    Flag("version", False, "display version information"),
]
MISSING = "Missing -text option OR ENV var TEXT is empty!\n"


async def main(process: Process) -> int:
    """The program."""
    try:
        flags, arguments = parse_flags(process.argv[1:], FLAGS)
    except HelpWanted:
        process.err(usage_of(FLAGS, process.argv[0]))
        return 0
    except FlagError as error:
        process.err(f"{error}\n{usage_of(FLAGS, process.argv[0])}")
        return 2
    if flags["version"]:
        process.err(f"http-echo v{VERSION}\n")
        return 0
    text = flags["text"] or process.env.get("ECHO_TEXT", "")
    if not text or arguments:
        process.err("Too many arguments!\n" if text else MISSING)
        return 127
    return await _serve(GoProgram(process), flags["listen"], text, flags["status-code"])


async def _serve(program: GoProgram, listen: str, text: str, status: int) -> int:
    async def handle(request: http.Request) -> http.Response:
        response = reply('{"status":"ok"}\n') if request.path == "/health" else reply(f"{text}\n", status)
        response.headers += [("X-App-Name", "http-echo"), ("X-App-Version", VERSION)]
        if request.path != "/health":
            program.process.out(
                f"{program.now:%Y/%m/%d %H:%M:%S} {request.header('Host')} {request.peer[0]}:{request.peer[1]} "
                f'"{request.method} {request.path} HTTP/{request.version}" {status} {len(response.body)} '
                f'"{request.header("User-Agent")}" {duration.text(0.000016)}\n'
            )
        return response

    port = listen.rpartition(":")[2]
    program.log(f"[INFO] server is listening on {listen}")
    program.listen(int(port) if port.isdigit() else 80, handle)
    program.on_signal(signals.SIGINT, lambda: _interrupted(program))
    return await program.ended()


def _interrupted(program: GoProgram) -> None:
    program.log("[INFO] received interrupt, shutting down...")
    program.exit(2)


def images() -> list[Image]:
    """http-echo, in its own image without a shell."""
    root = layer(None, {"/http-echo": File(b"\x7fELF http-echo", 0o755, program=main)})
    tags = ("latest", "1.0", VERSION, "0.2.3")
    return [
        Image(
            "docker.io/hashicorp/http-echo",
            tags,
            root,
            entrypoint=("/http-echo",),
            user="65532:65532",
            ports=(5678,),
            size=3_900_000,
        )
    ]
