"""The exercises of chapter 2: Pods, written, mended, run to the end and looked into."""

from kubelab.checks import Exercises, ask, not_attempted, stays, until, wrong

exercises = Exercises("02-first-pod")

HELLO = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: hello
  labels:
    app: {app}
spec:
  containers:
    - name: web
      image: {image}
      command: {command}
"""

SLEEPER = HELLO.format(app="hello", image="busybox:1.36", command='["sleep", "1000"]')
UNLABELED = HELLO.format(app="hallo", image="nginx:1.27", command='["nginx", "-g", "daemon off;"]')
ENDED = HELLO.format(app="hello", image="busybox:1.36", command='["echo", "hello"]')


@exercises.add(
    "web-pod",
    title="A web server in a Pod",
    hints=[
        "Four top-level parts: apiVersion, kind, metadata, spec. The lab's first manifest has all of them.",
        "The image decides what runs. Which image in this chapter is a web server?",
        "A label stands under metadata.labels, as a key and a value: `app: hello`.",
    ],
    wrong_answers={
        "nothing listens": SLEEPER,
        "another label": UNLABELED,
        "ends at once": ENDED,
        "a Deployment": "%kubectl create deployment hello --image=nginx:1.27\nlab.wait(2)",
    },
)
def web_pod(lab):
    pod = lab.find("pod/hello") or instead_of(lab, "hello")
    label = pod["metadata"].get("labels", {}).get("app")
    if label != "hello":
        wrong(saw=f"The label app of the Pod is {label!r}.", why="What looks for app=hello would not find it.")
    if until(lab, "pod/hello", "Ready", 45) is None or not stays(lab, "pod/hello", is_ready, 5):
        wrong(saw=state_of(lab, "hello"), why="A web server keeps running and waits for requests; this does not.")
    answer = ask(lab, "pod/hello:80", patience=10)
    if not answer.ok:
        wrong(saw="The Pod runs, and nothing answers on port 80.", why="What runs in it is no web server.")
    return "The Pod runs, is labeled app=hello, and answers on port 80."


RENAMED = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: web
      image: nginx:1.27
      ports:
        - containerPort: 80
"""

OTHERWISE = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: shop-front
spec:
  containers:
    - name: web
      image: nginx:1.27
      command: ["{program}", "1000"]
      ports:
        - containerPort: 80
"""

PORT_DROPPED = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: shop-front
spec:
  containers:
    - name: web
      image: nginx:1.27
"""


@exercises.add(
    "mend",
    title="A manifest that is refused",
    hints=[
        "Apply it and read the message. It names one thing at a time; mend that, then apply again.",
        "A name of a Pod may hold lower case letters, digits and dashes.",
        "A port is a number. In YAML, quotes make a text of it.",
    ],
    wrong_answers={
        "another name": RENAMED,
        "never runs": OTHERWISE.format(program="/no/such/program"),
        "the port left out": PORT_DROPPED,
        "another program": OTHERWISE.format(program="sleep"),
    },
)
def mend(lab):
    pod = lab.find("pod/shop-front")
    if pod is None:
        others = [one["metadata"]["name"] for one in lab.list("pods") if "shop" in one["metadata"]["name"]]
        if others:
            wrong(saw=f"There is a Pod named {others[0]}.", why="It should be shop-front, as far as names allow.")
        not_attempted("There is no Pod named shop-front yet.")
    if until(lab, "pod/shop-front", "Ready", 45) is None:
        wrong(saw=state_of(lab, "shop-front"), why="It has to run, not only to be accepted.")
    ports = [p["containerPort"] for c in pod["spec"]["containers"] for p in c.get("ports", [])]
    if ports != [80]:
        wrong(
            saw=f"The Pod says that it listens on {ports or 'no port'}.",
            why="Readers should be told 80.",
        )
    if not ask(lab, "pod/shop-front:80", patience=10).ok:
        wrong(saw="It runs, and nothing answers on port 80.", why="Another program runs in it than the manifest named.")
    return "shop-front runs, and says that it listens on port 80."


ONCE = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: backup
spec:
  restartPolicy: {policy}
  containers:
    - name: main
      image: busybox:1.36
      command: ["sh", "-c", "{script}"]
"""


@exercises.add(
    "once",
    title="A program that ends",
    hints=[
        "What decides whether a container that ended is started again?",
        "restartPolicy stands under spec, beside containers, not inside one of them.",
        "Exit code 0 means success. `echo` ends with 0 by itself.",
    ],
    wrong_answers={
        "started again and again": ONCE.format(policy="Always", script="echo backup finished"),
        "fails": ONCE.format(policy="Never", script="echo backup finished; exit 1"),
        "never ends": ONCE.format(policy="Never", script="echo backup finished; sleep 100000"),
        "silent": ONCE.format(policy="Never", script="true"),
        "a Job": "%kubectl create job backup --image=busybox:1.36 -- echo backup finished\nlab.wait(2)",
    },
)
def once(lab):
    lab.find("pod/backup") or instead_of(lab, "backup")
    ended = until(lab, "pod/backup", lambda pod: has_ended(pod) or restarts(pod), 45)
    if ended is None:
        wrong(saw=state_of(lab, "backup"), why="It is still at it. It should do its work and end by itself.")
    if restarts(ended):
        wrong(saw="The container ended and was started again.", why="Once is enough: it should stay ended.")
    if ended["status"]["phase"] != "Succeeded":
        wrong(saw=f"It ended in the phase {ended['status']['phase']}.", why="It should report success.")
    said = str(lab.logs("backup")).strip()
    if "backup finished" not in said:
        wrong(saw=f"Its log is {said!r}.", why="It should print: backup finished")
    if not stays(lab, "pod/backup", has_ended, 12):
        wrong(saw="It did not stay ended.", why="Once is enough.")
    return "It ran once, printed its line, and ended well."


@exercises.add(
    "inside",
    title="A page changed from inside",
    hints=[
        "nginx serves what lies in /usr/share/nginx/html.",
        "`kubectl exec POD -- COMMAND` runs a command in the container.",
        "`>` belongs to a shell: sh -c 'echo … > file'",
    ],
    wrong_answers={
        "a file nobody serves": "%kubectl exec poster -- sh -c 'echo hello from inside > /tmp/index.html'",
        "another text": "%kubectl exec poster -- sh -c 'echo good morning > /usr/share/nginx/html/index.html'",
        "the Pod replaced": """%kubectl delete pod poster --wait=true
%kubectl run poster --image=nginx:1.27
%kubectl wait --for=condition=Ready pod/poster --timeout=60s
%kubectl exec poster -- sh -c 'echo hello from inside > /usr/share/nginx/html/index.html'
""",
    },
)
def inside(lab):
    pod = lab.find("pod/poster") or not_attempted("There is no Pod named poster. Run the cell that makes it.")
    page = ask(lab, "pod/poster:80", patience=10).text
    if pod["metadata"].get("labels", {}).get("made-by") != "exercise":
        wrong(saw="This is not the Pod that the exercise made.", why="Change the one that runs; do not replace it.")
    if "hello from inside" in page:
        return "The running Pod serves the new page."
    if "Welcome to nginx" in page:
        tried = str(lab.exec("poster", ["sh", "-c", "ls /tmp"])).strip()
        if not tried:
            not_attempted("The Pod serves its first page.")
        wrong(saw="The Pod still serves its first page.", why="A file was written, but not where the server looks.")
    return wrong(saw=f"The page says {page.strip()[:60]!r}.", why="It should say: hello from inside")


def instead_of(lab, name):
    """There is no Pod of that name: nothing done yet, or a controller's Pod with a longer name?"""
    others = [pod.name for pod in lab.list("pods") if pod.name.startswith(f"{name}-")]
    if others:
        wrong(saw=f"There is a Pod named {others[0]}.", why=f"It should be a Pod of your own, named {name}.")
    not_attempted(f"There is no Pod named {name} yet.")


def is_ready(pod):
    return pod is not None and any(
        c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", [])
    )


def has_ended(pod):
    return pod is not None and pod["status"].get("phase") in ("Succeeded", "Failed")


def restarts(pod):
    return sum(c["restartCount"] for c in pod["status"].get("containerStatuses", []))


def state_of(lab, name):
    """The Pod's state in a sentence."""
    pod = lab.find(f"pod/{name}")
    for status in pod["status"].get("containerStatuses", []):
        for state, detail in status["state"].items():
            reason = f" ({detail['reason']})" if detail.get("reason") else ""
            return f"The container {status['name']} is {state}{reason}."
    return f"The Pod is {pod['status'].get('phase')}."
