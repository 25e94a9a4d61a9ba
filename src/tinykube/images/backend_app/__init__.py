"""backend-app: the labs' own web service, from the same source as its container image.

Law: an Alpine image with `/app/app.py` and a `python` that runs just this file; any other script it refuses, with a
sentence that says so.

Models the image that labs/images/backend-app/Dockerfile builds on docker.io/library/python:3.13-alpine.
"""

from __future__ import annotations

from tinykube.images import alpine
from tinykube.images.backend_app import program, source
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File
from tinykube.runtime.process import Process

VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
REFUSAL = (
    "python: the practice cluster runs no Python but backend-app's own app.py; "
    "a kind cluster runs the rest (kubelab up --cluster kind)\n"
)


async def python(process: Process) -> int:
    """`python FILE`: runs app.py, and nothing else."""
    words = [word for word in process.argv[1:] if word not in ("-u", "-B")]
    if words in (["--version"], ["-V"]):
        process.out(f"Python {program.PYTHON}\n")
        return 0
    if not words or words[0].startswith("-"):
        process.err(REFUSAL)
        return 1
    node = process.find(words[0])
    if not isinstance(node, File):
        where = process.path(words[0])
        process.err(f"python: can't open file '{where}': [Errno 2] No such file or directory\n")
        return 2
    if bytes(node.data) != source.path().read_bytes():
        process.err(REFUSAL)
        return 1
    return await program.main(process)


def images() -> list[Image]:
    """One image a version; they differ in APP_VERSION alone."""
    interpreter = File(b"\x7fELF python", 0o755, program=python)
    root = alpine.root(
        {
            "/app": Directory(),
            "/app/app.py": source.path().read_bytes(),
            "/usr/local/bin/python": interpreter,
            "/usr/local/bin/python3": interpreter,
        }
    )
    return [_image(version, root) for version in VERSIONS]


def _image(version: str, root: Directory) -> Image:
    env = {"APP_VERSION": version, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    return Image(
        "docker.io/library/backend-app",
        (version,),
        root,
        cmd=("python", "app.py"),
        env=env,
        working_dir="/app",
        user="65534:65534",
        ports=(8080,),
        size=17_600_000,
    )
