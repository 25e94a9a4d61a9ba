"""What programs that use up memory and processors share.

Models the worker loops of the stress programs.
"""

from __future__ import annotations

from tinykube.runtime.process import Process

_SUFFIXES = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip
STEP = 0.001  # seconds of processor time between two looks at signals


def quantity(text: str) -> int:
    """Bytes, as a Kubernetes quantity says them. Raises ValueError."""
    digits = text.rstrip("kKMGTi")
    factor = _SUFFIXES.get(text[len(digits) :])
    try:
        return int(float(digits) * (factor or 0)) if factor else int("")
    except ValueError:
        raise ValueError(f'cannot parse "{text}": quantities look like 500Mi') from None


async def burn(process: Process) -> int:
    """Compute for ever."""
    while True:
        await process.spend(STEP)
