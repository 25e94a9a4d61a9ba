"""The facts that this course grew from, and the place where each is taught: a table, checked against the text."""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"

FACTS = {
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
    "init containers: tools the application does not need": (
        "09-init-containers",
        r"tool that the application does not need",
    ),
    "init containers: tools that would weaken it": ("09-init-containers", r"tool that would weaken it"),
    "init containers: built and released apart": ("09-init-containers", r"Built and released apart"),
    "web applications are seldom bare Pods": ("11-deployments", r"seldom deployed as bare Pods"),
    "a Deployment creates Pods indirectly": ("11-deployments", r"creates the Pods\s+indirectly"),
    "it brings scaling, updates, rollbacks": ("11-deployments", r"non-functional things: scaling, updates, rollbacks"),
    "replicas is how many Pods": ("11-deployments", r"`replicas: 2` \| How many Pods"),
    "the selector matches the template's labels": ("11-deployments", r"labels have to match the selector"),
    "imagePullPolicy": ("11-deployments", r"`imagePullPolicy` \|"),
    "env from a Secret": (
        "11-deployments",
        r"`secretKeyRef` \| Environment variables whose values come from the Secret",
    ),
    "readiness and liveness differ": (
        "11-deployments",
        r"Not ready: no requests, but left alone\. Not live: restarted",
    ),
    "requests and limits": ("11-deployments", r"`resources\.requests` \|[\s\S]*`resources\.limits` \|"),
    "preStop": ("11-deployments", r"`lifecycle\.preStop` \|"),
    "Deployment, ReplicaSet and Pod side by side": ("11-deployments", r"\{lab\} 11-deployments side-by-side"),
    "the ReplicaSet counts and replaces": ("10-replicasets", r"it is the ReplicaSet that counts and replaces"),
    "describe tells the story of one object": ("02-first-pod", r"`kubectl describe KIND NAME` tells the whole story"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_is_taught_where_the_table_says(fact):
    chapter, words = FACTS[fact]
    text = (BOOK / f"{chapter}.md").read_text(encoding="utf-8")
    assert re.search(words, text), f"{chapter} does not say: {fact}"
