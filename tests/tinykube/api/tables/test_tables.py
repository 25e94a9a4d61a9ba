import pytest

from tinykube.api.tables import _ROWS, _columns, table

NOW = 1_000_000.0
META = {"name": "x", "creationTimestamp": "1970-01-12T13:45:40Z"}


def cells(resource, **obj):
    return table(resource, [{"metadata": META, **obj}], NOW)["rows"][0]["cells"]


@pytest.mark.parametrize("resource", sorted({*_columns(), *_ROWS}))
def test_every_row_has_as_many_cells_as_columns(resource):
    made = table(resource, [{"metadata": META}], NOW)
    assert len(made["rows"][0]["cells"]) == len(made["columnDefinitions"])


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ("Metadata", {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": META}),
        ("Object", {"metadata": META}),
        ("None", None),
    ],
)
def test_rows_carry_what_was_asked_for(include, expected):
    made = table("configmaps", [{"metadata": META}], NOW, include_object=include)
    assert made["rows"][0].get("object") == expected


def test_columns_have_types_and_priorities():
    columns = table("pods", [], NOW)["columnDefinitions"]
    assert (columns[0]["name"], columns[0]["format"]) == ("Name", "name")
    assert [c["name"] for c in columns if c["priority"] == 1] == ["IP", "Node", "Nominated Node", "Readiness Gates"]


def test_a_kind_without_a_printer_shows_when_it_was_made():
    assert cells("roles.rbac.authorization.k8s.io") == ["x", META["creationTimestamp"]]
    assert cells("widgets.example.com") == ["x", META["creationTimestamp"]]


SERVICES = [
    ({"type": "ClusterIP", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80, "protocol": "TCP"}]},
     ["ClusterIP", "10.0.0.1", "<none>", "80/TCP"]),
    ({"type": "LoadBalancer", "clusterIPs": ["10.0.0.1"],
      "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}]},
     ["LoadBalancer", "10.0.0.1", "<pending>", "80:30080/TCP"]),
    ({"type": "ExternalName", "externalName": "example.com"}, ["ExternalName", "<none>", "example.com", "<none>"]),
    ({"type": "NodePort", "clusterIPs": ["10.0.0.1"], "externalIPs": ["1.2.3.4"], "ports": []},
     ["NodePort", "10.0.0.1", "1.2.3.4", "<none>"]),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "expected"), SERVICES)
def test_services(spec, expected):
    assert cells("services", spec=spec)[1:5] == expected


def test_endpoints_are_cut_short():
    subsets = [{"addresses": [{"ip": f"10.0.0.{n}"} for n in range(1, 6)], "ports": [{"port": 80}]}]
    assert cells("endpoints", subsets=subsets)[1] == "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more..."
    assert cells("endpoints")[1] == "<none>"


JOBS = [
    ({}, {"completions": 3}, "Running", "0/3"),
    ({"succeeded": 1}, {"parallelism": 2}, "Running", "1/1 of 2"),
    ({"conditions": [{"type": "Suspended", "status": "True"}]}, {"completions": 1}, "Suspended", "0/1"),
    ({"conditions": [{"type": "Failed", "status": "True"}]}, {"completions": 1}, "Failed", "0/1"),
]


@pytest.mark.parametrize(("status", "spec", "shown", "completions"), JOBS)
def test_jobs(status, spec, shown, completions):
    assert cells("jobs.batch", spec=spec, status=status)[1:3] == [shown, completions]


def test_a_jobs_duration_ends_with_the_job():
    status = {"startTime": "1970-01-12T13:45:00Z"}
    assert cells("jobs.batch", status=status)[3] == "100s"
    assert cells("jobs.batch", status={**status, "completionTime": "1970-01-12T13:45:07Z"})[3] == "7s"
    assert cells("jobs.batch")[3] == ""


def test_cron_jobs():
    spec = {"schedule": "* * * * *", "suspend": False}
    assert cells("cronjobs.batch", spec=spec)[1:6] == ["* * * * *", "<none>", "False", 0, "<none>"]
    status = {"lastScheduleTime": "1970-01-12T13:46:00Z"}
    assert cells("cronjobs.batch", spec=spec, status=status)[5] == "40s"


@pytest.mark.parametrize(
    ("conditions", "unschedulable", "labels", "expected"),
    [
        ([{"type": "Ready", "status": "True"}], False, {"node-role.kubernetes.io/control-plane": ""},
         ["Ready", "control-plane"]),
        ([{"type": "Ready", "status": "Unknown"}], False, {}, ["NotReady", "<none>"]),
        ([], True, {}, ["Unknown,SchedulingDisabled", "<none>"]),
    ],
)  # fmt: skip
def test_nodes(conditions, unschedulable, labels, expected):
    obj = {"spec": {"unschedulable": unschedulable}, "status": {"conditions": conditions}}
    node = {"metadata": {**META, "labels": labels}, **obj}
    assert table("nodes", [node], NOW)["rows"][0]["cells"][1:3] == expected


def test_events_of_both_styles():
    about = {"kind": "Pod", "name": "p", "fieldPath": "spec.containers{a}"}
    old = cells("events", type="Normal", reason="R", message="m\n", involvedObject=about, count=2,
                firstTimestamp="1970-01-12T13:45:40Z", lastTimestamp="1970-01-12T13:46:30Z",
                source={"component": "kubelet", "host": "n"})  # fmt: skip
    assert old == ["10s", "Normal", "R", "pod/p", "spec.containers{a}", "kubelet, n", "m", "60s", 2, "x"]
    new = cells("events", eventTime="1970-01-12T13:46:30.000000Z", reportingController="c",
                involvedObject={"kind": "Node"},
                series={"count": 5, "lastObservedTime": "1970-01-12T13:46:38.000000Z"})  # fmt: skip
    assert (new[0], new[3], new[5], new[7], new[8]) == ("2s", "node", "c", "10s", 5)


def test_autoscalers_show_what_is_measured():
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}}
    current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 12}}}
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "maxReplicas": 3, "metrics": [metric]}
    resource = "horizontalpodautoscalers.autoscaling"
    assert cells(resource, spec=spec)[1:6] == ["Deployment/d", "cpu: <unknown>/80%", "<unset>", 3, 0]
    assert cells(resource, spec=spec, status={"currentMetrics": [current]})[2] == "cpu: 12%/80%"


def test_claims():
    spec = {"volumeName": "v", "storageClassName": "fast", "volumeMode": "Filesystem"}
    status = {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce", "ReadOnlyMany"]}
    shown = cells("persistentvolumeclaims", spec=spec, status=status)
    assert shown[1:7] == ["Bound", "v", "1Gi", "RWO,ROX", "fast", "<unset>"]
