"""A lab without a cluster: objects in a dict."""

from kubelab.resources import Resource


class FakeLab:
    namespace = "lab-x"

    def __init__(self, **objects):
        self.objects = {"namespace/lab-x": Resource(kind="Namespace", metadata={"name": "lab-x"})}
        self.objects |= {name.replace("_", "/"): value for name, value in objects.items()}
        self.refused = self.refused_input = ""

    def find(self, target):
        return self.objects.get(target)
