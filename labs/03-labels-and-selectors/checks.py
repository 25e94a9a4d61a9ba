"""The exercises of chapter 3: a Pod found, a Service mended, a Pod taken out of service."""

from kubelab.checks import Exercises, ask, not_attempted, until, wrong

exercises = Exercises("03-labels-and-selectors")


@exercises.add(
    "find",
    title="The odd Pod out",
    hints=[
        "Show all labels of the Pods: `kubectl get pods --show-labels`.",
        "Three of the four have the labels app=depot and zone=east. Compare letter by letter.",
    ],
    wrong_answers={
        "one that is selected": 'answer = "depot-1"',
        "the label": 'answer = "zone=esat"',
        "how many": "answer = 1",
    },
)
def find(lab, answer):
    pods = lab.list("pods", selector="round=find")
    len(pods) == 4 or not_attempted("The four Pods are not there. Run the cell that makes them.")
    selected = lab.list("pods", selector="app=depot,zone=east,round=find").names
    if not isinstance(answer, str):
        wrong(saw=f"Your answer is {answer!r}.", why="The answer is the name of a Pod, as a text.")
    answer = answer.removeprefix("pod/")
    if answer not in pods.names:
        wrong(saw=f"No Pod is named {answer!r}.", why="The answer is one of the four names.")
    if answer in selected:
        wrong(saw=f"app=depot,zone=east selects {answer}.", why="That one is found.")
    return f"app=depot,zone=east selects the other three, and misses {answer}."


@exercises.add(
    "service",
    title="A Service that finds nobody",
    hints=[
        "Does it have endpoints? `kubectl get endpointslices -l kubernetes.io/service-name=press`",
        "Compare the selector of the Service with the labels of the Pods.",
        "Change the Service, not the Pods: `kubectl edit`, `kubectl patch` or `kubectl apply`.",
    ],
    wrong_answers={
        "the Pods changed instead": "%kubectl label pods -l app=press tier=web-server --overwrite",
        "too wide": """change = [{"op": "replace", "path": "/spec/selector", "value": {"round": "service"}}]
lab.patch("service/press", change, "json")""",
        "still a near miss": """%kubectl patch service press -p '{"spec": {"selector": {"tier": "Web"}}}'""",
    },
)
def service(lab):
    found = lab.find("service/press") or not_attempted("There is no Service press. Run the cell that makes it.")
    selector = found["spec"].get("selector") or {}
    pods = lab.list("pods", selector="app=press")
    if any(pod.labels.get("tier") != "web" for pod in pods):
        wrong(saw="The Pods' labels are others now.", why="Others select by these labels; leave the Pods alone.")
    if selector == {"app": "press", "tier": "web-server"}:
        not_attempted("The Service selects what it always did.")
    chosen = selected_by(found, lab.list("pods"))
    if not chosen:
        wrong(saw="The Service selects no Pod.", why="Its labels are compared letter by letter.")
    if not set(chosen) <= set(pods.names):
        strangers = sorted(set(chosen) - set(pods.names))
        wrong(saw=f"The Service selects {strangers[0]} as well.", why="That is another application.")
    reply = ask(lab, "service/press", patience=20)
    if not reply.ok:
        wrong(saw=f"The Service answers with {reply.status}.", why="It finds Pods, and they do not serve.")
    return f"The Service selects {len(chosen)} Pods, and they answer."


@exercises.add(
    "out-of-service",
    title="Out of service, and still running",
    hints=[
        "What would have to change for the Service not to select it any more?",
        "The Service desk selects app=desk. A label of a running Pod can be changed or removed.",
    ],
    wrong_answers={
        "deleted": "%kubectl delete pod desk-2",
        "both taken out": "%kubectl label pods -l app=desk app=closed --overwrite",
        "the Service closed": "%kubectl delete service desk",
    },
)
def out_of_service(lab):
    desk = lab.find("service/desk")
    second = lab.find("pod/desk-2")
    if desk is None and lab.find("pod/desk-1") is None:
        not_attempted("There is no Service desk. Run the cell that makes it.")
    if desk is None:
        wrong(saw="The Service is gone.", why="desk-1 should go on serving through it.")
    if second is None:
        wrong(saw="desk-2 is gone.", why="It should go on running.")
    if desk["spec"].get("selector"):  # the news of a label spreads, and not at once
        chosen = selected_by(desk, lab.list("pods"))
        until(lab, "service/desk", lambda _: behind(lab, "desk") == chosen, 10)
    if behind(lab, "desk") == ["desk-1", "desk-2"]:
        not_attempted("Both Pods are in service.")
    if behind(lab, "desk") != ["desk-1"]:
        wrong(saw=f"In service: {', '.join(behind(lab, 'desk')) or 'nobody'}.", why="Only desk-1 should be.")
    if not ask(lab, "pod/desk-2:80", patience=5).ok:
        wrong(saw="desk-2 does not answer any more.", why="It should go on running, without the Service's requests.")
    return "desk-1 serves; desk-2 runs, and gets no requests."


def selected_by(service, pods):
    """The names of the Pods that a Service selects, in order."""
    wanted = service["spec"].get("selector", {}).items()
    return sorted(pod.name for pod in pods if wanted <= pod.labels.items())


def behind(lab, name):
    """The names of the ready Pods behind a Service."""
    slices = lab.list("endpointslices", selector=f"kubernetes.io/service-name={name}")
    ends = [end for one in slices for end in one.get("endpoints") or []]
    return sorted(end["targetRef"]["name"] for end in ends if end["conditions"].get("ready"))
