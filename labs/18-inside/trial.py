"""Trying a learner's controller on a cluster of its own, which nobody else sees.

Law: a trial runs on a loop and a thread of its own, because a notebook's loop is busy with the cell that asks; it ends
after `PATIENCE` seconds of the wall, where a sound controller takes a tenth of one.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from bare import Bare

from kubelab.checks import learner_error, not_attempted, wrong
from tinykube import objects
from tinykube.controllers import Controller

PATIENCE = 5
LOG = logging.getLogger("tinykube.controllers.base")


def run(scenario):
    """What a coroutine returns, run from beginning to end somewhere else."""
    with ThreadPoolExecutor(1) as elsewhere:
        try:
            return elsewhere.submit(asyncio.run, asyncio.wait_for(scenario, PATIENCE)).result()
        except TimeoutError:
            wrong(saw="It does not come to rest.", why="It goes on writing, and each of its writes wakes it up again.")


def is_a_controller(answer, name):
    """Nothing, if the answer is a class that can be started."""
    if not (isinstance(answer, type) and issubclass(answer, Controller)):
        wrong(saw=f"Your answer is {answer!r}.", why=f"It should be the class itself: answer = {name}")
    if "reconcile" in answer.__abstractmethods__:
        not_attempted(f"{answer.__name__} has no reconcile yet.")


class Complaints(logging.Handler):
    """What a controller was refused, and what went wrong in it."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.refused = []

    def emit(self, record):
        if record.exc_info:
            error = record.exc_info[1]
            self.refused.append(f"reconcile raised {type(error).__name__}: {error}")
        else:
            self.refused.append(f"the API server said: {record.args[-1]}")


class Trial(Bare):
    """A bare cluster with a learner's controller."""

    def __init__(self, kind):
        super().__init__()
        self._kind, self._complaints = kind, Complaints()

    async def __aenter__(self):
        self._before = LOG.level, LOG.propagate
        LOG.setLevel(logging.DEBUG)
        LOG.propagate = False
        LOG.addHandler(self._complaints)
        return self

    async def __aexit__(self, *_):
        LOG.removeHandler(self._complaints)
        LOG.level, LOG.propagate = self._before
        await self.stop(*self.running)

    async def begin(self):
        """Start the controller, with an empty memory, and give it a while."""
        try:
            await self.start(self._kind)
        except Exception as error:
            learner_error(f"{type(error).__name__}: {error}")
        await self.rest()

    async def end(self):
        """Stop it."""
        await self.stop(self._kind.name)

    async def rest(self, seconds=30):
        """Let it work, and forget what it was refused before."""
        self._complaints.refused.clear()
        await self.clock.advance(seconds)

    @property
    def complaint(self):
        """What it was refused last, as the end of a sentence; "" if nothing."""
        return f" ({self._complaints.refused[-1]})" if self._complaints.refused else ""

    def pod(self, name, namespace="default", **spec):
        """Create a Pod that nobody will run."""
        container = {"name": "main", "image": "nginx:1.27"}
        metadata = {"name": name, "namespace": namespace}
        self.create(
            {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], **spec}}
        )

    def delete(self, *names):
        """Delete Pods, at once."""
        for name in names:
            self.you.delete("pods", "default", name, grace_period=0)

    def on_nodes(self):
        """The Pods' names by node; those without a node under ""."""
        found = {}
        for pod in self.list("pods"):
            found.setdefault(pod["spec"].get("nodeName", ""), []).append(objects.name(pod))
        return found
