"""Random histories: whatever happens in whatever order, the promises of a Deployment and of a Job hold."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.tinykube.world import World, job, node, phase, workload

from tinykube import objects
from tinykube.controllers import rolling

pytestmark = pytest.mark.slow

QUICK = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


class InAWorld(RuleBasedStateMachine):
    """A world of its own for each history, on an event loop that lives as long."""

    lagging = False

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.world: World | None = None

    def do(self, work):
        return self.runner.run(work)

    def begin(self, **how):
        self.world = self.do(World(**how).start())
        self.do(self.world.run(1))

    def teardown(self):
        try:
            if self.world is not None:
                self.settle_down()
        finally:
            if self.world is not None:
                self.do(self.world.stop())
            self.runner.close()

    def settle_down(self):
        """Undo what keeps the world from converging, let it, and check that it did."""

    @rule(seconds=st.sampled_from([0.01, 0.5, 1, 3, 20, 70, 400]))
    def time_passes(self, seconds):
        self.do(self.world.run(seconds))

    @rule(turns=st.integers(0, 12))
    def controllers_restart_in_the_middle_of_something(self, turns):
        async def crash():
            for _ in range(turns):
                await asyncio.sleep(0)
            await self.world.restart_control_plane()

        self.do(crash())

    def is_silent_when_idle(self):
        self.do(self.world.run(700))
        self.world.watch_writes()
        self.do(self.world.run(300))
        assert self.world.written() == []


class DeploymentModel(InAWorld):
    """Scale, roll, pause, undo, delete Pods, lose nodes: in any order, at any moment."""

    @initialize(
        replicas=st.integers(0, 6),
        limits=st.sampled_from([("25%", "25%"), (1, 0), (0, 1), (2, 2), ("100%", 0)]),
    )
    def create(self, replicas, limits):
        self.begin(nodes=[node("node-1"), node("node-2"), node("node-3")], lagging=self.lagging)
        self.world.kubelet.broken_images.add("broken")
        self.spread_thin = True  # fewer Pods than allowed may be available: new ones start, or some were taken away
        self.most_ever = 0
        self.images = ["nginx:1.27"]
        surge, unavailable = limits
        strategy = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
        self.world.create(workload("Deployment", "web", replicas, strategy=strategy, revisionHistoryLimit=3))

    def change(self, spec):
        self.world.change("Deployment", "web", {"spec": spec})

    @rule(replicas=st.integers(0, 7))
    def scale(self, replicas):
        self.spread_thin = True
        self.change({"replicas": replicas})

    @rule(image=st.sampled_from(["nginx:1.27", "nginx:1.28", "nginx:1.29", "broken"]))
    def set_image(self, image):
        self.images.append(image)
        self.change({"template": {"spec": {"containers": [{"name": "main", "image": image}]}}})

    @rule()
    def undo(self):
        if len(self.images) > 1:
            self.set_image(image=self.images[-2])

    @rule(paused=st.booleans())
    def pause_or_resume(self, paused):
        self.change({"paused": paused or None})

    @rule(number=st.integers(0, 9))
    def delete_a_pod(self, number):
        pods = self.world.pods(app="web")
        if pods:
            self.spread_thin = True
            self.world.delete("Pod", objects.name(sorted(pods, key=objects.name)[number % len(pods)]))

    @precondition(lambda self: self.world is not None and not self.world.kubelet.dead_nodes)
    @rule(name=st.sampled_from(["node-1", "node-2", "node-3"]))
    def lose_a_node(self, name):
        self.spread_thin = True
        self.world.kubelet.dead_nodes.add(name)

    @precondition(lambda self: self.world is not None and self.world.kubelet.dead_nodes)
    @rule()
    def the_node_comes_back(self):
        for name in list(self.world.kubelet.dead_nodes):
            self.world.kubelet.revive(name)

    @invariant()
    def promises_hold(self):
        if self.world is None:
            return
        self.do(self.world.clock.settle())
        deployment = self.world.get("Deployment", "web")
        wanted = rolling.replicas(deployment)
        pods = self.world.pods(app="web")
        most = wanted + rolling.max_surge(deployment) if wanted else 0
        self.most_ever = max(self.most_ever, most)
        bound = self.most_ever if self.lagging else most  # who lags does not know yet that fewer are wanted
        assert len(pods) <= bound, f"{len(pods)} Pods, but at most {bound} are allowed"
        available = sum(objects.condition_true(p, "Ready") for p in pods)
        if available >= wanted and not self.world.kubelet.dead_nodes:
            self.spread_thin = False
        least = wanted - rolling.max_unavailable(deployment)
        assert self.lagging or self.spread_thin or available >= least, (
            f"{available} Pods available, but {least} are needed"
        )

    @invariant()
    def every_object_has_at_most_one_controller(self):
        for obj in self.world.all("Pod") + self.world.all("ReplicaSet") if self.world else ():
            assert sum(bool(r.get("controller")) for r in objects.meta(obj).get("ownerReferences", ())) <= 1

    def settle_down(self):
        self.the_node_comes_back()
        self.change({"paused": None})
        self.set_image(image="nginx:1.30")
        self.do(self.world.run(400))
        deployment = self.world.get("Deployment", "web")
        wanted, status = rolling.replicas(deployment), deployment["status"]
        counted = [status.get(f, 0) for f in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
        assert counted == [wanted] * 4
        assert status["observedGeneration"] == objects.meta(deployment)["generation"]
        assert {p["spec"]["containers"][0]["image"] for p in self.world.pods(app="web")} <= {"nginx:1.30"}
        assert len([rs for rs in self.world.all("ReplicaSet") if rs["spec"]["replicas"]]) == (1 if wanted else 0)
        assert len(self.world.all("ReplicaSet")) <= 4
        self.is_silent_when_idle()


class JobModel(InAWorld):
    """A Job's Pods end, are deleted, and controllers crash: every success counts once."""

    @initialize(completions=st.integers(1, 6), parallelism=st.integers(1, 4), indexed=st.booleans())
    def create(self, completions, parallelism, indexed):
        self.begin(lagging=self.lagging)
        self.completions, self.parallelism = completions, parallelism
        self.succeeded: set[str] = set()
        self.mode = "Indexed" if indexed else "NonIndexed"
        self.world.create(
            job(completions=completions, parallelism=parallelism, backoffLimit=1000, completionMode=self.mode)
        )

    @rule(number=st.integers(0, 9))
    def delete_a_pod(self, number):
        pods = sorted(self.world.all("Pod"), key=objects.name)
        if pods:
            self.world.delete("Pod", objects.name(pods[number % len(pods)]))

    @rule(suspend=st.booleans())
    def suspend_or_resume(self, suspend):
        if not self.world.get("Job", "job").get("status", {}).get("completionTime"):
            self.world.change("Job", "job", {"spec": {"suspend": suspend}})

    @invariant()
    def promises_hold(self):
        if self.world is None:
            return
        self.do(self.world.clock.settle())
        self.succeeded |= {objects.uid(p) for p in self.world.all("Pod") if phase(p) == "Succeeded"}
        assert len(self.world.pods()) <= self.parallelism
        assert self.world.get("Job", "job").get("status", {}).get("succeeded", 0) <= self.completions

    def settle_down(self):
        self.suspend_or_resume(suspend=False)
        self.do(self.world.run(1800))
        status = self.world.get("Job", "job")["status"]
        assert status["succeeded"] == self.completions
        assert objects.condition_true(self.world.get("Job", "job"), "Complete")
        assert status["uncountedTerminatedPods"] == {}
        assert not any(objects.meta(p).get("finalizers") for p in self.world.all("Pod"))
        self.is_silent_when_idle()


class LateDeploymentModel(DeploymentModel):
    """The same with caches that are seconds behind; what is available is then known too late to be promised."""

    lagging = True


class LateJobModel(JobModel):
    """The same with caches that are seconds behind."""

    lagging = True


for _model in (DeploymentModel, JobModel, LateDeploymentModel, LateJobModel):
    _model.TestCase.settings = QUICK
TestDeployment = DeploymentModel.TestCase
TestJob = JobModel.TestCase
TestLateDeployment = LateDeploymentModel.TestCase
TestLateJob = LateJobModel.TestCase
