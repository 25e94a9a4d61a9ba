"""The exercises of chapter 1: read what `get all` shows, and act on owners."""

from datetime import datetime

from kubelab.checks import Exercises, not_attempted, until, wrong

exercises = Exercises("01-cluster-at-a-glance")


@exercises.add(
    "owner",
    title="Who is behind it?",
    hints=[
        "Who made this Pod? And who made that one?",
        "Owners stand under metadata.ownerReferences; `kubectl get pod NAME -o yaml` shows them.",
        "The Pod's owner is a ReplicaSet. That one has an owner as well.",
    ],
    wrong_answers={
        "the Pod's own owner": 'answer = lab.list("replicasets", selector="app=tearoom")[0].name',
        "the Service": 'answer = "cake"',
        "the kind": 'answer = "Deployment"',
    },
)
def owner(lab, answer):
    pods = lab.list("pods", selector="app=tearoom") or not_attempted(
        "The Pod is not there. Run the cell that makes it."
    )
    answer = str(answer).replace("/", " ").rpartition(" ")[2]  # deployment/NAME is as good as NAME
    makers = [reference["name"] for reference in pods[0]["metadata"]["ownerReferences"]]
    if answer in makers:
        wrong(saw=f"{answer} made the Pod.", why="But who told it to? It has an owner itself.")
    if lab.find(f"service/{answer}"):
        wrong(saw=f"{answer} is a Service.", why="A Service finds Pods by their labels. It makes none.")
    top = [owner["name"] for name in makers for owner in lab.get(f"replicaset/{name}")["metadata"]["ownerReferences"]]
    if answer not in top:
        wrong(saw=f"Your answer is {answer!r}.", why="Nobody of that name stands at the top of the chain.")
    return f"{answer} wants the ReplicaSet, and the ReplicaSet wants the Pod."


@exercises.add(
    "gone-for-good",
    title="Gone for good",
    hints=[
        "A Pod that is deleted comes back. Who brings it back?",
        "Deleting the one that stands at the top of the chain takes everything below it along.",
    ],
    wrong_answers={
        "only the Pods": "%kubectl delete pod -l app=tearoom --wait=false",
        "only the ReplicaSet": "%kubectl delete replicaset -l app=tearoom",
        "orphans left behind": "%kubectl delete deployment tearoom --cascade=orphan",
        "everything": "%kubectl delete deployment,service --all",
    },
)
def gone_for_good(lab):
    if lab.find("service/cake") is None:
        wrong(saw="The Service cake is gone.", why="It should have been left alone.")
    deployment = lab.find("deployment/tearoom")
    if deployment is not None and deployment["spec"]["replicas"]:
        judge_untouched(lab, deployment["metadata"]["creationTimestamp"])
    if until(lab, "pods", "deleted", 45, selector="app=tearoom") is None:
        wrong(saw="The Deployment is gone, and there still are Pods.", why="They should have gone with it.")
    if deployment is not None:
        return "The Deployment is still there, and wants no Pod any more."
    return "The Deployment is gone, and all that it owned went with it."


def judge_untouched(lab, born):
    """The Deployment is still there: nothing done yet, or something that it has made good?"""
    until(lab, "pods", lambda found: any(made_later(pod, born) for pod in found), 3, "app=tearoom")
    sets = lab.list("replicasets", selector="app=tearoom")
    pods = lab.list("pods", selector="app=tearoom")
    if not sets or made_later(sets[0], born):
        wrong(saw="There is a ReplicaSet again, a new one.", why="Somebody wants it to be there.")
    if len(pods) != 2 or any(made_later(pod, born) for pod in pods):
        wrong(saw="Pods were deleted, and others took their place.", why="Somebody wants them to be there.")
    not_attempted("The Deployment tearoom, its ReplicaSet and its Pods are all there.")


def made_later(one, born, seconds=8):
    """Whether it was made more than some seconds after `born`, an API time."""
    made, then = (datetime.fromisoformat(stamp) for stamp in (one["metadata"]["creationTimestamp"], born))
    return (made - then).total_seconds() > seconds


@exercises.add(
    "run-now",
    title="Do not wait for the clock",
    hints=[
        "The CronJob holds a template for Jobs. A Job can be made from it at any time.",
        "`kubectl create job NAME --from=cronjob/NAME`",
    ],
    wrong_answers={
        "a Job of one's own": "%kubectl create job by-hand --image=busybox:1.36 -- echo the report is written",
        "a Pod": "%kubectl run by-hand --image=busybox:1.36 --restart=Never -- echo the report is written",
    },
)
def run_now(lab):
    lab.find("cronjob/report") or not_attempted("There is no CronJob named report. Run the cell that makes it.")
    if lab.find("pod/by-hand") is not None:
        wrong(saw="There is a Pod named by-hand.", why="A Job was asked for.")
    job = lab.find("job/by-hand") or not_attempted("There is no Job named by-hand yet.")
    if until(lab, "job/by-hand", "Complete", 60) is None:
        wrong(saw="The Job by-hand does not complete.", why="It should do its work once, and end.")
    if not any(one["kind"] == "CronJob" for one in job["metadata"].get("ownerReferences", [])):
        wrong(saw="The Job by-hand has nothing to do with the CronJob.", why="It should do what the CronJob would do.")
    return "The Job belongs to the CronJob, and it has done its work."
