"""The exercises of chapter 12: updates that nobody notices, updates in little room, and the arithmetic."""

from kubelab.checks import Exercises, not_attempted, until, wrong

exercises = Exercises("12-rolling-updates")


def patched(name, body):
    """A cell that changes a Deployment and waits for the rollout."""
    return (
        f'lab.patch("deployment/{name}", {body})\n'
        f'lab.wait_until("deployment/{name}", lambda one: one["status"].get("observedGeneration") == '
        f'one["metadata"]["generation"] and one["status"].get("updatedReplicas") == 3 and '
        f'one["status"].get("availableReplicas") == 3 and one["status"].get("replicas") == 3, timeout=120)'
    )


def with_container(**fields):
    container = {"name": "shop", **fields}
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


HEALTH = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1}


@exercises.add(
    "unnoticed",
    title="An update that nobody notices",
    hints=[
        "When does this Deployment believe that a new Pod is ready? Compare with the lab's manifest.",
        "The program answers on /health, port 8080, once it has started.",
        "What tells the Deployment when a Pod may get requests is the readinessProbe.",
    ],
    wrong_answers={
        "a liveness probe": patched("shop", with_container(livenessProbe={**HEALTH, "initialDelaySeconds": 5})),
        "all at once": patched("shop", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}),
        "a program that starts faster": "%kubectl set env deployment/shop START_SECONDS=0",
        "scaled to nothing": "%kubectl scale deployment shop --replicas=0",
        "the hook taken out": patched("shop", with_container(readinessProbe=HEALTH, lifecycle=None)),
    },
)
def unnoticed(lab):
    found = lab.find("deployment/shop") or not_attempted("There is no Deployment shop. Run the cell that makes it.")
    if found["metadata"]["generation"] == 1:
        not_attempted("The Deployment shop is as it was.")
    if "START_SECONDS" in str(found["spec"]["template"]):
        wrong(saw="The program was told to start faster.", why="In real life it takes the time it takes. Live with it.")
    if "preStop" not in found["spec"]["template"]["spec"]["containers"][0].get("lifecycle", {}):
        wrong(saw="The preStop hook is gone.", why="Requests still come while the news of a Pod's leaving spreads.")
    if until(lab, "deployment/shop", settled, 180) is None or found["spec"]["replicas"] < 3:
        wrong(saw="There are not three Pods ready.", why="The shop should be open.")
    recording = updated_under_load(lab)
    if recording.failed:  # once may be bad luck: news travels slowly through a busy cluster
        recording = updated_under_load(lab)
    if recording.failed and found["spec"]["strategy"]["type"] == "Recreate":
        wrong(saw=f"During an update, {recording.failed} requests failed.", why="For a while there was no Pod at all.")
    if recording.failed:
        wrong(saw=f"During an update, {recording.failed} requests failed.", why="They met Pods that were not up yet.")
    return f"During an update, all {recording.served} requests were served."


@exercises.add(
    "no-room",
    title="An update where there is no room",
    hints=[
        "One number of the strategy says how many more Pods there may be, the other how many fewer.",
        "No more than three: maxSurge has to be 0. Then something has to be allowed to be missing.",
        "spec.strategy.rollingUpdate: maxSurge 0, maxUnavailable 1.",
    ],
    wrong_answers={
        "one more": patched("till", {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}}}),
        "all at once": patched("till", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}),
        "only two": "%kubectl scale deployment till --replicas=2",
        "two missing": patched("till", {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 3}}}}),
    },
)
def no_room(lab):
    found = lab.find("deployment/till") or not_attempted("There is no Deployment till. Run the cell that makes it.")
    if found["metadata"]["generation"] == 1:
        not_attempted("The Deployment till is as it was.")
    if found["spec"]["replicas"] != 3:
        wrong(saw=f"The Deployment wants {found['spec']['replicas']} Pods.", why="It should be three, as before.")
    if until(lab, "deployment/till", settled, 120) is None:
        wrong(saw="There are not three Pods ready.", why="It should serve before and after an update.")
    seen = []

    def note(one):
        seen.append((one["status"].get("replicas", 0), one["status"].get("readyReplicas", 0)))
        return False

    restart(lab, "till", watch=note)
    most, least = max(total for total, _ in seen), min(ready for _, ready in seen)
    if most > 3:
        wrong(saw=f"During an update there were {most} Pods.", why="There is room for three.")
    if least == 0 and found["spec"]["strategy"]["type"] == "Recreate":
        wrong(saw="During an update no Pod was left, by design.", why="That strategy takes all of them away first.")
    if least < 2:
        wrong(saw=f"During an update only {least} Pods were ready.", why="Two should go on serving.")
    return f"During an update there were never more than {most} Pods, and never fewer than {least} ready."


@exercises.add(
    "arithmetic",
    title="The arithmetic of 25 %",
    hints=[
        "25 % of 10 is 2.5. It has to be rounded, once up and once down.",
        "Up for what there may be more, down for what may be missing.",
    ],
    wrong_answers={
        "both down": "answer = (12, 8)",
        "both up": "answer = (13, 7)",
        "the wrong way round": "answer = (12, 7)",
    },
)
def arithmetic(lab, answer):
    try:
        most, least = map(int, answer)
    except (TypeError, ValueError):
        wrong(saw=f"Your answer is {answer!r}.", why="It should be two numbers: answer = (most, least)")
    right_most, right_least = most == 13, least == 8
    if right_most and right_least:
        return "At most 13 Pods that count, at least 8 available."
    if right_least:
        wrong(saw=f"At most {most}.", why="What there may be more is rounded the other way.")
    if right_most:
        return wrong(saw=f"At least {least}.", why="What may be missing is rounded the other way.")
    return wrong(saw=f"At most {most}, at least {least}.", why="Neither is right: look at how 2.5 is rounded.")


def updated_under_load(lab):
    """An update of the shop, with requests all the while."""
    with lab.record(kinds=["pods"], requests_to="service/shop", path="/version", every=0.2) as recording:
        lab.wait(1)
        restart(lab, "shop")
        lab.wait(1)
    return recording


def restart(lab, name, watch=lambda one: False):
    """Replace every Pod, as `kubectl rollout restart` does, and wait until that is over."""
    stamp = f"check-{lab.now:.3f}"
    template = {"metadata": {"annotations": {"restarted-by": stamp}}}
    lab.patch(f"deployment/{name}", {"spec": {"template": template}})

    if until(lab, f"deployment/{name}", lambda one: watch(one) or settled(one), 180) is None:
        wrong(saw="An update did not come to its end.", why="It should, within three minutes or so.")


def settled(one):
    """Whether all Pods are of the current template, and available."""
    status, wanted = one["status"], one["spec"]["replicas"]
    counts = [status.get(field, 0) for field in ("replicas", "updatedReplicas", "availableReplicas")]
    return status.get("observedGeneration") == one["metadata"]["generation"] and counts == [wanted] * 3
