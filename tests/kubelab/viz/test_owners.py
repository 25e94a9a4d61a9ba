from kubelab.viz import owners
from tests.kubelab.viz.objects import make, notes_cluster, pod

REPLICA_SET = ("ReplicaSet", "backend-app-7bc6475f6f")


def test_owner_references_become_arrows():
    told = owners.graph(notes_cluster())

    assert (("Deployment", "backend-app"), REPLICA_SET) in told.owns
    assert (REPLICA_SET, ("Pod", "backend-app-7bc6475f6f-abcde")) in told.owns
    assert (("CronJob", "cron"), ("Job", "cron-1")) in told.owns


def test_a_selector_becomes_dashed_arrows_to_the_pods_that_it_matches():
    told = owners.graph([*notes_cluster(), pod("stranger", labels={"app": "other"})])

    assert {end for _, end in told.selects} == {
        ("Pod", "backend-app-7bc6475f6f-abcde"),
        ("Pod", "backend-app-7bc6475f6f-fghij"),
    }


def test_a_service_without_selector_selects_nothing():
    assert owners.graph([make("Service", "s"), pod("p")]).selects == []


def test_noise_and_owners_that_are_not_there_are_left_out():
    told = owners.graph([make("Event", "e"), pod("p", owner=("ReplicaSet", "gone"))])

    assert [node.key for node in told.nodes] == [("Pod", "p")]
    assert told.owns == []


def test_owners_stand_left_of_what_they_own_and_in_its_middle():
    at = owners.places(owners.graph(notes_cluster()))

    pods = [at["Pod", f"backend-app-7bc6475f6f-{end}"] for end in ("abcde", "fghij")]
    assert at["Deployment", "backend-app"][0] == 0
    assert at[REPLICA_SET][0] == 1
    assert [place[0] for place in pods] == [2, 2]
    assert at[REPLICA_SET][1] == sum(place[1] for place in pods) / 2
    assert at["Service", "hello"][0] == 3


def test_no_two_objects_stand_in_the_same_place():
    services = [make("Service", name, spec={"selector": {"app": "backend-app"}}) for name in ("a", "b", "c")]
    at = owners.places(owners.graph([*notes_cluster(), *services]))

    assert len(set(at.values())) == len(at)


def test_a_circle_of_owners_ends():
    at = owners.places(owners.graph([pod("a", owner=("Pod", "b")), pod("b", owner=("Pod", "a")), pod("c")]))

    assert ("Pod", "c") in at


def test_the_alt_text_tells_who_owns_whom():
    alt = owners.ownership(notes_cluster()).alt

    assert "Ownership of 9 objects." in alt
    assert "Deployment backend-app (2 of 2 ready) owns ReplicaSet backend-app-7bc6475f6f (2 of 2 ready)." in alt
    assert "Job cron-1 (1 of 1 done) owns Pod cron-1-x (Completed)." in alt
    assert "Service hello selects Pod backend-app-7bc6475f6f-abcde (Running) and Pod" in alt
    assert "Owned by none: Pod crash (CrashLoopBackOff)." in alt
