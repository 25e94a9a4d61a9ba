"""Random histories: whatever happens in whatever order, the promises of the workloads hold.

Each model is run with informers that are up to date, and with informers that lag.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.tinykube.controllers.models import QUICK, InAWorld
from tests.tinykube.world import job, phase, workload

from tinykube import objects
from tinykube.controllers import rolling

pytestmark = pytest.mark.slow

IMAGES = ("nginx:1.27", "nginx:1.28", "nginx:1.29")


def template(image):
    """A change of the Pod template."""
    return {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}


def images(pods):
    return {p["spec"]["containers"][0]["image"] for p in pods}


class DeploymentModel(InAWorld):
    """Scale, roll, pause, undo, delete Pods, lose nodes: never too many Pods, never too few."""

    @initialize(
        replicas=st.integers(0, 6),
        limits=st.sampled_from([("25%", "25%"), (1, 0), (0, 1), (2, 2), ("100%", 0)]),
    )
    def create(self, replicas, limits):
        self.spread_thin = True  # fewer Pods than allowed may be available: new ones start, or some were taken away
        self.most = 0
        self.told: Counter[str] = Counter()  # the most Pods that each ReplicaSet was ever told to have
        self.images = [IMAGES[0]]
        self.begin()
        self.world.watch_replica_sets().on_change(self.hear, lambda _, new: self.hear(new))
        self.world.kubelet.broken_images.add("broken")
        surge, unavailable = limits
        strategy = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
        self.world.create(workload("Deployment", "web", replicas, strategy=strategy, revisionHistoryLimit=1))

    def change(self, spec):
        self.world.change("Deployment", "web", {"spec": spec})

    @rule(replicas=st.integers(0, 7))
    def scale(self, replicas):
        self.disturbed()
        self.change({"replicas": replicas})

    @rule(image=st.sampled_from([*IMAGES, "broken"]))
    def set_image(self, image):
        self.images.append(image)
        self.change(template(image))

    @rule()
    def undo(self):
        if len(self.images) > 1:
            self.set_image(image=self.images[-2])

    @rule(paused=st.booleans())
    def pause_or_resume(self, paused):
        self.change({"paused": paused or None})

    def disturbed(self):
        self.spread_thin = True

    def bounds(self):
        """(at most so many Pods, at least so many available), as the Deployment says now."""
        deployment = self.world.get("Deployment", "web")
        wanted = rolling.replicas(deployment)
        return wanted + rolling.max_surge(deployment) if wanted else 0, wanted - rolling.max_unavailable(deployment)

    def look(self, pod):
        if not self.world.all("Deployment"):
            return
        pods, (most, least) = self.world.pods(app="web"), self.bounds()
        self.no_set_has_more_than_it_was_told(pods)
        if self.lagging:
            return  # one set may have grown before another has heard that it is to shrink
        self.most = max(self.most, most)  # who has just been told that fewer are wanted may have more for an instant
        assert len(pods) <= self.most, f"{len(pods)} Pods, but at most {self.most} are allowed"
        available = sum(objects.condition_true(p, "Ready") for p in pods)
        assert self.spread_thin or available >= least, f"{available} available, {least} needed"

    def hear(self, replica_set):
        uid, wanted = objects.uid(replica_set), replica_set["spec"]["replicas"]
        self.told[uid] = max(self.told[uid], wanted)

    def no_set_has_more_than_it_was_told(self, pods):
        for replica_set in self.world.all("ReplicaSet"):  # what has not been heard of yet
            self.hear(replica_set)
        owned = Counter((objects.controller_of(p) or {}).get("uid", "") for p in pods)
        assert all(count <= self.told[owner] for owner, count in owned.items()), "a ReplicaSet has too many Pods"

    def settled(self):
        self.most = self.bounds()[0]
        self.look(None)
        available = sum(objects.condition_true(p, "Ready") for p in self.world.pods(app="web"))
        if available >= rolling.replicas(self.world.get("Deployment", "web")) and not self.world.kubelet.dead_nodes:
            self.spread_thin = False

    def settle_down(self):
        self.change({"paused": None})
        self.set_image(image="nginx:1.30")
        self.do(self.world.run(400))
        deployment = self.world.get("Deployment", "web")
        wanted, status = rolling.replicas(deployment), deployment["status"]
        counted = [status.get(f, 0) for f in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
        assert counted == [wanted] * 4
        assert status["observedGeneration"] == objects.meta(deployment)["generation"]
        assert images(self.world.pods(app="web")) <= {"nginx:1.30"}
        assert len([rs for rs in self.world.all("ReplicaSet") if rs["spec"]["replicas"]]) == (1 if wanted else 0)
        assert len(self.world.all("ReplicaSet")) <= 2


class JobModel(InAWorld):
    """Pods end well and badly, are deleted, lose their nodes, and controllers crash: every success counts once."""

    clock_jumps = (0.01, 0.5, 1, 3, 20, 70, 400)

    @initialize(completions=st.integers(1, 6), parallelism=st.integers(1, 4), indexed=st.booleans())
    def create(self, completions, parallelism, indexed):
        self.completions, self.parallelism, self.most = completions, parallelism, parallelism
        self.succeeded: set[str] = set()
        self.indexed = indexed
        self.begin()
        mode = "Indexed" if indexed else "NonIndexed"
        self.world.create(job(completions=completions, parallelism=parallelism, backoffLimit=1000, completionMode=mode))

    def change(self, **spec):
        if not self.world.get("Job", "job").get("status", {}).get("completionTime"):
            self.world.change("Job", "job", {"spec": spec})

    @rule(suspend=st.booleans())
    def suspend_or_resume(self, suspend):
        self.change(suspend=suspend)

    @rule(parallelism=st.integers(0, 4))
    def set_parallelism(self, parallelism):
        self.parallelism = parallelism
        self.most = max(self.most, parallelism)
        self.change(parallelism=parallelism)

    @rule(failing=st.booleans())
    def programs_begin_to_fail_or_recover(self, failing):
        self.world.kubelet.failing = failing

    def look(self, pod):
        self.succeeded |= {objects.uid(p) for p in self.world.all("Pod") if phase(p) == "Succeeded"}
        running = len(self.world.pods())
        assert running <= self.most, f"{running} Pods, but at most {self.most} are allowed"

    def settled(self):
        if not self.lagging and self.world.get("Job", "job")["spec"]["parallelism"] == self.parallelism:
            self.most = max(self.parallelism, len(self.world.pods()))  # Pod events are gathered for a second
        assert self.world.get("Job", "job").get("status", {}).get("succeeded", 0) <= self.completions

    def settle_down(self):
        self.world.kubelet.failing = False
        self.set_parallelism(parallelism=2)
        self.suspend_or_resume(suspend=False)
        self.do(self.world.run(2500))
        found = self.world.get("Job", "job")
        assert found["status"]["succeeded"] == self.completions
        assert objects.condition_true(found, "Complete")
        assert found["status"]["uncountedTerminatedPods"] == {}
        assert not any(objects.meta(p).get("finalizers") for p in self.world.all("Pod"))
        assert len(self.succeeded) == self.completions or self.indexed or self.lagging


class StatefulSetModel(InAWorld):
    """Scale, roll, delete Pods, lose nodes: one Pod a name, and one after the other unless Parallel."""

    @initialize(replicas=st.integers(0, 4), parallel=st.booleans())
    def create(self, replicas, parallel):
        self.hurt = False  # Pods were taken away that the controller is not to blame for
        self.resized = True  # it has still to bring up or take down Pods
        self.ordered, self.known, self.claims = not parallel, set(), set()
        self.begin()
        policy = "Parallel" if parallel else "OrderedReady"
        claim = {
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
        found = workload("StatefulSet", "db", replicas, podManagementPolicy=policy, volumeClaimTemplates=[claim])
        self.world.create(found)

    def change(self, spec):
        self.world.change("StatefulSet", "db", {"spec": spec})

    @rule(replicas=st.integers(0, 5))
    def scale(self, replicas):
        self.resized = True
        self.change({"replicas": replicas})

    @rule(image=st.sampled_from(IMAGES))
    def set_image(self, image):
        self.change(template(image))

    @rule(partition=st.integers(0, 3))
    def set_partition(self, partition):
        self.change({"updateStrategy": {"rollingUpdate": {"partition": partition}}})

    def disturbed(self):
        self.hurt = True

    def members(self):
        """The Pods by ordinal, those on their way out included."""
        return {int(objects.name(p).rpartition("-")[2]): p for p in self.world.all("Pod")}

    def look(self, pod):
        fresh, members = objects.uid(pod) not in self.known, self.members()
        self.known.add(objects.uid(pod))
        if self.lagging or self.hurt:
            return
        if fresh and self.ordered:
            before = [members.get(n) for n in range(int(objects.name(pod).rpartition("-")[2]))]
            assert all(p and objects.condition_true(p, "Ready") for p in before), f"{objects.name(pod)} is too early"
        ready = sum(objects.condition_true(p, "Ready") and not objects.deleting(p) for p in members.values())
        wanted = self.world.get("StatefulSet", "db")["spec"]["replicas"]
        assert self.resized or ready >= wanted - 1, f"{ready} of {wanted} ready in an update"

    def settled(self):
        members, wanted = self.members(), self.world.get("StatefulSet", "db")["spec"]["replicas"]
        claims = {objects.name(c) for c in self.world.all("PersistentVolumeClaim")}
        assert claims >= self.claims, "a claim was lost"
        self.claims = claims
        complete = sorted(members) == list(range(wanted)) and not self.world.kubelet.dead_nodes
        if complete and all(objects.condition_true(p, "Ready") and not objects.deleting(p) for p in members.values()):
            self.hurt = self.resized = False

    def settle_down(self):
        self.set_partition(partition=0)
        self.set_image(image="nginx:1.30")
        self.do(self.world.run(700))
        found = self.world.get("StatefulSet", "db")
        wanted, status = found["spec"]["replicas"], found["status"]
        counted = [status.get(f, 0) for f in ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")]
        assert counted == [wanted] * 4
        assert status["currentRevision"] == status["updateRevision"]
        assert sorted(self.members()) == list(range(wanted))
        assert images(self.world.all("Pod")) <= {"nginx:1.30"}


class LateDeploymentModel(DeploymentModel):
    """The same with informers that lag."""

    lagging = True


class LateJobModel(JobModel):
    """The same with informers that lag."""

    lagging = True


class LateStatefulSetModel(StatefulSetModel):
    """The same with informers that lag."""

    lagging = True


for _model in (
    DeploymentModel,
    JobModel,
    StatefulSetModel,
    LateDeploymentModel,
    LateJobModel,
    LateStatefulSetModel,
):
    _model.TestCase.settings = QUICK
TestDeployment = DeploymentModel.TestCase
TestJob = JobModel.TestCase
TestStatefulSet = StatefulSetModel.TestCase
TestLateDeployment = LateDeploymentModel.TestCase
TestLateJob = LateJobModel.TestCase
TestLateStatefulSet = LateStatefulSetModel.TestCase
