"""An nginx on the bench, and what it answers."""

from tests.tinykube.images.bench import Bench, volume

from tinykube.runtime import Mount

WELCOME = (
    b"<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head>"
    b"<body><h1>Welcome to nginx!</h1></body></html>\n"
)


def web(bench: Bench, conf: str = "", name: str = "web", tag: str = "1.27", **spec):
    """An nginx container whose only server configuration is `conf`."""
    mounts = spec.pop("mounts", [])
    if conf:
        mounts = [*mounts, Mount("/etc/nginx/conf.d", volume(bench.clock, {"default.conf": conf}), True)]
    return bench.run(name, f"nginx:{tag}", mounts=mounts, **spec)


async def body(bench: Bench, container, target: str = "/", **options) -> tuple[int, str]:
    """Status and text of a response."""
    response = await bench.get(container, target, **options)
    return response.status, response.body.decode()
