"""What the random histories have in common: a world of their own, the clock, crashes, nodes that die, and a lookout.

A promise is looked at whenever a Pod has changed, not only between two steps: `look` is called then, and what it finds
broken is reported by the next step.
"""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.tinykube.world import World, node

from tinykube import objects

QUICK = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
NODES = ("node-1", "node-2", "node-3")


class InAWorld(RuleBasedStateMachine):
    """A world of its own for each history, on an event loop that lives as long."""

    lagging = False
    """Whether informers are up to seconds behind. Who lags keeps the promises later, and some only in the end."""
    clock_jumps = (0.01, 0.5, 1, 3, 20, 70, 400, 4000)

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.world: World | None = None
        self.broken: list[str] = []

    def do(self, work):
        return self.runner.run(work)

    def begin(self):
        self.world = self.do(World(nodes=map(node, NODES), lagging=self.lagging).start())
        pods = self.world.watch_pods()
        pods.on_change(self._seen, lambda _, new: self._seen(new), self._seen)
        self.do(self.world.run(1))

    def _seen(self, pod):
        try:
            self.look(pod)
        except AssertionError as wrong:
            self.broken.append(str(wrong))

    def look(self, pod):
        """A Pod has changed: assert what holds at every moment."""

    def settled(self):
        """Everything that could be done at this instant has been done: assert what holds then."""

    def settle_down(self):
        """Undo what keeps the world from converging, let it, and assert that it did."""

    def teardown(self):
        try:
            if self.world is not None:
                self.nodes_come_back()
                self.settle_down()
                self.is_silent_when_idle()
                assert not self.broken, self.broken[0]
        finally:
            if self.world is not None:
                self.do(self.world.stop())
            self.runner.close()

    def is_silent_when_idle(self):
        self.do(self.world.run(700))
        self.world.watch_writes()
        self.do(self.world.run(300))
        assert self.world.written() == []

    # -- what may happen to any of them

    @rule(data=st.data())
    def time_passes(self, data):
        self.do(self.world.run(data.draw(st.sampled_from(self.clock_jumps))))

    @rule(turns=st.integers(0, 40))
    def controllers_restart_in_the_middle_of_something(self, turns):
        async def crash():
            for _ in range(turns):
                await asyncio.sleep(0)
            await self.world.restart_control_plane()

        self.do(crash())

    @rule(number=st.integers(0, 9))
    def delete_a_pod(self, number):
        pods = sorted(self.world.all("Pod"), key=objects.name)
        if pods:
            self.disturbed()
            self.world.delete("Pod", objects.name(pods[number % len(pods)]))

    @precondition(lambda self: self.world is not None and not self.world.kubelet.dead_nodes)
    @rule(name=st.sampled_from(NODES))
    def lose_a_node(self, name):
        self.disturbed()
        self.world.kubelet.dead_nodes.add(name)

    @precondition(lambda self: self.world is not None and self.world.kubelet.dead_nodes)
    @rule()
    def nodes_come_back(self):
        for name in list(self.world.kubelet.dead_nodes):
            self.world.kubelet.revive(name)

    def disturbed(self):
        """Something took Pods away that the controllers are not to blame for."""

    @invariant()
    def promises_hold(self):
        if self.world is not None:
            self.do(self.world.clock.settle())
            self.settled()
            assert not self.broken, self.broken[0]

    @invariant()
    def every_object_has_at_most_one_controller(self):
        for obj in self.world.all("Pod") + self.world.all("ReplicaSet") if self.world else ():
            assert sum(bool(r.get("controller")) for r in objects.meta(obj).get("ownerReferences", ())) <= 1
