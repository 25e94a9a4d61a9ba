"""Run labs twice, each time in a fresh practice cluster, and compare what they print, byte for byte.

    python tools/transcripts.py labs/02-first-pod/lab.ipynb labs/05-health-and-resources/lab.ipynb

Law: the same seed gives the same names, addresses, timings and outputs. Only what `tests/labs/sanitize.cfg` masks may
differ: times of the wall, and what belongs to this machine.
"""

from __future__ import annotations

import argparse
import configparser
import difflib
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from console import speak_every_language
from notebooks import ROOT, run

MASKS = ROOT / "tests" / "labs" / "sanitize.cfg"


def masks(path: Path = MASKS) -> list[tuple[re.Pattern[str], str]]:
    """What is replaced by what before two transcripts are compared."""
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    return [(re.compile(part["regex"]), part["replace"]) for part in (parser[name] for name in parser.sections())]


def transcript(notebook: nbformat.NotebookNode) -> str:
    """Everything a run notebook's cells printed and showed, in order, with the masks applied."""
    shown = "\n".join(
        f"In [{number}]: {cell.source}\n{output}"
        for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1)
        for output in map(_text, cell.outputs)
    )
    for pattern, replacement in masks():
        shown = pattern.sub(replacement, shown)
    return shown


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return "\n".join(f"{kind}: {value}" for kind, value in sorted(output.data.items()))


def differences(notebook: Path) -> list[str]:
    """Run a notebook twice; a unified diff of what it printed, empty if nothing differs.

    Raises:
        RuntimeError: a run failed.
    """
    seen = []
    with tempfile.TemporaryDirectory() as directory:
        for number in range(2):
            saved = Path(directory) / f"{number}.ipynb"
            result = run(notebook, "practice", saved)
            if result.problem:
                raise RuntimeError(f"{notebook} failed:\n{result.problem}")
            seen.append(transcript(nbformat.read(saved, as_version=4)).splitlines())
    return list(difflib.unified_diff(*seen, "first run", "second run", lineterm="", n=1))


def compare(notebooks: Iterable[Path]) -> int:
    """Compare the runs of each; how many differed."""
    failed = 0
    for notebook in notebooks:
        found = differences(notebook.resolve())
        print(f"{'DIFFERS' if found else 'same'}  {notebook}", *found[:60], sep="\n", flush=True)
        failed += bool(found)
    return failed


def main() -> int:
    speak_every_language()
    parser = argparse.ArgumentParser(prog="tools/transcripts.py", description="Run labs twice and compare.")
    parser.add_argument("notebooks", nargs="+", type=Path)
    return 1 if compare(parser.parse_args().notebooks) else 0


if __name__ == "__main__":
    sys.exit(main())
