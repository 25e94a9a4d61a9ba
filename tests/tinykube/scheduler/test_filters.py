"""Which nodes can take a Pod, and the words for why not."""

import pytest

from tinykube.scheduler import messages, preemption
from tinykube.scheduler.filters import Cycle, refusal
from tinykube.scheduler.resources import NodeInfo, pod_requests


def node(name="n1", cpu="2", pods="10", labels=None, **spec):
    allocatable = {"cpu": cpu, "memory": "4Gi", "pods": pods}
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": spec,
        "status": {"allocatable": allocatable},
    }


def pod(name="p", cpu=None, labels=None, namespace="ns", ports=(), priority=0, **spec):
    container = {"name": "c", "ports": [{"hostPort": p, "containerPort": p} for p in ports]}
    if cpu:
        container["resources"] = {"requests": {"cpu": cpu}}
    metadata = {"name": name, "namespace": namespace, "uid": name, "labels": labels or {}}
    return {"metadata": metadata, "spec": {"containers": [container], "priority": priority, **spec}}


def info(found, *pods):
    made = NodeInfo(found)
    for each in pods:
        made.add(each)
    return made


def why(wanted, *infos, at=0):
    found = refusal(Cycle(wanted, list(infos), lambda _: {}), infos[at])
    return found and (found.reasons, found.final)


def anti(app, key="kubernetes.io/hostname", kind="podAntiAffinity"):
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": key}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def spread(skew=1, key="zone", when="DoNotSchedule"):
    selector = {"matchLabels": {"app": "web"}}
    return [{"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": when, "labelSelector": selector}]


WEB = {"app": "web"}
TAINT = {"key": "dedicated", "effect": "NoSchedule"}
TOLERATE_CORDON = [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]


@pytest.mark.parametrize(
    ("wanted", "here", "expected"),
    [
        (pod(), info(node()), None),
        (pod(cpu="1"), info(node(), pod("a", "1")), None),
        (pod(cpu="1500m"), info(node(), pod("a", "1")), (("Insufficient cpu",), False)),
        (pod(cpu="3"), info(node()), (("Insufficient cpu",), True)),
        (pod(), info(node(pods="1"), pod("a")), (("Too many pods",), False)),
        (pod(), info(node(unschedulable=True)), (("node(s) were unschedulable",), True)),
        (pod(tolerations=TOLERATE_CORDON), info(node(unschedulable=True)), None),
        (pod(), info(node(taints=[TAINT])), (("node(s) had untolerated taint(s)",), True)),
        (
            pod(nodeSelector={"disk": "ssd"}),
            info(node()),
            (("node(s) didn't match Pod's node affinity/selector",), True),
        ),
        (pod(nodeName="n2"), info(node()), (("node(s) didn't match the requested node name",), True)),
        (
            pod(ports=[80]),
            info(node(), pod("a", ports=[80])),
            (("node(s) didn't have free ports for the requested pod ports",), False),
        ),
        (pod(ports=[80]), info(node(), pod("a", ports=[81])), None),
        (
            pod(affinity=anti("web")),
            info(node(), pod("a", labels=WEB)),
            (("node(s) didn't match pod anti-affinity rules",), False),
        ),
        (pod(affinity=anti("web")), info(node(), pod("a", labels=WEB, namespace="other")), None),
        (
            pod(labels=WEB),
            info(node(), pod("a", affinity=anti("web"))),
            (("node(s) didn't satisfy existing pods anti-affinity rules",), False),
        ),
        (
            pod(affinity=anti("db", kind="podAffinity")),
            info(node(), pod("a", labels=WEB)),
            (("node(s) didn't match pod affinity rules",), True),
        ),
        (pod(affinity=anti("web", kind="podAffinity")), info(node(), pod("a", labels=WEB)), None),
        (pod(labels=WEB, affinity=anti("web", kind="podAffinity")), info(node()), None),
        (
            pod(labels=WEB, topologySpreadConstraints=spread()),
            info(node()),
            (("node(s) didn't match pod topology spread constraints (missing required label)",), True),
        ),
    ],
)
def test_one_node(wanted, here, expected):
    assert why(wanted, here) == expected


def test_a_domain_may_not_be_ahead_of_the_emptiest_by_more_than_max_skew():
    east = info(node("e", labels={"zone": "east"}), pod("a", labels=WEB))
    west = info(node("w", labels={"zone": "west"}))
    wanted = pod(labels=WEB, topologySpreadConstraints=spread())
    assert why(wanted, east, west) == (("node(s) didn't match pod topology spread constraints",), False)
    assert why(wanted, east, west, at=1) is None
    assert why(pod(labels=WEB, topologySpreadConstraints=spread(skew=2)), east, west) is None
    assert why(pod(labels=WEB, topologySpreadConstraints=spread(when="ScheduleAnyway")), east, west) is None


def test_anti_affinity_over_a_zone_covers_all_its_nodes():
    first = info(node("n1", labels={"zone": "z"}), pod("a", labels=WEB))
    second = info(node("n2", labels={"zone": "z"}))
    assert why(pod(affinity=anti("web", "zone")), first, second, at=1) is not None


def test_a_pod_pinned_to_a_node_does_not_fit_others():
    by_name = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}
    pinned = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [by_name]}}}
    assert why(pod(affinity=pinned), info(node())) == (("node(s) didn't satisfy plugin(s) [NodeAffinity]",), True)


@pytest.mark.parametrize(
    ("main", "init", "expected"),
    [
        (["1", "500m"], [], 1500),
        (["1"], [("2", None)], 2000),
        (["1"], [("500m", "Always")], 1500),
        (["1"], [("500m", "Always"), ("2", None)], 2500),
    ],
    ids=["sum", "greedy init container", "sidecar", "sidecar beside an init container"],
)
def test_what_a_pod_requests(main, init, expected):
    def container(cpu, restart=None):
        made = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
        return made | ({"restartPolicy": restart} if restart else {})

    spec = {"containers": [container(c) for c in main], "initContainers": [container(c, r) for c, r in init]}
    assert pod_requests({"spec": spec})["cpu"] == expected
    stated = {**spec, "resources": {"requests": {"cpu": "3"}}}
    assert pod_requests({"spec": stated}) == {"cpu": 3000}


def test_counting_pods_in_and_out_leaves_nothing_behind():
    here = info(node(), pod("a", "1", ports=[80]))
    here.add(pod("a", "1", ports=[80]))
    assert here.requested["cpu"] == 1000
    here.remove(pod("a"))
    here.remove(pod("a"))
    assert here.requested["cpu"] == 0
    assert why(pod(ports=[80]), here) is None


# -- the message, and making room


def test_the_message_counts_and_sorts_the_reasons():
    reasons = [("Insufficient cpu", "Too many pods"), ("Insufficient cpu",), ("node(s) were unschedulable",)]
    assert messages.unschedulable(3, reasons, "0/3 nodes are available: 3 X.") == (
        "0/3 nodes are available: 1 Too many pods, 1 node(s) were unschedulable, 2 Insufficient cpu. "
        "no new claims to deallocate, preemption: 0/3 nodes are available: 3 X."
    )


def room(wanted, *infos):
    cycle = Cycle(wanted, list(infos), lambda _: {})
    refusals = {i.name: r for i in infos if (r := refusal(cycle, i))}
    return preemption.make_room(cycle, refusals, lambda _: {})


def test_only_less_important_pods_go_and_as_few_as_possible():
    here = info(node(), pod("low", "1", priority=1), pod("lower", "1"), pod("high", "0", priority=9))
    plan, _ = room(pod(cpu="1", priority=5), here)
    assert [v["metadata"]["name"] for v in plan.victims] == ["lower"]


def test_the_node_with_the_least_important_victims_is_chosen():
    one, two = info(node("n1"), pod("a", "2", priority=3)), info(node("n2"), pod("b", "2", priority=1))
    plan, _ = room(pod(cpu="1", priority=5), one, two)
    assert plan.node == "n2"


@pytest.mark.parametrize(
    ("wanted", "here", "expected"),
    [
        (pod(cpu="9", priority=5), info(node(), pod("a", "2")), preemption.NOT_HELPFUL),
        (pod(cpu="1"), info(node(), pod("a", "2")), preemption.NO_VICTIMS),
        (
            pod(cpu="2", priority=5),
            info(node(), pod("a", "1"), pod("b", "1", priority=9)),
            "Insufficient cpu",
        ),
    ],
)
def test_why_making_room_would_not_help(wanted, here, expected):
    assert room(wanted, here) == (None, {"n1": (expected,)})
