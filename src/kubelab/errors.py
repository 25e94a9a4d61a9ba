"""What went wrong, said to a person.

Law: every error a learner can meet is a sentence with a next step, and Jupyter shows the sentence alone, without a
traceback that hides it.
"""

from __future__ import annotations


class KubelabError(Exception):
    """A sentence that says what happened, and one that says what to do about it."""

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what, next_step)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what} {self.next_step}".strip()

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return [str(self)]


class ClusterUnavailable(KubelabError):
    """The cluster cannot be reached, or never came up."""


class ToolMissing(KubelabError):
    """A program that is needed is not installed, not running or not permitted."""


class CommandFailed(KubelabError):
    """A program that was run for the learner failed; `output` is what it said."""

    def __init__(self, what: str, next_step: str = "", output: str = "") -> None:
        super().__init__(what, next_step)
        self.output = output


class Refused(KubelabError):
    """The API server refused a request; the words are its own."""

    def __init__(self, status: dict, code: int) -> None:
        reason = status.get("reason", "")
        origin = f"Error from server ({reason})" if reason else f"Error from server (HTTP {code})"
        missing = reason == "NotFound" and (status.get("details") or {}).get("kind") == "namespaces"
        super().__init__(
            f"{origin}: {status.get('message', 'no message')}",
            "The lab's namespace is gone: run the notebook from the top." if missing else "",
        )
        self.code = code
        self.reason = reason
        self.status = status


class TimedOut(KubelabError):
    """What was waited for did not happen; the sentence says what was last seen."""


class NotAManifest(KubelabError):
    """The text is not a Kubernetes manifest."""


class Interrupted(KeyboardInterrupt):
    """The learner stopped a wait; everything is as usable as before."""

    def __str__(self) -> str:
        return "Interrupted. The cluster goes on as it was; run the cell again, or the next one."

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
