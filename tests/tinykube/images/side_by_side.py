"""Run one script in a real busybox and in the practice cluster's, with the same files.

The real one is the judge: `apt-get install busybox-static`, `apk add busybox-static` or `brew install busybox`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tinykube.clock import Clock
from tinykube.images import catalogue
from tinykube.runtime import Container, ContainerSpec, ImageStore, Network

BUSYBOX = shutil.which("busybox")
HOW_TO_GET = "no busybox on PATH to compare with: install one (Debian: apt-get install busybox-static)"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "LANG": "C"}
STORE = ImageStore(catalogue())
FILES = {
    "fruit": "apple 3\nbanana 12\ncherry 7\napple 5\nDate 1\n",
    "table": "name,age,city\nann,31,oslo\nbob,7,rome\ncy,100,bonn\n",
    "log": (
        "2024-01-01 INFO start\n2024-01-01 WARN low disk\n2024-01-02 ERROR failed: timeout\n"
        "2024-01-02 INFO retry\n2024-01-03 ERROR failed: refused\n"
    ),
    "empty": "",
    "noeol": "one\ntwo",
    "conf": "# comment\nkey=value\n\nhost = localhost\nport=8080\n",
}


@dataclass(frozen=True)
class Outcome:
    """What a script did."""

    status: int
    stdout: str
    stderr: str


def scripts(kind: str) -> dict[str, str]:
    """The scripts of KIND_scripts.txt by name."""
    text = (Path(__file__).parent / f"{kind}_scripts.txt").read_text()
    cases = (part.partition("\n") for part in text.split("\n=== ")[1:])
    return {name: script.rstrip("\n") for name, _, script in cases}


def run_real(script: str, directory: Path) -> Outcome:
    """In a real busybox's `sh -c`."""
    assert BUSYBOX is not None
    for name, text in FILES.items():
        (directory / name).write_text(text)
    done = subprocess.run(
        [BUSYBOX, "sh", "-c", script], cwd=directory, env=ENVIRONMENT, capture_output=True, timeout=20, check=False
    )
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    decoded = (data.decode("utf-8", "surrogateescape") for data in (done.stdout, done.stderr))
    out, err = (text.replace(str(directory), "/w") for text in decoded)
    return Outcome(status, out, without_usage(err))


def without_usage(text: str) -> str:
    """Messages without the explanations of how a program is used: those are not copied."""
    return re.sub(r"BusyBox v.*?(?=\n[a-z]\w*: |\Z)", "<usage>", text, flags=re.DOTALL)


async def run_ours(script: str, *, seconds: float = 600.0) -> Outcome:
    """In a container of the practice cluster; pid 1 only waits, so that the script is no pid 1."""
    clock = Clock()
    image = STORE.find("busybox:1.36")
    assert image is not None
    spec = ContainerSpec(image, command=["sleep", "1000000"], working_dir="/w", env=ENVIRONMENT)
    container = Container(spec, clock, Network(clock).add_host("10.0.0.1"), lambda stream, line: None)
    for name, text in FILES.items():
        container.fs.write(f"/w/{name}", text.encode())
    container.start()
    session = container.exec(["sh", "-c", script])
    ended = await clock.run_until(lambda: session.exit_code is not None, seconds)
    assert ended, "the script did not end"
    status, out, err = await session.output()
    container.kill()
    await clock.settle()
    messages = without_usage(err.decode("utf-8", "surrogateescape"))
    return Outcome(status, out.decode("utf-8", "surrogateescape"), messages)
