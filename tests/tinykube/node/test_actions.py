import pytest

from tinykube.node.actions import LIVENESS, STARTUP, compute_actions
from tinykube.node.observed import ContainerView, PodView

SIDE = {"restartPolicy": "Always"}


def pod(policy="Always", mains=("m",), inits=(), deleting=False):
    meta = {"name": "p", "namespace": "d", "uid": "u"}
    if deleting:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {
        "metadata": meta,
        "spec": {
            "restartPolicy": policy,
            "containers": [{"name": n, "image": "i:1"} for n in mains],
            "initContainers": [{"name": n, "image": "i:1", **more} for n, more in inits],
        },
    }


def seen(*containers, sandbox="ready"):
    """Containers as (name, state) where a state is `running` or an exit code."""
    views = [
        ContainerView(
            id=f"{name}-id",
            name=name,
            state="running" if state == "running" else "exited",
            exit_code=0 if state == "running" else state,
            image="i",
            image_id="x",
            restarts=0,
            created_at=0,
            spec_image="i:1",
        )
        for name, state in containers
    ]
    return PodView(sandbox, 0, ("10.0.0.1",), tuple(views))


def decide(pod_, view, verdicts=None):
    found = compute_actions(pod_, view, lambda kind, id_: (verdicts or {}).get((kind, id_)))
    flags = "".join(f for f, on in (("K", found.kill_pod), ("S", found.create_sandbox)) if on)
    return (
        flags,
        [c["name"] for c in found.start_init],
        [c["name"] for c in found.start],
        [k.message for k in found.kill],
    )


FIRST, SECOND, SIDECAR = ("i", {}), ("j", {}), ("s", SIDE)


@pytest.mark.parametrize(
    ("spec", "view", "expected"),
    [
        (pod(), PodView(), ("KS", [], ["m"], [])),
        (pod(inits=[FIRST]), PodView(), ("KS", ["i"], [], [])),
        (pod(), seen(), ("", [], ["m"], [])),
        (pod(), seen(("m", "running")), ("", [], [], [])),
        (pod(), seen(("m", 1)), ("", [], ["m"], [])),
        (pod(), seen(("m", 0)), ("", [], ["m"], [])),
        (pod("OnFailure"), seen(("m", 1)), ("", [], ["m"], [])),
        (pod("OnFailure"), seen(("m", 0)), ("K", [], [], [])),
        (pod("Never"), seen(("m", 1)), ("K", [], [], [])),
        (pod("Never", mains=("m", "n")), seen(("m", 1), ("n", "running")), ("", [], [], [])),
        (pod(deleting=True), seen(("m", 1)), ("K", [], [], [])),
        (pod("Never"), seen(("m", 1), sandbox="notready"), ("K", [], [], [])),
        (pod(), seen(("m", 137), sandbox="notready"), ("KS", [], ["m"], [])),
        (pod(inits=[FIRST, SECOND]), seen(), ("", ["i"], [], [])),
        (pod(inits=[FIRST, SECOND]), seen(("i", "running")), ("", [], [], [])),
        (pod(inits=[FIRST, SECOND]), seen(("i", 0)), ("", ["j"], [], [])),
        (pod(inits=[FIRST, SECOND]), seen(("i", 0), ("j", 0)), ("", [], ["m"], [])),
        (pod(inits=[FIRST]), seen(("i", 1)), ("", ["i"], [], [])),
        (pod("Never", inits=[FIRST]), seen(("i", 1)), ("K", [], [], [])),
        (pod(inits=[FIRST, SIDECAR]), seen(("i", 0)), ("", ["s"], [], [])),
        (pod(inits=[FIRST, SIDECAR]), seen(("i", 0), ("s", "running")), ("", [], ["m"], [])),
        (pod(inits=[SIDECAR, FIRST]), seen(("s", "running")), ("", ["i"], [], [])),
        (pod(inits=[SIDECAR]), seen(("s", 1), ("m", "running")), ("", ["s"], [], [])),
        (pod("Never", inits=[SIDECAR]), seen(("s", "running"), ("m", 0)), ("K", [], [], [])),
    ],
)
def test_what_one_sync_has_to_do(spec, view, expected):
    assert decide(spec, view) == expected


@pytest.mark.parametrize(
    ("policy", "kind", "message", "restarted"),
    [
        ("Always", LIVENESS, "Container m failed liveness probe, will be restarted", ["m"]),
        ("Always", STARTUP, "Container m failed startup probe, will be restarted", ["m"]),
        ("Never", LIVENESS, "Container m failed liveness probe", []),
    ],
)
def test_a_failed_probe_kills_and_restarts_as_the_policy_says(policy, kind, message, restarted):
    flags, _, start, kill = decide(pod(policy), seen(("m", "running")), {(kind, "m-id"): False})
    assert (start, kill) == (restarted, [message])
    assert flags == ("" if restarted else "K")


def test_a_new_image_replaces_the_container():
    changed = pod()
    changed["spec"]["containers"][0]["image"] = "i:2"
    assert decide(changed, seen(("m", "running"))) == (
        "",
        [],
        ["m"],
        ["Container m definition changed, will be restarted"],
    )


@pytest.mark.parametrize(("started", "expected"), [(None, []), (True, ["m"])])
def test_a_sidecars_startup_probe_holds_back_what_follows(started, expected):
    spec = pod(inits=[("s", SIDE | {STARTUP: {"exec": {}}})])
    assert decide(spec, seen(("s", "running")), {(STARTUP, "s-id"): started})[2] == expected


def test_a_sidecar_that_fails_its_startup_probe_is_replaced():
    spec = pod(inits=[("s", SIDE | {STARTUP: {"exec": {}}})])
    found = decide(spec, seen(("s", "running")), {(STARTUP, "s-id"): False})
    assert found == ("", ["s"], [], ["Init container s failed startup probe"])
