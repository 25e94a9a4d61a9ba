"""One rolling update, measured: what the cells of lab 12 have in common."""

from pathlib import Path

import yaml

NEXT = {"backend-app:1.0.0": "backend-app:1.1.0", "backend-app:1.1.0": "backend-app:1.0.0"}


def deployment(surge, unavailable, readiness=True, pre_stop=True):
    """The lab's Deployment, with another strategy, and perhaps without its probe or its preStop hook."""
    made = next(yaml.safe_load_all(Path("manifests/web.yaml").read_text(encoding="utf-8")))
    made["spec"]["strategy"]["rollingUpdate"] = {"maxSurge": surge, "maxUnavailable": unavailable}
    container = made["spec"]["template"]["spec"]["containers"][0]
    if not readiness:
        del container["readinessProbe"]
    if not pre_stop:
        del container["lifecycle"]
    return made


def settle(lab, patience=120):
    """Wait until the rollout is over and the Pods that were told to go are gone."""
    lab.wait_until("deployment/web", "rolled out", timeout=patience)
    lab.wait_until("pods", lambda pods: len(pods) == 3, timeout=patience, selector="app=web")


def measured_update(lab, every=0.5, **settings):
    """Deploy with these settings, wait, then update to the other version while requests are sent; the recording."""
    made = deployment(**settings)
    lab.apply(made)
    settle(lab)
    lab.wait(3)
    image = NEXT[made["spec"]["template"]["spec"]["containers"][0]["image"]]
    kinds = ["pods", "replicasets", "deployments"]
    with lab.record(kinds=kinds, requests_to="service/web", path="/version", every=every) as recording:
        lab.wait(2)
        change = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
        lab.patch("deployment/web", change)
        settle(lab)
        lab.wait(2)
    return recording
