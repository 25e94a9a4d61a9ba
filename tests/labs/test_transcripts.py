"""The same seed, the same transcript: two runs of a lab are equal once wall-clock times are masked."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import transcripts


@pytest.mark.kubectl
@pytest.mark.timeout(600)
def test_two_runs_of_a_lab_print_the_same(root, monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    assert transcripts.differences(root / "labs" / "02-first-pod" / "lab.ipynb") == []


def printed(text):
    """A run notebook with one cell."""
    return new_notebook(cells=[new_code_cell("x", outputs=[new_output("stream", name="stdout", text=text)])])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("at 2026-11-28T00:00:34Z", "at 2027-01-02T03:04:05Z", True),
        ("https://127.0.0.1:4711", "https://127.0.0.1:4712", True),
        ("pod web-abc12", "pod web-xyz89", False),
        ("10.244.0.7", "10.244.0.8", False),
    ],
)
def test_only_the_walls_time_and_this_machine_are_masked(first, second, same):
    assert (transcripts.transcript(printed(first)) == transcripts.transcript(printed(second))) is same


def test_a_transcript_holds_what_a_cell_shows_and_how_it_failed():
    shown = new_output("execute_result", data={"text/plain": "a Pod", "text/html": "<b>a Pod</b>"})
    failed = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
    text = transcripts.transcript(new_notebook(cells=[new_code_cell("x", outputs=[shown, failed])]))
    assert [part in text for part in ("<b>a Pod</b>", "ValueError: no", "In [1]: x")] == [True] * 3
