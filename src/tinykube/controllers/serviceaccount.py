"""ServiceAccount and root CA publisher: every namespace has a `default` account and the cluster's certificate.

Law: both are put back when they are deleted or changed, for as long as the namespace is not being deleted.

Models k8s.io/kubernetes pkg/controller/serviceaccount/serviceaccounts_controller.go and
pkg/controller/certificates/rootcacertpublisher/publisher.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers.base import Controller
from tinykube.controllers.podcontrol import namespace_terminating
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

ROOT_CA = "kube-root-ca.crt"
SOURCE = "kube-system/extension-apiserver-authentication"
DESCRIPTION = {
    "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
    "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed "
    "across distributions of Kubernetes clusters."
}


class PerNamespace(Controller):
    """Keeps one object of a fixed name in every active namespace; keys are namespaces."""

    resource = ""
    object_name = ""

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.namespaces = self.watch("namespaces", self.enqueue, lambda _, new: self.enqueue(new))
        self.kept = self.watch(self.resource, None, lambda _, new: self._changed(new), self._changed)

    def _changed(self, obj: Obj) -> None:
        if objects.name(obj) == self.object_name:
            self.queue.add(objects.namespace(obj))

    def reconcile(self, key: str) -> None:
        """Create the namespace's object if it is missing, or put its content back."""
        namespace = self.namespaces.by_key(key)
        if namespace is None or objects.deleting(namespace):
            return
        wanted = self.build(key)
        present = self.kept.get(key, self.object_name)
        if present is None:
            self._create(wanted)
        elif "data" in wanted and present.get("data") != wanted["data"]:
            self.client.update(self.resource, {**present, "data": wanted["data"]})

    def _create(self, wanted: Obj) -> None:
        try:
            self.client.create(self.resource, wanted)
        except ApiError as refused:
            if refused.reason != "AlreadyExists" and not namespace_terminating(refused):
                raise

    def build(self, namespace: str) -> Obj:
        """The object as it should be."""
        return {"metadata": {"name": self.object_name, "namespace": namespace}}


class ServiceAccountController(PerNamespace):
    """Keeps the ServiceAccount `default`."""

    name = "service-account-controller"
    resource = "serviceaccounts"
    object_name = "default"

    def build(self, namespace: str) -> Obj:
        """An account without anything but its name."""
        return {"apiVersion": "v1", "kind": "ServiceAccount", **super().build(namespace)}


class RootCaPublisher(PerNamespace):
    """Keeps the ConfigMap `kube-root-ca.crt`: the certificate that the API server has published about itself."""

    name = "root-ca-cert-publisher"
    resource = "configmaps"
    object_name = ROOT_CA

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.kept.on_change(self._source_seen, lambda _, new: self._source_seen(new))

    def _source_seen(self, obj: Obj) -> None:
        if objects.key(obj) == SOURCE:
            for namespace in self.namespaces.all():
                self.enqueue(namespace)

    def build(self, namespace: str) -> Obj:
        """The certificate that the API server is known by, taken from the cluster's own configuration."""
        obj = super().build(namespace)
        obj["metadata"]["annotations"] = dict(DESCRIPTION)
        return {"apiVersion": "v1", "kind": "ConfigMap", **obj, "data": {"ca.crt": self._certificate()}}

    def _certificate(self) -> str:
        return objects.dig(self.kept.by_key(SOURCE), "data", "client-ca-file", default="")


class ServiceCaPublisher(PerNamespace):
    """Keeps the ConfigMap `openshift-service-ca.crt`, as the recorded distribution does; its bundle is empty, because
    nothing here signs certificates for Services."""

    name = "service-ca-cert-publisher"
    resource = "configmaps"
    object_name = "openshift-service-ca.crt"

    def build(self, namespace: str) -> Obj:
        """An empty bundle."""
        obj = super().build(namespace)
        obj["metadata"]["annotations"] = {"service.beta.openshift.io/inject-cabundle": "true"}
        return {"apiVersion": "v1", "kind": "ConfigMap", **obj, "data": {"service-ca.crt": ""}}
