"""What `make test`, `make check`, `make book`, `make test-labs` and `make bench` do, stage by stage.

Law: runs the tools in `.venv` and adds nothing of its own to what they find. Every stage says when it starts, how it
ended and how long it took; a failed one does not keep the next from running, but the whole has then failed.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from console import speak_every_language

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header"]
PARALLEL = ["-n", os.environ.get("WORKERS") or str(min(2 * (os.cpu_count() or 1), 12))]  # half of a test is waiting
CLUSTERS = ("practice", "kind", "current")


@dataclass(frozen=True)
class Stage:
    """One command and what it is for; `cluster` reaches it as $CLUSTER."""

    title: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def notebooks(cluster: str) -> Stage:
    """Every notebook, run: on the practice cluster its outputs are compared, elsewhere its assertions must hold."""
    environment = {"CLUSTER": cluster}
    if cluster != "practice":
        runner = [sys.executable, "tools/notebooks.py", "--cluster", cluster]
        return Stage(f"the labs on the cluster '{cluster}'", runner, environment)
    nbval = ["--nbval", "--nbval-sanitize-with", "tests/labs/sanitize.cfg", "-p", "tests.labs.isolation"]
    nbval += ["-p", "no:hypothesispytest", "-p", "no:benchmark"]  # which take longer to load than a notebook to run
    compare = [*PYTEST, *PARALLEL, "--dist", "loadfile", *nbval, "labs"]
    return Stage("the labs on the practice cluster, outputs compared", compare, environment)


def stages(what: str, cluster: str) -> list[Stage]:
    """The stages of one make target."""
    tool = Path(sys.executable).parent
    units = [
        *PYTEST,
        *PARALLEL,
        "--dist",
        "loadgroup",
        "tests",
        "--ignore=tests/labs",
        "--ignore=tests/book",
        "--benchmark-skip",
    ]
    return {
        "test": [
            Stage("units", units),
            notebooks("practice"),
            Stage("exercises: starters, solutions, wrong answers", [*PYTEST, *PARALLEL, "tests/labs"]),
            Stage("the book's structure", [*PYTEST, "tests/book"]),
        ],
        "labs": [notebooks(cluster)],
        "check": [
            Stage("lint", [str(tool / "ruff"), "check"]),
            Stage("formatting", [str(tool / "ruff"), "format", "--check"]),
            Stage("types", [str(tool / "mypy")]),
            Stage("import contracts", [str(tool / "lint-imports"), "--no-logo"]),
        ],
        "book": [
            Stage("run every lab", [sys.executable, "tools/book.py", "run"]),
            Stage("build the pages", [sys.executable, "tools/book.py", "build"]),
            Stage("what a reader would meet", [*PYTEST, "tests/book", "--book", "_build/html"]),
        ],
        "bench": [Stage("benchmarks", [*PYTEST, "tests/bench", "--benchmark-only"])],
    }[what]


def run(stage: Stage, where: str) -> bool:
    """Run one stage under its heading; did it pass?"""
    print(f"\n── {where} {stage.title}", flush=True)
    started = time.monotonic()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "PYTHONUTF8": "1", **stage.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred processes need not compile the same files each
    code = subprocess.call(stage.command, cwd=ROOT, env=environment)
    word = "passed" if code == 0 else f"FAILED (exit code {code})"
    print(f"── {where} {stage.title}: {word} after {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


def main() -> int:
    speak_every_language()
    parser = argparse.ArgumentParser(prog="tools/stages.py")
    parser.add_argument("what", choices=["test", "labs", "book", "check", "bench"])
    what = parser.parse_args().what
    cluster = os.environ.get("CLUSTER") or "practice"
    if cluster not in CLUSTERS:
        print(f"CLUSTER={cluster} names no kind of cluster. Choose one of: {', '.join(CLUSTERS)}.")
        return 2
    todo = stages(what, cluster)
    failed = []
    for number, stage in enumerate(todo, 1):
        if not run(stage, f"[{number}/{len(todo)}]"):
            failed.append(stage.title)
            if what == "book":
                break
    if failed:
        print(f"\nFailed: {'; '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
