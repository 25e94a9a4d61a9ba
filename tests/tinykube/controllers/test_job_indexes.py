"""Completion indexes."""

import pytest

from tinykube.controllers import job_indexes


@pytest.mark.parametrize(
    ("text", "found"),
    [("", set()), ("0", {0}), ("0-2", {0, 1, 2}), ("0,1", {0, 1}), ("0-2,5,7-9", {0, 1, 2, 5, 7, 8, 9})],
)
def test_sets_are_written_and_read_back(text, found):
    assert job_indexes.parse(text, 10) == found
    assert job_indexes.write(found) == text


def test_indexes_beyond_the_completions_are_ignored():
    assert job_indexes.parse("0-9", 3) == {0, 1, 2}


def test_the_lowest_free_indexes_are_taken():
    assert job_indexes.first_free(2, 5, {0, 2}) == [1, 3]
    assert job_indexes.first_free(9, 3, {1}) == [0, 2]


def indexed(name, index, **notes):
    return {"metadata": {"name": name, "annotations": {job_indexes.INDEX: index, **notes}}}


def test_doubles_of_an_index_are_all_but_the_first_and_indexes_end_with_the_completions():
    pods = [indexed("a", "0"), indexed("b", "0"), indexed("c", "1"), indexed("d", "3")]
    assert [p["metadata"]["name"] for p in job_indexes.superfluous(pods, 3)] == ["b", "d"]


@pytest.mark.parametrize(
    ("replaced", "counts", "noted"),
    [
        (None, True, {job_indexes.FAILURES: "0"}),
        (indexed("a", "0", **{job_indexes.FAILURES: "1"}), True, {job_indexes.FAILURES: "2"}),
        (
            indexed("a", "0", **{job_indexes.FAILURES: "1"}),
            False,
            {job_indexes.FAILURES: "1", job_indexes.IGNORED: "1"},
        ),
        (
            indexed("a", "0", **{job_indexes.FAILURES: "1", job_indexes.IGNORED: "1"}),
            True,
            {job_indexes.FAILURES: "2", job_indexes.IGNORED: "1"},
        ),
    ],
)
def test_a_pod_carries_the_failures_of_its_index(replaced, counts, noted):
    pod = {"metadata": {"annotations": {}}}
    job_indexes.note_failures(pod, replaced, counts=counts)
    assert pod["metadata"]["annotations"] == noted
