"""Set the course up on this machine: `.venv`, the pinned packages, kubectl. `make setup` calls it; so may you.

    python3 tools/setup.py            what a learner needs
    python3 tools/setup.py --tests    and what the tests and the book need

Law: standard library only, and any Python 3 may start it: an old one looks for a newer one on this machine. What is
done is in `environment.py`.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST_KNOWN = (3, 14)


def hand_over_to_a_newer_python():
    """Start again with a newer Python of this machine, or say where to get one."""
    for minor in range(NEWEST_KNOWN[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.call([found, "-c", "import ssl"], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, *sys.argv])
    sys.exit(
        f"This Python is {sys.version_info[0]}.{sys.version_info[1]}; the course needs 3.11 or newer, "
        "and none is on PATH.\n"
        "Install one (Debian, Ubuntu: apt install python3; macOS: brew install python; Windows: python.org)\n"
        "and run this again, or name it: make setup PYTHON=/path/to/python3.12"
    )


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        hand_over_to_a_newer_python()
    import environment

    sys.exit(environment.main(sys.argv[1:]))
