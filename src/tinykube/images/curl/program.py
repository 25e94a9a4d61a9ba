"""curl: fetch URLs over HTTP.

Law: speaks HTTP/1.1 over the practice cluster's network and nothing else; every way to fail has curl's exit code and
words. Nothing is tried again unless `--retry` asks for it.

Models curl 8.12's src/tool_operate.c.
"""

from __future__ import annotations

from urllib.parse import urljoin

from tinykube.images.curl import options as command_line
from tinykube.images.curl import output, urls
from tinykube.images.curl.exchange import VERSION, Exchange, Failure
from tinykube.images.curl.options import Options, Wrong
from tinykube.images.curl.output import Transfer
from tinykube.runtime import http
from tinykube.runtime.process import Process

TRANSIENT = (408, 429, 500, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 50
LONGEST_RETRY = 600.0  # seconds between two tries at most
MEMORY = 3 * 1024 * 1024


class Curl:
    """One run of the program."""

    def __init__(self, process: Process, options: Options) -> None:
        self.process, self.options = process, options
        self.exchange = Exchange(process, options)
        self.quiet = "silent" in options or "no-progress-meter" in options

    async def run(self) -> int:
        """Every URL in turn; the exit status is the last one's."""
        status, number = 0, 0
        for pattern in self.options.urls:
            for url, words in [(pattern, [])] if "globoff" in self.options else urls.expand(pattern):
                status = await self.fetch(url, self.destination(number, url, words))
                number += 1
                if status and "fail-early" in self.options:
                    return status
        return status

    def destination(self, number: int, url: str, words: list[str]) -> str:
        """The file that a page goes to, or `-` for standard output."""
        if number < len(self.options.outputs):
            name = self.options.outputs[number]
            for index, word in enumerate(words, 1):
                name = name.replace(f"#{index}", word)
            return name
        if "remote-name" in self.options:
            return url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return self.options.outputs[-1] if words and self.options.outputs else "-"

    async def fetch(self, text: str, destination: str) -> int:
        """One URL: try, try again as asked, report; return the exit code."""
        metered = not self.quiet and (destination != "-" or not self.process.stdout.isatty)
        try:
            url = urls.parse(text)
        except Wrong as wrong:
            return self.report(wrong.status, str(wrong))
        if metered:
            self.process.err(output.METER_HEAD + output.meter(0, 0, 0))
        transfer, failure = await self.attempts(url, destination)
        if metered:
            line = output.meter(transfer.received, len(transfer.request.body), transfer.seconds)
            self.process.err(f"{line}\n" if transfer.response else f"{output.meter(0, 0, transfer.seconds)}\n")
        if failure is not None:
            transfer.exit_code, transfer.error = failure.code, str(failure)
        if "write-out" in self.options.values:
            written, warnings = output.write_out(self.options.values["write-out"], transfer, self.options.method)
            self.process.err(warnings)
            self.process.out(written)
        return 0 if failure is None else self.report(failure.code, str(failure))

    def report(self, code: int, message: str) -> int:
        """Say why a transfer failed, unless asked to be silent."""
        if "silent" not in self.options or "show-error" in self.options:
            self.process.err(f"curl: ({code}) {message}\n")
        return code

    # -- trying ----------------------------------------------------------------------------------------------

    async def attempts(self, url: urls.Url, destination: str) -> tuple[Transfer, Failure | None]:
        """Transfer, and again after passing troubles as often as `--retry` says."""
        left = self.options.count("retry", 0)
        delay = 1.0
        first = self.process.clock.now()
        while True:
            transfer = Transfer(url, self.process.clock.now())
            failure: Failure | None = None
            try:
                await self.transfer(transfer)
            except Failure as error:
                failure = error
            transfer.ended = self.process.clock.now()
            problem = self.problem(transfer, failure) if left else ""
            wait = self.options.seconds("retry-delay") or delay
            limit = self.options.seconds("retry-max-time")
            if not problem or (limit is not None and transfer.ended + wait - first > limit):
                return transfer, failure or await self.finish(transfer, destination)
            self.warn_retry(problem, wait, left)
            await self.process.sleep(wait)
            left, delay = left - 1, min(delay * 2, LONGEST_RETRY)

    def problem(self, transfer: Transfer, failure: Failure | None) -> str:
        """What makes another try worth while, in curl's words, or nothing."""
        if failure is not None:
            if failure.code == 28:
                return "timeout"
            if failure.refused and ("retry-connrefused" in self.options or "retry-all-errors" in self.options):
                return "connection refused"
            if failure.code == 6:
                return "connection refused" if "retry-all-errors" in self.options else ""
            return "(retrying all errors)" if "retry-all-errors" in self.options else ""
        status = transfer.response.status if transfer.response else 0
        if status in TRANSIENT or (status >= 400 and self.fails and "retry-all-errors" in self.options):
            return "HTTP error"
        return ""

    def warn_retry(self, problem: str, wait: float, left: int) -> None:
        """Announce the next try."""
        if "silent" in self.options and "show-error" not in self.options:
            return
        seconds, retries = f"{wait:g} second{'s' * (wait != 1)}", "retry" if left == 1 else "retries"
        words = "Problem " + problem if problem.startswith("(") else f"Problem: {problem}"
        self.process.err(f"Warning: {words}. Will retry in {seconds}. {left} {retries} left.\n")

    @property
    def fails(self) -> bool:
        """Whether an HTTP error is a failure."""
        return "fail" in self.options or "fail-with-body" in self.options

    async def transfer(self, transfer: Transfer) -> None:
        """Ask, and follow redirects if wanted. Raises Failure."""
        method, body = self.options.method, self.options.body or b""
        follow = "location" in self.options or "location-trusted" in self.options
        while True:
            response = transfer.response = await self.exchange.ask(transfer, method, body)
            transfer.header_size += len(output.head_of(response))
            location = response.header("Location")
            if response.status not in REDIRECTS or not location:
                return
            if not follow:
                transfer.redirect_url = urljoin(str(transfer.url), location)
                return
            if transfer.redirects >= self.options.count("max-redirs", MOST_REDIRECTS):
                raise Failure(47, f"Maximum ({transfer.redirects}) redirects followed")
            self.head(response)
            transfer.redirects += 1
            self.exchange.note(f"* Issue another request to this URL: '{transfer.url.join(location)}'\n")
            try:
                transfer.url = transfer.url.join(location)
            except Wrong as wrong:
                raise Failure(wrong.status, str(wrong)) from None
            if method == "POST" and response.status in (301, 302, 303) and "request" not in self.options.values:
                method, body = "GET", b""

    # -- writing ---------------------------------------------------------------------------------------------

    def head(self, response: http.Response) -> None:
        """Show a response's head where that was asked for."""
        shown = output.head_of(response)
        target = self.options.values.get("dump-header")
        if target is not None and target != "-":
            stream = self.process.open(target, "w")
            stream.write(shown)
            stream.release()
        elif target == "-":
            self.process.out(shown)
        if "include" in self.options or "head" in self.options:
            self.process.out(shown)

    async def finish(self, transfer: Transfer, destination: str) -> Failure | None:
        """Write the page; say whether its status or the writing is a failure."""
        response = transfer.response
        assert response is not None
        failed = response.status >= 400 and self.fails
        if failed and "fail" in self.options:
            return Failure(22, f"The requested URL returned error: {response.status}")
        self.head(response)
        transfer.received = len(response.body)
        if destination == "-":
            self.process.out(response.body)
            await self.process.drain()
        elif (trouble := self.save(destination, response.body)) is not None:
            return trouble
        return Failure(22, f"The requested URL returned error: {response.status}") if failed else None

    def save(self, destination: str, body: bytes) -> Failure | None:
        """Write a page to a file."""
        try:
            stream = self.process.open(destination, "w")
        except OSError as error:
            self.process.err(f"Warning: Failed to open the file {destination}: {error.strerror}\n")
            return Failure(23, "client returned ERROR on write, size, was not written")
        stream.write(body)
        stream.release()
        return None


async def main(process: Process) -> int:
    """The program."""
    process.charge(MEMORY)
    try:
        options = command_line.parse(process.argv[1:], lambda name: process.fs.read(process.path(name)))
    except Wrong as wrong:
        process.err(f"curl: {wrong}\n{command_line.HINT}")
        return wrong.status
    if "version" in options or "help" in options:
        process.out(f"curl {VERSION} of the practice cluster\nProtocols: http\n")
        return 0
    if not options.urls:
        process.err(f"curl: (2) no URL specified\n{command_line.HINT}")
        return 2
    return await Curl(process, options).run()
