"""Ages are right in every client after the cluster's time has jumped: kubectl counts some with its own clock."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from kubernetes import client as official
from kubernetes import config
from tests.parity.runner import runner

pytestmark = pytest.mark.kubectl
POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: c, image: 'busybox:1.36', command: [sleep, '100000'], readinessProbe: {exec: {command: ['false']}}}
"""
JUMP = 50 * 60  # seconds; events are gone after an hour


@pytest.fixture
async def cluster(tmp_path, kubectl):
    """A practice cluster with a Pod that was made 50 minutes ago, by jumping."""
    async with runner(tmp_path, kubectl) as found:
        await found.call("apply", "-f", "-", stdin=POD)
        await found.cluster.clock.advance(10)
        await found.cluster.clock.advance(JUMP)
        yield found


@pytest.mark.parametrize(
    ("command", "age"),
    [
        ("get pod web", r"web +0/1 +Running +0 +50m\n"),
        ("get nodes", r"practice-control-plane +Ready +\S+ +50m +v"),
        ("get events --field-selector=reason=Scheduled", r"50m +Normal +Scheduled"),
        ("events --for=pod/web", r"50m +Normal +Scheduled"),
        ("describe pod web", r"Normal +Scheduled +50m +default-scheduler"),
        ("describe pod web", r"Warning +Unhealthy +\S+ \(x\d+ over 50m\) +kubelet"),
        ("get pod web --watch --request-timeout=1s", r"web +0/1 +Running +0 +50m\n"),
    ],
)
async def test_kubectl_counts_the_minutes(cluster, command, age):
    _, output = await cluster.call(*command.split())
    assert re.search(age, output), output
    assert "<invalid>" not in output


async def test_the_official_client_counts_the_minutes(cluster):
    def ages():
        config.load_kube_config(str(cluster.server.kubeconfig))
        api, now = official.CoreV1Api(), datetime.now(UTC)
        pod = api.read_namespaced_pod("web", "default")
        events = api.list_namespaced_event("default", field_selector="reason=Started").items
        moments = [
            pod.metadata.creation_timestamp,
            pod.status.start_time,
            pod.status.container_statuses[0].state.running.started_at,
            events[0].first_timestamp,
        ]
        return [(now - moment).total_seconds() for moment in moments]

    for seconds in await asyncio.to_thread(ages):
        assert seconds == pytest.approx(JUMP + 10, abs=15)


async def test_a_logs_timestamps_are_as_old(cluster):
    await cluster.call("run", "talks", "--image=busybox:1.36", "--restart=Never", "--", "echo", "hello")
    await cluster.cluster.clock.advance(JUMP)
    _, line = await cluster.call("logs", "talks", "--timestamps")
    spoken = datetime.fromisoformat(line.split(" ")[0][:19] + "+00:00")
    assert (datetime.now(UTC) - spoken).total_seconds() == pytest.approx(JUMP, abs=15)
    assert (await cluster.call("logs", "talks", "--since=30m"))[1] == ""
    assert (await cluster.call("logs", "talks", "--since=2h"))[1] == "hello\n"
