"""The exercises of chapter 8: a way out, a spare backend, and numbers in another form."""

from kubelab.checks import Exercises, ask, not_attempted, until, wrong

exercises = Exercises("08-ambassador")

KIOSK = """%%apply
apiVersion: v1
kind: ConfigMap
metadata:
  name: way
data:
  default.conf: |
    server {{
      listen 9000;
      location / {{ proxy_pass {way}; }}
    }}
---
apiVersion: v1
kind: Pod
metadata:
  name: kiosk
spec:
  terminationGracePeriodSeconds: 1
  volumes:
    - name: way
      configMap: {{name: way}}
  containers:
    - name: app
      image: busybox:1.36
      env: [{{name: BACKEND, value: "{backend}"}}]
      command: ["sh", "-c"]
      args: ["while true; do wget -q -T 3 -O - $BACKEND/version || echo failed; sleep 1; done"]
    - name: helper
{helper}
"""
NGINX = """      image: nginx:1.27
      volumeMounts: [{name: way, mountPath: /etc/nginx/conf.d}]
"""
OWN_BACKEND = """      image: backend-app:1.1.0
      imagePullPolicy: IfNotPresent
      env: [{name: PORT, value: "9000"}]
"""
LOCAL, PANTRY = "http://localhost:9000", "http://pantry:8080"


@exercises.add(
    "way-out",
    title="A way out",
    hints=[
        "The application asks localhost:9000. Who listens there? It takes a second container in the Pod.",
        "nginx can listen there and pass requests on; look at the lab's shop.yaml and route.yaml.",
        "In the ConfigMap: listen 9000, and proxy_pass http://pantry:8080. Mount it at /etc/nginx/conf.d.",
    ],
    wrong_answers={
        "the name in the application": KIOSK.format(way=PANTRY, backend=PANTRY, helper=NGINX),
        "another port": KIOSK.format(way="http://pantry:80", backend=LOCAL, helper=NGINX),
        "a name that nobody has": KIOSK.format(way="http://pantri:8080", backend=LOCAL, helper=NGINX),
        "a backend of its own": KIOSK.format(way=PANTRY, backend=LOCAL, helper=OWN_BACKEND),
        "another question": KIOSK.format(way=PANTRY, backend="http://$(PANTRY_SERVICE_HOST):8080", helper=NGINX),
    },
)
def way_out(lab):
    pod = lab.find("pod/kiosk") or not_attempted("There is no Pod named kiosk yet.")
    app = containers(pod).get("app") or wrong(saw="The Pod has no container app.", why="It should be left as it was.")
    if "pantry" in str(app).lower() and "PANTRY_" not in str(app):
        wrong(saw="The application knows the name pantry.", why="That is what its helper should know.")
    asks = {one["name"]: one.get("value") for one in app.get("env", [])}.get("BACKEND")
    if asks != LOCAL or "$BACKEND/version" not in str(app):
        wrong(saw="The application does not ask localhost:9000 any more.", why="It should be left as it was.")
    if len(containers(pod)) == 1:
        not_attempted("In the Pod kiosk, nobody listens at localhost:9000.")
    if until(lab, "pod/kiosk", lambda _: last(lab, "kiosk") == "1.1.0", 25) is None:
        wrong(saw=trouble(lab.find("pod/kiosk")), why=f"The application was last told: {last(lab, 'kiosk') or '-'}.")
    asked = requests(lab, "pantry")
    lab.wait(5)
    if requests(lab, "pantry") - asked < 3:
        wrong(saw="The application is answered, and nobody asks the pantry.", why="The answers come from elsewhere.")
    if last(lab, "kiosk") != "1.1.0":
        wrong(saw=f"The application was last told: {last(lab, 'kiosk')}.", why="It should be answered all the time.")
    return "The application asks localhost, and the pantry answers."


ROUTE = """%%apply
apiVersion: v1
kind: ConfigMap
metadata:
  name: stall-route
data:
  default.conf: |
{upstream}
    server {{
      listen 9000;
      location / {{
        proxy_pass http://{to};
        proxy_connect_timeout 1s;
      }}
    }}
"""
READ_AGAIN = '\nlab.delete("pod/stall")\nlab.apply(STALL)'


def routed(upstream, to="backends", read_again=READ_AGAIN):
    """A cell that writes the ambassador's file, and one that starts it anew."""
    text = ROUTE.format(upstream=f"    upstream backends {{ {upstream} }}" if upstream else "", to=to)
    return f'lab.kubectl("apply -f -", stdin="""{text.removeprefix("%%apply" + chr(10))}"""){read_again}'


@exercises.add(
    "spare",
    title="A spare",
    hints=[
        "The ambassador needs to know both backends, and which one comes first.",
        "An upstream block lists several servers; the word backup after one keeps it for when the others fail.",
        "After the file has changed, the ambassador has to read it: a new Pod does that, and so does a reload.",
    ],
    wrong_answers={
        "only the spare": routed("", to="spare:8080"),
        "by turns": routed("server lead:8080; server spare:8080;"),
        "not read again": routed("server lead:8080; server spare:8080 backup;", read_again="\nlab.wait(2)"),
        "a Service that finds the spare": """lab.patch("service/lead", {"spec": {"selector": {"app": "spare"}}})""",
        "lead brought back": """lab.apply({"apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "mine", "labels": {"app": "lead"}}, "spec": {"terminationGracePeriodSeconds": 1, "containers":
    [{"name": "lead", "image": "backend-app:1.0.0", "imagePullPolicy": "IfNotPresent"}]}})""",
        "the application changed": 'lab.delete("pod/stall")\nlab.apply(STALL.replace("http://localhost:9000", '
        '"http://spare:8080"))',
    },
)
def spare(lab):
    pod = lab.find("pod/stall") or not_attempted("There is no Pod stall. Run the cell that makes it.")
    app = containers(pod).get("app", {})
    if "localhost:9000" not in str(app) or "spare" in str(app):
        wrong(saw="The application was changed.", why="Only its ambassador should know about backends.")
    if (lab.find("service/lead") or {"spec": {}})["spec"].get("selector") != {"app": "lead"}:
        wrong(saw="The Service lead is not what it was.", why="Only the ambassador should know about a spare.")
    if lab.list("pods", selector="app=lead"):
        wrong(saw="There is a Pod behind the Service lead now.", why="It may be away again; stall should cope with it.")
    known = any("spare" in str(one.get("data")) for one in lab.list("configmaps")) or "spare" in str(pod["spec"])
    if not known:
        not_attempted("The ambassador of stall knows no other backend yet.")
    if until(lab, "pod/stall", lambda _: last(lab, "stall") == "1.1.0", 25) is None:
        wrong(saw=trouble(lab.find("pod/stall")), why="Lead is away, and stall does not ask the spare. Was it told to?")
    with_lead(lab)
    return "While lead is away, the spare answers; when lead is there, it comes first; no request failed on the way."


def with_lead(lab):
    """What happens when lead comes, and goes again."""
    lead = {"name": "lead", "image": "backend-app:1.0.0", "imagePullPolicy": "IfNotPresent"}
    lead["readinessProbe"] = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1}
    meta, spec = {"name": "lead", "labels": {"app": "lead"}}, {"terminationGracePeriodSeconds": 1, "containers": [lead]}
    lab.apply({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    try:
        until(lab, "pod/lead", "Ready", 60)
        first = until(lab, "pod/stall", lambda _: set(told(lab, "stall")[-8:]) == {"1.0.0"}, 40)
    finally:
        lab.delete("pod/lead")
    if first is None and "1.0.0" in told(lab, "stall")[-30:]:
        wrong(saw="With lead back, both answered by turns.", why="The spare is for when lead does not answer.")
    if first is None:
        wrong(saw="With lead back, the spare still answered.", why="Lead should come first.")
    before = len(told(lab, "stall"))
    lab.wait(8)
    later = told(lab, "stall")[before:]
    if later.count("failed") > 1 or later[-1:] != ["1.1.0"]:
        wrong(saw=f"When lead had gone, stall was told: {' '.join(later)}.", why="The spare should have answered.")


MILL = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: mill
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: backend-app:1.0.0
      imagePullPolicy: IfNotPresent
    - name: adapter
      image: busybox:1.36
      command: ["sh", "-c"]
      args:
        - |
          mkdir /pages; httpd -p 9100 -h /pages
          {script}
          sleep 3600
"""
ASK = "wget -q -O - http://localhost:8080/metrics"


@exercises.add(
    "adapter",
    title="The same numbers, said otherwise",
    hints=[
        "The adapter asks the application at localhost:8080/metrics, and serves what it makes of it on port 9100.",
        "Ask again and again, not once: a loop with a sleep.",
        "`tr ';' '\\n'` makes two lines; `sed` replaces words: s/requests=/requests_total /, s/healthy=yes/up 1/.",
    ],
    wrong_answers={
        "passed on as it is": MILL.format(script=f"while true; do {ASK} > /pages/metrics; sleep 1; done"),
        "asked once": MILL.format(
            script=f"sleep 3; {ASK} | tr ';' '\\n' | sed -e 's/requests=/requests_total /' -e 's/healthy=yes/up 1/'"
            " > /pages/metrics"
        ),
        "always up": MILL.format(
            script="while true; do " + ASK + " | tr ';' '\\n' | sed -e 's/requests=/requests_total /' "
            "-e 's/healthy=.*/up 1/' > /pages/metrics; sleep 1; done"
        ),
    },
)
def adapter(lab):
    pod = lab.find("pod/mill") or not_attempted("There is no Pod named mill yet.")
    if len(containers(pod)) == 1:
        not_attempted("In the Pod mill there is no adapter yet.")
    until(lab, "pod/mill", "Ready", 30)
    until(lab, "pod/mill", lambda _: {"requests_total", "up"} <= set(numbers(monitored(lab).text)), 15)
    reply = monitored(lab)
    if not reply.ok:
        wrong(saw=f"Port 9100 answers /metrics with {reply.status}. {trouble(pod)}", why="The monitoring asks there.")
    first = numbers(reply.text)
    if "requests_total" not in first or "up" not in first:
        wrong(saw=f"It says: {reply.text.strip()!r}.", why="The monitoring wants lines such as: requests_total 5")
    for _ in range(4):
        lab.http("pod/mill:8080", "/")
    lab.wait(4)
    then = numbers(monitored(lab).text)
    if then.get("requests_total", 0) < first["requests_total"] + 4:
        wrong(saw=f"After some requests it still says {then.get('requests_total')}.", why="The number should follow.")
    lab.http("pod/mill:8080", "/fail", method="POST")
    lab.wait(4)
    ill = numbers(monitored(lab).text)
    lab.http("pod/mill:8080", "/recover", method="POST")
    if (first["up"], ill.get("up")) != (1, 0):
        wrong(saw=f"Up is {ill.get('up')} when the application is not healthy.", why="It should be 1 or 0, as it is.")
    return "The monitoring reads requests_total and up, and both follow the application."


def monitored(lab):
    """What the monitoring reads; a server of one request at a time may need a moment."""
    return ask(lab, "pod/mill:9100", "/metrics", patience=3)


def numbers(text):
    """Lines such as `up 1` as a dict; what is no number is left out."""
    pairs = [line.split() for line in text.splitlines() if len(line.split()) == 2 and not line.startswith("#")]
    return {name: float(value) for name, value in pairs if value.replace(".", "", 1).isdigit()}


def containers(pod):
    """The containers that are meant to go on running, by name: native sidecars and plain ones."""
    first = [one for one in pod["spec"].get("initContainers", []) if one.get("restartPolicy") == "Always"]
    return {one["name"]: one for one in first + pod["spec"]["containers"]}


def told(lab, pod):
    """What the application was told, from its log; nothing before it has started."""
    waiting = not any("running" in one["state"] for one in statuses(lab.get(f"pod/{pod}")) if one["name"] == "app")
    if waiting:
        return []
    return [line for line in lab.logs(pod, "app").splitlines() if line in ("1.0.0", "1.1.0", "failed")]


def last(lab, pod):
    return (told(lab, pod) or [""])[-1]


def requests(lab, pod):
    """How many requests this backend has had."""
    return int(lab.http(f"pod/{pod}:8080", "/metrics").text.split("=")[1].split(";")[0])


def statuses(pod):
    return pod["status"].get("initContainerStatuses", []) + pod["status"].get("containerStatuses", [])


def trouble(pod):
    """In a sentence, the first of a Pod's containers that does not run."""
    for one in statuses(pod):
        state, detail = next(iter(one["state"].items()))
        if state != "running":
            return f"The container {one['name']} is {state} ({detail.get('reason')})."
        if one["restartCount"]:
            return f"The container {one['name']} has been started again {one['restartCount']} times."
    return "All of its containers run."
