"""agnhost: Kubernetes' own test image: small servers and tools under one command.

Law: the subcommands that tutorials and labs use, with agnhost's own words and exit codes; of any other it says that it
is not there, and never pretends.

Models test/images/agnhost.
"""

from __future__ import annotations

from tinykube.images import alpine, curl
from tinykube.images.agnhost import cobra, netexec, servers, tools
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File, Symlink
from tinykube.runtime.process import Process


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMANDS = [netexec.COMMAND, *servers.COMMANDS, *tools.COMMANDS]
ELSEWHERE = _names(
    "audit-proxy crd-conversion-webhook fake-gitserver fake-registry-server grpc-health-checking guestbook "
    "inclusterclient mounttest mtlsclient mtlsserver net nettest no-snat-test no-snat-test-proxy openidmetadata "
    "port-forward-tester resource-consumer-controller tcp-reset webhook"
)
TAGS = (cobra.VERSION, "2.52", "2.47", "2.45", "2.43", "2.40", "2.39", "2.38", "2.21")
REPOSITORIES = ("registry.k8s.io/e2e-test-images/agnhost", "docker.io/library/agnhost")


async def main(process: Process) -> int:
    """The program."""
    return await cobra.execute(process, COMMANDS, ELSEWHERE)


def images() -> list[Image]:
    """agnhost under its registry's name, and under its bare one."""
    root = alpine.root(
        {
            "/agnhost": File(b"\x7fELF agnhost", 0o755, program=main),
            "/agnhost-2": Symlink("agnhost"),
            "/uploads": Directory(),
            "/bin/bash": alpine.bash(),
            "/usr/bin/curl": curl.binary(),
        }
    )
    return [
        Image(
            repository,
            TAGS if repository.startswith("registry") else (*TAGS, "latest"),
            root,
            entrypoint=("/agnhost",),
            cmd=("pause",),
            ports=(80, 8080, 8081, 9376),
            size=52_500_000,
        )
        for repository in REPOSITORIES
    ]
