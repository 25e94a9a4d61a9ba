"""Measure how faithful the practice cluster is, and write the table that the book shows.

    python tools/parity_table.py                     run all recorded scenarios, write book/tables/faithfulness.md
    python tools/parity_table.py NAME ...            run these, print their rows, write nothing

Law: every number comes from a run, by the scoring that the tests use (tests/parity); nothing is rounded up.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.parity.runner import kubectl_path, runner  # noqa: E402  (a script: the path has to be set first)
from tests.parity.score import Score, score  # noqa: E402

RECORDINGS = ROOT / "tests" / "parity" / "recordings"
TABLE = ROOT / "book" / "tables" / "faithfulness.md"
COLUMNS = (*Score._fields, "mean")
ROW = re.compile(r"^\| `([\w-]+)` \|" + r" ([\d.]+) \|" * len(COLUMNS) + "$", re.MULTILINE)
HEAD = f"| scenario | {' | '.join(COLUMNS)} |\n|---|{'--:|' * len(COLUMNS)}\n"


class Row(NamedTuple):
    """One scenario: how much of what was recorded our cluster did, too."""

    name: str
    values: tuple[float, ...]
    """Exit codes, outputs, final objects, lives, events, and the mean of the five."""

    def line(self) -> str:
        """The row as Markdown."""
        return f"| `{self.name}` | {' | '.join(shown(value) for value in self.values)} |\n"


def shown(value: float) -> str:
    """With two digits, rounded down: what is printed as 1.00 is all of it."""
    return f"{math.floor(value * 100 + 1e-9) / 100:.2f}"


def names() -> list[str]:
    """Every recorded scenario."""
    return sorted(path.stem for path in RECORDINGS.glob("*.json"))


def recorded(name: str) -> dict:
    """What a real cluster did."""
    return json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))


def measure(name: str) -> Row:
    """Run one scenario on a practice cluster of its own."""
    real = recorded(name)
    reached = score(real, asyncio.run(_run(real)))
    return Row(name, (*reached, reached.mean))


async def _run(real: dict) -> dict:
    kubectl = kubectl_path()
    if kubectl is None:
        sys.exit("kubectl is missing: `make setup` fetches it.")
    with tempfile.TemporaryDirectory() as directory:
        async with runner(Path(directory), kubectl) as cluster:
            return await cluster.run(real)


def measure_all(wanted: Sequence[str]) -> list[Row]:
    """Run scenarios, as many at once as there are processors; a line for each on standard error."""
    rows = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for row in pool.map(measure, wanted):
            print(f"  {row.name:44} {shown(row.values[-1])}", file=sys.stderr, flush=True)
            rows.append(row)
    return rows


def page(rows: Sequence[Row], today: datetime.date) -> str:
    """The table with what it is of, as Markdown."""
    servers = {recorded(row.name)["server"] for row in rows}
    commands = sum("rc" in step for row in rows for step in recorded(row.name)["steps"])
    whole = Row("", tuple(map(mean, zip(*(row.values for row in rows), strict=True))))
    total = whole.line().replace("| `` |", f"| **all {len(rows)}** |")
    return (
        "<!-- Written by tools/parity_table.py; not by hand. -->\n"
        f"Measured on {today.isoformat()} with {client()}, against recordings of Kubernetes "
        f"{', '.join(sorted(servers))}: {len(rows)} scenarios, {commands} commands.\n\n"
        f"{HEAD}{''.join(row.line() for row in rows)}{total}"
    )


def client() -> str:
    """Which kubectl the scenarios are run with."""
    said = subprocess.run([str(kubectl_path()), "version", "--client"], capture_output=True, text=True, check=True)
    found = re.search(r"v[\d.]+", said.stdout)
    return f"kubectl {found.group()}" if found else "kubectl"


def written() -> list[Row]:
    """The rows of the table as it is in the book."""
    found = ROW.findall(TABLE.read_text(encoding="utf-8"))
    return [Row(name, tuple(map(float, values))) for name, *values in found]


def main() -> None:
    wanted = sys.argv[1:]
    if unknown := set(wanted) - set(names()):
        sys.exit(f"There is no recording of {', '.join(sorted(unknown))}. There are: {', '.join(names())}.")
    rows = measure_all(wanted or names())
    if wanted:
        print(HEAD + "".join(row.line() for row in rows), end="")
        return
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(page(rows, datetime.datetime.now(datetime.UTC).date()), encoding="utf-8")
    print(f"wrote {TABLE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
