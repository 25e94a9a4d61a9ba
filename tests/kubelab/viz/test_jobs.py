import pytest

from kubelab import viz
from kubelab.record import Change, Recording
from kubelab.viz import jobs
from kubelab.viz.jobs import FAILED, RUNNING, STOPPED, SUCCEEDED, Bar
from tests.kubelab.viz.batch import nightly, retries
from tests.kubelab.viz.objects import make
from tests.kubelab.viz.recorded import load


def test_each_pod_of_a_job_has_a_row_in_the_order_of_their_beginnings():
    never, onfailure = jobs.pod_bands(retries())

    assert never.labels == ["never-a", "never-b", "never-c"]
    assert never.rows == [[Bar(1, 2, FAILED)], [Bar(12, 13, FAILED)], [Bar(33, 34, FAILED)]]
    assert onfailure.labels == ["onfailure-a"]


def test_runs_of_one_pod_share_its_row_and_one_cut_short_by_its_deletion_was_stopped():
    (onfailure,) = jobs.pod_bands(retries(), ["onfailure"])

    assert onfailure.rows == [[Bar(1, 2, FAILED), Bar(13, 14.5, STOPPED)]]


def test_a_pod_that_runs_on_runs_until_the_recording_ends():
    told = retries()
    told.changes = [change for change in told.changes if change.t <= 33]

    assert jobs.pod_bands(told, ["never"])[0].rows[-1] == [Bar(33, 35, RUNNING)]


def test_jobs_that_run_at_the_same_time_are_in_different_rows_and_others_are_not():
    allow, forbid, replace = jobs.cron_bands(nightly())

    assert allow.rows == [[Bar(60, 140, SUCCEEDED, "1")], [Bar(120, 180, RUNNING, "2")]]
    assert forbid.rows == [[Bar(60, 140, FAILED, "1"), Bar(140, 180, RUNNING, "2")]]
    assert replace.rows == [[Bar(60, 120, STOPPED, "1"), Bar(120, 180, RUNNING, "2")]]


def test_scheduled_times_are_read_from_the_jobs_names():
    assert jobs.schedule(nightly()) == [60, 120]


def test_a_job_started_by_hand_has_no_number():
    by_hand = make("Job", "now", ("CronJob", "allow"))
    told = Recording(0.0, [Change(0.0, "ADDED", make("CronJob", "allow")), Change(5.0, "ADDED", by_hand)], [], 9.0)

    assert jobs.cron_bands(told)[0].rows == [[Bar(5, 9, RUNNING, "")]]


def test_a_job_that_was_over_before_the_recording_began_is_left_out():
    over = make("Job", "old", ("CronJob", "allow"), status={"conditions": [{"type": "Complete", "status": "True"}]})
    told = Recording(0.0, [Change(0.0, "ADDED", make("CronJob", "allow")), Change(0.0, "ADDED", over)], [], 9.0)

    assert viz.cron_jobs(told).alt == "CronJob allow: no run was seen."


def test_the_alt_text_tells_how_runs_ended_and_how_many_there_were_at_once():
    alt = viz.cron_jobs(nightly(), ["allow", "replace"]).alt

    assert alt == (
        "CronJob allow: 2 runs, of which 1 succeeded, 1 still running; at most 2 at a time. "
        "They began at 1 min (1) and 2 min (2). "
        "CronJob replace: 2 runs, of which 1 stopped, 1 still running; at most 1 at a time. "
        "They began at 1 min (1) and 2 min (2)."
    )


@pytest.mark.parametrize(
    ("draw", "named", "said"),
    [
        (viz.job_pods, ["nothing"], "has no Job 'nothing'; it has: never, onfailure"),
        (viz.cron_jobs, (), "has no CronJob"),
    ],
)
def test_what_was_not_recorded_is_said(draw, named, said):
    with pytest.raises(ValueError, match=said):
        draw(retries(), named)


def test_a_recording_without_jobs_is_said_so():
    with pytest.raises(ValueError, match="has no Job"):
        viz.job_pods(load("pod-runs-nginx"))
