"""The exercises of chapter 15: settings, one file, what follows, a new address, missing keys."""

import base64
import json

from kubelab.checks import Exercises, ask, letters, not_attempted, until, wrong

exercises = Exercises("15-configuration")

SHOP = """%%apply
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 1
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
          image: backend-app:1.1.0
          imagePullPolicy: IfNotPresent
"""
WHOLE_SECRET = """          envFrom:
            - secretRef:
                name: shop-db
"""
IN_THE_OPEN = """          env:
            - {name: DB_URL, value: "jdbc:postgresql://db.example.com:5432/shop"}
            - {name: DB_USERNAME, value: keeper}
            - {name: DB_PASSWORD, value: open-sesame}
"""
IN_A_CONFIGMAP = """          envFrom:
            - configMapRef:
                name: shop-settings
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-settings
data:
  DB_URL: jdbc:postgresql://db.example.com:5432/shop
  DB_USERNAME: keeper
  DB_PASSWORD: open-sesame
"""
MIXED_UP = """          env:
            - {name: DB_URL, valueFrom: {secretKeyRef: {name: shop-db, key: db-url}}}
            - {name: DB_USERNAME, valueFrom: {secretKeyRef: {name: shop-db, key: db-password}}}
            - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: shop-db, key: db-username}}}
"""
WRONG_KEY = """          env:
            - {name: DB_URL, valueFrom: {secretKeyRef: {name: shop-db, key: DB_URL}}}
"""
ANOTHER_SECRET = (
    IN_A_CONFIGMAP.replace("ConfigMap", "Secret").replace("configMap", "secret").replace("\ndata", "\nstringData")
)
EXPECTED = {"DB_URL": "jdbc:postgresql://db.example.com:5432/shop", "DB_USERNAME": "keeper"}
PASSWORD = "open-sesame"


@exercises.add(
    "settings",
    title="Settings for an image",
    hints=[
        "The variables' names are not those of the Secret's keys. Which of the two ways lets you choose names?",
        "One entry under `env` for each variable: `name`, and under `valueFrom` a `secretKeyRef`.",
        "The lab's backend-app.yaml has all three entries, for a Secret with another name.",
    ],
    wrong_answers={
        "all keys, under their own names": SHOP + WHOLE_SECRET,
        "the values in the Deployment": SHOP + IN_THE_OPEN,
        "the values in a ConfigMap": SHOP + IN_A_CONFIGMAP,
        "two keys mixed up": SHOP + MIXED_UP,
        "a key that is not there": SHOP + WRONG_KEY,
        "a second Secret": SHOP + ANOTHER_SECRET,
    },
)
def settings(lab):
    lab.find("secret/shop-db") or not_attempted("There is no Secret shop-db. Run the cell that makes it.")
    found = lab.find("deployment/shop") or not_attempted("There is no Deployment named shop yet.")
    container = found["spec"]["template"]["spec"]["containers"][0]
    if not (container.get("env") or container.get("envFrom") or container.get("volumeMounts")):
        not_attempted("The program in the Deployment shop has no settings yet.")
    if PASSWORD in str(found["spec"]):
        wrong(saw="The password stands in the Deployment.", why="Whoever sees the manifest knows it now.")
    if any(PASSWORD in str(one.get("data")) for one in lab.list("configmaps")):
        wrong(saw="The password stands in a ConfigMap.", why="ConfigMaps are for what everybody may see.")
    secrets = [one for one in lab.list("secrets") if base64.b64encode(PASSWORD.encode()).decode() in str(one["data"])]
    if [one.name for one in secrets] != ["shop-db"]:
        wrong(saw=f"The password stands in {len(secrets)} Secrets.", why="Who changes it has to think of all of them.")
    if until(lab, "deployment/shop", "rolled out", 60) is None:
        wrong(saw="Its Pod does not get ready.", why="It may miss something; its events know what.")
    labels = found["spec"]["selector"]["matchLabels"]
    pod = staying(lab, ",".join(f"{key}={value}" for key, value in labels.items()))[0].name
    reply = ask(lab, f"pod/{pod}:8080", "/config", patience=20)
    if not reply.ok:
        wrong(saw="No backend-app answers on port 8080.", why="The image was to be left as it is.")
    said = json.loads(reply.text)
    if any(said[name] is None for name in ("DB_URL", "DB_USERNAME", "DB_PASSWORD")):
        missing = [name for name, value in said.items() if value is None]
        wrong(saw=f"The program finds no {' and no '.join(missing)}.", why="It looks for exactly these names.")
    variables = str(lab.exec(f"pod/{pod}", "env")).splitlines()
    if f"DB_PASSWORD={PASSWORD}" not in variables or any(said[name] != value for name, value in EXPECTED.items()):
        wrong(saw="The program finds all three variables.", why="Not each has the value that belongs to it.")
    return "The program finds its three settings, and the password is in the Secret only."


BOARD = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: board
spec:
  terminationGracePeriodSeconds: 1
  volumes:
    - name: notices
      configMap:
        name: notices
{items}
  containers:
    - name: board
      image: nginx:1.27
      volumeMounts:
        - name: notices
          mountPath: {path}
"""
ITEMS = """        items:
          - key: notice.html
            path: notice.html"""
BARE = """%kubectl run board --image=nginx:1.27
lab.wait_until("pod/board", "Ready", timeout=60)
%kubectl exec board -- sh -c 'echo "<p>Closed on Monday.</p>" > /usr/share/nginx/html/notice.html'
"""


@exercises.add(
    "one-page",
    title="One page among others",
    hints=[
        "nginx's pages are in /usr/share/nginx/html. What becomes of them if a volume is mounted there?",
        "Mount a single file: mountPath is the path of the *file* in the container.",
        "subPath says which of the volume's files that is.",
    ],
    wrong_answers={
        "the whole volume": BOARD.format(items="", path="/usr/share/nginx/html"),
        "one key, in a volume that hides the rest": BOARD.format(items=ITEMS, path="/usr/share/nginx/html"),
        "a directory of its own": BOARD.format(items=ITEMS, path="/usr/share/nginx/html/notices"),
        "written by hand": BARE,
    },
)
def one_page(lab):
    kept = lab.find("configmap/notices") or not_attempted("There is no ConfigMap notices. Run the cell that makes it.")
    if set(kept["data"]) != {"notice.html", "internal.html"}:
        wrong(saw="The ConfigMap notices has other pages now.", why="It was to be left as it is: others need both.")
    pod = lab.find("pod/board") or not_attempted("There is no Pod named board yet.")
    mounted = shows(pod, "notices")
    if until(lab, "pod/board", "Ready", 60) is None:
        wrong(saw="The Pod board does not get ready.", why="Something about its volume or its image is amiss.")
    lab.wait(1)
    pages = {path: lab.http("pod/board:80", path) for path in ("/", "/notice.html", "/internal.html")}
    served = pages["/notice.html"].ok and "Closed on Monday" in pages["/notice.html"].text
    if not served and not mounted:
        not_attempted("nginx has no page /notice.html yet.")
    if pages["/internal.html"].ok:
        wrong(saw="nginx serves /internal.html.", why="That page is not for the public.")
    if not served:
        wrong(saw=f"nginx answers /notice.html with {pages['/notice.html'].status}.", why="The notice is elsewhere.")
    if "Welcome to nginx" not in pages["/"].text:
        wrong(saw=f"nginx answers / with {pages['/'].status}.", why="Its own page is hidden by what was mounted.")
    if not mounted:
        wrong(saw="Nothing of the ConfigMap is mounted.", why="The page is in this container only, and goes with it.")
    return "nginx serves the notice and its own page, and nothing else of the ConfigMap."


@exercises.add(
    "follow",
    title="Which ones follow?",
    hints=[
        "When does a program get its environment, and who could change it later?",
        "In a mounted volume, each file is a link to the present version. What is one mounted with subPath?",
        "`items` chooses keys and names files. It is a volume like any other.",
    ],
    wrong_answers={
        "all of them": 'answer = "ABCDE"',
        "all files": 'answer = "BCE"',
        "all but items": 'answer = "B"',
        "the variables": 'answer = "AD"',
    },
)
def follow(lab, answer):
    chosen = letters(answer, "ABCDE")
    if chosen == set("BE"):
        return "Files in mounted volumes follow. Variables and files mounted with subPath stay as they were."
    if chosen == set("ABCDE"):
        wrong(saw="All five follow, you say.", why="Remember the figure: one row changed, and two did not.")
    if chosen & set("AD"):
        wrong(saw="You chose a variable.", why="A program's environment is fixed from the moment it starts.")
    if "C" in chosen:
        wrong(saw="You chose the file with subPath.", why="It is the file of the day when the container was started.")
    return wrong(saw="You chose one of two.", why="Another one follows for the same reason.")


@exercises.add(
    "address",
    title="A new address",
    hints=[
        "The Pods have read the address when they started. Which Pods will read the new one?",
        "New Pods. Which way of replacing Pods, one after the other, have you met?",
        "A change of the Pod template starts a rolling update. `kubectl rollout` has a verb that makes such a change.",
    ],
    wrong_answers={
        "all Pods deleted at once": "%kubectl delete pods -l app=till\n"
        'lab.wait_until("deployment/till", "rolled out", timeout=90)',
        "one Pod deleted": "one = lab.list('pods', selector='app=till').names[0]\n"
        'lab.delete(f"pod/{one}")\nlab.wait_until("deployment/till", "rolled out", timeout=90)',
        "the address in the Deployment": "%kubectl set env deployment/till "
        "DB_URL=jdbc:postgresql://new.example.com:5432/till",
        "another customer": "%kubectl delete pods -l app=till\n"
        'lab.wait_until("deployment/till", "rolled out", timeout=90)\n'
        'lab.delete("pod/customer")\nlab.apply(CUSTOMER)\nlab.wait_until("pod/customer", "Ready", timeout=60)',
        "another address": """%kubectl patch configmap till-settings -p '{"data": {"DB_URL": "jdbc:postgresql://mine"}}'
%kubectl rollout restart deployment/till""",
    },
)
def address(lab):
    made = lab.find("pod/customer") or not_attempted("The customer is not there. Run the cells that make him.")
    found = lab.find("deployment/till")
    if found is None:
        wrong(saw="The Deployment till is gone.", why="The customer stands before a closed shop.")
    if "new.example.com" in str(found["spec"]["template"]):
        wrong(saw="The address stands in the Deployment now.", why="The next change of the ConfigMap will miss it.")
    if until(lab, "deployment/till", "rolled out", 120) is None:
        wrong(saw="Not all of its Pods are up to date and ready.", why="All should serve.")
    pods = staying(lab, "app=till")
    known = {json.loads(ask(lab, f"pod/{pod.name}:8080", "/config", patience=15).text)["DB_URL"] for pod in pods}
    old = {url for url in known if "old.example.com" in (url or "")}
    lab.wait(2)
    failed = str(lab.logs(made.name)).splitlines().count("failed")
    if old and old == known and not failed:
        not_attempted("All Pods still use the old address.")
    if failed:
        wrong(
            saw=f"{failed} of the customer's requests failed.",
            why="No Pod was there. Run both cells above again.",
        )
    if old:
        wrong(saw="Some Pods use the new address, others the old one.", why="All should use the new one.")
    if any("new.example.com" not in (url or "") for url in known):
        wrong(saw=f"The Pods use {' and '.join(map(str, known))}.", why="That is not where the database has moved.")
    born = {pod.name: pod["metadata"]["creationTimestamp"] for pod in lab.list("pods")}  # told at one time
    if any(born[pod.name] < born["customer"] for pod in pods):
        wrong(saw="This customer came after the Pods with the new address.", why="Run both cells above again.")
    return "All Pods use the new address, and the customer has not noticed."


OPTIONAL = """lab.patch("deployment/desk", {"spec": {"template": {"spec": {
    "volumes": [{"name": "prices", "configMap": {"optional": True}}],
    "containers": [{"name": "desk", "env": [{"name": "TAX", "valueFrom": {
        "configMapKeyRef": {"name": "desk-settings", "key": "TAX", "optional": True}}}]}],
}}}})"""
TOLD = OPTIONAL.replace('"env": [', '"command": ["sh", "-c", "echo prices tea 3, tax 10; sleep 3600"], "env": [')
PRICES = """%kubectl patch configmap desk-prices -p '{"data": {"prices.txt": "tea 3"}}'
"""


@exercises.add(
    "missing",
    title="Two things are missing",
    hints=[
        "The Deployment only counts. Ask its Pod: `kubectl describe pod -l app=desk`, at the bottom.",
        "A ConfigMap is there, but not with that key. Compare the keys with what the Deployment asks for.",
        "Once the volume can be mounted, the Pod waits for something else. Look again: STATUS has changed.",
        '`kubectl patch configmap NAME -p \'{"data": {"KEY": "VALUE"}}\'` adds a key.',
    ],
    wrong_answers={
        "optional": OPTIONAL,
        "without the variable": PRICES + "%kubectl set env deployment/desk TAX-",
        "the variable in the Deployment": PRICES + "%kubectl set env deployment/desk TAX=10",
        "only the file": PRICES,
        "the program told what to say": TOLD,
        "another file": """%kubectl patch configmap desk-prices -p '{"data": {"prices.txt": "tea 4"}}'
%kubectl patch configmap desk-settings -p '{"data": {"TAX": "10"}}'""",
    },
)
def missing(lab):
    found = lab.find("deployment/desk") or not_attempted("There is no Deployment desk. Run the cell that makes it.")
    kept = {name: (lab.find(f"configmap/{name}") or {}).get("data") for name in ("desk-prices", "desk-settings")}
    untouched = kept == {"desk-prices": {"price.txt": "tea 3"}, "desk-settings": {"CURRENCY": "yen"}}
    if untouched and found["metadata"]["generation"] == 1:
        not_attempted("Its Pod still misses two things.")
    container = found["spec"]["template"]["spec"]["containers"][0]
    if "cat /etc/desk/prices.txt" not in str(container.get("command")):
        wrong(saw="The program is another one.", why="It should read its prices, not be told what to say.")
    if any(one["name"] == "TAX" and one.get("value") for one in container.get("env") or []):
        wrong(saw="The tax stands in the Deployment now.", why="It should come from a ConfigMap, as the prices do.")
    if until(lab, "deployment/desk", "rolled out", 150) is None:
        wrong(saw=f"Its Pod does not run: {waiting(lab)}.", why="The events of the Pod say what it misses.")
    said = str(lab.logs(staying(lab, "app=desk")[0].name)).strip()
    if said == "prices tea 3, tax 10":
        return "The program has found its prices and the tax."
    if said == "prices , tax":
        wrong(saw="It runs, without prices and without a tax.", why="The node is content; the customers will not be.")
    return wrong(saw=f"It runs, and says: {said}", why="It should say: prices tea 3, tax 10.")


def staying(lab, selector):
    """The Pods that run and are not about to go."""
    pods = lab.list("pods", selector=selector)
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"] and pod["status"]["phase"] == "Running"]


def shows(pod, name):
    """Whether a container mounts this ConfigMap."""
    volumes = {one["name"]: one for one in pod["spec"].get("volumes", [])}
    containers = pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
    mounts = [mount for one in containers for mount in one.get("volumeMounts", [])]
    sources = [source for mount in mounts for source in sources_of(volumes[mount["name"]])]
    return any(source.get("configMap", {}).get("name") == name for source in sources)


def sources_of(volume):
    """What a volume is made of."""
    return [volume, *volume.get("projected", {}).get("sources", [])]


def waiting(lab):
    """What the Pod waits for, in the word of its STATUS."""
    pods = [pod for pod in lab.list("pods", selector="app=desk") if "deletionTimestamp" not in pod["metadata"]]
    states = [one["state"].get("waiting", {}) for pod in pods for one in pod["status"].get("containerStatuses", [])]
    return " and ".join(sorted({one["reason"] for one in states if "reason" in one})) or "it is not ready"
