"""nginx as a program: the command line, the master process, its worker, and their signals.

Law: the master holds the listening sockets and the configuration; the worker is there to be seen and killed, and the
master starts another. SIGTERM ends at once, SIGQUIT when requests under way are answered, SIGHUP reads the
configuration again.

Models nginx's src/core/nginx.c and src/os/unix/ngx_process_cycle.c.
"""

from __future__ import annotations

import asyncio
import errno

from tinykube.images.nginx import config
from tinykube.images.nginx.config import ConfigError
from tinykube.images.nginx.handler import Site
from tinykube.images.nginx.logs import Logs
from tinykube.images.nginx.model import Configuration, build
from tinykube.images.nginx.times import error_time
from tinykube.runtime import dns, eager, http, signals
from tinykube.runtime.devices import KERNEL
from tinykube.runtime.http import Request, Response
from tinykube.runtime.network import Listener
from tinykube.runtime.nodes import Program
from tinykube.runtime.process import Process

MEMORY = 3 * 1024**2  # bytes: master and worker, idle
SIGNALS = {"stop": signals.SIGTERM, "quit": signals.SIGQUIT, "reload": signals.SIGHUP, "reopen": signals.SIGUSR1}
TRIES, PAUSE = 5, 0.5  # bind(2) is tried that often, seconds apart
NUMBERS = {errno.EADDRINUSE: 98, errno.EADDRNOTAVAIL: 99}
WORKER = 101  # the user nginx
TEMPORARY = ("client_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp")


def program(version: str) -> Program:
    """nginx of a version."""

    async def main(process: Process) -> int:
        return await Master(process, version).main()

    return main


class Master:
    """One run of nginx."""

    def __init__(self, process: Process, version: str) -> None:
        self.process, self.version = process, version
        self.conf, self.globals = "/etc/nginx/nginx.conf", ""
        self.site: Site | None = None
        self.logs: Logs | None = None
        self.listeners: dict[tuple[str, int], Listener] = {}
        self.worker: Process | None = None
        self.arrived: list[int] = []
        self.woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stopping = False

    # -- the command line ------------------------------------------------------------------------------------

    async def main(self) -> int:
        """Do what the command line says."""
        process, words = self.process, self.process.argv[1:]
        action = ""
        while words:
            word = words.pop(0)
            if word in ("-v", "-V"):
                process.err(f"nginx version: nginx/{self.version}\n")
                return 0
            if word in ("-t", "-T", "-q"):
                action = word if word != "-q" else action
            elif word in ("-g", "-c", "-s", "-p", "-e") and words:
                value = words.pop(0)
                if word == "-g":
                    self.globals = value
                elif word == "-c":
                    self.conf = value if value.startswith("/") else f"{config.PREFIX}/{value}"
                elif word == "-s":
                    action = value
            else:
                process.err(f'nginx: invalid option: "{word.lstrip("-")}"\n')
                return 1
        if action in SIGNALS:
            return self._send(SIGNALS[action])
        if action and action not in ("-t", "-T"):
            process.err(f'nginx: invalid option: "-s {action}"\n')
            return 1
        return await self._run(action)

    def _send(self, number: int) -> int:
        path = "/run/nginx.pid"
        try:
            pid = int(self.process.fs.read(path) or b"0")
        except OSError as error:
            self._emergency(f'open() "{path}" failed ({error.errno}: {error.strerror})', "error")
            return 1
        target = self.process.table.processes.get(pid)
        if target is None:
            self._emergency(f"kill({pid}, {number}) failed (3: No such process)", "alert")
            return 1
        stamp, me = error_time(self.process.clock.now()), self.process.pid
        self.process.err(f"{stamp} [notice] {me}#{me}: signal process started\n")
        target.signal(number)
        return 0

    def _emergency(self, message: str, level: str = "emerg") -> None:
        """A message before there is a log: once with the time, once without, as nginx does."""
        stamp, pid = error_time(self.process.clock.now()), self.process.pid
        self.process.err(f"{stamp} [{level}] {pid}#{pid}: {message}\nnginx: [{level}] {message}\n")

    # -- starting --------------------------------------------------------------------------------------------

    def _load(self) -> Configuration:
        process = self.process
        directives = config.parse(process.fs, self.globals) + config.read(process.fs, self.conf)
        return build(directives, lambda name: dns.resolve(process.fs, process.host, name))

    async def _run(self, action: str) -> int:
        process = self.process
        try:
            configuration = self._load()
            self._make_directories(action)
            self.logs = Logs(process, configuration)
        except ConfigError as error:
            self._emergency(str(error))
            if action:
                process.err(f"nginx: configuration file {self.conf} test failed\n")
            return 1
        if action:
            process.err(f"nginx: the configuration file {self.conf} syntax is ok\n")
            process.err(f"nginx: configuration file {self.conf} test is successful\n")
            return 0
        process.charge(MEMORY)
        if not await self._bind(configuration):
            return 1
        if configuration.main.value("daemon", "on") == "on":
            return self._daemonize(configuration)
        return await self._cycle(configuration)

    def _make_directories(self, action: str) -> None:
        fs = self.process.fs
        try:
            for name in TEMPORARY:
                if not fs.exists(f"/var/cache/nginx/{name}"):
                    fs.make_directory(f"/var/cache/nginx/{name}")
                self._give_to_worker(f"/var/cache/nginx/{name}")
            if not action:
                fs.write("/run/nginx.pid", f"{self.process.pid}\n".encode())
        except OSError as error:
            verb = "open" if error.filename == "/run/nginx.pid" else "mkdir"
            raise ConfigError(f'{verb}() "{error.filename}" failed ({error.errno}: {error.strerror})') from None

    def _give_to_worker(self, path: str) -> None:
        """root's directories become the worker's, if root may give them away."""
        fs = self.process.fs
        try:
            if fs.uid == 0 and fs.lookup(path).uid == 0:
                fs.change(path, uid=WORKER)
        except PermissionError as error:
            why = f'chown("{path}", {WORKER}) failed ({error.errno}: {error.strerror})'
            raise ConfigError(why) from None

    def _daemonize(self, configuration: Configuration) -> int:
        """Without `daemon off;` the master goes into the background: as pid 1 that ends the container."""

        async def daemon(child: Process) -> int:
            self.process = child
            child.on_signal(signals.SIGTERM, self._signaled)
            return await self._cycle(configuration)

        fds = {number: stream.retain() for number, stream in self.process.fds.items()}
        self.process.fork(daemon, self.process.argv, fds=fds).start()
        return 0

    async def _bind(self, configuration: Configuration) -> bool:
        """Listen where the servers say; try again for a while if somebody else does."""
        assert self.logs is not None
        for attempt in range(TRIES):
            failures = self._listen(configuration)
            if not failures:
                return True
            for failure in failures:
                self._emergency(failure)
            self.logs.error("notice", f"try again to bind() after {PAUSE * 1000:.0f}ms")
            if attempt < TRIES:
                await self.process.sleep(PAUSE)
        self._emergency("still could not bind()")
        return False

    def _listen(self, configuration: Configuration) -> list[str]:
        failures = []
        wanted = {address for server in configuration.servers for address in server.listens}
        for address in [a for a in self.listeners if a not in wanted]:
            self.listeners.pop(address).stop()
        for address in sorted(wanted - set(self.listeners)):
            try:
                self.listeners[address] = http.serve(self.process, address[1], self._answer, address=address[0])
            except OSError as error:
                number = NUMBERS.get(error.errno or 0, error.errno)
                failures.append(f"bind() to {address[0]}:{address[1]} failed ({number}: {error.strerror})")
        return failures

    async def _answer(self, request: Request) -> Response:
        assert self.site is not None
        return await self.site.answer(request)

    # -- running ---------------------------------------------------------------------------------------------

    async def _cycle(self, configuration: Configuration) -> int:
        process, logs = self.process, self.logs
        assert logs is not None
        process.argv = [f"nginx: master process {' '.join(process.argv)}"]
        for number in (signals.SIGTERM, signals.SIGINT, signals.SIGQUIT, signals.SIGHUP, signals.SIGUSR1):
            process.on_signal(number, self._signaled)
        logs.error("notice", 'using the "epoll" event method')
        logs.error("notice", f"nginx/{self.version}")
        logs.error("notice", f"OS: Linux {KERNEL}")
        logs.error("notice", "getrlimit(RLIMIT_NOFILE): 20000:20000")
        self._serve(configuration)
        while True:
            await self.woken
            self.woken = asyncio.get_running_loop().create_future()
            while self.arrived:
                number = self.arrived.pop(0)
                if number == signals.SIGHUP:
                    self._reload()
                elif number == signals.SIGCHLD:
                    self._worker_died()
                elif number != signals.SIGUSR1:
                    return await self._leave(number)

    def _signaled(self, number: int) -> None:
        self.arrived.append(number)
        eager.resolve(self.woken)

    def _serve(self, configuration: Configuration) -> None:
        assert self.logs is not None
        self.site = Site(self.process, configuration, self.logs, self.version)
        self.logs.error("notice", "start worker processes")
        self._start_worker()

    def _start_worker(self) -> None:
        assert self.logs is not None
        assert self.site is not None
        fds = {number: stream.retain() for number, stream in self.process.fds.items() if number < 3}
        worker = self.worker = self.process.fork(_worker, ["nginx: worker process"], fds=fds)
        self.site.worker = worker.pid
        self.logs.error("notice", f"start worker process {worker.pid}")
        worker.when_finished(lambda: self._child_ended(worker))
        worker.start()

    def _child_ended(self, worker: Process) -> None:
        if worker is self.worker and not self.stopping:
            self._signaled(signals.SIGCHLD)

    def _worker_died(self) -> None:
        assert self.logs is not None
        assert self.worker is not None
        self.logs.error("notice", f"signal 17 (SIGCHLD) received from {self.worker.pid}")
        self.logs.error("alert", f"worker process {self.worker.pid} exited on signal {self.worker.killed_by}")
        self._start_worker()

    def _reload(self) -> None:
        assert self.logs is not None
        self.logs.error("notice", "signal 1 (SIGHUP) received, reconfiguring")
        self.logs.error("notice", "reconfiguring")
        try:
            configuration = self._load()
            logs = Logs(self.process, configuration)
        except ConfigError as error:
            self.logs.error("emerg", str(error))
            return
        for failure in self._listen(configuration):
            self.logs.error("emerg", failure)
            return
        old, self.logs = self.worker, logs
        logs.error("notice", 'using the "epoll" event method')
        self._serve(configuration)
        if old is not None:
            logs.error("notice", "gracefully shutting down", old.pid)
            logs.error("notice", "exiting", old.pid)
            logs.error("notice", "exit", old.pid)
            old.die(signals.SIGQUIT)
            logs.error("notice", f"signal 17 (SIGCHLD) received from {old.pid}")
            logs.error("notice", f"worker process {old.pid} exited with code 0")

    async def _leave(self, number: int) -> int:
        assert self.logs is not None
        assert self.worker is not None
        self.stopping = True
        graceful, logs, worker = number == signals.SIGQUIT, self.logs, self.worker.pid
        ending = "shutting down" if graceful else "exiting"
        logs.error("notice", f"signal {number} (SIG{signals.NAMES[number]}) received, {ending}")
        for listener in self.listeners.values():
            listener.stop()
        if graceful:
            logs.error("notice", "gracefully shutting down", worker)
            await self._finish_requests()
        for text in ("exiting", "exit"):
            logs.error("notice", text, worker)
        self.worker.die(signals.SIGQUIT)
        logs.error("notice", f"signal 17 (SIGCHLD) received from {worker}")
        logs.error("notice", f"worker process {worker} exited with code 0")
        logs.error("notice", "exit")
        return 0

    async def _finish_requests(self) -> None:
        while tasks := [task for listener in self.listeners.values() for task in listener.tasks]:
            _, pending = await asyncio.wait([*tasks, self.woken], return_when=asyncio.FIRST_COMPLETED)
            if self.arrived and signals.SIGQUIT not in self.arrived:
                return  # a second, less patient signal
            del pending


async def _worker(process: Process) -> int:
    """The worker: its requests are answered by `Site`, so it only lives."""
    process.on_signal(signals.SIGINT, lambda number: None)
    await asyncio.get_running_loop().create_future()
    return 0
