"""What a check can find, as types; pure data.

Law: a check ends by returning (passed) or by calling `not_attempted`, `wrong` or `learner_error`; anything else that
happens to it is `CouldNotCheck`, never a pass and never the learner's fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn


@dataclass(frozen=True)
class NotAttempted:
    """Nothing to judge yet; `what` says what is missing."""

    what: str


@dataclass(frozen=True)
class Wrong:
    """`saw` is what the cluster did, `why` what is wrong with that; neither is the command to type."""

    saw: str
    why: str


@dataclass(frozen=True)
class LearnerError:
    """The learner's own command or code was refused or failed; `said` is what it said."""

    said: str


@dataclass(frozen=True)
class CouldNotCheck:
    """The check itself failed; `why` is a sentence."""

    why: str


@dataclass(frozen=True)
class Passed:
    """Solved; `saw` says what was observed, "" if there is nothing to add."""

    saw: str = ""


Outcome = NotAttempted | Wrong | LearnerError | CouldNotCheck | Passed


class Judged(Exception):
    """Carries an outcome out of a check."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def not_attempted(what: str) -> NoReturn:
    """There is nothing to judge yet: `lab.find("pod/web") or not_attempted("There is no Pod named web yet.")`."""
    raise Judged(NotAttempted(what))


def wrong(saw: str, why: str) -> NoReturn:
    """It does not do what was asked: what was seen, and what is wrong with it."""
    raise Judged(Wrong(saw, why))


def learner_error(said: str) -> NoReturn:
    """The learner's own code failed, with these words."""
    raise Judged(LearnerError(said))


def letters(answer: object, among: str) -> set[str]:
    """The letters of `among` that an answer names, however it is written: "BE", "b, e", "B and E".

    An answer that names none of them, or others, is judged `wrong`.
    """
    text = str(answer).upper()
    chosen = set(re.findall(rf"\b[{among}]\b", text)) or {letter for letter in text if letter.isalpha()}
    if not chosen or chosen - set(among):
        wrong(saw=f"Your answer is {answer!r}.", why=f"It should be some of the letters {among[0]} to {among[-1]}.")
    return chosen
