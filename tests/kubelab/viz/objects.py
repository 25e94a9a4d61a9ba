"""API objects, made by hand: just enough of each for a figure."""


def make(kind, name, owner=None, spec=None, status=None, labels=None):
    """An object, owned by (kind, name)."""
    metadata = {"name": name, "uid": f"uid-{kind}-{name}", "labels": labels or {}}
    if owner:
        reference = {"kind": owner[0], "name": owner[1], "uid": f"uid-{owner[0]}-{owner[1]}", "controller": True}
        metadata["ownerReferences"] = [reference]
    return {"kind": kind, "metadata": metadata, "spec": spec or {}, "status": status or {}}


def pod(name, owner=None, labels=None, phase="Running", ready=True, state=None, deleting=False, **status):
    """A Pod with one container, in `state` (default: running)."""
    container = {"name": "main", "state": state or {"running": {}}, "ready": ready, "restartCount": 0}
    conditions = [{"type": "Ready", "status": str(ready)}]
    told = {"phase": phase, "conditions": conditions, "containerStatuses": [container], **status}
    made = make("Pod", name, owner, {"containers": [{"name": "main"}]}, told, labels)
    if deleting:
        made["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return made


def notes_cluster():
    """The cluster of the course's first pages, in small."""
    labels = {"app": "backend-app"}
    replica_set = ("ReplicaSet", "backend-app-7bc6475f6f")
    done = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
    ended = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    return [
        make("Service", "hello", spec={"type": "LoadBalancer", "selector": labels}),
        make("Deployment", "backend-app", spec={"replicas": 2}, status={"readyReplicas": 2}),
        make("ReplicaSet", replica_set[1], ("Deployment", "backend-app"), {"replicas": 2}, {"readyReplicas": 2}),
        pod("backend-app-7bc6475f6f-abcde", replica_set, labels),
        pod("backend-app-7bc6475f6f-fghij", replica_set, labels),
        make("CronJob", "cron", spec={"schedule": "*/5 * * * *"}),
        make("Job", "cron-1", ("CronJob", "cron"), status=done),
        pod("cron-1-x", ("Job", "cron-1"), phase="Succeeded", ready=False, state=ended),
        pod("crash", ready=False, state=waiting),
        make("Event", "noise"),
    ]
