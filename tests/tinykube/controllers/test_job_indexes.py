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


def test_doubles_of_an_index_are_all_but_the_first():
    pods = [
        {"metadata": {"name": n, "annotations": {job_indexes.INDEX: i}}}
        for n, i in (("a", "0"), ("b", "0"), ("c", "1"))
    ]
    assert [p["metadata"]["name"] for p in job_indexes.repeated(pods)] == ["b"]
