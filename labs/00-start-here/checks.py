"""The exercises of chapter 0: to get to know the checks."""

from kubelab.checks import Exercises, ask, not_attempted, until, wrong

exercises = Exercises("00-start-here")


@exercises.add(
    "greeter",
    title="A Pod of your own",
    hints=[
        "The lab starts a Pod with one line. Which two things did that line say?",
        "`kubectl run NAME --image=IMAGE`: the name is greeter, the image nginx:1.27.",
    ],
    wrong_answers={
        "an image that is no server": "%kubectl run greeter --image=busybox:1.36",
        "another name": "%kubectl run greeting --image=nginx:1.27",
    },
)
def greeter(lab):
    if lab.find("pod/greeter") is None:
        made = [pod["metadata"]["name"] for pod in lab.list("pods") if pod["metadata"]["name"].startswith("greet")]
        if made:
            wrong(saw=f"There is a Pod named {made[0]}.", why="A name has to match letter by letter.")
        not_attempted("There is no Pod named greeter yet.")
    if until(lab, "pod/greeter", "Ready", 45) is None or not ask(lab, "pod/greeter:80", patience=5).ok:
        wrong(saw="The Pod greeter is there, and does not answer on port 80.", why="What runs in it is no web server.")
    return "The Pod greeter runs and answers."


@exercises.add(
    "trouble",
    title="Which one is in trouble?",
    hints=[
        "Let `kubectl get pods` show all three. Which column tells?",
        "A Pod in trouble is not 1/1 in the column READY. Give its name as a text, in quotes.",
    ],
    wrong_answers={
        "one that is fine": 'answer = "north"',
        "the number of Pods": "answer = 3",
        "what is wrong with it": 'answer = "ErrImagePull"',
    },
)
def trouble(lab, answer):
    if len(lab.list("pods", selector="round=trouble")) != 3:
        not_attempted("The three Pods are not there. Run the cell that makes them.")
    until(lab, "pods", lambda pods: sum(map(is_ready, pods)) == 2, 60, selector="round=trouble")
    names = {pod["metadata"]["name"]: is_ready(pod) for pod in lab.list("pods", selector="round=trouble")}
    if not isinstance(answer, str):
        wrong(saw=f"Your answer is {answer!r}.", why="The answer is a name, as a text.")
    answer = answer.removeprefix("pod/")
    if answer not in names:
        wrong(saw=f"No Pod is named {answer!r}.", why="The answer is one of the three names.")
    if names[answer]:
        wrong(saw=f"The Pod {answer} is ready.", why="Nothing is wrong with that one.")
    return f"{answer} is not ready, and the two others are."


@exercises.add(
    "tidy",
    title="Tidy up, but not too much",
    hints=[
        "Two Pods are there. Which one does the exercise want gone?",
        "`kubectl delete pod NAME` deletes the one you name, and no other.",
    ],
    wrong_answers={
        "everything deleted": "%kubectl delete pod leftover keeper",
        "the wrong one deleted": "%kubectl delete pod keeper",
        "deleted and made again": "%kubectl delete pod leftover keeper\n%kubectl run keeper --image=nginx:1.27",
    },
)
def tidy(lab):
    leftover, keeper = lab.find("pod/leftover"), lab.find("pod/keeper")
    if keeper is None and leftover is not None:
        wrong(saw="keeper is gone, leftover is still there.", why="It should be the other way round.")
    if leftover is not None:
        not_attempted("The Pod leftover is still there.")
    if keeper is None:
        wrong(saw="Both Pods are gone.", why="keeper should have been left alone.")
    if keeper["metadata"].get("labels", {}).get("made-by") != "exercise":
        wrong(
            saw="There is a Pod named keeper, but a new one.", why="The one that was there should have been left alone."
        )
    return "leftover is gone, and keeper was left alone."


def is_ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
