"""How alike two recordings are, fact by fact: five ratios between 0 and 1, and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from tests.parity.facts import said

Recording = dict[str, Any]


class Score(NamedTuple):
    """Agreement of exit codes, outputs, final objects, objects' lives and events."""

    exit: float
    output: float
    final: float
    life: float
    events: float

    @property
    def mean(self) -> float:
        """The five together."""
        return sum(self) / len(self)

    def __str__(self) -> str:
        return " ".join(f"{name}={value:.2f}" for name, value in self._asdict().items()) + f" mean={self.mean:.3f}"


def score(real: Recording, ours: Recording) -> Score:
    """Compare a run of ours with a recorded one."""
    pairs = [(a, b) for a, b in zip(real["steps"], ours["steps"], strict=True) if "rc" in a]
    return Score(
        _share(a["rc"] == b.get("rc") for a, b in pairs),
        _share(said(a) == said(b) for a, b in pairs),
        _jaccard(Counter(real["finals"]), Counter(ours["finals"])),
        _life(real["lives"], ours["lives"]),
        _jaccard(Counter(real["events"]), Counter(ours["events"])),
    )


def differences(real: Recording, ours: Recording) -> Iterator[str]:
    """Where they differ: `-` what only the real one had, `+` what only ours has."""
    for a, b in zip(real["steps"], ours["steps"], strict=True):
        if "rc" in a and (a["rc"], said(a)) != (b.get("rc"), said(b)):
            yield f"{a.get('args') or a['do']}: exit {a['rc']} and {b.get('rc')}"
            yield from _sides(Counter(said(a)), Counter(said(b)), "    ")
    for what in ("finals", "events"):
        yield from _sides(Counter(real[what]), Counter(ours[what]), f"{what}: ")


def _sides(real: Counter[str], ours: Counter[str], indent: str) -> Iterator[str]:
    yield from (f"{indent}- {fact}" for fact in sorted((real - ours).elements()))
    yield from (f"{indent}+ {fact}" for fact in sorted((ours - real).elements()))


def _share(agreements: Iterator[bool]) -> float:
    found = list(agreements)
    return sum(found) / max(1, len(found))


def _jaccard(real: Counter[str], ours: Counter[str]) -> float:
    union = sum((real | ours).values())
    return sum((real & ours).values()) / union if union else 1.0


def _life(real: dict[str, list[list[str]]], ours: dict[str, list[list[str]]]) -> float:
    total, count = 0.0, 0
    for name in set(real) | set(ours):
        first, second = real.get(name, []), ours.get(name, [])
        count += max(len(first), len(second))
        total += sum(SequenceMatcher(None, a, b, autojunk=False).ratio() for a, b in zip(first, second, strict=False))
    return total / count if count else 1.0
