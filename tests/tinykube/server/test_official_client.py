"""The official Python client: typed, dynamic, watch and stream."""

import gc

import pytest
from kubernetes import client, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream
from tests.tinykube.api.examples import deployment


async def test_the_typed_client(official):
    def use(api):
        core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
        core.create_namespaced_config_map("default", {"metadata": {"name": "c"}, "data": {"a": "b"}})
        assert core.read_namespaced_config_map("c", "default").data == {"a": "b"}
        apps.create_namespaced_deployment("default", deployment())
        assert apps.read_namespaced_deployment("web", "default").spec.replicas == 2
        apps.patch_namespaced_deployment_scale("web", "default", {"spec": {"replicas": 5}})
        assert apps.read_namespaced_deployment_scale("web", "default").spec.replicas == 5
        assert [p.metadata.name for p in core.list_namespaced_pod("default").items] == ["p"]
        core.delete_namespaced_config_map("c", "default")
        try:
            core.read_namespaced_config_map("c", "default")
        except ApiException as error:
            return error.status, error.reason
        return None

    assert await official(use) == (404, "Not Found")


async def test_the_dynamic_client(official):
    def use(api):
        found = dynamic.DynamicClient(api)
        deployments = found.resources.get(api_version="apps/v1", kind="Deployment")
        deployments.server_side_apply(body=deployment(), name="web", namespace="default", field_manager="me")
        deployments.patch(
            name="web",
            namespace="default",
            body={"spec": {"replicas": 3}},
            content_type="application/merge-patch+json",
        )
        return deployments.get(name="web", namespace="default").spec.replicas

    assert await official(use) == 3


async def test_its_watch(served, official):
    def use(api):
        core = client.CoreV1Api(api)
        found = []
        for event in watch.Watch().stream(core.list_namespaced_pod, "default", _request_timeout=60):
            found.append((event["type"], event["object"].metadata.name))
            if len(found) == 1:
                core.delete_namespaced_pod("p", "default", grace_period_seconds=0)
            if event["type"] == "DELETED":
                return found
        return found

    assert await official(use) == [("ADDED", "p"), ("MODIFIED", "p"), ("DELETED", "p")]


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # the client never closes its socket
async def test_its_stream(official):
    def use(api):
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_exec
        text = stream(connect, "p", "default", command=["echo", "hi"], stdout=True, stderr=True, stdin=False, tty=False)
        open_ = stream(
            connect, "p", "default", command=["cat"], stdin=True, stdout=True, stderr=True, tty=False,
            _preload_content=False,
        )  # fmt: skip
        open_.write_stdin("typed\n")
        line = open_.readline_stdout(timeout=60)
        open_.close()
        failed = stream(
            connect, "p", "default", command=["exit", "3"], stdout=True, stderr=True, stdin=False, tty=False,
            _preload_content=False,
        )  # fmt: skip
        failed.run_forever(timeout=60)
        failed.close()
        return text, line, failed.returncode

    assert await official(use) == ("echo hi\ncomplaint\n", "typed", 3)
    gc.collect()


async def test_its_logs(official):
    text = await official(lambda api: client.CoreV1Api(api).read_namespaced_pod_log("p", "default"))
    assert text == "one\ntwo\n"
