import pytest

from tinykube.node.phase import pod_phase

RUN = {"running": {}}
WAIT = {"waiting": {"reason": "ContainerCreating"}}


def done(code):
    return {"terminated": {"exitCode": code}}


def pod(policy="Always", init=(), count=1, **container):
    return {
        "spec": {
            "restartPolicy": policy,
            "initContainers": list(init),
            "containers": [{"name": f"c{i}", **container} for i in range(count)],
        }
    }


def status(name, state, last=None, **more):
    return {"name": name, "state": state, "lastState": last or {}, **more}


PLAIN, SIDECAR = {"name": "i"}, {"name": "i", "restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("spec", "statuses", "expected"),
    [
        (pod(), [], "Pending"),
        (pod(), [status("c0", WAIT)], "Pending"),
        (pod(), [status("c0", RUN)], "Running"),
        (pod(count=2), [status("c0", RUN), status("c1", WAIT)], "Pending"),
        (pod(count=2), [status("c0", RUN), status("c1", done(0))], "Running"),
        (pod(), [status("c0", done(1))], "Running"),
        (pod(), [status("c0", WAIT, done(1))], "Running"),
        (pod("OnFailure"), [status("c0", done(0))], "Succeeded"),
        (pod("OnFailure"), [status("c0", done(1))], "Running"),
        (pod("Never"), [status("c0", done(0))], "Succeeded"),
        (pod("Never"), [status("c0", done(3))], "Failed"),
        (pod("Never", count=2), [status("c0", done(0)), status("c1", done(3))], "Failed"),
        (pod("Never", restartPolicy="Always"), [status("c0", done(3))], "Running"),
        (
            pod("Never", restartPolicyRules=[{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]),
            [status("c0", done(42))],
            "Running",
        ),
        (pod(init=[PLAIN]), [status("i", RUN), status("c0", WAIT)], "Pending"),
        (pod(init=[PLAIN]), [status("i", done(1)), status("c0", WAIT)], "Pending"),
        (pod("Never", init=[PLAIN]), [status("i", done(1)), status("c0", WAIT)], "Failed"),
        (pod(init=[PLAIN]), [status("i", done(0)), status("c0", RUN)], "Running"),
        (pod(init=[SIDECAR]), [status("i", RUN, started=False), status("c0", WAIT)], "Pending"),
        (pod(init=[SIDECAR]), [status("i", RUN, started=True), status("c0", RUN)], "Running"),
        (pod("Never", init=[SIDECAR]), [status("i", RUN, started=True), status("c0", done(0))], "Running"),
        (pod("Never", init=[SIDECAR]), [status("i", done(137)), status("c0", done(0))], "Succeeded"),
    ],
)
def test_phase_from_container_states(spec, statuses, expected):
    assert pod_phase(spec, statuses, ended=False, started=False) == expected


@pytest.mark.parametrize(("code", "expected"), [(0, "Succeeded"), (137, "Failed")])
def test_once_stopped_for_good_no_policy_keeps_a_pod_running(code, expected):
    assert pod_phase(pod(), [status("c0", done(code))], ended=True, started=False) == expected


def test_a_sidecar_that_restarts_does_not_make_a_started_pod_pending():
    statuses = [status("i", RUN, started=False), status("c0", RUN)]
    assert pod_phase(pod(init=[SIDECAR]), statuses, ended=False, started=True) == "Running"
