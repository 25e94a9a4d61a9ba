"""The exercises of chapter 14: no endpoints, a port by name, an address for each Pod, readiness."""

from collections import Counter

from kubelab.checks import Exercises, ask, inside, not_attempted, until, wrong

exercises = Exercises("14-services")

BY_HAND = """
found = lab.list("pods", selector="{selector}")
lab.apply({{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "{name}"}}, "spec": {service}}})
{then}
lab.apply({{
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {{"name": "{name}-by-hand", "labels": {{"kubernetes.io/service-name": "{name}"}}}},
    "addressType": "IPv4",
    "endpoints": [{{"addresses": [pod["status"]["podIP"]], "conditions": {{"ready": True}}}} for pod in found],
    "ports": [{{"port": {port}}}],
}})
"""
CHOIR = """%%apply
apiVersion: v1
kind: Service
metadata:
  name: choir
spec:
  {address}
  selector:
    {selector}
  ports:
    - port: 8080
"""


@exercises.add(
    "bakery",
    title="The bakery is closed",
    hints=[
        "The name resolves; so look at what stands behind it: `kubectl get endpointslices`.",
        "A Pod has to carry every label that the selector lists. Do these?",
        "Once there are addresses: compare the port that the slice shows with what the program's log says.",
        "`kubectl patch service bakery -p '...'` takes a label out of the selector with `null`.",
    ],
    wrong_answers={
        "only the selector": """lab.patch("service/bakery", {"spec": {"selector": {"tier": None}}})""",
        "only the port": """lab.patch("service/bakery", {"spec": {"ports": [{"port": 80, "targetPort": 3000}]}})""",
        "somebody else's Pod": """lab.patch("service/bakery",
    {"spec": {"selector": {"app": "kiosk", "tier": None}}})""",
        "labels put on the Pods": "%kubectl label pods -l app=bakery tier=front\n"
        """lab.patch("service/bakery", {"spec": {"ports": [{"port": 80, "targetPort": 3000}]}})""",
        "addresses by hand": BY_HAND.format(
            selector="app=bakery",
            name="bakery",
            service={"ports": [{"port": 80, "targetPort": 3000}]},
            then="""lab.patch("service/bakery", {"spec": {"selector": None}})""",
            port=3000,
        ),
        "the program moved": "%kubectl set env deployment/bakery PORT=8080",
        "another port": """lab.patch("service/bakery", {"spec": {"selector": {"tier": None}}})
lab.patch("service/bakery", [{"op": "replace", "path": "/spec/ports/0/port", "value": 3000}], "json")
lab.patch("service/bakery", [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 3000}], "json")""",
    },
)
def bakery(lab):
    deployment = lab.find("deployment/bakery")
    service = lab.find("service/bakery")
    if deployment is None and service is None:
        not_attempted("There is no Service bakery. Run the cell that makes it.")
    if deployment is None:
        wrong(saw="The Deployment bakery is gone.", why="It was in order.")
    if service is None:
        wrong(saw="The Service bakery is gone.", why="Clients know it by that name.")
    pods = deployment["spec"]["template"]
    if environment(pods).get("PORT") != "3000" or pods["metadata"]["labels"] != {"app": "bakery"}:
        wrong(saw="The Deployment's Pods are not what they were.", why="They were in order. Look at the Service.")
    ports = {one["port"]: one.get("targetPort") for one in service["spec"].get("ports", [])}
    if service["spec"].get("selector") == {"app": "bakery", "tier": "front"} and ports == {80: 8080}:
        not_attempted("The Service is as it was, and gives no answer.")
    if 80 not in ports:
        wrong(saw="The Service has no port 80.", why="http://bakery means port 80. Clients need not learn another one.")
    until(lab, "deployment/bakery", "rolled out", 60)
    lab.wait(2)
    if not (said := answers(lab, "bakery")):
        if not (addresses := endpoints(lab, "bakery")):
            wrong(saw="The Service has no endpoints.", why="Which labels does it ask for, and which do the Pods have?")
        wrong(
            saw=f"There are {len(addresses)} endpoints, and they refuse.",
            why="They are asked at a port where nobody listens.",
        )
    strangers = sorted(name for name in said if not name.startswith("bakery-"))
    if strangers:
        wrong(saw=f"Requests are answered by {strangers[0]}.", why="It does not belong to the bakery.")
    replace_one(lab, "bakery", "app=bakery")
    said = answers(lab, "bakery")
    if sum(said.values()) < ASKED:
        wrong(
            saw=f"After a Pod was replaced, {ASKED - sum(said.values())} of {ASKED} requests fail.",
            why="Its successor has another address. A list written by hand does not notice.",
        )
    if set(said) != set(lab.list("pods", selector="app=bakery").names):
        wrong(
            saw="After a Pod was replaced, its successor gets no requests.",
            why="A new Pod is made from the template, and lacks what was put on the old ones.",
        )
    return "Both Pods answer, and so does the successor of one that was deleted."


@exercises.add(
    "stall",
    title="Two versions, two ports",
    hints=[
        "A `targetPort` can be a number or a name. Whose name?",
        "Each Pod may call another number by that name: in its containers' `ports`.",
        "Give both Deployments a port named http, one with containerPort 8080 and one with 9090.",
        "Then let the Service's targetPort be http.",
    ],
    wrong_answers={
        "one version left out": """lab.patch("service/stall", {"spec": {"selector": {"version": "1.0.0"}}})""",
        "the program moved": """lab.patch("deployment/stall-b", {"spec": {"template": {"spec": {"containers": [
    {"name": "stall", "env": [{"name": "PORT", "value": "8080"}],
     "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}}}]}}}})""",
        "a port for each": """lab.patch("service/stall", {"spec": {"ports": [
    {"name": "old", "port": 80, "targetPort": 8080}, {"name": "new", "port": 81, "targetPort": 9090}]}})""",
        "a name that no Pod has": """lab.patch("service/stall",
    {"spec": {"ports": [{"port": 80, "targetPort": "http"}]}})""",
        "a name that one version has": """lab.patch("deployment/stall-a",
    {"spec": {"template": {"spec": {"containers": [
    {"name": "stall", "ports": [{"name": "http", "containerPort": 8080}]}]}}}})
lab.patch("service/stall", {"spec": {"ports": [{"port": 80, "targetPort": "http"}]}})""",
    },
)
def stall(lab):
    service = lab.find("service/stall") or not_attempted("There is no Service stall. Run the cell that makes it.")
    deployments = {name: lab.find(f"deployment/{name}") for name in ("stall-a", "stall-b")}
    for name, port in (("stall-a", "8080"), ("stall-b", "9090")):
        if deployments[name] is None:
            wrong(saw=f"The Deployment {name} is gone.", why="Both versions should serve.")
        if environment(deployments[name]["spec"]["template"]).get("PORT") != port:
            wrong(saw=f"The program of {name} listens elsewhere now.", why="Programs should listen where they did.")
    selector, ports = service["spec"].get("selector") or {}, service["spec"].get("ports", [])
    numbers = {one["port"]: one.get("targetPort") for one in ports}
    if selector == {"app": "stall"} and numbers == {80: 8080}:
        not_attempted("The Service sends all its requests to port 8080.")
    if 80 not in numbers:
        wrong(saw="The Service has no port 80.", why="http://stall means port 80.")
    for name in deployments:
        if until(lab, f"deployment/{name}", "rolled out", 90) is None:
            wrong(saw=f"The Pods of {name} do not get ready.", why="Both versions should serve.")
    lab.wait(2)
    chosen = lab.list("pods", selector=",".join(f"{key}={value}" for key, value in selector.items()))
    if not selector or len([pod for pod in chosen if pod.name.startswith("stall-")]) < 4:
        wrong(saw="The Service does not select all four Pods.", why="Both versions should serve.")
    said = answers(lab, "stall")
    failed = ASKED - sum(said.values())
    if failed == ASKED:
        wrong(saw="Every request fails.", why="Which number does each Pod have for the port that the Service names?")
    if failed:
        wrong(saw=f"{failed} of {ASKED} requests fail.", why="Some Pods are asked at a port where they do not listen.")
    silent = sorted({"stall-a", "stall-b"} - {name[:7] for name in said})
    if silent:
        wrong(saw=f"No request gets to {silent[0]}.", why="Its Pods are selected. What do they call their port?")
    return f"{ASKED} requests were served, by both versions, each at the port where it listens."


@exercises.add(
    "choir",
    title="Every singer by address",
    hints=[
        "An ordinary Service has one address, and DNS tells that one.",
        "A Service can do without an address of its own. Then DNS tells its Pods' addresses.",
        "`clusterIP: None`, and a selector that leaves the conductor out.",
    ],
    wrong_answers={
        "an ordinary Service": CHOIR.format(address="type: ClusterIP", selector="role: singer"),
        "the conductor as well": CHOIR.format(address="clusterIP: None", selector="app: choir"),
        "nobody": CHOIR.format(address="clusterIP: None", selector="app: singer"),
        "addresses by hand": BY_HAND.format(
            selector="role=singer", name="choir", service={"clusterIP": "None"}, then="", port=8080
        ),
    },
)
def choir(lab):
    service = lab.find("service/choir") or not_attempted("There is no Service named choir yet.")
    if lab.find("deployment/choir") is None:
        not_attempted("There is no Deployment choir. Run the cell that makes it.")
    until(lab, "deployment/choir", "rolled out", 60)
    said, singers = told(lab, "choir", "role=singer")
    if said != singers:
        conductor = (lab.find("pod/conductor") or {"status": {}})["status"].get("podIP")
        if not said:
            wrong(saw="DNS has no address for the name choir.", why="The Service selects no Pod that is ready.")
        if said == {service["spec"].get("clusterIP")}:
            wrong(saw="DNS tells one address, and it is no Pod's.", why="It is the Service's own. It could do without.")
        if conductor in said:
            wrong(saw="DNS tells the conductor's address, too.", why="The conductor does not sing.")
        wrong(saw=f"DNS tells {len(said & singers)} of {len(singers)} singers.", why="It should be all, and only they.")
    replace_one(lab, "choir", "role=singer")
    said, singers = told(lab, "choir", "role=singer")
    if said != singers:
        wrong(
            saw="After a singer was replaced, DNS does not tell the new one's address.",
            why="Who brings the list up to date?",
        )
    return f"DNS tells the addresses of all {len(singers)} singers, and noticed when one was replaced."


@exercises.add(
    "oven",
    title="Not before it is warm",
    hints=[
        "Add a Pod (`kubectl scale deployment oven --replicas=2`), and look at its READY while it warms up.",
        "What does the EndpointSlice say of that Pod's address at the same moment? (-o yaml)",
        "The slice calls it ready although the Pod is not. Something in the Service asks for that: -o yaml shows it.",
        "`kubectl explain service.spec.publishNotReadyAddresses`",
    ],
    wrong_answers={
        "a longer delay": """lab.patch("deployment/oven", {"spec": {"template": {"spec": {"containers": [
    {"name": "oven", "readinessProbe": {"initialDelaySeconds": 10}}]}}}})""",
        "the warm-up left out": "%kubectl set env deployment/oven START_SECONDS=0",
        "the probe left out": """lab.patch("deployment/oven", [{"op": "remove",
    "path": "/spec/template/spec/containers/0/readinessProbe"}], "json")""",
        "a probe that says yes": """lab.patch("service/oven", {"spec": {"publishNotReadyAddresses": False}})
lab.patch("deployment/oven", {"spec": {"template": {"spec": {"containers": [
    {"name": "oven", "readinessProbe": {"httpGet": None, "exec": {"command": ["true"]}}}]}}}})""",
        "nobody at the door": """lab.patch("service/oven", {"spec": {"selector": {"app": "stove"}}})""",
    },
)
def oven(lab):
    service = lab.find("service/oven") or not_attempted("There is no Service oven. Run the cell that makes it.")
    deployment = lab.find("deployment/oven")
    if deployment is None:
        wrong(saw="The Deployment oven is gone.", why="It should bake.")
    everybody = service["spec"].get("publishNotReadyAddresses", False)
    if everybody and deployment["metadata"]["generation"] == 1 and service["spec"].get("selector") == {"app": "oven"}:
        not_attempted("Service and Deployment are as they were.")
    template = deployment["spec"]["template"]
    if environment(template).get("START_SECONDS") != "6":
        wrong(saw="The program does not need six seconds to warm up any more.", why="In real life it does.")
    if "readinessProbe" not in template["spec"]["containers"][0]:
        wrong(saw="Its readiness probe is gone.", why="Now nothing says when it is warm.")
    if until(lab, "deployment/oven", "rolled out", 90) is None:
        wrong(saw="Its Pods do not get ready.", why="They should, some seconds after they have started.")
    lab.wait(2)
    if not ask(lab, "service/oven", "/version", patience=15).ok:
        wrong(saw="Nobody answers at the Service.", why="It has no endpoint that is ready.")
    before = deployment["spec"]["replicas"]
    recording = while_adding_a_pod(lab, "oven", before)
    if recording.failed:
        wrong(
            saw=f"{recording.failed} of {len(recording.requests)} requests failed while a Pod was warming up.",
            why="Compare the Pod's READY with what the EndpointSlice says of its address, at that moment."
            if everybody
            else "The probe called the Pod ready before it answered.",
        )
    return f"A Pod was added, and all of {recording.served} requests were served."


ASKED = 24


def answers(lab, service):
    """Who answered how many of 24 requests to the Service, made from inside the cluster."""
    script = f"for i in $(seq {ASKED}); do wget -q -T 2 -O - http://{service}; done"
    lines = inside(lab, script, timeout=120).splitlines()
    return Counter(line.split()[-1] for line in lines if line.startswith("backend-app "))


def told(lab, service, selector):
    """The addresses that DNS has for the Service, and those of the Pods; name servers remember for half a minute."""
    script = f"nslookup -type=a {service}.{lab.namespace}.svc.cluster.local"
    for _ in range(8):
        pods = {pod["status"].get("podIP") for pod in lab.list("pods", selector=selector)}
        said = {line.split()[-1] for line in inside(lab, script).splitlines() if line.startswith("Address: ")}
        if said == pods:
            break
        lab.wait(5)
    return said, pods


def endpoints(lab, service):
    """The addresses in its EndpointSlices."""
    slices = lab.list("endpointslices", selector=f"kubernetes.io/service-name={service}")
    return [address for one in slices for point in one.get("endpoints") or [] for address in point["addresses"]]


def replace_one(lab, deployment, selector):
    """Delete one of its Pods, and wait until another one has taken its place."""
    lab.delete(f"pod/{sorted(lab.list('pods', selector=selector).names)[0]}")
    until(lab, f"deployment/{deployment}", "rolled out", 60)
    lab.wait(3)


def while_adding_a_pod(lab, name, before):
    """What a client saw while the Deployment got a Pod more; it is taken away afterwards."""
    try:
        with lab.record(requests_to=f"service/{name}", path="/version", every=0.1) as recording:
            lab.patch(f"deployment/{name}", {"spec": {"replicas": before + 1}})
            until(lab, f"deployment/{name}", "rolled out", 60)
            lab.wait(4)  # long enough for chance to send some of the requests to the new Pod
    finally:
        lab.patch(f"deployment/{name}", {"spec": {"replicas": before}})
    return recording


def environment(template):
    containers = template["spec"]["containers"]
    return {one["name"]: one.get("value") for container in containers for one in container.get("env", [])}
