"""The exercises of chapter 9: preparing, waiting, and mending without taking the guard away."""

from datetime import datetime

from kubelab.checks import Exercises, ask, not_attempted, until, wrong

exercises = Exercises("09-init-containers")

PAGE = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: page
spec:
  terminationGracePeriodSeconds: 1
  volumes:
    - name: html
      emptyDir: {{}}
  initContainers:
    - name: prepare
      image: busybox:1.36
      command: ["sh", "-c", "{script}"]
      volumeMounts: [{{name: html, mountPath: {path}}}]
  containers:
    - name: web
      image: nginx:1.27
      volumeMounts: [{{name: html, mountPath: /usr/share/nginx/html}}]
"""

NO_PREPARATION = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: page
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
      image: nginx:1.27
      command: ["sh", "-c", "echo prepared > /usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'"]
"""


IDLE = '  initContainers:\n    - {name: prepare, image: "busybox:1.36", command: ["true"]}\n'
NOTHING_PREPARED = NO_PREPARATION.replace("  containers:\n", f"{IDLE}  containers:\n")


@exercises.add(
    "prepare",
    title="A page prepared beforehand",
    hints=[
        "Two containers have to see the same file. What do containers of a Pod share?",
        "An emptyDir volume, mounted in both: where the init container writes, and where nginx reads.",
        "nginx reads /usr/share/nginx/html/index.html. The lab's tools.yaml does nearly the same.",
    ],
    wrong_answers={
        "written where nobody reads": PAGE.format(script="echo prepared > /tmp/index.html", path="/html"),
        "never succeeds": PAGE.format(script="echo prepared > /html/index.html; exit 1", path="/html"),
        "done by the web server itself": NO_PREPARATION,
        "an init container that does nothing": NOTHING_PREPARED,
    },
)
def prepare(lab):
    pod = lab.find("pod/page") or not_attempted("There is no Pod named page yet.")
    if not pod["spec"].get("initContainers") and len(pod["spec"]["containers"]) > 1:
        wrong(saw="Two containers run side by side.", why="The page should be there before the web server starts.")
    if not pod["spec"].get("initContainers"):
        wrong(saw="The web server's container does everything itself.", why="Let another one prepare.")
    if until(lab, "pod/page", "Ready", 30) is None:
        wrong(saw="The web server has not been started.", why="What runs before it does not succeed.")
    text = ask(lab, "pod/page:80", patience=10).text.strip()
    if text != "prepared":
        wrong(saw=f"The page says {text[:40]!r}.", why="It should say: prepared")
    if not volumes_of(pod["spec"]["initContainers"]) & volumes_of(pod["spec"]["containers"]):
        wrong(saw="The init container and the web server share no volume.", why="Then who has prepared the page?")
    return "The page was prepared before the web server started."


def volumes_of(containers):
    """The names of the volumes that these containers mount, but for the one with the Pod's credentials."""
    mounts = [mount for one in containers for mount in one.get("volumeMounts", [])]
    return {one["name"] for one in mounts if not one["mountPath"].startswith("/var/run/secrets")}


WAITS = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: patient
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
    - name: wait
      image: busybox:1.36
      command: ["sh", "-c", "{script}"]
  containers:
    - name: main
      image: busybox:1.36
      command: ["sh", "-c", "echo the shop opens; sleep 3600"]
"""
NAME = "till.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local"


@exercises.add(
    "patient",
    title="Wait for the till",
    hints=[
        "The lab's waiter.yaml waits for a Service. Which name does it look up?",
        "`until COMMAND; do sleep 1; done` goes on until the command succeeds.",
        f"nslookup {NAME} succeeds once there is a Service till.",
    ],
    wrong_answers={
        "only a pause": WAITS.format(script="sleep 3"),
        "a long pause": WAITS.format(script="sleep 20"),
        "waits for another": WAITS.format(script=f"until nslookup x{NAME}; do sleep 1; done"),
        "gives up": WAITS.format(script=f"nslookup {NAME} || true"),
        "an application that waits": WAITS.replace("initContainers", "containers")
        .replace("  containers:\n    - name: main", "    - name: main")
        .format(script=f"until nslookup {NAME}; do sleep 1; done; sleep 3600"),
    },
)
def patient(lab):
    pod = lab.find("pod/patient") or not_attempted("There is no Pod named patient yet.")
    if lab.find("service/till") is not None:
        lab.delete("service/till")
        not_attempted("There was a Service till already. It is gone now: make the Pod again, then check.")
    if not pod["spec"].get("initContainers"):
        wrong(saw="Its containers were started, though there is no till.", why="What can hold them back until then?")
    until(lab, "pod/patient", begun, 60)
    if until(lab, "pod/patient", "Ready", 12) is not None:
        if duration(lab.get("pod/patient")) < 2:
            wrong(saw="The application runs, and there is no Service till.", why="It did not wait at all.")
        wrong(saw="It waited a little, then went on without a Service till.", why="It should wait as long as it takes.")
    lab.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "till"},
            "spec": {"selector": {"app": "till"}, "ports": [{"port": 80}]},
        }
    )
    ready = until(lab, "pod/patient", "Ready", 40)
    at_once = ready is not None and another_goes_on(lab)
    lab.delete("service/till")
    if ready is None:
        wrong(
            saw="A Service till was made, with no Pod behind it yet, and it still waits.",
            why="It waits for something else: for another name, or for an answer. What does its log say?",
        )
    if not at_once:
        wrong(saw="There was a Service till, and a second Pod like it waited all the same.", why="It waits for a time.")
    return "It waited, and went on as soon as there was a Service till."


def another_goes_on(lab):
    """Whether a second Pod like it, made while the Service is there, is ready within 8 seconds."""
    spec = {key: value for key, value in lab.get("pod/patient")["spec"].items() if key != "nodeName"}
    lab.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "patient-check"}, "spec": spec})
    try:
        until(lab, "pod/patient-check", begun, 60)
        return until(lab, "pod/patient-check", "Ready", 8) is not None
    finally:
        lab.delete("pod/patient-check", grace=0)


def begun(pod):
    """Whether its first container has been started."""
    status = pod["status"]
    first = (status.get("initContainerStatuses") or status.get("containerStatuses") or [None])[0]
    return first is not None and ("waiting" not in first["state"] or bool(first.get("lastState")))


def duration(pod):
    """Seconds that the first init container ran; 0 if it has not ended."""
    ended = (pod["status"].get("initContainerStatuses") or [{}])[0].get("state", {}).get("terminated")
    if not ended:
        return 0.0
    start, end = (datetime.fromisoformat(ended[key].replace("Z", "+00:00")) for key in ("startedAt", "finishedAt"))
    return (end - start).total_seconds()


GUARDED = """lab.delete("pod/guarded", grace=0)
lab.apply(GUARDED{change})"""
DODGED = GUARDED.format(change='.replace("test -f /settings/tax.conf", "true")')
CONTENT = GUARDED.format(change='.replace("exit 1", "exit 0")')
REMOVED = """import yaml
lab.delete("pod/guarded", grace=0)
made = yaml.safe_load(GUARDED)
del made["spec"]["initContainers"]
lab.apply(made)"""
OTHER_KEY = """%%apply
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  shop.conf: open=9
  vat.conf: rate=10
"""


@exercises.add(
    "guard",
    title="Stuck, for a reason",
    hints=[
        "Which container is stuck, and what does its log say? `kubectl logs guarded -c guard`",
        "It misses a file. Where does that directory come from? Look at the Pod's volumes.",
        "The ConfigMap `settings` is mounted there. It needs a key `tax.conf`.",
    ],
    wrong_answers={
        "the guard removed": REMOVED,
        "the guard told not to look": DODGED,
        "the guard told to be content": CONTENT,
        "another key": OTHER_KEY,
        "the other key lost": OTHER_KEY.replace("  shop.conf: open=9\n  vat", "  tax"),
    },
)
def guard(lab):
    pod = lab.find("pod/guarded") or not_attempted("There is no Pod guarded. Run the cell that makes it.")
    guards = pod["spec"].get("initContainers") or []
    if not guards:
        wrong(saw="The guard is gone.", why="The application starts without what it was there to see to.")
    if "test -f /settings/tax.conf" not in " ".join(guards[0].get("command", [])):
        wrong(saw="The guard does not look any more.", why="It should be satisfied, not silenced.")
    if "exit 1" not in " ".join(guards[0]["command"]):
        wrong(saw="The guard looks, and is content whatever it finds.", why="It should be satisfied, not silenced.")
    data = (lab.find("configmap/settings") or {}).get("data") or {}
    if data and "shop.conf" not in data:
        wrong(saw="The ConfigMap settings has lost its shop.conf.", why="What was there is still needed.")
    if set(data) == {"shop.conf"} and until(lab, "pod/guarded", "Ready", 5) is None:
        not_attempted("The Pod is as it was.")
    if until(lab, "pod/guarded", "Ready", 100) is None:
        wrong(saw="The guard still does not let the application start.", why="It does not find what it looks for.")
    return "The guard found what it looks for, and the application runs."
