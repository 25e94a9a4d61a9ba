"""Indexed Jobs: sets of completion indexes and how status writes them, such as `0-2,5`.

Law: pure functions.

Models k8s.io/kubernetes pkg/controller/job/indexed_job_utils.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from tinykube import objects
from tinykube.objects import Obj

INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"
ENVIRONMENT = "JOB_COMPLETION_INDEX"


def is_indexed(job: Obj) -> bool:
    """Whether completionMode is Indexed."""
    return job["spec"].get("completionMode") == "Indexed"


def parse(text: str, completions: int) -> set[int]:
    """`0-2,5` as a set; what is beyond `completions` is ignored."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return {index for index in found if index < completions}


def write(indexes: Iterable[int]) -> str:
    """A set as `0-2,5`; two neighbors are written as `0,1`."""
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(_run(first, last) for first, last in runs)


def _run(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first}{',' if last == first + 1 else '-'}{last}"


def index_of(pod: Obj) -> int:
    """The Pod's completion index, or -1."""
    text = objects.annotations(pod).get(INDEX, "")
    return int(text) if text.isdigit() else -1


def first_free(count: int, completions: int, taken: set[int]) -> list[int]:
    """The `count` lowest indexes that are not taken."""
    free = (index for index in range(completions) if index not in taken)
    return [index for index, _ in zip(free, range(count), strict=False)]


def superfluous(pods: Iterable[Obj], completions: int) -> list[Obj]:
    """Active Pods beyond the completions, and those whose index has a Pod already: all but the first of each."""
    seen: set[int] = set()
    extra = []
    for pod in pods:
        index = index_of(pod)
        if index in seen or index >= completions:
            extra.append(pod)
        seen.add(index)
    return extra


def dress(pod: Obj, job: Obj, index: int) -> Obj:
    """Give a Pod its index: name, host name, label, annotation and environment."""
    name = f"{objects.name(job)}-{index}"
    metadata, spec = pod["metadata"], pod["spec"]
    metadata["generateName"] = f"{name}-"
    metadata.setdefault("annotations", {})[INDEX] = str(index)
    metadata.setdefault("labels", {})[INDEX] = str(index)
    spec["hostname"] = name
    for container in [*spec.get("initContainers", ()), *spec["containers"]]:
        environment = container.setdefault("env", [])
        if not any(e["name"] == ENVIRONMENT for e in environment):
            source = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
            environment.append({"name": ENVIRONMENT, "valueFrom": source})
    return pod


def failures_of(pod: Obj) -> int:
    """How many failures of the Pod's index, before this Pod, count."""
    return _noted(pod, FAILURES)


def all_failures_of(pod: Obj) -> int:
    """How often the Pod's index had failed before this Pod, with the failures that the policy ignores."""
    return _noted(pod, FAILURES) + _noted(pod, IGNORED)


def note_failures(pod: Obj, replaced: Obj | None, *, counts: bool) -> None:
    """Note on a new Pod how often its index has failed; `counts`: whether the failure of the one replaced does."""
    failures, ignored = (failures_of(replaced), _noted(replaced, IGNORED)) if replaced else (0, 0)
    if replaced:
        failures, ignored = failures + counts, ignored + (not counts)
    pod["metadata"]["annotations"] |= {FAILURES: str(failures)} | ({IGNORED: str(ignored)} if ignored else {})


def _noted(pod: Obj, annotation: str) -> int:
    text = objects.annotations(pod).get(annotation, "")
    return int(text) if text.isdigit() else 0
