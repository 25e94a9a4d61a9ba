"""The exercises of chapter 19: who acts, a manifest for any cluster, a dangerous change, and few rights."""

import yaml

from kubelab import KubelabError
from kubelab.checks import Exercises, ask, letters, not_attempted, until, wrong

exercises = Exercises("19-real-clusters")


@exercises.add(
    "who-acts",
    title="Who acts?",
    hints=[
        "Which of them were acted upon in the lab, on whatever cluster you ran it?",
        "Controllers for Deployments, Jobs and CronJobs are part of every cluster. So is what makes a ClusterIP work.",
        "Remember the figure: a row with a hollow dot needs something that not every cluster has.",
    ],
    wrong_answers={
        "all of them": 'answer = "ABCDEF"',
        "those that are built in": 'answer = "ACF"',
        "only the one that shows": 'answer = "B"',
        "autoscaling thought to be built in": 'answer = "BD"',
    },
)
def who_acts(lab, answer):
    chosen = letters(answer, "ABCDEF")
    if chosen == set("BDE"):
        return "An Ingress, a NetworkPolicy and an autoscaler each need something that is not part of every cluster."
    if chosen == set("ABCDEF"):
        wrong(saw="All six, you say.", why="Some of them every cluster acts upon by itself.")
    if chosen & set("ACF"):
        wrong(saw="You chose one that is always acted upon.", why="Its controller is part of Kubernetes itself.")
    if chosen == set("BD"):
        wrong(saw="An autoscaler is not among them.", why="It can act, but it has to be told how busy the Pods are.")
    return wrong(saw=f"You chose {len(chosen)} of three.", why="There are more that are accepted without an effect.")


DEPOT = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: depot
spec:
  storageClassName: fast-ssd
  accessModes: ["ReadWriteOnce"]
  resources:
    requests:
      storage: 100Mi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: depot
spec:
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels:
      app: depot
  template:
    metadata:
      labels:
        app: depot
    spec:
      terminationGracePeriodSeconds: 1
      nodeName: worker-7
      volumes:
        - name: goods
          persistentVolumeClaim:
            claimName: depot
      containers:
        - name: depot
          image: nginx:1.27
          resources:
            requests:
              cpu: 200
          volumeMounts:
            - name: goods
              mountPath: /goods
---
apiVersion: v1
kind: Service
metadata:
  name: depot
spec:
  type: NodePort
  selector:
    app: depot
  ports:
    - port: 80
      nodePort: 30893
"""
"""The starter of `portable`; wrong answers are made from it."""
FREE = (
    DEPOT.replace("  storageClassName: fast-ssd\n", "")
    .replace("      nodeName: worker-7\n", "")
    .replace("cpu: 200", "cpu: 200m")
    .replace("      nodePort: 30893\n", "")
)
CLAIM = "          persistentVolumeClaim:\n            claimName: depot\n"
REQUEST = "          resources:\n            requests:\n              cpu: 200m\n"
KINDS = {"PersistentVolumeClaim", "Deployment", "Service"}


def answered(text):
    """A cell that gives this answer."""
    return f'answer = """{text}"""'


@exercises.add(
    "portable",
    title="For any cluster",
    hints=[
        "Which names and numbers in it belong to one cluster only? There are three, and a slip beside them.",
        "A claim without a class gets the cluster's default. A Pod without a node gets one. And a Service without a "
        "nodePort?",
        "A fifth of a CPU was meant: 200 thousandths.",
    ],
    wrong_answers={
        "a node of this cluster": answered(FREE.replace("      volumes:\n", "      nodeName: NODE\n      volumes:\n"))
        + '\nanswer = answer.replace("NODE", lab.list("nodes")[0].name)',
        "a class of this cluster": answered(
            FREE.replace("  accessModes", "  storageClassName: standard\n  accessModes")
        ),
        "another port": answered(FREE.replace("    - port: 80\n", "    - port: 80\n      nodePort: 30894\n")),
        "no claim": answered(FREE.replace(CLAIM, "          emptyDir: {}\n")),
        "no request": answered(FREE.replace(REQUEST, "")),
        "the slip left in": answered(FREE.replace("200m", "200")),
        "no Service": answered(FREE.rpartition("---")[0]),
    },
)
def portable(lab, answer):
    objects = manifest(answer)
    claim, depot, door = (the_one(objects, kind) for kind in ("PersistentVolumeClaim", "Deployment", "Service"))
    if objects == manifest(DEPOT):
        not_attempted("It is still the manifest from elsewhere.")
    if not depot or not door:
        wrong(saw="The Deployment or the Service depot is not in it.", why="The depot should be there, and be asked.")
    pod = depot["spec"]["template"]["spec"]
    used = {one.get("persistentVolumeClaim", {}).get("claimName") for one in pod.get("volumes") or []}
    if not claim or claim["metadata"]["name"] not in used:
        wrong(saw="The Pod has no claim any more.", why="Its goods would be gone with the Pod.")
    if "storageClassName" in claim["spec"]:
        wrong(saw="The claim names a class.", why="Classes have other names on other clusters; each has a default one.")
    if tied(pod):
        wrong(saw="The Pod names a node.", why="No other cluster has a node of that name.")
    if any("nodePort" in port for port in door["spec"]["ports"]):
        wrong(saw="The Service asks for one certain node port.", why="Somebody else may have it already.")
    wanted = pod["containers"][0].get("resources", {}).get("requests", {}).get("cpu")
    if wanted is None:
        wrong(saw="The container requests no CPU.", why="Then the scheduler counts it as nothing. A fifth was meant.")
    apply(lab, objects)
    if not any(is_default(one) for one in lab.list("storageclasses")):
        return "The manifest names nothing of one cluster. (This cluster has no default class, so its claim waits.)"
    if until(lab, "deployment/depot", "rolled out", 120) is None:
        wrong(saw=f"Applied here, its Pod does not run. It requests {wanted} CPUs.", why="Its conditions say why.")
    if str(wanted) not in ("200m", "0.2"):
        wrong(saw=f"It runs, and requests {wanted}.", why="A fifth of a CPU was meant.")
    if not ask(lab, "service/depot", patience=20).ok:
        wrong(saw="The Service does not answer.", why="nginx listens on port 80.")
    return "It runs here, and names nothing that another cluster does not have."


@exercises.add(
    "review",
    title="Just a new version",
    hints=[
        '`lab.kubectl("diff -f -", PROPOSAL)` shows what applying it would change. Read every line with + or -.',
        "Which of these lines are the new version, and which are something else?",
        "You need not apply the file. A single command changes the image of a Deployment.",
    ],
    wrong_answers={
        "applied as it is": "lab.apply(PROPOSAL)\nlab.wait(10)",
        "applied, and mended afterwards": "lab.apply(PROPOSAL)\nlab.wait(6)\nlab.apply(TILL)\n"
        "%kubectl set image deployment/till till=nginx:1.28\n"
        'lab.wait_until("deployment/till", "rolled out", timeout=90)',
        "only its Deployment": 'lab.apply(PROPOSAL.split("---")[0])\n'
        'lab.wait_until("deployment/till", "rolled out", timeout=90)',
        "deleted and made anew": '%kubectl delete deployment till\nlab.apply(TILL.replace("1.27", "1.28"))\n'
        'lab.wait_until("deployment/till", "rolled out", timeout=90)',
    },
)
def review(lab):
    made = lab.find("pod/customer") or not_attempted("The customer is not there. Run the cells that make him.")
    found, door = lab.find("deployment/till"), lab.find("service/till")
    if found is None or door is None:
        wrong(saw="The Deployment or the Service till is gone.", why="The customer stands before a closed shop.")
    lab.wait(3)
    failed = str(lab.logs(made.name)).splitlines().count("failed")
    spec = found["spec"]["template"]["spec"]["containers"][0]
    if spec["image"] == "nginx:1.27" and not failed:
        not_attempted("The till still runs version 1.27.")
    if door["spec"]["selector"] != {"app": "till"}:
        wrong(saw="The Service selects other labels than its Pods have.", why="That is not part of a new version.")
    if "readinessProbe" not in spec:
        wrong(saw="The readiness probe is gone.", why="The next version will miss it.")
    if found["metadata"]["creationTimestamp"] > made["metadata"]["creationTimestamp"]:
        wrong(saw="This is another Deployment than before.", why="The first one was deleted, with all of its Pods.")
    if failed:
        wrong(saw=f"All is well now, but {failed} of the customer's requests failed.", why="He noticed.")
    if until(lab, "deployment/till", "rolled out", 90) is None:
        wrong(saw="The update does not come to an end.", why="All Pods should be of the new version, and ready.")
    if (
        not ask(lab, "service/till", patience=20).ok
        or "nginx/1.28" not in lab.http("service/till", "/no-such-page").text
    ):
        wrong(saw="The Service is answered by something else.", why="It should be nginx 1.28.")
    return "Version 1.28 serves, nothing else has changed, and no request failed."


KEEPER = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: keeper
spec:
  terminationGracePeriodSeconds: 1
{pod}  volumes:
    - name: book
      emptyDir: {{}}
  containers:
    - name: keeper
      image: busybox:1.36
      command: ["sh", "-c", "{script}"]
{container}      volumeMounts:
        - name: book
          mountPath: /book
"""
SCRIPT = "while true; do date >> /book/entries; sleep 5; done"
STATED = """  securityContext:
    runAsNonRoot: true
    seccompProfile:
      type: RuntimeDefault
"""
OTHER_USER = STATED + "    runAsUser: 1000\n"
BOUND = """      securityContext:
        allowPrivilegeEscalation: false
        capabilities:
          drop: ["ALL"]
"""
OTHER_USER_ONLY = "  securityContext:\n    runAsUser: 1000\n"
NO_ESCALATION = "      securityContext:\n        allowPrivilegeEscalation: false\n        runAsUser: 1000\n"
NO_SECCOMP = "  securityContext:\n    runAsNonRoot: true\n    runAsUser: 1000\n"
ON_THE_NODE = "  hostNetwork: true\n" + OTHER_USER
HARMLESS = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


@exercises.add(
    "restricted",
    title="Few rights",
    hints=[
        "The standard wants four things *stated*: no escalation, no capabilities, not as root, a seccomp profile.",
        "`runAsNonRoot` and `seccompProfile` may stand in the Pod's securityContext; `allowPrivilegeEscalation` and "
        "`capabilities` belong to the container's.",
        "The image's own user is root. Who promises `runAsNonRoot` has to choose another: runAsUser.",
    ],
    wrong_answers={
        "another user only": KEEPER.format(pod=OTHER_USER_ONLY, container="", script=SCRIPT),
        "no escalation only": KEEPER.format(pod="", container=NO_ESCALATION, script=SCRIPT),
        "without a profile": KEEPER.format(pod=NO_SECCOMP, container=BOUND, script=SCRIPT),
        "a promise that the image breaks": KEEPER.format(pod=STATED, container=BOUND, script=SCRIPT),
        "a program that does nothing": KEEPER.format(pod=OTHER_USER, container=BOUND, script="sleep 3600"),
        "on the node's network": KEEPER.format(pod=ON_THE_NODE, container=BOUND, script=SCRIPT),
    },
)
def restricted(lab):
    pod = lab.find("pod/keeper") or not_attempted("There is no Pod named keeper yet.")
    spec = pod["spec"]
    stated = [one for one in [spec, *spec["containers"]] if one.get("securityContext")]
    if not stated and not spec.get("hostNetwork"):
        not_attempted("The Pod keeper states nothing about its rights yet.")
    broken = violations(spec)
    if broken:
        wrong(saw=f"Against the standard: {', '.join(broken)}.", why="Such a namespace would refuse it.")
    if until(lab, "pod/keeper", "Ready", 60) is None:
        wrong(saw="It would be accepted, and its container is not started.", why="Its events know why not.")
    lab.wait(6)
    if lab.exec("keeper", "id -u").strip() == "0":
        wrong(saw="Its program runs as root.", why="That is what the standard is against.")
    if lab.exec("keeper", "cat /book/entries").exit_code:
        wrong(saw="It writes nothing into its book.", why="The program should do its work as before.")
    return "It keeps its book, with no more rights than it needs."


def violations(spec):
    """What the standard `restricted` has against a Pod, in the words of the API server; [] if nothing."""
    containers = [*spec["containers"], *spec.get("initContainers", [])]
    found = ["host namespaces"] if any(spec.get(one) for one in ("hostNetwork", "hostPID", "hostIPC")) else []
    if any(set(volume) - {"name"} - HARMLESS for volume in spec.get("volumes") or []):
        found.append("restricted volume types")
    tests = {
        "privileged": lambda own, _: own.get("privileged"),
        "allowPrivilegeEscalation != false": lambda own, _: own.get("allowPrivilegeEscalation") is not False,
        "unrestricted capabilities": lambda own, _: not few(own.get("capabilities") or {}),
        "runAsNonRoot != true": lambda _, all_: all_.get("runAsNonRoot") is not True,
        "runAsUser=0": lambda _, all_: all_.get("runAsUser") == 0,
        "seccompProfile": lambda _, all_: profile(all_) not in ("RuntimeDefault", "Localhost"),
    }
    for what, breaks in tests.items():
        contexts = [one.get("securityContext") or {} for one in containers]
        if any(breaks(own, {**(spec.get("securityContext") or {}), **own}) for own in contexts):
            found.append(what)
    return found


def few(capabilities):
    """Whether all are dropped, and none added but the one for low ports."""
    return "ALL" in (capabilities.get("drop") or []) and set(capabilities.get("add") or []) <= {"NET_BIND_SERVICE"}


def profile(context):
    """The type of its seccomp profile."""
    return (context.get("seccompProfile") or {}).get("type")


def manifest(answer):
    """The objects in a learner's text."""
    try:
        objects = [one for one in yaml.safe_load_all(str(answer)) if one]
    except yaml.YAMLError as error:
        wrong(saw=f"Your answer is not YAML: {' '.join(str(error).split())[:120]}", why="See its indentation.")
    if not objects or not all(isinstance(one, dict) and one.get("kind") in KINDS for one in objects):
        wrong(saw="Your answer is not a claim, a Deployment and a Service.", why="The depot needs these three.")
    if any("namespace" in one["metadata"] for one in objects):
        wrong(saw="An object names a namespace.", why="Whoever applies it chooses the namespace.")
    return objects


def the_one(objects, kind):
    """The object named depot of that kind, if there is one."""
    return next((one for one in objects if one["kind"] == kind and one["metadata"].get("name") == "depot"), None)


def tied(pod):
    """Whether a Pod can run on a node of a certain name only."""
    wanted = (pod.get("affinity") or {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    return "nodeName" in pod or "kubernetes.io/hostname" in f"{pod.get('nodeSelector')}{wanted}"


def is_default(storage_class):
    """Whether claims without a class get this one."""
    annotations = storage_class["metadata"].get("annotations") or {}
    return annotations.get("storageclass.kubernetes.io/is-default-class") == "true"


def apply(lab, objects):
    """Make the objects anew."""
    for kind in ("deployment", "service", "pvc"):
        lab.delete(f"{kind}/depot")
    try:
        for one in objects:
            lab.apply(one)
    except KubelabError as error:
        wrong(saw=f"The API server refuses it: {error.what}", why="Read what it says about the field.")
