"""The facts that this course grew from, and the place where each is taught: a table, checked against the text."""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"

FACTS = {
    "get all: READY of a Pod": ("01-cluster-at-a-glance", r"`READY` \| of the Pod's containers, how many are ready"),
    "get all: STATUS CrashLoopBackOff": ("01-cluster-at-a-glance", r"`CrashLoopBackOff` means: its program ended"),
    "get all: RESTARTS 3 (20s ago)": ("01-cluster-at-a-glance", r"`RESTARTS` \|[^\n]*`3 \(20s ago\)`: three times"),
    "get all: AGE": ("01-cluster-at-a-glance", r"`AGE` is the time since the\s+object was created"),
    "get all: TYPE of a Service": ("01-cluster-at-a-glance", r"`TYPE` \|[^\n]*`LoadBalancer` by an address of its own"),
    "get all: CLUSTER-IP": ("01-cluster-at-a-glance", r"`CLUSTER-IP` \| its address inside the cluster"),
    "get all: EXTERNAL-IP": ("01-cluster-at-a-glance", r"`EXTERNAL-IP` \| its address outside, if it has one"),
    "get all: PORT(S) 8080:30893/TCP": (
        "01-cluster-at-a-glance",
        r"`8080:30893/TCP` would be: port 8080 of the Service, port 30893 on every node, and TCP",
    ),
    "get all: columns of a Deployment": ("01-cluster-at-a-glance", r"`UP-TO-DATE` \|[\s\S]*`AVAILABLE` \|"),
    "get all: columns of a ReplicaSet": (
        "01-cluster-at-a-glance",
        r"`DESIRED` of a ReplicaSet \|[\s\S]*`CURRENT` \|[\s\S]*`READY` \| how many of these",
    ),
    "get all: SCHEDULE */5 * * * *": (
        "01-cluster-at-a-glance",
        r"`SCHEDULE` \|[^\n]*`\*/5 \* \* \* \*`: every minute that can be divided by five",
    ),
    "get all: SUSPEND, ACTIVE, LAST SCHEDULE": (
        "01-cluster-at-a-glance",
        r"`SUSPEND` \|[\s\S]*`ACTIVE` \| Jobs of it that have not ended[\s\S]*`LAST SCHEDULE` \|",
    ),
    "get all: COMPLETIONS and DURATION": ("01-cluster-at-a-glance", r"`COMPLETIONS` \|[\s\S]*`DURATION` \|"),
    "who owns whom can be read in the names": (
        "01-cluster-at-a-glance",
        r"`backend-app`, `backend-app-6cf5dcc557`, and then Pods with one more ending",
    ),
    "a CronJob owns Jobs, a Job owns Pods": ("01-cluster-at-a-glance", r"The CronJob owns Jobs, and\s+each Job owns"),
    "a Deployment owns a ReplicaSet, which owns Pods": (
        "01-cluster-at-a-glance",
        r"The Deployment owns a ReplicaSet, which owns the Pods",
    ),
    "a Service owns nothing": ("01-cluster-at-a-glance", r"The stranger is the Service"),
    "apiVersion is the version of the API": ("02-first-pod", r"version of the API that this text is written for"),
    "kind is the kind of object": ("02-first-pod", r"`kind: Pod` \| The kind of object"),
    "metadata.name names the Pod": ("02-first-pod", r"`metadata\.name` \| The Pod's name"),
    "labels of a Pod": ("02-first-pod", r"`metadata\.labels` \| Keys and values"),
    "spec.containers are the Pod's containers": ("02-first-pod", r"`spec\.containers` \| A list"),
    "containerPort is where it listens, and opens nothing": ("02-first-pod", r"just as reachable"),
    "comments in YAML begin with #": ("02-first-pod", r"Comments in YAML begin with `#`"),
    "labels identify, selectors choose": ("03-labels-and-selectors", r"A \*\*selector\*\* is a condition on labels"),
    "containers of a Pod talk over localhost": ("06-sharing-a-pod", r"they talk over localhost|talk: over localhost"),
    "containers of a Pod share volumes": (
        "06-sharing-a-pod",
        r"share two things: the \*\*network\*\* and the \*\*volumes",
    ),
    "containers of a Pod start and stop as a set": ("06-sharing-a-pod", r"always started and stopped as a set"),
    "the sidecar pattern": ("07-sidecar", r"A \*\*sidecar\*\* is a second container in the same Pod"),
    "the sidecar pattern, drawn": ("07-sidecar", r"\{image\} \.\./images/sidecar-light\.svg"),
    "the ambassador pattern": (
        "08-ambassador",
        r"An \*\*ambassador\*\* is a sidecar that represents the outside world",
    ),
    "the application speaks to localhost only": ("08-ambassador", r"The application sends everything to `localhost`"),
    "the ambassador pattern, drawn": ("08-ambassador", r"\{image\} \.\./images/ambassador-light\.svg"),
    "init containers: tools the application does not need": (
        "09-init-containers",
        r"tool that the application does not need",
    ),
    "init containers: tools that would weaken it": ("09-init-containers", r"tool that would weaken it"),
    "init containers: built and released apart": ("09-init-containers", r"Built and released apart"),
    "web applications are seldom bare Pods": ("11-deployments", r"seldom deployed as bare Pods"),
    "a Deployment creates Pods indirectly": ("11-deployments", r"creates the Pods\s+indirectly"),
    "Deployment, ReplicaSet and Pods, drawn": ("11-deployments", r"\{image\} \.\./images/deployment-light\.svg"),
    "it brings scaling, updates, rollbacks": ("11-deployments", r"non-functional things: scaling, updates, rollbacks"),
    "replicas is how many Pods": ("11-deployments", r"`replicas: 2` \| How many Pods"),
    "the selector matches the template's labels": ("11-deployments", r"labels have to match the selector"),
    "imagePullPolicy": ("11-deployments", r"`imagePullPolicy` \|"),
    "env from a Secret": (
        "11-deployments",
        r"`secretKeyRef` \| Environment variables whose values come from the Secret",
    ),
    "env from the Secret db-config, key by key": (
        "15-configuration",
        r"from the Secret `db-config`: `DB_URL` from its key `db-url`, `DB_USERNAME` from `db-username`",
    ),
    "readiness and liveness differ": (
        "11-deployments",
        r"Not ready: no requests, but left alone\. Not live: restarted",
    ),
    "requests and limits": ("11-deployments", r"`resources\.requests` \|[\s\S]*`resources\.limits` \|"),
    "preStop": ("11-deployments", r"`lifecycle\.preStop` \|"),
    "Deployment, ReplicaSet and Pod side by side": ("11-deployments", r"\{lab\} 11-deployments side-by-side"),
    "a rollback goes to the ReplicaSet that was kept": (
        "13-rollbacks",
        r"a ReplicaSet that was kept, with a number on",
    ),
    "an update can be taken back": ("13-rollbacks", r"Going back is one more step forward"),
    "COMPLETIONS and DURATION of a Job": (
        "16-jobs",
        r"`COMPLETIONS` \| how many Pods have succeeded[\s\S]*`DURATION` \| how long it took",
    ),
    "SUSPEND of a CronJob": ("16-jobs", r"`SUSPEND` \| whether it starts no new runs"),
    "ACTIVE of a CronJob": ("16-jobs", r"`ACTIVE` \| how many of its Jobs have not ended"),
    "LAST SCHEDULE of a CronJob": ("16-jobs", r"`LAST SCHEDULE` \| how long ago the last run was due"),
    "get all, of a system built from nothing": ("17-capstone", r"\{lab\} 17-capstone get-all"),
    "get all: a Pod in CrashLoopBackOff beside others that are well": (
        "17-capstone",
        r"two Pods that are well, an address, a CronJob, and a Pod in `CrashLoopBackOff`",
    ),
    "who owns whom, drawn from a system built from nothing": ("17-capstone", r"\{lab\} 17-capstone graph"),
    "the manifest of backend-app, whole": ("17-capstone", r"17-capstone/manifests/backend-app\.yaml"),
    "readinessProbe: /health, 15, 30": (
        "17-capstone",
        r"`readinessProbe`: `/health`, first after 15 seconds, every 30",
    ),
    "livenessProbe: /health, 30, 30": ("17-capstone", r"`livenessProbe`: `/health`, first after 30 seconds, every 30"),
    "requests 100m and 512Mi, limits 250m and 768Mi": (
        "17-capstone",
        r"`requests`: 100m, 512Mi \|[\s\S]*`limits`: 250m, 768Mi \|",
    ),
    "preStop: sleep 2": ("17-capstone", r"`preStop`: `sleep 2` \|"),
    "the ReplicaSet counts and replaces": ("10-replicasets", r"it is the ReplicaSet that counts and replaces"),
    "describe tells the story of one object": ("02-first-pod", r"`kubectl describe KIND NAME` tells the whole story"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_is_taught_where_the_table_says(fact):
    chapter, words = FACTS[fact]
    text = (BOOK / f"{chapter}.md").read_text(encoding="utf-8")
    assert re.search(words, text), f"{chapter} does not say: {fact}"
