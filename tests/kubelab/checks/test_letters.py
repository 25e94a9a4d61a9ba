"""An answer in letters may be written as a person would write it."""

import pytest

from kubelab.checks import letters
from kubelab.checks.outcomes import Judged


@pytest.mark.parametrize("answer", ["BE", "b, e", "B and E", "E and B.", ["B", "E"], "E\nB"])
def test_an_answer_may_be_written_in_many_ways(answer):
    assert letters(answer, "ABCDE") == {"B", "E"}


@pytest.mark.parametrize("answer", ["", 7, "F", "BEX", "neither"])
def test_other_letters_are_no_answer(answer):
    with pytest.raises(Judged) as judged:
        letters(answer, "ABCDE")
    assert judged.value.outcome.why == "It should be some of the letters A to E."
