"""How outcomes look: one place, as plain text and as HTML. Pure functions; the same outcome always looks the same."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from kubelab.checks.outcomes import CouldNotCheck, LearnerError, NotAttempted, Outcome, Passed, Wrong

_MARKS = {Passed: "✔", Wrong: "✘", NotAttempted: "○", LearnerError: "!", CouldNotCheck: "?"}
_HEADS = {
    Passed: "Passed",
    Wrong: "Not yet",
    NotAttempted: "Not attempted",
    LearnerError: "Your last command failed",
    CouldNotCheck: "Could not check",
}
_COLORS = {
    Passed: "#0072b2",
    Wrong: "#d55e00",
    NotAttempted: "#767676",
    LearnerError: "#d55e00",
    CouldNotCheck: "#767676",
}


@dataclass(frozen=True)
class Verdict:
    """An outcome for one exercise, ready to be shown. `bool(verdict)` says whether it passed."""

    title: str
    outcome: Outcome
    help: str = ""
    """How to get further, for outcomes that are not the end."""

    def __bool__(self) -> bool:
        return isinstance(self.outcome, Passed)

    def __repr__(self) -> str:
        kind = type(self.outcome)
        head = f"{_MARKS[kind]} {_HEADS[kind]}: {self.title}"
        return "\n".join([head, *(f"  {label}{text}" for label, text in _lines(self) if text)])

    def _repr_html_(self) -> str:
        kind = type(self.outcome)
        lines = "".join(
            f"<div style='margin-top:.3em'><b>{escape(label)}</b>{_paragraph(text)}</div>"
            for label, text in _lines(self)
            if text
        )
        return (
            f"<div role='status' style='border-left:.35em solid {_COLORS[kind]};padding:.4em .8em;margin:.3em 0'>"
            f"<b style='color:{_COLORS[kind]}'>{_MARKS[kind]} {_HEADS[kind]}:</b> {escape(self.title)}{lines}</div>"
        )


def _lines(verdict: Verdict) -> list[tuple[str, str]]:
    outcome = verdict.outcome
    told: list[tuple[str, str]]
    if isinstance(outcome, Wrong):
        told = [("Seen: ", outcome.saw), ("", outcome.why)]
    elif isinstance(outcome, Passed):
        told = [("", outcome.saw)]
    elif isinstance(outcome, NotAttempted):
        told = [("", outcome.what)]
    elif isinstance(outcome, LearnerError):
        told = [("", outcome.said), ("", "Mend that and run it again, then check.")]
    else:
        told = [("", outcome.why), ("", "This is not your mistake, and it counts neither way.")]
    return [*told, ("", verdict.help)]


def _paragraph(text: str) -> str:
    return escape(text).replace("\n", "<br>")
