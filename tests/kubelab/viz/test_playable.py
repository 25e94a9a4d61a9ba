import json

import pytest

from kubelab.viz import playable
from tests.kubelab.viz.recorded import answers, load


@pytest.fixture(scope="module")
def rollout():
    return playable.rollout_score(load("rollout-surge-1-unavailable-0", answers(12, 0.5, broken=(7, 8))))


@pytest.fixture(scope="module")
def crashes():
    return playable.pod_score(load("pod-crashloops"))


def saying(score, t):
    return [words for when, words in score["says"] if when <= t][-1]


def test_a_rollout_says_what_was_so_at_each_moment(rollout):
    assert saying(rollout, 4.0) == "3 Pods ready; 3 desired"
    assert saying(rollout, 8.0) == (
        "3 Pods ready (2 of revision 1 and 1 of revision 2), 1 starting, 1 terminating; 3 desired"
    )
    assert saying(rollout, 13.0) == "3 Pods ready; 3 desired"


def test_a_rollout_has_a_lane_for_every_pod_in_its_revisions_color(rollout):
    assert len(rollout["lanes"]) == 6
    colors = {lane["name"].split("-")[1]: {span[3] for span in lane["spans"]} for lane in rollout["lanes"]}
    assert colors == {"784fd946dd": {"revision1"}, "7bc6475f6f": {"revision2"}}


def test_an_areas_layers_have_a_count_for_every_moment(rollout):
    areas = rollout["areas"]

    assert {len(layer["counts"]) for layer in areas["layers"]} == {len(areas["times"])}
    assert areas["layers"][0]["name"] == "revision 1: ready"


def test_requests_and_events_are_in_order_of_time(rollout):
    assert sum(ok for _, ok in rollout["requests"]) == 22
    assert [event[0] for event in rollout["events"]] == sorted(event[0] for event in rollout["events"])


def test_a_pods_life_says_what_each_container_was(crashes):
    assert saying(crashes, 3.0) == "Pod: Running (ready); main: Running (ready)"
    assert saying(crashes, 10.0) == "Pod: Error (failed); main: Error (1) (failed)"


def test_after_its_end_there_is_no_pod():
    assert saying(playable.pod_score(load("pod-runs-nginx")), 9.9) == "There is no such Pod."


@pytest.mark.parametrize("name", ["rollout", "crashes"])
def test_spans_have_length_and_do_not_overlap(name, request):
    for lane in request.getfixturevalue(name)["lanes"]:
        assert all(start < end for start, end, *_ in lane["spans"])
        assert all(a[1] <= b[0] for a, b in zip(lane["spans"], lane["spans"][1:], strict=False))


@pytest.mark.parametrize("name", ["rollout", "crashes"])
def test_a_score_is_plain_json_and_names_only_colors_it_brings(name, request):
    score = request.getfixturevalue(name)

    assert json.loads(json.dumps(score)) == score
    assert {span[3] for lane in score["lanes"] for span in lane["spans"]} <= set(score["colors"])
