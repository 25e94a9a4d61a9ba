"""Probes: what they say, when they are asked, and what follows."""

import pytest

RUNNING, UNREADY = (
    "Running sandbox init ready | main:running+",
    "Running sandbox init !ready/ContainersNotReady | main:running^",
)
STARTING = "Running sandbox init !ready/ContainersNotReady | main:running"
MISSING = "cat: can't open '/tmp/ok': No such file or directory\n"
LOOK = {"exec": {"command": ["cat", "/tmp/ok"]}, "periodSeconds": 1}


def states(machine):
    return machine.life()[3:]


async def test_readiness_comes_and_goes(machine):
    machine.run("flag", "/tmp/ok", "4", "8", readinessProbe=LOOK | {"failureThreshold": 1})
    await machine.clock.advance(12)
    assert states(machine) == [UNREADY, RUNNING, UNREADY]
    assert machine.events("Unhealthy") == [("Unhealthy", f"Readiness probe failed: {MISSING}")]
    assert machine.count("Unhealthy") >= 6


async def test_readiness_needs_its_thresholds(machine):
    machine.run("flag", "/tmp/ok", "4", "100", readinessProbe=LOOK | {"successThreshold": 3})
    await machine.clock.advance(6)
    assert states(machine) == [UNREADY]
    await machine.clock.advance(2)
    assert states(machine) == [UNREADY, RUNNING]


async def test_liveness_restarts_the_container(machine):
    machine.run(
        "flag", "/tmp/ok", "0", "4", livenessProbe=LOOK | {"failureThreshold": 2}, terminationGracePeriodSeconds=1
    )
    await machine.until(lambda: machine.status()["restartCount"] == 1 if machine.life()[3:] else False)
    assert states(machine) == [RUNNING, "Running sandbox init ready | main:running*1+"]
    assert machine.status()["lastState"]["terminated"]["exitCode"] == 137
    assert machine.events("Unhealthy", "Killing") == [
        ("Unhealthy", f"Liveness probe failed: {MISSING}"),
        ("Killing", "Container main failed liveness probe, will be restarted"),
    ]
    assert machine.count("Unhealthy") == 2


async def test_restarts_by_liveness_back_off_too(machine):
    probe = {"exec": {"command": ["say", "x", "1"]}, "periodSeconds": 1, "failureThreshold": 1}
    machine.run("polite", "0", livenessProbe=probe)
    await machine.clock.advance(60)
    assert "CrashLoopBackOff" in str(machine.life())
    assert 3 <= machine.status()["restartCount"] <= 5


async def test_liveness_ends_a_pod_that_never_restarts(machine):
    machine.run(
        "sleep",
        "1000",
        livenessProbe=LOOK | {"failureThreshold": 1},
        restartPolicy="Never",
        terminationGracePeriodSeconds=1,
    )
    await machine.clock.advance(10)
    assert machine.life()[-1] == "Failed !sandbox init !ready/PodFailed | main:terminated/Error/137"


async def test_a_probes_own_grace_period(machine):
    machine.run("sleep", "1000", livenessProbe=LOOK | {"failureThreshold": 1, "terminationGracePeriodSeconds": 5})
    await machine.until(lambda: machine.events("Killing"))
    killed = machine.clock.now()
    await machine.until(lambda: machine.status()["restartCount"] == 1)
    assert 5 <= machine.clock.now() - killed < 6


async def test_startup_holds_the_others_off(machine):
    machine.run(
        "flag",
        "/tmp/ok",
        "3",
        "100",
        startupProbe=LOOK | {"failureThreshold": 10},
        readinessProbe={"exec": {"command": ["say", "x"]}, "periodSeconds": 1},
        livenessProbe={"exec": {"command": ["say", "x", "1"]}, "periodSeconds": 1, "failureThreshold": 100},
    )
    await machine.clock.advance(3)
    assert states(machine) == [STARTING]
    assert machine.events("Unhealthy") == [("Unhealthy", f"Startup probe failed: {MISSING}")]
    await machine.clock.advance(4)
    assert states(machine) == [STARTING, UNREADY, RUNNING]
    assert ("Unhealthy", "Liveness probe failed: x\n") in machine.events("Unhealthy")


async def test_a_startup_probe_that_never_passes_restarts_the_container(machine):
    machine.run("sleep", "1000", startupProbe=LOOK | {"failureThreshold": 3}, terminationGracePeriodSeconds=1)
    await machine.until(lambda: machine.status()["restartCount"] == 1 if machine.life()[3:] else False)
    assert ("Killing", "Container main failed startup probe, will be restarted") in machine.events("Killing")


async def test_nobody_asks_before_the_initial_delay(machine):
    machine.run("sleep", "1000", readinessProbe=LOOK | {"initialDelaySeconds": 10})
    await machine.clock.advance(10)
    assert machine.events("Unhealthy") == []
    await machine.clock.advance(4)
    assert machine.events("Unhealthy") != []


@pytest.mark.parametrize(
    ("command", "probe", "words"),
    [
        (("serve", "80"), {"httpGet": {"port": 80, "path": "/"}}, None),
        (("serve", "80", "301"), {"httpGet": {"port": 80}}, None),
        (("serve", "80", "503"), {"httpGet": {"port": 80}}, "HTTP probe failed with statuscode: 503"),
        (
            ("serve", "80"),
            {"httpGet": {"port": 8080, "path": "/health"}},
            'Get "http://10.244.0.2:8080/health": dial tcp 10.244.0.2:8080: connect: connection refused',
        ),
        (("serve", "80"), {"tcpSocket": {"port": 80}}, None),
        (("serve", "80"), {"tcpSocket": {"port": "web"}}, None),
        (("serve", "80"), {"tcpSocket": {"port": 81}}, "dial tcp 10.244.0.2:81: connect: connection refused"),
        (
            ("sleep", "9999"),
            {"exec": {"command": ["sleep", "5"]}, "timeoutSeconds": 2},
            'command timed out: "sleep 5" timed out after 2s',
        ),
    ],
)
async def test_what_probes_say(machine, command, probe, words):
    ports = [{"name": "web", "containerPort": 80}]
    machine.run(*command, ports=ports, readinessProbe=probe | {"periodSeconds": 1, "failureThreshold": 1})
    await machine.clock.advance(8)
    assert machine.life()[-1] == (UNREADY if words else RUNNING)
    assert machine.events("Unhealthy") == ([("Unhealthy", f"Readiness probe failed: {words}")] if words else [])


async def test_a_probe_that_cannot_be_asked_says_nothing_about_the_container(machine):
    machine.run(
        "sleep", "9999", livenessProbe={"exec": {"command": ["nope"]}, "periodSeconds": 1, "failureThreshold": 1}
    )
    await machine.clock.advance(6)
    assert machine.life()[-1] == RUNNING
    assert machine.events("Unhealthy")[0][1].startswith(
        "Liveness probe errored and resulted in unknown state: rpc error"
    )
