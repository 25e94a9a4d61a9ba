"""Judging the system that a learner has built from nothing: its manifests, an update under load, an illness."""

import json

from looking import minutes, restarts, staying, times, value_of

from kubelab.checks import until, wrong


def judge_manifests(secret, deployment, service, cronjob):
    """What cannot be seen from how it behaves in a few minutes."""
    password = value_of(secret, "db-password")
    if password and password in json.dumps(deployment["spec"]):
        wrong(saw="The password stands in the Deployment.", why="Anybody who may see the Deployment may read it.")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    asked_for = container.get("resources", {})
    if not (asked_for.get("requests") and asked_for.get("limits", {}).get("memory")):
        wrong(saw="backend-app has no requests, or no memory limit.", why="The scheduler packs it blindly.")
    if service["spec"]["type"] != "LoadBalancer":
        wrong(saw=f"The Service is of type {service['spec']['type']}.", why="Users are outside of the cluster.")
    minute, *rest = cronjob["spec"]["schedule"].split()
    if minutes(minute) != set(range(0, 60, 5)) or set(rest) != {"*"} or cronjob["spec"].get("suspend"):
        wrong(saw=f"The CronJob's schedule is {cronjob['spec']['schedule']}.", why="Every five minutes was asked for.")


def judge_an_update(lab):
    """Restart the Pods, as an update would, while requests are sent."""
    change = {"spec": {"template": {"metadata": {"annotations": {"checked-at": f"{lab.now:.0f}"}}}}}
    with lab.record(kinds=["pods"], requests_to="service/backend-app-service", path="/version", every=0.5) as seen:
        lab.patch("deployment/backend-app", change)
        over = until(lab, "deployment/backend-app", "rolled out", 240)
        lab.wait(3)
    if over is None:
        wrong(saw="An update was not over after four minutes.", why="New Pods should get ready, and old ones leave.")
    if seen.failed:
        wrong(
            saw=f"During an update, requests failed, {times(seen.failed)}.",
            why="A Pod was asked too early, or too late.",
        )


def judge_an_illness(lab):
    """Let one Pod fail its health checks, and see whether anybody does something about it."""
    pod = staying(lab, "app=backend-app")[0].name
    lab.http(f"pod/{pod}:8080", "/fail", method="POST")
    before = restarts(lab.get(f"pod/{pod}"))
    if until(lab, f"pod/{pod}", lambda one: restarts(one) > before, 180) is None:
        lab.http(f"pod/{pod}:8080", "/recover", method="POST")
        wrong(saw="A Pod was ill for three minutes, and was not restarted.", why="Nobody asks whether it is live.")
