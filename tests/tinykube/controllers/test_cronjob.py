"""The CronJob controller in a small control plane."""

import pytest
from tests.tinykube.world import job

from tinykube import objects


def cron_job(code=0, **spec):
    template = {"spec": job("x", code)["spec"]}
    body = {"schedule": "*/1 * * * *", "jobTemplate": template, **spec}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cron"}, "spec": body}


def names(world):
    return sorted(objects.name(j) for j in world.all("Job"))


async def test_a_job_starts_at_each_scheduled_minute_and_is_named_after_it(world):
    world.create(cron_job())
    await world.run(130)
    minute = int(world.clock.now()) // 60
    assert names(world) == [f"cron-{minute - 1}", f"cron-{minute}"]
    assert world.events("cron")[:2] == [
        f"Created job cron-{minute - 1}",
        f"Saw completed job: cron-{minute - 1}, condition: Complete",
    ]
    status = world.get("CronJob", "cron")["status"]
    assert status["lastScheduleTime"] == objects.rfc3339(minute * 60)
    assert "active" not in status


async def test_only_the_latest_finished_jobs_are_kept(world):
    world.create(cron_job(successfulJobsHistoryLimit=2))
    await world.run(60 * 6 + 20)
    assert len(names(world)) == 2


async def test_failed_jobs_have_a_limit_of_their_own(world):
    failing = cron_job(code=1, failedJobsHistoryLimit=1)
    failing["spec"]["jobTemplate"]["spec"]["backoffLimit"] = 0
    world.create(failing)
    await world.run(60 * 4 + 20)
    assert len(names(world)) == 1


@pytest.mark.parametrize(("policy", "expected"), [("Allow", 3), ("Forbid", 1), ("Replace", 1)])
async def test_concurrency_policies(world, policy, expected):
    world.kubelet.run_seconds = 10_000
    world.create(cron_job(concurrencyPolicy=policy))
    await world.run(60 * 3 + 10)
    running = [j for j in world.all("Job") if not objects.deleting(j)]
    assert len(running) == expected
    assert len(world.get("CronJob", "cron")["status"]["active"]) == expected
    newest = int(world.clock.now()) // 60
    assert (f"cron-{newest}" in names(world)) is (policy != "Forbid")


async def test_a_suspended_cron_job_starts_nothing(world):
    world.create(cron_job(suspend=True))
    await world.run(200)
    assert names(world) == []


async def test_what_was_missed_is_made_up_for_once(world):
    world.create(cron_job(suspend=True))
    await world.run(60 * 5)
    world.change("CronJob", "cron", {"spec": {"suspend": False}})
    await world.run(1)
    assert len(names(world)) == 1


async def test_what_was_missed_too_long_ago_is_not_made_up_for(world):
    world.create(cron_job(schedule="0 * * * *", suspend=True, startingDeadlineSeconds=30))
    await world.run(3600 + 120)
    world.change("CronJob", "cron", {"spec": {"suspend": False}})
    await world.run(1)
    assert names(world) == []


async def test_a_job_that_somebody_else_made_is_unexpected(world):
    owner = world.create(cron_job(suspend=True))
    await world.run(1)
    manual = job("manual")
    manual["metadata"]["ownerReferences"] = [objects.owner_reference(owner)]
    world.create(manual)
    await world.run(1)
    assert world.events("cron", "UnexpectedJob")[0] == "Saw a job that the controller did not create or forgot: manual"


async def test_an_unknown_time_zone_is_refused_or_reported(world):
    world.create(cron_job(timeZone="Europe/Berlin", schedule="0 2 * * *"))
    await world.run(3600 + 5)
    assert len(names(world)) == 1, "02:00 in Berlin is 01:00 UTC in winter"


async def test_deleting_the_cron_job_deletes_its_jobs(world):
    world.create(cron_job())
    await world.run(70)
    world.delete("CronJob", "cron")
    await world.run(5)
    assert names(world) == []
    assert world.all("Pod") == []
