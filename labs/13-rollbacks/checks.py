"""The exercises of chapter 13: a version taken back, a switch by label, a canary, and what revision numbers do."""

from collections import Counter

from kubelab.checks import Exercises, not_attempted, until, wrong

exercises = Exercises("13-rollbacks")


@exercises.add(
    "take-back",
    title="Back to the version that worked",
    hints=[
        "`kubectl rollout history deployment/shop` lists the revisions; with --revision=N it shows one.",
        "A plain undo goes one revision back. The first version lies further back.",
        "`rollout undo` can be told the revision: --to-revision=1.",
    ],
    wrong_answers={
        "only one step back": "%kubectl rollout undo deployment/shop\n%kubectl rollout status deployment/shop",
        "two steps, one at a time": "%kubectl rollout undo deployment/shop\nlab.wait(1)\n"
        "%kubectl rollout undo deployment/shop",
        "without the probe": """lab.patch("deployment/shop", [{"op": "remove",
    "path": "/spec/template/spec/containers/0/readinessProbe"}], "json")
lab.wait(10)""",
        "deleted and made anew": "%kubectl delete deployment shop\nlab.apply(SHOP)",
        "the Deployment deleted": "%kubectl delete deployment shop",
    },
)
def take_back(lab):
    found = lab.find("deployment/shop")
    if found is None:
        if "shop-was-made" in lab.list("configmaps").names:
            wrong(saw="The Deployment shop is gone.", why="The shop should serve the first version.")
        not_attempted("There is no Deployment shop. Run the cell that makes it.")
    container = found["spec"]["template"]["spec"]["containers"][0]
    if "readinessProbe" not in container:
        wrong(saw="Its readiness probe is gone.", why="The probe told the truth; now nothing stops a broken version.")
    if revision(found) == 1:
        wrong(saw="This Deployment has no history.", why="It was deleted and made anew: meanwhile nobody was served.")
    if container["image"] == "backend-app:1.2.0":
        if revision(found) > 3:
            wrong(saw="It asks for 1.2.0 again.", why="The second undo goes back to where the first one came from.")
        not_attempted("The Deployment still asks for the version that does not get ready.")
    if until(lab, "deployment/shop", settled, 60) is None:
        wrong(saw="Not all of its Pods are of the current template and ready.", why="All three should serve.")
    if found["spec"]["replicas"] != 3:
        wrong(saw=f"There are {found['spec']['replicas']} Pods.", why="It should be three.")
    said = versions(lab, [pod for pod in lab.list("pods", selector="app=shop") if is_ready(pod)])
    if set(said) != {"1.0.0"}:
        wrong(saw=f"The Pods serve version {' and '.join(sorted(said))}.", why="The very first version was asked for.")
    return "Three Pods serve 1.0.0 again."


@exercises.add(
    "switch",
    title="The switch",
    hints=[
        "What decides which Pods a Service sends requests to?",
        "Look at the labels of both Deployments' Pods: one of them differs.",
        "Change the Service's selector: track: new.",
    ],
    wrong_answers={
        "both at once": """lab.patch("service/till", {"spec": {"selector": {"track": None}}})""",
        "the old one stopped": "%kubectl scale deployment old --replicas=0",
        "a track that is not there": """lab.patch("service/till", {"spec": {"selector": {"track": "green"}}})""",
        "the old one updated": "%kubectl set image deployment/old till=backend-app:1.1.0\n"
        "%kubectl rollout status deployment/old",
    },
)
def switch(lab):
    lab.find("service/till") or not_attempted("There is no Service till. Run the cell that makes it.")
    lab.wait(2)
    replies = [lab.http("service/till", "/version") for _ in range(16)]
    served = {reply.text.strip() for reply in replies if reply.ok}
    old = lab.find("deployment/old")
    kept = old is not None and old["status"].get("readyReplicas", 0) == 2
    if old is not None and old["spec"]["template"]["spec"]["containers"][0]["image"] != "backend-app:1.0.0":
        wrong(saw="The Deployment old runs another version now.", why="There is nothing left to switch back to.")
    if not kept:
        wrong(saw="The Pods of old are not running any more.", why="They should stay, to switch back to.")
    if not served:
        wrong(saw="Nobody answers at the Service.", why="It selects no Pod that is ready.")
    if served == {"1.0.0"}:
        not_attempted("The Service still sends everything to the old version.")
    if len(served) > 1 or not all(reply.ok for reply in replies):
        wrong(saw=f"Requests are answered by {' and '.join(sorted(served))}.", why="All should go to the new one.")
    return "All requests go to 1.1.0, and 1.0.0 stands by."


@exercises.add(
    "canary",
    title="A fifth for the new one",
    hints=[
        "The Service spreads requests evenly over the Pods that it selects. Which Pods should those be?",
        "Both Deployments' Pods share one label. The Service should select by that one alone.",
        "One new Pod beside four old ones: a fifth.",
    ],
    wrong_answers={
        "half of them": 'lab.patch("service/cafe", {"spec": {"selector": {"track": None}}})',
        "only scaled": "%kubectl scale deployment canary --replicas=1",
        "all to the canary": "%kubectl scale deployment canary --replicas=1\n"
        'lab.patch("service/cafe", {"spec": {"selector": {"track": "canary"}}})',
        "everything updated": "%kubectl set image deployment/stable cafe=backend-app:1.1.0\n"
        "%kubectl rollout status deployment/stable",
    },
)
def canary(lab):
    service = lab.find("service/cafe") or not_attempted("There is no Service cafe. Run the cell that makes it.")
    selector = ",".join(f"{key}={value}" for key, value in service["spec"].get("selector", {}).items())
    if not selector:
        wrong(saw="The Service has no selector.", why="It sends its requests nowhere.")
    for name in ("stable", "canary"):
        until(lab, f"deployment/{name}", lambda one: one is None or settled(one), 30)
    lab.wait(2)
    serving = [pod for pod in lab.list("pods", selector=selector) if is_ready(pod)]
    said = versions(lab, serving)
    new, old = said.get("1.1.0", 0), said.get("1.0.0", 0)
    if new == 0 and old == 4 and len(lab.list("pods", selector="app=cafe,track=canary")) == 4:
        not_attempted("All requests go to the four Pods of 1.0.0.")
    if not new:
        wrong(saw=f"The Service selects {old} Pods, all of 1.0.0.", why="Nobody meets the new version yet.")
    if not old:
        wrong(saw=f"The Service selects {new} Pods, all of 1.1.0.", why="Most requests should still go to 1.0.0.")
    if old < 4:
        wrong(saw=f"Only {old} Pods of 1.0.0 serve.", why="The customers need four of them.")
    if 5 * new != new + old:
        wrong(saw=f"{new} of {new + old} Pods that serve are new.", why="The new version should get a fifth.")
    if not lab.http("service/cafe", "/version").ok:
        wrong(saw="Nobody answers at the Service.", why="The cafe should be open.")
    return f"{new} of {new + old} Pods that serve {'is' if new == 1 else 'are'} new: about a fifth of the requests."


@exercises.add(
    "numbers",
    title="Which number?",
    hints=[
        "After the first undo, B is the current template. Which number does it get, and does it keep its old one?",
        "Then the highest number below the current one is C's, 3. The second undo goes there.",
        "Each undo gives the template it goes back to the next free number: 4, then 5.",
    ],
    wrong_answers={
        "numbers stay": "answer = (1, 2, 3)",
        "two steps back": "answer = (5, 4, 3)",
        "both at once": "answer = (4, 5, 3)",
    },
)
def numbers(lab, answer):
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        wrong(saw=f"Your answer is {answer!r}.", why="It should be three numbers: answer = (A, B, C)")
    answer = tuple(answer)
    if answer == (1, 4, 5):
        return "B becomes 4, then C becomes 5: undoing an undo leads back to where you were."
    if answer == (1, 2, 3):
        wrong(saw="All kept their numbers.", why="An undo makes a new revision, and the old number disappears.")
    if answer[0] == 5:
        wrong(saw="A is the current one for you.", why="Which revision is the highest below 4, after the first undo?")
    return wrong(
        saw=f"A {answer[0]}, B {answer[1]}, C {answer[2]}.", why="Go step by step: which is current after one?"
    )


def settled(one):
    """Whether all Pods are of the current template, and available."""
    status, wanted = one["status"], one["spec"]["replicas"]
    counts = [status.get(field, 0) for field in ("replicas", "updatedReplicas", "availableReplicas")]
    return status.get("observedGeneration") == one["metadata"]["generation"] and counts == [wanted] * 3


def revision(deployment):
    return int(deployment["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", 1))


def versions(lab, pods):
    """How many of these Pods say that they are of which version."""
    return Counter(lab.http(f"pod/{pod.name}:8080", "/version").text.strip() for pod in pods)


def is_ready(pod):
    going = pod["metadata"].get("deletionTimestamp")
    return not going and any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])
