"""The subcommands of agnhost that serve nothing: pause, connect, dns-suffix and its kin, logs-generator, stress.

Models test/images/agnhost/pause, connect, dns, entrypoint-tester, logs-generator and vishhstress.
"""

from __future__ import annotations

import errno
import random
import string
from typing import Any

from tinykube.images.agnhost.cobra import Command
from tinykube.images.golang import duration
from tinykube.images.golang.flags import Flag, Seconds
from tinykube.images.golang.program import GoProgram
from tinykube.images.hogs import burn, quantity
from tinykube.runtime import dns, signals

METHODS = ("GET", "POST", "PUT")
NAMESPACES = ("kube-system", "default", "ns")


async def pause(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """pause: wait for a signal."""
    program.process.out("Paused\n")
    for number, status in ((signals.SIGINT, 1), (signals.SIGTERM, 2)):
        program.on_signal(number, lambda status=status: program.exit(status))  # type: ignore[misc]
    return await program.ended()


async def connect(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """connect HOST:PORT: try it, and say in one word what was wrong."""
    process = program.process
    host, colon, port = arguments[0].rpartition(":")
    if flags["protocol"] not in ("", "tcp"):
        process.err("UNKNOWN: the practice cluster has TCP only\n")
        return 1
    if not colon or not port.isdigit():
        process.err(f"UNKNOWN: address {arguments[0]}: missing port in address\n")
        return 1
    try:
        addresses = dns.resolve(process.fs, process.host, host.strip("[]"))
    except OSError:
        addresses = []
    if not addresses:
        process.err(f"DNS: lookup {host}: no such host\n")
        return 1
    try:
        connection = await process.host.connect(addresses[0], int(port), flags["timeout"] or None)
    except OSError as error:
        process.err(_connect_error(error, addresses[0], port))
        return 1
    connection.release()
    return 0


def _connect_error(error: OSError, address: str, port: str) -> str:
    words = {errno.ETIMEDOUT: "TIMEOUT\n", errno.ECONNREFUSED: "REFUSED\n"}
    other = f"OTHER: dial tcp {address}:{port}: connect: {(error.strerror or '').lower()}\n"
    return words.get(error.errno or 0, other)


async def dns_suffix(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """dns-suffix: the search list."""
    program.process.out(",".join(dns.config(program.process.fs).search) + "\n")
    return 0


async def dns_server_list(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """dns-server-list: the name servers."""
    program.process.out(",".join(dns.config(program.process.fs).servers) + "\n")
    return 0


async def etc_hosts(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """etc-hosts: /etc/hosts."""
    program.process.out(program.process.fs.read("/etc/hosts") + b"\n")
    return 0


async def entrypoint_tester(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """entrypoint-tester: what it was started with."""
    program.process.out(f"[{' '.join(program.process.argv)}]\n")
    return 0


async def logs_generator(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """logs-generator: so many lines in so much time, evenly."""
    total, seconds = flags["log-lines-total"], flags["run-duration"]
    process = program.process
    if total <= 0 or seconds <= 0:
        wrong = f"total number of lines: {total}" if total <= 0 else f"duration: {duration.text(seconds)}"
        program.log(f"Invalid {wrong}", line="logs_generator.go:66", severity="F")
        return 255
    dice = random.Random(f"{process.table.hostname} {process.started}")
    for number in range(total):
        program.log(_log_line(number, dice), line="logs_generator.go:78")
        await process.sleep(seconds / total)
    return 0


def _log_line(number: int, dice: random.Random) -> str:
    pod = "".join(dice.choices(string.ascii_lowercase + string.digits, k=dice.randrange(3, 5)))
    url = f"/api/v1/namespaces/{dice.choice(NAMESPACES)}/pods/{pod}"
    return f"{number} {dice.choice(METHODS)} {url} {dice.randrange(200, 600)}"


async def stress(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """stress: take memory step by step, and compute."""
    process = program.process
    try:
        total, step = quantity(flags["mem-total"]), quantity(flags["mem-alloc-size"])
    except ValueError as error:
        process.err(f"Error: {error}\n")
        return 1
    sleep = flags["mem-alloc-sleep"]
    program.log(
        f'Allocating "{flags["mem-total"]}" memory, in "{flags["mem-alloc-size"]}" chunks, '
        f"with a {duration.text(sleep)} sleep between allocations",
        line="main.go:39",
    )
    for _ in range(total // step):
        process.charge(step)
        await process.sleep(sleep)
    for _ in range(flags["cpus"]):
        program.log("Spawning a thread to consume CPU", line="main.go:47")
        process.fork(burn, ["stress"]).start()
    program.log(f'Allocated "{flags["mem-total"]}" memory', line="main.go:42")
    return await program.ended()


COMMANDS = [
    Command(
        "pause", "Pauses the execution", pause, long="Pauses the execution. Useful for keeping containers running."
    ),
    Command(
        "connect",
        "Attempts a TCP, UDP or SCTP connection and returns useful errors",
        connect,
        [
            Flag("timeout", Seconds(0), "Maximum time before returning an error"),
            Flag("protocol", "tcp", "The protocol to use to perform the connection, can be tcp, udp or sctp"),
        ],
        use="connect [host:port]",
        arguments=1,
    ),
    Command("dns-suffix", "Prints the host's DNS suffix list", dns_suffix),
    Command("dns-server-list", "Prints the host's DNS Server list", dns_server_list),
    Command("etc-hosts", "Prints the host's /etc/hosts file", etc_hosts),
    Command("entrypoint-tester", "Prints the args it's passed and exits", entrypoint_tester, any_arguments=True),
    Command(
        "logs-generator",
        "Outputs lines of logs to stdout uniformly",
        logs_generator,
        [
            Flag("log-lines-total", 0, "Total lines that should be generated by the end of the run", "t"),
            Flag("run-duration", Seconds(0), "Total duration of the run", "d"),
        ],
    ),
    Command(
        "stress",
        "Consumes memory and CPU",
        stress,
        [
            Flag("mem-total", "0", "memory that will be consumed"),
            Flag("mem-alloc-size", "4Ki", "amount of memory to be consumed in each allocation"),
            Flag("mem-alloc-sleep", Seconds(0.001), "sleep time between allocations"),
            Flag("cpus", 0, "cpus to burn"),
        ],
    ),
]
