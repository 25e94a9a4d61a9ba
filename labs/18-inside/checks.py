"""The exercises of chapter 18: who writes next, which loop is missing, a counter, a scheduler.

Their clusters live in this process: each check makes its own (`trial`, `puzzles`) and leaves the lab's alone.
"""

import sys
from pathlib import Path

from kubelab.checks import Exercises, not_attempted, wrong

sys.path.append(str(Path(__file__).parent))  # what lies beside this file, wherever the check is called

from bare import ACCOUNT
from puzzles import amiss, puzzle, whole
from trial import Trial, is_a_controller, run
from written import ALL_CHANGES, COUNTING, EVEN, FEWEST, MINE, TALLY

from tinykube.errors import ApiError

exercises = Exercises("18-inside")


def given(name, *parts):
    """The cell of an answer in Python: a class, put together from parts, and what to call it."""
    return "".join(parts) + f"\n\nanswer = {name}\n"


TOO_EARLY = {
    "deployment-controller": "The Deployment has changed, so it has something to do; but is it its turn?",
    "replicaset-controller": "It reads ReplicaSets, and at that moment the ReplicaSet still says 2.",
    "scheduler": "It looks for Pods without a node, and there is none yet.",
    "kubelet": "It only knows Pods that name its node, and there is no new one yet.",
}


@exercises.add(
    "order",
    title="Who writes next?",
    hints=[
        "You write into the Deployment. Which loop watches Deployments, and what does it write?",
        "Each loop waits for an object, or a field, that another one writes. Who writes what the scheduler waits for?",
        "The Deployment controller changes the ReplicaSet. From there on it is the figure of the ReplicaSet.",
    ],
    wrong_answers={
        "the Deployment makes the Pods": 'answer = ("deployment-controller", "scheduler", "replicaset-controller", '
        '"kubelet")',
        "the kubelet first": 'answer = ("kubelet", "deployment-controller", "replicaset-controller", "scheduler")',
        "node before place": 'answer = ("deployment-controller", "replicaset-controller", "kubelet", "scheduler")',
        "one is missing": 'answer = ("deployment-controller", "replicaset-controller", "kubelet")',
    },
)
def order(lab, answer):
    if not isinstance(answer, tuple | list) or ... in answer:
        not_attempted("There is no answer yet: four names.")
    real = run(_writers_of_a_scaling())
    if sorted(answer) != sorted(real):
        wrong(saw=f"Your answer is {', '.join(map(str, answer))}.", why=f"Four loops write: {', '.join(sorted(real))}.")
    for place, (said, wrote) in enumerate(zip(answer, real, strict=True)):
        if said != wrote:
            before = ("your change", *real)[place]
            wrong(saw=f"Right after {before} you name {said}.", why=TOO_EARLY[said])
    return f"So it went: you, {', '.join(real)}. Each has read what the one before it had written."


async def _writers_of_a_scaling():
    """The loops in the order of their first writes, after a Deployment of two Pods is told to have three."""
    cluster = await whole()
    cluster.journal.news()
    cluster.you.patch("deployments.apps", "default", "shop", {"spec": {"replicas": 3}})
    await cluster.clock.advance(10)
    return [who for who in dict.fromkeys(entry.who for entry in cluster.journal.news()) if who != "you"]


@exercises.add(
    "missing",
    title="Which loop is missing?",
    hints=[
        "`print(cluster.look())` shows what is wanted and what is there. Read it from the top: where do they part?",
        "Two clusters have Pods that are Pending. Has anybody written a nodeName into them? Whose turn is it then?",
        "a: no nodeName. b: the Deployment wants 4, its ReplicaSet 2. c: a nodeName, no report. d: an owner is gone.",
    ],
    wrong_answers={
        "Pending is always the scheduler": 'answer = {"a": "scheduler", "b": "deployment-controller", '
        '"c": "scheduler", "d": "generic-garbage-collector"}',
        "the ReplicaSet does everything": 'answer = dict.fromkeys("abcd", "replicaset-controller")',
        "another collector": 'answer = {"a": "scheduler", "b": "deployment-controller", "c": "kubelet", '
        '"d": "pod-garbage-collector"}',
        "everything at once": 'answer = dict.fromkeys("abcd", ["scheduler", "deployment-controller", "kubelet", '
        '"generic-garbage-collector"])',
        "no such loop": 'answer = {"a": "the scheduler", "b": "deployment-controller", "c": "kubelet", '
        '"d": "generic-garbage-collector"}',
    },
)
def missing(lab, answer):
    if not isinstance(answer, dict) or set(answer) != set("abcd"):
        wrong(saw=f"Your answer is {answer!r}.", why="It should name a loop for each of a, b, c and d.")
    if open_ones := [letter for letter in "abcd" if answer[letter] in (..., None, "")]:
        not_attempted(f"Nothing is named for {', '.join(open_ones)} yet.")
    for letter in "abcd":
        run(_started_in(letter, answer[letter]))
    return "With these four, all four clusters came right."


async def _started_in(letter, name):
    """Judge what starting a loop does to a puzzle."""
    if isinstance(name, list | tuple | set):
        wrong(saw=f"For {letter} you name {len(name)} loops.", why="Starting everything tells nothing; one is missing.")
    cluster = await puzzle(letter)
    if name not in cluster.loops:
        wrong(saw=f"There is no loop called {name!r}.", why="`sorted(cluster.loops)` lists their names.")
    if name in cluster.running:
        wrong(saw=f"In {letter}, {name} runs already.", why="What it writes is there. Who would have to write next?")
    await cluster.start(name)
    await cluster.clock.advance(60)
    if found := amiss(cluster):
        wrong(saw=f"In {letter}, with {name} started: {found}", why="Another loop is missing there.")


@exercises.add(
    "tally",
    title="A controller that counts",
    hints=[
        'The key can be anything: `self.queue.add("tally")` for each Pod that comes, changes or goes.',
        'In reconcile, forget what has happened. Count `self.pods.in_namespace("default")`, and write the number.',
        "The ConfigMap may be there already, from before a restart: then patch it, otherwise create it. An informer "
        'tells: `self.informer("configmaps").get("default", "tally")`.',
    ],
    wrong_answers={
        "only when a Pod is added": given(
            "Tally",
            TALLY,
            """
        self.pods = self.watch("pods", self.changed)
""",
            COUNTING,
        ),
        "adds to what is written": given(
            "Tally",
            TALLY,
            """
        self.pods = self.watch("pods", lambda pod: self.add(1), None, lambda pod: self.add(-1))
        self.change = 0

    def add(self, number):
        self.change += number
        self.queue.add("tally")

    def reconcile(self, key):
        found = self.maps.get("default", "tally")
        before = int(found["data"]["pods"]) if found else -1  # for the one in kube-system
        self.write(str(before + self.change))
        self.change = 0
""",
        ),
        "the Pods of all namespaces": given(
            "Tally",
            TALLY,
            ALL_CHANGES,
            """
    def reconcile(self, key):
        self.write(str(len(self.pods.all())))
""",
        ),
        "written once": given(
            "Tally",
            TALLY,
            ALL_CHANGES,
            """
    def reconcile(self, key):
        if self.maps.get("default", "tally") is None:
            self.write(str(len(self.pods.in_namespace("default"))))
""",
        ),
        "a number instead of a text": given(
            "Tally",
            TALLY,
            ALL_CHANGES,
            """
    def reconcile(self, key):
        self.write(len(self.pods.in_namespace("default")))
""",
        ),
        "reads what is not there": given(
            "Tally",
            TALLY,
            ALL_CHANGES,
            """
    def reconcile(self, key):
        before = self.maps.get("default", "tally")["data"]["pods"]
        self.write(str(before))
""",
        ),
        "writes whenever it has written": given(
            "Tally",
            TALLY,
            ALL_CHANGES,
            """
        self.watch("configmaps", self.changed, lambda _, new: self.changed(new))
        self.times = 0

    def reconcile(self, key):
        self.times += 1
        self.write(str(len(self.pods.in_namespace("default"))), times=str(self.times))
""",
        ),
    },
)
def tally(lab, answer):
    is_a_controller(answer, "Tally")
    return run(_counting(answer))


async def _counting(kind):
    async with Trial(kind) as trial:
        trial.create({**ACCOUNT, "metadata": {"name": "default", "namespace": "kube-system"}})
        trial.pod("one")
        trial.pod("two")
        trial.pod("other", "kube-system")
        await trial.begin()
        _says(trial, "2", "There are two Pods in default and one in kube-system", "Only those in default count.")
        trial.pod("three")
        await trial.rest()
        _says(trial, "3", "A third Pod came", "Is the number written again when the ConfigMap is there already?")
        trial.delete("one")
        await trial.rest()
        _says(trial, "2", "One of three Pods was deleted", "Which changes does your controller hear of?")
        await trial.end()
        trial.delete("two")
        trial.pod("four")
        trial.pod("five")
        await trial.begin()
        _says(
            trial, "3", "While it was stopped, one Pod went and two came", "Count what is there, not what is heard of."
        )
    return "It counted right: from the start, when Pods came and went, and after a restart."


def _says(trial, right, happened, why):
    try:
        data = trial.you.get("configmaps", "default", "tally").get("data") or {}
    except ApiError:
        wrong(saw=f"{happened}, and there is no ConfigMap tally{trial.complaint}.", why="Its text is to be the number.")
    if data.get("pods") != right:
        said = repr(data["pods"]) if "pods" in data else "nothing"
        wrong(saw=f"{happened}; the ConfigMap says {said}{trial.complaint}.", why=why)


@exercises.add(
    "even",
    title="A scheduler in five lines",
    hints=[
        "Three questions first: is the Pod still there? Does it ask for `even`? Has it a node already?",
        'How many Pods has each node? `Counter(pod["spec"].get("nodeName") for pod in self.pods.all())`',
        "`min(names, key=...)` finds the node with the fewest; `bind(self.client, pod, name)` puts the Pod there.",
    ],
    wrong_answers={
        "always the first": given(
            "Even",
            EVEN,
            MINE,
            """
            bind(self.client, pod, objects.name(self.nodes.all()[0]))
""",
        ),
        "in turns": given(
            "Even",
            EVEN,
            MINE,
            """
            self.turn = getattr(self, "turn", -1) + 1
            bind(self.client, pod, objects.name(self.nodes.all()[self.turn % 3]))
""",
        ),
        "everybody's Pods": given(
            "Even",
            EVEN,
            """
        if pod and not pod["spec"].get("nodeName"):
""",
            FEWEST,
        ),
        "written into the spec": given(
            "Even",
            EVEN,
            MINE,
            """
            self.client.patch("pods", "default", objects.name(pod), {"spec": {"nodeName": "node-2"}})
""",
        ),
        "bound again and again": given(
            "Even",
            EVEN,
            """
        if pod and pod["spec"]["schedulerName"] == "even":
""",
            FEWEST,
        ),
        "only Pods that come while it runs": given(
            "Even",
            EVEN.replace(
                'self.watch_own("pods")', 'self.watch("pods", lambda pod: self.clock.now() % 60 and self.enqueue(pod))'
            ),
            MINE,
            FEWEST,
        ),
    },
)
def even(lab, answer):
    is_a_controller(answer, "Even")
    return run(_spreading(answer))


async def _spreading(kind):
    async with Trial(kind) as trial:
        for name in ("node-1", "node-2", "node-3"):
            trial.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
        for name in ("x1", "x2", "x3"):
            trial.pod(name, nodeName="node-1")
        trial.pod("other")
        await trial.begin()
        for number in range(6):
            trial.pod(f"e{number}", schedulerName="even")
        await trial.rest()
        if "other" not in trial.on_nodes().get("", []):
            wrong(saw="The Pod other was bound, too.", why="It asks for the default scheduler, not for even.")
        _spread(trial, "Six Pods came, when node-1 had three Pods and the others none.")
        await trial.end()
        trial.delete(*trial.on_nodes()["node-2"][:2])
        trial.pod("e6", schedulerName="even")
        trial.pod("e7", schedulerName="even")
        await trial.begin()
        _spread(trial, "While it was stopped, two Pods of node-2 went and two new ones came.")
        await trial.rest(300)
        if trial.complaint:
            wrong(saw=f"It goes on trying{trial.complaint}.", why="A Pod that has a node needs no scheduler any more.")
    return "Nine Pods, three on each node, and it went on after a restart."


def _spread(trial, happened):
    found = trial.on_nodes()
    if waiting := [name for name in found.get("", []) if name.startswith("e")]:
        wrong(saw=f"{happened} {len(waiting)} of them have no node{trial.complaint}.", why="Each should get one.")
    counts = {name: len(found.get(name, [])) for name in ("node-1", "node-2", "node-3")}
    if set(counts.values()) != {3}:
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        wrong(
            saw=f"{happened} Now there are on {told}.", why="Each goes where the fewest are, so it should be 3, 3, 3."
        )
