"""Expectations: what has been asked for and not been seen."""

from tinykube.clock import Clock
from tinykube.controllers.expectations import TIMEOUT, Expectations


def test_creations_have_to_be_seen_before_counting_again():
    expected = Expectations(Clock())
    assert expected.satisfied("k")
    expected.expect_creations("k", 2)
    expected.created("k")
    assert not expected.satisfied("k")
    expected.created("k")
    assert expected.satisfied("k")


def test_a_deletion_is_met_once_however_often_it_is_seen():
    expected = Expectations(Clock())
    expected.expect_deletions("k", ["a", "b"])
    expected.deleted("k", "a")
    expected.deleted("k", "a")
    assert not expected.satisfied("k")
    expected.deleted("k", "b")
    assert expected.satisfied("k")


async def test_what_is_never_seen_is_given_up_in_the_end():
    clock = Clock()
    expected = Expectations(clock)
    expected.expect_creations("k", 1)
    await clock.advance(TIMEOUT)
    assert not expected.satisfied("k")
    await clock.advance(1)
    assert expected.satisfied("k")


def test_a_key_that_is_gone_is_forgotten():
    expected = Expectations(Clock())
    expected.expect_creations("k", 1)
    expected.forget("k")
    assert expected.satisfied("k")
