"""Lifecycle hooks against a container's own server."""

import pytest
from tests.tinykube.node.conftest import container


@pytest.mark.parametrize("status", ["200", "404", "500"])
async def test_an_http_hook_that_is_answered_has_gone_well(machine, status):
    server = container("serve", "80", status, name="server")
    hook = {"postStart": {"httpGet": {"path": "/warm-up", "port": 80}}}
    machine.run("sleep", "1000", lifecycle=hook, containers=[server], terminationGracePeriodSeconds=1)
    await machine.clock.advance(1)
    failed = machine.events("FailedPostStartHook")
    assert len(failed) == 1  # the server starts after this container
    await machine.clock.advance(20)
    assert machine.status()["ready"]


async def test_an_http_hook_that_nobody_answers_fails(machine):
    hook = {"postStart": {"httpGet": {"path": "/warm-up", "port": 81}}}
    machine.run("sleep", "1000", lifecycle=hook, terminationGracePeriodSeconds=1)
    await machine.clock.advance(6)
    waiting = machine.status()["state"]["waiting"]
    assert waiting["reason"] in ("PostStartHookError", "CrashLoopBackOff")
    assert ("FailedPostStartHook", "PostStartHook failed") in machine.events()


async def test_a_port_that_has_no_name_is_read_as_a_number(machine):
    probe = {"livenessProbe": {"httpGet": {"port": "nope"}, "periodSeconds": 1}}
    machine.run("sleep", "1000", terminationGracePeriodSeconds=1, **probe)
    await machine.clock.advance(3)
    words = 'Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing "nope": invalid syntax'
    assert ("Unhealthy", words) in machine.events()
