"""The exercises of chapter 11: a Deployment written, one that does not come up, and who owns what."""

from kubelab.checks import Exercises, ask, not_attempted, until, wrong

exercises = Exercises("11-deployments")

SHOP = """%%apply
apiVersion: apps/v1
kind: {kind}
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
        - name: shop
          image: {image}
          imagePullPolicy: IfNotPresent
          ports:
            - containerPort: 8080
"""


@exercises.add(
    "deploy",
    title="A Deployment of your own",
    hints=[
        "Which kind brings updates and rollbacks, besides keeping the number?",
        "The lab's manifest has everything; leave out what you do not need: env, probes, resources.",
        "apiVersion: apps/v1, kind: Deployment, and under spec: replicas, selector, template.",
    ],
    wrong_answers={
        "only a ReplicaSet": SHOP.format(kind="ReplicaSet", replicas=3, image="backend-app:1.0.0"),
        "two instead of three": SHOP.format(kind="Deployment", replicas=2, image="backend-app:1.0.0"),
        "five instead of three": SHOP.format(kind="Deployment", replicas=5, image="backend-app:1.0.0"),
        "another program": SHOP.format(kind="Deployment", replicas=3, image="nginx:1.27"),
    },
)
def deploy(lab):
    found = lab.find("deployment/shop")
    if found is None:
        if lab.find("replicaset/shop") or lab.find("pod/shop"):
            wrong(saw="There is something named shop, but no Deployment.", why="It could not be updated in good order.")
        not_attempted("There is no Deployment named shop yet.")
    if until(lab, "deployment/shop", lambda one: one["status"].get("readyReplicas", 0) >= 2, 60) is None:
        wrong(saw=f"{found['status'].get('readyReplicas', 0)} of its Pods are ready.", why="They should serve.")
    if until(lab, "deployment/shop", lambda one: ready_of_all(one) == (3, 3), 45) is None:
        ready, everyone = ready_of_all(lab.get("deployment/shop"))
        wrong(saw=f"{ready} of {everyone} Pods are ready.", why="It should be three, and all of them.")
    answer = ask(lab, f"pod/{one_of(lab, 'shop')}:8080", "/version", patience=15)
    if answer.text.strip() != "1.0.0":
        wrong(saw="No backend-app 1.0.0 answers on port 8080.", why="What runs in the Pods is another program.")
    return "Three Pods of backend-app 1.0.0 serve, and a Deployment stands behind them."


FIXED = """%%apply
apiVersion: v1
kind: ConfigMap
metadata:
  name: till-settings
data:
  {key}: {value}
"""


@exercises.add(
    "comes-up",
    title="A Deployment that does not come up",
    hints=[
        "The Deployment only counts. Where is the reason told?",
        "`kubectl describe pod` of one of its Pods: read the events at the bottom.",
        "It misses a ConfigMap, and a key in it. Its names are in the message, and in the manifest.",
    ],
    wrong_answers={
        "the setting removed": """%kubectl set env deployment/till CURRENCY-
lab.wait(5)""",
        "the setting in the Deployment": "%kubectl set env deployment/till CURRENCY=yen",
        "another key": FIXED.format(key="money", value="yen"),
        "another value": FIXED.format(key="currency", value="dollar"),
        "content without it": """container = {"name": "till", "env": [{"name": "CURRENCY", "valueFrom":
    {"configMapKeyRef": {"name": "till-settings", "key": "currency", "optional": True}}}]}
lab.patch("deployment/till", {"spec": {"template": {"spec": {"containers": [container]}}}})""",
        "a Secret": "%kubectl create secret generic till-settings --from-literal=currency=yen",
    },
)
def comes_up(lab):
    found = lab.find("deployment/till") or not_attempted(
        "The Deployment till is not there. Run the cell that makes it."
    )
    env = {one["name"]: one for one in found["spec"]["template"]["spec"]["containers"][0].get("env", [])}
    if "CURRENCY" not in env:
        wrong(saw="The Pods start without CURRENCY now.", why="The application needs that setting; give it one.")
    if "valueFrom" not in env["CURRENCY"]:
        wrong(saw="The currency stands in the Deployment itself now.", why="It was to be left as it is.")
    if env["CURRENCY"]["valueFrom"] != {"configMapKeyRef": {"name": "till-settings", "key": "currency"}}:
        wrong(saw="The Pods ask for something else than they did.", why="The Deployment was to be left as it is.")
    if lab.find("configmap/till-settings") is None:
        if lab.find("secret/till-settings"):
            wrong(saw="There is a Secret till-settings.", why="Which kind of object do the Pods ask for?")
        not_attempted("Its Pods still miss something.")
    if until(lab, "deployment/till", "{.status.readyReplicas}=2", 60) is None:
        wrong(saw="The Pods still do not start.", why="Something was given to them, and it is not what they ask for.")
    said = str(lab.exec(f"pod/{one_of(lab, 'till')}", ["sh", "-c", "echo $CURRENCY"])).strip()
    if said != "yen":
        wrong(saw=f"The Pods run with the currency {said!r}.", why="The shop is in Tokyo.")
    return "Both Pods run, with the setting that they need."


@exercises.add(
    "who",
    title="Who would replace it?",
    hints=[
        "Every object names its owner under metadata.ownerReferences.",
        "`kubectl get pod NAME -o yaml` shows it, and so does the line `Controlled By` of `kubectl describe pod`.",
    ],
    wrong_answers={
        "the Deployment": 'answer = "shelf"',
        "the Pod itself": """answer = sorted(lab.list("pods", selector="app=shelf").names)[0]""",
        "its node": """answer = lab.list("pods", selector="app=shelf")[0]["spec"]["nodeName"]""",
    },
)
def who(lab, answer):
    pods = lab.list("pods", selector="app=shelf")
    pods or not_attempted("The Deployment shelf is not there. Run the cell that makes it.")
    owner = pods[0]["metadata"]["ownerReferences"][0]
    answer = str(answer).rpartition("/")[2]  # replicaset/NAME is as good as NAME
    if answer == owner["name"]:
        return f"{owner['kind']} {answer}: it counts the Pods and makes new ones."
    if answer == "shelf":
        wrong(saw="That is the Deployment.", why="It never touches a Pod; look one step below it.")
    if answer in pods.names:
        wrong(saw="That is the Pod.", why="Once it is gone, it can do nothing any more.")
    return wrong(saw=f"{answer!r} is no owner of the Pod.", why="Running a Pod and replacing it are different jobs.")


def ready_of_all(deployment):
    """How many of its Pods are ready, and how many there are."""
    return deployment["status"].get("readyReplicas", 0), deployment["status"].get("replicas", 0)


def one_of(lab, deployment):
    """The name of a Pod that serves and stays."""
    pods = [pod for pod in lab.list("pods") if pod.name.startswith(f"{deployment}-")]
    staying = [pod.name for pod in pods if "deletionTimestamp" not in pod["metadata"] and has_started(pod)]
    return sorted(staying)[0]


def has_started(pod):
    statuses = pod["status"].get("containerStatuses", [])
    return bool(statuses) and all(one.get("started") for one in statuses)
