import pytest

from kubelab.viz import replication
from tests.kubelab.viz.recorded import load


def test_desired_observed_and_ready_are_read_from_the_replica_set():
    told = replication.replica_counts(load("replicaset-heals-and-scales"))

    assert (told.kind, told.name) == ("ReplicaSet", "rs")
    assert list(dict.fromkeys(told.desired)) == [3, 1]
    assert (told.observed[-1], told.ready[-1]) == (1, 1)
    assert max(told.ready) == 3


def test_pods_that_go_are_marked_once_each():
    told = replication.replica_counts(load("replicaset-heals-and-scales"))

    pods = [pod for _, pod in told.deaths]
    assert len(pods) == len(set(pods)) == 5


def test_a_deployments_pods_are_those_of_its_replica_sets():
    told = replication.replica_counts(load("rollout-recreate"), "web", "Deployment")

    assert len(told.deaths) == 3
    assert all(pod.startswith("web-784fd946dd-") for _, pod in told.deaths)


def test_the_kind_follows_from_the_name():
    assert replication.replica_counts(load("rollout-recreate"), "web").kind == "Deployment"


def test_what_was_not_recorded_is_said():
    with pytest.raises(ValueError, match="has no ReplicaSet 'nothing'"):
        replication.replica_counts(load("replicaset-heals-and-scales"), "nothing")


def test_the_alt_text_tells_what_was_desired_and_for_how_long_it_was_not_so():
    alt = replication.replicas(load("replicaset-heals-and-scales")).alt

    assert "Desired: 3 from 0.2 s, 1 from 7.6 s. 5 Pods went, the first at 2.3 s." in alt
    assert "Fewer were ready than desired for 3.3 s in all; 1 ready at the end." in alt
