"""Write labs/*/exercises.ipynb from labs/*/solutions.ipynb; with --check, only say whether they are up to date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kubelab.checks import deriving

LABS = Path(__file__).resolve().parents[1] / "labs"


def main() -> int:
    """Entry point; 1 if --check found a notebook that is not what its solutions derive to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("directories", nargs="*", type=Path)
    options = parser.parse_args()
    stale = []
    for directory in options.directories or sorted(file.parent for file in LABS.glob("*/solutions.ipynb")):
        if options.check and not deriving.is_derived(directory):
            stale.append(directory)
        elif not options.check and deriving.write_exercises(directory):
            print(f"wrote {directory / 'exercises.ipynb'}")
    for directory in stale:
        print(f"{directory / 'exercises.ipynb'} is not what its solutions derive to; run tools/derive_exercises.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
