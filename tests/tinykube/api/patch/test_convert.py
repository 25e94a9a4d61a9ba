"""The words for a strategic merge patch whose result is not of its kind."""

import pytest

from tinykube.api.patch import shape
from tinykube.api.patch.convert import problem


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        ({"spec": {"replicas": 3}}, ""),
        ({"spec": {"replicas": None}}, ""),
        ({"spec": {"replicas": "six"}}, "unrecognized type: int32"),
        ({"spec": {"paused": "yes"}}, "unrecognized type: bool"),
        ({"metadata": {"labels": {"a": 1}}}, "cannot convert int64 to string"),
        ({"metadata": {"labels": {"a": True}}}, "unrecognized type: string"),
        ({"spec": "x"}, "cannot restore struct from: string"),
        ({"metadata": {"labels": [1]}}, "cannot restore map from slice"),
        ({"spec": {"template": {"spec": {"containers": {}}}}}, "cannot restore slice from map"),
        ({"spec": {"template": {"spec": {"containers": [True]}}}}, "cannot restore struct from: bool"),
    ],
)
def test_the_first_value_that_does_not_fit_is_told(obj, words):
    assert problem(obj, shape.of_kind("apps/v1/Deployment")) == words
