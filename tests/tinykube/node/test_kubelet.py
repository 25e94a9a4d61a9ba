"""What a watcher sees of a Pod's life, as recorded on a real Kubernetes v1.36."""

import asyncio

import pytest
from tests.tinykube.node.conftest import container

from tinykube.client import STRATEGIC_MERGE_PATCH

CREATED = ["Pending", "Pending !sandbox init !ready/ContainersNotReady | main:waiting/ContainerCreating"]
SANDBOX = "Pending sandbox init !ready/ContainersNotReady | main:waiting/ContainerCreating"
RUNNING = "Running sandbox init ready | main:running+"


async def test_a_pod_runs_is_deleted_and_goes(machine):
    machine.run("polite", "1", terminationGracePeriodSeconds=6)
    await machine.clock.advance(3)
    machine.client.delete("pods", "default", "p")
    await machine.clock.advance(8)
    ended = "deleting !sandbox init !ready/PodCompleted | main:terminated/Completed/0"
    assert machine.life() == [
        *CREATED,
        SANDBOX,
        RUNNING,
        "Running deleting sandbox init ready | main:running+",
        f"Succeeded {ended}",
        "DELETED",
    ]
    assert machine.events() == [
        ("Pulled", 'Container image "busybox:1.36" already present on machine and can be accessed by the pod'),
        ("Created", "Container created"),
        ("Started", "Container started"),
        ("Killing", "Stopping container main"),
    ]


@pytest.mark.parametrize(
    ("policy", "command", "ends"),
    [
        (
            "Never",
            ("sleep", "2"),
            [
                "Running sandbox init !ready/PodCompleted | main:terminated/Completed/0",
                "Succeeded !sandbox init !ready/PodCompleted | main:terminated/Completed/0",
            ],
        ),
        (
            "Never",
            ("sleep", "2", "3"),
            [
                "Running sandbox init !ready/PodFailed | main:terminated/Error/3",
                "Failed !sandbox init !ready/PodFailed | main:terminated/Error/3",
            ],
        ),
        (
            "OnFailure",
            ("sleep", "2"),
            [
                "Running sandbox init !ready/PodCompleted | main:terminated/Completed/0",
                "Succeeded !sandbox init !ready/PodCompleted | main:terminated/Completed/0",
            ],
        ),
    ],
)
async def test_a_pod_that_ends_by_itself(machine, policy, command, ends):
    machine.run(*command, restartPolicy=policy)
    await machine.clock.advance(8)
    assert machine.life() == [*CREATED, SANDBOX, RUNNING, *ends]


async def test_crash_loop(machine):
    machine.run("sleep", "1", "1")
    await machine.until(lambda: machine.pod()["status"].get("containerStatuses", [{}])[0].get("restartCount") == 3, 90)
    head = "Running sandbox init"
    assert machine.life()[3:] == [
        f"{head} ready | main:running+",
        f"{head} !ready/ContainersNotReady | main:terminated/Error/1",
        f"{head} ready | main:running*1+",
        f"{head} !ready/ContainersNotReady | main:terminated/Error/1*1",
        f"{head} !ready/ContainersNotReady | main:waiting/CrashLoopBackOff*1",
        f"{head} ready | main:running*2+",
        f"{head} !ready/ContainersNotReady | main:terminated/Error/1*2",
        f"{head} !ready/ContainersNotReady | main:waiting/CrashLoopBackOff*2",
        f"{head} ready | main:running*3+",
    ]
    uid = machine.pod()["metadata"]["uid"]
    assert machine.events("BackOff") == [
        ("BackOff", f"Back-off restarting failed container main in pod p_default({uid})")
    ]
    assert machine.count("Started") == 4
    assert 35 < machine.clock.now() % 1000 % 600 < 60


async def test_the_longest_back_off_is_five_minutes(machine):
    machine.run("say", "x", "1")
    await machine.clock.advance(3600)
    assert "back-off 5m0s restarting failed container=main" in str(machine.status()["state"])
    assert 10 <= machine.status()["restartCount"] <= 17


async def test_init_containers_run_in_order(machine):
    machine.run(
        "sleep", "100", initContainers=[container("sleep", "2", name="first"), container("sleep", "1", name="second")]
    )
    await machine.clock.advance(10)
    not_yet = "!init !ready/ContainersNotReady |"
    waiting = "main:waiting/PodInitializing"
    both_done = "first:terminated/Completed/0+ second:terminated/Completed/0+"
    assert machine.life()[1:] == [
        f"Pending !sandbox {not_yet} first:waiting/PodInitializing second:waiting/PodInitializing {waiting}",
        f"Pending sandbox {not_yet} first:waiting/PodInitializing second:waiting/PodInitializing {waiting}",
        f"Pending sandbox {not_yet} first:running^ second:waiting/PodInitializing {waiting}",
        f"Pending sandbox {not_yet} first:terminated/Completed/0+ second:waiting/PodInitializing {waiting}",
        f"Pending sandbox {not_yet} first:terminated/Completed/0+ second:running^ {waiting}",
        f"Pending sandbox init !ready/ContainersNotReady | {both_done} {waiting}",
        f"Running sandbox init ready | {both_done} main:running+",
    ]


async def test_a_failed_init_container_ends_a_pod_that_never_restarts(machine):
    machine.run("sleep", "100", restartPolicy="Never", initContainers=[container("say", "no", "1", name="broken")])
    await machine.clock.advance(8)
    tail = "broken:terminated/Error/1 main:waiting/PodInitializing"
    assert machine.life()[-2:] == [
        f"Pending sandbox !init !ready/PodFailed | {tail}",
        f"Failed !sandbox !init !ready/PodFailed | {tail}",
    ]


async def test_a_native_sidecar_starts_first_and_stops_last(machine):
    sidecar = container(
        "polite",
        "0",
        name="proxy",
        restartPolicy="Always",
        startupProbe={"exec": {"command": ["say", "ok"]}, "periodSeconds": 1},
    )
    machine.run("polite", "1", terminationGracePeriodSeconds=5, initContainers=[sidecar])
    await machine.clock.advance(6)
    waiting = "!ready/ContainersNotReady |"
    assert machine.life()[3:] == [
        f"Pending sandbox !init {waiting} proxy:running main:waiting/PodInitializing",
        f"Pending sandbox !init {waiting} proxy:running^ main:waiting/PodInitializing",
        f"Pending sandbox init {waiting} proxy:running+ main:waiting/PodInitializing",
        "Running sandbox init ready | proxy:running+ main:running+",
    ]
    instances = next(iter(machine.kubelet.parts.runtime.pods.values())).instances
    machine.client.delete("pods", "default", "p")
    await machine.clock.advance(3)
    ended = {instance.name: instance.view().finished_at for instance in instances}
    assert ended["main"] <= ended["proxy"]
    await machine.clock.advance(5)
    assert machine.life()[-2].startswith("Succeeded deleting")


async def test_a_sidecar_does_not_keep_a_finished_pod_alive(machine):
    helper = container("sleep", "1000", name="helper", restartPolicy="Always")
    machine.run("sleep", "2", restartPolicy="Never", terminationGracePeriodSeconds=1, initContainers=[helper])
    await machine.clock.advance(12)
    assert machine.life()[-3:] == [
        "Running sandbox init !ready/ContainersNotReady | helper:running+ main:terminated/Completed/0",
        "Running !sandbox init !ready/PodCompleted | helper:terminated/Error/137 main:terminated/Completed/0",
        "Succeeded !sandbox init !ready/PodCompleted | helper:terminated/Error/137 main:terminated/Completed/0",
    ]


@pytest.mark.parametrize(
    ("grace", "hook", "command", "seconds", "state"),
    [
        (6, 2, ("polite", "1"), 3, "main:terminated/Completed/0"),
        (2, None, ("sleep", "1000"), 2, "main:terminated/Error/137"),
        (1, None, ("sleep", "1000"), 2, "main:terminated/Error/137"),  # never less than two seconds
        (5, 3, ("sleep", "1000"), 5, "main:terminated/Error/137"),
        (4, 60, ("polite", "1"), 5, "main:terminated/Completed/0"),  # the hook is cut off, then two seconds
    ],
)
async def test_the_grace_period_includes_the_hook(machine, grace, hook, command, seconds, state):
    lifecycle = {"lifecycle": {"preStop": {"exec": {"command": ["sleep", str(hook)]}}}} if hook else {}
    machine.run(*command, terminationGracePeriodSeconds=grace, **lifecycle)
    await machine.clock.advance(5)
    machine.client.delete("pods", "default", "p")
    asked = machine.clock.now()
    await machine.until(lambda: machine.life()[-1] == "DELETED")
    instance = machine.life()[-2]
    assert instance.endswith(state)
    assert seconds <= machine.clock.now() - asked < seconds + 3.5


async def test_a_bad_command(machine):
    machine.run("/no/such/binary", restartPolicy="Never")
    await machine.clock.advance(6)
    message = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        'unable to start container process: exec: "/no/such/binary": stat /no/such/binary: no such file or directory'
    )
    ended = machine.status()["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (128, "StartError", message)
    assert ended["startedAt"] == "1970-01-01T00:00:00Z"
    assert machine.events("Failed") == [("Failed", f"Error: {message}")]
    assert machine.life()[-2:] == [
        "Pending sandbox init !ready/PodFailed | main:terminated/StartError/128",
        "Failed !sandbox init !ready/PodFailed | main:terminated/StartError/128",
    ]


async def test_an_image_that_is_not_there(machine):
    machine.run("sleep", "1", image="example.invalid/none:1")
    await machine.clock.advance(35)
    waits = [state.partition("main:waiting/")[2] for state in machine.life()[3:]]
    assert waits[:3] == ["ErrImagePull", "ImagePullBackOff", "ErrImagePull"]
    assert machine.events()[0] == ("Pulling", 'Pulling image "example.invalid/none:1"')
    assert ("Failed", "Error: ErrImagePull") in machine.events()
    assert ("Failed", "Error: ImagePullBackOff") in machine.events()


async def test_a_missing_secret_and_its_arrival(machine):
    machine.run("sleep", "100", env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}}])
    await machine.clock.advance(5)
    assert machine.status()["state"] == {
        "waiting": {"reason": "CreateContainerConfigError", "message": 'secret "db" not found'}
    }
    assert machine.events("Failed") == [("Failed", 'Error: secret "db" not found')]
    machine.create({"kind": "Secret", "metadata": {"name": "db"}, "stringData": {"url": "x"}})
    await machine.clock.advance(20)
    assert machine.life()[-1] == RUNNING


async def test_a_missing_volume_holds_the_pod_back(machine):
    machine.run(
        "cat",
        "/v/key",
        restartPolicy="Never",
        volumes=[{"name": "v", "configMap": {"name": "cfg"}}],
        volumeMounts=[{"name": "v", "mountPath": "/v"}],
    )
    await machine.clock.advance(10)
    assert machine.life() == CREATED
    assert machine.events() == [("FailedMount", 'MountVolume.SetUp failed for volume "v" : configmap "cfg" not found')]
    assert machine.count("FailedMount") == 5  # at 0, 0.5, 1.5, 3.5 and 7.5 seconds
    machine.create({"kind": "ConfigMap", "metadata": {"name": "cfg"}, "data": {"key": "value\n"}})
    await machine.clock.advance(15)
    assert await machine.logs() == "value\n"


async def test_a_deadline_ends_the_pod(machine):
    machine.run("sleep", "100", activeDeadlineSeconds=5, terminationGracePeriodSeconds=1)
    await machine.clock.advance(12)
    status = machine.pod()["status"]
    message = "Pod was active on the node longer than the specified deadline"
    assert (status["phase"], status["reason"], status["message"]) == ("Failed", "DeadlineExceeded", message)
    assert machine.events("DeadlineExceeded") == [("DeadlineExceeded", message)]


@pytest.mark.parametrize(
    ("command", "policy", "message"),
    [
        (("last-words", "it broke", "1"), "File", "it broke"),
        (("say", "from the log", "1"), "FallbackToLogsOnError", "from the log\n"),
        (("say", "from the log", "0"), "FallbackToLogsOnError", None),
        (("say", "from the log", "1"), "File", None),
    ],
)
async def test_termination_messages(machine, command, policy, message):
    machine.run(*command, restartPolicy="Never", terminationMessagePolicy=policy)
    await machine.clock.advance(5)
    assert machine.status()["state"]["terminated"].get("message") == message


async def test_a_failed_post_start_hook_kills_the_container(machine):
    machine.run("polite", "0", lifecycle={"postStart": {"exec": {"command": ["say", "x", "1"]}}})
    await machine.clock.advance(4)
    assert machine.events("FailedPostStartHook", "Killing") == [
        ("FailedPostStartHook", "PostStartHook failed"),
        ("Killing", "FailedPostStartHook"),
    ]
    assert machine.status()["restartCount"] >= 1
    await machine.until(lambda: "waiting" in machine.status()["state"])
    uid = machine.pod()["metadata"]["uid"]
    assert machine.status()["state"]["waiting"] == {
        "reason": "PostStartHookError",
        "message": f'Exec lifecycle hook ([say x 1]) for Container "main" in Pod "p_default({uid})" failed - error: '
        "command 'say x 1' exited with 1: , message: \"x\\n\"",
    }


async def test_a_pod_deleted_while_its_image_is_missing_ends_as_failed(machine):
    machine.run("sleep", "1", image="example.invalid/none:1", terminationGracePeriodSeconds=2)
    await machine.clock.advance(4)
    machine.client.delete("pods", "default", "p")
    await machine.clock.advance(5)
    assert machine.life()[-2:] == [
        "Failed deleting !sandbox init !ready/ContainersNotReady | main:terminated/ContainerStatusUnknown/137",
        "DELETED",
    ]


async def test_a_force_deleted_pod_is_stopped_all_the_same(machine):
    machine.run("sleep", "1000")
    await machine.clock.advance(3)
    machine.client.delete("pods", "default", "p", grace_period=0)
    await machine.clock.advance(5)
    assert machine.life()[-1] == "DELETED"
    assert machine.kubelet.parts.runtime.pods == {}
    assert machine.kubelet.parts.workers.uids() == []


async def test_the_status_carries_what_v1_36_reports(machine):
    resources = {"limits": {"cpu": "50m", "memory": "32Mi"}}
    machine.run("sleep", "100", resources=resources)
    await machine.clock.advance(3)
    status, both = machine.pod()["status"], {"limits": resources["limits"], "requests": resources["limits"]}
    assert (status["qosClass"], status["resources"], status["allocatedResources"]) == (
        "Guaranteed",
        both,
        resources["limits"],
    )
    assert status["podIPs"] == [{"ip": status["podIP"]}]
    assert (status["hostIPs"], status["observedGeneration"]) == ([{"ip": status["hostIP"]}], 1)
    entry = machine.status()
    assert entry["containerID"].startswith("containerd://")
    assert entry["image"] == "docker.io/library/busybox:1.36"
    assert entry["imageID"].startswith("sha256:")
    assert (entry["resources"], entry["allocatedResources"]) == (both, resources["limits"])
    assert entry["user"] == {"linux": {"uid": 0, "gid": 0, "supplementalGroups": [0]}}


async def test_a_node_falls_silent_and_comes_back(machine):
    machine.run("sleep", "10000")
    await machine.clock.advance(3)
    await machine.power_off()
    before = machine.client.get("leases.coordination.k8s.io", "kube-node-lease", "node-1")["spec"]["renewTime"]
    await machine.clock.advance(60)
    assert machine.client.get("leases.coordination.k8s.io", "kube-node-lease", "node-1")["spec"]["renewTime"] == before
    assert machine.life()[-1] == RUNNING  # nobody said otherwise
    machine.power_on()
    await machine.clock.advance(5)
    assert machine.life()[-1] == "Running sandbox init ready | main:running*1+"
    assert machine.client.get("leases.coordination.k8s.io", "kube-node-lease", "node-1")["spec"]["renewTime"] > before


async def test_nothing_is_left_behind(machine):
    tasks = asyncio.all_tasks()
    for number in range(3):
        machine.run("sleep", "1000", name=f"p{number}", terminationGracePeriodSeconds=1)
    await machine.clock.advance(3)
    for number in range(3):
        machine.client.delete("pods", "default", f"p{number}")
    await machine.clock.advance(6)
    assert asyncio.all_tasks() == tasks
    assert list(machine.network.hosts) == ["172.18.0.2"]


async def test_a_shorter_grace_period_takes_over(machine):
    machine.run("sleep", "1000", terminationGracePeriodSeconds=300)
    await machine.clock.advance(3)
    machine.client.delete("pods", "default", "p")
    await machine.clock.advance(5)
    machine.client.delete("pods", "default", "p", grace_period=3)
    await machine.clock.advance(8)
    assert machine.life()[-1] == "DELETED"


async def test_a_new_pod_of_the_same_name_waits_for_nobody(machine):
    machine.run("sleep", "1000", terminationGracePeriodSeconds=30)
    await machine.clock.advance(3)
    machine.client.delete("pods", "default", "p", grace_period=0)
    machine.run("sleep", "1000")
    await machine.clock.advance(1.5)
    assert machine.life()[-1] == RUNNING
    assert len(machine.kubelet.parts.runtime.pods) == 2  # the old one gets its two seconds
    await machine.clock.advance(5)
    assert len(machine.kubelet.parts.runtime.pods) == 1


async def test_a_pods_labels_change_without_a_restart_and_its_image_with_one(machine):
    machine.run("sleep", "1000", terminationGracePeriodSeconds=1)
    await machine.clock.advance(3)
    machine.client.patch("pods", "default", "p", {"metadata": {"labels": {"a": "b"}}})
    await machine.clock.advance(3)
    assert machine.status()["restartCount"] == 0
    containers = [{"name": "main", "image": "busybox:latest"}]
    machine.client.patch("pods", "default", "p", {"spec": {"containers": containers}}, patch_type=STRATEGIC_MERGE_PATCH)
    await machine.clock.advance(8)
    assert (machine.status()["restartCount"], machine.status()["image"]) == (1, "docker.io/library/busybox:latest")
    assert ("Killing", "Container main definition changed, will be restarted") in machine.events("Killing")


async def test_a_container_that_its_own_rules_bring_back(machine):
    rules = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]
    own = container("sleep", "1", "42", restartPolicy="Never", restartPolicyRules=rules)
    machine.run(restartPolicy="Never", containers=[own])
    await machine.clock.advance(5)
    assert machine.status()["restartCount"] == 1
