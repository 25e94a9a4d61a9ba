"""nc, nslookup, ping, telnet, ifconfig-like looks at the Pod's network.

Models busybox's networking/nc.c, nslookup.c, ping.c, ip.c, netstat.c.
"""

from __future__ import annotations

import asyncio

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.basics import duration
from tinykube.images.busybox.tools.options import Options, UsageError, parse_words
from tinykube.runtime import dns
from tinykube.runtime.network import LISTENER_ANY, Connection
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

# -- nc ------------------------------------------------------------------------------------------------------


async def nc(process: Process) -> int:
    """nc, with -l, -p, -e, -w, -k (or -ll), -z, -v, -n."""
    options, words = parse_words(_until_program(process.argv[1:]), "lkp:w:i:e:f:zvnus:q:4")
    if "u" in options:
        process.err(f"{process.name}: the practice cluster's network has no UDP for programs\n")
        return 1
    if "l" in options:
        return await _listen(process, options, words)
    if len(words) != 2 or not words[1].isdigit():
        raise UsageError("")
    return await _connect(process, options, words[0], int(words[1]))


def _until_program(words: list[str]) -> list[str]:
    """-e takes the rest of the line: keep it as one word, joined by NUL."""
    if "-e" not in words:
        return words
    at = words.index("-e")
    return [*words[: at + 1], "\0".join(words[at + 1 :])]


async def _connect(process: Process, options: Options, name: str, port: int) -> int:
    addresses = dns.resolve(process.fs, process.host, name) or (["127.0.0.1"] if name == "localhost" else [])
    if not addresses:
        process.err(f"{process.name}: bad address '{name}'\n")
        return 1
    timeout = duration(options.values["w"]) if "w" in options else None
    try:
        connection = await process.host.connect(addresses[0], port, timeout)
    except TimeoutError:
        process.err(f"{process.name}: timed out\n")
        return 1
    except OSError as error:
        process.err(f"{process.name}: can't connect to remote host ({addresses[0]}): {error.strerror}\n")
        return 1
    if "v" in options:
        process.err(f"{name} ({addresses[0]}:{port}) open\n")
    if "z" in options:
        connection.release()
        return 0
    return await _exchange(process, connection, options)


async def _listen(process: Process, options: Options, words: list[str]) -> int:
    port = options.values.get("p") or (words[-1] if words and words[-1].isdigit() else "0")
    arrived: asyncio.Queue[Connection] = asyncio.Queue()
    try:
        listener = process.host.listen(int(port), arrived.put_nowait, address=options.values.get("s", LISTENER_ANY))
    except OSError as error:
        process.err(f"{process.name}: bind: {error.strerror}\n")
        return 1
    process.fds[max(process.fds) + 1] = listener
    again = "k" in options or process.argv[1:].count("-l") > 1 or "-ll" in process.argv or "-lk" in process.argv
    while True:
        connection = await arrived.get()
        if not again:
            listener.stop()
        if again and "e" in options:
            _serve(process, connection, options)
            continue
        status = await _exchange(process, connection, options)
        if not again:
            return status


def _serve(process: Process, connection: Connection, options: Options) -> None:
    """Run the program of -e for one of many connections."""
    child = _program(process, connection, options)
    if child is not None:
        child.start()


def _program(process: Process, connection: Connection, options: Options) -> Process | None:
    child = lines.command(process, options.values["e"].split("\0"))
    if child is None:
        connection.release()
        return None
    for number in (0, 1):
        child.fds[number].release()
        child.fds[number] = connection.retain()
    connection.release()
    return child


async def _exchange(process: Process, connection: Connection, options: Options) -> int:
    """Standard input to the connection and the connection to standard output, until the other side ends."""
    if "e" in options:
        child = _program(process, connection, options)
        return 1 if child is None else await process.call(child)
    sending = asyncio.get_running_loop().create_task(_send(process.stdin, connection))
    try:
        while data := await connection.read():
            process.out(data)
            await process.drain()
    finally:
        sending.cancel()
        connection.release()
    return 0


async def _send(source: Stream, connection: Connection) -> None:
    try:
        while data := await source.read():
            connection.write(data)
            await connection.drain()
        connection.finish_writing()
    except OSError:
        pass  # the other side has gone: the reading half notices


# -- names ---------------------------------------------------------------------------------------------------

_TYPES = {"a": "A", "aaaa": "AAAA", "srv": "SRV", "ptr": "PTR", "txt": "TXT", "cname": "CNAME", "any": "A"}
TRIES, WAIT = 2, 5.0  # a name server that does not answer is asked that often, seconds apart


async def nslookup(process: Process) -> int:
    """nslookup, with -type."""
    kinds: list[str] = []
    words = []
    for word in process.argv[1:]:
        if word.startswith(("-type=", "-querytype=", "-q=")):
            kinds.append(_TYPES.get(word.partition("=")[2].lower(), "A"))
        elif not word.startswith("-"):
            words.append(word)
    if not 1 <= len(words) <= 2:
        raise UsageError("")
    settings = dns.config(process.fs)
    server = words[1] if len(words) > 1 else next(iter(settings.servers), "127.0.0.1")
    name = words[0]
    if dns.is_address(name):
        queries = [(".".join(reversed(name.split("."))) + ".in-addr.arpa", "PTR")]
    else:
        searched = [f"{name}.{domain}" for domain in settings.search] if "." not in name else []
        queries = [(full, kind) for kind in kinds or ["A", "AAAA"] for full in searched or [name.rstrip(".")]]
    address = next(iter(dns.resolve(process.fs, process.host, server)), server)
    return await _ask(process, address, queries)


async def _ask(process: Process, server: str, queries: list[tuple[str, str]]) -> int:
    status = 0
    out = [f"Server:\t\t{server}\nAddress:\t{server}:53\n\n"]
    for full, kind in queries:
        try:
            answers = process.host.network.dns(server, full, kind)
        except OSError:
            await process.sleep(WAIT * TRIES)
            process.out(";; connection timed out; no servers could be reached\n\n")
            return 1
        if answers is None:
            status = 1
            out.append(f"** server can't find {full}: NXDOMAIN\n\n")
            continue
        out += [_answer(full, kind, answer) for answer in answers]
        out.append("\n")
    process.out("".join(out))
    return status


def _answer(name: str, kind: str, value: str) -> str:
    if kind == "PTR":
        return f"{name}\tname = {value}\n"
    if kind == "SRV":
        return f"{name}\tservice = {value}\n"
    if kind == "CNAME":
        return f"{name}\tcanonical name = {value}\n"
    return f"Name:\t{name}\nAddress: {value}\n"


# -- looking at the network ----------------------------------------------------------------------------------


async def ping(process: Process) -> int:
    """ping, with -c, -W, -w, -q: hosts answer, virtual IPs of Services do not, as with iptables."""
    options, words = parse_words(process.argv[1:], "c:W:w:i:s:q46I:t:n")
    if len(words) != 1:
        raise UsageError("")
    addresses = dns.resolve(process.fs, process.host, words[0])
    if not addresses:
        process.err(f"{process.name}: bad address '{words[0]}'\n")
        return 1
    target, count = addresses[0], options.number("c", 1 << 30)
    up = process.host.is_local(target) or target in process.host.network.hosts
    process.out(f"PING {words[0]} ({target}): 56 data bytes\n")
    sent = received = 0
    while sent < count:
        if up and "q" not in options:
            process.out(f"64 bytes from {target}: seq={sent} ttl=64 time=0.100 ms\n")
        received += up
        sent += 1
        if sent < count or not up:
            await process.sleep(1.0)
    loss = 100 * (sent - received) // sent
    process.out(f"\n--- {words[0]} ping statistics ---\n")
    process.out(f"{sent} packets transmitted, {received} packets received, {loss}% packet loss\n")
    if received:
        process.out("round-trip min/avg/max = 0.100/0.100/0.100 ms\n")
    return int(not received)


async def ip(process: Process) -> int:
    """ip addr, ip route; ifconfig; hostname -i for people in a hurry."""
    words = process.argv[1:]
    host = process.host
    if process.name == "ip" and words and words[0].startswith("r"):
        gateway = host.ip.rpartition(".")[0] + ".1"
        process.out(f"default via {gateway} dev eth0 \n")
        return 0
    if process.name == "ip" and not (words and words[0].startswith("a")):
        raise UsageError("")
    process.out(
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n"
        "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n"
        "2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue qlen 1000\n"
        f"    inet {host.ip}/24 scope global eth0\n       valid_lft forever preferred_lft forever\n"
    )
    return 0


async def netstat(process: Process) -> int:
    """netstat -tln: who listens."""
    process.out("Active Internet connections (only servers)\n")
    process.out("Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n")
    for address, port in sorted(process.host.listeners):
        process.out(f"tcp        0      0 {f'{address}:{port}':<23} {'0.0.0.0:*':<23} LISTEN      \n")
    return 0


async def telnet(process: Process) -> int:
    """telnet: as nc."""
    words = [word for word in process.argv[1:] if not word.startswith("-")]
    if not words:
        raise UsageError("")
    return await _connect(process, Options(), words[0], int(words[1]) if len(words) > 1 else 23)
