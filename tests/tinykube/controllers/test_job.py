"""The Job controller in a small control plane."""

from itertools import pairwise

import pytest
from tests.tinykube.world import job, phase

from tinykube import objects


def conditions(world, name="job"):
    found = world.get("Job", name)["status"].get("conditions", [])
    return {c["type"]: c["reason"] for c in found if c["status"] == "True"}


async def test_a_job_runs_to_completion(world):
    world.create(job())
    await world.run(10)
    status = world.get("Job", "job")["status"]
    assert status["succeeded"] == 1
    assert status["uncountedTerminatedPods"] == {}
    assert "active" not in status
    assert conditions(world) == {"SuccessCriteriaMet": "CompletionsReached", "Complete": "CompletionsReached"}
    assert world.events("job")[-1] == "Job completed"
    (pod,) = world.all("Pod")
    assert not objects.meta(pod).get("finalizers")


async def test_no_more_pods_than_parallelism_run_at_once(world):
    most = []
    world.informers("pods").on_change(added=lambda _: most.append(len(world.pods())))
    world.create(job(completions=5, parallelism=2))
    await world.run(40)
    assert world.get("Job", "job")["status"]["succeeded"] == 5
    assert len(world.all("Pod")) == 5
    assert max(most) == 2


async def test_indexed_pods_have_their_index_everywhere(world):
    world.create(job(completions=3, parallelism=3, completionMode="Indexed"))
    await world.run(10)
    assert world.get("Job", "job")["status"]["completedIndexes"] == "0-2"
    pods = sorted(world.all("Pod"), key=objects.name)
    key = "batch.kubernetes.io/job-completion-index"
    assert [objects.annotations(p)[key] for p in pods] == ["0", "1", "2"]
    assert [objects.labels(p)[key] for p in pods] == ["0", "1", "2"]
    assert [p["spec"]["hostname"] for p in pods] == ["job-0", "job-1", "job-2"]
    assert pods[0]["spec"]["containers"][0]["env"][0]["name"] == "JOB_COMPLETION_INDEX"


async def test_failures_are_retried_with_back_off_up_to_the_limit(world):
    created = []
    world.informers("pods").on_change(added=lambda _: created.append(world.clock.now()))
    world.create(job(code=1, backoffLimit=2))
    await world.run(120)
    assert [round(b - a) for a, b in pairwise(created)] == pytest.approx([13, 23], abs=1)
    assert world.get("Job", "job")["status"]["failed"] == 3
    assert conditions(world) == {"FailureTarget": "BackoffLimitExceeded", "Failed": "BackoffLimitExceeded"}
    assert world.events("job", "BackoffLimitExceeded") == ["Job has reached the specified backoff limit"]


async def test_a_deadline_ends_the_job_and_its_pods(world):
    world.kubelet.run_seconds = 1000
    world.create(job(activeDeadlineSeconds=5))
    await world.run(12)
    assert conditions(world) == {"FailureTarget": "DeadlineExceeded", "Failed": "DeadlineExceeded"}
    assert world.all("Pod") == []


async def test_a_finished_job_is_deleted_after_its_time_to_live(world):
    world.create(job(ttlSecondsAfterFinished=5))
    await world.run(6)
    assert conditions(world)["Complete"]
    await world.run(8)
    assert world.all("Job") == []
    assert world.all("Pod") == []


async def test_suspending_deletes_the_pods_and_resuming_starts_anew(world):
    world.kubelet.run_seconds = 30
    world.create(job(parallelism=2, completions=2))
    await world.run(3)
    started = world.get("Job", "job")["status"]["startTime"]
    world.change("Job", "job", {"spec": {"suspend": True}})
    await world.run(5)
    assert world.all("Pod") == []
    assert conditions(world)["Suspended"] == "JobSuspended"
    status = world.get("Job", "job")["status"]
    assert status.keys().isdisjoint({"startTime", "failed", "active"})
    world.change("Job", "job", {"spec": {"suspend": False}})
    await world.run(50)
    assert world.get("Job", "job")["status"]["succeeded"] == 2
    assert world.get("Job", "job")["status"]["startTime"] > started
    assert world.events("job", "Suspended") == ["Job suspended"]
    assert world.events("job", "Resumed") == ["Job resumed"]


async def test_a_pod_deleted_before_its_end_counts_as_failed_and_is_replaced(world):
    world.kubelet.run_seconds = 60
    world.create(job())
    await world.run(5)
    world.delete("Pod", objects.name(world.all("Pod")[0]))
    await world.run(120)
    status = world.get("Job", "job")["status"]
    assert (status["failed"], status["succeeded"]) == (1, 1)


async def test_a_finished_pod_deleted_by_somebody_is_not_counted_twice(world):
    world.create(job(completions=2, parallelism=1))
    await world.run(5)
    ended = next(p for p in world.all("Pod") if phase(p) == "Succeeded")
    world.delete("Pod", objects.name(ended))
    await world.run(30)
    assert world.get("Job", "job")["status"]["succeeded"] == 2


async def test_a_failure_policy_ends_the_job_at_once(world):
    rule = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}
    world.create(job(code=42, podFailurePolicy={"rules": [rule]}))
    await world.run(10)
    assert conditions(world)["Failed"] == "PodFailurePolicy"
    assert len(world.all("Pod")) == 1


async def test_each_index_has_its_own_limit(world):
    spec = {"completions": 2, "parallelism": 2, "completionMode": "Indexed", "backoffLimitPerIndex": 1}
    world.create(job(code=1, **spec))
    await world.run(60)
    status = world.get("Job", "job")["status"]
    assert status["failedIndexes"] == "0,1"
    assert conditions(world)["Failed"] == "FailedIndexes"


async def test_each_index_waits_for_its_own_back_off(world):
    created = []
    world.informers("pods").on_change(added=lambda pod: created.append((world.clock.now(), objects.annotations(pod))))
    spec = {"completions": 2, "parallelism": 2, "completionMode": "Indexed", "backoffLimitPerIndex": 2}
    world.create(job(code=1, **spec))
    await world.run(100)
    key = "batch.kubernetes.io/job-completion-index"
    times = [round(at) for at, notes in created if notes[key] == "0"]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([13, 23], abs=1)
    failures = [notes["batch.kubernetes.io/job-index-failure-count"] for _, notes in created if notes[key] == "0"]
    assert failures == ["0", "1", "2"]


async def test_the_failed_pod_of_an_index_is_held_until_its_successor_is_there(world):
    spec = {"completions": 1, "parallelism": 1, "completionMode": "Indexed", "backoffLimitPerIndex": 1}
    world.create(job(code=1, **spec))
    await world.run(6)
    (failed,) = world.all("Pod")
    assert phase(failed) == "Failed"
    assert objects.meta(failed)["finalizers"] == ["batch.kubernetes.io/job-tracking"]
    world.delete("Pod", objects.name(failed))
    await world.run(9)
    notes = [objects.annotations(p)["batch.kubernetes.io/job-index-failure-count"] for p in world.pods()]
    assert notes == ["1"]
    assert [objects.uid(p) for p in world.all("Pod")] != [objects.uid(failed)]
    assert world.get("Job", "job")["status"]["failed"] == 1


async def test_fewer_completions_delete_the_pods_beyond_them(world):
    world.kubelet.run_seconds = 100
    world.create(job(completions=4, parallelism=4, completionMode="Indexed"))
    await world.run(3)
    world.change("Job", "job", {"spec": {"completions": 2, "parallelism": 2}})
    await world.run(5)
    kept = sorted(objects.annotations(p)["batch.kubernetes.io/job-completion-index"] for p in world.pods())
    assert kept == ["0", "1"]


async def test_a_job_managed_by_somebody_else_is_left_alone(world):
    world.create(job(managedBy="example.com/queue"))
    await world.run(5)
    assert world.all("Pod") == []
    assert world.get("Job", "job")["status"] == {}


async def test_pods_of_a_deleted_job_lose_their_finalizer(world):
    world.kubelet.run_seconds = 60
    world.create(job())
    await world.run(3)
    world.delete("Job", "job", propagation="Background")
    await world.run(5)
    assert world.all("Pod") == []
    assert world.all("Job") == []


async def test_scaling_parallelism_down_deletes_pods(world):
    world.kubelet.run_seconds = 100
    world.create(job(parallelism=3, completions=6))
    await world.run(3)
    world.change("Job", "job", {"spec": {"parallelism": 1}})
    await world.run(5)
    assert len(world.pods()) == 1
    assert "failed" not in world.get("Job", "job")["status"]


async def test_a_job_starts_at_once_after_pods_too_many_were_deleted(world):
    world.kubelet.run_seconds = 100
    world.create(job(parallelism=2, completions=6))
    await world.run(3)
    world.change("Job", "job", {"spec": {"parallelism": 1}})
    await world.run(3)
    world.change("Job", "job", {"spec": {"parallelism": 3}})
    await world.run(3)
    assert len(world.pods()) == 3
