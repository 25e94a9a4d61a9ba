"""The exercises of chapter 10: what a ReplicaSet counts, keeps and lets go of."""

from kubelab.checks import Exercises, ask, not_attempted, until, wrong

exercises = Exercises("10-replicasets")

FOUR = """%%apply
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: shop
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: shop
  template:
    metadata:
      labels:
        app: shop
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: {image}
"""

BARE_PODS = "\n".join(f"%kubectl run shop-{i} --image=nginx:1.27 --labels=app=shop" for i in range(4))


@exercises.add(
    "keep-four",
    title="Four Pods, whatever happens",
    hints=[
        "Bare Pods stay gone when they are deleted. Which kind of object counts and replaces?",
        "Three parts: replicas, selector, template. The lab's first manifest has them.",
        "The labels in the template have to match the selector.",
    ],
    wrong_answers={
        "four bare Pods": BARE_PODS,
        "another image": FOUR.format(replicas=4, image="nginx:1.28"),
        "three instead of four": FOUR.format(replicas=3, image="nginx:1.27"),
        "Pods that never get ready": FOUR.format(replicas=4, image="nginx:no-such-version"),
    },
)
def keep_four(lab):
    pods = until(lab, "pods", len, 3, "app=shop") or not_attempted("There are no Pods with the label app=shop yet.")
    if until(lab, "pods", lambda found: sum(map(is_ready, living(found))) >= 3, 45, "app=shop") is None:
        wrong(saw=f"There are {len(pods)} Pods with app=shop, not all of them ready.", why="They should serve.")
    if until(lab, "pods", lambda found: ready_names(found) == 4, 20, "app=shop") is None:
        wrong(saw=f"{ready_names(lab.list('pods', selector='app=shop'))} Pods are ready.", why="It should be four.")
    images = {pod["spec"]["containers"][0]["image"] for pod in living(lab.list("pods", selector="app=shop"))}
    if images != {"nginx:1.27"}:
        wrong(saw=f"The Pods run {' and '.join(sorted(images))}.", why="nginx:1.27 was asked for.")
    victim = sorted(living(lab.list("pods", selector="app=shop")), key=lambda pod: pod.name)[0]
    lab.delete(f"pod/{victim.name}", grace=1)
    if until(lab, "pods", lambda found: ready_names(found) == 4, 30, "app=shop") is None:
        wrong(saw="One Pod was deleted, and nothing took its place.", why="Something has to keep the number.")
    return "One of the four was deleted, and another took its place."


@exercises.add(
    "inspect",
    title="One out of the set, alive",
    hints=[
        "What decides which Pods a ReplicaSet counts?",
        "A label of a running Pod can be changed: `kubectl label pod NAME key=value --overwrite`.",
        "Change the label `app` of the Pod that is marked suspect=yes.",
    ],
    wrong_answers={
        "deleted": "%kubectl delete pod -l suspect=yes",
        "scaled down": "%kubectl scale replicaset till --replicas=2",
        "another one taken out": """names = sorted(lab.list("pods", selector="app=till,suspect!=yes").names)
print(lab.kubectl(f"label pod {names[0]} app=looked-at --overwrite"))""",
    },
)
def inspect(lab):
    owner = lab.find("replicaset/till") or not_attempted(
        "The ReplicaSet till is not there. Run the cell that makes it."
    )
    if owner["spec"]["replicas"] != 3:
        wrong(saw=f"The ReplicaSet wants {owner['spec']['replicas']} Pods now.", why="Three should go on working.")
    until(lab, "pods", lambda found: not any(map(about_to_be_let_go, found)), 10, "suspect=yes")
    suspects = living(lab.list("pods", selector="suspect=yes"))
    counted = living(lab.list("pods", selector="app=till"))
    if not suspects:
        wrong(saw="The Pod marked suspect=yes is gone.", why="It should stay, to be looked at.")
    if any("ownerReferences" in pod["metadata"] for pod in suspects):
        if len(counted) == 3 and len(lab.list("pods", selector="app!=till")) == 0:
            not_attempted("The Pod marked suspect=yes still belongs to the ReplicaSet.")
        wrong(
            saw="The Pod marked suspect=yes still belongs to the ReplicaSet.",
            why="Something else was changed; that one should be let go of.",
        )
    if until(lab, "pods", lambda found: ready_names(found) == 3, 40, "app=till") is None:
        wrong(saw=f"{len(counted)} Pods are left in the set.", why="Three should go on working.")
    if not is_ready(suspects[0]):
        wrong(saw="The suspect does not run any more.", why="It should be looked at alive.")
    return "The suspect runs on without an owner, and three others do the work."


@exercises.add(
    "one-version",
    title="A fleet of two versions",
    hints=[
        "The ReplicaSet has the new image in its template already. Why do some Pods have the old one?",
        "The template is used when a Pod is made. What makes the ReplicaSet make Pods?",
        "Delete the Pods that were made from the old template. The label is app=fleet.",
    ],
    wrong_answers={
        "the template changed back": "%kubectl set image replicaset/fleet web=nginx:1.27",
        "scaled up": "%kubectl scale replicaset fleet --replicas=6",
        "all removed": "%kubectl delete replicaset fleet",
    },
)
def one_version(lab):
    owner = lab.find("replicaset/fleet")
    if owner is None:
        if lab.find("configmap/fleet-was-made") is None:
            not_attempted("The ReplicaSet fleet is not there. Run the cell that makes it.")
        wrong(saw="The ReplicaSet is gone, and its Pods with it.", why="The fleet should go on serving.")
    if image_of(owner["spec"]["template"]) != "nginx:1.28":
        wrong(saw=f"New Pods would get {image_of(owner['spec']['template'])}.", why="All should have nginx:1.28.")
    until(lab, "pods", lambda found: len({image_of(pod) for pod in living(found)}) == 1, 10, "app=fleet")
    images = sorted({image_of(pod) for pod in living(lab.list("pods", selector="app=fleet"))})
    if images != ["nginx:1.28"]:
        if owner["spec"]["replicas"] == 3:
            not_attempted(f"The Pods run {' and '.join(images)}.")
        wrong(saw=f"The Pods run {' and '.join(images)}.", why="More Pods do not make the old ones new.")
    if until(lab, "pods", lambda found: ready_names(found) == 3, 45, "app=fleet") is None:
        wrong(saw="Not all three Pods are ready.", why="The fleet should serve.")
    name = sorted(pod.name for pod in living(lab.list("pods", selector="app=fleet")))[0]
    return f"Three Pods, one version, and they answer with {ask(lab, f'pod/{name}:80').status}."


def about_to_be_let_go(pod):
    """Its label is another one, and its owner has not noticed yet."""
    return pod.labels.get("app") != "till" and "ownerReferences" in pod["metadata"]


def living(pods):
    return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]


def ready_names(pods):
    """How many Pods are ready and not on their way out."""
    return sum(map(is_ready, living(pods)))


def image_of(pod):
    return pod["spec"]["containers"][0]["image"]


def is_ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
