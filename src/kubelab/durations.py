"""Durations as Go and kubectl write them: "90s", "5m", "1h30m", "250ms". Pure functions."""

from __future__ import annotations

import re

from kubelab.errors import KubelabError

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")


def parse(text: str | float) -> float:
    """Seconds in `text`; a bare number is seconds.

    Raises:
        KubelabError: `text` is no duration, or a negative one.
    """
    if isinstance(text, int | float):
        seconds = float(text)
    else:
        seconds = _parse_text(text.strip())
    if seconds < 0 or seconds != seconds:
        raise _refusal(text)
    return seconds


def _parse_text(text: str) -> float:
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _refusal(text)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _refusal(text: object) -> KubelabError:
    return KubelabError(f"{text!r} is not a duration.", "Write it as kubectl does: 30s, 5m, 1h30m.")


def show(seconds: float) -> str:
    """The shortest exact spelling: 90 is "1m30s", 0.25 is "250ms"."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms" if seconds else "0s"
    whole = round(seconds, 3)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    text = (f"{hours:.0f}h" if hours else "") + (f"{minutes:.0f}m" if minutes else "")
    return text + (f"{round(rest, 3):g}s" if rest or not text else "")
