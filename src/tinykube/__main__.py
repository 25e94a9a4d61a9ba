"""`python -m tinykube` (see tinykube.serving)."""

import gc
import sys


def main() -> int:
    """Serve; returns the exit code."""
    gc.set_threshold(100_000, 50, 100)  # objects here live long: looking for garbage seldom saves a fifth of the time,
    from tinykube import serving  # and a tenth of what it takes to import all this

    return serving.main()


if __name__ == "__main__":
    sys.exit(main())
