"""Carry recordings of a real cluster into the tests, reduced to masked facts.

    python tools/carry_recordings.py RECORDINGS_DIR [NAME ...]

RECORDINGS_DIR holds one JSON file a scenario: its steps with their outputs, the watched changes, the final objects.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.parity import facts  # noqa: E402  (a script: the repository has to be on the path first)

KEPT = ("do", "args", "manifest", "seconds", "get", "wanted", "rc")


def step(recorded: dict[str, Any]) -> dict[str, Any]:
    """One step: what was done, and how kubectl answered, masked."""
    kept = {key: recorded[key] for key in KEPT if key in recorded}
    if "rc" in recorded:
        kept["lines"] = facts.lines(recorded.get("stdout", "") + recorded.get("stderr", ""))
    return kept


def carry(recording: dict[str, Any]) -> dict[str, Any]:
    """A recording as the tests keep it."""
    return {
        "server": recording["server"],
        "steps": [step(recorded) for recorded in recording["steps"]],
        "finals": dict(sorted(facts.finals(recording["final"]).items())),
        "lives": facts.lives(recording["changes"]),
        "events": dict(sorted(facts.events(recording["changes"]).items())),
    }


def main() -> None:
    """Write tests/parity/recordings/NAME.json for each scenario."""
    source, names = Path(sys.argv[1]), sys.argv[2:]
    target = ROOT / "tests/parity/recordings"
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.json")):
        if not names or path.stem in names:
            text = json.dumps(
                carry(json.loads(path.read_text(encoding="utf-8"))), separators=(",", ":"), ensure_ascii=False
            )
            (target / path.name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
