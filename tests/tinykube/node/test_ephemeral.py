"""Ephemeral containers: kubectl debug's."""

from tinykube.client import STRATEGIC_MERGE_PATCH

FIELDS = ("containers{main}", "ephemeralContainers{debugger}", "ephemeralContainers{second}")


def debug(machine, *command, name="debugger", image="busybox:1.36"):
    """What kubectl debug sends."""
    container = {"name": name, "image": image, "command": list(command)}
    change = {"spec": {"ephemeralContainers": [container]}}
    machine.api.patch("pods", "default", "p", change, STRATEGIC_MERGE_PATCH, subresource="ephemeralcontainers")


def states(machine):
    return {s["name"]: s for s in machine.pod()["status"].get("ephemeralContainerStatuses", ())}


async def test_it_starts_in_a_running_pod_and_counts_nowhere(machine):
    machine.run("sleep", "1000")
    await machine.clock.advance(3)
    debug(machine, "say", "hello", "3")
    await machine.clock.advance(5)
    assert machine.life()[-1] == "Running sandbox init ready | main:running+"
    assert await machine.logs(container="debugger") == "hello\n"
    ended = states(machine)["debugger"]
    assert (ended["state"]["terminated"]["exitCode"], ended["restartCount"], ended["ready"]) == (3, 0, False)


async def test_it_is_never_restarted_and_a_second_one_may_follow(machine):
    machine.run("sleep", "1000")
    await machine.clock.advance(3)
    debug(machine, "say", "one", "1")
    debug(machine, "sleep", "1000", name="second")
    await machine.clock.advance(300)
    found = states(machine)
    assert {name: next(iter(status["state"])) for name, status in found.items()} == {
        "debugger": "terminated",
        "second": "running",
    }
    about = {e["involvedObject"]["fieldPath"] for e in machine.client.list("events", "default")}
    assert about == {f"spec.{name}" for name in FIELDS}


async def test_it_sees_the_processes_of_its_target_and_ends_with_them(machine):
    machine.run("sleep", "20", restartPolicy="Never")
    await machine.clock.advance(3)
    target = {"name": "debugger", "image": "busybox:1.36", "command": ["sleep", "1000"], "targetContainerName": "main"}
    change = {"spec": {"ephemeralContainers": [target]}}
    machine.api.patch("pods", "default", "p", change, STRATEGIC_MERGE_PATCH, subresource="ephemeralcontainers")
    await machine.clock.advance(3)
    (running,) = machine.kubelet.parts.runtime.pods.values()
    seen = running.latest("debugger").container.table
    assert [process.argv for process in seen.processes.values()] == [["sleep", "20"], ["sleep", "1000"]]
    assert [process.argv for process in seen.own()] == [["sleep", "1000"]]
    await machine.clock.advance(25)
    assert states(machine)["debugger"]["state"]["terminated"]["exitCode"] == 137


async def test_it_does_not_keep_a_finished_pod_alive(machine):
    machine.run("sleep", "10", restartPolicy="Never")
    await machine.clock.advance(3)
    debug(machine, "sleep", "1000")
    await machine.clock.advance(60)
    assert machine.pod()["status"]["phase"] == "Succeeded"
    assert states(machine)["debugger"]["state"]["terminated"]["exitCode"] == 137


async def test_one_without_an_image_waits_and_says_why(machine):
    machine.run("sleep", "1000")
    await machine.clock.advance(3)
    debug(machine, "sleep", "1", image="nope:1")
    await machine.clock.advance(20)
    assert states(machine)["debugger"]["state"]["waiting"]["reason"] in ("ErrImagePull", "ImagePullBackOff")
    assert machine.status()["ready"] is True
