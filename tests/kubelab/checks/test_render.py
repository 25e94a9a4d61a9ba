"""How outcomes look."""

import html
import re

import pytest

from kubelab.checks import CouldNotCheck, LearnerError, NotAttempted, Passed, Verdict, Wrong

TEXTS = [
    (Passed("It runs."), "✔ Passed: A Pod\n  It runs."),
    (Passed(), "✔ Passed: A Pod"),
    (
        Wrong("a label app=hallo", "No Service finds it."),
        "✘ Not yet: A Pod\n  Seen: a label app=hallo\n  No Service finds it.",
    ),
    (NotAttempted("No Pod yet."), "○ Not attempted: A Pod\n  No Pod yet."),
    (
        LearnerError("error: no"),
        "! Your last command failed: A Pod\n  error: no\n  Mend that and run it again, then check.",
    ),
    (
        CouldNotCheck("It is gone."),
        "? Could not check: A Pod\n  It is gone.\n  This is not your mistake, and it counts neither way.",
    ),
]


@pytest.mark.parametrize(("outcome", "text"), TEXTS)
def test_plain_text(outcome, text):
    assert repr(Verdict("A Pod", outcome)) == text


def words(page):
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page)).split()


@pytest.mark.parametrize(("outcome", "text"), TEXTS)
def test_html_says_the_same(outcome, text):
    assert words(Verdict("A Pod", outcome)._repr_html_()) == text.split()


MARKUP = "<img src=x onerror='alert(1)'>&amp;"


@pytest.mark.parametrize("outcome", [Passed, NotAttempted, LearnerError, CouldNotCheck, lambda text: Wrong(text, text)])
def test_what_a_cluster_says_is_no_markup(outcome):
    page = Verdict(MARKUP, outcome(MARKUP), MARKUP)._repr_html_()
    assert "<img" not in page
    assert page.count(html.escape(MARKUP)) == words(page).count("<img") >= 3


def test_only_a_pass_is_true():
    assert [bool(Verdict("", outcome)) for outcome, _ in TEXTS] == [True, True, False, False, False, False]
