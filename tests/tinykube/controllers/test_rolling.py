"""The arithmetic of rollouts, as tables."""

import pytest

from tinykube.controllers import rolling


def deployment(replicas, surge="25%", unavailable="25%", kind="RollingUpdate", **status):
    strategy = {"type": kind}
    if kind == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"spec": {"replicas": replicas, "strategy": strategy}, "status": status}


def sets(*rows):
    """(name, spec.replicas, available, max-replicas noted), oldest first."""
    return [
        {
            "metadata": {
                "name": name,
                "creationTimestamp": f"2026-01-01T00:00:{second:02}Z",
                "annotations": {rolling.MAXIMUM: str(noted)} if noted else {},
            },
            "spec": {"replicas": size},
            "status": {"availableReplicas": available, "replicas": size},
        }
        for second, (name, size, available, noted) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (4, "25%", "25%", (1, 1)),
        (3, "25%", "25%", (1, 0)),
        (10, "25%", "25%", (3, 2)),
        (1, "25%", "25%", (1, 0)),
        (1, 0, "25%", (0, 1)),
        (5, 0, 0, (0, 1)),
        (5, 2, 3, (2, 3)),
        (0, "50%", "50%", (0, 1)),
        (7, "100%", "0%", (7, 0)),
    ],
)
def test_surge_rounds_up_and_unavailable_down_but_never_both_zero(replicas, surge, unavailable, expected):
    assert rolling.limits(deployment(replicas, surge, unavailable)) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("RollingUpdate", (1, 1)), ("Recreate", (0, 0))], ids=["rolling", "recreate"]
)
def test_only_a_rolling_update_has_limits(kind, expected):
    found = deployment(4, kind=kind)
    assert (rolling.max_surge(found), rolling.max_unavailable(found)) == expected


@pytest.mark.parametrize(
    ("wanted", "surge", "old", "new", "expected"),
    [
        (4, 1, 4, 0, 1),
        (4, 1, 3, 1, 2),
        (4, 0, 4, 0, 0),
        (4, 0, 3, 0, 1),
        (4, 4, 4, 0, 4),
        (4, 1, 0, 3, 4),
        (4, 1, 6, 0, 0),
    ],
)
def test_the_new_set_grows_into_the_room_there_is(wanted, surge, old, new, expected):
    everything = sets(("old", old, old, 0), ("new", new, new, 0))
    assert rolling.new_size(deployment(wanted, surge, 1), everything, everything[1]) == expected


def test_a_recreated_set_gets_its_full_size_at_once():
    everything = sets(("old", 3, 3, 0), ("new", 0, 0, 0))
    assert rolling.new_size(deployment(3, kind="Recreate"), everything, everything[1]) == 3


@pytest.mark.parametrize(
    ("old_available", "new", "new_available", "expected"),
    [
        (3, 1, 0, {}),
        (3, 1, 1, {"old": 2}),
        (1, 1, 1, {}),
    ],
)
def test_available_old_pods_go_only_when_they_are_not_needed(old_available, new, new_available, expected):
    old, fresh = sets(("old", 3, old_available, 0), ("new", new, new_available, 0))
    assert rolling.drop_available(deployment(3, 1, 0), [old, fresh], [old]) == expected


def test_unhealthy_old_pods_go_first_and_from_the_oldest_set():
    old = sets(("a", 3, 1, 0), ("b", 2, 0, 0))
    assert rolling.drop_unhealthy(old, 3) == {"a": 1, "b": 1}
    assert rolling.drop_unhealthy(old, 0) == {}


@pytest.mark.parametrize(
    ("wanted", "noted", "sizes", "expected"),
    [
        (20, 13, (8, 5), (15, 10)),
        (5, 13, (8, 5), (4, 3)),
        (10, 13, (8, 5), (8, 5)),
        (0, 13, (8, 5), (0, 0)),
        (11, 13, (7, 6), (8, 6)),
    ],
    ids=["up", "down", "same", "to zero", "leftover goes to the larger"],
)
def test_scaling_in_mid_rollout_keeps_proportions(wanted, noted, sizes, expected):
    both = sets(("old", sizes[0], sizes[0], noted), ("new", sizes[1], sizes[1], noted))
    found = rolling.proportional(deployment(wanted, "25%", "25%"), both)
    assert (found["old"], found["new"]) == expected
    total = wanted + rolling.max_surge(deployment(wanted)) if wanted else 0
    assert sum(found.values()) == total


def test_half_a_pod_is_rounded_away_from_zero():
    assert [rolling._round(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5)] == [1, 2, 3, -1, -2]
