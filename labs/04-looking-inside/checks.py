"""The exercises of chapter 4: find causes, read last words, mend Pods without replacing them."""

from kubelab.checks import Exercises, ask, not_attempted, stays, until, wrong

exercises = Exercises("04-looking-inside")


@exercises.add(
    "memory",
    title="Which one ran out of memory?",
    hints=[
        "All three keep crashing, and STATUS changes from moment to moment. How did each of them end?",
        "`kubectl describe pod NAME` shows a Reason and an Exit Code for the last run.",
        "Exit code 137 alone is no proof: anybody may send SIGKILL. Look at the Reason.",
    ],
    wrong_answers={
        "the one that kills itself": 'answer = "amber"',
        "the one that gives up": 'answer = "coral"',
        "the reason instead of the name": 'answer = "OOMKilled"',
    },
)
def memory(lab, answer):
    if len(lab.list("pods", selector="round=memory")) != 3:
        not_attempted("The three Pods are not there. Run the cell that makes them.")
    until(lab, "pods", lambda pods: all(map(last_end, pods)), 120, selector="round=memory")
    ends = {pod.name: last_end(pod) for pod in lab.list("pods", selector="round=memory")}
    answer = str(answer).removeprefix("pod/")
    if answer not in ends:
        wrong(saw=f"No Pod is named {answer!r}.", why="The answer is one of the three names, as a text.")
    end = ends[answer] or {}
    if end.get("reason") != "OOMKilled":
        wrong(
            saw=f"The Pod {answer} ended with exit code {end.get('exitCode')}, reason {end.get('reason')}.",
            why="That is not how a container ends that needs too much memory.",
        )
    return f"{answer} was killed when it wanted more memory than its limit."


@exercises.add(
    "last-words",
    title="Last words",
    hints=[
        "The Pod runs, and its log is innocent. Was that always the same run?",
        "RESTARTS says 1: what you look for was printed before the restart.",
        "`kubectl logs` has an option for the run before the present one.",
    ],
    wrong_answers={
        "what it says now": 'answer = "ready for orders"',
        "the exit code": "answer = 1",
        "the whole line": 'answer = lab.logs("till", previous=True).strip()',
    },
)
def last_words(lab, answer):
    lab.find("pod/till") or not_attempted("There is no Pod named till. Run the cell that makes it.")
    if until(lab, "pod/till", lambda pod: restarts(pod) > 0, 60) is None:
        not_attempted("The Pod till has not been restarted yet.")
    *_, number = str(lab.logs("till", previous=True)).split()
    if not isinstance(answer, str):
        wrong(saw=f"Your answer is {answer!r}.", why="An order number is wanted, as a text.")
    if answer != number:
        why = "The number is in it. Give the number only." if number in answer else "It did not give up at that order."
        wrong(saw=f"Your answer is {answer!r}.", why=why)
    return "That is the order at which the first run gave up."


FRESH = """from pathlib import Path
text = Path("manifests/shop.yaml").read_text(encoding="utf-8")
lab.delete("pod/shop")
lab.apply(text.replace("ngimx", "nginx"))
"""
BACK_AGAIN = """%kubectl delete pod shop --wait=true
%kubectl run shop --image=nginx:1.27
"""


@exercises.add(
    "image",
    title="An image that is not there",
    hints=[
        "Which image does the Pod want? `describe` shows it, and the events say what became of it.",
        "The image of a container may be changed on a Pod that exists; nearly nothing else may.",
        "`kubectl set image pod/NAME CONTAINER=IMAGE`. The container has a name of its own.",
    ],
    wrong_answers={
        "replaced": BACK_AGAIN,
        "replaced by one of the same text": FRESH,
        "another image that is not there": "%kubectl set image pod/shop front=nginx:27.1",
        "an image that is no web server": "%kubectl set image pod/shop front=busybox:1.36",
    },
)
def image(lab):
    pod = lab.find("pod/shop") or not_attempted("There is no Pod named shop. Run the cell that makes it.")
    if not made_by_exercise(pod):
        wrong(saw="There is a Pod named shop, but not the one of the exercise.", why="Mend it; do not replace it.")
    wanted = pod["spec"]["containers"][0]["image"]
    if wanted == "ngimx:1.27":
        not_attempted("The Pod still wants the image ngimx:1.27.")
    if not failed_once(lab, pod):
        wrong(saw="This Pod never had a wrong image: it is a new one.", why="The other one could have been mended.")
    if until(lab, "pod/shop", "Ready", 90) is None or not stays(lab, "pod/shop", is_ready, 4):
        wrong(saw=f"With the image {wanted}: {state_of(lab, 'shop')}", why="It should run, and stay running.")
    if not ask(lab, "pod/shop:80", patience=10).ok:
        wrong(saw="It runs, and does not answer on port 80.", why="A shop front is a web server.")
    return "The same Pod, with an image that exists, and it answers."


DODGE = """%kubectl delete pod clock --wait=true
%kubectl run clock --image=busybox:1.36 -- sh -c "echo the clock ticks every 5 s; sleep 3600"
"""


@exercises.add(
    "layers",
    title="What does it lack?",
    hints=[
        "STATUS first. Then the events: what exactly is missing?",
        "A ConfigMap has a name and keys. The events name both, one after the other.",
        "When it crashes, its log says which value it would like instead.",
        "`kubectl create configmap NAME --from-literal=KEY=VALUE`; `kubectl edit` or `patch` changes one.",
    ],
    wrong_answers={
        "without its settings": DODGE,
        "another key": "%kubectl create configmap clock-settings --from-literal=seconds=5",
        "a value that it cannot use": "%kubectl create configmap clock-settings --from-literal=interval=often",
    },
)
def layers(lab):
    pod = lab.find("pod/clock") or not_attempted("There is no Pod named clock. Run the cell that makes it.")
    if not made_by_exercise(pod):
        wrong(saw="There is a Pod named clock, but not the one of the exercise.", why="Mend what it needs instead.")
    settings = lab.find("configmap/clock-settings")
    if settings is None:
        not_attempted("Nothing has been given to the Pod clock yet.")
    if not failed_once(lab, pod):
        wrong(saw="This Pod never lacked anything: it is a new one.", why="The other one would have gone on by itself.")
    if until(lab, "pod/clock", lambda one: not lacks_setting(one), 60) is not None:
        until(lab, "pod/clock", lambda one: is_ready(one) or tried_again(one, restarts(pod)), 400)
    if not stays(lab, "pod/clock", is_ready, 8):
        wrong(saw=state_of(lab, "clock"), why=f"With {settings.get('data')} in its ConfigMap, it does not run.")
    if "ticks every" not in str(lab.logs("clock")):
        wrong(saw=f"Its log is {str(lab.logs('clock'))!r}.", why="It should say how often it ticks.")
    return "The same Pod found its setting, could use it, and runs."


def last_end(pod):
    """How the container's last run ended, or None."""
    for status in pod["status"].get("containerStatuses", []):
        for state in (status.get("state", {}), status.get("lastState", {})):
            if "terminated" in state:
                return state["terminated"]
    return None


def made_by_exercise(pod):
    return pod["metadata"].get("labels", {}).get("made-by") == "exercise"


def failed_once(lab, pod):
    """Whether this very Pod has had trouble, or nobody knows any more: events are kept for an hour."""
    of_that_name = lab.list("events", fields=f"involvedObject.name={pod.name}")  # a predecessor's too
    told = [one for one in of_that_name if one["reason"] in ("Failed", "BackOff")]
    return not told or any(one["involvedObject"].get("uid") == pod["metadata"]["uid"] for one in told)


def is_ready(pod):
    return pod is not None and any(
        c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", [])
    )


def lacks_setting(pod):
    """Whether its container cannot even be made; the node looks again every few seconds."""
    waiting = [c["state"].get("waiting", {}) for c in pod["status"].get("containerStatuses", [])]
    return any(one.get("reason") == "CreateContainerConfigError" for one in waiting)


def tried_again(pod, before):
    """Whether it has been started once more, in vain, since it had been restarted `before` times."""
    return restarts(pod) > before + 1


def restarts(pod):
    return sum(c["restartCount"] for c in pod["status"].get("containerStatuses", []))


def state_of(lab, name):
    """The Pod's state in a sentence."""
    pod = lab.find(f"pod/{name}")
    for status in pod["status"].get("containerStatuses", []):
        for state, detail in status["state"].items():
            reason = f" ({detail['reason']})" if detail.get("reason") else ""
            return f"the container {status['name']} is {state}{reason}."
    return f"the Pod is {pod['status'].get('phase')}."
