"""A controller and a scheduler, in pieces: as the exercises of this chapter want them, and as they go wrong."""

TALLY = """
from tinykube.controllers import Controller


class Tally(Controller):
    name = "tally"

    def changed(self, pod):
        self.queue.add("tally")

    def write(self, number, **more):
        data = {"pods": number, **more}
        if self.maps.get("default", "tally"):
            self.client.patch("configmaps", "default", "tally", {"data": data})
        else:
            metadata = {"name": "tally", "namespace": "default"}
            self.client.create("configmaps", {"metadata": metadata, "data": data})

    def __init__(self, *parts):
        super().__init__(*parts)
        self.maps = self.informer("configmaps")"""
ALL_CHANGES = """
        self.pods = self.watch("pods", self.changed, lambda _, new: self.changed(new), self.changed)
"""
COUNTING = """
    def reconcile(self, key):
        self.write(str(len(self.pods.in_namespace("default"))))
"""
EVEN = """
from collections import Counter

from tinykube import objects
from tinykube.controllers import Controller


class Even(Controller):
    name = "even"

    def __init__(self, *parts):
        super().__init__(*parts)
        self.nodes = self.informer("nodes")
        self.pods = self.watch_own("pods")

    def reconcile(self, key):
        pod = self.pods.by_key(key)"""
MINE = """
        if pod and pod["spec"]["schedulerName"] == "even" and not pod["spec"].get("nodeName"):
"""
FEWEST = """
            used = Counter(one["spec"].get("nodeName") for one in self.pods.all())
            bind(self.client, pod, min(map(objects.name, self.nodes.all()), key=lambda name: used[name]))
"""
