"""nginx's logs: the error log with its levels, the access logs with their formats.

Law: files are opened when the configuration is read and kept open; the image's own lead to the container's output.

Models nginx's src/core/ngx_log.c and src/http/modules/ngx_http_log_module.c.
"""

from __future__ import annotations

from tinykube.images.nginx.config import ConfigError
from tinykube.images.nginx.model import Configuration, Scope
from tinykube.images.nginx.times import error_time
from tinykube.images.nginx.variables import Exchange
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

LEVELS = ("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")
COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)


class Logs:
    """The open log files of one configuration."""

    def __init__(self, process: Process, configuration: Configuration | None) -> None:
        self.process, self.configuration = process, configuration
        self._files: dict[str, Stream] = {}
        self._access: dict[int, list[tuple[Stream, str]]] = {}
        args = ["stderr", "notice"] if configuration is None else configuration.main.args("error_log")
        args = args or ["/var/log/nginx/error.log"]
        self.level = LEVELS.index(args[1]) if len(args) > 1 and args[1] in LEVELS else LEVELS.index("error")
        self.error_file = self._open(args[0])

    def _open(self, path: str) -> Stream:
        if path == "stderr":
            return self.process.fd(2)
        if path not in self._files:
            try:
                self._files[path] = self.process.open(path, "a")
            except OSError as error:
                raise ConfigError(f'open() "{path}" failed ({error.errno}: {error.strerror})') from None
        return self._files[path]

    def close(self) -> None:
        """Close the files."""
        for stream in self._files.values():
            stream.release()
        self._files.clear()

    def error(self, level: str, message: str, pid: int | None = None) -> None:
        """Write to the error log."""
        if LEVELS.index(level) >= self.level:
            pid = self.process.pid if pid is None else pid
            stamp = error_time(self.process.clock.now())
            self.error_file.write(f"{stamp} [{level}] {pid}#{pid}: {message}\n".encode())

    def access(self, exchange: Exchange) -> None:
        """Write to the access logs in force where the request was served."""
        scope = exchange.scope
        if scope is None:
            return
        targets = self._access.get(id(scope))
        if targets is None:
            targets = self._access[id(scope)] = self._targets(scope)
        for stream, template in targets:
            stream.write(f"{exchange.log_line(template)}\n".encode("utf-8", "surrogateescape"))

    def _targets(self, scope: Scope) -> list[tuple[Stream, str]]:
        assert self.configuration is not None
        rows = [directive.args for directive in scope.all("access_log")] or [["/var/log/nginx/access.log"]]
        targets = []
        for args in rows:
            if args[0] != "off":
                name = args[1] if len(args) > 1 and "=" not in args[1] else "combined"
                targets.append((self._open(args[0]), self.configuration.formats.get(name, COMBINED)))
        return targets
