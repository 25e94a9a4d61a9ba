"""The exercises of chapter 7: ship a log, start the helper first, let a Job with a helper finish."""

import json

from kubelab.checks import Exercises, not_attempted, stays, until, wrong

exercises = Exercises("07-sidecar")

LEDGER = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: ledger
spec:
  terminationGracePeriodSeconds: 1
  volumes:
    - name: books
      emptyDir: {{}}
    - name: copies
      emptyDir: {{}}
  containers:
    - name: ledger
      image: busybox:1.36
      command: ["sh", "-c", "i=0; while true; do i=$((i+1)); echo entry $i {into} /books/ledger.txt; sleep 1; done"]
      volumeMounts:
        - name: books
          mountPath: /books
    - name: shipper
      image: busybox:1.36
      command: {command}
      volumeMounts:
        - name: {volume}
          mountPath: /books
"""
FOLLOWS = '["tail", "-n+1", "-F", "/books/ledger.txt"]'
READS_ONCE = '["sh", "-c", "sleep 2; cat /books/ledger.txt; sleep 3600"]'
READS_AND_ENDS = '["sh", "-c", "sleep 2; cat /books/ledger.txt"]'
FROM_NOW_ON = '["sh", "-c", "sleep 3; tail -n0 -f /books/ledger.txt"]'
AGAIN_AND_AGAIN = '["sh", "-c", "while true; do cat /books/ledger.txt; sleep 1; done"]'
INVENTS = '["sh", "-c", "i=0; while true; do i=$((i+1)); echo entry $i; sleep 1; done"]'
OF_THE_CHECK = "entry made by the check"


@exercises.add(
    "ship",
    title="Ship a log",
    hints=[
        "What do two containers of a Pod share, so that one can read what the other writes?",
        "The helper mounts the volume that the ledger mounts. It needs a command that never ends.",
        "`tail -F FILE` waits for a file and prints what is added to it.",
    ],
    wrong_answers={
        "the ledger prints itself": LEDGER.format(into="| tee -a", command='["sleep", "3600"]', volume="books"),
        "a volume of its own": LEDGER.format(into=">>", command=FOLLOWS, volume="copies"),
        "reads once": LEDGER.format(into=">>", command=READS_ONCE, volume="books"),
        "reads once and ends": LEDGER.format(into=">>", command=READS_AND_ENDS, volume="books"),
        "comes too late": LEDGER.format(into=">>", command=FROM_NOW_ON, volume="books"),
        "all of it again and again": LEDGER.format(into=">>", command=AGAIN_AND_AGAIN, volume="books"),
        "invents its entries": LEDGER.format(into=">>", command=INVENTS, volume="books"),
        "another file": LEDGER.format(into=">> /books/log.txt; true", command=FOLLOWS, volume="books"),
    },
)
def ship(lab):
    pod = lab.find("pod/ledger") or not_attempted("There is no Pod named ledger yet.")
    helpers = sorted(set(running(pod)) - {"ledger"})
    if not helpers:
        not_attempted("The Pod ledger has no helper yet.")
    if until(lab, "pod/ledger", "Ready", 45) is None:
        wrong(saw=state_of(lab.find("pod/ledger")), why="Both have to run before anything can be shipped.")
    if not stays(lab, "pod/ledger", all_run, 4):
        wrong(saw=state_of(lab.find("pod/ledger")), why="A helper that ends cannot ship what comes later.")
    if lab.logs("ledger", "ledger").strip():
        wrong(saw="The container ledger prints its entries itself.", why="It should be left as it was.")
    if "echo entry $i >> /books/ledger.txt" not in command(running(pod).get("ledger", {})):
        wrong(saw="The container ledger does something else now.", why="It should be left as it was.")
    shipped = entries(lab, "ledger", helpers)
    if not shipped:
        wrong(saw=f"The log of {' and '.join(helpers)} has no entry.", why="It does not see what the ledger writes.")
    judge_next(lab, helpers, shipped)
    return f"The ledger keeps to its file, and its helper has shipped up to {shipped[-1]!r} and goes on."


def judge_next(lab, helpers, shipped):
    """What is written next, by the ledger and by the check, should be in the helper's log, and each entry once."""
    lab.exec("ledger", ["sh", "-c", f"echo {OF_THE_CHECK} >> /books/ledger.txt"], "ledger")
    lab.wait(3)
    later = entries(lab, "ledger", helpers)
    if len(later) <= len(shipped):
        wrong(saw=f"The helper's log ends with {shipped[-1]!r}.", why="The ledger has written more since then.")
    if later.count(OF_THE_CHECK) <= shipped.count(OF_THE_CHECK):
        wrong(saw="An entry was added to the file, and the helper did not ship it.", why="What does the helper read?")
    if shipped[0] != "entry 1":
        wrong(saw=f"The helper's log begins with {shipped[0]!r}.", why="It missed what was written before that.")
    if shipped.count("entry 1") > 1:
        wrong(saw=f"The helper's log has 'entry 1' {shipped.count('entry 1')} times.", why="Once is enough.")


EARLY = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: early
spec:
  terminationGracePeriodSeconds: 1
{first}
  containers:
{proxy}
    - name: app
      image: busybox:1.36
      command: ["sh", "-c", "{ask}; echo connected; sleep 3600"]
"""
ONCE = "wget -q -O /dev/null http://localhost/ || exit 1"
PATIENT = "until wget -q -O /dev/null http://localhost/; do sleep 1; done"
PROXY = """    - name: proxy
      image: nginx:1.27
      command: ["sh", "-c", "sleep 5; exec nginx -g 'daemon off;'"]
"""
SIDECAR = f"  initContainers:\n{PROXY}      restartPolicy: Always\n"
READINESS = f"{SIDECAR}      readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: 1}}\n"


@exercises.add(
    "first",
    title="The helper first",
    hints=[
        "Plain containers do not wait for one another. What does?",
        "A native sidecar starts before the application, and stays. When does the next container consider it started?",
        "A startup probe holds back whatever comes next until it has succeeded. What could it ask the proxy?",
    ],
    wrong_answers={
        "listed first": EARLY.format(first="", proxy=PROXY, ask=ONCE),
        "started, not up": EARLY.format(first=SIDECAR, proxy="", ask=ONCE),
        "ready does not hold back": EARLY.format(first=READINESS, proxy="", ask=ONCE),
        "a plain init container": EARLY.format(first=f"  initContainers:\n{PROXY}", proxy="", ask=ONCE),
        "a patient application": EARLY.format(first="", proxy=PROXY, ask=PATIENT),
        "a faster proxy": EARLY.format(first=SIDECAR.replace("sleep 5; ", ""), proxy="", ask=ONCE),
        "another name": EARLY.format(first=SIDECAR, proxy="", ask=ONCE).replace("name: app", "name: application"),
    },
)
def first(lab):
    pod = lab.find("pod/early") or not_attempted("There is no Pod named early yet.")
    app = running(pod).get("app") or wrong(saw="The Pod has no container app.", why="It should be left as it was.")
    if not command(app).startswith("sh -c wget -q -O /dev/null http://localhost/ ||"):
        wrong(saw="The command of app is another one.", why="It is not the application that should learn to wait.")
    everyone = pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
    if not any("sleep 5; exec nginx" in command(one) for one in everyone):
        wrong(saw="No proxy takes five seconds to come up any more.", why="In real life it does. Live with it.")
    if list(running(pod)) == ["app", "proxy"]:
        not_attempted("In the Pod early, app is started before proxy.")
    if until(lab, "pod/early", lambda one: ever_ran(one, "app"), 45) is None:
        wrong(saw=state_of(lab.find("pod/early")), why="The application has not been started at all.")
    until(lab, "pod/early", "Ready", 15)
    if not stays(lab, "pod/early", never_restarted, 3):
        wrong(saw=f"The app had to be started again. {beforehand(pod)}", why="It asked before anybody listened.")
    if "connected" not in lab.logs("early", "app"):
        wrong(saw=state_of(lab.find("pod/early")), why="The app should have connected by now.")
    return "The proxy was up before the app began, which connected at its first try."


NIGHTLY = """%%apply
apiVersion: batch/v1
kind: Job
metadata:
  name: nightly
spec:
  {limit}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
{first}
      containers:
        - name: work
          image: busybox:1.36
          command: ["sh", "-c", "sleep 4; echo report written"]
{second}
"""
HELPER = """        - name: helper
          image: busybox:1.36
          command: ["sh", "-c", "{script}"]
"""
FOR_EVER = HELPER.format(script="while true; do sleep 0.5; done")


@exercises.add(
    "job",
    title="A Job that finishes",
    hints=[
        "Which of the two containers keeps the Pod from ending?",
        "A container of which kind does not count when Kubernetes asks whether a Pod has ended?",
        "Move the helper to where a native sidecar stands, and add the line that makes it one.",
    ],
    wrong_answers={
        "without its helper": NIGHTLY.format(limit="backoffLimit: 1", first="", second=""),
        "a helper that leaves early": NIGHTLY.format(
            limit="backoffLimit: 1", first="", second=HELPER.format(script="sleep 1")
        ),
        "a plain init container": NIGHTLY.format(
            limit="backoffLimit: 1", first=f"      initContainers:\n{FOR_EVER}", second=""
        ),
        "an init container that ends": NIGHTLY.format(
            limit="backoffLimit: 1", first=f"      initContainers:\n{HELPER.format(script='sleep 1')}", second=""
        ),
        "a deadline": NIGHTLY.format(limit="activeDeadlineSeconds: 12", first="", second=FOR_EVER),
        "a helper for seven seconds": NIGHTLY.format(
            limit="backoffLimit: 1", first="", second=HELPER.format(script="sleep 7")
        ),
        "less work": NIGHTLY.format(
            limit="backoffLimit: 1",
            first=f"      initContainers:\n{FOR_EVER}          restartPolicy: Always\n",
            second="",
        ).replace("sleep 4; ", ""),
    },
)
def job(lab):
    made = lab.find("job/nightly") or not_attempted("There is no Job named nightly yet.")
    if is_starter(made):
        not_attempted("The Job nightly still waits for a helper that never ends.")
    done = until(lab, "job/nightly", lambda one: condition(one, "Complete") or condition(one, "Failed"), 45)
    pods = lab.list("pods", selector="batch.kubernetes.io/job-name=nightly")
    if done is None:
        wrong(saw=state_of(pods[-1]) if pods else "It has no Pod.", why="The Job does not complete.")
    if not condition(done, "Complete"):
        wrong(saw=f"The Job failed: {condition(done, 'Failed')['reason']}.", why="It should complete.")
    ran = ends(pods)
    if "work" not in ran or "sleep 4" not in command(running(made["spec"]["template"])["work"]):
        wrong(saw="The Job has other work to do now.", why="The container work should be left as it was.")
    if not any("report written" in lab.logs(one.name, "work") for one in pods):
        wrong(saw="The Job is complete, and no report was written.", why="The work should be done, too.")
    if "helper" not in ran:
        wrong(saw="The Job is complete, and its Pod had no helper.", why="The work needs its helper.")
    if ran["helper"]["finishedAt"] <= ran["work"]["startedAt"]:
        wrong(saw="The helper had ended before the work began.", why="It should be at the side of the work.")
    if ran["helper"]["finishedAt"] < ran["work"]["finishedAt"]:
        wrong(saw="The helper had ended before the work was done.", why="It should stay until the end.")
    judge_longer(lab, made)
    return "The report is written, the helper was there all the time, and the Job is complete."


def judge_longer(lab, job):
    """The same Job once more, with more work: the helper should not go by the clock."""
    spec = json.loads(json.dumps(job["spec"]["template"]["spec"]).replace("sleep 4", "sleep 15"))
    copy = {"template": {"spec": spec}, "backoffLimit": 1}
    lab.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "nightly-check"}, "spec": copy})
    try:
        until(lab, "job/nightly-check", lambda one: condition(one, "Complete"), 60)
        ran = ends(lab.list("pods", selector="batch.kubernetes.io/job-name=nightly-check"))
    finally:
        lab.delete("job/nightly-check")
    if "work" not in ran or "helper" not in ran or ran["helper"]["finishedAt"] < ran["work"]["finishedAt"]:
        wrong(saw="In a night with more work, the helper left too early or too late.", why="It goes by the clock.")


def ends(pods):
    """How each container of the Pod that succeeded has ended, by name."""
    succeeded = [one for one in pods if one["status"]["phase"] == "Succeeded"]
    return {name: one["state"]["terminated"] for pod in succeeded for name, one in statuses(pod).items()}


def command(container):
    return " ".join([*container.get("command", []), *container.get("args", [])])


def is_starter(job):
    template = job["spec"]["template"]["spec"]
    helper = {one["name"]: one for one in template["containers"]}.get("helper", {})
    return "activeDeadlineSeconds" not in job["spec"] and "while true" in command(helper)


def condition(obj, kind):
    """The condition of that type, if it holds."""
    return next(
        (one for one in obj["status"].get("conditions", []) if (one["type"], one["status"]) == (kind, "True")), None
    )


def running(pod):
    """The containers that are meant to go on running, by name: native sidecars and plain containers."""
    first = [one for one in pod["spec"].get("initContainers", []) if one.get("restartPolicy") == "Always"]
    return {one["name"]: one for one in first + pod["spec"]["containers"]}


def statuses(pod):
    """The status of every container, by name, in the order in which they start."""
    told = pod["status"].get("initContainerStatuses", []) + pod["status"].get("containerStatuses", [])
    return {one["name"]: one for one in told}


def ever_ran(pod, name):
    one = statuses(pod).get(name)
    return one is not None and ("waiting" not in one["state"] or bool(one["lastState"]))


def all_run(pod):
    return all("running" in statuses(pod)[name]["state"] for name in running(pod)) and never_restarted(pod)


def never_restarted(pod):
    return not any(one["restartCount"] for one in statuses(pod).values())


def entries(lab, pod, containers):
    """The entries in the log of the container that has most of them."""
    logs = [lab.logs(pod, name).splitlines() for name in containers]
    return max(([line for line in log if line.startswith("entry ")] for log in logs), key=len)


def beforehand(pod):
    """What the Pod's author did for the proxy to be first."""
    proxy = running(pod)["proxy"]
    if "restartPolicy" not in proxy:
        return "Being listed first does not make the other one wait."
    if "readinessProbe" in proxy:
        return "The proxy had started and was not ready; nobody waits for readiness there."
    return "The proxy had started, and was not up."


def state_of(pod):
    """In a sentence, the first of a Pod's containers that is not as it should be."""
    sidecars = running(pod)
    for name, one in statuses(pod).items():
        kind = "container" if name in sidecars else "init container"
        (state, detail), again = next(iter(one["state"].items())), one["restartCount"]
        if state == "running" and (kind == "init container" or one["ready"] is False):
            return f"The {kind} {name} is running, and what follows waits for it."
        if again:
            return f"The {kind} {name} has been started again {again} times."
        if state != "running" and (kind, detail.get("reason")) != ("init container", "Completed"):
            return f"The {kind} {name} is {state} ({detail.get('reason')})."
    return f"The Pod is {pod['status'].get('phase')}."
