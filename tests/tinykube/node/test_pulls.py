import asyncio
import random

import pytest

from tinykube.clock import Clock
from tinykube.node.pulls import ImageError, ImageManager, unreachable
from tinykube.runtime.images import Image, ImageStore
from tinykube.runtime.nodes import Directory

POD = {"metadata": {"name": "p", "namespace": "d", "uid": "u"}}
NO_HOST = (
    'failed to pull and unpack image "example.invalid/none:1": failed to resolve image: failed to do request: '
    'Head "https://example.invalid/v2/none/manifests/1": '
    "dial tcp: lookup example.invalid on 10.96.0.10:53: no such host"
)


@pytest.fixture
def clock():
    return Clock(0)


@pytest.fixture
def manager(clock):
    store = ImageStore([Image("docker.io/library/busybox", ("1.36", "latest"), Directory(), size=4_000_000)])
    return ImageManager(clock, random.Random(1), store)


async def ensure(manager, image, policy="IfNotPresent"):
    events = []
    container = {"name": "c", "image": image, "imagePullPolicy": policy}
    try:
        found = await manager.ensure(POD, container, lambda *event: events.append(event))
    except ImageError as problem:
        return (problem.reason, str(problem), problem.retry_at), events
    return found[1], events


async def test_an_image_that_is_there(manager):
    found, events = await ensure(manager, "busybox:1.36")
    assert found == "docker.io/library/busybox:1.36"
    message = 'Container image "busybox:1.36" already present on machine and can be accessed by the pod'
    assert events == [("Normal", "Pulled", message)]


async def test_always_pulls_even_what_is_there(manager, clock):
    task = asyncio.create_task(ensure(manager, "busybox", "Always"))
    await clock.advance(2)
    found, events = await task
    assert found == "docker.io/library/busybox:latest"
    assert events[0] == ("Normal", "Pulling", 'Pulling image "busybox"')
    assert events[1][2].startswith('Successfully pulled image "busybox" in ')
    assert events[1][2].endswith(" including waiting). Image size: 4000000 bytes.")


async def test_an_unknown_image_fails_backs_off_and_says_what_there_is(manager, clock):
    image = "example.invalid/none:1"
    (reason, message, retry_at), events = await ensure(manager, image)
    assert (reason, message, retry_at) == ("ErrImagePull", NO_HOST, None)
    assert [e[1] for e in events] == ["Pulling", "Failed", "ImagesAvailable"]
    assert events[1][2] == f'Failed to pull image "{image}": {NO_HOST}'
    assert "busybox" in events[2][2]
    assert "kind" in events[2][2]

    await clock.advance(4)
    (reason, message, retry_at), events = await ensure(manager, image)
    assert (reason, retry_at) == ("ImagePullBackOff", 10.0)
    assert message == f'Back-off pulling image "{image}": ErrImagePull: {NO_HOST}'
    assert events == [("Normal", "BackOff", f'Back-off pulling image "{image}"')]

    await clock.advance(6)
    (reason, _, _), events = await ensure(manager, image)
    assert (reason, [e[1] for e in events]) == ("ErrImagePull", ["Pulling", "Failed"])
    (_, _, retry_at), _ = await ensure(manager, image)
    assert retry_at == 30.0


async def test_never_does_not_try(manager):
    (reason, message, _), events = await ensure(manager, "redis", "Never")
    assert (reason, [e[1] for e in events]) == ("ErrImageNeverPull", ["ErrImageNeverPull"])
    assert message == 'Container image "redis" is not present with pull policy of Never'


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("Not An Image", "invalid reference format"),
        ("NGINX:1", "invalid reference format: repository name (library/NGINX) must be lowercase"),
    ],
)
async def test_a_name_that_is_no_image(manager, name, end):
    (reason, message, _), events = await ensure(manager, name)
    assert (reason, [e[1] for e in events]) == ("InvalidImageName", ["InspectFailed"])
    assert message == f'Failed to apply default image tag "{name}": couldn\'t parse image name "{name}": {end}'


def test_the_registry_of_a_short_name_is_named_in_full():
    assert '"docker.io/library/redis:7"' in unreachable("docker.io/library/redis:7")


async def test_a_pod_says_which_pull_secrets_are_missing_and_runs_without_them(machine):
    machine.create({"kind": "Secret", "metadata": {"name": "there"}, "data": {}})
    secrets = [{"name": "there"}, {"name": "gone"}, {"name": "lost"}]
    machine.run(imagePullSecrets=secrets, containers=[{"name": "main", "image": "busybox:1.36", "command": ["eat"]}])
    await machine.clock.advance(1)
    assert machine.events("FailedToRetrieveImagePullSecret") == [
        (
            "FailedToRetrieveImagePullSecret",
            "Unable to retrieve some image pull secrets (gone, lost); attempting to pull the image may not succeed.",
        )
    ]
    assert machine.status()["ready"]


def test_images_without_a_registry_are_looked_for_at_docker_hubs():
    assert 'Head "https://registry-1.docker.io/v2/library/nginx/manifests/1.72": dial tcp: lookup registry-1.' in (
        unreachable("docker.io/library/nginx:1.72")
    )
