"""Checking a learner's work: outcomes as types, exercises with hints, a progress record.

Law: a check looks at what the cluster does, not at how that was written; whatever happens, a learner gets an outcome.

In a notebook: `from kubelab.checks import exercises`, then `ex = exercises(lab)`. In a checks.py:
`from kubelab.checks import Exercises, not_attempted, wrong, until, …`.
"""

from kubelab.checks.desk import exercises
from kubelab.checks.exercise import Exercise, Exercises
from kubelab.checks.outcomes import (
    CouldNotCheck,
    LearnerError,
    NotAttempted,
    Outcome,
    Passed,
    Wrong,
    learner_error,
    letters,
    not_attempted,
    wrong,
)
from kubelab.checks.probes import ask, inside, stays, until
from kubelab.checks.render import Verdict

__all__ = [
    "CouldNotCheck",
    "Exercise",
    "Exercises",
    "LearnerError",
    "NotAttempted",
    "Outcome",
    "Passed",
    "Verdict",
    "Wrong",
    "ask",
    "exercises",
    "inside",
    "learner_error",
    "letters",
    "not_attempted",
    "stays",
    "until",
    "wrong",
]
