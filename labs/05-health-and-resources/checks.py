"""The exercises of chapter 5: probes that do their duty, Pods that may take leave, resources that are kept free."""

from kubelab.checks import Exercises, ask, not_attempted, stays, until, wrong
from kubelab.errors import KubelabError

exercises = Exercises("05-health-and-resources")

LIBRARY = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: library
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: backend-app
      image: backend-app:1.1.0
      imagePullPolicy: IfNotPresent
      env:
        - name: START_SECONDS
          value: "{start}"
      {probe}
"""
PROBE = "livenessProbe: {{httpGet: {{path: /health, port: 8080}}, periodSeconds: 2, {rest}}}"
ILL_FOR = 45  # seconds after which a program that hangs should have been restarted
WELL_FOR = 35  # seconds that a program that is well should be left alone: a probe with default numbers gives up in 30


@exercises.add(
    "startup",
    title="Let it come up, then keep an eye on it",
    hints=[
        "The liveness probe begins before the program is there to answer it.",
        "There is a third kind of probe; while it has not succeeded, the other two wait.",
        "A startup probe allows periodSeconds × failureThreshold seconds to come up.",
        "Probes of a Pod cannot be changed while it exists: delete the Pod, then apply.",
    ],
    wrong_answers={
        "nobody looks": LIBRARY.format(start=20, probe="# no probe at all"),
        "too short a delay": LIBRARY.format(start=20, probe=PROBE.format(rest="initialDelaySeconds: 10")),
        "endless patience": LIBRARY.format(start=20, probe=PROBE.format(rest="failureThreshold: 1000")),
        "a faster program": LIBRARY.format(start=1, probe=PROBE.format(rest="failureThreshold: 3")),
        "restarts what is well": LIBRARY.format(
            start=20, probe="livenessProbe: {tcpSocket: {port: 8888}, initialDelaySeconds: 22}"
        ),
        "asks whether the port is open": LIBRARY.format(
            start=20, probe="livenessProbe: {tcpSocket: {port: 8080}, initialDelaySeconds: 22}"
        ),
    },
)
def startup(lab):
    pod = lab.find("pod/library") or not_attempted("There is no Pod named library yet.")
    container = pod["spec"]["containers"][0]
    if environment(container).get("START_SECONDS") != "20":
        wrong(
            saw="The program does not take 20 seconds to come up any more.", why="In real life it does. Live with it."
        )
    if is_starter(container):
        not_attempted("The Pod library has the probe that it had, and no other.")
    answers = ask(lab, "pod/library:8080", "/health", patience=60).ok
    again = restarts(lab.get("pod/library"))
    if not answers or again:
        wrong(saw=f"It was restarted {again} times while it came up.", why="It has to be left alone for 20 seconds.")
    if not stays(lab, "pod/library", lambda one: not restarts(one), WELL_FOR):
        wrong(saw="It had come up, was well, and was restarted.", why="What does the probe ask, and at which address?")
    judge_ill(lab, container)
    return "It came up undisturbed, was left alone while it was well, and was restarted when it fell ill."


def judge_ill(lab, container):
    """A program that says that it is ill should be restarted."""
    lab.http("pod/library:8080", "/fail", method="POST")
    if until(lab, "pod/library", restarts, ILL_FOR) is None:
        lab.http("pod/library:8080", "/recover", method="POST")
        seen = "with a liveness probe" if "livenessProbe" in container else "with no liveness probe"
        port_only = "tcpSocket" in container.get("livenessProbe", {})
        why = "Its port is open; /health says how it is." if port_only else "Somebody should have restarted it by then."
        wrong(saw=f"It was ill for {ILL_FOR} seconds, {seen}.", why=why)


def is_starter(container):
    probe = container.get("livenessProbe", {})
    same = (probe.get("periodSeconds"), probe.get("failureThreshold"), probe.get("initialDelaySeconds", 0)) == (2, 2, 0)
    return same and "startupProbe" not in container


DESK = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: desk-2
  labels:
    app: {app}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: backend-app
      image: backend-app:1.1.0
      imagePullPolicy: IfNotPresent
      env:
        - name: START_SECONDS
          value: "{start}"
{probe}
"""
READINESS = "      readinessProbe: {{httpGet: {{path: {path}, port: 8080}}, periodSeconds: 1}}"
LIVENESS = "      livenessProbe: {httpGet: {path: /health, port: 8080}, initialDelaySeconds: 10}"


@exercises.add(
    "readiness",
    title="Not before it is ready",
    hints=[
        "The Service sends requests to every Pod with its labels that is ready. When is a Pod without probes ready?",
        "The other Pod shows one way: its readiness probe asks whether something listens on the port.",
        "backend-app answers GET /health on port 8080 as soon as it can serve.",
    ],
    wrong_answers={
        "no probe": DESK.format(start=8, app="desk", probe=""),
        "a liveness probe": DESK.format(start=8, app="desk", probe=LIVENESS),
        "a page that does not exist": DESK.format(start=8, app="desk", probe=READINESS.format(path="/ready")),
        "outside the Service": DESK.format(start=8, app="desk-two", probe=READINESS.format(path="/health")),
        "a faster program": DESK.format(start=0, app="desk", probe=""),
    },
)
def readiness(lab):
    lab.find("service/desk") or not_attempted("There is no Service named desk. Run the cell that makes it.")
    pod = lab.find("pod/desk-2") or not_attempted("There is no Pod named desk-2 yet.")
    if environment(pod["spec"]["containers"][0]).get("START_SECONDS") != "8":
        wrong(saw="The program of desk-2 does not take 8 seconds to come up.", why='START_SECONDS should be "8".')
    until(lab, "pod/desk-1", "Ready", 60)
    copy = copied(pod, "desk-check")
    try:
        with lab.record(requests_to="service/desk", every=0.5) as recording:
            lab.apply(copy)
            until(lab, "pod/desk-check", "Ready", 45)
            lab.wait(8)
        ready = is_ready(lab.get("pod/desk-check"))
    finally:
        lab.delete("pod/desk-check", grace=0)
    judge_requests(recording.requests, ready, has_probe="livenessProbe" in pod["spec"]["containers"][0])
    return "A Pod like desk-2 came up, not one request failed, and then it got its share."


def judge_requests(requests, ready, has_probe):
    failed = [one for one in requests if not one.ok]
    if failed:
        kind = " The probe it has restarts; it does not keep requests away." if has_probe else ""
        wrong(
            saw=f"While a Pod like desk-2 came up, {some(failed, 'request')} failed.",
            why=f"It got requests before it could answer them.{kind}",
        )
    if not any("desk-check" in one.text for one in requests):
        why = "It was ready; the Service did not take it for one of its own." if ready else "It did not get ready."
        wrong(saw="A Pod like desk-2 was started, and answered no request.", why=why)


def some(things, noun):
    return f"{'one' if len(things) == 1 else 'several'} {noun}{'' if len(things) == 1 else 's'}"


CASHIER = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: cashier
spec:
  terminationGracePeriodSeconds: {grace}
  containers:
    - name: main
      image: busybox:1.36
      command: ["sh", "-c", "trap '{leave}exit 0' TERM; while true; do sleep 0.2; done"]
{hook}
"""
HOOK = '      lifecycle: {preStop: {exec: {command: ["sleep", "3"]}}}'
CLOSE = "sleep 5; echo closed; "


@exercises.add(
    "farewell",
    title="Time to close the books",
    hints=[
        "How many seconds are needed altogether, from the deletion on?",
        "The grace period starts with the deletion. The preStop hook is part of it.",
        "terminationGracePeriodSeconds is a field of the Pod, not of the container.",
    ],
    wrong_answers={
        "time for the program only": CASHIER.format(grace=6, leave=CLOSE, hook=HOOK),
        "the hook taken out": CASHIER.format(grace=6, leave=CLOSE, hook=""),
        "books left open": CASHIER.format(grace=10, leave="", hook=HOOK),
        "a shorter hook": CASHIER.format(grace=10, leave=CLOSE, hook=HOOK.replace("3", "1")),
    },
)
def farewell(lab):
    pod = lab.find("pod/cashier") or not_attempted("There is no Pod named cashier yet.")
    if pod["spec"]["terminationGracePeriodSeconds"] == 4:
        not_attempted("The Pod cashier has 4 seconds of grace, as it had.")
    judge_kept(pod["spec"]["containers"][0])
    lab.apply(copied(pod, "cashier-check"))
    if until(lab, "pod/cashier-check", "Ready", 60) is None:
        wrong(saw="A Pod like cashier does not come up.", why="It has to work before it can close.")
    with lab.record() as recording:
        lab.delete("pod/cashier-check")
    ended, code = last_end(recording, "cashier-check")
    if code != 0:
        wrong(saw=f"A Pod like cashier was killed (exit code {code}).", why="It was not given the time to finish.")
    if ended < 7.5:
        wrong(saw="A Pod like cashier left within 7 seconds.", why="A hook of 3 seconds and 5 for the books make 8.")
    return "The hook ran, the books were closed, and nobody had to be killed."


def judge_kept(container):
    """The program and its hook should do what they did."""
    if "sleep 5; echo closed" not in " ".join(container.get("command", []) + container.get("args", [])):
        wrong(saw="The program does not close its books as it did.", why="It needs those 5 seconds. Give them to it.")
    if "preStop" not in container.get("lifecycle", {}):
        wrong(saw="There is no preStop hook any more.", why="Nobody waits for the news of its leaving to spread.")


def last_end(recording, name):
    """When the container was seen to have ended (seconds), and its exit code."""
    for change in recording.changes:
        if change.object["kind"] != "Pod" or change.object["metadata"]["name"] != name:
            continue
        state = change.object["status"]["containerStatuses"][0]["state"]
        if "terminated" in state:
            return change.t, state["terminated"]["exitCode"]
    raise KubelabError("Nobody saw how the Pod ended.", "Run the check again.")


SAFE = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: safe
spec:
  containers:
    - name: main
      image: nginx:1.27
      resources: {resources}
"""


@exercises.add(
    "guaranteed",
    title="The last to go",
    hints=[
        "Which class is evicted last? The lab shows all three.",
        "Requests and limits of every container have to be the same, for CPU and for memory.",
    ],
    wrong_answers={
        "nothing said": SAFE.format(resources="{}"),
        "requests only": SAFE.format(resources="{requests: {cpu: 100m, memory: 64Mi}}"),
        "another amount": SAFE.format(resources="{limits: {cpu: 100m, memory: 640Mi}}"),
    },
)
def guaranteed(lab):
    pod = lab.find("pod/safe") or not_attempted("There is no Pod named safe yet.")
    qos = pod["status"].get("qosClass")
    if qos != "Guaranteed":
        wrong(saw=f"The Pod is of the class {qos}.", why="When memory runs short on the node, others outlive it.")
    asked = pod["spec"]["containers"][0]["resources"].get("requests") or pod["spec"]["resources"]["requests"]
    if asked != {"cpu": "100m", "memory": "64Mi"}:
        wrong(
            saw=f"It requests {asked['cpu']} of CPU and {asked['memory']} of memory.", why="100m and 64Mi were asked."
        )
    if until(lab, "pod/safe", "Ready", 60) is None:
        wrong(saw="The Pod does not run.", why="What is guaranteed to nobody helps nobody.")
    return "The Pod is Guaranteed, and it runs."


def copied(pod, name):
    """The same Pod once more, under another name."""
    spec = {key: value for key, value in pod["spec"].items() if key != "nodeName"}
    metadata = {"name": name, "labels": pod["metadata"].get("labels") or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def environment(container):
    return {one["name"]: one.get("value") for one in container.get("env", [])}


def is_ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def restarts(pod):
    return sum(c["restartCount"] for c in pod["status"].get("containerStatuses", []))
