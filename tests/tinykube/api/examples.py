"""Small manifests for tests."""


def pod(name="p", *, labels=None, namespace=None, **spec):
    metadata = {"name": name, "labels": labels or {"app": name}}
    if namespace:
        metadata["namespace"] = namespace
    containers = spec.pop("containers", [{"name": "main", "image": "busybox:1.36"}])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **spec}}


def deployment(name="web", replicas=2, image="nginx:1.27", **spec):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **spec},
    }


def service(name="web", **spec):
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], "selector": {"app": name}, **spec}}


def config_map(name="c", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data or {"k": "v"}}


def bind(api, name="p", node="node-1", namespace="default"):
    api.create("pods", namespace, {"target": {"kind": "Node", "name": node}}, subresource="binding", name=name)
