"""Run notebooks from top to bottom on a cluster, without comparing outputs: `make test-labs` on real clusters, and
the book, which shows what such a run printed.

    python tools/notebooks.py --cluster kind labs/02-first-pod/lab.ipynb

Law: a cell that raises fails its notebook, and so does a check whose verdict is not the one that belongs there; what
else a cell prints is not looked at. On the practice cluster notebooks run side by side, each with a state directory of
its own; on a shared real cluster one after the other, unless $WORKERS says how many chapters may run side by side.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from console import speak_every_language
from kernels import AsyncKernelManager

ROOT = Path(__file__).resolve().parent.parent
CELL_TIMEOUT = {"practice": 120}  # seconds for one cell; a real cluster gets REAL_TIMEOUT
REAL_TIMEOUT = 3600
VERDICTS = {"solutions.ipynb": "✔ Passed", "exercises.ipynb": "○ Not attempted"}


@dataclass(frozen=True)
class Result:
    """How one notebook went; `problem` is "" when every cell ran."""

    notebook: Path
    cells: int
    seconds: float
    problem: str = ""


def discover(root: Path = ROOT) -> list[Path]:
    """Every notebook of the labs, in the course's order."""
    return sorted(path for path in root.glob("labs/*/*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def surroundings(cluster: str) -> dict[str, str]:
    """What every notebook gets; relative paths in $KUBECONFIG mean where the run was started."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    common = {**os.environ, "PATH": tools, "CLUSTER": cluster}
    if files := os.environ.get("KUBECONFIG"):
        common["KUBECONFIG"] = os.pathsep.join(str(Path(one).absolute()) for one in files.split(os.pathsep) if one)
    return common


def look_over(cluster: str) -> bool:
    """Once, before notebooks fail one by one: is the real cluster up, and may labs do their work there?"""
    prepare = "import sys; from kubelab.cli import main; sys.exit(main(['prepare']))"
    return subprocess.run([sys.executable, "-c", prepare], env=surroundings(cluster), check=False).returncode == 0


@contextmanager
def isolated(cluster: str) -> Iterator[dict[str, str]]:
    """The environment for one notebook. On the practice cluster it has its own state, removed at the end."""
    common = surroundings(cluster)
    if cluster != "practice":
        yield common
        return
    with tempfile.TemporaryDirectory(prefix="kubelab-", ignore_cleanup_errors=True) as home:
        environment = {**common, "KUBELAB_HOME": home, "TMPDIR": home}
        try:
            yield environment
        finally:
            take_down(environment)


def take_down(environment: dict[str, str]) -> None:
    """Remove the practice cluster of that state directory, if a notebook left one."""
    if (Path(environment["KUBELAB_HOME"]) / "clusters").exists():
        down = "import sys; from kubelab.cli import main; sys.exit(main(['down']))"
        subprocess.run(
            [sys.executable, "-c", down], env=environment, capture_output=True, timeout=300, check=False
        )  # fmt: skip


def run(notebook: Path, cluster: str, save_to: Path | None = None) -> Result:
    """Run one notebook; `save_to` gets it with its outputs."""
    content = nbformat.read(notebook, as_version=4)
    timeout = CELL_TIMEOUT.get(cluster, REAL_TIMEOUT)
    resources = {"metadata": {"path": str(notebook.parent)}}
    client = NotebookClient(
        content, timeout=timeout, startup_timeout=120, kernel_name="python3", resources=resources,
        extra_arguments=["--log-level=ERROR"], coalesce_streams=True, store_widget_state=False, record_timing=False,
        kernel_manager_class=AsyncKernelManager,
    )  # fmt: skip
    started, problem = time.monotonic(), ""
    with isolated(cluster) as environment:
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, RuntimeError) as error:  # the last: a kernel that dies
            problem = str(error).strip() or type(error).__name__
    problem = problem or misjudged(content, notebook.name)
    if save_to:
        nbformat.write(content, save_to)
    cells = sum(cell.cell_type == "code" for cell in content.cells)
    return Result(notebook, cells, time.monotonic() - started, problem)


def misjudged(content: nbformat.NotebookNode, name: str) -> str:
    """What checks said that belongs into no notebook of that name; "" if all is well."""
    checks = [cell for cell in content.cells if cell.cell_type == "code" and ".check(" in cell.source]
    said = [(cell.source.strip(), _shown(cell)) for cell in checks if name in VERDICTS]
    return "\n\n".join(f"{source}\n{text}" for source, text in said if f"\n{VERDICTS[name]}" not in f"\n{text}")


def _shown(cell: nbformat.NotebookNode) -> str:
    return "\n".join(output.data.get("text/plain", "") for output in cell.outputs if "data" in output)


def run_all(notebooks: Iterable[Path], cluster: str, save: bool = False) -> list[Result]:
    """Run notebooks, a line for each as it ends; `save` writes the outputs into them."""
    with ThreadPoolExecutor(workers(cluster)) as pool:
        return [
            result
            for row in pool.map(lambda row: [_told(path, cluster, save) for path in row], rows(notebooks, cluster))
            for result in row
        ]


def workers(cluster: str) -> int:
    """How many run at once: $WORKERS; else as many as there are processors, but one on a shared cluster."""
    asked = os.environ.get("WORKERS", "")
    return int(asked) if asked.isdigit() else (os.cpu_count() or 1) if cluster == "practice" else 1


def rows(notebooks: Iterable[Path], cluster: str) -> list[list[Path]]:
    """What has to run in turn: on a shared cluster a chapter's exercises and solutions use the same namespace."""
    if cluster == "practice":
        return [[path] for path in notebooks]
    return [list(chapter) for _, chapter in groupby(notebooks, key=lambda path: path.parent)]


def _told(notebook: Path, cluster: str, save: bool) -> Result:
    name = notebook.relative_to(notebook.parents[2])
    if cluster != "practice":
        print(f"  …      {name}", flush=True)
    result = run(notebook, cluster, notebook if save else None)
    word = "FAILED" if result.problem else "ok"
    lines = "".join(f"\n    {line}" for line in result.problem.splitlines())
    print(f"  {word:<6} {name}  ({result.cells} cells, {result.seconds:.1f} s){lines}", flush=True)
    return result


def main() -> int:
    speak_every_language()
    parser = argparse.ArgumentParser(prog="tools/notebooks.py", description="Run notebooks on a cluster.")
    parser.add_argument("--cluster", default="practice", choices=["practice", "kind", "current"])
    parser.add_argument("--save", action="store_true", help="write what they print into the notebooks")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of labs/")
    options = parser.parse_args()
    if options.cluster != "practice" and not look_over(options.cluster):
        return 1
    results = run_all([path.resolve() for path in options.notebooks] or discover(), options.cluster, options.save)
    failed = sum(bool(result.problem) for result in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
