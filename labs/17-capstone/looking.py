"""What the checks of this chapter look at: settings that were found, Jobs that were tried, schedules, amounts."""

import json
from base64 import b64decode

from kubelab.checks import ask, until
from kubelab.errors import Refused
from kubelab.resources import Resources


def minutes(field):
    """The minutes that the first field of a schedule means."""
    found = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0-59" if span == "*" else span).partition("-")
        if not all(one.isdigit() for one in (first, last or "0", step or "1")):
            return set()
        found |= set(range(int(first), int(last or (59 if step else first)) + 1, int(step or 1)))
    return found


def tried(lab, cronjob, patience):
    """What a Job made from this CronJob has printed, and how its Pods ended."""
    name = f"{cronjob}-check"
    template = lab.get(f"cronjob/{cronjob}")["spec"]["jobTemplate"]["spec"]
    lab.delete(f"job/{name}")
    lab.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": template})
    try:
        until(lab, f"job/{name}", lambda job: is_complete(job) or job["status"].get("failed"), patience)
        pods = lab.list("pods", selector=f"job-name={name}")
        return "".join(printed(lab, pod) for pod in pods), {reason_of(pod) for pod in pods}
    finally:
        lab.delete(f"job/{name}")


def printed(lab, pod):
    """The log of a Pod; nothing if it never started."""
    try:
        return str(lab.logs(pod.name))
    except Refused:
        return ""


def reason_of(pod):
    """How the Pod's container ended, in a word; "" if it did not."""
    states = [one["state"].get("terminated", {}) for one in pod["status"].get("containerStatuses", [])]
    return next((state["reason"] for state in states if "reason" in state), "")


def is_complete(job):
    return any(one["type"] == "Complete" and one["status"] == "True" for one in job["status"].get("conditions", []))


UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 10**3, "M": 10**6, "G": 10**9, "": 1}


def bytes_of(text):
    """An amount of memory in bytes; None if there is none, or it cannot be read."""
    number = text.rstrip("KMGki")
    unit = text[len(number) :]
    return int(float(number) * UNITS[unit]) if number and unit in UNITS else None


def asked(lab, target, path, number):
    """The answers to so many requests."""
    return [lab.http(target, path) for _ in range(number)]


def staying(lab, selector):
    """The Pods that run and are not about to go."""
    pods = lab.list("pods", selector=selector)
    return Resources(
        pod for pod in pods if "deletionTimestamp" not in pod["metadata"] and pod["status"]["phase"] == "Running"
    )


def variables(deployment):
    return deployment["spec"]["template"]["spec"]["containers"][0].get("env") or []


def setting(lab, pod, name):
    """What the program in this Pod has found for a variable; None if nothing."""
    reply = ask(lab, f"pod/{pod.name}:8080", "/config", patience=15)
    return json.loads(reply.text).get(name) if reply.ok else None


def revision(deployment):
    return int(deployment["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", 1))


def restarts(pod):
    return sum(one["restartCount"] for one in pod["status"].get("containerStatuses", []))


def value_of(secret, key):
    """What a Secret holds under a key; "" if nothing."""
    return b64decode(((secret or {}).get("data") or {}).get(key, "")).decode()


def times(number):
    return "once" if number == 1 else f"{number} times"
